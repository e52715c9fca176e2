"""Who takes part: people with a tab, some of whom have keys and order, all in one project."""

from __future__ import annotations

import itertools
import random
import threading
from pathlib import Path
from uuid import uuid4

import requests
from django.conf import settings
from django.db import connection

from jobs import credentials, ledger, lifecycle
from jobs.models import Job, Project, User
from tests.support import factories
from tests.support.product import Person, Product
from tests.tools.soak.machines.surroundings import Stage, account_of, key_of

CREDITS = 10_000_000
ADMINS_OF = 20
"""One of so many people is an admin."""
TOP_UP_SECONDS = 0.5


class Team:
    """Everybody, signed in."""

    def __init__(self, stage: Stage, people: int, accounts: int, seconds: float) -> None:
        self._seconds = seconds
        self.users = [self._join(number) for number in range(people)]
        self.project = Project.objects.create(name="Campaign", created_by=self.users[0])
        self.sessions = [_session(user) for user in self.users]
        for number, user in enumerate(self.users[: accounts + 1]):
            ledger.grant(user, CREDITS, reason="for a benchmark", actor=None)
            key = credentials.save_key(user, "kie", key_of("kie", number), actor=None)
            credentials.set_account(key, account_of("kie", number, accounts), actor=user)
        self.makers = [
            Person(user.username, number, session)
            for number, (user, session) in enumerate(
                zip(self.users[:accounts], self.sessions, strict=False)
            )
        ]
        env = stage.environment
        self.product = Product(
            Path(env["VAR_DIR"]),
            f"http://127.0.0.1:{env['PORT']}",
            f"http://127.0.0.1:{env['PRACTICE_PORT']}",
        )
        self._numbers = itertools.count()

    @property
    def cookies(self) -> list[str]:
        return [f"{settings.SESSION_COOKIE_NAME}={session}" for session in self.sessions]

    def order_at_once(self, number: int) -> None:
        """So many, past all pages, to begin with."""
        for _ in range(number):
            place = next(self._numbers)
            maker = self.users[place % len(self.makers)]
            lifecycle.submit(maker, self._order(place), uuid4())

    def order(self) -> None:
        """One more, by the form of the studio."""
        place = next(self._numbers)
        maker = self.makers[place % len(self.makers)]
        self.product.generate(maker, self._prompt(place), project=self.project.pk)

    def _order(self, place: int) -> lifecycle.Submission:
        return lifecycle.Submission(
            provider="kie",
            model="veo3_fast",
            prompt=self._prompt(place),
            aspect_ratio="16:9",
            resolution="720p",
            duration=8,
            project_id=self.project.pk,
        )

    def _prompt(self, place: int) -> str:
        """Named as the soak's reckoning knows it; no two take the same time, so that they do not
        all end at once.
        """
        seconds = self._seconds * random.uniform(0.5, 1.5)
        scene = "a lighthouse in the rain, 35 mm, slow studio orbit, soft key light"
        return f"soak-{place:04} {scene} [[seconds={seconds:.1f}]]"

    @staticmethod
    def _join(number: int) -> User:
        role = User.Role.MEMBER if number % ADMINS_OF else User.Role.ADMIN
        return User.objects.create_user(f"person-{number}", role=role)


class Orders:
    """A thread that orders whenever fewer than so many jobs are under way."""

    def __init__(self, team: Team, number: int) -> None:
        self._team, self._number = team, number
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.under_way: list[int] = []
        """As often as was looked."""
        self.unanswered = 0
        """How many orders had no answer in time, on a machine that is too busy."""

    def __enter__(self) -> Orders:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(TOP_UP_SECONDS):
            there = Job.objects.in_progress().count()
            self.under_way.append(there)
            for _ in range(self._number - there):
                if self._stopped.is_set():
                    break
                try:
                    self._team.order()
                except requests.RequestException:
                    self.unanswered += 1
        connection.close()


def _session(user: User) -> str:
    return factories.signed_in(user).cookies[settings.SESSION_COOKIE_NAME].value
