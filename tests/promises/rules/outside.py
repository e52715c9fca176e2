"""What the provider does by itself, and what strangers try."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from jobs import inbox
from tests.promises.account import SIZES, STRANGERS
from tests.promises.stage import Mishap, Stage, callback_of, mishaps, numbers


class Outside(Stage):
    """The provider, and strangers."""

    @precondition(lambda self: any(not work.flag for work in self.account.all))
    @rule(
        which=numbers, flag=st.sampled_from([1, 1, 2, 3]), over=st.sampled_from([None, None, 0, 7])
    )
    def work_ends(self, which: int, flag: int, over: int | None) -> None:
        work = self.nth([work for work in self.account.all if not work.flag], which)
        if work.kind in SIZES:
            work.flag = 1
            return
        work.flag = flag
        if over is not None:
            work.charge = work.price + over if flag == 1 else over

    @precondition(lambda self: any(work.job and work.flag for work in self.account.work.values()))
    @rule(which=numbers, mishap=mishaps)
    def callback(self, which: int, mishap: Mishap) -> None:
        ended = [work for work in self.account.work.values() if work.job and work.flag]
        work = self.nth(ended, which)
        self.receive(work.token, callback_of(work.id, work.flag > 1), mishap)

    @precondition(lambda self: len(self.account.work) > 1)
    @rule(which=numbers, named=numbers, failure=st.booleans())
    def forged_callback(self, which: int, named: int, failure: bool) -> None:
        """Somebody who knows a callback address names other work, or none."""
        works = list(self.account.work.values())
        ids = [STRANGERS, f"made-up-{named}", *(work.id for work in works)]
        token = self.nth([work for work in works if work.job], which).token
        self.receive(token, callback_of(self.nth(ids, named), failure), None)
        with pytest.raises(inbox.Unknown):
            inbox.find("kie", "x" * 43)
