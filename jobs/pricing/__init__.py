"""The price of a piece of work before it is done, and what admins make of it."""

from jobs.pricing.changing import change, change_by_second, replaced, withdraw
from jobs.pricing.price_list import InForce, PriceList, PriceUnknown, Work, quote

__all__ = [
    "InForce",
    "PriceList",
    "PriceUnknown",
    "Work",
    "change",
    "change_by_second",
    "quote",
    "replaced",
    "withdraw",
]
