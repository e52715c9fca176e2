"""Stores what somebody keeps under a name in a list of their own."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from jobs.forms import OwnNameForm
from jobs.models import User


def one_more(form: OwnNameForm, **values: Any) -> Any:
    """The row of a valid form, stored; None where it cannot be, with the reason on the form."""
    try:
        with transaction.atomic():
            # One after the other, or two at once would both be the last that there may be.
            User.objects.filter(pk=form.owner.pk).update(theme=F("theme"))
            if form.kept_as.objects.filter(owner=form.owner).count() < form.most:
                return form.kept_as.objects.create(owner=form.owner, **values)
    except IntegrityError:
        form.say_taken()
    else:
        form.say_full()
    return None


def changed(form: OwnNameForm, **values: Any) -> bool:
    """What a valid form says of something that is kept is stored; false with the reason on it."""
    rows = form.kept_as.objects.filter(pk=form.row.pk if form.row else None)
    try:
        with transaction.atomic():
            rows.update(**values)
    except IntegrityError:
        form.say_taken()
        return False
    return True
