"""The offers of the composer to somebody: models, prices, hints, and the state of their keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial

from django.conf import settings
from django.db.models import QuerySet
from django.utils.text import get_text_list

from jobs import lifecycle
from jobs.archive.intake import source_films
from jobs.forms import ComposerForm, find_model
from jobs.models import Credential, User, prepared
from jobs.models.jobs.job_constraints import TAKES_MAX
from jobs.net import addresses
from jobs.pricing import PriceList
from jobs.providers import PROVIDERS
from jobs.providers.base import UPGRADES, Kind, Mode, size_name
from jobs.providers.declarations import Provider
from jobs.providers.models import Model
from jobs.templatetags.dailies import ago

TAKES = range(1, TAKES_MAX + 1)


@dataclass(frozen=True, slots=True)
class DraftOffer:
    """What the composer's second button orders."""

    cost: int | None
    """Credits for all takes; None where there is none."""
    said: str
    """The model and size that make it, or why there is none."""


class Offers:
    """One person's offers at this moment; the price list and the keys are asked for once."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.prices = PriceList()

    @cached_property
    def usable(self) -> list[Credential]:
        """All keys this person can use, in the order in which they are used."""
        return prepared.rows(("keys", settings.PRACTICE), _usable, self.user.pk)

    @cached_property
    def keys(self) -> dict[str, Credential]:
        """The key that each provider would be used with, by the provider's name."""
        found: dict[str, Credential] = {}
        for credential in self.usable:
            found.setdefault(credential.provider, credential)
        return found

    @property
    def missing(self) -> list[str]:
        """The providers that there is no key for."""
        return [p.label for name, p in PROVIDERS.items() if name not in self.keys]

    def price(
        self, *, provider: str, kind: str, model: str, mode: str, size: str, seconds: int = 0
    ) -> int | None:
        """Credits; None where there is no price."""
        return self.prices.credits(
            provider=provider,
            kind=kind,
            model=model,
            mode=mode,
            resolution=size,
            duration=seconds,
        )

    def cost(self, form: ComposerForm) -> int | None:
        """Credits for all takes as they stand in the form; None where they have no price."""
        chosen = form.chosen
        each = self.price(
            provider=chosen["provider"],
            kind=Kind.GENERATE,
            model=chosen["model"],
            mode=chosen["mode"],
            size=chosen["resolution"],
            seconds=form.chosen_duration,
        )
        return form.chosen_takes * each if each else None

    def draft(self, form: ComposerForm) -> DraftOffer:
        """The cheapest look at what stands in the form."""
        order = form.draft_as_it_stands
        found = lifecycle.target_named(f"{order.model} {order.resolution}") if order else None
        each = self.prices.of(order) if order else None
        if not (found and each):
            return DraftOffer(None, lifecycle.NO_DRAFT)
        return DraftOffer(form.chosen_takes * each, found.label)

    def notes(self, provider: Provider, model: Model, mode: str, size: str) -> list[str]:
        """The notes to be read before this size is chosen."""
        said = []
        shown = size_name(size)
        extension = model.follow_up(Kind.EXTEND)
        for upgrade in model.follow_ups:
            if UPGRADES.get(upgrade.kind) != size or not upgrade.resolutions:
                continue
            base = upgrade.resolutions[0]
            price = partial(self.price, provider=provider.name, model=model.name, mode=mode)
            direct = price(kind=Kind.GENERATE, size=size)
            small = price(kind=Kind.GENERATE, size=base)
            larger = price(kind=upgrade.kind, size=size)
            if not (direct and small and larger):
                continue
            if direct != small + larger:
                said.append(
                    f"{direct:,} cr at {shown} right away; "
                    f"{small + larger:,} cr at {base} and upgraded later."
                )
            elif extension and extension.starts_from(base):
                said.append(
                    f"Same price as {base} upgraded later, and until then it can be extended."
                )
        if extension and not extension.starts_from(size):
            said.append(
                f"A video made at {shown} can’t be extended. "
                f"To make it longer, start at {extension.resolutions[0]} and extend it first."
            )
        return said

    def notes_on(self, form: ComposerForm) -> list[str]:
        """The notes for the settings as they stand in the form."""
        chosen = form.chosen
        model = find_model(chosen["provider"], chosen["model"])
        if model is None or chosen["resolution"] not in model.resolutions:
            return []
        provider = PROVIDERS[chosen["provider"]]
        return self.notes(provider, model, chosen["mode"], chosen["resolution"])

    @staticmethod
    def lacking(provider: Provider, model: Model) -> dict[str, str]:
        """The modes that only other models offer, and why they cannot be chosen with this one."""
        who = model.short if len(provider.models) > 1 else model.label
        return {
            str(mode): f"{who} doesn’t support {mode.as_supported}. Use {others}."
            for mode in Mode
            if mode not in model.modes and (others := _others(provider, mode))
        }

    def mode_hint(self, chosen: Mapping[str, str]) -> str:
        """Why the chosen model lacks the chosen mode, if so: there before any script has come."""
        model = find_model(chosen["provider"], chosen["model"])
        if model is None:
            return ""
        return self.lacking(PROVIDERS[chosen["provider"]], model).get(str(chosen["mode"]), "")

    def account(self, provider: str) -> str:
        """The last known balance of the provider account, in words; '' where none is."""
        key = self.keys.get(provider)
        if key is None or key.balance is None or key.checked_at is None:
            return ""
        label, when, had = PROVIDERS[provider].label, ago(key.checked_at), f"{key.balance:,.0f}"
        if when == "now":
            if key.owner_id:
                return f"Your {label} account has {had} credits."
            return f"The team’s {label} account has {had} credits."
        if key.owner_id:
            return f"Your {label} account had {had} credits {when} ago."
        return f"The team’s {label} account had {had} credits {when} ago."

    def shortage(self, provider: str, cost: int | None, takes: int = 1) -> str:
        """A warning where the provider account seems not to hold what so many takes need."""
        key = self.keys.get(provider)
        if key is None or key.balance is None or not cost or cost <= key.balance:
            return ""
        needs = "This video needs" if takes == 1 else f"These {takes} takes need"
        return f"{self.account(provider)} {needs} about {cost:,}."

    def shortages(self, provider: str, price: int | None) -> list[str]:
        """Those warnings for each number of takes at this price; empty where there are none."""
        said = [self.shortage(provider, takes * (price or 0), takes) for takes in TAKES]
        return said if any(said) else []

    @staticmethod
    def made_by(provider: str) -> str:
        """The provider of a model in words; '' for none."""
        known = PROVIDERS.get(provider)
        return f"Made by {known.label}." if known else ""

    @property
    def film_hint(self) -> str:
        """What is taken as a film to change."""
        size, seconds = source_films.BYTES_MAX // 1024**2, source_films.SECONDS_MAX
        return f"An MP4 of up to {size} MB and {seconds} seconds, or one of your videos."

    @property
    def span_max(self) -> int:
        """Seconds of it that are changed at once, at most."""
        return source_films.SPAN_MAX

    @staticmethod
    def image_hint(provider: str) -> str:
        """The reason no images can be used at this provider; '' where they can."""
        known = PROVIDERS.get(provider)
        if known is None or known.takes_uploads or addresses.reaches_us():
            return ""
        return (
            f"{known.label} fetches images from a public address, and this server has none. "
            "Ask an admin to set PUBLIC_URL."
        )


def _usable(user_id: int) -> QuerySet[Credential]:
    return Credential.objects.usable_by(User(pk=user_id))


def _others(provider: Provider, mode: Mode) -> str:
    """The models that offer a mode: this provider's, or else the providers that have one."""
    sisters = [each.short for each in provider.models if mode in each.modes]
    elsewhere = [p.label for p in PROVIDERS.values() if any(mode in m.modes for m in p.models)]
    if not sisters and elsewhere:
        return f"a model of {get_text_list(elsewhere, 'or')}"
    return get_text_list(sisters, "or")
