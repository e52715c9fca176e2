"""What a job is charged, in our credits, by what the provider says."""

from __future__ import annotations

import logging
import math
from decimal import Decimal

from jobs.models import Job
from jobs.providers import PROVIDERS

logger = logging.getLogger(__name__)

CHARGE_FACTOR_MAX = 10
"""A charge of more than this many times the quote is an error of the provider's figures."""


def charge_for(job: Job, provider_charge: Decimal | None) -> int:
    """Our credits for what the provider says it charged; the quote where it says nothing.

    A figure out of all proportion is logged and not believed.
    """
    if provider_charge is None:
        return job.quote
    ours = in_our_credits(job, provider_charge)
    if not 0 <= ours <= job.quote * CHARGE_FACTOR_MAX:
        logger.critical("job %s: a charge of %s cannot be true", job.pk, provider_charge)
        return job.quote
    return math.ceil(ours)


def in_our_credits(job: Job, provider_charge: Decimal) -> Decimal:
    """A provider's charge as our price list has it, which may differ from the provider's.

    It counts relative to the provider's own estimate, or where the answer with that was lost, to
    its published price; where there is neither, its credits are taken for ours. So they are where
    they come to our price: an admin has set that by what the provider charges now.
    """
    if math.ceil(provider_charge) == job.quote:
        return provider_charge
    provider = PROVIDERS.get(job.provider)
    model = provider.model(job.model) if provider else None
    published = model.published_price(job.resolution, job.duration) if model else None
    estimated = job.provider_credits_estimated or published
    return job.quote * provider_charge / estimated if estimated else provider_charge
