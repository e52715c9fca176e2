"""What a draft can be promoted to, and what it was."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import NAMESPACE_URL, UUID, uuid5

from django.utils.text import get_text_list

from jobs import ledger, lifecycle
from jobs.lifecycle import NO_PRICE, Promotion
from jobs.models import Job, User
from jobs.models.jobs.status import UNMADE
from jobs.pricing import PriceList, catalogue
from jobs.views.budget_fit import beyond


@dataclass(frozen=True, slots=True)
class PromotionOffer:
    """One draft's promotion, as somebody may order it now."""

    draft: Job
    promotion: Promotion
    cost: int | None
    """Credits; None where it has no price."""
    why_not: str
    """The reason why it can't be ordered; empty where it can."""
    short: str
    """The sentence that it is beyond a budget; empty where it fits."""
    key: UUID
    """The submission key: the same for every press of the same button."""
    made: list[Job]
    """Its promotions so far that this person may see, the newest first."""

    may_change: bool
    """This person may say what its project delivers in."""

    @property
    def kept(self) -> str:
        """What stays as it was, in words."""
        order = self.promotion.submission
        settings = {
            "prompt": True,
            "images": bool(order.image_ids),
            "seed": order.seed is not None,
            "length": order.duration == self.draft.duration,
            "format": order.aspect_ratio == self.draft.aspect_ratio,
        }
        return get_text_list([name for name, is_kept in settings.items() if is_kept], "and")

    @property
    def is_other_model(self) -> bool:
        """The same prompt and seed look different with another model."""
        return self.draft.model != self.promotion.submission.model


def promotion_offer(draft: Job, viewer: User) -> PromotionOffer:
    """Expects `JobQuerySet.for_cards`."""
    promotion = lifecycle.promotion_of(draft)
    order, prices = promotion.submission, PriceList()
    made = list(draft.promotions.select_related("owner").order_by("-created_at"))
    cost = prices.of(order)
    why_not = lifecycle.why_not_promoted(draft, order, made)
    if not why_not and order.model in prices.withdrawn:
        why_not = catalogue.why_not(promotion.target.provider, promotion.target.model)
    elif not why_not and cost is None:
        why_not = NO_PRICE
    ended = sum(job.status in UNMADE for job in made if job.owner_id == viewer.pk)
    short = "" if why_not else beyond(ledger.means_of(viewer), cost, draft.project_id)
    return PromotionOffer(
        draft=draft,
        promotion=promotion,
        cost=cost,
        why_not=why_not,
        short=short,
        key=uuid5(NAMESPACE_URL, f"promote:{draft.pk}:{order.model}:{order.resolution}:{ended}"),
        made=[job for job in made if job.is_seen_by(viewer)],
        may_change=draft.project is not None and draft.project.is_kept_by(viewer),
    )
