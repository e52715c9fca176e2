"""The composer: what it takes, what it refuses and how it says so; the list below it."""

from __future__ import annotations

import html
from datetime import UTC, datetime
from itertools import chain
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jobs import ledger
from jobs.models import Budget, Credential, Job, Price, Project, User
from jobs.providers.base import Mode
from jobs.templatetags.icons import icon
from jobs.views.studio.composer.catalog import catalog_of
from tests.support import factories
from tests.support.markup import flat
from tests.support.racing import together
from tests.support.typed_forms import HTMX, composer, errors, text

pytestmark = pytest.mark.django_db

ARABIC_SEED = "١٢٣٤٥"
FULLWIDTH_SEED = "１２３４５"


@pytest.fixture
def project(db: None) -> Project:
    return Project.objects.create(name="Autumn")


def prompts(client: Client, query: str = "") -> list[str]:
    """The prompts of the cards that a studio page shows."""
    answer: Any = client.get(f"/{query}")
    assert answer.status_code == 200
    return shown(answer)


def shown(answer: Any) -> list[str]:
    return [Job.objects.get(pk=card.job.pk).prompt for card in answer.context["cards"]]


# ── The form ─────────────────────────────────────────────────────────────────
def test_a_fresh_form_proposes_the_usual_choice(alice_client: Client) -> None:
    answer: Any = alice_client.get("/")
    proposed = answer.context["form"].initial
    names = ("model", "aspect_ratio", "resolution", "duration", "takes", "translate")
    assert [proposed[name] for name in names] == ["veo3_fast", "16:9", "720p", 8, 1, True]


def test_every_form_has_a_submission_key_of_its_own(alice_client: Client) -> None:
    first: Any = alice_client.get("/")
    second: Any = alice_client.get("/")
    key = "submission_key"
    assert first.context["form"].initial[key] != second.context["form"].initial[key]


def test_who_has_a_key_for_one_provider_only_starts_there(
    alice: User, alice_client: Client
) -> None:
    Credential.objects.filter(provider="kie").delete()
    answer: Any = alice_client.get("/")
    assert answer.context["form"].initial["model"] == "veo-4"


def test_a_form_in_a_project_files_there(alice_client: Client, project: Project) -> None:
    answer = alice_client.get(f"/?project={project.pk}").content.decode()
    assert f'<option value="{project.pk}" selected>' in flat(answer)


# ── A new job ────────────────────────────────────────────────────────────────
def test_a_valid_form_makes_the_job_it_says(
    alice: User, alice_client: Client, project: Project
) -> None:
    chosen = {"aspect_ratio": "9:16", "resolution": "1080p", "seed": "12345", "watermark": "ACME"}
    alice_client.post("/", composer(**chosen, translate=None, project=project.pk))
    job = Job.objects.get()
    assert {name: str(getattr(job, name)) for name in chosen} == chosen
    assert (job.owner, job.project, job.translate, job.quote) == (alice, project, False, 65)


def test_without_javascript_the_studio_comes_back_with_a_message(alice_client: Client) -> None:
    answer = alice_client.post("/", composer(), follow=True)
    assert answer.redirect_chain == [("/", 302)]
    assert "Queued. 60 credits are reserved for it." in text(answer)


def test_with_htmx_only_the_new_card_and_a_fresh_form_come(alice_client: Client) -> None:
    answer: Any = alice_client.post("/", composer(), headers=HTMX)
    card = f'id="job-{Job.objects.get().pk}"'
    assert (answer.status_code, answer.content.decode().count(card)) == (200, 1)
    assert b"<html" not in answer.content


def test_the_prompt_stays_for_the_next_take_under_a_key_of_its_own(alice_client: Client) -> None:
    sent = composer(prompt="A fox")
    answer: Any = alice_client.post("/", sent, headers=HTMX)
    form = answer.context["form"]
    assert form["prompt"].value() == "A fox"
    assert str(form["submission_key"].value()) != sent["submission_key"]


def test_the_free_credits_on_the_page_follow_the_hold(alice_client: Client) -> None:
    answer = alice_client.post("/", composer(), headers=HTMX).content.decode()
    assert '"left": 940' in html.unescape(answer)


@pytest.mark.data
@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("First line\r\nSecond line", "First line\nSecond line"),
        ("  between blanks \r\n", "between blanks"),
        ("Grüße 你好 🎬", "Grüße 你好 🎬"),
        ("x" * 5000, "x" * 5000),
        # Browsers count a line end as one character and send it as two.
        ("ab\r\n" * 1600 + "x" * 200, "ab\n" * 1600 + "x" * 200),
    ],
    ids=["CRLF", "blanks", "unicode", "longest", "longest with line ends"],
)
def test_a_prompt_is_kept_as_it_was_meant(alice_client: Client, typed: str, kept: str) -> None:
    alice_client.post("/", composer(prompt=typed))
    assert Job.objects.get().prompt == kept


@pytest.mark.data
def test_a_prompt_is_only_text(alice_client: Client) -> None:
    attack = "<script>alert(1)</script><img src=x onerror=alert(1)>\" onload='x' {{ 7|add:1 }}"
    alice_client.post("/", composer(prompt=attack))
    page = alice_client.get("/").content.decode()
    assert attack in text(alice_client.get("/"))
    assert "<script>alert" not in page
    assert "<img src=x" not in page


# ── What is not taken ────────────────────────────────────────────────────────
WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"prompt": ""}, "prompt", "Describe the video"),
    ({"prompt": " \r\n "}, "prompt", "Describe the video"),
    ({"prompt": "x" * 5001}, "prompt", "at most 5000"),
    ({"prompt": "x" * 900_000}, "prompt", "at most 5000"),
    ({"prompt": "a\x00b"}, "prompt", "Null characters"),
    ({"seed": "9999"}, "seed", "10000 to 99999"),
    ({"seed": "100000"}, "seed", "10000 to 99999"),
    ({"seed": "-12345"}, "seed", "10000 to 99999"),
    ({"seed": "12345.0"}, "seed", "10000 to 99999"),
    ({"seed": "1e4"}, "seed", "10000 to 99999"),
    ({"seed": ARABIC_SEED}, "seed", "10000 to 99999"),
    ({"seed": FULLWIDTH_SEED}, "seed", "10000 to 99999"),
    ({"seed": "9" * 5000}, "seed", "at most 12"),
    ({"watermark": "x" * 81}, "watermark", "at most 80"),
    ({"watermark": "a\x00"}, "watermark", "Null characters"),
    ({"model": "veo9"}, "model", "valid choice"),
    ({"aspect_ratio": "1:1"}, "aspect_ratio", "offers these"),
    ({"aspect_ratio": "5:4"}, "aspect_ratio", "valid choice"),
    ({"model": "veo-4", "resolution": "4k"}, "resolution", "720p"),
    ({"resolution": "8k"}, "resolution", "valid choice"),
    ({"resolution": "4k", "duration": "4"}, "duration", "here: 8"),
    ({"resolution": "1080p", "duration": "6"}, "duration", "here: 8"),
    ({"model": "veo-4", "duration": "4"}, "duration", "here: 8"),
    ({"duration": "60"}, "duration", "valid choice"),
    ({"duration": "８"}, "duration", "valid choice"),
    ({"project": "4711"}, "project", "archived or gone"),
    ({"project": "9" * 30}, "project", "archived or gone"),
    ({"project": "²"}, "project", "archived or gone"),
    ({"submission_key": "x"}, "submission_key", "valid UUID"),
    ({"submission_key": None}, "submission_key", "required"),
]


@pytest.mark.data
def test_what_is_wrong_is_said_at_its_field(alice_client: Client) -> None:
    for change, field, sentence in WRONG:
        answer = alice_client.post("/", composer(**change))
        assert answer.status_code == 422, (field, sentence)
        assert sentence in errors(answer, field)
        assert not Job.objects.exists(), (field, sentence)


def test_every_such_sentence_is_read_on_the_form(alice_client: Client) -> None:
    for change, field, sentence in WRONG:
        if field == "submission_key":  # which is no field that anybody sees
            continue
        answer: Any = alice_client.post("/", composer(**change), headers=HTMX)
        said = list(chain.from_iterable(answer.context["form"].errors.values()))
        assert said, (field, sentence)
        assert [each for each in said if each not in text(answer)] == [], (field, sentence)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_what_was_typed_comes_back(alice_client: Client, headers: dict[str, str]) -> None:
    typed = composer(prompt="A <fox>", seed="abc", watermark="ACME", model="veo3", duration="6")
    answer: Any = alice_client.post("/", typed, headers=headers)
    form = answer.context["form"]
    assert {name: form[name].value() for name in typed if name != "translate"} == {
        name: value for name, value in typed.items() if name != "translate"
    }
    assert b"A &lt;fox&gt;</textarea>" in answer.content


@pytest.mark.parametrize(
    ("headers", "is_whole"), [({}, True), (HTMX, False)], ids=["plain", "htmx"]
)
def test_a_refusal_is_a_whole_page_or_with_htmx_the_form_alone(
    alice_client: Client, headers: dict[str, str], is_whole: bool
) -> None:
    answer = alice_client.post("/", composer(prompt=""), headers=headers)
    assert (b"<html" in answer.content) is is_whole


def test_more_than_a_megabyte_is_not_even_read(alice_client: Client) -> None:
    answer = alice_client.post("/", composer(prompt="x" * 1_000_001))
    assert answer.status_code == 400
    assert not Job.objects.exists()


def test_ten_thousand_fields_are_not_even_read(alice_client: Client) -> None:
    many = {f"field{number}": "x" for number in range(10_000)}
    assert alice_client.post("/", composer(**many)).status_code == 400


@pytest.mark.data
def test_only_what_the_form_shows_can_be_set(alice: User, bob: User, alice_client: Client) -> None:
    smuggled = {
        "owner": bob.pk,
        "owner_id": bob.pk,
        "status": "succeeded",
        "quote": 1,
        "charged": 0,
        "credential": Credential.objects.filter(owner=bob).values_list("pk", flat=True)[0],
        "external_id": "task-of-another",
        "practice": "on",
        "kind": "upgrade_4k",
        "is_staff": "on",
        "role": "admin",
    }
    alice_client.post("/", composer(**smuggled))
    job = Job.objects.get()
    assert (job.owner, job.status, job.quote, job.charged) == (alice, "queued", 60, None)
    assert job.credential is not None
    assert (job.credential.owner, job.external_id, job.practice) == (alice, "", False)
    alice.refresh_from_db()
    assert (job.kind, alice.role, alice.is_staff) == ("generate", "member", False)


# ── The price that was shown ─────────────────────────────────────────────────
DEAR = {"model": "veo3", "resolution": "4k", "prompt": "A fox", "seed": "23456"}


@pytest.mark.data
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_what_costs_other_than_shown_is_not_ordered(
    alice_client: Client, headers: dict[str, str]
) -> None:
    sent = composer(**DEAR, seen_cost="60")
    answer: Any = alice_client.post("/", sent, headers=headers)
    assert (answer.status_code, Job.objects.exists()) == (422, False)
    sentence = "This costs 380 credits, not the 60 shown. Press Generate again to order it."
    assert sentence in errors(answer)
    assert sentence in text(answer)
    form = answer.context["form"]
    assert {name: form[name].value() for name in DEAR} == DEAR
    assert b'name="seen_cost" value="380"' in answer.content
    alice_client.post("/", {**sent, "seen_cost": "380"}, headers=headers)
    assert Job.objects.get().quote == 380


def test_where_no_price_was_shown_it_is_told_first(alice_client: Client) -> None:
    answer = alice_client.post("/", composer(seen_cost="0"))
    assert "This costs 60 credits, and no price was shown." in errors(answer)


@pytest.mark.parametrize("seen", ["60", "", "x", None])
def test_the_price_shown_or_none_told_is_taken(alice_client: Client, seen: str | None) -> None:
    assert alice_client.post("/", composer(seen_cost=seen)).status_code == 302
    assert Job.objects.get().quote == 60


@pytest.mark.data
def test_a_form_sent_twice_is_one_job_though_the_price_changed(alice_client: Client) -> None:
    form = composer(seen_cost="60")
    alice_client.post("/", form)
    Price.objects.update(credits=70)
    assert alice_client.post("/", form).status_code == 302
    assert Job.objects.get().quote == 60


def test_a_fresh_form_carries_the_price_it_shows(alice_client: Client) -> None:
    assert b'name="seen_cost" value="60"' in alice_client.get("/").content


def test_the_catalog_says_who_has_the_mode_that_a_model_lacks(alice_client: Client) -> None:
    answer: Any = alice_client.get("/")
    lacking = {
        model["name"]: model["lacking"]
        for provider in catalog_of(answer.context["offers"])["providers"]
        for model in provider["models"]
    }
    assert lacking["veo3"] == {
        "references": "Quality doesn’t support references. Use Fast, Lite, Flash or Omni.",
        "video": "Quality doesn’t support changing a video. Use Flash or Omni.",
    }
    assert lacking["google/gemini-omni-flash-1-1"] == {}
    assert lacking["veo-4"] == {
        "frames": "Veo 4 preview doesn’t support frames. Use a model of kie.ai.",
        "video": "Veo 4 preview doesn’t support changing a video. Use a model of kie.ai.",
    }


def test_a_mode_that_the_model_lacks_is_spoken_of_where_it_was_chosen(alice_client: Client) -> None:
    at_rest: Any = alice_client.get("/")
    assert at_rest.context["mode_hint"] == ""
    sent: Any = alice_client.post("/", composer(model="veo3", mode="references"))
    assert sent.context["mode_hint"].startswith("Quality doesn’t support references.")


def test_each_mode_says_what_it_does_in_a_picture_and_a_sentence(alice_client: Client) -> None:
    page = alice_client.get("/").text
    for mode in Mode:
        assert f'id="what-{mode}">{icon(f"mode-{mode}")}' in page
        assert mode.sentence in page


# ── One click, one job ───────────────────────────────────────────────────────
@pytest.mark.data
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_the_same_form_sent_twice_is_one_job(
    alice: User, alice_client: Client, headers: dict[str, str]
) -> None:
    form = composer()
    answers = [alice_client.post("/", form, headers=headers).status_code for _ in range(2)]
    assert len(set(answers)) == 1
    assert (Job.objects.count(), Budget.objects.get(owner=alice).held) == (1, 60)


@pytest.mark.data
@pytest.mark.django_db(transaction=True)
def test_ten_clicks_at_once_are_one_job(alice: User) -> None:
    form = composer()
    answers = together(10, lambda _: factories.signed_in(alice).post("/", form).status_code)
    assert answers == [302] * 10
    assert (Job.objects.count(), Budget.objects.get(owner=alice).held) == (1, 60)


def test_an_old_form_sent_again_after_success_makes_nothing_new(alice_client: Client) -> None:
    form = composer()
    alice_client.post("/", form)
    Job.objects.update(status="succeeded")
    answer = alice_client.post("/", form, headers=HTMX)
    assert (answer.status_code, Job.objects.count()) == (200, 1)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_an_old_form_with_another_prompt_is_a_conflict(
    alice_client: Client, headers: dict[str, str]
) -> None:
    form = composer()
    alice_client.post("/", form)
    answer: Any = alice_client.post("/", {**form, "prompt": "Another"}, headers=headers)
    assert (answer.status_code, Job.objects.count()) == (409, 1)
    assert "Press Generate again" in text(answer)


@pytest.mark.data
def test_after_a_conflict_the_form_can_be_sent_as_something_new(alice_client: Client) -> None:
    form = composer()
    alice_client.post("/", form)
    answer: Any = alice_client.post("/", {**form, "prompt": "Another"})
    again = answer.context["form"]
    alice_client.post("/", {**form, "prompt": again["prompt"].value(), **key_of(again)})
    assert sorted(Job.objects.values_list("prompt", flat=True)) == [
        "A lighthouse in the rain",
        "Another",
    ]


def key_of(form: Any) -> dict[str, str]:
    return {"submission_key": str(form["submission_key"].value())}


# ── When it cannot be made, the page says why and what to do ─────────────────
@pytest.fixture(params=[{}, HTMX], ids=["plain", "htmx"])
def headers(request: pytest.FixtureRequest) -> dict[str, str]:
    chosen: dict[str, str] = request.param
    return chosen


def refused(client: Client, headers: dict[str, str], **change: Any) -> str:
    """The words of the page after a submission that was not taken."""
    answer = client.post("/", composer(**change), headers=headers)
    assert answer.status_code == 422
    assert not Job.objects.exists()
    return text(answer)


def test_without_a_key(alice_client: Client, headers: dict[str, str]) -> None:
    Credential.objects.all().delete()
    assert "You have no key for this provider yet. Add one" in refused(alice_client, headers)


def test_with_a_rejected_key(alice_client: Client, headers: dict[str, str]) -> None:
    Credential.objects.update(state="rejected")
    words = refused(alice_client, headers)
    assert f"The key ending in {factories.CANARY_KEY[-4:]} is not accepted" in words
    assert "Replace it on the API keys page." in words


@pytest.mark.data
def test_without_a_price(alice_client: Client, headers: dict[str, str]) -> None:
    Price.objects.all().delete()
    assert "An admin can set one under Team & credits, Prices." in refused(alice_client, headers)


def test_without_any_credits_it_is_kept_until_an_admin_approves(headers: dict[str, str]) -> None:
    carol = factories.member("carol")
    answer = factories.signed_in(carol).post("/", composer(), headers=headers, follow=True)
    assert answer.status_code == 200
    assert "This needs 60 credits, but you have 0." in text(answer)
    assert Job.objects.get().status == "awaiting_budget"


@pytest.mark.data
def test_an_admin_without_credits_is_shown_where_it_is_approved(
    admin: User, admin_client: Client, headers: dict[str, str]
) -> None:
    factories.credential(admin, "kie")
    answer = admin_client.post("/", composer(), headers=headers, follow=True)
    assert (
        f'href="/team/requests/#request-{Job.objects.get().budget_request_id}"'
        in answer.content.decode()
    )


@pytest.mark.data
def test_with_a_frozen_budget(alice_client: Client, headers: dict[str, str]) -> None:
    Budget.objects.update(is_frozen=True)
    assert "figures don’t add up. Nothing was sent." in refused(alice_client, headers)


def test_with_a_full_disk(alice_client: Client, headers: dict[str, str], settings: Any) -> None:
    settings.MEDIA_FREE_BYTES_MIN = 10**18
    assert "almost out of disk space" in refused(alice_client, headers)


def test_a_missing_key_is_told_before_anything_is_typed(alice_client: Client) -> None:
    Credential.objects.filter(provider="veo4").delete()
    page = alice_client.get("/")
    assert "No key for veo4api.net yet." in text(page)
    assert b'href="/keys/"' in page.content


# ── The list ─────────────────────────────────────────────────────────────────
def statuses(alice: User, **prompts_by_status: str) -> None:
    for status, prompt in prompts_by_status.items():
        job = factories.job(alice, prompt=prompt)
        Job.objects.filter(pk=job.pk).update(status=status, external_id=f"task-{status}")


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {"one", "two", "three", "four"}),
        ("?tab=all", {"one", "two", "three", "four"}),
        ("?tab=progress", {"one"}),
        ("?tab=ready", {"two"}),
        ("?tab=attention", {"three", "four"}),
        ("?tab=nonsense", {"one", "two", "three", "four"}),
    ],
)
def test_a_tab_shows_its_jobs(
    alice: User, alice_client: Client, query: str, shown: set[str]
) -> None:
    statuses(alice, running="one", succeeded="two", failed="three", uncertain="four")
    assert set(prompts(alice_client, query)) == shown


@pytest.mark.data
def test_the_tabs_say_how_many(alice: User, alice_client: Client) -> None:
    statuses(alice, running="one", succeeded="two", failed="three", uncertain="four")
    answer: Any = alice_client.get("/?tab=ready")
    counts = answer.context["counts"]
    assert [counts[tab] for tab in ("all", "progress", "ready", "attention")] == [4, 1, 1, 2]


@pytest.mark.data
def test_a_member_sees_their_own_and_the_projects(
    bob: User, alice: User, alice_client: Client, project: Project
) -> None:
    factories.job(bob, prompt="private")
    factories.job(bob, prompt="shared", project_id=project.pk)
    factories.job(alice, prompt="mine")
    assert set(prompts(alice_client)) == {"shared", "mine"}
    assert prompts(alice_client, "?scope=me") == ["mine"]
    assert prompts(alice_client, f"?project={project.pk}") == ["shared"]


def test_an_admin_sees_everything(bob: User, admin_client: Client) -> None:
    factories.job(bob, prompt="private")
    assert prompts(admin_client) == ["private"]


@pytest.mark.data
@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("LIGHTHOUSE", {"A lighthouse at dawn"}),
        ("dawn a", {"A lighthouse at dawn"}),
        ("dawn dusk", set()),
        ("45678", {"A fox at dusk"}),
        ("%", {"100% wool"}),
        ("_", set()),
        ("٤٥٦٧٨", set()),
        ("' OR 1=1 --", set()),
    ],
)
def test_search_finds_all_words_or_the_seed(
    alice: User, alice_client: Client, words: str, found: set[str]
) -> None:
    factories.job(alice, prompt="A lighthouse at dawn", seed=12345)
    factories.job(alice, prompt="A fox at dusk", seed=45678)
    factories.job(alice, prompt="100% wool", seed=11111)
    answer: Any = alice_client.get("/", {"q": words})
    assert set(shown(answer)) == found


def test_a_search_is_repeated_as_text(alice_client: Client) -> None:
    page = alice_client.get("/", {"q": '"><script>x</script>'}).content
    assert b"<script>x" not in page


ODD = [
    "?after=²-²",
    "?after=0-0",
    "?after=-1",
    "?after=1-",
    "?after=٣-٣",
    f"?after={'9' * 17}-{'9' * 12}",
    f"?after={'9' * 5000}-1",
    "?project=²",
    f"?project={'9' * 30}",
    f"?project={'9' * 5000}",
    "?project=x",
    "?q=%00",
    "?q=%FF",
    "?from=x",
    "?from=%00",
    "?scope=x&tab=x&after=x",
    f"?q={'x' * 3000}",
]


@pytest.mark.data
@pytest.mark.parametrize("path", ["/", "/live/"])
def test_an_odd_address_is_no_error(alice: User, alice_client: Client, path: str) -> None:
    factories.job(alice)
    since = "&since=0" if path == "/live/" else ""
    for query in ODD:
        assert alice_client.get(f"{path}{query}{since}").status_code in (200, 204), query[:99]


@pytest.mark.data
def test_older_jobs_are_on_the_next_page(alice: User, alice_client: Client) -> None:
    ledger.grant(alice, 10_000, reason="for a test", actor=None)
    for number in range(26):
        factories.job(alice, prompt=f"take {number}")
    assert prompts(alice_client)[:2] == ["take 25", "take 24"]
    first: Any = alice_client.get("/")
    assert prompts(alice_client, first.context["next_page"]) == ["take 1", "take 0"]
    second: Any = alice_client.get(f"/{first.context['next_page']}")
    assert not second.context["next_page"]


@pytest.mark.data
def test_pages_follow_on_each_other_though_many_were_made_in_the_same_moment(
    alice: User, alice_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.views.studio.grid.paging.PAGE_SIZE", 2)
    for number in range(9):
        factories.job(alice, prompt=f"take {number}")
    # As a table of orders makes them; whole seconds are written in a way of their own.
    moments = [datetime(2026, 11, day, tzinfo=UTC) for day in (3, 2, 2, 2, 2, 2, 2, 1, 1)]
    for job, moment in zip(Job.objects.order_by("prompt"), moments, strict=True):
        Job.objects.filter(pk=job.pk).update(created_at=moment)
    answer: Any = alice_client.get("/")
    seen = [card.job.pk for card in answer.context["cards"]]
    while answer.context["next_page"]:
        answer = alice_client.get(f"/{answer.context['next_page']}")
        seen += [card.job.pk for card in answer.context["cards"]]
    assert seen == list(Job.objects.values_list("pk", flat=True))


@pytest.mark.data
def test_the_next_page_keeps_the_filters(
    alice: User, alice_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.views.studio.grid.paging.PAGE_SIZE", 1)
    factories.job(alice, prompt="A fox")
    factories.job(alice, prompt="A fox again")
    answer: Any = alice_client.get("/?q=fox&tab=progress&from=x")
    last = Job.objects.order_by("created_at").last()
    assert last
    moment = round(last.created_at.timestamp() * 1_000_000)
    assert answer.context["next_page"] == f"?q=fox&tab=progress&after={moment}-1"


@pytest.mark.data
def test_a_page_of_many_cards_costs_no_more_queries_than_one_of_few(
    alice: User, alice_client: Client, django_assert_max_num_queries: Any
) -> None:
    factories.job(alice)
    alice_client.get("/")
    # Of cards that nobody has rendered before more is asked.
    factories.job(alice)
    with CaptureQueriesContext(connection) as few:
        alice_client.get("/")
    for _ in range(10):
        factories.job(alice)
    with django_assert_max_num_queries(len(few)):
        alice_client.get("/")


# ── Starting from an earlier job ─────────────────────────────────────────────
def test_a_job_lends_its_settings_to_a_new_form(
    alice: User, alice_client: Client, project: Project
) -> None:
    chosen = {"prompt": "A fox", "aspect_ratio": "9:16", "resolution": "4k", "seed": 23456}
    job = factories.job(alice, **chosen, translate=False, watermark="W", project_id=project.pk)
    answer: Any = alice_client.get(f"/?from={job.pk}")
    form = answer.context["form"]
    assert {name: form[name].value() for name in chosen} == chosen
    assert (form["translate"].value(), form["watermark"].value()) == (False, "W")
    assert form["project"].value() == project.pk
    assert form["submission_key"].value() != job.submission_key


def test_a_seed_that_was_ours_is_not_lent(alice: User, alice_client: Client) -> None:
    answer: Any = alice_client.get(f"/?from={factories.job(alice).pk}")
    assert answer.context["form"]["seed"].value() == ""


@pytest.mark.parametrize("which", ["foreign", "missing"])
def test_nothing_of_a_foreign_job_is_lent(bob: User, alice_client: Client, which: str) -> None:
    secret = factories.job(bob, prompt="Bob's secret")
    pk = secret.pk if which == "foreign" else uuid4()
    assert b"secret" not in alice_client.get(f"/?from={pk}").content
