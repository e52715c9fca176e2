"""Follows everything outstanding: asks what is due, and wakes workers for what was forgotten.

Several followers at once are harmless: every row is claimed by an UPDATE before it is worked on.
"""

from jobs.follower.asking import allowed, ask, claim_due
from jobs.follower.balances import claim_keys, claim_probes, probe, read_balance
from jobs.follower.dealing import deal
from jobs.follower.sweeping import give_up, sweep

__all__ = [
    "allowed",
    "ask",
    "claim_due",
    "claim_keys",
    "claim_probes",
    "deal",
    "give_up",
    "probe",
    "read_balance",
    "sweep",
]
