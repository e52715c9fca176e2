"""How passwords are kept: Argon2id, at a cost that a small machine bears."""

from __future__ import annotations

from threading import BoundedSemaphore

from django.contrib.auth import hashers

AT_ONCE = 2
"""Hashes that one process computes at the same time. The others wait, a tenth of a second each:
forty people who sign in together would else take 2 GB, and every processor."""

_room = BoundedSemaphore(AT_ONCE)


class Argon2PasswordHasher(hashers.Argon2PasswordHasher):
    """46 MiB and two passes: more than OWASP asks for, half of the memory that Django takes."""

    time_cost = 2
    memory_cost = 46 * 1024
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        with _room:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with _room:
            return super().verify(password, encoded)
