"""Making, changing and ending a link. It is found by the hash of its token alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import ngettext

from jobs import limits
from jobs.letters import isolated
from jobs.limits import Limit
from jobs.models import AuditEvent, Job, Project, Rendition, SharedTake, ShareLink, User
from jobs.models.shares.share_link import ShareLinkQuerySet
from jobs.secrets.tokens import hash_token
from jobs.shares.addresses import fresh
from jobs.shares.collections import gather
from jobs.shares.password import sealed
from jobs.shares.review import show_verdicts
from jobs.shares.takes import shares_others
from jobs.shares.terms import FRAMED, PICK_TERM, TAKES_MAX, TERMS, MadeBefore, NotShareable, Terms
from jobs.shares.upgrading import NotHeld, free, hold, set_end
from jobs.shares.watermarking import mark_anew
from jobs.times import moments


class NoSuchLink(Exception):
    """The link leads nowhere: unknown, expired, revoked. Strangers get no more."""


@transaction.atomic
def create(
    files: Sequence[Rendition],
    terms: Terms,
    by: User,
    project: Project | None = None,
    *,
    key: UUID | None = None,
) -> tuple[ShareLink, str]:
    """Make a link to these files, in this order; with its token.

    With a project it is a collection: what is kept of the project comes after these by itself.
    `key` is the submission key of a form. Raises `NotShareable`, `limits.TooMany`, and `MadeBefore`
    of a form that arrives again.
    """
    if not files and project is None:
        raise NotShareable("Choose at least one video.")
    if len(files) > TAKES_MAX:
        raise NotShareable(f"A link can hold up to {TAKES_MAX} videos.")
    # Locked until the end: whoever lets this person go comes before or after.
    if not User.objects.filter(pk=by.pk, is_active=True).update(is_active=True):
        raise NotShareable("You are no longer on the team.")
    if key and (before := ShareLink.objects.filter(made_by=by, submission_key=key).first()):
        raise MadeBefore(before)
    limits.take(Limit.LINKS, by.pk)
    token, kept = fresh()
    link = ShareLink.objects.create(
        **kept,
        owner=by,
        made_by=by,
        project=project,
        submission_key=key or uuid4(),
        password=sealed(terms.password) if terms.password else "",
        **terms.fields(),
    )
    SharedTake.objects.bulk_create(
        SharedTake(link=link, rendition=file, position=place) for place, file in enumerate(files, 1)
    )
    mark_anew(link)
    what = ngettext("%d video", "%d videos", len(files)) % len(files)
    if project:
        gather(link)
        if not link.takes.exists():
            whose = "" if shares_others(by) else " of yours"
            raise NotShareable(f"{isolated(project.name)} has no stored videos{whose} yet.")
        what = f"the project {project.name}"
    _note(link, by, "link created", after=f"{what}, {_until(link.expires_at)}")
    if terms.upgrades_pick:
        _hold(link, by)
    return link, token


def find(token: str) -> ShareLink:
    """The open link of this token, with who answers for it. Raises `NoSuchLink`."""
    rows = ShareLink.objects.open().filter(token_hash=hash_token(token))
    if link := rows.select_related("owner", "upgrade").first():
        return link
    raise NoSuchLink


def links_showing(video: Job) -> ShareLinkQuerySet:
    """The links that are up and show this video, at whatever size, whoever made them."""
    takes = SharedTake.objects.of_job(video)
    return ShareLink.objects.open().filter(pk__in=takes.values("link")).order_by("-pk")


@transaction.atomic
def change(link: ShareLink, terms: Terms, by: User) -> list[str]:
    """Set the terms; what has changed by that, in words. Raises `NotShareable`."""
    before = _locked(link)
    told = _change_terms(before, terms, by)
    return [*told, *_change_upgrade(ShareLink.objects.get(pk=link.pk), terms, by)]


@transaction.atomic
def regenerate(link: ShareLink, by: User) -> str:
    """Give it another address; the old one leads nowhere from now on.

    Raises `NotShareable`, and `limits.TooMany`.
    """
    _locked(link)
    limits.take(Limit.LINKS, by.pk)
    token, kept = fresh()
    ShareLink.objects.filter(pk=link.pk).update(**kept)
    _note(link, by, "link regenerated")
    return token


@transaction.atomic
def revoke(link: ShareLink, by: User) -> bool:
    """Take the page and its files down at once; true if they were still up."""
    if not ShareLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=Now()):
        return False
    free(ShareLink.objects.get(pk=link.pk), "The link was revoked before a video was picked", by)
    _note(link, by, "link revoked")
    return True


def _change_terms(before: ShareLink, terms: Terms, by: User) -> list[str]:
    changed = {n: v for n, v in terms.fields().items() if getattr(before, n) != v}
    if terms.keeps_expiry:
        changed.pop("expires_at", None)
    if terms.password is not None and (terms.password or before.password):
        changed["password"] = sealed(terms.password) if terms.password else ""
    if not changed:
        return []
    ShareLink.objects.filter(pk=before.pk).update(**changed)
    for name, new in changed.items():
        if name == "password":
            _note(before, by, "link changed", after=f"password {'set' if new else 'removed'}")
        else:
            told = f"{TERMS[name]}: {_word(getattr(before, name))}", f"{TERMS[name]}: {_word(new)}"
            _note(before, by, "link changed", before=told[0], after=told[1])
    if "title" in changed:
        show_verdicts(before)
    if "watermark" in changed:
        mark_anew(ShareLink.objects.get(pk=before.pk))
    return [TERMS.get(name, name) for name in changed]


def _change_upgrade(link: ShareLink, terms: Terms, by: User) -> list[str]:
    """Hold for a larger copy of the pick, or free that again; what of it has changed."""
    if link.awaits_pick and (terms.upgrades_pick is False or not link.takes_notes):
        free(link, "The link no longer asks for a pick", by)
        _note(link, by, "link changed", before=PICK_TERM, after="no credits reserved for the pick")
        return ["picked video in 4K"]
    if link.awaits_pick and link.embed_sites:
        raise NotShareable(FRAMED, field="embed_sites")
    if link.awaits_pick:
        set_end(link)
    elif terms.upgrades_pick:
        _hold(link, by)
        return ["picked video in 4K"]
    return []


def _hold(link: ShareLink, by: User) -> None:
    if link.owner_id != by.pk:
        whose = isolated(link.owner.label)
        raise NotShareable(
            f"Only {whose} can turn this on, since it spends {whose}’s credits.",
            field="upgrades_pick",
        )
    if not link.takes_notes:
        raise NotShareable("This needs viewers to be allowed to pick.", field="upgrades_pick")
    if link.embed_sites:
        raise NotShareable(FRAMED, field="upgrades_pick")
    try:
        credits = hold(link)
    except NotHeld as error:
        raise NotShareable(error.user_message, field="upgrades_pick") from error
    _note(link, by, "link changed", after=f"{PICK_TERM}, {credits:,} credits reserved")


def _locked(link: ShareLink) -> ShareLink:
    """As it stands, until the end of the transaction nobody else's. Raises `NotShareable`."""
    rows = ShareLink.objects.filter(pk=link.pk, revoked_at=None)
    if not rows.update(title=F("title")):
        raise NotShareable("This link was revoked. Make a new one.")
    return rows.get()


def _note(link: ShareLink, by: User, action: str, *, before: str = "", after: str = "") -> None:
    subject = f"link {link.pk}: {link.label}"
    AuditEvent.objects.create(
        actor=by, action=action, subject=subject, before=before[:200], after=after[:200]
    )


def _until(moment: datetime | None) -> str:
    return f"expires {moments.in_words(moment)}" if moment else "never expires"


def _word(value: object) -> str:
    """A term as the audit tells it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return moments.in_words(value)
    return str(value) if value else "none"
