"""Rights to see and to do, on one page. What somebody may not see does not exist: always 404."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404

from jobs.models import Batch, Image, Job, Rendition, User, visible

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)


class Request(HttpRequest):
    """A request of somebody signed in, as LoginRequiredMiddleware guarantees."""

    user: User
    htmx: bool
    stands_at: str
    """The page that an answer belongs to, where it is not given at its address (see `proof`)."""


def admin_required(
    view: Callable[Concatenate[Request, P], R],
) -> Callable[Concatenate[Request, P], R]:
    """Only for admins; for everybody else the address does not exist."""

    @wraps(view)
    def guarded(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> R:
        if not request.user.is_admin:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def missing_when_gone(view: Callable[P, R]) -> Callable[P, R]:
    """What somebody else removed after a view had found it is not there: 404, and no error."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return view(*args, **kwargs)
        except ObjectDoesNotExist as error:
            raise Http404 from error

    return guarded


def job_to_see(user: User, job_id: UUID) -> Job:
    """A job this person may look at."""
    found = visible.rows(user, "job to see", _job_to_see, job_id)
    if not found:
        raise Http404
    return found[0]


def _job_to_see(user: User, job_id: UUID) -> QuerySet[Job]:
    return Job.objects.visible_to(user).for_cards().filter(pk=job_id)


def job_to_act_on(user: User, job_id: UUID) -> Job:
    """A job this person may do something with: their own; an admin's any."""
    jobs = Job.objects.visible_to(user).for_cards()
    if not user.is_admin:
        jobs = jobs.filter(owner=user)
    return get_object_or_404(jobs, pk=job_id)


def batch_to_see(user: User, batch_id: UUID) -> Batch:
    """A table of orders that this person handed in; an admin's any."""
    batches = Batch.objects.visible_to(user).select_related("owner")
    return get_object_or_404(batches, pk=batch_id)


def rendition_to_see(user: User, rendition_id: UUID) -> Rendition:
    """A stored file this person may play."""
    return get_object_or_404(
        Rendition.objects.visible_to(user).filter(state=Rendition.State.STORED), pk=rendition_id
    )


def poster_to_see(user: User, rendition_id: UUID) -> Rendition:
    """A stored file of which this person may see the picture: also of what they threw away."""
    stored = Rendition.objects.filter(state=Rendition.State.STORED)
    thrown = Job.objects.trash_of(user)
    seen = Q(job__in=Job.objects.visible_to(user)) | Q(job__in=thrown)
    return get_object_or_404(stored.filter(seen), pk=rendition_id)


def image_to_see(user: User, image_id: UUID) -> Image:
    """A picture this person handed in, or one that went into a job they may see."""
    rows = Image.objects.visible_to(user).select_related("rendition__job")
    return get_object_or_404(rows, pk=image_id)
