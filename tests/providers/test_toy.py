"""A provider that only this module knows, from the composer to the archive and on to a longer film.

Nothing else of the product was touched for it: what a new provider takes is what stands here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any, BinaryIO

import pytest
from django.test import Client as Browser

from jobs import ledger
from jobs.models import Credential, Job, Price, Rendition, User
from jobs.providers import PROVIDERS
from jobs.providers.base import (
    CallbackNews,
    Kind,
    Mode,
    Receipt,
    Result,
    Snapshot,
    State,
    VideoRequest,
    Work,
)
from jobs.providers.declarations import Callbacks, Provider
from jobs.providers.errors import BadRequest, OutcomeUnknown, Refused
from jobs.providers.http import Http
from jobs.providers.models import Combination, FollowUp, Model, Pace
from jobs.views.studio.composer.catalog import catalog_of
from tests.support import factories
from tests.support.fakes import Wire
from tests.support.media import films
from tests.support.pages.composer_form import composer
from tests.support.running import drain_queue, follow
from tests.support.typed_forms import errors, text

NOT_LONGER = (
    "A video made at 900p can’t be extended. To make it longer, start at 540p and extend it first."
)

pytestmark = [pytest.mark.django_db, pytest.mark.data]


class Toy:
    """Its dialect: films are strips, seeds are dice."""

    def __init__(self, *, address: str, http: Http) -> None:
        self.address, self._http = address, http

    def submit(self, key: str, request: VideoRequest) -> Receipt:
        body = {
            "words": request.prompt,
            "look": f"{request.aspect_ratio} {request.resolution} {request.duration}s",
            "dice": request.seed,
            "by": request.model,
            "longer": request.source_id,
            "tell": request.callback_url,
        }
        answer = self._http.send_once(f"{self.address}/strips", key, body)
        if not answer.good:
            raise BadRequest(answer.summary, user_message="Toyland did not like it.")
        match answer.body:
            case {"strip": str(strip)}:
                return Receipt(strip)
        raise OutcomeUnknown("accepted without a strip")

    def fetch(self, key: str, work: Work) -> Snapshot:
        answer = self._http.ask("GET", f"{self.address}/strips/{work.external_id}", key)
        match answer.body:
            case {"phase": "drying"}:
                return Snapshot(State.RUNNING)
            case {"phase": "dry", "at": str(url)}:
                return Snapshot(State.SUCCEEDED, (Result(url, ""),), provider_credits=Decimal(9))
        return Snapshot(State.UNCLEAR)

    def upload(self, key: str, name: str, content: BinaryIO, content_type: str) -> str:
        raise Refused("no uploads")

    def fresh_url(self, key: str, url: str) -> str:
        raise Refused("no fresh links")

    def balance(self, key: str) -> Decimal | None:
        answer = self._http.ask("GET", f"{self.address}/purse", key)
        return Decimal(str((answer.body or {})["coins"]))

    def read_callback(self, body: Mapping[str, object]) -> CallbackNews:
        return CallbackNews(str(body["strip"]))

    def verify_callback(
        self, headers: Mapping[str, str], body: bytes, news: CallbackNews, key: str, now: float
    ) -> bool:
        return False


LONGER = FollowUp(
    kind=Kind.EXTEND,
    models=("toy-long",),
    resolutions=("540p",),
    why_no_other_resolution="Toyland splices small strips only.",
    hint="Spliced strips are a little longer than they look.",
    pace=Pace(usual_seconds=33),
)
SMALL = Combination(
    modes=(Mode.TEXT, Mode.FRAMES),
    resolutions=("540p",),
    aspect_ratios=("21:9", "2:1"),
    durations=(3, 5),
)
LARGE = Combination(resolutions=("900p",), aspect_ratios=("21:9",), durations=(5,))
TOY = Provider(
    name="toy",
    label="Toyland",
    client=Toy,
    settings={"address": "TOY_ADDRESS"},
    models=(
        Model(
            name="toy-quick",
            label="Toy Quick",
            combinations=(SMALL, LARGE),
            seeds=range(1, 7),
            hint="Dries in no time.",
            images={Mode.FRAMES: 1},
            prompt_length_max=40,
            pace=Pace(usual_seconds=11, pause_factor=2),
            follow_ups=(LONGER,),
            why_not={"2:1": "2:1 is cut from small strips."},
        ),
        Model(name="toy-long", label="Toy Long", combinations=(SMALL,), seeds=range(1, 7)),
    ),
    result_hosts=("strips.example",),
    retention=timedelta(days=3),
    creations_per_10s=2,
    asks_per_second=20,
    callbacks=Callbacks(setting="TOY_CALLS"),
    tells_balance=True,
)


@pytest.fixture(autouse=True)
def toyland(wire: Wire, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Wire:
    monkeypatch.setitem(PROVIDERS, TOY.name, TOY)
    settings.TOY_ADDRESS, settings.TOY_CALLS = wire.url, False
    settings.CALLBACK_BASE = "https://dailies.example"
    settings.ARCHIVE_HOSTS = [f"127.0.0.1:{wire.port}"]
    for kind, model, credits in (("generate", "toy-quick", 9), ("extend", "toy-long", 4)):
        Price.objects.create(provider="toy", kind=kind, model=model, credits=credits)
    wire.answer(json={"coins": 12.5}, path="/purse", always=True)
    return wire


@pytest.fixture
def alice() -> User:
    return factories.person("alice", User.Role.MEMBER, 100)


@pytest.fixture
def browser(alice: User) -> Browser:
    """Hers, with a key for Toyland alone, which she has typed in."""
    browser = factories.signed_in(alice)
    answer = browser.post("/keys/", {"provider": "toy", "key": factories.CANARY_KEY}, follow=True)
    assert "The Toyland key works and is saved. Balance: 12.5 credits." in text(answer)
    return browser


def toy(**changes: Any) -> dict[str, Any]:
    look = {"aspect_ratio": "2:1", "resolution": "540p", "duration": "3", "seed": "6"}
    return composer(**{"provider": "toy", "model": "toy-quick", **look, **changes})


def made(browser: Browser, wire: Wire) -> Job:
    """A video of Toyland's, by way of the form, the worker, the follower and the archive."""
    browser.post("/", toy())
    wire.answer(json={"strip": "strip-1"}, path="/strips")
    drain_queue()
    wire.answer(json={"phase": "dry", "at": f"{wire.url}/1.mp4"}, path="/strips/strip-1")
    wire.answer(body=films.film(), path="/1.mp4")
    follow()
    return Job.objects.get()


def test_the_composer_begins_with_it_and_offers_what_it_declares(browser: Browser) -> None:
    answer: Any = browser.get("/")
    form = answer.context["form"]
    assert form.chosen == {
        "provider": "toy",
        "model": "toy-quick",
        "mode": "text",
        "resolution": "540p",
    }
    offered = catalog_of(answer.context["offers"])["providers"][-1]
    quick = offered["models"][0]
    assert offered["name"] == "toy"
    short = "Your Toyland account has 12 credits. This video needs about 13."
    assert answer.context["offers"].shortage("toy", 13) == short
    shortages = [
        f"Your Toyland account has 12 credits. These {takes} takes need about {9 * takes}."
        for takes in (2, 3, 4)
    ]
    assert (quick["hint"], quick["seeds"]) == ("Dries in no time.", [1, 6])
    assert quick["modes"]["text"]["sizes"] == {
        "540p": {
            "name": "540p",
            "lines": 540,
            "ratios": ("21:9", "2:1"),
            "durations": ["3", "5"],
            "prices": [9, 9],
            "notes": [],
            "shortages": [["", *shortages]] * 2,
        },
        "900p": {
            "name": "900p",
            "lines": 900,
            "ratios": ("21:9",),
            "durations": ["5"],
            "prices": [9],
            "notes": [NOT_LONGER],
            "shortages": [["", *shortages]],
        },
    }
    assert list(quick["modes"]["frames"]["sizes"]) == ["540p"]


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"seed": "7"}, "seed", "A seed is a whole number from 1 to 6."),
        ({"prompt": "x" * 41}, "prompt", "at most 40"),
        ({"aspect_ratio": "16:9"}, "aspect_ratio", "offers these aspect ratios here: 21:9, 2:1."),
        ({"resolution": "900p", "duration": "5"}, "aspect_ratio", "2:1 is cut from small strips."),
        ({"resolution": "900p", "aspect_ratio": "21:9"}, "duration", "lengths here: 5."),
        ({"resolution": "1080p"}, "resolution", "offers these resolutions: 540p, 900p."),
        ({"mode": "references"}, "mode", "offers these modes: Text, Frames."),
        ({"model": "toy-long"}, "model", "have no price yet"),
    ],
)
def test_what_it_does_not_offer_is_said_at_its_field(
    browser: Browser, change: dict[str, Any], field: str, sentence: str
) -> None:
    answer = browser.post("/", toy(**change))
    assert sentence in errors(answer, field)
    assert not Job.objects.exists()


def test_from_the_form_to_the_archive(alice: User, browser: Browser, toyland: Wire) -> None:
    browser.post("/", toy())
    job = Job.objects.get()
    assert (job.status, job.quote, job.seed) == ("queued", 9, 6)
    assert (job.usual_seconds, job.retention) == (11, timedelta(days=3))

    toyland.answer(json={"strip": "strip-1"}, path="/strips")
    drain_queue()
    job.refresh_from_db()
    assert (job.status, job.external_id) == ("running", "strip-1")
    assert toyland.posts[0].json == {
        "words": "A lighthouse in the rain",
        "look": "2:1 540p 3s",
        "dice": 6,
        "by": "toy-quick",
        "longer": "",
        # Only where its setting says so.
        "tell": "",
    }

    toyland.answer(json={"phase": "drying"}, path="/strips/strip-1")
    follow()
    assert "Rendering" in text(browser.get("/"))
    toyland.answer(json={"phase": "dry", "at": f"{toyland.url}/1.mp4"}, path="/strips/strip-1")
    toyland.answer(body=films.film(), path="/1.mp4")
    follow()
    job.refresh_from_db()
    file = Rendition.objects.get()
    assert (job.status, job.charged, ledger.audit()) == ("succeeded", 9, [])
    assert (file.state, file.resolution) == ("stored", "540p")
    assert ledger.granted_to(alice).available == 91


def test_callbacks_are_asked_for_once_its_own_setting_says_so(
    browser: Browser, toyland: Wire, settings: Any
) -> None:
    settings.TOY_CALLS, settings.VEO4_WEBHOOK_ENABLED = True, False
    browser.post("/", toy())
    toyland.answer(json={"strip": "strip-1"}, path="/strips")
    drain_queue()
    address = toyland.posts[0].json["tell"].removeprefix("https://dailies.example")
    assert address.startswith("/webhooks/toy/")
    toyland.answer(json={"phase": "drying"}, path="/strips/strip-1")
    answer = browser.post(address, {"strip": "strip-1"}, content_type="application/json")
    assert answer.status_code == 200
    drain_queue()
    assert len(toyland.requests) == 3


def test_a_refusal_is_told_in_its_words_and_costs_nothing(
    alice: User, browser: Browser, toyland: Wire
) -> None:
    browser.post("/", toy())
    toyland.answer(400, json={"no": "thank you"}, path="/strips")
    drain_queue()
    page = browser.get(f"/jobs/{alice.jobs.get().pk}/")
    assert "Toyland did not like it." in text(page)
    assert ledger.granted_to(alice).available == 100


def test_its_card_and_page_say_what_it_declares(browser: Browser, toyland: Wire) -> None:
    job = made(browser, toyland)
    studio, page = text(browser.get("/")), text(browser.get(f"/jobs/{job.pk}/"))
    assert "Can be extended until" in studio
    assert "2 days left." in studio
    assert "Toyland can’t upgrade videos." in studio
    for words in ("Toyland", "Toy Quick", "2:1", "540p", "3 s"):
        assert words in page


def test_a_longer_film_is_made_by_the_model_that_can(browser: Browser, toyland: Wire) -> None:
    job = made(browser, toyland)
    page = browser.get(f"/jobs/{job.pk}/extend/")
    assert "Toy Long: 4 credits" in text(page)
    assert "Spliced strips are a little longer than they look." in text(page)
    form: Any = page.context["form"]
    order = {**form.initial, "prompt": "And then the sun", "model": "toy-long"}
    factories.forget_rates()
    toyland.answer(json={"strip": "strip-2"}, path="/strips")
    browser.post(f"/jobs/{job.pk}/extend/", order)
    drain_queue()
    longer = Job.objects.get(kind="extend")
    assert (longer.status, longer.quote, longer.seed in range(1, 7)) == ("running", 4, True)
    assert (toyland.posts[-1].json["longer"], toyland.posts[-1].json["by"]) == (
        "strip-1",
        "toy-long",
    )


def test_of_a_size_that_it_cannot_extend_it_says_why(browser: Browser, toyland: Wire) -> None:
    job = made(browser, toyland)
    Job.objects.filter(pk=job.pk).update(resolution="900p")
    assert "Toyland splices small strips only." in text(browser.get(f"/jobs/{job.pk}/extend/"))


def test_it_forgets_after_its_own_three_days(browser: Browser, toyland: Wire) -> None:
    job = made(browser, toyland)
    factories.age(job, days=3, hours=1)
    page = text(browser.get(f"/jobs/{job.pk}/extend/"))
    assert "Toyland keeps videos for 3 days and no longer has this one." in page


def test_what_never_ends_is_lost_after_three_days(browser: Browser, toyland: Wire) -> None:
    browser.post("/", toy())
    toyland.answer(json={"strip": "strip-1"}, path="/strips")
    drain_queue()
    factories.age(Job.objects.get(), days=3, hours=1)
    toyland.answer(json={"phase": "drying"}, path="/strips/strip-1")
    follow()
    job = Job.objects.get()
    assert job.status == "lost"
    assert "keeps records for 3 days" in job.error


@pytest.mark.parametrize("path", ["/keys/", "/usage/", "/?scope=all"])
def test_every_page_that_names_providers_names_it(
    browser: Browser, toyland: Wire, path: str
) -> None:
    made(browser, toyland)
    assert Credential.objects.get().provider == "toy"
    assert "Toy" in text(browser.get(path))
