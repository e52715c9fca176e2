"""The first admin: whoever comes first on one's own machine, else who can read what we print."""

from __future__ import annotations

import io
import re
import runpy
import sys
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import F
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from jobs.models import LimitUse, Team, User
from jobs.people import first_admin
from jobs.views.accounts import account
from tests import ROOT
from tests.support.factories import PASSWORD
from tests.support.typed_forms import errors

pytestmark = pytest.mark.django_db

FIRST = {
    "username": "ada",
    "password1": PASSWORD,
    "password2": PASSWORD,
    "starting_credits": "2000",
}
ELSEWHERE = "203.0.113.9"


@pytest.fixture
def in_public(settings: Any) -> None:
    settings.OPEN_TO_OTHERS = True


def send(client: Client, code: str | None = None, **changes: str) -> Any:
    given = {} if code is None else {"code": code}
    return client.post("/setup/", {**FIRST, **given, **changes})


# ── Where it is asked for ────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("environment", "is_open"),
    [
        ({}, False),
        ({"HOST": "127.0.0.1", "ALLOWED_HOSTS": "localhost, 127.0.0.2,[::1]"}, False),
        ({"HOST": "::1"}, False),
        ({"HOST": "localhost", "ALLOWED_HOSTS": "dailies.localhost"}, False),
        ({"HOST": "0.0.0.0"}, True),
        ({"HOST": "::"}, True),
        ({"HOST": "192.168.1.4"}, True),
        ({"PUBLIC_URL": "https://dailies.example"}, True),
        ({"PUBLIC_URL": "http://localhost:8000"}, True),
        ({"TRUSTED_ORIGINS": "https://dailies.lan"}, True),
        ({"TRUSTED_PROXIES": "127.0.0.1"}, True),
        ({"ALLOWED_HOSTS": "127.0.0.1,dailies.lan"}, True),
        ({"ALLOWED_HOSTS": "*"}, True),
        ({"ALLOWED_HOSTS": ".example.com"}, True),
    ],
)
def test_a_code_is_needed_wherever_a_setting_says_that_others_may_come(
    environment: dict[str, str], is_open: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HOST", "ALLOWED_HOSTS", "PUBLIC_URL", "TRUSTED_ORIGINS", "TRUSTED_PROXIES"):
        monkeypatch.setenv(name, environment.get(name, ""))
    assert runpy.run_path(str(ROOT / "veo_site/settings.py"))["OPEN_TO_OTHERS"] is is_open


def test_on_ones_own_machine_nothing_is_asked(client: Client) -> None:
    assert "code" not in client.get("/setup/").content.decode()
    assert send(client).status_code == 302


@pytest.mark.parametrize(
    "way",
    [{"REMOTE_ADDR": ELSEWHERE}, {"HTTP_X_FORWARDED_FOR": ELSEWHERE}, {"REMOTE_ADDR": ""}],
    ids=["another machine", "a proxy that no setting tells of", "a socket"],
)
def test_who_comes_from_elsewhere_is_asked_whatever_the_settings_say(
    way: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    account._say_code_once.cache_clear()
    stranger = Client(**way)  # type: ignore[arg-type]
    assert send(stranger).status_code == 422
    assert not User.objects.exists()
    assert first_admin.code() in caplog.text
    assert send(stranger, first_admin.code()).status_code == 302


# ── The code ─────────────────────────────────────────────────────────────────
@pytest.mark.data
@pytest.mark.parametrize(
    "code", [None, "", "-", "0000-0000-0000", "ＸＸＸＸ", "é", "x" * 5000, "\0"]
)
def test_without_the_code_nobody_becomes_the_first_admin(
    in_public: None, client: Client, code: str | None
) -> None:
    answer = send(client, code)
    assert (answer.status_code, User.objects.count()) == (422, 0)
    assert errors(answer, "code")
    assert "ada" in answer.content.decode(), "what was typed is gone"
    assert first_admin.code() not in answer.content.decode()


@given(
    st.lists(
        st.sampled_from(["", "-", " ", "–", "\u00a0", "\u200b", "_", "."]), min_size=12, max_size=12
    ),
    st.booleans(),
    st.booleans(),
)
def test_a_code_is_right_however_it_is_typed(
    between: list[str], is_low: bool, is_wide: bool
) -> None:
    code = first_admin.code().replace("-", "")
    typed = "".join(sign + gap for sign, gap in zip(code, between, strict=True))
    typed = typed.replace("0", "O").replace("1", "l")
    typed = typed.lower() if is_low else typed
    if is_wide:
        typed = "".join(chr(ord(x) + 0xFEE0) if "!" <= x <= "~" else x for x in typed)
    assert first_admin.is_code(typed, ELSEWHERE)


@pytest.mark.data
def test_the_code_is_easy_to_read_and_the_same_for_all_processes_of_one_database() -> None:
    code = first_admin.code()
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}", code)
    assert first_admin.code() == code
    MigrationRecorder(connection).migration_qs.update(applied=F("applied") + timedelta(seconds=1))
    assert first_admin.code() != code


def test_another_secret_makes_another_code(settings: Any) -> None:
    code = first_admin.code()
    settings.SECRET_KEY = "another"
    assert first_admin.code() != code


@pytest.mark.data
def test_guesses_are_limited_and_who_has_the_code_goes_on_from_elsewhere(
    in_public: None, client: Client
) -> None:
    got = [send(client, f"GUES-S{number:03}").status_code for number in range(12)]
    assert got == [422] * 10 + [429] * 2
    assert send(client, first_admin.code()).status_code == 429
    colleague = Client(REMOTE_ADDR=ELSEWHERE)
    assert send(colleague, first_admin.code(), password2="another").status_code == 422
    assert send(colleague, first_admin.code()).status_code == 302
    assert LimitUse.objects.count() == 2


@pytest.mark.data
def test_once_there_is_somebody_the_code_opens_nothing(in_public: None, client: Client) -> None:
    code = first_admin.code()
    send(client, code)
    for method in ("get", "post"):
        assert getattr(Client(), method)("/setup/", {**FIRST, "code": code}).status_code == 404


# ── What is printed, and the way by a shell ──────────────────────────────────
def prepare(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    monkeypatch.setattr("jobs.management.commands.prepare.collect_static", lambda: None)
    call_command("prepare")
    return capsys.readouterr().out


def test_prepare_prints_the_code_each_time_until_it_is_used(
    in_public: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = prepare(monkeypatch, capsys), prepare(monkeypatch, capsys)
    assert first == second
    assert first_admin.code() in first
    assert send(Client(), first_admin.code()).status_code == 302
    assert prepare(monkeypatch, capsys) == ""


def test_prepare_prints_none_where_none_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert prepare(monkeypatch, capsys) == ""


@pytest.mark.data
def test_the_first_admin_is_made_by_a_shell_as_well(
    in_public: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{PASSWORD}\n"))
    call_command("create_admin", "ada")
    assert client.get("/setup/").status_code == 404
    client.post("/login/", {"username": "ada", "password": PASSWORD})
    assert client.get("/team/").status_code == 200


@pytest.mark.data
@pytest.mark.parametrize(("name", "password"), [("ada", ""), ("ada", "1234"), ("", PASSWORD)])
def test_a_shell_makes_none_that_a_page_would_not(
    name: str, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{password}\n"))
    with pytest.raises(CommandError):
        call_command("create_admin", name)
    assert not User.objects.exists()


@pytest.mark.parametrize(("is_open", "first"), [(True, "code"), (False, "team_name")])
def test_the_setup_page_begins_in_its_first_field(
    client: Client, settings: Any, is_open: bool, first: str
) -> None:
    settings.OPEN_TO_OTHERS = is_open
    page = client.get("/setup/").content.decode()
    (focused,) = re.findall(r"<input[^>]* autofocus[^>]*>", page)
    assert f'name="{first}"' in focused


def test_setup_asks_the_teams_name_and_takes_none(client: Client) -> None:
    assert send(client, team_name="Northlight Studio").status_code == 302
    assert Team.current().name == "Northlight Studio"


@pytest.mark.data
def test_a_mistake_at_setup_keeps_the_teams_name_and_makes_no_team(client: Client) -> None:
    answer = send(client, team_name="Northlight", password2="another")
    assert answer.status_code == 422
    assert 'value="Northlight"' in answer.content.decode()
    assert not Team.objects.exists()
