"""The address of a link, shown again to who answers for it: kept sealed, on record."""

from __future__ import annotations

import re
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.test import Client

from jobs import shares
from jobs.models import AuditEvent, ShareLink, User
from tests.support import factories

pytestmark = [pytest.mark.django_db, pytest.mark.data]
ADDRESS = re.compile(r'<code id="address">http://testserver/s/([^/]+)/')


@pytest.fixture
def shared(alice: User) -> tuple[ShareLink, str]:
    return shares.create([factories.film(alice)], shares.Terms(title="Cut 3"), alice)


def shown(client: Client, link: ShareLink) -> tuple[str, list[str]]:
    """What the page says once its button was pressed, and the tokens on it."""
    page = client.post(f"/shares/{link.pk}/address/", follow=True).content.decode()
    return page, ADDRESS.findall(page)


def test_its_owner_and_an_admin_see_the_address_again_and_it_is_on_record(
    alice_client: Client, admin_client: Client, shared: tuple[ShareLink, str]
) -> None:
    link, token = shared
    before = alice_client.get(f"/shares/{link.pk}/").content.decode()
    assert "Show address" in before
    assert token not in before
    assert shown(alice_client, link)[1] == [token]
    assert shown(admin_client, link)[1] == [token]
    events = AuditEvent.objects.filter(action="link address shown").order_by("pk")
    assert [event.actor.username for event in events if event.actor] == ["alice", "ada"]


def test_who_signed_in_long_ago_is_asked_for_the_password_first(
    alice: User, shared: tuple[ShareLink, str]
) -> None:
    link, token = shared
    client = factories.signed_in(alice, minutes_ago=600)
    asked = client.post(f"/shares/{link.pk}/address/")
    assert asked.headers["Location"].startswith("/confirm/")
    assert not AuditEvent.objects.filter(action="link address shown").exists()
    led = client.post(asked.headers["Location"], {"password": factories.PASSWORD}, follow=True)
    assert ADDRESS.findall(led.content.decode()) == [token]


def test_colleagues_find_no_such_link(bob: User, shared: tuple[ShareLink, str]) -> None:
    client = factories.signed_in(bob)
    assert client.post(f"/shares/{shared[0].pk}/address/").status_code == 404


def test_a_new_address_is_the_one_that_is_shown_from_then_on(
    alice: User, alice_client: Client, shared: tuple[ShareLink, str]
) -> None:
    link, old = shared
    new = shares.regenerate(link, alice)
    assert shown(alice_client, link)[1] == [new] != [old]
    shares.revoke(link, alice)
    page, tokens = shown(alice_client, link)
    assert "its address leads nowhere" in page
    assert tokens == []


def test_the_sealed_address_opens_for_its_own_link_alone(
    alice: User, alice_client: Client, shared: tuple[ShareLink, str]
) -> None:
    link, _ = shared
    other, _ = shares.create([factories.film(alice)], shares.Terms(), alice)
    ShareLink.objects.filter(pk=other.pk).update(
        sealed_token=ShareLink.objects.get(pk=link.pk).sealed_token
    )
    page, tokens = shown(alice_client, other)
    assert "can’t be shown" in page
    assert tokens == []


def test_an_address_that_was_never_kept_is_not_said_to_be_sealed_with_a_lost_key(
    alice_client: Client, shared: tuple[ShareLink, str]
) -> None:
    ShareLink.objects.update(sealed_token="")
    page, tokens = shown(alice_client, shared[0])
    assert "The address was never kept on this server. The link still works." in page
    assert "sealed with a key" not in page
    assert tokens == []
    assert not AuditEvent.objects.filter(action="link address shown").exists()


def test_rotation_seals_addresses_with_the_newest_key_and_a_lost_one_says_so(
    alice_client: Client,
    shared: tuple[ShareLink, str],
    settings: Any,
    capsys: pytest.CaptureFixture[str],
) -> None:
    link, token = shared
    new, other = (Fernet.generate_key().decode() for _ in range(2))
    settings.CREDENTIAL_KEYS = [new, *settings.CREDENTIAL_KEYS]
    call_command("rotate_credential_keys")
    assert "1 addresses of links" in capsys.readouterr().out
    settings.CREDENTIAL_KEYS = [new]
    assert shown(alice_client, link)[1] == [token]
    settings.CREDENTIAL_KEYS = [other]
    page, tokens = shown(factories.signed_in(link.owner), link)
    assert "sealed with a key that is no longer on this server" in page
    assert tokens == []
    assert shares.find(token) == link
