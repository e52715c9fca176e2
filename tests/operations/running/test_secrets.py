"""Nothing that opens a door is left lying about (case 96)."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.urls import reverse
from django_q.signing import SignedPackage

from jobs.archive import public_url
from jobs.models import Job, User
from jobs.providers.reading import clean
from jobs.secrets.tokens import hash_token
from tests.conftest import leading_to, places
from tests.support import factories, kie
from tests.support.fakes import Wire
from tests.support.media import films
from tests.support.media.image_orders import image, order
from tests.support.running import drain_queue, follow
from tests.support.servers.messages import Seen
from tests.support.typed_forms import composer
from veo_site.telling.log_lines import LogFormatter
from veo_site.telling.masking import mask

KEY = "canary-api-key-7d1f0a9c3e5b"
SIGNING_KEY = "canary-signing-key-2b8e6f4a"


@dataclass(frozen=True)
class Aftermath:
    """What is left of a working day on which much went wrong."""

    secrets: dict[str, str]
    pages: list[str]
    queue: list[str]
    records: list[logging.LogRecord]
    requests: list[Seen]
    folder: Path

    def found_in(self, text: str) -> list[str]:
        """The names of the secrets that stand in a text."""
        return [name for name, secret in self.secrets.items() if secret in text]


class Day:
    """One member at work with a provider that misbehaves."""

    def __init__(self, wire: Wire, client: Client) -> None:
        self.wire = wire
        self.client = client
        self.pages: list[str] = []

    def send(self, name: str, **data: object) -> None:
        """Fill in a form, and keep the page it leads to."""
        answer = self.client.post(reverse(name), data, follow=True)
        self.pages.append(answer.content.decode())

    def look_at(self, path: str) -> None:
        answer = self.client.get(path)
        assert answer.status_code == 200, path
        self.pages.append(answer.content.decode())

    def call_back(self, path: str, **headers: str) -> int:
        return self.client.post(
            path, kie.callback(), content_type="application/json", headers=headers
        ).status_code

    def save_keys(self) -> None:
        self.wire.answer(json={"code": 200, "msg": "success", "data": 340}, path="credit")
        self.send("keys", provider="kie", key=KEY)
        self.send("keys", provider="kie", signing_key=SIGNING_KEY)
        self.wire.answer(json=kie.refused(401, f"no such key: {KEY}"), path="credit")
        self.send("keys", provider="kie", key=KEY)

    def make_a_film(self) -> None:
        """One job that goes well, except that its callback is also tried without a signature."""
        self.wire.answer(json=kie.accepted(), path="generate")
        self.send("studio", **composer())
        drain_queue()
        path = kie.callback_path(self.wire)
        signature = kie.signature("task-1", str(int(time.time())), SIGNING_KEY)
        assert (self.call_back(path), self.call_back(path, **signature)) == (401, 200)
        sent = self.wire.posts[-1].json
        echo = kie.echo(sent["prompt"], sent["seeds"], sent["callBackUrl"])
        film = f"{self.wire.url}/film.mp4"
        self.wire.answer(json=kie.succeeded(film, **echo), path="record-info")
        self.wire.answer(body=films.film(), path="film.mp4")
        follow()

    def have_bad_luck(self) -> None:
        """Every way of failing, the last of which is a key that is refused."""
        self.wire.rst(path="generate")
        self.wire.answer(500, body=f"<pre>Bearer {KEY}</pre>".encode(), path="generate")
        self.wire.redirect("http://127.0.0.1:1/", path="generate")
        self.wire.truncated(f'{{"code":200,"msg":"{KEY}"}}'.encode(), path="generate")
        self.wire.answer(json=kie.accepted(KEY), path="generate")
        self.wire.answer(json=kie.accepted({"key": KEY}), path="generate")
        self.wire.answer(json=kie.refused(422, f"nothing for {KEY}"), path="generate")
        self.wire.answer(json=kie.refused(401, f"no such key: {KEY}"), path="generate")
        for number in range(8):
            self.send("studio", **composer(prompt=f"A lighthouse in the rain, try {number}"))
            drain_queue()


class Noting(logging.Handler):
    """Keeps every record."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@contextmanager
def all_records() -> Iterator[list[logging.LogRecord]]:
    """What is logged meanwhile, trifles included."""
    noting, root = Noting(), logging.getLogger()
    before = root.level
    root.addHandler(noting)
    root.setLevel(logging.DEBUG)
    try:
        yield noting.records
    finally:
        root.setLevel(before)
        root.removeHandler(noting)


@pytest.fixture(scope="module")
def aftermath(
    shared_rows: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Aftermath]:
    """One day for all who look at what is left of it."""
    folder, wire = tmp_path_factory.mktemp("day"), Wire()
    with (
        override_settings(**leading_to(wire), **places(folder)),
        django_db_blocker.unblock(),
    ):
        left = played(wire, folder)
    yield left
    wire.close()
    assert not wire.unscripted


def played(wire: Wire, folder: Path) -> Aftermath:
    """A day from its beginning to its end, listened to."""
    queue: list[str] = []
    loads = SignedPackage.loads

    def noted(package: str) -> Any:
        queue.append(repr(loads(package)))
        return loads(package)

    with pytest.MonkeyPatch.context() as patched, all_records() as records:
        patched.setattr(SignedPackage, "loads", staticmethod(noted))
        factories.person("carol", User.Role.MEMBER, 5000)
        day = Day(wire, Client())
        day.send("login", username="carol", password=factories.PASSWORD)
        day.save_keys()
        day.make_a_film()
        day.have_bad_luck()
        for name in ("studio", "keys", "projects"):
            day.look_at(reverse(name))
        for job in Job.objects.all():
            day.look_at(reverse("job", args=[job.pk]))
    tokens = [kie.callback_path(wire, n).rstrip("/").rpartition("/")[2] for n in _made(wire)]
    secrets = {f"callback secret {number}": token for number, token in enumerate(tokens)}
    secrets |= {"API key": KEY, "signing key": SIGNING_KEY, "password": factories.PASSWORD}
    secrets["session"] = day.client.cookies["sessionid"].value
    return Aftermath(secrets, day.pages, queue, records, wire.requests, folder)


def _made(wire: Wire) -> Iterator[int]:
    """The places of the paid requests among all POSTs."""
    return (n for n, seen in enumerate(wire.posts) if "generate" in seen.path)


def dump() -> dict[str, str]:
    """Every table's rows as text."""
    tables = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            tables[table] = repr(cursor.fetchall())
    return tables


pytestmark = [pytest.mark.django_db, pytest.mark.data]


def test_the_day_held_what_it_should(aftermath: Aftermath) -> None:
    statuses = sorted(Job.objects.values_list("status", flat=True))
    assert statuses == ["failed", "queued", "succeeded", *6 * ["uncertain"]]
    assert Job.objects.get(status="succeeded").renditions.get().state == "stored"
    assert len(aftermath.secrets) == 9 + 4


def test_no_secret_stands_in_the_database(aftermath: Aftermath) -> None:
    tables = dump()
    assert "A lighthouse in the rain" in tables["jobs_job"]
    assert aftermath.found_in(" ".join(tables.values())) == []


def test_of_a_callback_secret_only_the_hash_is_kept(aftermath: Aftermath) -> None:
    token = aftermath.secrets["callback secret 0"]
    job = Job.objects.get(status="succeeded")
    assert job.callback_hash == hash_token(token)


def test_a_callback_secret_that_the_provider_repeats_is_not_kept(
    provider: Wire, alice: User
) -> None:
    def refuse(seen: Seen) -> dict[str, Any]:
        return kie.refused(422, f"cannot reach {seen.json['callBackUrl']}")

    provider.reply(refuse)
    job = factories.job(alice)
    drain_queue()
    job.refresh_from_db()
    assert job.status == "failed"
    assert kie.callback_path(provider) not in "".join(dump().values())


def test_no_secret_travels_through_the_queue(aftermath: Aftermath) -> None:
    names = {name for text in aftermath.queue for name in re.findall(r"jobs\.tasks\.(\w+)", text)}
    assert names - {"beat"} == {"start", "store"}
    assert aftermath.found_in(" ".join(aftermath.queue)) == []


def test_no_secret_is_logged(aftermath: Aftermath) -> None:
    text = "\n".join(map(LogFormatter().format, aftermath.records))
    assert "urllib3" in {record.name.partition(".")[0] for record in aftermath.records}
    assert "/webhooks/kie/***" in text
    assert aftermath.found_in(text) == []


def test_no_secret_but_those_in_addresses_even_reaches_the_formatter(
    aftermath: Aftermath,
) -> None:
    text = "\n".join(map(logging.Formatter().format, aftermath.records))
    assert {name.rstrip(" 0123456789") for name in aftermath.found_in(text)} <= {"callback secret"}


def test_no_secret_is_shown_on_a_page(aftermath: Aftermath) -> None:
    text = "\n".join(aftermath.pages)
    assert KEY[-4:] in text
    assert aftermath.found_in(text) == []


def test_an_admin_is_shown_no_secret_either(aftermath: Aftermath) -> None:
    client = factories.signed_in(factories.admin("ada"))
    for path in [reverse(name) for name in ("studio", "keys", "team", "projects")]:
        assert aftermath.found_in(client.get(path).content.decode()) == []


def test_no_secret_is_written_to_a_file(aftermath: Aftermath) -> None:
    files = [path for path in aftermath.folder.rglob("*") if path.is_file()]
    assert files
    assert aftermath.found_in(" ".join(path.read_bytes().decode("latin-1") for path in files)) == []


def test_the_key_goes_to_the_provider_and_only_in_its_header(aftermath: Aftermath) -> None:
    for seen in aftermath.requests:
        rest = {name: text for name, text in seen.headers.items() if name != "authorization"}
        assert KEY not in f"{seen.path}{seen.query}{rest}{seen.body!r}"
        assert ("authorization" in seen.headers) == (seen.path != "/film.mp4")


# ── Masking ──────────────────────────────────────────────────────────────────
TOKEN = "Qm9vdHN0cmFwLXNlY3JldC1mb3ItdGVzdGluZy0xMjM"


@pytest.mark.parametrize(
    "line",
    [
        "POST /webhooks/kie/{} 401",
        "Not Found: /webhooks/kie/{}/",
        '"POST /webhooks/veo4/{}/ HTTP/1.1" 200',
        "https://dailies.example/webhooks/kie/{}",
        "{{'callBackUrl': 'https://dailies.example/webhooks/kie/{}/'}}",
        "GET /images/public/{}.jpg 200",
        "could not fetch (https://dailies.example/images/public/{}.png), said it",
        "<https://dailies.example/images/public/{}.jpg>",
        "GET /s/{} 200",
        "Not Found: /s/{})/",
        "see /s/{}, it is good",
        "url=https%253A%252F%252Fdailies.example%252Fs%252F{}%252F",
        "GET /s/oembed?url=https%3A%2F%2Fdailies.example%2Fs%2F{}%2F&format=json 200",
        "GET /s/{}?download=1 200",
        "Authorization: Bearer {}",
        "{{'authorization': 'bearer {}'}}",
        "Bearer  {}\nnext line",
    ],
)
def test_a_secret_is_masked_wherever_it_stands_in_a_line(line: str) -> None:
    masked = mask(line.format(TOKEN))
    assert TOKEN not in masked
    assert masked == line.format("***")


@pytest.mark.parametrize("tilde", ["~", "%7E"])
def test_a_signed_address_of_a_picture_is_masked_as_it_is_made(
    provider: Wire, alice: User, tilde: str
) -> None:
    url = public_url(image(alice)).replace("~", tilde)
    assert mask(f"GET {url} 200") == "GET https://dailies.example/images/public/***.jpg 200"
    assert clean(f"could not fetch {url}") == (
        "could not fetch https://dailies.example/images/public/***.jpg"
    )


def test_a_signed_address_that_the_provider_repeats_is_not_shown(
    provider: Wire, alice: User
) -> None:
    shot = image(alice)
    provider.answer(400, json={"error": f"could not fetch {public_url(shot)}"})
    job = factories.job(alice, provider="veo4", **order(alice, shot, mode="references"))
    drain_queue()
    job.refresh_from_db()
    assert job.status == "failed"
    assert "/images/public/***.jpg" in job.error


@pytest.mark.parametrize(
    "line", ["GET /jobs/0a1b/ 200", "POST /webhooks/ 404", "the bearer of news", "GET /static/x"]
)
def test_a_line_without_a_secret_stays_as_it_is(line: str) -> None:
    assert mask(line) == line


def test_a_secret_in_a_traceback_is_masked() -> None:
    record = logging.LogRecord("test", logging.ERROR, "", 0, "broke on %s", ("x",), None)
    record.exc_info = (ValueError, ValueError(f"/webhooks/kie/{TOKEN}/"), None)
    for as_json in (False, True):
        line = LogFormatter(as_json=as_json).format(record)
        assert "/webhooks/kie/***" in line
        assert TOKEN not in line
