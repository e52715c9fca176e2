"""A studio with a card in every state there is, made of rows: nothing is sent, nothing runs."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models.functions import Now
from django.utils import timezone
from PIL import Image

from jobs import ledger, lifecycle
from jobs.models import BudgetRequest, Job, Project, User
from tests.support import factories

POLICY = "Your request was rejected by Flow(PUBLIC_ERROR_UNSAFE_GENERATION)."
ENDS: dict[str, dict[str, Any]] = {
    "Blocked by the filter: a portrait of somebody who is well known": {
        "status": "failed",
        "error_code": "422",
        "error": POLICY,
    },
    "Failed at the provider": {"status": "failed", "error_code": "501", "error": "Internal Error"},
    "Its answer was lost": {"status": "uncertain", "error_code": "outcome-unknown"},
    "No record is left of it": {"status": "lost", "error_code": "lost", "error": "It is gone."},
    "Canceled before it was sent": {"status": "canceled"},
    "On its way out": {
        "status": "submitting",
        "lease_until": timezone.now() + timedelta(days=1),
        "callback_hash": "0" * 64,
    },
}


def make(member: User, admin: User) -> list[str]:
    """The prompts, the oldest first. Both people have keys."""
    picture()
    for person in (member, admin):
        ledger.grant(person, 5000, reason="For every state", actor=None)
    project = Project.objects.create(name="Autumn launch", created_by=member)
    film = factories.succeeded
    film(member, prompt="Ready, in one line")
    film(
        member,
        prompt="Ready, with a prompt that is long enough for two lines on every card there is, "
        "and for more than two on most of them",
        project_id=project.pk,
    )
    factories.finish(factories.upgrade(film(member, prompt="Ready in 4K")))
    factories.run(factories.upgrade(film(member, prompt="Ready, and its 4K is being made")))
    failed = factories.run(factories.upgrade(film(member, prompt="Ready, but its 4K failed")))
    end(failed, status="failed", error_code="500", error="The 4K version is unavailable.")
    factories.age(film(member, prompt="Soon gone there", aspect_ratio="9:16"), days=12.5)
    longer = factories.finish(factories.extension(film(member, prompt="The beginning"), "The end"))
    longer.renditions.filter(part="film").delete()
    film(admin, prompt="A video of somebody else", project_id=project.pk)
    factories.finish(factories.job(member, prompt="Being stored"), stored=False)
    held = factories.finish(factories.job(member, prompt="Waits for an admin"), stored=False)
    held.renditions.update(missing_host="cdn.elsewhere.example", state="waiting")
    for prompt, changes in ENDS.items():
        end(factories.job(member, prompt=prompt), **changes)
    running = [factories.run(factories.job(member, prompt=each)) for each in ("Rendering", "Late")]
    Job.objects.filter(pk=running[0].pk).update(sent_at=timezone.now() - timedelta(seconds=60))
    Job.objects.filter(pk=running[1].pk).update(is_late=True)
    factories.job(member, prompt="Queued")
    parked(member, admin)
    return list(Job.objects.takes().order_by("created_at").values_list("prompt", flat=True))


def parked(member: User, admin: User) -> None:
    """What waits for a budget, and what was decided about it."""
    ledger.grant(member, 30 - ledger.means_of(member).own.available, reason="Poor", actor=admin)
    declined, approved, fits, _ = (
        factories.job(member, prompt=f"{said} for want of credits", model="veo3")
        for said in ("Declined", "Approved, parked before", "Fits by now, parked", "Parked")
    )
    lifecycle.decline(asked_for(declined), admin, answer="Try it in Fast first.")
    lifecycle.approve(asked_for(approved), admin)
    BudgetRequest.objects.filter(job=fits).update(fits=True)


def asked_for(job: Job) -> BudgetRequest:
    """What an admin was asked about a parked job."""
    assert job.budget_request
    return job.budget_request


def end(job: Job, **changes: Any) -> None:
    """As if it had ended so."""
    moment = {} if changes["status"] in ("submitting", "uncertain") else {"finished_at": Now()}
    named = {} if job.external_id else {"external_id": f"x-{job.pk.hex[:8]}"}
    Job.objects.filter(pk=job.pk).update(**named, **moment, **changes)


def picture() -> None:
    """The poster of every film that the factories make."""
    image = Image.linear_gradient("L").resize((640, 360)).convert("RGB")
    file = io.BytesIO()
    image.save(file, "webp")
    if not default_storage.exists("a.webp"):
        default_storage.save("a.webp", ContentFile(file.getvalue()))
