"""The price list: what holds now, what is coming, and what was changed by whom."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from jobs import pricing
from jobs.models import AuditEvent, Price, Team, User
from tests.support import factories
from tests.support.typed_forms import BAD_AMOUNTS, text

pytestmark = pytest.mark.django_db
PAGE = "/team/prices/"


@pytest.fixture
def price(db: None) -> Price:
    return Price.objects.get(provider="kie", model="veo3_fast", resolution="720p")


def save(client: Client, price: Price, credits: str, **changes: Any) -> Any:
    data = {"price": price.pk, "credits": credits, "reason": "The provider did"}
    return client.post(PAGE, {**data, **changes})


def quote() -> int:
    return pricing.quote(factories.submission())


@pytest.mark.data
def test_every_price_is_listed(admin_client: Client) -> None:
    answer: Any = admin_client.get(PAGE)
    assert len(answer.context["rows"]) == Price.objects.count()


def test_a_changed_price_holds_for_new_jobs(
    price: Price, alice: User, admin_client: Client
) -> None:
    old = factories.job(alice)
    assert save(admin_client, price, "75").status_code == 302
    assert (old.quote, factories.job(alice).quote) == (60, 75)


@pytest.mark.data
def test_the_old_price_stays_on_record(price: Price, admin: User, admin_client: Client) -> None:
    save(admin_client, price, "75")
    price.refresh_from_db()
    new = Price.objects.latest("pk")
    assert (price.credits, new.credits, new.set_by, new.work) == (60, 75, admin, price.work)
    event = AuditEvent.objects.get()
    assert (event.actor, event.before, event.after, event.reason) == (
        *(admin, "60", "75"),
        "The provider did",
    )
    assert "The provider did 60 75" in text(admin_client.get(PAGE))


@pytest.mark.data
def test_a_price_can_wait_for_its_day(price: Price, admin_client: Client) -> None:
    day = timezone.localdate() + timedelta(days=10)
    answer = save(admin_client, price, "75", valid_from=day.isoformat())
    assert answer.status_code == 302
    coming = Price.objects.latest("pk")
    begins = timezone.localtime(coming.valid_from)
    assert (begins.date(), begins.hour, quote()) == (day, 0, 60)
    assert "Upcoming 1" in text(admin_client.get(PAGE))
    Price.objects.filter(pk=coming.pk).update(valid_from=timezone.now())
    assert quote() == 75


@pytest.mark.data
def test_a_day_is_set_anew_by_setting_it_again(price: Price, admin_client: Client) -> None:
    day = (timezone.localdate() + timedelta(days=10)).isoformat()
    for credits in ("75", "80", "80"):
        save(admin_client, price, credits, valid_from=day)
    assert Price.objects.latest("pk").credits == 80
    assert AuditEvent.objects.count() == 2


@pytest.mark.data
def test_a_coming_price_is_withdrawn_with_a_reason(
    price: Price, admin: User, admin_client: Client
) -> None:
    day = (timezone.localdate() + timedelta(days=10)).isoformat()
    save(admin_client, price, "75", valid_from=day)
    coming = Price.objects.latest("pk")
    assert admin_client.post(PAGE, {"withdraw": coming.pk, "reason": ""}).status_code == 422
    admin_client.post(PAGE, {"withdraw": coming.pk, "reason": "A mistake"})
    assert not Price.objects.filter(pk=coming.pk).exists()
    event = AuditEvent.objects.first()
    assert event
    assert (event.action, event.before, event.reason) == (
        "price withdrawn",
        f"75 from {day}",
        "A mistake",
    )


def test_a_price_in_force_cannot_be_withdrawn(price: Price, admin_client: Client) -> None:
    answer = admin_client.post(PAGE, {"withdraw": price.pk, "reason": "x"})
    assert answer.status_code == 422
    assert Price.objects.filter(pk=price.pk).exists()


def test_a_price_cannot_change_in_the_past(price: Price, admin_client: Client) -> None:
    day = (timezone.localdate() - timedelta(days=1)).isoformat()
    answer = save(admin_client, price, "75", valid_from=day)
    assert answer.status_code == 422
    assert "Prices can’t change in the past." in text(answer)
    assert quote() == 60


def test_from_today_on_means_from_now_on(price: Price, admin_client: Client) -> None:
    save(admin_client, price, "75", valid_from=timezone.localdate().isoformat())
    assert quote() == 75


@pytest.mark.data
def test_two_clicks_change_it_once(price: Price, admin_client: Client) -> None:
    save(admin_client, price, "75")
    assert save(admin_client, price, "75").status_code == 302
    assert (AuditEvent.objects.count(), Price.objects.filter(credits=75).count()) == (1, 1)


@pytest.mark.data
def test_an_odd_price_is_refused(price: Price, admin_client: Client) -> None:
    for amount in ("", "0", "-0", *BAD_AMOUNTS):
        answer = save(admin_client, price, amount)
        assert (answer.status_code, quote(), AuditEvent.objects.count()) == (422, 60, 0), amount


def test_without_a_reason_nothing_changes(price: Price, admin_client: Client) -> None:
    answer = save(admin_client, price, "75", reason="")
    assert (answer.status_code, quote()) == (422, 60)
    assert 'value="75"' in answer.content.decode()


def test_only_the_figure_of_a_price_can_be_changed(price: Price, admin_client: Client) -> None:
    save(admin_client, price, "75", model="veo3", provider="veo4", id=1, set_by=1)
    assert Price.objects.latest("pk").work == price.work


@pytest.mark.parametrize("number", ["", "0", "x", "²", "9" * 30, "9" * 5000, "-1"])
def test_a_price_of_nothing_is_refused(admin_client: Client, number: str) -> None:
    before = Price.objects.count()
    answer = admin_client.post(PAGE, {"price": number, "credits": "75", "reason": "x"})
    assert (answer.status_code, Price.objects.count()) == (422, before)


def test_the_value_stands_beside_the_credits(admin_client: Client) -> None:
    Team.objects.create(pk=1, credit_value=Decimal("0.005"), currency="EUR")
    page = text(admin_client.get(PAGE))
    assert "60 0.30 EUR" in page
    assert "1 credit = 0.005 EUR" in page


def test_for_members_there_are_no_prices(price: Price, alice_client: Client) -> None:
    assert save(alice_client, price, "75").status_code == 404
    assert quote() == 60
