"""Everybody on the team: what is granted to them, and how they are added."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.utils.formats import date_format

from jobs import ledger, people
from jobs.models import Budget, Credential, LedgerEntry, User
from tests.support import factories
from tests.support.factories import PASSWORD
from tests.support.typed_forms import HTMX, text

pytestmark = pytest.mark.django_db

PERSON = {"username": "carol", "role": "member", "password1": PASSWORD, "password2": PASSWORD}

BAD_AMOUNTS = [
    "",
    " ",
    "0",
    "-0",
    "1.5",
    "1,5.0",
    "1e3",
    "0x10",
    "1_000",
    "+5",
    "--5",
    "5-",
    "-",
    "½",
    "²",
    "٣",
    "１０",
    "१०",
    "NaN",
    "Infinity",
    "ten",
    "1000000001",
    "-1000000001",
    "2147483648",
    "9223372036854775808",
    "-9223372036854775809",
    "1" * 300,
    "5\x00",
    "5;DROP",
]


def grant(client: Client, person: User, credits: str, reason: str = "October") -> Any:
    return client.post("/team/", {"user": person.pk, "credits": credits, "reason": reason})


def listed(page: Any) -> list[str]:
    """Bob and Zoë in the order in which they have a row of their own."""
    heads = re.findall(
        r'<tr id="[^"]+">\s*<th scope="row">(.*?)</th>', page.content.decode(), re.DOTALL
    )
    return [name for head in heads for name in ("bob", "Zoë Maier") if name in head]


def free(person: User) -> int:
    return Budget.objects.get(owner=person).available


# ── Grants ───────────────────────────────────────────────────────────────────
@pytest.mark.data
def test_an_admin_grants_credits_with_a_reason(
    alice: User, admin: User, admin_client: Client
) -> None:
    grant(admin_client, alice, "250")
    entry = LedgerEntry.objects.order_by("-id")[0]
    assert (entry.kind, entry.credits, entry.actor, entry.reason) == (
        *("grant", 250, admin),
        "October",
    )
    assert free(alice) == 1250


def test_a_grant_says_what_it_did(alice: User, admin_client: Client) -> None:
    answer = admin_client.post(
        "/team/", {"user": alice.pk, "credits": "1,250", "reason": "x"}, follow=True
    )
    assert "1,250 credits granted to alice." in text(answer)


def test_unspent_credits_can_be_taken_back(alice: User, admin_client: Client) -> None:
    grant(admin_client, alice, "-400")
    assert free(alice) == 600
    assert ledger.check() == []


def test_held_credits_cannot_be_taken_back(alice: User, admin_client: Client) -> None:
    factories.job(alice)
    answer = grant(admin_client, alice, "-941")
    assert (answer.status_code, free(alice)) == (422, 940)
    assert "alice has only 940 unspent credits to take back." in text(answer)


def test_an_admin_grants_credits_to_themselves(admin: User, admin_client: Client) -> None:
    grant(admin_client, admin, "10")
    assert free(admin) == 10


@pytest.mark.data
def test_an_odd_amount_moves_nothing(alice: User, admin_client: Client) -> None:
    for amount in BAD_AMOUNTS:
        answer = grant(admin_client, alice, amount)
        assert (answer.status_code, free(alice)) == (422, 1000), amount
        assert LedgerEntry.objects.count() == 1, amount


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_what_is_wrong_is_said_at_that_persons_form_with_what_was_typed(
    alice: User, bob: User, admin_client: Client, headers: dict[str, str]
) -> None:
    sent = {"user": alice.pk, "credits": "1.5", "reason": "October"}
    answer = admin_client.post("/team/", sent, headers=headers)
    page = text(answer)
    assert answer.status_code == 422
    assert "Grant credits to alice" in page
    assert "Enter a whole number from -1,000,000,000 to 1,000,000,000." in page
    assert re.findall(r'value="(1\.5|October)"', answer.content.decode()) == ["1.5", "October"]
    # In a dialog it is the form alone.
    assert ("<html" in answer.content.decode()) == (not headers)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 201, "a\x00"])
def test_a_grant_needs_a_reason(alice: User, admin_client: Client, reason: str) -> None:
    assert grant(admin_client, alice, "5", reason).status_code == 422
    assert free(alice) == 1000


@pytest.mark.parametrize("user", ["", "0", "-1", "x", "²", "9" * 400, "9" * 5000])
def test_a_grant_to_nobody_is_refused(alice: User, admin_client: Client, user: str) -> None:
    data = {"user": user, "credits": "5", "reason": "x"}
    assert admin_client.post("/team/", data).status_code == 422
    assert LedgerEntry.objects.count() == 1


def test_who_is_deactivated_gets_nothing(alice: User, admin_client: Client) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    answer = grant(admin_client, alice, "5")
    assert (answer.status_code, free(alice)) == (422, 1000)
    assert "Nothing was granted. Choose an active person." in text(answer)


@pytest.mark.parametrize(
    ("page", "typed"), [("/team/", {"credits": "5"}), ("/team/budgets/", {"allowance": "5"})]
)
def test_a_dialog_about_who_was_deactivated_meanwhile_leaves_for_the_list_as_it_is(
    alice: User, admin_client: Client, page: str, typed: dict[str, str]
) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    answer = admin_client.post(page, {"user": alice.pk, "reason": "x", **typed}, headers=HTMX)
    assert (answer.headers.get("HX-Refresh"), answer.content) == ("true", b"")
    assert "that is in use." in (said := text(admin_client.get(page))) or "active person." in said


@pytest.mark.data
def test_people_are_found_by_both_their_names_and_listed_as_they_are_read(
    alice: User, bob: User, admin_client: Client
) -> None:
    people.profile.rename(alice, "Zoë Maier")
    for page in ("/team/", "/team/budgets/"):
        assert listed(admin_client.get(page, {"q": "alice"})) == ["Zoë Maier"]
        assert listed(admin_client.get(page)) == ["bob", "Zoë Maier"]


@pytest.mark.data
def test_a_reason_is_only_text(alice: User, admin_client: Client) -> None:
    grant(admin_client, alice, "5", "<script>alert(1)</script>")
    page = admin_client.get("/team/")
    assert "<script>alert(1)</script>" in text(page)
    assert b"<script>alert" not in page.content


@pytest.mark.data
def test_the_page_costs_the_same_for_many_people(
    admin_client: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(8):
        factories.member(f"member{number}", credits=5)
    with django_assert_max_num_queries(14):
        admin_client.get("/team/")


@pytest.mark.data
def test_everybody_is_listed_with_role_sign_in_keys_credits_and_reset(
    alice: User, admin: User, admin_client: Client
) -> None:
    Client().force_login(alice)
    ledger.set_allowance(alice, 300, reason="x", actor=admin)
    alice.refresh_from_db()
    Credential.objects.filter(owner=alice, provider="veo4").update(state="empty")
    factories.job(alice)
    factories.person("new", "member")
    resets_on = ledger.standing_of(alice).resets_on
    assert resets_on
    row = text(admin_client.get("/team/")).partition(" AL alice ")[2].partition("Grant")[0]
    last_four = factories.CANARY_KEY[-4:]
    for words in (
        "Member",
        "just now",
        f"kie.ai {last_four} veo4api.net {last_four} out of credits",
        "1,240 available · 60 reserved 0 of 1,300 spent",
        f"300 next on {date_format(resets_on, 'j M')}",
    ):
        assert words in row, row
    page = text(admin_client.get("/team/"))
    assert "new Member 0 available 0 of 0 spent none none never" in page
    assert factories.CANARY_KEY not in page


# ── The list and its dialogs ────────────────────────────────────────────────
def test_the_list_has_no_form_to_fill_in_and_each_row_leads_to_one(
    alice: User, admin_client: Client
) -> None:
    page = admin_client.get("/team/").content.decode()
    assert 'name="credits"' not in page
    assert f'hx-get="/team/people/{alice.pk}/credits/"' in page
    for path in ("credits", "allowance"):
        asked = admin_client.get(f"/team/people/{alice.pk}/{path}/")
        assert "1,000 available 0 of 1,000 spent" in text(asked)
        assert 'name="reason"' in asked.content.decode()


def test_after_a_grant_in_a_dialog_the_row_and_the_last_grants_are_drawn_anew(
    alice: User, admin_client: Client
) -> None:
    sent = {"user": alice.pk, "credits": "1,250", "reason": "October"}
    answer = admin_client.post("/team/", sent, headers=HTMX)
    drawn = answer.content.decode()
    assert re.findall(r'hx-target="#([\w-]+)" hx-swap', drawn) == [
        *(f"person-{alice.pk}", "entries", "toasts")
    ]
    assert "2,250 available 0 of 2,250 spent" in text(answer)
    assert "+1,250" in drawn.partition("entries")[2]


def test_an_allowance_set_over_the_people_draws_the_row_of_that_list(
    alice: User, admin_client: Client
) -> None:
    sent = {"user": alice.pk, "allowance": "500", "reason": "October"}
    over = {**HTMX, "HX-Current-URL": "http://testserver/team/?sort=spent"}
    people = admin_client.post("/team/budgets/", sent, headers=over).content.decode()
    assert f'hx-target="#person-{alice.pk}"' in people
    over["HX-Current-URL"] = "http://testserver/team/budgets/"
    budgets = admin_client.post("/team/budgets/", sent, headers=over).content.decode()
    assert f'hx-target="#user-{alice.pk}"' in budgets


@pytest.mark.data
@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["ada", "alice", "ängela"]),
        ("sort=available", ["alice", "ängela", "ada"]),
        ("sort=spent", ["alice", "ada", "ängela"]),
        ("sort=nonsense", ["ada", "alice", "ängela"]),
        ("q=Angela", ["ängela"]),
        ("q=%00", ["ada", "alice", "ängela"]),
        ("q=zzz", []),
    ],
)
def test_people_are_found_and_ordered(
    query: str, names: list[str], alice: User, admin_client: Client
) -> None:
    factories.succeeded(alice)
    factories.member("ängela", credits=200)
    answer: Any = admin_client.get(f"/team/?{query}")
    assert [row.user.username for row in answer.context["people"]] == names


# ── People ───────────────────────────────────────────────────────────────────
def test_nobody_types_the_first_password_of_somebody_else(admin_client: Client) -> None:
    page = admin_client.get("/team/").content.decode()
    assert 'type="password"' not in page
    assert 'href="/team/invitations/"' in page
    assert admin_client.post("/team/people/", PERSON).status_code == 404
    assert User.objects.count() == 1


# ── Admins only ──────────────────────────────────────────────────────────────
@pytest.mark.parametrize("path", ["/team/", "/team/invitations/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_for_members_these_pages_do_not_exist(
    alice: User, alice_client: Client, path: str, method: str
) -> None:
    data = {**PERSON, "user": alice.pk, "credits": "500", "reason": "x"}
    answer = getattr(alice_client, method)(path, data)
    missing = alice_client.get("/nothing/here/")
    assert (answer.status_code, answer.content) == (404, missing.content)
    assert (free(alice), User.objects.count()) == (1000, 1)


def test_members_are_not_led_there(alice_client: Client) -> None:
    assert b"/team/" not in alice_client.get("/").content
