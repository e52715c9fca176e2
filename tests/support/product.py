"""The whole product as `make run` starts it, in a data folder and on ports of its own."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fcntl import LOCK_EX, flock
from functools import cached_property
from itertools import chain, count, islice, repeat, takewhile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import requests

from tests import ROOT
from tests.support.markup import flat
from tests.tools.servers import free_port

PASSWORD = "correct horse battery"
STARTS_WITHIN, STOPS_WITHIN = 60, 10
SECONDS = 2.0
"""How long the practice provider takes for a video."""


@dataclass(frozen=True)
class Person:
    username: str
    number: int
    session: str
    """Where they are signed in already; a browser gets it as its cookie."""
    password: str = PASSWORD


@dataclass
class Product:
    """A running installation, used by way of HTTP alone."""

    var: Path
    url: str
    practice_url: str
    sessions: dict[str, requests.Session] = field(default_factory=dict)
    names: Iterable[str] = field(
        default_factory=lambda: chain(("ada",), map("member{}".format, count(1)))
    )
    """Who there is, the admin first."""

    @cached_property
    def people(self) -> Iterator[Person]:
        names = iter(self.names)
        # Where more are asked for than two or three, many are, and then very many: whoever makes
        # them has all of Dailies to load first, which takes longer than sixty of them.
        sizes = chain((4, 20), repeat(60))
        batches = takewhile(bool, (list(islice(names, size)) for size in sizes))
        return chain.from_iterable(populate(self.var, batch) for batch in batches)

    @cached_property
    def admin(self) -> Person:
        return next(self.people)

    def member(self) -> Person:
        """Somebody with 5,000 credits who has done nothing yet."""
        _ = self.admin  # the first of the people
        return next(self.people)

    def cookies(self, who: Person) -> list[Any]:
        return [{"name": "sessionid", "value": who.session, "url": self.url}]

    # ── What a person does, without a browser ────────────────────────────────
    def post(self, who: Person, path: str, /, **fields: Any) -> requests.Response:
        """Send a form of a page, with the token that its hidden field would hold."""
        if who.username not in self.sessions:
            session = self.sessions[who.username] = requests.Session()
            session.cookies["sessionid"] = who.session
            session.get(self.url, timeout=20)
        session = self.sessions[who.username]
        fields["csrfmiddlewaretoken"] = session.cookies["csrftoken"]
        answer = session.post(self.url + path, fields, timeout=20)
        assert answer.ok, f"{path}: {answer.status_code}"
        return answer

    def settled(self, who: Person, *statuses: str) -> None:
        """Wait until this person's newest cards stand so, and no film at all is being fetched."""
        deadline = time.monotonic() + 30
        while True:
            page = self.sessions[who.username].get(self.url, timeout=20).text
            own = f'<span class="sr">{who.username}</span>'
            found = [
                card.partition('"')[0]
                for card in re.split(r'<article class="job"[^>]* data-status="', flat(page))[1:]
                if own in card
            ]
            if sorted(found) == sorted(statuses) and "Storing…" not in page:
                return
            assert time.monotonic() < deadline, found
            time.sleep(0.4)  # each look is a page that is made

    def wait_for_task(self, prompt: str) -> None:
        """Wait until the practice provider has taken this prompt."""
        deadline = time.monotonic() + 30
        while not self.tasks(prompt):
            assert time.monotonic() < deadline, "it was never sent"
            time.sleep(0.05)

    def generate(self, who: Person, prompt: str, **changes: Any) -> None:
        """Submit a prompt, as the plain form does."""
        fields = {
            "submission_key": uuid4(),
            "prompt": prompt,
            "model": "veo3_fast",
            "aspect_ratio": "16:9",
            "resolution": "720p",
            "duration": "8",
            "translate": "on",
        }
        self.post(who, "/", **{**fields, **changes})

    def tasks(self, prompt: str) -> list[dict[str, Any]]:
        """What the practice provider has made of a prompt."""
        answer = requests.get(f"{self.practice_url}/practice/state.json", timeout=20)
        return [task for task in answer.json()["tasks"] if prompt in task["prompt"]]


# ── Starting and stopping ────────────────────────────────────────────────────
def environment(var: Path, **changes: Any) -> dict[str, str]:
    """That of an installation with nothing of this machine's own settings."""
    own = {
        "DJANGO_SETTINGS_MODULE": "veo_site.settings",
        "DAILIES_LOCAL": "1",
        "VAR_DIR": var,
        "DATABASE_URL": f"sqlite:///{var / 'db.sqlite3'}",
        "MEDIA_ROOT": var / "media",
        "HOST": "127.0.0.1",
        "PORT": free_port(),
        "PRACTICE": "true",
        "PRACTICE_PORT": free_port(),
        "PRACTICE_OPTIONS": f"--seconds {SECONDS} --queue-seconds 0 --fps 4 --reuse-films",
        "POLL_SECONDS_MIN": 0.3,
        "Q_WORKERS": 2,
        "ALLOWED_HOSTS": "127.0.0.1",
        **dict.fromkeys(("DEBUG", "PUBLIC_URL", "REDIS_URL", "Q_BROKER", "EMAIL_URL"), ""),
        **dict.fromkeys(("TRUSTED_ORIGINS", "TRUSTED_PROXIES"), ""),
        # One person of a test, a measurement or a soak orders more than people do.
        "LIMIT_ORDERS": "off",
        **changes,
    }
    own["DEBUG"], own["Q_BROKER"] = "false", "orm"
    return os.environ | {name: str(value) for name, value in own.items()}


def prepare(var: Path) -> None:
    """Database and static files."""
    subprocess.run(
        [sys.executable, "manage.py", "prepare"], cwd=ROOT, env=environment(var), check=True
    )


def setup_code(var: Path, **changes: Any) -> str:
    """The code for the setup page, as `manage.py prepare` prints it with these settings."""
    said = subprocess.run(
        [sys.executable, "manage.py", "prepare"],
        cwd=ROOT,
        env=environment(var, **changes),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
    return next(re.finditer(r"\b\w{4}-\w{4}-\w{4}\b", said))[0]


def prepared() -> Path:
    """A data folder as `manage.py prepare` leaves it, made once for all processes of a test run.

    It is for copying: what runs in it belongs to nobody else.
    """
    return made_once("prepared", prepare)


def made_once(name: str, make: Callable[[Path], None]) -> Path:
    """A folder of this name, made by the first process of a test run that asks for it."""
    var = Path(os.environ["DAILIES_TEST_VAR"]) / name
    with Path(f"{var}.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        if not var.exists():
            unfinished = var.with_suffix(".part")
            make(unfinished)
            unfinished.rename(var)
    return var


def copy_of_prepared(var: Path) -> Path:
    shutil.copytree(prepared(), var)
    return var


PEOPLE = """
import sys, time, django; django.setup()
from importlib import import_module
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from jobs import ledger
from jobs.models import User

password = make_password({password!r})
for name in sys.argv[1:]:
    user = User.objects.filter(username=name).first()
    if user is None:
        user = User.objects.create(
            username=name, password=password, role=("admin", "member")[User.objects.exists()]
        )
        ledger.grant(user, 5000, reason="Opening balance", actor=user)
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    # As if they were just about to type it, for as long as a slow module takes.
    typed = {{"method": "password", "at": time.time() + 3600}}
    session["account_authentication_methods"] = [typed]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    print(name, user.pk, session.session_key)
"""


def populate(var: Path, names: Sequence[str]) -> Iterator[Person]:
    """An admin and members: at once and signed in, which by hand takes minutes."""
    told = subprocess.run(
        [sys.executable, "-c", PEOPLE.format(password=PASSWORD), *names],
        cwd=ROOT,
        env=environment(var),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    for line in told.stdout.splitlines():
        name, number, session = line.split()
        yield Person(name, int(number), session)


@contextmanager
def started(var: Path, stop: signal.Signals = signal.SIGTERM, **changes: Any) -> Iterator[Product]:
    """Web, workers, follower and practice provider on a prepared folder, stopped by a signal."""
    env = environment(var, **changes)
    with _running("veo_site.processes", env=env, stop=stop) as product:
        yield product


@contextmanager
def web_alone(prepared: Path, var: Path, **changes: Any) -> Iterator[Product]:
    """The pages of an installation in which nobody has been yet."""
    shutil.copytree(prepared, var, ignore=_films)
    web = ("gunicorn", "veo_site.wsgi", "-c", "veo_site/gunicorn.py", "--workers", "1")
    with _running(*web, env=environment(var, **changes)) as product:
        yield product


def _films(folder: str, names: list[str]) -> set[str]:
    """What of a data folder belongs to those who have been there."""
    # Named here: programs use this module without Django's settings.
    kept = set(names) - {"nameplate"} if Path(folder).name == "media" else set()
    return kept | {name for name in names if name.endswith(("-shm", "-wal"))}


@contextmanager
def _running(
    *module: str, env: dict[str, str], stop: signal.Signals = signal.SIGTERM
) -> Iterator[Product]:
    with (Path(env["VAR_DIR"]) / "browser-tests.log").open("w+b") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *module], cwd=ROOT, env=env, stdout=log, stderr=log
        )
        web, practice = (f"http://127.0.0.1:{env[port]}" for port in ("PORT", "PRACTICE_PORT"))
        product = Product(Path(env["VAR_DIR"]), web, practice)
        try:
            _wait_for(product.url, process, log)
            yield product
        finally:
            process.send_signal(stop)
            process.wait(STOPS_WITHIN)


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Any) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            requests.get(f"{url}/healthz", timeout=5).raise_for_status()
        except requests.RequestException:
            if process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.05)
                continue
            log.seek(0)
            raise AssertionError(f"Dailies does not start:\n{log.read().decode()}") from None
        return


def is_ours(url: str, product: Product) -> bool:
    """Whether a request of a page stays in the house."""
    parts = urlsplit(url)
    return parts.scheme in ("data", "blob", "about") or url.startswith(f"{product.url}/")
