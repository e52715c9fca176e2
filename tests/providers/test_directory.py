"""From a short name and the settings to a client."""

from __future__ import annotations

from typing import Any

import pytest

from jobs import directory
from jobs.providers import PROVIDERS
from jobs.providers.kie.client import Kie
from jobs.providers.veo4.client import Veo4


@pytest.mark.parametrize("name", PROVIDERS)
def test_every_provider_of_the_table_can_be_built(name: str) -> None:
    assert isinstance(directory.client(name), PROVIDERS[name].client)
    assert PROVIDERS[name].name == name


def test_the_addresses_come_from_the_settings_of_the_moment(settings: Any) -> None:
    before = directory.client("kie")
    settings.KIE_BASE_URL, settings.KIE_UPLOAD_URL = "https://a.example", "https://b.example"
    settings.VEO4_BASE_URL, settings.VEO4_SIGNATURE_HEADER = "https://c.example", "X-S"
    kie, veo4 = directory.client("kie"), directory.client("veo4")
    assert isinstance(kie, Kie)
    assert isinstance(veo4, Veo4)
    assert (kie.base_url, kie.upload_url) == ("https://a.example", "https://b.example")
    assert (veo4.base_url, veo4.signature_header) == ("https://c.example", "X-S")
    assert before is not kie


def test_the_same_settings_give_the_same_client() -> None:
    assert directory.client("kie") is directory.client("kie")


def test_an_unknown_name_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        directory.client("nobody")
