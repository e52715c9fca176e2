"""Whatever ends is told with its hour and its zone, in one way, and machines can read it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import models
from django.test import Client
from django.utils import timezone

from jobs import budget_warnings, ledger, people, pricing, shares
from jobs.models import AuditEvent, Invitation, Price, ShareLink, User
from jobs.times import moments
from tests import ROOT
from tests.support import factories
from tests.support.markup import flat
from tests.support.states.mails import a_minute_passes
from tests.support.typed_forms import text

pytestmark = pytest.mark.django_db

ENDS = re.compile(r'<time datetime="([^"]+)" title="[^"]+" data-end>([^<]+)</time>')


def told(client: Client, path: str) -> dict[datetime, str]:
    """Each moment that a page tells as an end, and its words."""
    page = flat(client.get(path).content.decode())
    return {datetime.fromisoformat(machine): words for machine, words in ENDS.findall(page)}


# ── In words ─────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("zone", "end", "words", "title"),
    [
        ("UTC", date(2026, 12, 1), "1 Dec 2026, 00:00 UTC", "UTC (UTC+00:00)"),
        (
            "Europe/Berlin",
            datetime(2027, 7, 3, 22, 30, tzinfo=UTC),
            "4 Jul 2027, 00:30 CEST",
            "Europe/Berlin (UTC+02:00)",
        ),
        (
            "America/New_York",
            date(2026, 11, 1),
            "1 Nov 2026, 00:00 EDT",
            "America/New_York (UTC-04:00)",
        ),
        (
            "America/Sao_Paulo",
            datetime(2026, 9, 30, 1, 5, tzinfo=UTC),
            "29 Sep 2026, 22:05 UTC-03:00",
            "America/Sao_Paulo (UTC-03:00)",
        ),
        (
            "Asia/Kathmandu",
            date(2027, 1, 1),
            "1 Jan 2027, 00:00 UTC+05:45",
            "Asia/Kathmandu (UTC+05:45)",
        ),
    ],
)
def test_an_end_has_its_hour_and_the_teams_zone(
    settings: Any, zone: str, end: date, words: str, title: str
) -> None:
    settings.TIME_ZONE = zone
    assert (moments.in_words(end), moments.zone(end)) == (words, title)


# ── On the pages ─────────────────────────────────────────────────────────────
def test_a_visitor_reads_the_hour_at_which_a_link_ends(alice: User, settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Kathmandu"
    end = datetime(2031, 3, 9, 20, 45, tzinfo=UTC)
    film = factories.film(alice)
    link, token = shares.create([film], shares.Terms(expires_at=end), alice)
    assert told(Client(), f"/s/{token}/") == {end: "10 Mar 2031, 02:30 UTC+05:45"}
    assert "js/times" in Client().get(f"/s/{token}/").content.decode()
    owner = factories.signed_in(alice)
    for page in ("/shares/", f"/shares/{link.pk}/"):
        assert end in told(owner, page)
    assert "10 Mar 2031, 02:30 UTC+05:45" in AuditEvent.objects.get(action="link created").after


def test_who_is_invited_reads_when_the_invitation_ends(admin_client: Client) -> None:
    before = timezone.now()
    admin_client.post("/team/invitations/", {"role": "member", "note": "Noor"})
    after = timezone.now()
    page = text(admin_client.get("/team/invitations/"))
    path = re.findall(r"/join/[\w-]{43}/", page)[0]
    end = before + timedelta(days=people.VALID_DAYS)
    (shown,) = told(Client(), path)
    assert abs(shown - end) < timedelta(minutes=1)
    ends = set(told(admin_client, "/team/invitations/"))
    assert shown in ends
    gone = min(ends) - after
    assert timedelta(minutes=9) < gone <= timedelta(minutes=10), "until then the link stands there"


def test_a_link_that_is_shown_once_says_until_when(alice: User, alice_client: Client) -> None:
    link, _token = shares.create([factories.film(alice)], shares.Terms(), alice)
    before = timezone.now().replace(microsecond=0)
    alice_client.post(f"/shares/{link.pk}/regenerate/")
    (gone,) = told(alice_client, f"/shares/{link.pk}/")
    assert before <= gone - timedelta(minutes=10) <= timezone.now()


def test_a_budget_resets_at_an_hour(alice: User, admin_client: Client, settings: Any) -> None:
    settings.TIME_ZONE = "America/New_York"
    ledger.set_allowance(alice, 500, reason="x", actor=None)
    ledger.set_team_cap(9000, reason="x", actor=None)
    alice.refresh_from_db()
    day = ledger.standing_of(alice).resets_on
    assert day
    end = moments.local(day)
    member = factories.signed_in(alice)
    for page in ("/", "/credits/", "/usage/"):
        assert end in told(member, page), page
    for page in ("/team/", f"/team/people/{alice.pk}/", "/team/budgets/", "/team/settings/"):
        assert end in told(admin_client, page), page
    assert moments.in_words(end).endswith((":00 EST", ":00 EDT"))


def test_what_the_provider_keeps_is_kept_until_an_hour(alice: User, alice_client: Client) -> None:
    take = factories.succeeded(alice)
    factories.age(take, days=2)
    end = max(told(alice_client, f"/jobs/{take.pk}/"))
    assert take.sent_at
    assert timedelta(days=13) < end - take.sent_at <= timedelta(days=15)
    title = re.findall(r'title="(Can be [^"]+)"', alice_client.get("/").content.decode())
    assert all("<" not in each and "&lt;" not in each for each in title)


def test_a_price_ends_when_the_next_begins(admin: User, admin_client: Client) -> None:
    begins = moments.local(timezone.localdate() + timedelta(days=40))
    price = Price.objects.filter(provider="kie").first()
    assert price
    pricing.change(price, 99, begins=begins, reason="x", actor=admin)
    assert begins in told(admin_client, "/team/prices/")


def test_a_warning_by_mail_names_the_hour(alice: User, settings: Any) -> None:
    settings.HAS_MAIL, settings.TIME_ZONE = True, "Asia/Kathmandu"
    User.objects.update(email="alice@studio.example")
    ledger.set_allowance(alice, 60, reason="x", actor=None)
    ledger.grant(alice, -1000, reason="x", actor=None)
    factories.job(alice)
    budget_warnings.notice_all()
    a_minute_passes()
    assert re.search(r"Next reset: 1 \w{3} \d{4}, 00:00 UTC\+05:45\n", str(mail.outbox[0].body))


# ── And nowhere otherwise ────────────────────────────────────────────────────
NAMES = r"(?:expires_at|\w+_until|resets_on|(?<!m\.)until|ends)"
"""What ends something. `m.until` is the second of two readings of a balance."""


def test_every_field_that_ends_something_is_known_here() -> None:
    dated = {
        field.name
        for model in (ShareLink, Invitation)
        for field in model._meta.get_fields()
        if isinstance(field, models.DateField)
    }
    past = {"created_at", "revoked_at", "last_viewed_at"}
    assert [name for name in dated - past if not re.fullmatch(NAMES, name)] == []


def test_templates_tell_an_end_in_one_way() -> None:
    otherwise = re.compile(rf"{{{{ *(?:[\w.]*\.)?{NAMES} *(?:\|(?!end|countdown)[^}}]*)?}}}}")
    found = [
        (path.name, each)
        for path in (ROOT / "templates").rglob("*.*")
        for each in otherwise.findall(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_templates_tell_machines_no_more_than_html_knows_of_a_moment() -> None:
    otherwise = re.compile(r"""datetime="{{ *[\w.]++(?!\|iso\b|\|date:"Y-m-d")[^}]*}}""")
    found = [
        (path.name, each)
        for path in (ROOT / "templates").rglob("*.*")
        for each in otherwise.findall(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_sentences_tell_an_end_in_one_way() -> None:
    otherwise = re.compile(rf"{NAMES}:%|{NAMES}\W+strftime|date_format\([^)]*{NAMES}")
    found = [
        path.name
        for path in (ROOT / "jobs").rglob("*.py")
        if otherwise.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []
