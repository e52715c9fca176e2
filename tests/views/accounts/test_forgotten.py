"""A forgotten password: a link by mail, or from an admin's hand."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from jobs import people
from jobs.models import AuditEvent, LimitUse, PasswordLink, User
from jobs.net.floods import Limit
from tests.support import factories
from tests.support.factories import PASSWORD
from tests.support.limited import allow
from tests.support.pages.second_factors import STEP, set_up_app
from tests.support.racing import together
from tests.support.running import drain_queue, purge_queue
from tests.support.typed_forms import text
from veo_site.telling.masking import mask

pytestmark = pytest.mark.django_db

NEW = "lantern sparrow nine"
TYPED = {"new_password1": NEW, "new_password2": NEW}


@pytest.fixture
def mailing(settings: Any, alice: User, bob: User) -> None:
    """Mail is configured, and Alice has an address."""
    settings.HAS_MAIL, settings.PUBLIC_URL = True, "https://dailies.example"
    User.objects.filter(pk=alice.pk).update(email="Alice@studio.example")
    purge_queue()


@pytest.fixture
def link(alice: User, admin: User) -> str:
    return f"/password/new/{people.password_links.hand_over(alice, admin)}/"


def asked(who: str) -> Any:
    answer = Client().post("/password/forgot/", {"who": who})
    drain_queue()
    return answer


def mailed() -> str:
    """The path in the last mail."""
    body = str(mail.outbox[-1].body)
    found = re.search(r"https://dailies\.example(/password/new/[\w-]{43}/)", body)
    assert found, body
    return found[1]


def signs_in(password: str, name: str = "alice") -> bool:
    return bool(Client().login(username=name, password=password))


# ── By mail ──────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "who", ["alice", "ALICE", "alice@studio.example", " Alice@STUDIO.example "]
)
def test_whoever_is_known_gets_a_link_by_mail(mailing: None, who: str) -> None:
    asked(who)
    assert [message.to for message in mail.outbox] == [["Alice@studio.example"]]
    assert "for alice on Dailies" in str(mail.outbox[0].body)
    assert Client().post(mailed(), TYPED).headers["Location"] == "/login/"
    assert (signs_in(NEW), signs_in(PASSWORD)) == (True, False)


@pytest.mark.data
def test_who_asks_learns_nothing_of_whom_we_know(mailing: None, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(is_active=False, email="bob@studio.example")
    answers, work = {}, {}
    for who in ("alice", "bob", "nobody", "eve@studio.example"):
        with CaptureQueriesContext(connection) as queries:
            answers[who] = Client().post("/password/forgot/", {"who": who})
        work[who] = [each["sql"].split()[0] for each in queries]
        LimitUse.objects.filter(limit=Limit.PASSWORD_MAILS.name).delete()
    assert len({text(answer) for answer in answers.values()}) == 1
    assert "a link is on its way" in text(answers["nobody"])
    assert len({tuple(each) for each in list(work.values())[1:]}) == 1
    drain_queue()
    assert [message.to for message in mail.outbox] == [["Alice@studio.example"]]


@pytest.mark.data
def test_mails_to_one_person_are_bounded_and_nobody_is_told(mailing: None) -> None:
    answers = {text(asked("alice")) for _ in range(6)}
    assert (len(answers), len(mail.outbox)) == (1, 3)
    # What a stranger asked for keeps nobody out: each link that was sent works.
    assert Client().get(mailed()).status_code == 200


@pytest.mark.data
def test_they_are_bounded_however_the_name_is_spelled(mailing: None) -> None:
    for who in ("alice", "Alice", "alice@studio.example", "álice@studio.example"):
        asked(who)
        asked(who)
    assert len(mail.outbox) == 3


def test_one_address_does_not_ask_for_everybody(mailing: None, settings: Any) -> None:
    allow(settings, Limit.PASSWORD_MAILS_OF_ADDRESS, "3/1h")
    answers = [asked(f"person{number}") for number in range(4)]
    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    assert 'value="person3"' in answers[-1].content.decode()


@pytest.mark.data
def test_the_link_is_in_the_mail_alone(mailing: None, caplog: pytest.LogCaptureFixture) -> None:
    asked("alice")
    token = mailed().split("/")[3]
    kept = str(list(PasswordLink.objects.values())) + str(list(AuditEvent.objects.values()))
    assert token not in kept + caplog.text
    assert mask(f"GET {mailed()} 200") == "GET /password/new/***/ 200"


@pytest.mark.parametrize("lacks", ["HAS_MAIL", "PUBLIC_URL"])
def test_where_no_link_can_be_mailed_the_page_says_whom_to_ask(
    mailing: None, settings: Any, lacks: str
) -> None:
    setattr(settings, lacks, "")
    assert "Ask an admin of your team for a link." in text(Client().get("/password/forgot/"))
    asked("alice")
    assert not mail.outbox


def test_the_sign_in_page_leads_there(client: Client, alice: User) -> None:
    assert 'href="/password/forgot/"' in client.get("/login/").content.decode()


# ── From an admin's hand ─────────────────────────────────────────────────────
@pytest.mark.data
def test_an_admin_hands_over_a_link_and_never_knows_the_password(
    alice: User, admin_client: Client
) -> None:
    page = f"/team/people/{alice.pk}/"
    assert admin_client.post(f"{page}password/").headers["Location"] == page
    shown = re.search(
        r"http://testserver(/password/new/[\w-]{43}/)", admin_client.get(page).content.decode()
    )
    assert shown
    assert "This sets the password of alice and signs them out everywhere." in text(
        Client().get(shown[1])
    )
    Client().post(shown[1], TYPED)
    assert signs_in(NEW)
    events = AuditEvent.objects.filter(subject="alice", action__startswith="password")
    assert [(e.actor and e.actor.username, e.action, e.reason) for e in events.order_by("pk")] == [
        ("ada", "password link made", ""),
        ("alice", "password reset", "with a link of ada"),
    ]
    assert shown[1] not in admin_client.get(page).content.decode()


def test_a_new_link_replaces_the_one_before(alice: User, admin: User, link: str) -> None:
    second = people.password_links.hand_over(alice, admin)
    assert [Client().get(path).status_code for path in (link, f"/password/new/{second}/")] == [
        404,
        200,
    ]


def test_only_an_admin_makes_one_of_somebody_else_who_is_active(
    alice: User, bob: User, admin: User
) -> None:
    User.objects.filter(pk=bob.pk).update(is_active=False)
    for person, by in ((bob, admin), (admin, admin), (admin, alice)):
        with pytest.raises(people.PersonNotChanged):
            people.password_links.hand_over(person, by)
    assert not PasswordLink.objects.exists()


@pytest.mark.data
def test_it_asks_for_the_admins_password_first(alice: User, admin: User) -> None:
    late = factories.signed_in(admin, minutes_ago=60)
    answer = late.post(f"/team/people/{alice.pk}/password/")
    assert answer.headers["Location"] == "/confirm/"
    assert not PasswordLink.objects.exists()


# ── The page behind it ───────────────────────────────────────────────────────
def test_a_new_password_ends_every_session_and_signs_nobody_in(
    alice: User, alice_client: Client, admin_client: Client, link: str
) -> None:
    browser = Client()
    answer: Any = browser.post(link, TYPED, follow=True)
    assert answer.redirect_chain == [("/login/", 302)]
    assert "Your new password is set. Sign in with it." in text(answer)
    assert alice_client.get("/").headers["Location"] == "/login/?next=/"
    assert browser.get("/").headers["Location"] == "/login/?next=/"
    assert admin_client.get("/").status_code == 200


def test_whoever_is_signed_in_where_it_is_used_is_signed_out(
    alice_client: Client, link: str
) -> None:
    alice_client.post(link, TYPED)
    assert alice_client.get("/").headers["Location"] == "/login/?next=/"


@pytest.mark.data
@pytest.mark.parametrize("over", ["used", "late", "deactivated", "changed", "unknown"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_link_that_is_over_looks_like_one_that_never_was(
    alice: User, alice_client: Client, link: str, over: str, method: str
) -> None:
    if over == "used":
        Client().post(link, TYPED)
    elif over == "late":
        PasswordLink.objects.update(expires_at=timezone.now())
    elif over == "deactivated":
        User.objects.filter(pk=alice.pk).update(is_active=False)
    elif over == "changed":
        alice_client.post("/password/", {"old_password": PASSWORD, **TYPED})
    path = "/password/new/x/" if over == "unknown" else link
    before = User.objects.get(pk=alice.pk).password
    answer = getattr(Client(), method)(path, dict.fromkeys(TYPED, "another sparrow ten"))
    assert answer.status_code == 404
    assert "This link is no longer valid" in text(answer)
    assert User.objects.get(pk=alice.pk).password == before


def test_deactivating_somebody_ends_their_link_for_good(
    alice: User, admin: User, link: str
) -> None:
    people.deactivate(alice, admin, reason="Lost laptop")
    people.reactivate(alice, admin, reason="Found")
    assert Client().get(link).status_code == 404


@pytest.mark.parametrize("ended", ["deactivated", "made a member"])
def test_an_admin_who_is_none_any_more_comes_in_by_no_link_they_made(
    alice: User, admin: User, ended: str
) -> None:
    boss = factories.admin("boss")
    link = f"/password/new/{people.password_links.hand_over(alice, admin)}/"
    if ended == "deactivated":
        people.deactivate(admin, boss, reason="Left in anger")
    else:
        people.change_role(admin, User.Role.MEMBER, boss, reason="Other work")
    assert Client().post(link, TYPED).status_code == 404
    assert not signs_in(NEW)


def test_it_lasts_for_hours(alice: User, admin: User) -> None:
    for token, hours in (
        (people.password_links.hand_over(alice, admin), 8),
        (people.password_links._make(alice, None, people.password_links.MAILED_HOURS), 1),
    ):
        lasts = people.password_links.find(token).expires_at - timezone.now()
        assert timedelta(hours=hours - 0.1) < lasts <= timedelta(hours=hours, seconds=5)


@pytest.mark.parametrize("typed", ["alice", "12345678", "qwe12", "two different"])
def test_a_weak_password_is_refused_and_the_link_still_holds(link: str, typed: str) -> None:
    second = "than this one" if typed == "two different" else typed
    answer: Any = Client().post(link, {"new_password1": typed, "new_password2": second})
    assert (answer.status_code, bool(answer.context["form"].errors)) == (422, True)
    assert typed not in answer.content.decode().partition("<form")[2]
    assert Client().post(link, TYPED).status_code == 302


def test_the_secret_goes_neither_to_other_pages_nor_into_caches(link: str) -> None:
    for path in (link, "/password/new/unknown/"):
        headers = Client().get(path).headers
        assert headers["Referrer-Policy"] == "strict-origin"
        assert "no-store" in headers["Cache-Control"]


@pytest.mark.data
@pytest.mark.django_db(transaction=True)
def test_of_two_who_use_a_link_at_once_one_sets_the_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    alice = factories.person("alice", "member")
    token = people.password_links.hand_over(alice, factories.admin("ada"))
    both_found_it, set_password = threading.Barrier(2), User.set_password

    def once_both_found_it(person: User, password: str) -> None:
        both_found_it.wait(timeout=30)
        set_password(person, password)

    monkeypatch.setattr(User, "set_password", once_both_found_it)
    outcomes = together(2, lambda n: people.password_links.use(token, f"{NEW} {n}", "192.0.2.1"))
    assert sorted(type(each).__name__ for each in outcomes) == ["NotValid", "User"]


def test_who_came_by_a_link_is_held_up_by_no_stranger(alice: User, link: str) -> None:
    for _ in range(6):
        Client().post("/login/", {"username": "alice", "password": "wrong"})
    browser = Client()
    browser.post(link, TYPED)
    assert (
        browser.post("/login/", {"username": "alice", "password": NEW}).headers["Location"] == "/"
    )


# ── What the pages say ───────────────────────────────────────────────────────
def test_the_name_is_filled_in_at_the_sign_in_after_a_new_password(
    client: Client, alice: User, admin: User
) -> None:
    link = reverse("new-password", args=[people.password_links.hand_over(alice, admin)])
    new = "lantern sparrow nine"
    page = client.post(link, {"new_password1": new, "new_password2": new}, follow=True)
    assert 'name="username" value="alice"' in page.content.decode()
    assert 'value="alice"' not in Client().get("/login/").content.decode()


def test_what_is_wrong_with_a_new_password_stands_at_its_first_field(
    client: Client, alice: User, alice_client: Client, admin: User
) -> None:
    link = reverse("new-password", args=[people.password_links.hand_over(alice, admin)])
    weak = {"new_password1": "password1", "new_password2": "password1", "old_password": PASSWORD}
    first = {"username": "eve", "password1": "password1", "password2": "password1"}
    join = f"/join/{people.invite('member', admin)}/"
    answers: list[Any] = [client.post(link, weak), alice_client.post("/password/", weak)]
    answers.append(Client().post(join, first))
    at = [set(answer.context["form"].errors) for answer in answers]
    assert at == [{"new_password1"}, {"new_password1"}, {"password1"}]


def test_the_only_admin_is_told_who_can_help(
    client: Client, admin: User, admin_client: Client, settings: Any
) -> None:
    set_up_app(admin_client)
    assert "whoever runs the server can help" in text(client.get("/password/forgot/"))
    client.post("/login/", {"username": "ada", "password": PASSWORD})
    alone = text(client.get(STEP))
    factories.admin("eve")
    together = text(client.get(STEP))
    assert ["whoever runs the server" in page for page in (alone, together)] == [True, False]
    assert "an admin can remove your second step" in together
