"""Provider keys: tried before they are kept, and never given out again."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from django.test import Client

from jobs import credentials
from jobs.models import AuditEvent, Credential, User
from jobs.secrets import vault
from tests.support import factories, kie
from tests.support.factories import CANARY_KEY
from tests.support.fakes import Wire
from tests.support.typed_forms import text

pytestmark = pytest.mark.django_db

NEW_KEY = "kie-key-of-today-9d2e"
KIE = {"provider": "kie", "key": NEW_KEY}
SIGNING = {"provider": "kie", "signing_key": "signing-canary-77aa"}


@pytest.fixture
def carol(db: None) -> User:
    """A member without any key."""
    return factories.person("carol", User.Role.MEMBER)


@pytest.fixture
def carol_client(carol: User) -> Client:
    return factories.signed_in(carol)


def balance(wire: Wire, credits: object = 5000.25) -> None:
    wire.answer(json={"code": 200, "msg": "success", "data": credits}, path="/chat/credit")


def said(answer: Any, field: str = "key") -> str:
    """What the refused form says at its field."""
    assert answer.status_code == 422
    rows = answer.context["rows"]
    every = (form for row in rows for key in row["keys"] for form in key.values())
    forms = [form for form in every if getattr(form, "is_bound", False)]
    assert len(forms) == 1
    (form,) = forms
    sentence: str = " ".join(form.errors[field])
    assert sentence in text(answer)
    return sentence


def unseal(credential: Credential) -> str:
    return vault.unseal(credential.sealed_key, credential.seal_context)


# ── Saving ───────────────────────────────────────────────────────────────────
def test_a_key_that_works_is_kept_for_its_owner(
    provider: Wire, carol: User, carol_client: Client
) -> None:
    balance(provider)
    answer = carol_client.post("/keys/", KIE, follow=True)
    assert "The kie.ai key works and is saved. Balance: 5,000.25 credits." in text(answer)
    saved = Credential.objects.get(owner=carol)
    assert (unseal(saved), saved.last_four, saved.practice) == (NEW_KEY, "9d2e", False)


def test_the_provider_is_asked_with_that_very_key(provider: Wire, carol_client: Client) -> None:
    balance(provider)
    carol_client.post("/keys/", {**KIE, "key": f"  {NEW_KEY}\t\n"})
    assert provider.requests[0].headers["authorization"] == f"Bearer {NEW_KEY}"


@pytest.mark.data
def test_a_new_key_replaces_the_old_one(
    provider: Wire, alice: User, alice_client: Client, key: Credential
) -> None:
    Credential.objects.filter(pk=key.pk).update(state="rejected", note="no")
    balance(provider)
    alice_client.post("/keys/", KIE)
    key.refresh_from_db()
    assert (unseal(key), key.state, key.note) == (NEW_KEY, "ready", "")
    assert Credential.objects.filter(owner=alice, provider="kie").count() == 1


def test_a_saved_key_is_on_record_without_being_told(
    provider: Wire, alice: User, alice_client: Client
) -> None:
    balance(provider)
    alice_client.post("/keys/", KIE)
    event = AuditEvent.objects.get(subject__contains=" key of ")
    assert (event.action, event.before, event.after) == ("key saved", CANARY_KEY[-4:], "9d2e")
    assert NEW_KEY not in str(AuditEvent.objects.values())


def test_a_provider_without_a_balance_takes_the_key_untried(
    provider: Wire, carol: User, carol_client: Client
) -> None:
    carol_client.post("/keys/", {"provider": "veo4", "key": NEW_KEY})
    assert Credential.objects.get(owner=carol).provider == "veo4"
    assert provider.requests == []


@pytest.mark.data
def test_an_unknown_provider_is_not_found(carol_client: Client) -> None:
    assert carol_client.post("/keys/", {"provider": "sora", "key": NEW_KEY}).status_code == 404


@pytest.mark.data
def test_a_key_is_saved_for_oneself_whatever_else_is_posted(
    provider: Wire, alice: User, carol: User, carol_client: Client
) -> None:
    balance(provider)
    smuggled = {"owner": alice.pk, "practice": "on", "state": "empty", "balance": 9, "pk": 1}
    carol_client.post("/keys/", {**KIE, **smuggled})
    saved = Credential.objects.get(last_four="9d2e")
    assert (saved.owner, saved.practice, saved.state) == (carol, False, "ready")


# ── Write-only ───────────────────────────────────────────────────────────────
@pytest.mark.parametrize("path", ["/keys/", "/", "/team/", "/projects/", "/password/"])
def test_no_page_holds_a_key(admin: User, admin_client: Client, path: str) -> None:
    secrets = [CANARY_KEY, "signing-canary-77aa"]
    for owner in (admin, None):
        saved = factories.credential(owner, "kie")
        sealed = vault.seal("signing-canary-77aa", saved.seal_context)
        Credential.objects.filter(pk=saved.pk).update(
            sealed_signing_key=sealed, signing_last_four="77aa"
        )
        secrets += [sealed, saved.sealed_key]
    page = admin_client.get(path).content.decode()
    assert [secret for secret in secrets if secret in page] == []


def test_a_key_shows_its_last_four_characters(alice_client: Client) -> None:
    assert f"•••• {CANARY_KEY[-4:]}" in text(alice_client.get("/keys/"))


@pytest.mark.parametrize("typed", ["x " + NEW_KEY, NEW_KEY + "\u200b"])
def test_a_refused_key_is_not_sent_back(carol_client: Client, typed: str) -> None:
    answer = carol_client.post("/keys/", {**KIE, "key": typed})
    assert NEW_KEY.encode() not in answer.content


def test_nobody_sees_the_keys_of_others(alice: User, carol_client: Client) -> None:
    assert CANARY_KEY[-4:].encode() not in carol_client.get("/keys/").content


# ── What cannot be a key is said at the field ────────────────────────────────
@pytest.mark.data
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "required"),
        ("   ", "required"),
        ("short", "too short for a key"),
        ("“kie-key-of-today”", "a space or a character that keys never have"),
        ("kie-key\u200b-of-today", "a space or a character that keys never have"),
        ("kie key of today", "a space or a character that keys never have"),
        ("kie-key\nof-today", "a space or a character that keys never have"),
        ("kie-key\x7fof-today", "a space or a character that keys never have"),
        ("kie-kéy-of-today", "a space or a character that keys never have"),
        ("kie-key-of-today\x00", "Null characters"),
        ("k" * 401, "at most 400"),
    ],
)
def test_what_cannot_travel_is_refused_at_the_field(
    carol_client: Client, typed: str, sentence: str
) -> None:
    assert sentence in said(carol_client.post("/keys/", {**KIE, "key": typed}))
    assert not Credential.objects.exists()


# ── What the provider says ───────────────────────────────────────────────────
def test_a_wrong_key_is_not_kept(provider: Wire, carol_client: Client) -> None:
    provider.answer(json=kie.refused(401, "You do not have access permissions"))
    sentence = said(carol_client.post("/keys/", KIE))
    assert "kie.ai did not accept the key." in sentence
    assert "on the API keys page" not in sentence
    assert not Credential.objects.exists()


def test_a_wrong_key_leaves_the_old_one_alone(
    provider: Wire, alice_client: Client, key: Credential
) -> None:
    provider.answer(401, json=kie.refused(401))
    said(alice_client.post("/keys/", KIE))
    assert unseal(Credential.objects.get(pk=key.pk)) == CANARY_KEY


def test_the_providers_own_reason_is_told_as_text(provider: Wire, carol_client: Client) -> None:
    provider.answer(json=kie.refused(401, "IP 203.0.113.7 is <b>not</b> in the allow-list"))
    answer = carol_client.post("/keys/", KIE)
    assert "IP 203.0.113.7 is <b>not</b> in the allow-list" in said(answer)
    assert b"<b>not</b>" not in answer.content


@pytest.mark.data
def test_a_key_over_its_own_limit_is_told_apart(provider: Wire, carol_client: Client) -> None:
    provider.answer(json=kie.refused(433, "limit"))
    assert "limit" in said(carol_client.post("/keys/", KIE))


def test_without_network_nothing_is_kept(settings: Any, carol_client: Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    settings.KIE_BASE_URL = f"http://127.0.0.1:{port}"
    assert "could not be reached" in said(carol_client.post("/keys/", KIE))
    assert not Credential.objects.exists()


@pytest.mark.data
@pytest.mark.parametrize("code", [429, 430, 455, 500])
def test_a_busy_provider_is_asked_again_later(
    provider: Wire, carol_client: Client, code: int
) -> None:
    provider.answer(json=kie.refused(code), always=True)
    assert "could not check the key just now" in said(carol_client.post("/keys/", KIE))


# ── The team's key ───────────────────────────────────────────────────────────
@pytest.mark.data
def test_an_admin_gives_the_team_a_key(provider: Wire, admin_client: Client) -> None:
    balance(provider)
    admin_client.post("/keys/", {**KIE, "scope": "team"})
    assert Credential.objects.get().owner is None


@pytest.mark.data
@pytest.mark.parametrize("data", [KIE, SIGNING], ids=["key", "signing key"])
def test_a_member_cannot_give_the_team_a_key(
    data: dict[str, str], alice_client: Client, alice: User
) -> None:
    factories.credential(None, "kie")
    assert alice_client.post("/keys/", {**data, "scope": "team"}).status_code == 404
    assert Credential.objects.get(owner=None).sealed_signing_key == ""


@pytest.mark.data
def test_a_member_cannot_remove_the_teams_key(alice_client: Client) -> None:
    factories.credential(None, "kie")
    assert alice_client.post("/keys/kie/remove/", {"scope": "team"}).status_code == 404
    assert Credential.objects.filter(owner=None).exists()


def test_a_member_is_shown_no_form_for_the_teams_key(alice_client: Client) -> None:
    assert b'value="team"' not in alice_client.get("/keys/").content


def test_a_member_without_a_key_learns_that_the_teams_serves(carol_client: Client) -> None:
    factories.credential(None, "kie")
    assert f"team’s key ending in {CANARY_KEY[-4:]}" in text(carol_client.get("/keys/"))


# ── The signing key ──────────────────────────────────────────────────────────
def test_a_signing_key_is_sealed_beside_the_key(alice_client: Client, key: Credential) -> None:
    answer = alice_client.post("/keys/", SIGNING, follow=True)
    key.refresh_from_db()
    assert vault.unseal(key.sealed_signing_key, key.seal_context) == "signing-canary-77aa"
    assert "signing key •••• 77aa" in text(answer)
    assert "signing-canary-77aa" not in answer.content.decode()


def test_a_signing_key_needs_a_key(carol_client: Client) -> None:
    assert carol_client.post("/keys/", SIGNING).status_code == 404


def test_a_signing_key_that_cannot_be_one_is_refused_at_its_field(alice_client: Client) -> None:
    answer = alice_client.post("/keys/", {**SIGNING, "signing_key": "curly “quotes”"})
    assert "keys never have" in said(answer, "signing_key")


@pytest.mark.data
def test_a_new_key_keeps_the_signing_key(
    provider: Wire, alice_client: Client, key: Credential
) -> None:
    alice_client.post("/keys/", SIGNING)
    balance(provider)
    alice_client.post("/keys/", KIE)
    key.refresh_from_db()
    assert key.signing_last_four == "77aa"


# ── Asking about it again ────────────────────────────────────────────────────
def test_asking_again_shows_what_is_left_at_the_provider(
    provider: Wire, alice_client: Client, key: Credential
) -> None:
    balance(provider, 42.5)
    answer = alice_client.post("/keys/kie/check/", follow=True)
    key.refresh_from_db()
    assert str(key.balance) == "42.50"
    assert "42.5" in text(answer)


@pytest.mark.data
def test_asking_again_finds_out_that_a_key_was_withdrawn(
    provider: Wire, alice_client: Client, key: Credential
) -> None:
    provider.answer(json=kie.refused(401, "no"))
    answer = alice_client.post("/keys/kie/check/", follow=True)
    key.refresh_from_db()
    assert key.state == "rejected"
    assert "kie.ai did not accept the key." in text(answer)
    assert "on the API keys page" not in text(answer)


def test_asking_again_in_vain_changes_nothing(
    provider: Wire, alice_client: Client, key: Credential
) -> None:
    provider.answer(json=kie.refused(500), always=True)
    answer = alice_client.post("/keys/kie/check/", follow=True)
    key.refresh_from_db()
    assert key.state == "ready"
    assert "couldn’t be reached just now" in text(answer)


def test_a_member_cannot_have_the_teams_key_asked_about(alice_client: Client) -> None:
    factories.credential(None, "kie")
    assert alice_client.post("/keys/kie/check/", {"scope": "team"}).status_code == 404


# ── Removing ─────────────────────────────────────────────────────────────────
@pytest.mark.data
def test_a_removed_key_is_wiped(alice: User, alice_client: Client) -> None:
    answer = alice_client.post("/keys/kie/remove/", follow=True)
    assert "The kie.ai key has been removed." in text(answer)
    assert not Credential.objects.filter(owner=alice, provider="kie").exists()
    assert AuditEvent.objects.get(subject__contains=" key of ").action == "key removed"


def test_only_ones_own_key_is_removed(bob: User, alice_client: Client) -> None:
    alice_client.post("/keys/kie/remove/")
    assert Credential.objects.filter(owner=bob, provider="kie").exists()


@pytest.mark.parametrize("provider_name", ["kie", "sora"])
def test_what_is_not_there_cannot_be_removed(carol_client: Client, provider_name: str) -> None:
    assert carol_client.post(f"/keys/{provider_name}/remove/").status_code == 404


@pytest.mark.data
def test_a_practice_key_is_not_shown_in_the_real_world(carol: User, carol_client: Client) -> None:
    factories.credential(carol, "kie")
    Credential.objects.update(practice=True)
    assert CANARY_KEY[-4:].encode() not in carol_client.get("/keys/").content
    assert carol_client.post("/keys/kie/remove/").status_code == 404


# ── Which account it belongs to ──────────────────────────────────────────────
ACCOUNT = {"provider": "kie", "account": "Studio North"}


@pytest.mark.data
def test_a_key_can_be_said_to_be_of_an_account(
    alice_client: Client, key: Credential, alice: User
) -> None:
    answer = alice_client.post("/keys/", ACCOUNT, follow=True)
    key.refresh_from_db()
    assert key.account == "Studio North"
    assert "The account name of the kie.ai key is saved." in text(answer)
    assert 'value="Studio North"' in answer.content.decode()
    assert AuditEvent.objects.get(subject__contains=" key of ").actor == alice


@pytest.mark.data
def test_the_account_is_taken_away_again(alice_client: Client, key: Credential) -> None:
    alice_client.post("/keys/", ACCOUNT)
    alice_client.post("/keys/", {**ACCOUNT, "account": " "})
    key.refresh_from_db()
    assert key.account == ""


def test_an_account_of_a_key_that_is_not_there_is_not_found(carol_client: Client) -> None:
    assert carol_client.post("/keys/", ACCOUNT).status_code == 404


def test_an_account_with_too_long_a_name_is_refused_at_its_field(alice_client: Client) -> None:
    answer = alice_client.post("/keys/", {**ACCOUNT, "account": "x" * 61})
    assert "at most 60" in said(answer, "account")


@pytest.mark.data
def test_a_member_cannot_name_the_teams_account(alice_client: Client) -> None:
    factories.credential(None, "kie")
    assert alice_client.post("/keys/", {**ACCOUNT, "scope": "team"}).status_code == 404


@pytest.mark.data
def test_an_admin_joins_keys_and_separates_them_and_their_owner_reads_of_it(
    alice: User, alice_client: Client, admin_client: Client, key: Credential
) -> None:
    team = factories.credential(None, "kie")
    offered = text(admin_client.get("/keys/"))
    assert "Keys of one account" in offered
    assert "Keys of one account" not in text(alice_client.get("/keys/"))
    fields = {"key": str(key.pk), "other": str(team.pk)}
    assert alice_client.post("/keys/kie/join/", fields).status_code == 404
    for said in ("Joined. These keys now share one rate limit.", "Already joined."):
        assert said in text(admin_client.post("/keys/kie/join/", fields, follow=True))
    assert f"with the team’s key ending in {team.last_four}." in text(alice_client.get("/keys/"))
    assert " and the team’s key ending in " in text(admin_client.get("/keys/"))
    same = admin_client.post(
        "/keys/kie/join/", {"key": str(key.pk), "other": str(key.pk)}, follow=True
    )
    assert "Choose two keys. Nothing was changed." in text(same)
    admin_client.post(f"/keys/{key.pk}/separate/")
    key.refresh_from_db()
    assert key.joined_to is None


# ── The signing key goes again ───────────────────────────────────────────────
def test_a_signing_key_is_wiped_without_the_key(alice_client: Client, key: Credential) -> None:
    alice_client.post("/keys/", SIGNING)
    answer = alice_client.post("/keys/kie/signing/remove/", follow=True)
    key.refresh_from_db()
    assert (key.sealed_signing_key, key.signing_last_four, unseal(key)) == ("", "", CANARY_KEY)
    assert "The kie.ai signing key has been removed." in text(answer)
    assert "Remove signing key" not in text(answer)


def test_a_member_cannot_wipe_the_teams_signing_key(alice_client: Client) -> None:
    factories.credential(None, "kie")
    answer = alice_client.post("/keys/kie/signing/remove/", {"scope": "team"})
    assert answer.status_code == 404


# ── A key in trouble ─────────────────────────────────────────────────────────
@pytest.mark.data
@pytest.mark.parametrize(("balance", "is_low"), [("379.99", True), ("380", False), (None, False)])
def test_little_balance_is_told_before_a_video_has_to_wait(
    alice_client: Client, key: Credential, balance: str | None, is_low: bool
) -> None:
    Credential.objects.filter(pk=key.pk).update(balance=balance)
    assert ("Low balance" in text(alice_client.get("/keys/"))) is is_low


@pytest.mark.parametrize(
    ("state", "advice"), [("rejected", "Save a new key below"), ("empty", "Top up the account")]
)
def test_the_page_says_what_to_do_about_a_key(
    alice_client: Client, key: Credential, state: str, advice: str
) -> None:
    Credential.objects.filter(pk=key.pk).update(state=state)
    page = text(alice_client.get("/keys/"))
    assert advice in page
    assert "continue automatically" in page or "We retry it" in page


@pytest.mark.data
@pytest.mark.parametrize("path", ["/", "/projects/", "/keys/"])
def test_every_page_tells_the_owner_of_a_key_in_trouble(
    alice_client: Client, key: Credential, path: str
) -> None:
    banner = f"kie.ai doesn’t accept your key ending in {CANARY_KEY[-4:]}. Replace it"
    assert banner not in text(alice_client.get(path))
    Credential.objects.filter(pk=key.pk).update(state="rejected")
    assert banner in text(alice_client.get(path))


def test_others_are_not_troubled_with_it(bob: User, key: Credential) -> None:
    Credential.objects.filter(pk=key.pk).update(state="rejected")
    assert "doesn’t accept" not in text(factories.signed_in(bob).get("/"))


@pytest.mark.data
def test_a_teams_key_troubles_those_who_use_it_and_the_admins(
    alice_client: Client, carol_client: Client, admin_client: Client
) -> None:
    factories.credential(None, "kie")
    Credential.objects.filter(owner=None).update(state="empty")
    assert "The team’s kie.ai key" not in text(alice_client.get("/"))
    assert "once an admin has topped it up" in text(carol_client.get("/"))
    assert "Top it up there" in text(admin_client.get("/"))


# ── Two tabs ─────────────────────────────────────────────────────────────────
@pytest.mark.data
@pytest.mark.parametrize(
    ("verb", "path", "fields"),
    [
        ("set_account", "/keys/", {"provider": "kie", "account": "Studio"}),
        ("save_signing_key", "/keys/", {"provider": "kie", "signing_key": "s" * 40}),
        ("save_signing_key", "/keys/kie/signing/remove/", {}),
        ("refresh_balance", "/keys/kie/check/", {}),
        ("remove", "/keys/kie/remove/", {}),
    ],
)
def test_a_key_that_another_tab_removes_at_that_moment_is_not_found(
    verb: str,
    path: str,
    fields: dict[str, str],
    alice: User,
    alice_client: Client,
    provider: Wire,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    do = getattr(credentials, verb)

    def after_the_other_tab(*args: Any, **how: Any) -> None:
        Credential.objects.filter(owner=alice, provider="kie").delete()
        do(*args, **how)

    monkeypatch.setattr(credentials, verb, after_the_other_tab)
    if verb == "refresh_balance":
        provider.answer(json={"code": 200, "msg": "success", "data": 340})
    assert alice_client.post(path, fields).status_code in {302, 404}
