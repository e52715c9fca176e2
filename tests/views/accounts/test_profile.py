"""The name that somebody is shown by, and the address that counts once it is proved."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from jobs import people
from jobs.models import AddressLink, AuditEvent, User
from jobs.people import profile
from jobs.secrets.tokens import hash_token
from jobs.times import clock
from tests.support import factories
from tests.support.racing import together
from tests.support.running import drain_queue
from tests.support.typed_forms import text

pytestmark = pytest.mark.django_db
PAGE = "/profile/"
NEW = "alice@studio.example"


@pytest.fixture(autouse=True)
def _mail(settings: Any) -> None:
    settings.HAS_MAIL, settings.PUBLIC_URL = True, "https://dailies.example"


def address_of(person: User) -> str:
    return User.objects.get(pk=person.pk).email


def asked(client: Client, email: str = NEW) -> str:
    """The path that was mailed to this address."""
    assert client.post(PAGE, {"email": email}).status_code == 302
    drain_queue()
    assert mail.outbox[-1].to == [email]
    found = re.search(r"https://dailies\.example(/profile/address/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


# ── An address ───────────────────────────────────────────────────────────────
@pytest.mark.data
def test_an_address_counts_once_its_link_was_opened_and_not_before(
    alice: User, alice_client: Client
) -> None:
    path = asked(alice_client)
    assert (address_of(alice), "We sent a link to" in text(alice_client.get(PAGE))) == ("", True)
    assert alice_client.get(path).status_code == alice_client.head(path).status_code == 200
    assert address_of(alice) == ""
    alice_client.post(path)
    assert address_of(alice) == NEW
    assert alice_client.post(path).status_code == 404
    event = AuditEvent.objects.get(action="address changed")
    assert (event.actor, event.before, event.after) == (alice, "", NEW)


@pytest.mark.data
def test_only_the_hash_of_its_token_is_kept(alice_client: Client) -> None:
    token = asked(alice_client).split("/")[-2]
    assert AddressLink.objects.get().token_hash == hash_token(token)


@pytest.mark.data
def test_nobody_else_confirms_it_and_nobody_after_its_day(
    alice: User, alice_client: Client, bob: User
) -> None:
    path = asked(alice_client)
    assert Client().post(path).headers["Location"].startswith("/login/")
    assert factories.signed_in(bob).post(path).status_code == 404
    AddressLink.objects.update(expires_at=clock.after(-1))
    assert alice_client.post(path).status_code == 404
    assert (address_of(alice), address_of(bob)) == ("", "")


def test_another_address_ends_the_link_to_the_one_before(alice: User, alice_client: Client) -> None:
    first = asked(alice_client, "typo@studio.example")
    second = asked(alice_client)
    assert alice_client.post(first).status_code == 404
    alice_client.post(PAGE, {"forget": "address"})
    assert alice_client.post(second).status_code == 404
    assert address_of(alice) == ""


def test_the_old_address_is_told_and_opens_no_new_password_any_more(
    alice: User, alice_client: Client
) -> None:
    User.objects.filter(pk=alice.pk).update(email="old@studio.example")
    made = people.password_links.for_mail(alice.pk)
    assert made
    alice_client.post(asked(alice_client))
    drain_queue()
    assert mail.outbox[-1].to == ["old@studio.example"]
    assert "go to another address from now on" in str(mail.outbox[-1].body)
    assert Client().get(f"/password/new/{made[1]}/").status_code == 404
    alice_client.post(PAGE, {"email": ""})
    drain_queue()
    assert (address_of(alice), mail.outbox[-1].to) == ("", [NEW])


def test_a_new_password_goes_to_no_address_that_was_only_typed(
    alice: User, alice_client: Client
) -> None:
    asked(alice_client)
    for who in (NEW, "alice"):
        Client().post("/password/forgot/", {"who": who})
    drain_queue()
    assert [letter.to for letter in mail.outbox] == [[NEW]]
    assert "new password" not in mail.outbox[0].subject


@pytest.mark.data
def test_the_password_is_asked_for_before_an_address_changes(alice: User) -> None:
    late = factories.signed_in(alice, minutes_ago=60)
    assert late.post(PAGE, {"email": NEW}).headers["Location"].startswith("/confirm/")
    assert late.post(PAGE, {"display_name": "Al"}).headers["Location"] == PAGE
    assert AddressLink.objects.count() == 0


def test_what_is_no_address_and_too_many_links_are_said_at_the_field(
    alice_client: Client, settings: Any
) -> None:
    answer = alice_client.post(PAGE, {"email": "no address"})
    assert (answer.status_code, 'value="no address"' in answer.content.decode()) == (422, True)
    for _ in range(5):
        asked(alice_client)
    assert alice_client.post(PAGE, {"email": NEW}).status_code == 429
    settings.HAS_MAIL = False
    answer = alice_client.post(PAGE, {"email": NEW})
    assert "Email isn’t set up on this server" in text(answer)


def test_where_a_link_for_a_new_password_goes_is_said_at_the_address_and_on_the_security_page(
    alice: User, alice_client: Client, settings: Any
) -> None:
    pages, promise = (PAGE, "/security/"), "the link for a new one"
    settings.HAS_MAIL = False
    assert not [page for page in pages if promise in text(alice_client.get(page))]
    settings.HAS_MAIL = True
    assert f"If you forget your password, {promise} goes here too;" in text(alice_client.get(PAGE))
    without = alice_client.get("/security/")
    assert "since you have no email address here. Add address" in text(without)
    assert f'href="{PAGE}#h-mail"' in without.content.decode()
    assert 'id="h-mail"' in alice_client.get(PAGE).content.decode()
    User.objects.filter(pk=alice.pk).update(email="alice@studio.example")
    page = text(alice_client.get("/security/"))
    assert f"{promise} is emailed to alice@studio.example" in page


# ── A name ───────────────────────────────────────────────────────────────────
@pytest.mark.data
def test_a_name_is_read_wherever_somebody_is_shown(
    alice: User, alice_client: Client, admin_client: Client
) -> None:
    factories.succeeded(alice)
    assert "Mara Lindqvist" not in text(admin_client.get("/"))
    alice_client.post(PAGE, {"display_name": "  Mara   Lindqvist "})
    for path in ("/", "/team/", f"/team/people/{alice.pk}/"):
        assert "Mara Lindqvist" in text(admin_client.get(path)), path
    alice_client.post(PAGE, {"display_name": ""})
    assert "Mara Lindqvist" not in text(admin_client.get("/"))
    assert AuditEvent.objects.filter(action="display name changed").count() == 2


@pytest.mark.data
@pytest.mark.parametrize(
    "name",
    ["bob", "BOB", "Bоb", "b0b", "Mara Lindqvist", "Mаra Lindqvist", "Ma<b>ra", "Eva\x00"],
)
def test_a_name_that_passes_for_another_or_is_none_is_refused(
    name: str, alice: User, alice_client: Client, bob: User
) -> None:
    profile.rename(factories.member("carol"), "Mara Lindqvist")
    answer = alice_client.post(PAGE, {"display_name": name})
    assert (answer.status_code, alice_client.get(PAGE).context["request"].user.label) == (
        422,
        "alice",
    )


@pytest.mark.data
@pytest.mark.parametrize("name", ["Нина Петрова", "田中 花子", "שרה כהן", "O'Neil-Śmith", "alice"])
def test_names_of_all_scripts_are_names(name: str, alice: User, alice_client: Client) -> None:
    assert alice_client.post(PAGE, {"display_name": name}).status_code == 302
    assert User.objects.get(pk=alice.pk).display_name == profile.as_shown_name(name)


@pytest.mark.data
def test_nobody_new_takes_the_name_that_somebody_is_shown_by(alice: User, admin: User) -> None:
    from django.core.exceptions import ValidationError  # noqa: PLC0415

    profile.rename(alice, "Mara")
    with pytest.raises(ValidationError):
        User.objects.create_user("mara", password=factories.PASSWORD)


@pytest.mark.data
@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_one_name_at_once_one_gets_it(alice: User, bob: User) -> None:
    people_ = (alice, bob)
    outcomes = together(2, lambda each: profile.rename(people_[each], "Mara"))
    assert sorted(str(type(each).__name__) for each in outcomes) == ["ValidationError", "bool"]
    assert User.objects.filter(display_name="Mara").count() == 1
