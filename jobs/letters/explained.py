"""What could not be done, and why, to people."""

from __future__ import annotations


class Explained(Exception):
    """Carries the sentence that says to people why something was not done."""

    def __init__(self, user_message: str) -> None:
        super().__init__(user_message)
        self.user_message = user_message
