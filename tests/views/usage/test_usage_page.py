"""The usage page and its CSV: the figures of the ledger, for whom they are meant."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
import time_machine
from django.core.cache import cache, caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jobs import ledger, lifecycle
from jobs.models import Job, Project, Team, User
from jobs.providers.base import Snapshot, State
from jobs.templatetags.dailies import percent
from jobs.views.answers.csv import cell, stream
from tests.support import factories
from tests.support.markup import flat

pytestmark = [pytest.mark.django_db, pytest.mark.data]
PATH, CSV = "/usage/", "/usage/export.csv"
QUERIES_MAX = 27


def text(response: Any) -> str:
    plain = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", unescape(plain))


def rows(client: Client, query: str) -> list[dict[str, str]]:
    response: Any = client.get(f"{CSV}?{query}")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    body = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(body)))


def fail(made: Job) -> Job:
    lifecycle.observe(factories.run(made).pk, Snapshot(State.FAILED))
    made.refresh_from_db()
    return made


def test_the_tiles_say_what_was_settled_held_and_released(
    alice: User, alice_client: Client
) -> None:
    factories.succeeded(alice)
    fail(factories.job(alice))
    factories.job(alice, model="veo3")
    page = text(alice_client.get(PATH))
    assert "Spent 60 credits" in page
    assert "Reserved 250 credits" in page
    assert "Released 60 credits" in page
    assert "Average per video 60.0 credits" in page
    assert "Average per kept second 7.50 credits" in page
    assert "Success rate 50.0 % 1 of 2" in page


def test_what_was_charged_for_a_lost_video_is_wasted(
    alice: User, bob: User, admin_client: Client
) -> None:
    factories.succeeded(bob)
    lost = factories.job(alice)
    Job.objects.filter(pk=lost.pk).update(status="lost", charged=60, is_unverified=True)
    page = text(admin_client.get(PATH))
    assert "Wasted on failures 60 credits" in page
    assert "Average per video 120.0 credits" in page


def test_credits_have_a_value_where_the_team_has_one(alice: User, alice_client: Client) -> None:
    factories.succeeded(alice)
    assert "USD" not in text(alice_client.get(PATH))
    Team.objects.update_or_create(pk=1, defaults={"credit_value": Decimal("0.005")})
    assert "0.30 USD" in text(alice_client.get(PATH))


def test_a_member_sees_only_what_is_theirs(
    alice: User, bob: User, alice_client: Client, admin_client: Client
) -> None:
    film = Project.objects.create(name="Film")
    factories.succeeded(bob, project_id=film.pk)
    factories.succeeded(alice)
    for query in ("", f"?person={bob.pk}", f"?by=person&person={bob.pk}"):
        page = text(alice_client.get(PATH + query))
        assert "Spent 60 credits" in page
        assert "bob" not in page
    assert [row["person"] for row in rows(alice_client, "rows=jobs")] == ["alice"]
    assert "Spent 120 credits" in text(admin_client.get(PATH))


def test_filters_narrow_the_figures_and_can_be_removed_one_by_one(
    alice: User, bob: User, admin_client: Client
) -> None:
    factories.succeeded(alice)
    factories.succeeded(alice, model="veo3")
    factories.succeeded(bob, provider="veo4")
    page = admin_client.get(PATH, {"person": str(alice.pk), "model": "veo3"})
    assert "Spent 250 credits" in text(page)
    chips = re.findall(r'<a class="pill" href="([^"]+)"', page.content.decode())
    without_person = parse_qs(urlsplit(unescape(chips[0])).query)
    assert without_person == {"model": ["veo3"]}
    assert "Spent 310 credits" in text(admin_client.get(PATH, {"person": alice.pk}))
    assert "Spent 180 credits" in text(admin_client.get(PATH, {"provider": "veo4"}))
    assert "Nothing matches" in text(admin_client.get(PATH, {"practice": "practice"}))


def test_each_dimension_ranks_what_was_spent_and_links_to_it(
    alice: User, bob: User, admin_client: Client
) -> None:
    factories.succeeded(alice)
    factories.succeeded(bob, model="veo3", project_id=Project.objects.create(name="Film").pk)
    for by, first in (("person", "bob"), ("project", "Film"), ("model", "Veo 3.1 Quality")):
        page = admin_client.get(PATH, {"by": by})
        first_rank = r'<ol class="ranks">\s*<li><p><a class="link" href="([^"]+)">([^<]+)'
        found = re.search(first_rank, flat(page.content.decode()))
        assert found
        assert found[2] == first
        assert "Spent 250 credits" in text(admin_client.get(PATH + unescape(found[1])))


def test_a_bar_is_as_long_as_its_share_of_the_whole(alice: User, admin_client: Client) -> None:
    factories.succeeded(alice)
    factories.succeeded(alice, model="veo3")
    page = flat(admin_client.get(PATH, {"by": "model"}).content.decode())
    assert "Each bar is a share of all 310 credits spent." in page
    ranks = page.partition('<ol class="ranks">')[2].partition("</ol>")[0]
    assert re.findall(r"<b>(\d+)</b><i>(\d+%)</i>", ranks) == [("250", "81%"), ("60", "19%")]
    assert re.findall(r'class="used" width="([\d.]+)%"', ranks) == ["80.65", "19.35"]


@pytest.mark.parametrize(
    ("part", "said"), [(0, "0%"), (1, "<1%"), (500, "50%"), (999, ">99%"), (1000, "100%")]
)
def test_a_little_is_never_nothing_and_almost_all_never_all(part: int, said: str) -> None:
    assert (percent(part, 1000), percent(part, 0)) == (said, "")


def test_behind_each_chart_stands_a_table_with_the_same_figures(
    alice: User, alice_client: Client
) -> None:
    factories.succeeded(alice)
    factories.succeeded(alice, model="veo3")
    page = alice_client.get(PATH).content.decode()
    table = page[page.index("Show as table") :]
    foot = re.findall(r"<td class=\"fig\">([\d,]+)</td>", table[table.index("<tfoot>") :])
    assert foot[:3] == ["250", "60", "310"]


def test_a_day_far_back_is_not_in_this_month_but_in_its_dates(
    alice: User, alice_client: Client
) -> None:
    job = factories.succeeded(alice)
    then = timezone.localdate() - timedelta(days=90)
    Job.objects.filter(pk=job.pk).update(booked_on=then)
    assert "Spent 0 credits" in text(alice_client.get(PATH))
    dates: dict[str, Any] = {"period": "dates", "start": then, "end": then}
    assert "Spent 60 credits" in text(alice_client.get(PATH, dates))
    whole: dict[str, Any] = {"period": "dates", "start": then, "end": timezone.localdate()}
    assert "Credits by month" in text(alice_client.get(PATH, whole))


def test_another_film_of_long_ago_counts_as_soon_as_it_is_there(
    alice: User, alice_client: Client
) -> None:
    then = timezone.localdate() - timedelta(days=90)
    dates: dict[str, Any] = {"period": "dates", "start": then, "end": timezone.localdate()}
    for seconds in (8, 16):
        job = factories.succeeded(alice)
        Job.objects.filter(pk=job.pk).update(booked_on=then)
        assert f"{seconds} s of video kept" in text(alice_client.get(PATH, dates))


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"period": "dates", "start": "2026-02-01", "end": "2026-01-01"}, "before the start date"),
        ({"period": "dates", "start": "2026-02-01"}, "Enter a date."),
        ({"period": "dates", "start": "soon", "end": "2026-01-01"}, "Enter a valid date."),
        ({"period": "dates", "start": "9999-12-31", "end": "9999-12-31"}, "Enter a day from 2000"),
        ({"person": "999999"}, "Select a valid choice"),
        ({"period": "1"}, "Select a valid choice"),
        ({"by": "colour"}, "Select a valid choice"),
        ({"project": "٣"}, "Select a valid choice"),
    ],
)
def test_what_makes_no_sense_is_said_at_its_field(
    admin_client: Client, query: dict[str, str], message: str
) -> None:
    answer = admin_client.get(PATH, query)
    assert answer.status_code == 422
    assert message in text(answer)
    assert admin_client.get(CSV, query).status_code == 200


def test_the_providers_figures_stay_beside_ours(alice: User, admin_client: Client) -> None:
    known, unknown = factories.succeeded(alice), factories.succeeded(alice)
    Job.objects.filter(pk=known.pk).update(provider_credits_charged=Decimal("57.5"))
    Job.objects.filter(pk=unknown.pk).update(provider_credits_charged=None)
    page = text(admin_client.get(PATH))
    assert (
        "kie.ai reported 57.50 of their credits for 1 of 2 videos; we charged 120 of ours" in page
    )


def test_who_gave_and_took_credits_is_said(alice: User, admin: User, admin_client: Client) -> None:
    ledger.grant(alice, 500, reason="launch", actor=admin)
    ledger.grant(alice, -200, reason="too many", actor=admin)
    page = text(admin_client.get(PATH))
    assert "Granted ada 1 +500" in page
    assert "Taken back ada 1 -200" in page
    assert "Granted and taken back" not in text(admin_client.get(PATH, {"provider": "kie"}))


def test_the_page_asks_as_much_for_60_jobs_as_for_3(alice: User, admin_client: Client) -> None:
    def asked(query: str) -> int:
        cache.clear()
        caches["figures"].clear()
        with CaptureQueriesContext(connection) as queries:
            admin_client.get(PATH + query)
        return len(queries)

    views = ["", "?by=project", "?by=day&period=30", f"?person={alice.pk}&provider=kie"]
    ledger.grant(alice, 10_000, reason="for a test", actor=None)
    for _ in range(3):
        factories.succeeded(alice)
    asked("")
    few = [asked(view) for view in views]
    project = Project.objects.create(name="Film")
    for number in range(57):
        factories.job(alice, project_id=project.pk if number % 2 else None)
    assert [asked(view) for view in views] == few
    assert max(few) <= QUERIES_MAX


def test_the_csv_has_the_rows_of_the_view(alice: User, bob: User, admin_client: Client) -> None:
    factories.succeeded(alice)
    fail(factories.job(alice))
    factories.succeeded(bob, model="veo3")
    found = rows(admin_client, "by=person")
    assert [(row["person"], row["settled"], row["released"]) for row in found] == [
        ("bob", "250", "0"),
        ("alice", "60", "60"),
    ]
    only = rows(admin_client, f"by=model&person={alice.pk}")
    assert [(row["model"], row["jobs"]) for row in only] == [("Veo 3.1 Fast", "2")]


def test_the_jobs_csv_has_each_job_of_the_view_and_says_so_in_its_name(
    alice: User, alice_client: Client
) -> None:
    factories.job(alice, prompt='=HYPERLINK("http://evil.example")')
    response = alice_client.get(f"{CSV}?rows=jobs&period=30")
    today = timezone.localdate()
    name = f'"dailies-jobs-{today - timedelta(days=29)}-to-{today}.csv"'
    assert name in response.headers["Content-Disposition"]
    row = rows(alice_client, "rows=jobs&period=30")[0]
    assert row["booked on"] == today.isoformat()
    assert row["prompt"] == '\'=HYPERLINK("http://evil.example")'
    assert (row["quote"], row["charged"], row["model"]) == ("60", "", "Veo 3.1 Fast")


def test_the_jobs_csv_has_what_the_saving_of_drafts_is_counted_by(
    alice: User, alice_client: Client
) -> None:
    draft = factories.succeeded(alice, model="veo3_lite", is_draft=True)
    full = lifecycle.submit(alice, lifecycle.promotion_of(draft).submission, uuid4())
    found = {row["job"]: row for row in rows(alice_client, "rows=jobs&period=30")}
    both = [found[str(each.pk)] for each in (draft, full)]
    assert [(row["draft"], row["price in full"], row["promoted from"]) for row in both] == [
        ("yes", "60", ""),
        ("no", "", str(draft.pk)),
    ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_text_in_a_csv_is_computed_by_a_spreadsheet(start: str) -> None:
    assert cell(f"{start}1+1") == f"'{start}1+1"


def test_figures_in_a_csv_stay_figures() -> None:
    assert [cell(value) for value in (-5, Decimal("-0.50"), True, None, uuid4().hex[:0])] == [
        *("-5", "-0.50", "yes", "", "")
    ]


def test_a_csv_is_sent_while_its_rows_are_still_made() -> None:
    made: list[int] = []

    def endless() -> Iterator[list[str]]:
        while True:
            made.append(1)
            yield ["x" * 1000]

    next(iter(stream("big", ["a"], endless())))
    assert len(made) < 100


def long_ago(made: Job) -> str:
    """Book it two months back; the address of the page about these months."""
    today = ledger.today()
    Job.objects.filter(pk=made.pk).update(booked_on=today - timedelta(days=60))
    return f"{PATH}?period=dates&start={today - timedelta(days=90)}&end={today}"


def test_what_becomes_of_an_old_job_is_in_the_figures_at_once(
    alice: User, alice_client: Client
) -> None:
    made = factories.job(alice)
    page = long_ago(made)
    assert "Reserved 60 credits" in text(alice_client.get(page))
    fail(made)
    assert "Released 60 credits" in text(alice_client.get(page))


def test_days_in_which_nothing_changed_are_not_counted_again(
    alice: User, alice_client: Client
) -> None:
    made = factories.succeeded(alice)
    page = long_ago(made)
    first = alice_client.get(page)
    with CaptureQueriesContext(connection) as asked:
        again = alice_client.get(page)
    assert text(first) == text(again)
    assert not [each for each in asked if "quote" in each["sql"]]


def test_the_running_month_is_projected_against_what_was_given(
    alice: User, alice_client: Client
) -> None:
    Team.objects.create(pk=1, reset_day=1)
    ledger.grant(alice, -1000, reason="x", actor=None)
    ledger.set_allowance(alice, 100, reason="x", actor=None)
    alice.refresh_from_db()
    with time_machine.travel(datetime(2026, 11, 12, 9, tzinfo=UTC), tick=False):
        factories.succeeded(alice)
        page = text(factories.signed_in(alice).get(PATH))
        over = text(factories.signed_in(alice).get(f"{PATH}?period=2026-10"))
    assert "Projected by 30 Nov 150 credits more than the 100 given 5 a day × 30 days" in page
    assert "Projected" not in over
