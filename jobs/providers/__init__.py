"""The services that make videos, spoken to in plain Python: no Django below this package."""

from __future__ import annotations

from collections.abc import Mapping

from jobs.providers.base import Provider
from jobs.providers.kie.client import Kie
from jobs.providers.veo4.client import Veo4

PROVIDERS: Mapping[str, type[Provider]] = {Kie.name: Kie, Veo4.name: Veo4}
"""Every provider there is, by the short name that rows and addresses carry."""
