"""The page of one person: role, access, leaving. What they do is in tests/people/test_people.py."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from jobs import people
from jobs.models import AuditEvent, Budget, User
from tests.support import factories
from tests.support.typed_forms import text

pytestmark = pytest.mark.django_db


def post(client: Client, person: User, act: str, **data: object) -> Any:
    return client.post(f"/team/people/{person.pk}/{act}/", data, follow=True)


def test_a_persons_page_shows_state_keys_and_credits(alice: User, admin_client: Client) -> None:
    factories.job(alice)
    page = text(admin_client.get(f"/team/people/{alice.pk}/"))
    for words in ("alice Member", "ends in", "940 · 60 reserved"):
        assert words in page
    assert factories.CANARY_KEY not in page
    assert factories.CANARY_KEY[-4:] in page


def test_a_role_is_changed_after_saying_why(alice: User, admin_client: Client) -> None:
    answer = post(admin_client, alice, "role", role="admin", reason="She pays now")
    assert "alice is now an admin." in text(answer)
    assert "She pays now" in text(answer)
    assert User.objects.get(pk=alice.pk).is_admin


@pytest.mark.data
@pytest.mark.parametrize("act", ["role", "deactivate", "reactivate"])
def test_no_change_without_a_reason(alice: User, admin_client: Client, act: str) -> None:
    answer = post(admin_client, alice, act, role="admin", reason=" ")
    assert (answer.status_code, AuditEvent.objects.filter(subject="alice").count()) == (422, 1)
    assert "This field is required." in text(answer)
    assert b'<details class="act" open>' in answer.content


def test_an_invented_role_is_refused(alice: User, admin_client: Client) -> None:
    assert post(admin_client, alice, "role", role="owner", reason="x").status_code == 422
    assert not User.objects.get(pk=alice.pk).is_admin


def test_what_is_not_possible_is_said_and_what_was_typed_comes_back(
    admin: User, admin_client: Client
) -> None:
    answer = post(admin_client, admin, "role", role="member", reason="I retire")
    assert answer.status_code == 422
    assert "ada is the only active admin." in text(answer)
    assert b'value="I retire"' in answer.content


@pytest.mark.data
def test_a_deactivated_person_is_listed_apart_and_comes_back(
    alice: User, alice_client: Client, admin_client: Client
) -> None:
    assert "can no longer sign in" in text(post(admin_client, alice, "deactivate", reason="x"))
    assert alice_client.get("/").status_code == 302
    listed: Any = admin_client.get("/team/")
    assert [row.user for row in listed.context["gone"]] == [alice]
    assert "alice can sign in again." in text(post(admin_client, alice, "reactivate", reason="x"))


@pytest.mark.data
def test_looking_at_somebody_without_credits_makes_no_rows(
    admin: User, admin_client: Client
) -> None:
    for path in ("", "leave/"):
        assert admin_client.get(f"/team/people/{admin.pk}/{path}").status_code == 200
    assert not Budget.objects.filter(owner=admin).exists()


@pytest.mark.parametrize("number", ["0", "999", "9" * 30, "9" * 5000])
def test_nobody_has_no_page(admin_client: Client, number: str) -> None:
    assert admin_client.get(f"/team/people/{number}/").status_code == 404


# ── Leaving ──────────────────────────────────────────────────────────────────
def test_the_page_says_beforehand_what_leaving_means(alice: User, admin_client: Client) -> None:
    factories.succeeded(alice)
    factories.run(factories.job(alice))
    factories.job(alice)
    page = text(admin_client.get(f"/team/people/{alice.pk}/leave/"))
    for words in ("1 video in progress", "1 queued", "1 video, 0 images", "820 unspent credits"):
        assert words in page


def test_somebody_leaves_and_a_colleague_has_their_work(
    alice: User, bob: User, admin_client: Client
) -> None:
    done = factories.succeeded(alice)
    data = {"heir": bob.pk, "queued": "cancel", "reason": "New job", "sure": "on"}
    answer = post(admin_client, alice, "leave", **data)
    assert "alice has left; bob has their work." in text(answer)
    done.refresh_from_db()
    assert done.owner == bob


@pytest.mark.parametrize(
    "change", [{"heir": ""}, {"heir": "self"}, {"sure": ""}, {"reason": ""}, {"queued": "burn"}]
)
def test_nobody_leaves_by_a_form_that_is_not_complete(
    alice: User, bob: User, admin_client: Client, change: dict[str, str]
) -> None:
    data: dict[str, Any] = {"heir": bob.pk, "queued": "send", "reason": "New job", "sure": "on"}
    data |= {"heir": alice.pk} if change == {"heir": "self"} else change
    answer = post(admin_client, alice, "leave", **data)
    assert answer.status_code == 422
    assert User.objects.get(pk=alice.pk).is_active
    assert change.get("reason") == "" or b'value="New job"' in answer.content


@pytest.mark.data
def test_admins_do_not_let_themselves_leave(admin: User, bob: User, admin_client: Client) -> None:
    data = {"heir": bob.pk, "queued": "cancel", "reason": "x", "sure": "on"}
    answer = post(admin_client, admin, "leave", **data)
    assert (answer.status_code, User.objects.get(pk=admin.pk).left_at) == (422, None)
    assert "Ask another admin." in text(answer)


@pytest.mark.data
def test_while_somebody_is_leaving_their_page_says_what_is_waited_for(
    alice: User, bob: User, admin: User, admin_client: Client
) -> None:
    factories.run(factories.job(alice))
    people.leave(alice, bob, admin, reason="x", sends_queued=False)
    page = text(admin_client.get(f"/team/people/{alice.pk}/"))
    assert "Leaving. 1 video left to finish" in page
