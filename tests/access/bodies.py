"""What each form sends, filled in as its page sends it, and what it leaves behind."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.apps import apps
from django.db.models import Field, ForeignKey

from jobs.models import LimitUse, Session, User, prepared
from tests.access.conftest import World
from tests.support.factories import PASSWORD
from tests.support.typed_forms import composer

Rows = dict[tuple[str, Any], dict[str, Any]]


def bodies(world: World) -> dict[str, dict[str, Any]]:
    """A form that is taken, by address, with every field that it has."""
    why, new = {"reason": "For a test"}, {"submission_key": str(uuid4())}
    secret = "a long enough pass phrase"
    passwords = {"password1": secret, "password2": secret}
    settings = dict.fromkeys(("model", "aspect_ratio", "resolution", "duration", "project"), "")
    return {
        **dict.fromkeys(
            ("studio", "same"), composer(project=world.project.pk, mode="text", seed=70_000)
        ),
        "images": {"mode": "frames"},
        "batches": {**new, "text": "prompt\nA wolf"},
        "batch": {"save": "1", "text": "prompt\nA bear"},
        "new-template": {"name": "Reveal", "text": "{product}", **settings},
        "template": {"name": "Orbit", "text": "{product} at dusk", "version": 1, **settings},
        "use-template": {"v0": "A shoe"},
        "presets": {"save": "1", "name": "Tall", "keeps_prompt": "on", "prompt": "A hare"}
        | {**settings, "seed": "70000", "translate": "on", "watermark": "", "back": ""},
        "rename-preset": {"name": "Tall"},
        "saved-views": {"name": "Favorites", "query": "favorite=on", "is_shared": "on"},
        "change-view": {"name": "Foxes", "is_shared": "on"},
        "extend": {
            **new,
            "prompt": "It rains",
            "model": "veo3_fast",
            "seed": 70_000,
            "seen_cost": 60,
        },
        "promote": {**new, **why, "seen_cost": 60, "asks": 0},
        "upgrade": {**new, "kind": "upgrade_1080p"},
        "projects": {"name": "Winter"},
        "keys": {"provider": "kie", "account": "Studio"},
        "credits": {**new, **why, "credits": 70, "project": world.project.pk},
        "password": {"old_password": PASSWORD, "new_password1": secret, "new_password2": secret},
        "new-password": {"new_password1": secret, "new_password2": secret},
        "theme": {"theme": "dark", "next": "/credits/"},
        "density": {"density": "compact", "next": "/credits/"},
        "join": {"username": "newcomer", **passwords},
        "new-share": {**new, "title": "For Ana", "note": "", "expires": "7", "password": ""}
        | {"download": "", "watermark": "", "takes_notes": "on", "embed_sites": ""}
        | {"take": [world.film.pk], "project": world.project.pk, "seen_cost": ""},
        "share": {
            "title": "For Eve",
            "note": "",
            "expires": "never",
            "password": "",
            "download": "",
        }
        | {"watermark": "", "takes_notes": "on", "embed_sites": "", "drop_password": ""},
        "shared-review": {"kind": "comment", "name": "Eve", "text": "Faster", "at": ""},
        "answer-note": {"text": "We will"},
        "team": {**new, **why, "user": world.owner.pk, "credits": 5},
        "budgets": {**why, "user": world.owner.pk, "allowance": 70},
        "invitations": {"role": "member", "note": "Eve"},
        "team-settings": {**why, "name": "Film", "reset_day": 1, "credit_value": "0.005"}
        | {"currency": "USD"},
    }


def rows() -> Rows:
    """Every row of ours, but for how often somebody did something, and where they are signed in."""
    models = set(apps.get_app_config("jobs").get_models(include_auto_created=True))
    models -= {LimitUse, Session}
    # Asked some thousand times, and put together once.
    return {
        (model._meta.label, row[model._meta.pk.attname]): row
        for model in models
        for row in prepared.rows(("all of", model), model._default_manager.values)
    }


def references(row: tuple[str, Any], values: dict[str, Any]) -> set[tuple[str, Any]]:
    """The row itself, and all that it is tied to."""
    return {row} | {(of, values[name]) for name, of in _keys(row[0]).items()}


def without_numbers_of(
    made: set[tuple[str, Any]], label: str, values: dict[str, Any]
) -> dict[str, Any]:
    """A row without the numbers that new rows happened to get, its own among them."""
    keys = {**_keys(label), apps.get_model(label)._meta.pk.attname: label}
    return {
        name: "new" if name in keys and (keys[name], value) in made else value
        for name, value in values.items()
    }


def _keys(label: str) -> dict[str, str]:
    """The columns that point to rows, and to those of which table."""
    fields = apps.get_model(label)._meta.get_fields()
    return {
        each.attname: each.related_model._meta.label
        for each in fields
        if isinstance(each, ForeignKey)
    }


def every_column(of: User) -> dict[str, Any]:
    """Each column of each table, with a value that somebody may wish for."""
    fields = [
        field
        for model in apps.get_app_config("jobs").get_models()
        for field in model._meta.concrete_fields
    ]
    return {name: _wish(field, of) for field in fields for name in (field.name, field.attname)}


def _wish(field: Field[Any, Any], of: User) -> Any:
    if field.related_model is User:
        return of.pk
    if field.choices:
        return list(field.flatchoices)[-1][0]
    return {"BooleanField": "on", "UUIDField": str(uuid4())}.get(field.get_internal_type(), "1")
