"""The provider, the model and the project that the words in a row mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.text import get_text_list

from jobs import letters
from jobs.letters import isolated
from jobs.models import Project
from jobs.providers import PROVIDERS
from jobs.providers.declarations import Provider
from jobs.providers.models import Model

Problems = dict[str, list[str]]
"""Sentences by the field that they are about."""


@dataclass
class Chosen:
    """What a row chooses, with what is wrong about it."""

    provider: Provider
    model: Model
    problems: Problems = field(default_factory=dict)


def choose(fields: Mapping[str, str], usual: str) -> Chosen:
    """The provider and model named, or meant by an empty cell; `usual` is the provider that is
    used where nothing says another.
    """
    said, problems = fields.get("model", ""), Problems()
    providers = list(PROVIDERS.values())
    if named := fields.get("provider", ""):
        providers = [each for each in providers if _is(named, each.name, each.label)]
        if not providers:
            listed = get_text_list([each.label for each in PROVIDERS.values()], "or")
            problems["provider"] = [f"No provider is called {isolated(named)}. Choose {listed}."]
            providers = list(PROVIDERS.values())
    # The usual one first: of models that are called alike, its.
    providers.sort(key=lambda each: each.name != usual)
    if not said:
        return Chosen(providers[0], providers[0].models[0], problems)
    for provider in providers:
        for model in provider.models:
            if _is(said, model.name, model.label, model.short):
                return Chosen(provider, model, problems)
    if "provider" not in problems:
        listed = get_text_list([m.label for each in providers for m in each.models], "or")
        whose = f" at {providers[0].label}" if named else ""
        sentence = f"No model{whose} is called {isolated(said)}. Choose {listed}."
        problems["model"] = [sentence]
    return Chosen(providers[0], providers[0].models[0], problems)


def project_named(name: str, projects: Mapping[str, Project], problems: Problems) -> int | None:
    """The id of the project of this name, among those by their `name_key`."""
    if not name:
        return None
    project = projects.get(letters.name_key(name))
    if project is None:
        problems["project"] = [f"No project is called {isolated(name)}. Create it first."]
        return None
    if project.archived_at:
        problems["project"] = [f"The project {isolated(project.name)} is archived."]
        return None
    return project.pk


def _is(text: str, *names: str) -> bool:
    return _plain(text) in map(_plain, names)


def _plain(name: str) -> Sequence[str]:
    return letters.settled(name).split()
