"""compose.yaml: what it starts, in which order, with what it may do, and how long it waits."""

from __future__ import annotations

import re
import shlex
from typing import Any

import pytest
import yaml

from tests import ROOT
from tests.operations.running.test_image import instructions, words
from tests.operations.running.test_processes import example_settings
from tests.operations.running.test_units import setting

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("prepare", "web", "work", "follow")


@pytest.mark.parametrize("name", SERVICES)
def test_no_service_can_write_to_its_image_or_do_what_it_need_not(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service.get("cap_add", []) == (["NET_BIND_SERVICE"] if name == "caddy" else [])
    assert not service.get("privileged")
    named = {mount.partition(":")[0] for mount in service["volumes"]}
    assert {mount for mount in named if "/" not in mount} <= set(COMPOSE["volumes"])


def test_they_run_what_the_units_of_systemd_run_and_are_given_as_much_time() -> None:
    for name in OURS:
        command = SERVICES[name].get("command") or words(instructions("CMD")[0])
        assert shlex.join(command) == setting(name, "ExecStart").partition("/bin/")[2]
    for name in ("web", "work", "follow"):
        assert SERVICES[name]["stop_grace_period"] == f"{setting(name, 'TimeoutStopSec')}s"
        assert SERVICES[name]["init"] is True
        assert SERVICES[name]["restart"] == "unless-stopped"
    assert str(SERVICES["web"]["ulimits"]["nofile"]) == setting("web", "LimitNOFILE")


def test_pages_have_the_processor_before_what_works_behind_them() -> None:
    usual = 1024
    assert "cpu_shares" not in SERVICES["web"]
    for name in ("work", "follow"):
        share = int(setting(name, "CPUWeight")) * usual // 100
        assert SERVICES[name]["cpu_shares"] == share


def test_the_database_is_prepared_once_before_all_others() -> None:
    assert SERVICES["prepare"]["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert SERVICES["prepare"]["restart"] == "no"
    for name in ("web", "work", "follow"):
        wanted = {"prepare": {"condition": "service_completed_successfully"}}
        assert SERVICES[name]["depends_on"] == wanted


def test_only_the_proxy_is_reached_from_elsewhere_and_nothing_reaches_the_database() -> None:
    assert [name for name in SERVICES if "ports" in SERVICES[name]] == ["caddy"]
    assert SERVICES["database"]["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert "inside" not in SERVICES["caddy"]["networks"]


def test_each_setting_is_one_that_is_read_and_no_secret_stands_there() -> None:
    text = (ROOT / "compose.yaml").read_text()
    for name in OURS:
        assert SERVICES[name]["env_file"] == ".env"
        assert set(SERVICES[name]["environment"]) <= example_settings()
    # What comes from .env is a setting too, but for the password of the database beside it.
    assert set(re.findall(r"\$\{(\w+)", text)) - example_settings() == {"POSTGRES_PASSWORD"}
    assert not re.search(r"(?i)(password|secret|key)\w*: (?!\$\{)", text)


def test_what_caddy_is_told_stands_in_its_example() -> None:
    read = set(re.findall(r"\{\$(\w+)", (ROOT / "docs/proxies/Caddyfile").read_text()))
    assert set(SERVICES["caddy"]["environment"]) <= read
    assert SERVICES["caddy"]["environment"]["DAILIES"] == "web:8000"
    assert instructions("EXPOSE") == ["8000"]
    assert "./docs/proxies/Caddyfile:/etc/caddy/Caddyfile:ro" in SERVICES["caddy"]["volumes"]


def test_the_image_brings_the_programs_of_the_database_that_it_backs_up() -> None:
    _, _, version = SERVICES["database"]["image"].partition(":")
    assert f"postgresql-client-{version}" in instructions("RUN")[0]
    assert SERVICES["web"]["volumes"] == ["data:/var/lib/dailies"]
    (variables,) = instructions("ENV")
    assert "VAR_DIR=/var/lib/dailies" in variables
