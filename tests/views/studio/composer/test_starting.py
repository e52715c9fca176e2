"""What a new form in the studio starts with, as far as it is to be had by now."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from jobs.forms.ordering.offered import provider_of
from jobs.forms.ordering.possible import possible
from jobs.models import Credential, Price, Project, User
from jobs.pricing import InForce, PriceList
from jobs.providers import PROVIDERS
from tests.support import factories

pytestmark = pytest.mark.django_db

USED = {
    "model": "veo3_lite",
    "aspect_ratio": "9:16",
    "resolution": "720p",
    "duration": 6,
    "translate": False,
    "watermark": "ACME",
}
USUAL = {"model": "veo3_fast", "aspect_ratio": "16:9", "resolution": "720p", "duration": 8}


@pytest.fixture
def project(db: None) -> Project:
    return Project.objects.create(name="Autumn")


def shown(client: Client, query: str, names: Any = USED) -> dict[str, Any]:
    """What the composer shows at this address, of these fields."""
    form = client.get(f"/{query}").context["form"]
    return {name: form[name].value() for name in names}


@pytest.mark.data
def test_a_project_opens_with_the_settings_of_ones_own_last_order_in_it(
    alice: User, alice_client: Client, bob: User, project: Project
) -> None:
    factories.job(alice, project_id=project.pk, duration=4)
    take = factories.succeeded(alice, project_id=project.pk, seed=70_000, **USED)
    factories.extension(take)
    factories.job(bob, project_id=project.pk)
    factories.job(alice)
    here = f"?project={project.pk}"
    assert shown(alice_client, here) == USED
    assert shown(alice_client, here, ("prompt", "seed", "mode")) == {
        "prompt": None,
        "seed": None,
        "mode": "text",
    }
    assert shown(alice_client, "", USUAL) == USUAL
    other = Project.objects.create(name="Winter")
    assert shown(alice_client, f"?project={other.pk}", USUAL) == USUAL


def test_a_setting_that_was_withdrawn_becomes_the_usual_one(
    alice: User, alice_client: Client, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.job(alice, project_id=project.pk, **USED)
    kie = PROVIDERS["kie"]
    left = [model for model in kie.models if model.name != "veo3_lite"]
    monkeypatch.setitem(PROVIDERS, "kie", replace(kie, models=left))
    wanted = {**USED, "model": "veo3_fast"}
    assert shown(alice_client, f"?project={project.pk}") == wanted


def test_a_model_that_there_is_no_key_for_any_more_becomes_the_usual_one(
    alice: User, alice_client: Client, project: Project
) -> None:
    factories.job(alice, project_id=project.pk, provider="veo4", model="veo-4", aspect_ratio="1:1")
    Credential.objects.filter(provider="veo4").delete()
    assert shown(alice_client, f"?project={project.pk}", USUAL) == USUAL


ANYTHING = st.sampled_from(["", "text", "frames", "references", "720p", "4k", "1:1", "Auto", 5, 8])


@given(
    model=st.sampled_from([m.name for p in PROVIDERS.values() for m in p.models] + ["gone", ""]),
    wanted=st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("mode", "aspect_ratio", "resolution", "duration"), ANYTHING)
    ),
    keys=st.sets(st.sampled_from(sorted(PROVIDERS)), min_size=1),
    withdrawn=st.sets(st.sampled_from([m.name for m in PROVIDERS["kie"].models[1:]])),
)
def test_whatever_was_kept_becomes_settings_that_go_together(
    model: str, wanted: dict[str, Any], keys: set[str], withdrawn: set[str]
) -> None:
    usual = next(p for name, p in PROVIDERS.items() if name in keys).models[0].name
    prices = PriceList()
    rows = [
        Price(provider=p.name, kind="generate", model=m.name, credits=9)
        for p in PROVIDERS.values()
        for m in p.models
    ]
    prices.in_force = InForce.of(rows, frozenset(withdrawn))
    found = possible({**wanted, "model": model}, usual, keys, prices)
    assert found["model"] not in withdrawn
    provider = provider_of(found["model"])
    chosen = PROVIDERS[provider].model(found["model"])
    assert chosen
    assert provider in keys
    mode = wanted.get("mode")
    mode = mode if mode in chosen.modes else chosen.modes[0]
    assert found["resolution"] in chosen.resolutions_in(mode)
    assert found["aspect_ratio"] in chosen.ratios_in(mode, found["resolution"])
    assert found["duration"] in chosen.durations_at(found["resolution"], mode)
