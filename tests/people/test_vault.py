"""Keys at rest: sealed, bound to their row, and readable only with our own secret."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from jobs.credentials import specimen
from jobs.models import Credential, Job, User
from jobs.secrets import vault
from tests.support import factories
from tests.support.fakes import Wire
from tests.support.running import drain_queue

KEY = "sk-canary-4f8a1c0de5b7"
OLD, NEW, OTHER = (Fernet.generate_key().decode() for _ in range(3))


@pytest.fixture(autouse=True)
def _old_key(settings: Any) -> None:
    settings.CREDENTIAL_KEYS = [OLD]


@pytest.mark.parametrize("text", [KEY, "", "two\nlines", "1:kie:0\n", "schlüssel 🔑"])
def test_what_was_sealed_opens_again(text: str) -> None:
    assert vault.unseal(vault.seal(text, "1:kie:0"), "1:kie:0") == text


def test_a_sealed_key_shows_nothing_of_it() -> None:
    sealed = vault.seal(KEY, "1:kie:0")
    assert KEY not in sealed
    assert KEY.encode() not in base64.urlsafe_b64decode(sealed)


def test_the_same_key_is_sealed_differently_each_time() -> None:
    assert vault.seal(KEY, "1:kie:0") != vault.seal(KEY, "1:kie:0")


@pytest.mark.parametrize("context", ["2:kie:0", "team:kie:0", "1:veo4:0", "1:kie:1", "1:kie", ""])
def test_a_sealed_key_opens_in_no_other_place(context: str) -> None:
    sealed = vault.seal(KEY, "1:kie:0")
    with pytest.raises(vault.Unreadable):
        vault.unseal(sealed, context)


def test_a_sealed_key_does_not_open_with_another_secret(settings: Any) -> None:
    sealed = vault.seal(KEY, "1:kie:0")
    settings.CREDENTIAL_KEYS = [OTHER]
    with pytest.raises(vault.Unreadable):
        vault.unseal(sealed, "1:kie:0")


def test_a_single_changed_bit_is_noticed_wherever_it_is() -> None:
    sealed = base64.urlsafe_b64decode(vault.seal(KEY, "1:kie:0"))
    for place in range(len(sealed)):
        damaged = bytearray(sealed)
        damaged[place] ^= 1
        with pytest.raises(vault.Unreadable):
            vault.unseal(base64.urlsafe_b64encode(damaged).decode(), "1:kie:0")


@pytest.mark.parametrize("sealed", ["", "x", KEY, "gAAAA", "🔑", "\0"])
def test_what_was_never_sealed_is_never_taken_for_a_key(sealed: str) -> None:
    with pytest.raises(vault.Unreadable):
        vault.unseal(sealed, "1:kie:0")
    with pytest.raises(vault.Unreadable):
        vault.reseal(sealed)


def test_the_error_quotes_nothing() -> None:
    with pytest.raises(vault.Unreadable) as caught:
        vault.unseal(vault.seal(KEY, "1:kie:0"), "2:kie:0")
    assert str(caught.value) == ""


# ── Rotation (97) ────────────────────────────────────────────────────────────
def test_the_new_secret_and_the_old_one_are_readable_side_by_side(settings: Any) -> None:
    old = vault.seal(KEY, "1:kie:0")
    settings.CREDENTIAL_KEYS = [NEW, OLD]
    new = vault.seal(KEY, "1:kie:0")
    assert vault.unseal(old, "1:kie:0") == vault.unseal(new, "1:kie:0") == KEY
    settings.CREDENTIAL_KEYS = [NEW]
    assert vault.unseal(new, "1:kie:0") == KEY


def test_a_key_sealed_anew_needs_the_new_secret_only_and_stays_in_its_place(
    settings: Any,
) -> None:
    old = vault.seal(KEY, "1:kie:0")
    settings.CREDENTIAL_KEYS = [NEW, OLD]
    new = vault.reseal(old)
    settings.CREDENTIAL_KEYS = [NEW]
    assert vault.unseal(new, "1:kie:0") == KEY
    with pytest.raises(vault.Unreadable):
        vault.unseal(new, "2:kie:0")


@pytest.mark.django_db
@pytest.mark.data
def test_rotation_seals_every_key_with_the_newest_secret(key: Credential, settings: Any) -> None:
    Credential.objects.filter(pk=key.pk).update(
        sealed_signing_key=vault.seal("signs", key.seal_context)
    )
    settings.CREDENTIAL_KEYS = [NEW, OLD]
    call_command("rotate_credential_keys")
    settings.CREDENTIAL_KEYS = [NEW]
    key.refresh_from_db()
    assert vault.unseal(key.sealed_key, key.seal_context) == factories.CANARY_KEY
    assert vault.unseal(key.sealed_signing_key, key.seal_context) == "signs"


@pytest.mark.django_db
@pytest.mark.data
def test_rotation_may_be_repeated(
    key: Credential, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.CREDENTIAL_KEYS = [NEW, OLD]
    call_command("rotate_credential_keys")
    call_command("rotate_credential_keys")
    assert capsys.readouterr().out == 2 * "2 keys are sealed with the newest key.\n"


@pytest.mark.django_db
@pytest.mark.data
def test_rotation_names_the_keys_it_cannot_open_and_does_the_others(
    key: Credential, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = Fernet(OTHER).encrypt(b"lost").decode()
    Credential.objects.filter(pk=key.pk).update(sealed_key=broken)
    settings.CREDENTIAL_KEYS = [NEW, OLD]
    with pytest.raises(CommandError, match="1 keys have to be entered again"):
        call_command("rotate_credential_keys")
    settings.CREDENTIAL_KEYS = [NEW]
    other = Credential.objects.exclude(pk=key.pk).get()
    assert f"(row {key.pk}) can’t be opened" in capsys.readouterr().err
    assert vault.unseal(other.sealed_key, other.seal_context) == factories.CANARY_KEY


# ── What a row that cannot be opened leads to (98) ───────────────────────────
def _lost(key: Credential, settings: Any) -> None:
    sealed = Fernet(OTHER).encrypt(f"{key.seal_context}\n{KEY}".encode()).decode()
    Credential.objects.filter(pk=key.pk).update(sealed_key=sealed)


def _flipped(key: Credential, settings: Any) -> None:
    damaged = key.sealed_key[:40] + ("A" if key.sealed_key[40] != "A" else "B")
    Credential.objects.filter(pk=key.pk).update(sealed_key=damaged + key.sealed_key[41:])


def _swapped(key: Credential, settings: Any) -> None:
    bobs = Credential.objects.get(owner=factories.member("bob"), provider="kie")
    Credential.objects.filter(pk=key.pk).update(sealed_key=bobs.sealed_key)


@pytest.mark.django_db
@pytest.mark.data
@pytest.mark.parametrize("harm", [_lost, _flipped, _swapped])
def test_a_key_that_cannot_be_opened_is_marked_and_nothing_is_sent(
    provider: Wire, alice: User, key: Credential, settings: Any, harm: Any
) -> None:
    job = factories.job(alice)
    specimen.make(adopt=False)
    harm(key, settings)
    drain_queue()
    key.refresh_from_db()
    assert key.state == Credential.State.REJECTED
    assert "Enter it again" in key.note
    assert Job.objects.get(pk=job.pk).status == "queued"
    assert provider.connections == 0
