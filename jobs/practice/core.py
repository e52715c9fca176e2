"""The life of tasks: accepted, rendered, ended, paid for and told about."""

import random
import threading
import time
from collections import Counter
from decimal import Decimal

from jobs.practice import veo4_shapes
from jobs.practice.accounts import Account, Keyring
from jobs.practice.background import Schedule
from jobs.practice.delivery import Mailer
from jobs.practice.faults import Stage
from jobs.practice.films import FilmStore
from jobs.practice.notices import notice, planned
from jobs.practice.options import Options
from jobs.practice.tags import Chooser, Tags, read_tags
from jobs.practice.tasks import Book, Reason, State, Task

REASONS = {
    "fail": Reason(500, "Internal Error, Please try again later."),
    "fail-early": Reason(501, "Video generation task failed", flag=2),
    "fail-policy": Reason(400, "Your prompt was flagged by Website as violating content policies."),
    "fail-policy-envelope": Reason(
        400, "Your prompt was flagged by Website as violating content policies."
    ),
    "fail-image": Reason(400, "Failed to fetch the image. Kindly verify any access limits."),
    "fail-charged": Reason(501, "Video generation task failed"),
    "cancel": Reason(501, "The task was canceled before completion", flag=2),
}
RENDER_FAILED = Reason(500, "The film could not be rendered")


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
        self.films = FilmStore(options)
        self.changed = threading.Condition(threading.RLock())
        self._schedule = Schedule()
        self._mailer = Mailer(options, self._schedule, self._taken)
        self._chooser = Chooser(options.faults, options.fault_rate, random.Random(options.seed))
        self.counts: Counter[str] = Counter()
        self._refusals: Counter[tuple[str, str]] = Counter()

    @property
    def accounts(self) -> list[Account]:
        """Every account of both providers."""
        return [each for ring in self.keyrings.values() for each in ring.accounts.values()]

    def read_prompt(self, prompt: str) -> tuple[str, Tags]:
        """The words to show, and the faults of this submission."""
        caption, tags = read_tags(prompt)
        with self.changed:
            return caption, self._chooser.add_to(tags)

    def refusing(self, prompt: str, tags: Tags) -> str | None:
        """The refusal that a submission meets, if any; ``=N`` refuses the first N times only."""
        name = tags.first(Stage.REFUSE)
        if name is None:
            return None
        with self.changed:
            self._refusals[name, prompt] += 1
            often = self._refusals[name, prompt]
        return name if often <= tags.number(name, float("inf")) else None

    def accept(self, task: Task) -> bool:
        """Charge and enter the task and start work on it; false where credits are lacking."""
        if not task.account.charge(task.price):
            return False
        task.charged = task.price
        self.book.add(task)
        if "early-callback" in task.tags and task.callback_url:
            self._mailer.post(notice(task, self.film_url(task), self.options))
        self._schedule.after(task.queue_seconds + task.seconds, lambda: self._arrived(task, "time"))
        if task.tags.first(Stage.END) in REASONS:
            self._arrived(task, "film")
        elif "stuck" not in task.tags:
            self.films.order(task.film, lambda problem: self._arrived(task, "film", problem))
        return True

    def film_url(self, task: Task) -> str:
        """Address of the film."""
        return f"{self.base_url}/files/{task.file}.mp4"

    def poster_url(self, task: Task) -> str:
        """Address of the poster."""
        return f"{self.base_url}/files/{task.file}.jpg"

    def stop(self) -> None:
        """End all work at once."""
        self._schedule.stop()
        self._mailer.stop()
        self.films.stop()

    def notify(self) -> None:
        """Wake those who wait for something to change."""
        with self.changed:
            self.changed.notify_all()

    def _taken(self, task: Task) -> None:
        with self.changed:
            task.callbacks_taken += 1
            self.changed.notify_all()

    def _arrived(self, task: Task, what: str, problem: str = "") -> None:
        with self.changed:
            if problem:
                task.reason = RENDER_FAILED
            task.waits_for.discard(what)
            if task.waits_for or task.result is not None:
                return
            self._end(task)
        for delay, each in planned(task, self.film_url(task), self.options):
            self._mailer.send(each, delay)
        self.notify()

    def _end(self, task: Task) -> None:
        cause = next((name for name in task.tags.values if name in REASONS), None)
        task.reason = REASONS[cause] if cause else task.reason
        task.ended = time.time()
        if task.reason is None:
            self._settle(task, self._final_price(task))
            task.result = State.SUCCEEDED
            return
        self._settle(task, task.price if cause == "fail-charged" else Decimal(0))
        canceled = cause == "cancel" and task.provider == "veo4"
        task.result = State.CANCELED if canceled else State.FAILED

    def _final_price(self, task: Task) -> Decimal:
        return task.price if task.provider == "kie" else Decimal(veo4_shapes.charge(task))

    def _settle(self, task: Task, price: Decimal) -> None:
        task.account.adjust(price - task.charged)
        task.charged = price
