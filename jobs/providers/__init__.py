"""The services that make videos, spoken to in plain Python: no Django below this package."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from jobs.providers.declarations import Provider
from jobs.providers.kie.declaration import KIE
from jobs.providers.models import Model
from jobs.providers.veo4.declaration import VEO4

PROVIDERS: Mapping[str, Provider] = {each.name: each for each in (KIE, VEO4)}
"""Every provider there is, by the short name that rows and addresses carry; the first one is the
usual choice."""


def model_named(name: str) -> tuple[Provider, Model] | None:
    """The model of that name and whose it is; None where nobody has it (any more)."""
    for provider in PROVIDERS.values():
        if model := provider.model(name):
            return provider, model
    return None


def longest_retention() -> timedelta:
    """After this no provider knows anything of a job any more."""
    return max(provider.retention for provider in PROVIDERS.values())


def result_hosts() -> list[str]:
    """The hosts that any provider's results lie at."""
    return [host for provider in PROVIDERS.values() for host in provider.result_hosts]
