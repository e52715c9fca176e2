"""`manage.py doctor --spend N`: films by ordinary orders, compared with what is said of them."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models.functions import Now

from jobs import ledger, pricing
from jobs.doctor import spending
from jobs.models import Heartbeat, Job, Price, Rendition, User
from tests.operations.commands.test_doctor import answers
from tests.support import factories, kie
from tests.support.fakes import Wire
from tests.support.running import drain_queue, follow
from tests.support.sending import held

__all__ = ["answers"]

pytestmark = [pytest.mark.django_db, pytest.mark.data]

GENERATE, RECORD = "/api/v1/veo/generate", "/api/v1/veo/record-info"
LITE = "kie.ai: Veo 3.1 Lite"


@pytest.fixture
def at_work(monkeypatch: pytest.MonkeyPatch, answers: Wire) -> None:
    """Workers and a follower that do what there is to do while the command rests."""
    for part in Heartbeat.Part:
        Heartbeat.objects.create(part=part, process="here:1")

    record: dict[str, object] = {}
    answers.reply(lambda _seen: record, path=RECORD, always=True)

    def work() -> None:
        drain_queue()
        for job in Job.objects.filter(status="running"):
            said = kie.echo(job.prompt, job.seed)
            record.update(kie.succeeded(f"{answers.url}/a.mp4", **said))
        follow()
        # Of a film only what the archive says of it is looked at.
        Rendition.objects.update(
            state="stored",
            try_at=None,
            file="a.mp4",
            sha256="a" * 64,
            bytes=9,
            stored_at=Now(),
            width=1280,
            height=720,
            seconds=4,
        )

    monkeypatch.setattr(spending, "rest", work)


def spent(wire: Wire, credits: int, out: StringIO | None = None, *, yes: bool = True) -> str:
    """All that it prints; to what nothing was said of, the provider answers 404."""
    wire.answer(404, json={"code": 404}, path="/", always=True)
    out = out or StringIO()
    call_command("doctor", spend=credits, person="alice", yes=yes, stdout=out)
    return out.getvalue()


@pytest.mark.usefixtures("at_work")
def test_the_cheapest_film_that_the_credits_pay_for_is_made_and_compared(
    answers: Wire, alice: User
) -> None:
    answers.answer(json=kie.accepted(), path=GENERATE)
    text = spent(answers, 40)
    job = Job.objects.get()
    assert (job.model, job.status, job.quote, job.owner) == ("veo3_lite", "succeeded", 30, alice)
    assert sum(seen.path == GENERATE for seen in answers.posts) == 1
    assert (held(alice), ledger.audit()) == (0, [])
    for line in (
        f"  {LITE}, 720p, 4 s: 30 credits",
        f"  {LITE}: ready",
        f"ok       {LITE}: film: 1280 × 720, 4.0 s",
        f"unknown  {LITE}: charge: its record names none; 30 were booked, as quoted",
        f"unknown  {LITE}: callback: none was asked for",
        f"ok       {LITE}: record: a film 1/1, the prompt as sent 1/1",
        "unknown  kie.ai: Veo 3.1 Fast: not made: its cheapest film costs 60 credits",
        "unknown  kie.ai: Seedance 2: not made: it has no price",
    ):
        assert line in text
    for secret in (factories.CANARY_KEY, "task-1", str(job.seed), str(job.pk), "alice"):
        assert secret not in text


@pytest.mark.usefixtures("at_work")
def test_a_refusal_differs_and_holds_nothing(answers: Wire, alice: User) -> None:
    answers.answer(json=kie.refused(422), path=GENERATE)
    assert f"differs  {LITE}: failed (bad-request)" in spent(answers, 30)
    assert (held(alice), ledger.audit()) == (0, [])


@pytest.mark.usefixtures("at_work")
def test_a_budget_that_does_not_hold_it_orders_nothing(answers: Wire, alice: User) -> None:
    ledger.grant(alice, -990, reason="Away", actor=None)
    assert f"unknown  {LITE}: not made: budget" in spent(answers, 30)
    assert not Job.objects.exists()


def test_where_nobody_works_nothing_is_ordered(answers: Wire, alice: User) -> None:
    with pytest.raises(CommandError, match="no worker and no follower is running"):
        spent(answers, 30)
    assert not Job.objects.exists()


@pytest.mark.usefixtures("at_work")
@pytest.mark.parametrize("typed", ["no", "", "yess"])
def test_without_a_yes_nothing_is_ordered(
    answers: Wire, alice: User, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    monkeypatch.setattr("builtins.input", lambda _question: typed)
    with pytest.raises(CommandError, match="Nothing was ordered"):
        spent(answers, 30, yes=False)
    assert not Job.objects.exists()


@pytest.mark.usefixtures("at_work")
def test_a_price_that_rises_while_it_waits_for_a_yes_is_not_paid(
    answers: Wire, alice: User, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def say_yes(_question: str) -> str:
        price = Price.objects.get(model="veo3_lite", resolution="720p")
        pricing.change(price, 300, begins=None, reason="Dearer", actor=admin)
        return "yes"

    monkeypatch.setattr("builtins.input", say_yes)
    out = spent(answers, 40, yes=False)
    assert f"unknown  {LITE}: not made: This costs 300 credits, not the 30 shown." in out
    assert not Job.objects.exists()


@pytest.mark.usefixtures("at_work")
def test_interrupted_it_says_what_goes_on(
    answers: Wire, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(spending, "rest", interrupt)
    out = StringIO()
    with pytest.raises(CommandError, match="Not compared"):
        spent(answers, 30, out)
    said = "Interrupted. These go on without this command, and stand in the studio:"
    assert f"{said}\n  {LITE}: queued" in out.getvalue()
    assert Job.objects.get().status == "queued"
