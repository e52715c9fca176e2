"""People who look at the studio in the midst of everything."""

from __future__ import annotations

from uuid import UUID

from hypothesis.stateful import rule

from jobs.models import Job, User
from jobs.pricing import PriceList
from jobs.views.jobs.cards.dealing import cards_for
from jobs.views.jobs.cards.kept.dealing import deal
from jobs.views.jobs.cards.kept.facts import RESTING, facts_of
from tests.promises.stage import Stage, numbers
from tests.support.pages.control_names import as_if_alone


class Readers(Stage):
    """Each finds the cards as they are, whatever was kept of them before."""

    @rule(who=numbers)
    def look(self, who: int) -> None:
        viewer = User.objects.get(pk=[*self.people, self.cast.ada][who % 3].pk)
        # Once more, should a minute have begun between the two.
        if any(dealt(viewer) == rendered(viewer) for _ in range(2)):
            return
        assert dealt(viewer) == rendered(viewer)


def dealt(viewer: User) -> dict[UUID, str]:
    cards = deal(facts_of(Job.objects.all()), viewer, "token", PriceList())
    return {card.job.pk: as_if_alone(card.html) for card in cards if card.job.status in RESTING}


def rendered(viewer: User) -> dict[UUID, str]:
    """As a server does that has kept nothing."""
    cards = cards_for(Job.objects.for_cards(), viewer, "token")
    return {card.job.pk: card.html for card in cards if card.job.status in RESTING}
