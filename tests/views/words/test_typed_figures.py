"""Figures that people type: each is taken for the one number it can mean, or not at all."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from jobs import ledger
from jobs.forms.figures import CreditsField, FigureField, Unclear, read, written
from jobs.models import AuditEvent, BudgetRequest, Price, Project, Team, User
from tests.support import factories
from tests.support.factories import PASSWORD
from tests.support.typed_forms import every_field, text

NARROW, FIXED, FIGURE_SPACE, THIN = "\u202f", "\xa0", "\u2007", "\u2009"
NARROW_GROUPS = f"7{NARROW}654{NARROW}321"
SCRIPTS = {"ASCII": "0", "full-width": "０", "Arabic": "٠", "Persian": "۰", "Hindi": "०"}

UNDERSTOOD = {
    "7,500": 7500,
    "12,345,678": 12345678,
    "3.456.000": 3456000,
    "1 250": 1250,
    f"1{FIXED}250": 1250,
    NARROW_GROUPS: 7654321,
    f"20{THIN}000": 20000,
    f"20{FIGURE_SPACE}000": 20000,
    "1'250": 1250,
    "1’250’000": 1250000,
    "−40": -40,
    "-1,200": -1200,
    "  80\r\n": 80,
    "\ufeff80\u200b": 80,
    "\u202a80\u202c": 80,
    "007": 7,
}
UNCLEAR = {
    "80,00": "reads as 80.00: leave out the decimals",
    "2,5": "reads as 2.5: leave out the decimals",
    "149,50": "reads as 149.50: leave out the decimals",
    "80.00": "reads as 80.00: leave out the decimals",
    "0,250": "reads as 0.250: leave out the decimals",
    "7.500,00": "reads as 7,500.00: leave out the decimals",
    "7,500.00": "reads as 7,500.00: leave out the decimals",
    "1 250,5": "reads as 1,250.5: leave out the decimals",
    "7500,000": "reads as 7,500.000: leave out the decimals",
    "7.500": "could mean 7.5 or 7,500. Type 7500.",
    "7.000": "could mean 7 or 7,000. Type 7 or 7000.",
    "-7.000": "could mean -7 or -7,000. Type -7 or -7000.",
    "12,34,567": "could mean 1,234,567. Type 1234567.",
    "８０": "could mean 80. Type 80.",
    "٨٠": "could mean 80. Type 80.",
    "८०": "could mean 80. Type 80.",
    "٧٬٥٠٠": "could mean 7,500. Type 7500.",
    "７，５００": "could mean 7,500. Type 7500.",
}
NO_FIGURE = [
    *("1,2,3", "1,,000", "1 00", "12 34", "1,00", ",", ".", "80,", "1 000'000", "10 000 00"),
    *("1.000,000.00", "80 credits", "€80", "8e1", "8_0", "80%", "(80)", "80-", "10²", "①", "Ⅷ"),
    # Shown as 08, or who knows how.
    *("\u202e80\u202c", "\u206780\u2069", "\u200f-80", "8\u200b0", "8\xad0", "8\n0"),
    *("9" * 30, "-−80"),
]


def reason(field: forms.Field, typed: str) -> str:
    with pytest.raises(ValidationError) as refused:
        field.clean(typed)
    return " ".join(refused.value.messages)


@pytest.mark.parametrize(("typed", "number"), UNDERSTOOD.items(), ids=map(ascii, UNDERSTOOD))
def test_marks_that_can_only_be_of_thousands_are_taken(typed: str, number: int) -> None:
    assert CreditsField(minimum=-ledger.CREDITS_MAX).clean(typed) == number


@pytest.mark.parametrize(("typed", "told"), UNCLEAR.items(), ids=map(ascii, UNCLEAR))
def test_what_could_be_read_otherwise_is_refused_with_what_it_may_mean(
    typed: str, told: str
) -> None:
    assert f"“{typed}” {told}" in reason(CreditsField(minimum=-ledger.CREDITS_MAX), typed)


@pytest.mark.parametrize("typed", NO_FIGURE, ids=map(ascii, NO_FIGURE))
def test_what_is_no_figure_is_refused_with_what_may_be_entered(typed: str) -> None:
    assert "whole number from 1 to 1,000,000,000." in reason(CreditsField(minimum=1), typed)


@pytest.mark.parametrize(
    ("typed", "number"),
    [("0,05", "0.05"), ("0.005", "0.005"), ("1,1250", "1.1250"), ("1.234,5", "1234.5"), ("7", "7")],
)
def test_a_worth_may_have_decimals(typed: str, number: str) -> None:
    field = FigureField(minimum=0, maximum=999_999, is_whole=False)
    assert field.clean(typed) == Decimal(number)


@pytest.mark.parametrize("typed", ["1.125", "1,125"])
def test_of_a_worth_a_thousand_and_one_are_told_apart(typed: str) -> None:
    field = FigureField(minimum=0, maximum=999_999, is_whole=False)
    assert "could mean 1.125 or 1,125. Type 1.1250 or 1125." in reason(field, typed)


# ── Whatever is typed ────────────────────────────────────────────────────────
def as_written(number: int, cents: str, marks: tuple[str, str], zero: str) -> str:
    """A number as somebody somewhere writes it, with these marks of thousands and decimals."""
    thousands, decimal = marks
    digits = f"{abs(number):,}".replace(",", thousands) + (decimal + cents if cents else "")
    moved = "".join(
        chr(ord(zero) + int(each)) if each.isascii() and each.isdigit() else each for each in digits
    )
    return f"-{moved}" if number < 0 else moved


WRITTEN = st.builds(
    lambda number, cents, marks, zero: (
        as_written(number, cents, marks, zero),
        Decimal(f"{number}.{cents or 0}"),
    ),
    st.integers(-ledger.CREDITS_MAX, ledger.CREDITS_MAX),
    # No people write credits with three decimals: 1,000 is a thousand on every page of ours.
    st.text("0123456789", max_size=6).filter(lambda cents: len(cents) != 3),
    st.sampled_from(
        [
            pair
            for pair in product(["", ",", ".", " ", FIXED, NARROW, "'", "’"], ",.")
            if pair[0] != pair[1]
        ]
    ),
    st.sampled_from(sorted(SCRIPTS.values())),
)


@given(WRITTEN)
def test_no_way_of_writing_a_number_is_taken_for_another(one: tuple[str, Decimal]) -> None:
    typed, meant = one
    for is_whole in (True, False):
        field = FigureField(minimum=-(10**12), maximum=10**12, is_whole=is_whole)
        try:
            taken = field.clean(typed)
        except ValidationError:
            continue
        assert taken == meant
        assert not is_whole or isinstance(taken, int)


@given(st.text(st.sampled_from("0123456789,.' -−’\u202f\xa0\u200b\u202e٣３e_+"), max_size=20))
def test_of_what_is_taken_no_digit_is_lost_and_none_is_added(typed: str) -> None:
    for is_whole in (True, False):
        try:
            number = read(typed, is_whole=is_whole)
        except Unclear:
            continue
        digits = "".join(each for each in typed if each.isdigit())
        assert "".join(map(str, number.as_tuple().digits)).lstrip("0") == digits.lstrip("0")
        assert (number < 0) == (any(each in typed for each in "-−") and number != 0)


@given(st.text())
def test_any_text_is_a_figure_or_is_refused(typed: str) -> None:
    field = FigureField(minimum=0, maximum=100, required=False)
    with suppress(ValidationError):
        assert field.clean(typed) in {None, *range(101)}


@given(st.decimals(-(10**9), 10**9, places=6) | st.integers(-(10**9), 10**9))
def test_what_a_form_shows_it_takes_for_the_same(number: Decimal | int) -> None:
    assert read(written(number), is_whole=False) == number
    if number == int(number):
        assert read(written(number), is_whole=True) == number


def test_every_figure_of_every_form_is_typed_into_the_one_field() -> None:
    of_django = (forms.IntegerField, forms.FloatField, forms.DecimalField)
    fields = every_field()
    typed = [(form, name, field) for form, name, field in fields if not field.widget.is_hidden]
    assert not [(form, name) for form, name, field in typed if isinstance(field, of_django)]
    assert {name for _, name, field in fields if isinstance(field, FigureField)} == {
        *("credits", "allowance", "cap", "monthly_cap", "own_by", "project_by", "team_by"),
        *("starting_credits", "reset_day", "credit_value"),
        *("min_seconds", "max_seconds", "min_mb", "span_start", "span_end", "rate"),
    }


# ── On the pages ─────────────────────────────────────────────────────────────
def shows(answer: Any, typed: str) -> bool:
    """Whether what was typed stands in the form again, with the reason beside it."""
    is_back = f'value="{typed}"' in answer.content.decode()
    return answer.status_code == 422 and is_back and f"“{typed}” reads as" in text(answer)


@pytest.mark.django_db
@pytest.mark.data
def test_an_admin_who_types_cents_gives_nothing_away(alice: User, admin_client: Client) -> None:
    project, price = Project.objects.create(name="Autumn"), Price.objects.in_force()[0]
    why = {"reason": "October"}
    sent: list[tuple[str, dict[str, Any]]] = [
        ("/team/", {"user": alice.pk, "credits": "60,00", **why}),
        ("/team/budgets/", {"user": alice.pk, "allowance": "60,00", **why}),
        ("/team/budgets/", {"project": project.pk, "cap": "60,00", **why}),
        ("/team/budgets/", {"monthly_cap": "60,00", **why}),
        ("/team/prices/", {"price": price.pk, "credits": "60,00", "valid_from": "", **why}),
    ]
    before, audited = ledger.granted_to(alice).available, AuditEvent.objects.count()
    for path, fields in sent:
        assert shows(admin_client.post(path, fields), "60,00"), (path, fields)
    alice.refresh_from_db()
    project.refresh_from_db()
    assert (ledger.granted_to(alice).available, alice.allowance) == (before, 0)
    assert (project.cap, Team.current().monthly_cap) == (None, None)
    assert Price.objects.in_force()[0].credits == price.credits
    assert AuditEvent.objects.count() == audited


@pytest.mark.django_db
@pytest.mark.data
def test_what_is_asked_for_or_raised_is_read_the_same_way(
    alice: User, alice_client: Client, admin_client: Client
) -> None:
    ask = {"submission_key": str(uuid4()), "credits": "45,5", "reason": "Two more takes"}
    assert shows(alice_client.post("/credits/", ask), "45,5")
    assert not BudgetRequest.objects.exists()
    alice_client.post("/credits/", {**ask, "credits": f"4{NARROW}500"})
    assert BudgetRequest.objects.get().credits == 4500
    ledger.grant(alice, -950, reason="for a test", actor=None)
    asked = BudgetRequest.objects.get(job=factories.job(alice))
    fields = {"request": asked.pk, "action": "raise", "own": "grant", "own_by": "45,5"}
    assert shows(admin_client.post("/team/requests/", {**fields, "reason": "x"}), "45,5")


@pytest.mark.django_db
@pytest.mark.data
def test_starting_credits_are_read_the_same_way(client: Client) -> None:
    first = {"username": "ada", "password1": PASSWORD, "password2": PASSWORD}
    assert shows(client.post("/setup/", {**first, "starting_credits": "2000,00"}), "2000,00")
    assert not User.objects.exists()


@pytest.mark.django_db
@pytest.mark.data
def test_a_worth_typed_with_a_comma_is_saved_and_shown_unmistakably(admin_client: Client) -> None:
    settings = {"name": "", "reset_day": "1", "currency": "EUR", "reason": "Contract"}
    admin_client.post("/team/settings/", {**settings, "credit_value": "0,045"})
    assert Team.current().credit_value == Decimal("0.045")
    admin_client.post("/team/settings/", {**settings, "credit_value": "1.1250"})
    assert Team.current().credit_value == Decimal("1.125")
    shown = admin_client.get("/team/settings/").content.decode()
    assert 'value="1.1250"' in shown
    day = admin_client.post("/team/settings/", {**settings, "reset_day": "2,5"})
    assert shows(day, "2,5")


@pytest.mark.django_db
@pytest.mark.data
@pytest.mark.parametrize(("typed", "given"), [("2,500", 2500), (f"1{NARROW}000", 1000)])
def test_the_command_reads_figures_as_the_pages_do(alice: User, typed: str, given: int) -> None:
    before = ledger.granted_to(alice).available
    call_command("grant_credits", "alice", typed, "--reason", "x")
    assert ledger.granted_to(alice).available == before + given
    for unclear, told in {"60,00": "reads as 60.00", "2.500": "could mean 2.5 or 2,500"}.items():
        with pytest.raises(CommandError, match=told):
            call_command("grant_credits", "alice", unclear, "--reason", "x")
    assert ledger.granted_to(alice).available == before + given
