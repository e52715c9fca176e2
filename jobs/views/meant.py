"""The videos that a request is about, for whatever is done with several at once."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.http import HttpRequest

from jobs.forms.choosing import VideosField


class NoneMeant(Exception):
    """The request names no videos, or too many; `user_message` says which."""

    def __init__(self, user_message: str) -> None:
        super().__init__(user_message)
        self.user_message = user_message


def videos_meant(request: HttpRequest, *, at_least: int = 0) -> list[UUID]:
    """The ids of the videos that are named, as ticks, by a card's button or in the address, each
    once, in their order.

    Whether they are there, and whether this person may see them, is not looked at. Raises
    `NoneMeant`.
    """
    given = request.POST if request.method == "POST" else request.GET
    # A button of one card, which is in the form of all that are ticked, names its own.
    one = given.get("one", "").rpartition(" ")[2]
    try:
        ids: list[UUID] = VideosField(required=False).clean(
            [one] if one else given.getlist("video")
        )
    except forms.ValidationError as error:
        raise NoneMeant(" ".join(error.messages)) from error
    if len(ids) < at_least:
        raise NoneMeant("Choose at least one video.")
    return list(dict.fromkeys(ids))
