"""What both providers do alike with a submission and with a question about a task."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from jobs.practice.accounts import Account
from jobs.practice.core import Practice
from jobs.practice.faults import Stage
from jobs.practice.film import FilmSpec, size_of
from jobs.practice.mangle import Accepted, answer_dropped
from jobs.practice.messages import Answer, Refused, Request, as_html
from jobs.practice.tags import Tags
from jobs.practice.tasks import Task

RETRY_AFTER = 2
POLLS = 3


@dataclass(frozen=True)
class Submission:
    """A checked submission in words that both providers share."""

    provider: str
    task_id: str
    account: Account
    params: Mapping[str, Any]
    price: int
    resolution: str
    ratio: str
    length: int
    model: str
    callback_url: str


def customer(practice: Practice, provider: str, request: Request, message: str) -> Account:
    """The account whose key the request bears, or Refused 401."""
    account = practice.keyrings[provider].account(request.headers.get("authorization", ""))
    if account is None:
        raise Refused(401, message)
    return account


def submit(
    practice: Practice,
    order: Submission,
    refusals: Mapping[str, tuple[int, str]],
    shape: Callable[[Task, Any], dict[str, Any]],
) -> Answer:
    """Make the task of a submission, or misbehave as its tags ask for."""
    if not order.account.count_creation():
        raise Refused(*refusals["refuse-429"], retry_after=RETRY_AFTER)
    caption, tags = practice.read_prompt(str(order.params["prompt"]))
    dropped = tags.first(Stage.BEFORE)
    if dropped:
        return answer_dropped(dropped, tags, f"{practice.base_url}/elsewhere")
    refused = practice.refusing(str(order.params["prompt"]), tags)
    if refused is not None and refused in refusals:
        code, message = refusals[refused]
        raise Refused(code, message, RETRY_AFTER if code == 429 else None)
    task = _task(practice, order, caption, tags)
    if not practice.accept(task):
        raise Refused(*refusals["refuse-402"])
    if refused == "refuse-409":
        raise Refused(409, f"Conflicting task request: {task.id}")
    return Accepted(tags, task.id, lambda task_id: shape(task, task_id)).answer()


def _task(practice: Practice, order: Submission, caption: str, tags: Tags) -> Task:
    width, height = size_of(order.resolution, order.ratio)
    seed = order.params.get("seeds")
    facts = ["PRACTICE", order.model, f"seed {seed}" if seed else "", order.resolution]
    label = "  \u00b7  ".join(fact for fact in facts if fact)
    film = FilmSpec(caption, label, width, height, order.length, practice.options.fps)
    seconds = tags.number("seconds", practice.options.seconds)
    # A task whose whole length is given does not wait on top of it.
    waiting = 0.0 if "seconds" in tags else practice.options.queue_seconds
    return Task(
        id=order.task_id,
        provider=order.provider,
        account=order.account,
        params=order.params,
        caption=caption,
        tags=tags,
        film=practice.films.spec(film),
        resolution=order.resolution,
        price=Decimal(order.price),
        queue_seconds=tags.number("queue", waiting),
        seconds=seconds,
        callback_url=order.callback_url,
    )


def asked(practice: Practice, account: Account, task_id: str) -> Task | Answer | None:
    """The task of a question, a faulty answer instead of it, or None where it is unknown."""
    task = practice.book.find(task_id, account)
    if task is None:
        return None
    task.questions += 1
    practice.notify()
    tags, often = task.tags, task.questions
    if "slow-record" in tags and often <= tags.number("slow-record", POLLS):
        return None
    if "gone" in tags and often > 1:
        return None
    fault = tags.first(Stage.POLL) or ""
    if fault.startswith("poll-") and often <= tags.number(fault, POLLS):
        return _bad_poll(fault)
    return task


def _bad_poll(fault: str) -> Answer:
    if fault == "poll-drop":
        return Answer(manner="reset")
    if fault == "poll-html":
        return as_html("<html><h1>502 Bad Gateway</h1></html>", 502)
    if fault == "poll-500":
        return Answer(500, b'{"code":500,"msg":"Server Error","data":null}')
    code = int(fault.removeprefix("poll-"))
    raise Refused(code, "Try again later", RETRY_AFTER if code == 429 else None)


def links(practice: Practice, task: Task) -> tuple[str, str]:
    """Addresses of film and poster for one answer about a finished task."""
    film, poster = practice.film_url(task), practice.poster_url(task)
    if task.ended is not None:
        task.answers_with_link += 1
        if "stale-link" in task.tags and task.answers_with_link > 1:
            return f"{film}?fresh={secrets.token_hex(4)}", poster
    return film, poster
