from __future__ import annotations

from django.db import models

from jobs.models.team.credential import Credential


class BalanceReading(models.Model):
    """The balance of an account as the provider told it: evidence beside our settlements.

    A row for each change: between `seen_at` of one and `read_at` of the next it happened.
    """

    credential = models.ForeignKey(
        Credential, null=True, on_delete=models.SET_NULL, related_name="readings"
    )
    provider = models.CharField(max_length=16)
    account = models.CharField(max_length=220)
    """The account's name, else the key's last four characters, and whose: it outlives the key."""
    practice = models.BooleanField(default=False)
    balance = models.DecimalField(max_digits=14, decimal_places=2)
    """In the provider's own credits."""
    read_at = models.DateTimeField(auto_now_add=True)
    """The moment at which this figure was first read."""
    seen_at = models.DateTimeField(auto_now_add=True)
    """The moment at which it was last read and still the same."""

    class Meta:
        ordering = ["-read_at", "-id"]
        indexes = [
            models.Index(fields=["provider", "account", "read_at"], name="reading_account_moment"),
        ]
