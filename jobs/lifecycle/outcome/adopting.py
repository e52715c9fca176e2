"""Give what was paid for, and that no video owns after a restore, to somebody as a video.

It was paid for at the provider, maybe also here before the restore, so taking it in costs nothing:
the books are only touched where the provider says what it charged, and an admin wants that booked.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from uuid import NAMESPACE_URL, UUID, uuid5

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from jobs import ledger, pricing, queue
from jobs.archive import strays
from jobs.lifecycle.ordering.submission import Submission
from jobs.lifecycle.outcome.charges import charge_for
from jobs.lifecycle.outcome.unclaimed import NotAdopted, asked_about
from jobs.machine import disk
from jobs.models import AuditEvent, Job, JobEvent, Project, Rendition, Stray, User
from jobs.models.jobs.status import Status
from jobs.providers import PROVIDERS
from jobs.providers.base import Echo, Part, Snapshot, lines_of
from jobs.providers.models import Model
from jobs.times import clock

ADOPTED = "Adopted after a restore"
UNSAID = "(the prompt is not known)"
SIZES = ((2160, "4k"), (1080, "1080p"))
USUAL_SECONDS = 8
FACTS = ("bytes", "width", "height", "seconds", "codec", "frame_rate", "sha256")


@dataclass(frozen=True, slots=True)
class Adoption:
    """Whose it becomes, and as what."""

    owner: User
    project: Project | None
    title: str
    provider: str
    """That made it, with the model; of work that a provider named, its own."""
    model: str
    books_charge: bool = False
    """What the provider says it charged is taken from the owner's credits."""


def adopt(stray: Stray, terms: Adoption, by: User) -> Job:
    """Make a finished video of it. Raises `NotAdopted`.

    Of work at a provider its end is asked for first, and its film fetched as any other's.
    """
    if stray.file and stray.seconds is None:
        raise NotAdopted("This file can’t be read as a video. Discard it.")
    snapshot = None if stray.file else asked_about(stray, terms.model)
    number = strays.number_of(stray)
    try:
        if snapshot is None:
            strays.bring_ahead(stray, number)
        with transaction.atomic():
            # Gone at once: of two admins the second finds nothing to adopt.
            if not Stray.objects.filter(pk=stray.pk).delete()[0]:
                raise NotAdopted("Somebody has just adopted or discarded it.")
            job = _job(stray, terms, snapshot)
            _book(job, stray, by)
            if snapshot is None:
                _keep(stray, job, number)
            else:
                _have_fetched(job, snapshot)
    except IntegrityError as error:
        raise NotAdopted("This ID already belongs to a video here.") from error
    except OSError as error:
        raise NotAdopted(f"Its file couldn’t be moved: {disk.why(error)}.") from error
    if snapshot is None:
        strays.leave_behind(stray)
    return job


def discard(stray: Stray, by: User) -> bool:
    """Throw it away for good; false where somebody else has decided about it before."""
    with transaction.atomic():
        if not Stray.objects.filter(pk=stray.pk).delete()[0]:
            return False
        AuditEvent.objects.create(actor=by, action="film discarded", subject=str(stray)[:120])
    if stray.file:
        strays.discard(stray)
    return True


def _job(stray: Stray, terms: Adoption, snapshot: Snapshot | None) -> Job:
    echo = (snapshot and snapshot.echo) or Echo()
    prompt = echo.prompt or terms.title or UNSAID
    provider = PROVIDERS[stray.provider or terms.provider]
    known = (provider.model(name) for name in (echo.model, terms.model) if name)
    model = next((each for each in known if each), provider.models[0])
    order = Submission(
        provider=provider.name,
        model=model.name,
        prompt=prompt,
        aspect_ratio=_ratio(stray, model),
        resolution=_size(stray, snapshot),
        duration=round(stray.seconds or USUAL_SECONDS),
    )
    price, said = _price(order), snapshot.provider_credits if snapshot else None
    charge = charge_for(Job(quote=price), said) if said and terms.books_charge else 0
    return Job.objects.create(
        owner=terms.owner,
        payer=terms.owner,
        project=terms.project,
        paid_project=terms.project,
        credential=stray.credential,
        practice=stray.credential.practice if stray.credential else settings.PRACTICE,
        submission_key=uuid5(NAMESPACE_URL, f"adopt:{stray.pk}"),
        submission_digest=order.digest(),
        likeness=order.likeness([]),
        provider=order.provider,
        model=order.model,
        prompt=prompt,
        title=terms.title if echo.prompt else "",
        aspect_ratio=order.aspect_ratio,
        resolution=order.resolution,
        duration=order.duration,
        seed=echo.seed or model.seeds.start,
        external_id=stray.external_id,
        status=Status.SUCCEEDED,
        progress=100,
        quote=charge or price,
        charged=charge,
        provider_credits_charged=said,
        booked_on=ledger.today(),
        finished_at=Now(),
    )


def _book(job: Job, stray: Stray, by: User) -> None:
    """Its beginning in the history and in the audit, and its charge where there is one."""
    charged = f"{job.charged:,} credits" if job.charged else "Nothing was charged"
    JobEvent.objects.create(
        job=job, before="", after=Status.SUCCEEDED, text=f"{ADOPTED}. {charged}", actor=by
    )
    AuditEvent.objects.create(
        actor=by,
        action="film adopted",
        subject=f"job {job.pk}",
        job=job,
        before=str(stray)[:120],
        after=f"{job.owner.username}, {charged}",
        reason=ADOPTED,
    )
    if not job.charged:
        return
    try:
        ledger.reserve(job)
    except ledger.NotEnough as short:
        raise NotAdopted(
            f"Its {job.charged:,} credits don’t fit: {short.available:,} are available. Grant "
            "more first, or adopt it without booking them."
        ) from short
    ledger.settle(job, job.charged)


def _keep(stray: Stray, job: Job, number: UUID) -> None:
    """Its file, which lies in the archive, as one that was fetched."""
    file = Rendition(
        id=number,
        job=job,
        resolution=job.resolution,
        state=Rendition.State.STORED,
        try_at=None,
        stored_at=Now(),
        **{name: getattr(stray, name) for name in FACTS},
    )
    Job.objects.filter(pk=job.pk).update(
        film_seconds=stray.seconds, film_lines=lines_of(job.resolution)
    )
    file.file, file.poster = strays.place_of(file.pk)
    file.save(force_insert=True)
    strays.take_in(stray, file)


def _have_fetched(job: Job, snapshot: Snapshot) -> None:
    film = next((each for each in snapshot.results if each.part == Part.FILM), snapshot.results[0])
    rendition = Rendition.objects.create(
        job=job,
        part=Part.FILM.value,
        resolution=film.resolution or job.resolution,
        source_url=film.url,
        try_at=clock.after(queue.FIRST_WAKE_UP_SECONDS),
    )
    queue.store(rendition.pk)


def _size(stray: Stray, snapshot: Snapshot | None) -> str:
    told = snapshot.results[0].resolution if snapshot else ""
    lines = min(stray.height or 0, stray.width or 0)
    return told or next((size for least, size in SIZES if lines >= least), "720p")


def _ratio(stray: Stray, model: Model) -> str:
    """The nearest of the formats that it can have been ordered in."""
    shape = (stray.width or 16) / (stray.height or 9)

    def distance(ratio: str) -> float:
        across, down = ratio.split(":")
        return abs(math.log(shape * int(down) / int(across)))

    return min((ratio for ratio in model.aspect_ratios if ":" in ratio), key=distance)


def _price(order: Submission) -> int:
    """Its price of today, as what was quoted; 1 where there is none, since no job costs nothing."""
    try:
        return pricing.quote(order)
    except pricing.PriceUnknown:
        return 1
