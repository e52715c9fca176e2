"""The page offers from the beginning what its script will offer, so that nothing jumps."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from jobs.models import Credential, Price, User
from jobs.providers import PROVIDERS
from jobs.views.studio.composer.catalog import catalog_of, script_of
from jobs.views.studio.composer.fitting import fit_of
from jobs.views.studio.composer.offers import Offers

pytestmark = pytest.mark.django_db


def test_what_goes_with_a_choice_is_what_the_catalog_says(alice: User) -> None:
    for provider in catalog_of(Offers(alice))["providers"]:
        for model in provider["models"]:
            for mode, offered in model["modes"].items():
                for size, each in offered["sizes"].items():
                    chosen = {
                        "provider": provider["name"],
                        "model": model["name"],
                        "mode": mode,
                        "resolution": size,
                    }
                    fit = fit_of(chosen)
                    assert fit == (
                        tuple(offered["sizes"]),
                        each["ratios"],
                        tuple(each["durations"]),
                        model["hint"],
                    )


@pytest.mark.parametrize("wrong", ["", "none", "720P"])
def test_a_choice_that_there_is_not_is_the_first(wrong: str) -> None:
    known = {"provider": "kie", "model": "veo3_fast", "mode": "text", "resolution": "720p"}
    assert fit_of({**known, "resolution": wrong}) == fit_of(known)
    assert fit_of({**known, "model": wrong}) is None


def test_what_does_not_go_with_it_is_there_for_who_has_no_script(alice_client: Client) -> None:
    page = alice_client.get("/").content.decode()
    labels = re.findall(r'<label for="id_(?:aspect_ratio|duration|resolution)_\d"([^>]*)>', page)
    sizes = {ratio for model in PROVIDERS["kie"].models for ratio in model.aspect_ratios}
    assert len(labels) > len(sizes)
    assert {label.strip() for label in labels} == {"", 'class="unfit"'}


def test_the_catalog_is_put_together_anew_when_it_would_say_something_else(alice: User) -> None:
    def said() -> Any:
        kept, fresh = script_of(Offers(alice)), Offers(alice)
        assert kept == script_of(fresh)
        return kept

    seen = {said()}
    Price.objects.filter(kind="generate").update(credits=77)
    seen.add(said())
    for changes in ({"balance": 5}, {"balance": 6}, {"owner": None}):
        Credential.objects.filter(provider="kie").update(**changes)
        seen.add(said())
    assert len(seen) == 5
