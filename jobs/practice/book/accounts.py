"""Accounts at the practice providers: keys, balances, prices and the rate of creations."""

import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from jobs.practice.kinds import TaskKind

# Credits per video by model and resolution (docs/contracts.md, kie 7).
KIE_PRICES: Mapping[str, Mapping[str, int]] = {
    "veo3": {"720p": 250, "1080p": 255, "4k": 380},
    "veo3_fast": {"720p": 60, "1080p": 65, "4k": 180},
    "veo3_lite": {"720p": 30, "1080p": 35, "4k": 150},
}
KIE_QUALITY_4K_FROM_IMAGES = 370
# An extension names the models otherwise; upgrades cost the same for all of them.
KIE_EXTEND_PRICES: Mapping[str, int] = {"quality": 250, "fast": 60, "lite": 30}
KIE_UPGRADE_PRICES: Mapping[TaskKind, int] = {TaskKind.UPGRADE_1080P: 5, TaskKind.UPGRADE_4K: 120}
# By seconds, of whatever size but 4K, which takes more (docs/contracts.md, market 4).
OMNI_PRICES: Mapping[int, int] = {4: 63, 6: 84, 8: 105, 10: 126}
OMNI_CHANGED = 168
OMNI_4K = 84
# By the second, as others saw it (docs/contracts.md, market 4).
SEEDANCE_PRICES: Mapping[str, int] = {"480p": 19, "720p": 41, "1080p": 102}
VEO4_PRICE = 180
VEO4_HD_PRICE = 240


def kie_price(model: str, resolution: str, *, images: bool) -> int:
    """Credits of a kie generation."""
    if images and (model, resolution) == ("veo3", "4k"):
        return KIE_QUALITY_4K_FROM_IMAGES
    return KIE_PRICES[model][resolution]


def omni_price(seconds: int, resolution: str) -> int:
    """Credits of a film of kie's unified API."""
    return OMNI_PRICES[seconds] + _more(resolution)


def change_price(resolution: str) -> int:
    """Credits of one that changes a film, however long it gets."""
    return OMNI_CHANGED + _more(resolution)


def _more(resolution: str) -> int:
    return OMNI_4K if resolution == "4k" else 0


def seedance_price(seconds: int, resolution: str) -> int:
    """Credits of a film that is paid for by the second."""
    return seconds * SEEDANCE_PRICES[resolution]


@dataclass
class Account:
    """One customer of one provider. Several keys may belong to it."""

    name: str
    provider: str
    balance: Decimal
    rate_limit: int
    rate_seconds: float
    charged: Decimal = Decimal(0)
    seen: int = 0
    accepted: int = 0
    limited: int = 0
    most_in_window: int = 0
    _recent: deque[float] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count_creation(self) -> bool:
        """Note that a creation was asked for; false when there were too many lately."""
        now = time.monotonic()
        with self._lock:
            self.seen += 1
            while self._recent and self._recent[0] <= now - self.rate_seconds:
                self._recent.popleft()
            if len(self._recent) >= self.rate_limit:
                self.limited += 1
                return False
            self._recent.append(now)
            self.most_in_window = max(self.most_in_window, len(self._recent))
            return True

    def charge(self, credits: Decimal) -> bool:
        """Take credits and count an accepted creation; where they are lacking, do nothing."""
        with self._lock:
            if credits > self.balance:
                return False
            self.balance -= credits
            self.charged += credits
            self.accepted += 1
            return True

    def adjust(self, credits: Decimal) -> None:
        """Take more (positive) or give back (negative) after the fact."""
        with self._lock:
            self.balance -= credits
            self.charged += credits


class Keyring:
    """The accounts of one provider by key."""

    def __init__(
        self, provider: str, keys: Sequence[str], balance: Decimal, limit: int, seconds: float
    ) -> None:
        self.accounts: dict[str, Account] = {}
        self._by_key: dict[str, Account] = {}
        for written in keys:
            key, _, name = written.partition("@")
            new = Account(
                name=name or key,
                provider=provider,
                balance=balance,
                rate_limit=limit,
                rate_seconds=seconds,
            )
            account = self.accounts.setdefault(new.name, new)
            self._by_key[key] = account

    def account(self, authorization: str) -> Account | None:
        """The account of an Authorization header, if its key is known."""
        scheme, _, key = authorization.partition(" ")
        return self._by_key.get(key) if scheme == "Bearer" else None
