"""The web's hot paths, in turns with their baselines."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPConnection

from jobs.models import User
from tests.support import kie
from tests.tools.bench import private, seeds
from tests.tools.bench.baselines import bare
from tests.tools.bench.clients.load import Outcome, Plan, Shot, run
from tests.tools.bench.report import Pair

WARM_UP_SECONDS = 0.7
CALLBACKS_PER_SECOND = 900
"""More than can be answered: each callback is the first about its job, as in real life."""


def measure(seconds: float, rounds: int) -> Iterator[Pair]:
    viewer, stranger = seeds.member("viewer"), seeds.member("stranger")
    seeds.gallery(viewer, 24)
    with ExitStack() as stack:
        ours = stack.enter_context(private.web())
        base = stack.enter_context(private.web("tests.tools.bench.baselines.bare_settings"))
        headers = {"Cookie": seeds.cookie(viewer)}
        page = [Shot("/", headers=headers)]
        yield Pair(
            "studio page, 24 cards warm",
            *_in_turns(Plan(ours, page, 200, seconds), Plan(base, page, 200, seconds), rounds),
            target=0.8,
        )
        live = Shot(live_url(ours, headers), headers={**headers, "HX-Request": "true"})
        since = Shot(f"/poll/?since={time.time():.6f}", headers=headers)
        yield Pair(
            "studio poll, unchanged",
            *_in_turns(Plan(ours, [live], 204, seconds), Plan(base, [since], 204, seconds), rounds),
            target=0.8,
        )
        yield Pair(
            "webhook intake",
            *_in_turns(
                Plan(ours, _callbacks(stranger, seconds, rounds), 200, seconds, once=True),
                Plan(base, _bare_callbacks(stranger, seconds, rounds), 200, seconds, once=True),
                rounds,
            ),
            target=0.7,
            p99_target=2,
        )


def live_url(port: int, headers: dict[str, str]) -> str:
    """The address that a freshly loaded studio polls."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/", headers=headers)
    found = re.search(r'hx-get="([^"]+)"', connection.getresponse().read().decode())
    connection.close()
    if not found:
        raise LookupError("the studio page polls nothing")
    return html.unescape(found[1])


def _in_turns(ours: Plan, base: Plan, rounds: int) -> tuple[Outcome, Outcome]:
    sides = [(ours, Outcome()), (base, Outcome())]
    for plan, _ in sides:
        if not plan.once:
            run(Plan(plan.port, plan.shots, plan.expect, WARM_UP_SECONDS))
    for number in range(rounds):
        # Whoever comes second finds a warmer machine, so they take turns at that too.
        for plan, outcome in sides if number % 2 == 0 else reversed(sides):
            share = slice(number, None, rounds) if plan.once else slice(None)
            outcome.add(
                run(Plan(plan.port, plan.shots[share], plan.expect, plan.seconds, plan.once))
            )
    return sides[0][1], sides[1][1]


def _number(seconds: float, rounds: int) -> int:
    return int(CALLBACKS_PER_SECOND * seconds * rounds)


def _callbacks(owner: User, seconds: float, rounds: int) -> list[Shot]:
    stamp = f"{time.time():.0f}"
    return [
        Shot(
            f"/webhooks/kie/{token}/",
            "POST",
            {
                "Content-Type": "application/json",
                **kie.signature(job.external_id, stamp, seeds.SIGNING_KEY),
            },
            kie.callback(job.external_id).decode(),
        )
        for job, token in seeds.awaiting_callback(owner, _number(seconds, rounds))
    ]


def _bare_callbacks(owner: User, seconds: float, rounds: int) -> list[Shot]:
    shots = []
    for job, _ in seeds.awaiting_callback(owner, _number(seconds, rounds)):
        body = kie.callback(job.external_id)
        headers = {"Content-Type": "application/json", bare.SIGNATURE: bare.sign(body)}
        shots.append(Shot(f"/webhook/{job.pk}/", "POST", headers, body.decode()))
    return shots
