"""One world with something of Alice's behind every address, and everybody who may ask for it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.apps import apps
from django.conf import settings as django_settings
from django.core import signing
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from jobs import batches, lifecycle, people, shares
from jobs.archive import public_url
from jobs.archive.intake import images
from jobs.mail import stopping
from jobs.models import (
    BlockedVisitor,
    Credential,
    Heartbeat,
    Image,
    Invitation,
    Job,
    JobImage,
    LimitUse,
    Notice,
    Preset,
    Project,
    PromptTemplate,
    Rendition,
    ReviewNote,
    SavedView,
    ShareLink,
    Stray,
    User,
)
from jobs.readiness import self_test
from jobs.secrets.tokens import hash_token, new_token
from jobs.times import clock
from tests.access.addresses import every_address
from tests.support import factories
from tests.support.media.films import film
from tests.support.media.pictures import picture
from tests.support.pages.second_factors import passkey

ADDRESSES = {each.name: each for each in every_address()}


@dataclass(frozen=True)
class World:
    """What is Alice's, and where each address leads with its ids."""

    owner: User
    project: Project
    film: Rendition
    image: Image
    link: ShareLink
    note: ReviewNote
    values: dict[str, Any]
    """What each parameter of an address is, by its name."""
    special: dict[str, dict[str, Any]]
    """What it is at one address."""
    queries: dict[str, str]
    bodies: dict[str, dict[str, Any]]
    """The least by which a form knows what it is about."""
    paths: dict[str, str]
    """Whole, where reversing would make another."""

    def path(self, name: str, **instead: object) -> str:
        """Where this leads, with something else instead of some of its parameters."""
        if name in self.paths:
            return self.paths[name]
        given = {**self.values, **self.special.get(name, {}), **instead}
        arguments = {each: given[each] for each in ADDRESSES[name].parameters}
        return reverse(name, kwargs=arguments) + self.queries.get(name, "")

    def paths_to_nothing(self, name: str) -> list[str]:
        """The same address, with each of its ids as one that nobody has."""
        wrong: dict[type, object] = {int: 987_654_321}
        ids = [each for each in ADDRESSES[name].parameters if each.endswith("_id")]
        return [
            self.path(name, **{each: wrong.get(type(self.values[each]), uuid4())}) for each in ids
        ]


@pytest.fixture
def kept(alice: User) -> Rendition:
    """A film of Alice's that is kept by us, whose provider may call back."""
    folder = Path(django_settings.MEDIA_ROOT)
    folder.mkdir(parents=True)
    (folder / "a.mp4").write_bytes(film())
    (folder / "a.webp").write_bytes(picture("WEBP"))
    for suffix in ("mp4", "webp"):
        shutil.copy(folder / f"a.{suffix}", folder / f"b.{suffix}")
    return factories.film(alice, prompt="A fox")


@pytest.fixture
def world(kept: Rendition, admin: User, settings: Any) -> World:
    # Where nobody answers: what is sent there is told apart from what may not be asked.
    settings.PROMPT_HELP_URL, settings.PROMPT_HELP_MODEL = "http://127.0.0.1:9", "small-1"
    # For longer than a walk through all addresses takes, as the test of callbacks below.
    late = clock.after(3600)
    Heartbeat.objects.bulk_create(Heartbeat(part=part, beat_at=late) for part in Heartbeat.Part)
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        tested = signing.dumps("1", salt=self_test.SALT)
    User.objects.filter(pk=kept.job.owner_id).update(email="alice@studio.example")
    kept.job.owner.refresh_from_db()
    owner, job, callback = kept.job.owner, kept.job_id, new_token()
    Job.objects.filter(pk=job).update(callback_hash=hash_token(callback), is_draft=True)
    image = images.add(owner, picture(), Image.Origin.UPLOAD)
    JobImage.objects.create(job=kept.job, image=image, position=0)
    joining = people.invite("member", admin)
    terms = shares.Terms(embed_sites="https://site.example", download="720p")
    link, shared = shares.create([kept], terms, owner)
    ahead = lifecycle.ask_ahead(owner, 70, reason="A trailer", project=None, key=uuid4())
    take = link.takes.get()
    rude = shares.say(link, take, "comment", name="Bo", visitor="bo", text="Bah")
    shares.block(rude, owner, and_delete=True)
    note = shares.say(link, take, "comment", name="Ana", visitor="ana", text="Slower")
    table = batches.keep(owner, "prompt\nA fox", key=uuid4(), name="shots.csv")
    waiting = people.profile.ask_address(owner, "alice@elsewhere.example")
    confirming = people.profile.link_for_mail(waiting.pk)
    assert confirming
    month = f"{timezone.localdate():%Y-%m}"
    project = Project.objects.create(name="Autumn", created_by=owner)
    preset = Preset.objects.create(name="Wide", owner=owner)
    view = SavedView.objects.create(name="Wolves", query="q=wolf", owner=owner)
    stray = Stray.objects.create(
        file="b.mp4", poster="b.webp", made_at=timezone.now(), seconds=8, bytes=1, sha256="1" * 64
    )
    template = PromptTemplate.objects.create(name="Orbit", text="{product}", author=owner)
    at = {"kind": "edl", "month": month, "scope": "person", "whose": owner.pk, "provider": "kie"}
    return World(
        owner=owner,
        project=project,
        film=kept,
        image=image,
        link=link,
        note=note,
        values=at
        | {"job_id": job, "rendition_id": kept.pk, "image_id": image.pk, "suffix": image.suffix}
        | {"person_id": owner.pk, "link_id": link.pk, "note_id": note.pk, "token": shared}
        | {"invitation_id": Invitation.objects.get().pk}
        | {"blocked_id": BlockedVisitor.objects.get().pk, "project_id": project.pk}
        | {"passkey_id": passkey(owner).pk, "batch_id": table.pk}
        | {"notice_id": Notice.objects.get(note=note).pk}
        | {
            "stray_id": stray.pk,
            "template_id": template.pk,
            "preset_id": preset.pk,
            "view_id": view.pk,
        }
        | {"credential_id": Credential.objects.filter(owner=owner, provider="kie").get().pk},
        special={"join": {"token": joining}, "webhook": {"token": callback}}
        | {"webhook-test": {"token": tested}}
        | {"confirm-address": {"token": confirming[1]}}
        | {"stop-mail": {"token": stopping.token_for(owner, ["failed"])}}
        | {"new-password": {"token": people.password_links.hand_over(owner, admin)}},
        queries={
            **dict.fromkeys(("live", "library-live"), "?since=0"),
            "oembed": f"?url=http://testserver{reverse('shared', args=[shared])}",
        },
        bodies={"keys": {"provider": "kie"}, "requests": {"request": ahead.pk}},
        paths={"public-image": public_url(image)},
    )


@pytest.fixture
def clients(alice: User, bob: User, admin: User) -> dict[str, Client]:
    """Everybody; Alice is the owner."""
    gone = factories.member("gone")
    for provider in ("kie", "veo4"):
        factories.credential(admin, provider)
    cast = {
        "signed out": Client(),
        "deactivated": factories.signed_in(gone),
        "owner": factories.signed_in(alice),
        "member": factories.signed_in(bob),
        "admin": factories.signed_in(admin),
    }
    User.objects.filter(pk=gone.pk).update(is_active=False)
    return cast


def ask(client: Client, method: str, path: str, *data: Any, **headers: str) -> Any:
    """The answer, read to its end, which closes the file that a film is sent from."""
    answer = getattr(client, method)(path, *data, headers=headers)
    if answer.streaming:
        b"".join(answer.streaming_content)
    return answer


@contextmanager
def undone(*clients: Client) -> Iterator[None]:
    """What is asked in here has no consequences, for rows as little as for these clients."""
    cookies = [deepcopy(client.cookies) for client in clients]
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    for client, kept in zip(clients, cookies, strict=True):
        client.cookies = kept


def everything() -> str:
    """All rows there are, so that any change shows; but for how often somebody did something.

    And for when they last did and from where, what their browser's session remembers, and what of
    their news they have seen.
    """
    models = sorted(apps.get_models(), key=lambda model: model._meta.label)
    rows = {
        model._meta.label: list(model._default_manager.order_by("pk").values())
        for model in models
        if model is not LimitUse
    }
    # Of a browser in which nobody is signed in it holds what a passkey is asked for with.
    rows["jobs.Session"] = [each for each in rows["jobs.Session"] if each["user_id"]]
    for session in rows["jobs.Session"]:
        for noted in ("seen_at", "address", "browser", "session_data"):
            del session[noted]
    for notice in rows["jobs.Notice"]:
        del notice["seen_at"]
    return json.dumps(rows, default=str)
