"""What holds for everybody, as admins set it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from jobs.models import AuditEvent, Team
from tests.support.typed_forms import text

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def save(client: Client, **changes: str) -> Any:
    fields = {"name": "", "reset_day": "1", "credit_value": "", "currency": "USD", "reason": ""}
    switches = {"members_share_others": "on"}
    return client.post("/team/settings/", {**fields, **switches, **changes}, follow=True)


def test_a_name_needs_no_reason(admin_client: Client) -> None:
    assert "Saved: team's name." in text(save(admin_client, name="North light"))
    assert Team.current().name == "North light"


def test_a_switch_is_told_by_what_holds_now(admin_client: Client) -> None:
    off = save(admin_client, members_share_others="", reason="The client asked")
    assert not Team.current().members_share_others
    assert "Saved: members may now share only their own videos." in text(off)
    on = save(admin_client, reason="The client is gone")
    assert "Saved: members may now share videos of others." in text(on)


def test_all_settings_are_saved_with_their_reason(admin_client: Client) -> None:
    save(admin_client, reset_day="15", credit_value="0.05", currency="eur", reason="New contract")
    team = Team.current()
    assert (team.reset_day, team.credit_value, team.currency) == (15, Decimal("0.05"), "EUR")
    assert {event.reason for event in AuditEvent.objects.all()} == {"New contract"}
    assert b'value="0.05"' in admin_client.get("/team/settings/").content


def test_saving_what_is_there_changes_and_records_nothing(admin_client: Client) -> None:
    save(admin_client, credit_value="10", reason="x")
    assert b'value="10"' in admin_client.get("/team/settings/").content
    before = AuditEvent.objects.count()
    assert save(admin_client, credit_value="10.00").status_code == 200
    assert AuditEvent.objects.count() == before


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("reset_day", ("0", "29", "-1", "x", "1.5", "", "9" * 5000)),
        ("credit_value", ("0", "-1", "x", "NaN", "Infinity", "1" * 20)),
        ("currency", ("", "E", "EURO", "12€", "<b>")),
        ("name", ("x" * 81,)),
    ],
)
def test_an_odd_value_is_said_at_its_field_and_saves_nothing(
    admin_client: Client, field: str, values: Sequence[str]
) -> None:
    for value in values:
        answer = save(admin_client, reason="x", **{field: value})
        said = answer.status_code, list(answer.context["form"].errors)
        assert said == (422, [field]), value
        assert not AuditEvent.objects.exists(), value


@pytest.mark.parametrize("change", [{"reset_day": "5"}, {"credit_value": "2"}, {"currency": "EUR"}])
def test_what_changes_the_meaning_of_figures_needs_a_reason(
    admin_client: Client, change: dict[str, str]
) -> None:
    answer = save(admin_client, **change)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["reason"])
    assert not AuditEvent.objects.exists()
