"""One text for a provider's support: what differs, with everything that lets them look it up.

No key, no secret of a callback address, no address of a file, and nobody's prompt unless asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from jobs.models import Job
from jobs.providers import PROVIDERS
from jobs.providers.reading import clean
from jobs.reconciliation.balances import Movement, movements
from jobs.reconciliation.charges import Difference, differences
from jobs.reconciliation.span import Span

LINE_LENGTH = 500


def evidence(span: Span, *, with_prompts: bool) -> Iterator[str]:
    """The lines of the file for one provider and month."""
    found = differences(span)
    moved = [each for each in movements(span).unexplained if not each.is_top_up]
    yield "Charges to be looked into"
    yield f"Provider: {PROVIDERS[span.provider].label}"
    yield f"Month: {span.month:%B %Y} ({settings.TIME_ZONE})"
    yield f"Written: {_utc(timezone.now())}"
    if settings.PRACTICE:
        yield "Practice mode: no real credits."
    yield f"Differences: {len(found)} of single videos, {len(moved)} of balances"
    yield "All times are UTC. Credits are ours unless they are said to be yours."
    ids = {each.job.pk for each in found} | {again for each in found if (again := _again(each))}
    jobs = _with_history(ids | {job_id for each in moved for job_id in each.named})
    for number, difference in enumerate(found, 1):
        yield ""
        yield f"── {number}. {difference.name}: {difference.credits:,}"
        if difference.note:
            yield f"   {difference.note}"
        yield from _facts(jobs[difference.job.pk], with_prompts=with_prompts)
        if again := _again(difference):
            yield "   and the second one"
            yield from _facts(jobs[again], with_prompts=with_prompts)
    shown = set(ids)
    for number, movement in enumerate(moved, len(found) + 1):
        yield ""
        yield from _of_balance(number, movement)
        for job_id in movement.named:
            if job_id not in shown:
                shown.add(job_id)
                yield from _facts(jobs[job_id], with_prompts=with_prompts)


def _again(difference: Difference) -> UUID | None:
    """The job that was sent in place of this one."""
    return difference.job.resubmitted_as.pk if difference.job.resubmitted_as else None


def _of_balance(number: int, movement: Movement) -> Iterator[str]:
    yield f"── {number}. {movement.name}: {movement.amount:f} of your credits"
    yield f"   account                {movement.account}"
    yield f"   balance before         {movement.before:f} at {_utc(movement.since)}"
    yield f"   balance after          {movement.after:f} at {_utc(movement.until)}"
    yield f"   explained by our jobs  {movement.explained:f} ({movement.jobs} jobs)"
    if movement.named:
        yield "   may have been charged in it:"
        yield from (f"     our id {job_id}" for job_id in movement.named)


def _facts(job: Job, *, with_prompts: bool) -> Iterator[str]:
    facts = {
        "our id": str(job.pk),
        "your task id": job.external_id or "never told to us",
        "model": job.model,
        "operation": f"{job.get_kind_display()}, {job.resolution}, {job.duration} s",
        "your task it builds on": job.source.external_id if job.source else "",
        "sent": _utc(job.sent_at),
        "ended": _utc(job.finished_at),
        "result": f"{job.status} {job.error_code}".strip(),
        "quoted": f"{job.quote:,}",
        "your estimate": _yours(job.provider_credits_estimated),
        "your charge": _yours(job.provider_credits_charged),
        "charged here": "open" if job.charged is None else f"{job.charged:,}",
        "prompt": clean(job.prompt, LINE_LENGTH) if with_prompts else "",
    }
    for name, value in facts.items():
        if value:
            yield f"   {name:<22} {value}"
    yield "   history"
    for event in job.events.all():
        step = event.after if event.before == event.after else f"{event.before} → {event.after}"
        text = _without_prompt(event.text, job, with_prompts=with_prompts)
        yield f"     {_utc(event.created_at)}  {step.removeprefix(' → ')}  {text}".rstrip()
    if job.error:
        yield f"     last message: {_without_prompt(job.error, job, with_prompts=with_prompts)}"
    for callback in job.webhook_events.all():
        yield (
            f"     {_utc(callback.received_at)}  your callback naming task {callback.external_id}"
        )
    for file in job.renditions.all():
        problem = (
            f": {_without_prompt(file.problem, job, with_prompts=True)}" if file.problem else ""
        )
        yield f"     file {file.resolution}: {file.get_state_display()}{problem}"


def _without_prompt(text: str, job: Job, *, with_prompts: bool) -> str:
    """A provider's message may repeat what was asked for."""
    line = clean(text, LINE_LENGTH)
    prompt = clean(job.prompt, LINE_LENGTH)
    return line if with_prompts or not prompt else line.replace(prompt, "(the prompt)")


def _with_history(ids: set[UUID]) -> dict[UUID, Job]:
    rows = Job.objects.select_related("source").prefetch_related(
        "events", "webhook_events", "renditions"
    )
    return {job.pk: job for job in rows.filter(pk__in=ids)}


def _utc(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}" if moment else ""


def _yours(credits: object) -> str:
    return "" if credits is None else f"{credits:f} of your credits"
