"""Invitations as admins make them, and the page their links lead to."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from jobs import ledger, people
from jobs.models import AuditEvent, Invitation, Project, User
from tests.support import factories
from tests.support.factories import PASSWORD
from tests.support.typed_forms import text
from veo_site.telling.masking import mask

pytestmark = pytest.mark.django_db

CAROL = {"username": "carol", "password1": PASSWORD, "password2": PASSWORD}


@pytest.fixture
def link(admin: User) -> str:
    return f"/join/{people.invite('member', admin, note='Carol')}/"


PAGE = "/team/invitations/"


def shown(client: Client) -> str:
    """The path of the link that the page shows; '' for none."""
    found = re.search(r"http://testserver(/join/[\w-]{43}/)", client.get(PAGE).content.decode())
    return found[1] if found else ""


def test_the_link_is_shown_to_its_maker_alone_and_a_reload_makes_no_other(
    admin_client: Client,
) -> None:
    made = admin_client.post(PAGE, {"role": "member", "note": "Carol"})
    assert (made.status_code, made.headers["Location"]) == (302, PAGE)
    link = shown(admin_client)
    assert shown(admin_client) == link != ""
    assert Client().get(link).status_code == 200
    assert Invitation.objects.count() == 1
    elsewhere = factories.signed_in(factories.admin("eve"))
    assert shown(elsewhere) == ""
    assert "Carol" in text(elsewhere.get(PAGE))


def test_it_is_shown_for_ten_minutes_on_that_page(admin_client: Client) -> None:
    cookie = admin_client.post(PAGE, {"role": "member"}).cookies["fresh-link"]
    assert (cookie["path"], cookie["max-age"], cookie["httponly"]) == (PAGE, 600, True)
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert shown(admin_client) == ""


@pytest.mark.parametrize("over", ["used", "revoked", "another admin"])
def test_it_is_not_shown_once_it_leads_nowhere_or_to_somebody_else(
    admin_client: Client, over: str
) -> None:
    admin_client.post(PAGE, {"role": "member"})
    if over == "used":
        Client().post(shown(admin_client), CAROL)
    elif over == "revoked":
        admin_client.post(f"{PAGE}{Invitation.objects.get().pk}/revoke/")
    else:
        admin_client.force_login(factories.admin("eve"))
    assert shown(admin_client) == ""


def test_a_cookie_that_somebody_made_up_shows_nothing(admin_client: Client) -> None:
    admin_client.cookies["fresh-link"] = "x" * 43 + ":y:z"
    assert shown(admin_client) == ""


def test_who_follows_it_chooses_name_and_password_and_is_in(link: str, client: Client) -> None:
    assert "ada has invited you." in text(client.get(link))
    assert client.post(link, CAROL).headers["Location"] == "/"
    assert client.get("/").status_code == 200
    assert User.objects.get(username="carol").role == "member"
    assert Client().login(username="carol", password=PASSWORD)


@pytest.mark.data
def test_they_begin_with_what_the_invitation_carries(admin_client: Client, client: Client) -> None:
    project = Project.objects.create(name="Autumn")
    carries = {"allowance": "1,000", "credits": "250", "project": project.pk, "role": "admin"}
    admin_client.post(PAGE, carries)
    link = shown(admin_client)
    assert "Admin · 1,000 credits a month · 250 starting credits · Autumn" in text(
        admin_client.get(PAGE)
    )
    assert "You start with 250 credits, and get 1,000 every month." in text(client.get(link))
    answer: Any = client.post(link, CAROL, follow=True)
    carol = User.objects.get(username="carol")
    standing = ledger.standing_of(carol)
    assert (carol.role, carol.allowance, standing.available) == ("admin", 1000, 1250)
    assert answer.redirect_chain == [(f"/?project={project.pk}", 302)]
    assert answer.context["form"]["project"].value() == project.pk
    grants = AuditEvent.objects.filter(subject="carol", reason="By invitation")
    assert {event.actor and event.actor.username for event in grants} == {"ada"}
    assert ledger.check() == []


@pytest.mark.data
def test_their_first_video_is_filed_under_its_project_whatever_they_looked_at_before(
    admin: User, client: Client
) -> None:
    autumn, spring = (Project.objects.create(name=name) for name in ("Autumn", "Spring"))
    address = f"/join/{people.invite('member', admin, project=autumn)}/"
    assert "Your first videos go to the project Autumn" in text(client.get(address))
    client.post(address, CAROL)
    carol = User.objects.get(username="carol")

    def offered(path: str = "/") -> Any:
        client.get("/projects/")
        response: Any = client.get(path)
        return response.context["form"].chosen_project

    assert offered() == offered("/?mode=references") == autumn.pk
    assert offered(f"/?project={spring.pk}") == spring.pk
    people.archive_project(autumn, admin)
    assert offered() is None
    people.bring_back_project(autumn, admin)
    assert offered() == autumn.pk
    factories.credential(carol, "kie")
    factories.job(carol)
    assert offered() is None


@pytest.mark.data
def test_a_project_that_is_gone_by_then_keeps_nobody_out(admin: User, client: Client) -> None:
    project = Project.objects.create(name="Autumn")
    link = f"/join/{people.invite('member', admin, project=project)}/"
    project.delete()
    assert client.post(link, CAROL).headers["Location"] == "/"


@pytest.mark.data
@pytest.mark.parametrize("field", ["allowance", "credits"])
@pytest.mark.parametrize("typed", ["-5", "1,5", "lots", "1e9"])
def test_a_figure_that_is_none_makes_no_invitation(
    admin_client: Client, field: str, typed: str
) -> None:
    answer: Any = admin_client.post(PAGE, {"role": "member", "note": "Carol", field: typed})
    assert (answer.status_code, Invitation.objects.count()) == (422, 0)
    assert answer.context["form"].errors[field]
    assert f'value="{typed}"' in answer.content.decode()
    assert 'value="Carol"' in answer.content.decode()


def test_nobody_takes_more_rights_than_they_were_given(link: str, client: Client) -> None:
    client.post(link, {**CAROL, "role": "admin", "is_superuser": "on", "is_staff": "on"})
    carol = User.objects.get(username="carol")
    assert (carol.role, carol.is_superuser, carol.is_staff) == ("member", False, False)


@pytest.mark.parametrize(
    "change",
    [{"username": "ada"}, {"username": ""}, {"password1": "1234"}, {"password2": "another one"}],
)
def test_what_is_wrong_is_said_and_the_link_still_holds(
    link: str, client: Client, change: dict[str, str]
) -> None:
    answer: Any = client.post(link, {**CAROL, **change})
    assert (answer.status_code, User.objects.count()) == (422, 1)
    assert answer.context["form"].errors
    assert PASSWORD.encode() not in answer.content
    assert client.post(link, CAROL).status_code == 302


@pytest.mark.data
@pytest.mark.parametrize("over", ["used", "revoked", "expired"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_link_that_is_over_looks_like_one_that_never_was(
    link: str, client: Client, method: str, over: str
) -> None:
    if over == "used":
        Client().post(link, CAROL)
    else:
        change = {"revoked_at": timezone.now()} if over == "revoked" else {}
        Invitation.objects.update(**(change or {"expires_at": timezone.now()}))
    before = User.objects.count()
    answer = getattr(client, method)(link, {**CAROL, "username": "mallory"})
    unknown = client.get(f"/join/{'x' * 43}/")
    assert (answer.status_code, answer.content) == (404, unknown.content)
    assert "This invitation is no longer valid Ask for a new one." in text(answer)
    assert User.objects.count() == before


@pytest.mark.data
@pytest.mark.parametrize("token", ["x", "x" * 43, "x" * 5000, "%00", "%ff", "é", "..%2f"])
def test_an_odd_token_is_not_valid(admin: User, client: Client, token: str) -> None:
    assert client.get(f"/join/{token}/").status_code == 404


def test_the_secret_goes_neither_to_other_pages_nor_into_caches(link: str, client: Client) -> None:
    for path in (link, "/join/unknown/"):
        headers = client.get(path).headers
        # The origin alone; with no-referrer browsers send the form with `Origin: null`.
        assert headers["Referrer-Policy"] == "strict-origin"
        assert "no-store" in headers["Cache-Control"]


def test_the_secret_is_not_in_log_lines(link: str) -> None:
    assert mask(f'"GET {link} HTTP/1.1" 404') == '"GET /join/***/ HTTP/1.1" 404'


def test_a_form_from_elsewhere_lets_nobody_in(link: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(link, CAROL).status_code == 403
    assert User.objects.count() == 1


def test_who_is_signed_in_does_not_use_up_somebody_elses_link(
    link: str, alice_client: Client
) -> None:
    for answer in (alice_client.get(link), alice_client.post(link, CAROL)):
        assert "You are signed in as alice." in text(answer)
    assert Invitation.objects.open().count() == 1


@pytest.mark.data
def test_a_revoked_link_is_not_listed_any_more(link: str, admin_client: Client) -> None:
    path = f"/team/invitations/{Invitation.objects.get().pk}/revoke/"
    assert "Invitation revoked." in text(admin_client.post(path, follow=True))
    assert "was already used, revoked or expired" in text(admin_client.post(path, follow=True))
    assert "Carol" not in text(admin_client.get("/team/invitations/"))


@pytest.mark.parametrize("change", [{"role": "owner"}, {"role": ""}, {"note": "x" * 81}])
def test_a_wrong_invitation_is_not_made(admin_client: Client, change: dict[str, str]) -> None:
    data = {"role": "member", "note": "Carol", **change}
    assert admin_client.post("/team/invitations/", data).status_code == 422
    assert not Invitation.objects.exists()


def test_a_member_invites_nobody(alice_client: Client) -> None:
    factories.admin("ada")
    assert alice_client.post("/team/invitations/", {"role": "admin"}).status_code == 404
    assert not Invitation.objects.exists()


@pytest.mark.data
def test_the_next_invitation_is_one_click_with_the_terms_of_the_last(
    admin: User, admin_client: Client, client: Client
) -> None:
    project = Project.objects.create(name="Autumn")
    assert "as in your last invitation" not in text(admin_client.get(PAGE))
    people.invite("admin", admin, allowance=1200, credits=50, project=project)
    page: Any = admin_client.get(PAGE)
    form = page.context["form"]
    sent = {"role": "member"} | {
        name: form[name].value() for name in ("allowance", "credits", "project")
    }
    assert "as in your last invitation" in text(page)
    admin_client.post(PAGE, sent)
    made = Invitation.objects.first()
    assert made
    assert (made.role, made.allowance, made.credits, made.project) == (
        *("member", 1200, 50),
        project,
    )
