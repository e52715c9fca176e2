"""The life of tasks: accepted, rendered, ended, paid for and told about."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from jobs.practice.background import Schedule, Workers
from jobs.practice.book.accounts import Account, Keyring
from jobs.practice.book.kept import Kept
from jobs.practice.book.tasks import SEGMENT, Book, Links, Reason, Task, TaskState
from jobs.practice.callbacks.delivery import Mailer
from jobs.practice.callbacks.notices import notice, planned
from jobs.practice.dialects import market, veo4
from jobs.practice.dialects.kie_reasons import IMAGE_FAILED, RENDER_FAILED, cause_of, reason_of
from jobs.practice.files.fetching import (
    LARGEST_FILM,
    Unfetchable,
    fetch,
    picture_of,
    picture_size,
)
from jobs.practice.files.films import FilmStore
from jobs.practice.files.uploads import Upload, Uploads
from jobs.practice.kinds import UPGRADES
from jobs.practice.life.fault_draw import Luck
from jobs.practice.options import Options

log = logging.getLogger(__name__)
FETCHERS = 2
ANSWERED = 0.5
"""Seconds in which an answer gets out."""


class Practice:
    """Everything the practice providers know, apart from HTTP."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.base_url = ""
        rate = options.balance, options.rate_limit, options.rate_seconds
        self.keyrings = {
            "kie": Keyring("kie", options.kie_keys, *rate),
            "veo4": Keyring("veo4", options.veo4_keys, *rate),
        }
        self.book = Book()
        self.luck = Luck(options)
        # First of all that touches the folder, since another process may be using it.
        self._kept = Kept(Path(options.keep) if options.keep else None)
        self.films = FilmStore(options)
        self.uploads = Uploads(self._kept)
        self.changed = threading.Condition(threading.RLock())
        self._schedule = Schedule()
        self._fetchers = Workers(FETCHERS, "fetch")
        self._mailer = Mailer(options, self._schedule, self._taken)
        self.counts: Counter[str] = Counter()
        self.shut: Callable[[], None] = lambda: None
        """Lets nobody connect any more; the server's."""
        self.open: Callable[[], None] = lambda: None
        """Lets everybody connect again."""
        self._is_over = False

    @property
    def accounts(self) -> list[Account]:
        """Every account of both providers."""
        return [each for ring in self.keyrings.values() for each in ring.accounts.values()]

    def resume(self) -> None:
        """Go on with what was kept when the last process ended: called before anybody asks."""
        for path, provider, name, kind, content, since in self._kept.uploads():
            if owner := self._named(provider, name):
                self.uploads.keep(Upload(path, owner, kind, content, since))
        running = []
        for task in self._kept.tasks(self._named):
            self.book.saw(task.account, task.kind, task.params)
            self._enter(task)
            task.account.accepted += 1
            if task.result is None:
                # Off the balance with which this process begins: it comes back should it fail.
                task.account.adjust(task.charged)
                running.append(task)
        for task in running:
            self._go_on(task)

    def go_away(self, seconds: float) -> None:
        """Let nobody connect for so long, once the answer that is due now is out."""
        self._schedule.after(ANSWERED, self.shut)
        self._schedule.after(ANSWERED + seconds, self.open)

    def _named(self, provider: str, name: str) -> Account | None:
        ring = self.keyrings.get(provider)
        return ring.accounts.get(name) if ring else None

    def _enter(self, task: Task) -> None:
        for forgotten in self.book.add(task):
            self._kept.forget(forgotten)

    def accept(self, task: Task) -> Task | None:
        """Charge and enter the task and start work on it; None where credits are lacking.

        There is one upgrade of each kind: where it exists already, that one is given back.
        """
        with self.changed:
            if task.source is not None and task.kind in UPGRADES:
                twin = self.book.upgrade(task.source, task.kind)
                if twin is not None:
                    return twin
            if not task.account.charge(task.price):
                return None
            task.charged = task.price
            self._enter(task)
            self._kept.write(task)
        self._begin(task)
        return task

    def _begin(self, task: Task) -> None:
        if "early-callback" in task.tags and task.callback_url:
            self._mailer.post(notice(task, self.links(task), self.options))
        self._go_on(task)

    def _go_on(self, task: Task) -> None:
        left = task.created + task.queue_seconds + task.seconds - time.time()
        self._schedule.after(left, lambda: self._arrived(task, "time"))
        if cause_of(task):
            self._arrived(task, "film")
        elif "stuck" in task.tags:
            return
        elif (task.images or task.changes) and not task.film.opening:
            self._fetchers.do(lambda: self._fetch_images(task))
        else:
            self._order(task)

    def _order(self, task: Task) -> None:
        def done(problem: str) -> None:
            self._arrived(task, "film", RENDER_FAILED if problem else None)

        self.films.order(task.film, done)

    def _fetch_images(self, task: Task) -> None:
        try:
            pictures = [*_of_film(task), *(fetch(url) for url in task.images)]
            sizes = [picture_size(picture) for picture in pictures]
            opening = self.films.keep_picture(pictures[0])
        except (Unfetchable, OSError) as problem:
            log.info("an image of %s: %s", task.id, problem)
            self._arrived(task, "film", IMAGE_FAILED)
            return
        film = task.film
        if task.ratio == "Auto" and sizes[0][0] < sizes[0][1]:
            film = replace(film, width=film.height, height=film.width)
        task.film = self.films.spec(replace(film, opening=opening))
        self._kept.write(task)
        self._order(task)

    def links(self, task: Task, query: str = "") -> Links:
        """Addresses of a task's files."""
        base = f"{self.base_url}/files/{task.file}"
        segment = SEGMENT if task.film.before else ""
        return Links(f"{base}.mp4{query}", f"{base}{segment}.mp4{query}", f"{base}.jpg")

    def stop(self) -> None:
        """End all work at once; what is kept stands there as it was."""
        with self.changed:
            self._is_over = True
        self._schedule.stop()
        self._mailer.stop()
        self._fetchers.stop(0.1)
        self.films.stop()
        self._kept.close()

    def notify(self) -> None:
        """Wake those who wait for something to change."""
        with self.changed:
            self.changed.notify_all()

    def _taken(self, task: Task) -> None:
        with self.changed:
            task.callbacks_taken += 1
            self.changed.notify_all()

    def _arrived(self, task: Task, what: str, problem: Reason | None = None) -> None:
        with self.changed:
            if self._is_over:
                # A film that was given up is no end of its task.
                return
            task.trouble = task.trouble or problem
            task.waits_for.discard(what)
            if task.waits_for or task.result is not None:
                self.notify()
                return
            self._end(task)
            self._kept.write(task)
        for delay, each in planned(task, self.links(task), self.options):
            self._mailer.send(each, delay)
        self.notify()

    def _end(self, task: Task) -> None:
        cause = cause_of(task)
        task.reason = reason_of(task, cause) if cause else task.trouble
        task.ended = time.time()
        if task.reason is None:
            self._settle(task, self._final_price(task))
            task.result = TaskState.SUCCEEDED
            return
        self._settle(task, task.price if cause == "fail-charged" else Decimal(0))
        canceled = cause == "cancel" and task.provider == "veo4"
        task.result = TaskState.CANCELED if canceled else TaskState.FAILED

    def _final_price(self, task: Task) -> Decimal:
        if task.is_market:
            return market.charge(task)
        return task.price if task.provider == "kie" else Decimal(veo4.charge(task))

    def _settle(self, task: Task, price: Decimal) -> None:
        task.account.adjust(price - task.charged)
        task.charged = price


def _of_film(task: Task) -> list[bytes]:
    """The picture of the film that it changes, where the part to change begins."""
    film = task.changes
    if film is None:
        return []
    return [picture_of(fetch(film["url"], LARGEST_FILM), film["start"], film["ends"])]
