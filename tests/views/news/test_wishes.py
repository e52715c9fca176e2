"""How people choose what tells them what: on their page, and by the link in a letter."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from jobs.mail import stopping
from jobs.models import Notice, NoticeWish, User
from jobs.news.wishes import wishes_of
from tests.news.test_mail import fail
from tests.support import factories
from tests.support.states.mails import a_minute_passes, with_addresses
from tests.support.typed_forms import text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _mail(settings: Any, alice: User) -> None:
    settings.HAS_MAIL, settings.PUBLIC_URL = True, "https://dailies.example"
    with_addresses(alice)


def chosen(person: User, **changes: str) -> dict[str, str]:
    """The form as its page has it, with some of it changed."""
    data: dict[str, str] = {}
    for kind, wish in wishes_of(person).items():
        data |= {
            f"{kind}-{way}": "on" for way in ("bell", "browser", "sound") if getattr(wish, way)
        }
        data[f"{kind}-mail"] = wish.mail
    for name, value in changes.items():
        data[name.replace("_", "-")] = value
    return {name: value for name, value in data.items() if value}


@pytest.mark.data
def test_a_kind_is_told_as_its_reader_chose(alice: User, alice_client: Client) -> None:
    data = chosen(alice, failed_bell="", failed_mail="now")
    assert alice_client.post("/news/settings/", data).status_code == 302
    wish = NoticeWish.objects.get()
    assert (wish.kind, wish.bell, wish.browser, wish.sound) == ("failed", False, False, False)
    fail(alice)
    a_minute_passes()
    assert alice_client.get("/news/").context["lines"] == []
    assert len(mail.outbox) == 1
    alice_client.post("/news/settings/", chosen(alice, failed_mail="never"))
    fail(alice, "Nobody hears of this")
    assert Notice.objects.count() == 1


@pytest.mark.data
def test_what_was_not_chosen_stays_and_what_is_odd_is_refused(
    alice: User, alice_client: Client
) -> None:
    alice_client.post("/news/settings/", chosen(alice))
    assert NoticeWish.objects.count() == 0
    assert alice_client.post("/news/settings/", {"failed-mail": "hourly"}).status_code == 422
    assert NoticeWish.objects.count() == 0


def test_requests_are_offered_to_admins_alone_and_mail_where_there_is_some(
    alice_client: Client, admin_client: Client, settings: Any
) -> None:
    assert "Someone asks for credits" not in text(alice_client.get("/news/settings/"))
    assert "Someone asks for credits" in text(admin_client.get("/news/settings/"))
    settings.HAS_MAIL = False
    page = alice_client.get("/news/settings/").content.decode()
    assert "Email isn’t set up on this server" in page
    assert re.search(r"<select[^>]+disabled", page)


# ── By the link in a letter ──────────────────────────────────────────────────
def link(alice: User) -> str:
    fail(alice)
    a_minute_passes()
    headers = mail.outbox[-1].extra_headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    found = re.fullmatch(
        r"<https://dailies\.example(/news/mail/[^>]+)>", headers["List-Unsubscribe"]
    )
    assert found
    assert found[1] in str(mail.outbox[-1].body)
    return found[1]


def test_one_click_in_a_mail_program_stops_that_kind_alone(alice: User) -> None:
    address = link(alice)
    stranger = Client(enforce_csrf_checks=True)
    assert stranger.get(address).status_code == stranger.head(address).status_code == 200
    assert NoticeWish.objects.count() == 0
    answer = stranger.post(address, {"List-Unsubscribe": "One-Click"})
    assert "You won’t get these emails any more" in text(answer)
    wishes = wishes_of(alice)
    assert (wishes["failed"].mail, wishes["failed"].bell) == ("never", True)
    assert wishes["look"].mail == "now"
    answer = stranger.post(address, {"mail": "digest"})
    assert wishes_of(alice)["failed"].mail == "digest"
    # What holds is seen, and not only heard.
    ticked = re.findall(r'value="(\w+)"[^>]*>\s*<svg', answer.content.decode())
    assert ticked == ["digest"]


@pytest.mark.data
def test_the_link_of_who_is_no_admin_any_more_works_for_what_is_left(admin: User) -> None:
    with_addresses(admin)
    admin.refresh_from_db()
    both, alone = (
        reverse("stop-mail", args=[stopping.token_for(admin, kinds)])
        for kinds in (["failed", "request"], ["request"])
    )
    User.objects.filter(pk=admin.pk).update(role=User.Role.MEMBER)
    page = text(Client().get(both))
    assert "A video of yours failed" in page
    assert "Someone asks for credits" not in page
    assert Client().get(alone).status_code == 200
    assert Client().post(both).status_code == 200
    stopped = NoticeWish.objects.filter(person=admin, mail="never")
    assert set(stopped.values_list("kind", flat=True)) == {"failed", "request"}


@pytest.mark.data
def test_the_link_opens_nothing_else_and_dies_with_the_address(alice: User, admin: User) -> None:
    address = link(alice)
    forged = [f"{address[:-2]}/", f"{address[:-8]}AAAAAAA/", "/news/mail/x/"]
    assert [Client().post(each).status_code for each in forged] == [404] * 3
    User.objects.filter(pk=alice.pk).update(email="alice@elsewhere.example")
    assert Client().post(address).status_code == 404
    User.objects.filter(pk=alice.pk).update(email="alice@studio.example", is_active=False)
    assert Client().get(address).status_code == 404
    assert NoticeWish.objects.count() == 0


def test_nobody_changes_what_somebody_else_is_told(alice: User, bob: User) -> None:
    factories.signed_in(bob).post("/news/settings/", chosen(bob, failed_mail="never"))
    assert NoticeWish.objects.get().person == bob
