"""Require what a submission needs: its turn, the video it builds on, a key, its images, disk."""

from __future__ import annotations

from django.conf import settings
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils.translation import ngettext

from jobs import limits
from jobs.archive.kept import files
from jobs.archive.kept.room import has_room
from jobs.letters import isolated
from jobs.lifecycle.ordering import building_on
from jobs.lifecycle.ordering.checking import no_model, wrong_seed
from jobs.lifecycle.ordering.drafts.promoting import why_not_promoted
from jobs.lifecycle.ordering.submission import (
    FILM_GONE,
    IMAGE_GONE,
    NotSubmitted,
    Submission,
    TooManyOrders,
)
from jobs.limits import Limit, TooMany
from jobs.models import BudgetRequest, Credential, Image, Job, Project, User, prepared
from jobs.net import addresses
from jobs.pricing import catalogue
from jobs.providers import PROVIDERS
from jobs.providers.base import UPGRADES, Mode
from jobs.providers.models import Model


def take_turn(owner: User, takes: int) -> None:
    """Count this order of a person, as many as it makes takes. Raises `TooManyOrders`."""
    try:
        limits.take(Limit.ORDERS, owner.pk, amount=takes)
    except TooMany as error:
        raise TooManyOrders(error) from error


def require_place(owner: User) -> None:
    """Admins see what everybody asks for: of one person only so much at a time."""
    if asks_left(owner) == 0:
        open_ = _asks_of(owner)
        most: int = settings.OPEN_ASKS_MAX
        waiting = ngettext("%d request", "%d requests", most) % most
        ways = "Wait until an admin has answered one"
        if open_.filter(job__isnull=False).exists():
            ways += ", or cancel a video that waits for approval"
        raise NotSubmitted(
            f"You have {waiting} for credits waiting for an answer. {ways}.", cause="asks"
        )


def asks_left(owner: User) -> int | None:
    """The requests that this person may still make before an admin answers; None for any number."""
    most: int = settings.OPEN_ASKS_MAX
    return max(most - _asks_of(owner).count(), 0) if most else None


def _asks_of(owner: User) -> QuerySet[BudgetRequest]:
    return BudgetRequest.objects.filter(requester=owner, state=BudgetRequest.State.OPEN)


def lock_source(owner: User, submission: Submission) -> Job | None:
    """The video that this builds on, unless the rules forbid it.

    Its row is locked until the transaction ends: of an extension and a 1080p copy that are asked
    for at once, the second must see the first.
    """
    if not submission.source_id:
        return None
    rows = Job.objects.visible_to(owner).filter(pk=submission.source_id)
    if not rows.update(version=F("version")):
        raise NotSubmitted("The video this builds on is no longer available.")
    source = rows.select_related("owner", "credential", "project").prefetch_related("derived").get()
    if reason := building_on.refusal(source, submission.kind, owner):
        raise NotSubmitted(reason, cause="source")
    return source


def lock_draft(owner: User, submission: Submission) -> Job | None:
    """The draft that this promotes, unless that was done: of two people who promote it at once the
    second sees what the first has ordered.
    """
    if not submission.draft_id:
        return None
    rows = Job.objects.visible_to(owner).filter(pk=submission.draft_id, is_draft=True)
    # Open pages show what it was promoted to.
    if not rows.show_changed():
        raise NotSubmitted("The draft is no longer available.", cause="source")
    draft = rows.get()
    if reason := why_not_promoted(draft, submission, draft.promotions.all()):
        raise NotSubmitted(reason, cause="source")
    return draft


def find_key(owner: User, provider: str, source: Job | None) -> Credential:
    """The person's key; for work on a video, the key it was made with: it lies in that account."""
    credential = source.credential if source else _key_of(owner, provider)
    if credential is None and source:
        raise NotSubmitted(
            "The key this video was made with is gone, and the video is in that key’s account.",
            cause="key",
        )
    if credential is None:
        raise NotSubmitted(
            "You have no key for this provider yet. Add one on the API keys page.",
            field="provider",
            cause="key",
        )
    if credential.state == Credential.State.REJECTED:
        raise NotSubmitted(
            f"The key ending in {credential.last_four} is not accepted by the provider. Replace "
            "it on the API keys page.",
            field="provider",
            cause="key",
        )
    return credential


def _key_of(owner: User, provider: str) -> Credential | None:
    shape = "key to order with", settings.PRACTICE
    found = prepared.rows(shape, _keys_of, owner.pk, provider)
    return found[0] if found else None


def _keys_of(owner_id: int, provider: str) -> QuerySet[Credential]:
    return Credential.objects.usable_by(User(pk=owner_id)).filter(provider=provider)[:1]


def find_project(submission: Submission) -> Project | None:
    """The project it is filed under, if that takes new work."""
    if not submission.project_id:
        return None
    project = Project.objects.filter(pk=submission.project_id).first()
    if project and project.archived_at:
        raise NotSubmitted(
            f"The project {isolated(project.name)} is archived. Choose another one, or ask an "
            "admin to bring it back.",
            field="project",
            cause="project",
        )
    return project


def lock_images(owner: User, submission: Submission) -> list[Image]:
    """The images in their order; the form has counted them.

    What is tried again may have lost them: it was deleted for good in that moment.
    """
    if submission.mode == Mode.TEXT:
        return []
    if not submission.image_ids:
        raise NotSubmitted(IMAGE_GONE, field="images")
    if not PROVIDERS[submission.provider].takes_uploads and not addresses.reaches_us():
        raise NotSubmitted(
            f"{PROVIDERS[submission.provider].label} fetches images from a public address, and "
            "this server has none. Ask an admin to set PUBLIC_URL.",
            field="images",
            cause="public-url",
        )
    rows = Image.objects.visible_to(owner).select_related("rendition__job")
    seen = rows.filter(pk__in=submission.image_ids)
    found = {str(image.pk): image for image in seen}
    # Locked until the job is committed: what nobody uses is thrown away every night.
    kept = Image.objects.filter(pk__in=found).update(created_at=Now())
    if kept < len(set(submission.image_ids)):
        raise NotSubmitted(IMAGE_GONE, field="images")
    if not all(image.kept_as for image in found.values()):
        raise NotSubmitted(FILM_GONE, field="images")
    return [found[image_id] for image_id in submission.image_ids]


def require_model(submission: Submission) -> Model:
    """The model that is to make it. Raises `NotSubmitted` where the provider has none of the name,
    of one that was withdrawn, and of a seed that it does not take.
    """
    provider = PROVIDERS[submission.provider]
    model = provider.model(submission.model)
    if model is None:
        raise NotSubmitted(no_model(provider).message, field="model")
    is_its_work = submission.kind not in UPGRADES
    if is_its_work and catalogue.is_withdrawn(provider.name, model.name):
        raise NotSubmitted(
            catalogue.why_not(provider, model), field="model", cause=catalogue.WITHDRAWN
        )
    for problem in wrong_seed(model, submission.seed):
        raise NotSubmitted(problem.message, field=problem.field)
    return model


def require_disk() -> None:
    if not files.are_ours():
        raise NotSubmitted(
            "The server’s disk for videos is missing right now, so the video couldn’t be stored. "
            "Nothing was sent. Please tell an admin.",
            cause="disk",
        )
    if not has_room():
        raise NotSubmitted(
            "The server is almost out of disk space, so the video couldn’t be stored. Nothing was "
            "sent. Please tell an admin.",
            cause="disk",
        )
