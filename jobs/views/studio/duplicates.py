"""Before paying: whether somebody on the team has made the same already."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from jobs.forms import ComposerForm
from jobs.models import Job, User
from jobs.views.access import Request
from jobs.views.orders import is_ordered


@require_POST
def page(request: Request) -> HttpResponse:
    """Show what there is of the settings as they stand in the composer; mostly nothing."""
    form = ComposerForm(request.POST, user=request.user)
    same = already_made(request.user, form) if form.is_valid() else None
    return render(request, "studio/_duplicate.html", {"same": same, "form": form})


def already_made(user: User, form: ComposerForm) -> Job | None:
    """The newest video of the same prompt, images and settings that this person may open."""
    images = [thumb.image for thumb in form.thumbs] if form.submission.image_ids else []
    same = Job.objects.visible_to(user).like(form.submission.likeness(images))
    return same.exclude(owner=user, submission_key=form.key).select_related("owner").first()


def is_news(same: Job, user: User, form: ComposerForm) -> bool:
    """True if to ask first: nobody has been shown it, and it is not just one more try of theirs.

    Without a seed of its own, each of a person's own tries is meant to come out differently.
    """
    if form.data.get("same") == str(same.pk):
        return False
    if is_ordered(user, form):
        return False
    return same.owner_id != user.pk or same.seed_chosen
