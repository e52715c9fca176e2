from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from jobs.file_names import AT_FIRST, TEMPLATE_LENGTH_MAX
from jobs.models import prepared
from jobs.models.team.delivery import WHOLE, Delivery
from jobs.times.months import LAST_OF_EACH


class Team(Delivery):
    """The settings that hold for everybody: one row."""

    class SecondFactorOf(models.TextChoices):
        NOBODY = "nobody", "Nobody: it is for each to choose"
        ADMINS = "admins", "Admins"
        EVERYBODY = "everybody", "Everybody"

    name = models.CharField(max_length=80, blank=True, default="")
    monthly_cap = models.BigIntegerField(null=True, blank=True)
    """Credits that all people together may spend in a period; null for no bound."""
    reset_day = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(LAST_OF_EACH)]
    )
    """The day of the month on which periods begin, in TIME_ZONE."""
    credit_value = models.DecimalField(max_digits=12, decimal_places=6, null=True, blank=True)
    """The worth of a credit in `currency`, for reports; null where nobody has said."""
    currency = models.CharField(max_length=3, blank=True, default="USD")
    members_share_others = models.BooleanField(default=True)
    """Members may put videos of others on share links, as admins always may."""
    file_names = models.CharField(max_length=TEMPLATE_LENGTH_MAX, default=AT_FIRST)
    """The template of the names that downloaded files have (`jobs.file_names`)."""
    second_factor_of = models.CharField(
        max_length=9, choices=SecondFactorOf, default=SecondFactorOf.NOBODY
    )
    """Those who must have a second factor to sign in."""
    hides_first_steps = models.BooleanField(default=False)
    """An admin has waved away the list of what comes first."""

    class Meta:
        constraints = [
            models.CheckConstraint(name="team_is_one", condition=Q(pk=1)),
            models.CheckConstraint(name="team_delivers_whole", condition=WHOLE),
            models.CheckConstraint(
                name="team_reset_day", condition=Q(reset_day__gte=1, reset_day__lte=LAST_OF_EACH)
            ),
            models.CheckConstraint(
                name="team_second_factor_known",
                condition=Q(second_factor_of__in=["nobody", "admins", "everybody"]),
            ),
            models.CheckConstraint(
                name="team_cap_not_negative",
                condition=Q(monthly_cap=None) | Q(monthly_cap__gte=0),
            ),
        ]

    def __str__(self) -> str:
        return self.name or "The team"

    @classmethod
    def current(cls) -> Team:
        """The one row, with everything as it is at first where it was never saved."""
        found = prepared.rows("team", lambda: cls.objects.filter(pk=1))
        return found[0] if found else cls(pk=1)
