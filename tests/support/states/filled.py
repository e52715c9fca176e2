"""A team that has used everything there is, made of rows: nothing is sent, nothing runs."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

import time_machine
from django.apps import apps
from django.utils import timezone

from jobs import batches, keeping, ledger, lifecycle, people, shares, statements
from jobs.archive.intake import images
from jobs.archive.results import hosts
from jobs.keeping import choosing, tagging
from jobs.management.dumps import LEFT_OUT
from jobs.models import (
    BalanceReading,
    Budget,
    BudgetWarning,
    Credential,
    FeedPrice,
    FeedReading,
    Heartbeat,
    Image,
    Job,
    JobImage,
    LedgerEntry,
    Mailing,
    Notice,
    Preset,
    Project,
    PromptTemplate,
    Rendition,
    SavedView,
    Stray,
    Trouble,
    User,
    WebhookEvent,
)
from jobs.news import wishes
from jobs.pricing import catalogue
from jobs.readiness import restored
from jobs.troubles import noticing
from jobs.troubles.looking import Found
from tests.support import factories
from tests.support.media.pictures import picture
from tests.support.states import every_state


def fill() -> dict[str, int]:
    """Fill an empty database; how many rows each table has then."""
    with time_machine.travel(timezone.now() - timedelta(days=70)):
        member = factories.member("mara", credits=1000)
    statements.close_due()
    admin = factories.admin("iris")
    factories.credential(admin, "kie")
    every_state.make(member, admin)
    # There only their states are written down.
    for job in Job.objects.filter(status__in=["failed", "canceled", "lost"]):
        with suppress(LedgerEntry.DoesNotExist):  # one was parked, and held nothing
            ledger.release(job)
    _work(member, admin)
    _tell(member, admin)
    _share(member)
    _notice(member, admin)
    return rows()


def rows() -> dict[str, int]:
    """How many each of our tables has, of those that a backup keeps."""
    models = [each for each in apps.get_models() if each._meta.app_label == "jobs"]
    tables = {each._meta.db_table: each._base_manager.count() for each in models}
    return {table: number for table, number in sorted(tables.items()) if table not in LEFT_OUT}


def _work(member: User, admin: User) -> None:
    project = Project.objects.get()
    video, thrown = (factories.succeeded(admin, prompt=each) for each in ("Chosen", "Thrown away"))
    choosing.choose([video.pk], admin, "rating", 4)
    tagging.tag([video.pk], admin, ["Ünder review"])
    keeping.throw_away([thrown.pk], admin)
    image = images.add(member, picture(), Image.Origin.UPLOAD)
    JobImage.objects.create(job=video, image=image, position=0)
    Preset.objects.create(name="Wide", owner=member)
    PromptTemplate.objects.create(name="Orbit", text="{product}", author=member)
    SavedView.objects.create(name="Wolves", query="q=wolf", owner=member)
    table = batches.keep(member, "prompt\nA fox", key=uuid4(), name="shots.csv")
    line = batches.Line(number=1, cells=["A fox"], submission=factories.submission(), cost=60)
    batches.confirm(table, [line], columns=["prompt"], choice=table.Choice.ALL)
    lifecycle.ask_ahead(member, 70, reason="A trailer", project=project, key=uuid4())


def _tell(member: User, admin: User) -> None:
    people.invite("member", admin)
    people.password_links.hand_over(member, admin)
    people.profile.ask_address(member, "mara@elsewhere.example")
    Stray.objects.create(file="b.mp4", made_at=timezone.now(), seconds=8, bytes=1, sha256="1" * 64)


def _share(member: User) -> None:
    film = Rendition.objects.filter(job__owner=member, state="stored", part="film").first()
    assert film
    link, _ = shares.create([film], shares.Terms(download="720p"), member)
    take = link.takes.get()
    shares.say(link, take, "comment", name="Ana", visitor="ana", text="Slower")
    shares.say(link, take, "pick", name="Ana", visitor="ana")
    rude = shares.say(link, take, "comment", name="Bo", visitor="bo", text="Bah")
    shares.block(rude, member, and_delete=False)


def _notice(member: User, admin: User) -> None:
    """What processes and providers leave behind."""
    restored.recognize()
    ledger.check()
    # Of no machine that there is.
    Heartbeat.objects.create(part=Heartbeat.Part.FOLLOWER, process="studio-1:4711")
    noticing.note(Found(Trouble.Kind.DOUBT, "", "5 videos need a look"))
    hosts.note("cdn.elsewhere.example")
    catalogue.withdraw("kie", "veo3_lite", reason="It looks odd", actor=admin)
    wishes.wish(member, Notice.Kind.FAILED, mail="never")
    Mailing.objects.create(person=member, state=Mailing.State.SENT)
    doubtful = Job.objects.filter(status="uncertain").earliest("created_at")
    WebhookEvent.objects.create(job=doubtful, external_id="task-9", body_hash="2" * 64)
    key = Credential.objects.get(owner=member, provider="kie")
    BalanceReading.objects.create(credential=key, provider="kie", account="Studio", balance="12.5")
    budget = Budget.objects.filter(owner=member).earliest("pk")
    BudgetWarning.objects.create(budget=budget, percent=80, given=1000)
    now = timezone.now()
    FeedReading.objects.create(provider="kie", outcome="read", read_at=now, rows=1, matched=1)
    FeedPrice.objects.create(
        provider="kie", name="Veo 3.1 Fast", credits=60, first_seen=now, last_seen=now
    )
