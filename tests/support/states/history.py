"""A year of a team's work, made up: people, jobs, files and books that add up.

The same seed and end give the same history. It is written past the product's doors, straight into
the tables, because that is the only way to have a year within seconds; `ledger.audit()` finds
nothing wrong with it.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from hashlib import sha256
from itertools import accumulate, islice
from random import Random
from typing import Any
from uuid import UUID

from django.db import connection, models, transaction
from django.utils import timezone

from jobs import letters
from jobs.ledger.periods import period_of
from jobs.models import (
    Budget,
    BudgetRequest,
    Job,
    LedgerEntry,
    Project,
    Rendition,
    Team,
    User,
)
from jobs.models.computed import TitleKeyField
from jobs.models.jobs.status import LIVE, Status
from jobs.pricing import PriceList
from jobs.providers.base import lines_of

FIRST = (
    *("Mara", "Ilyas", "Noor", "June", "Teo", "Priya", "Jonas", "Ada", "Lena", "Kofi"),
    *("Sanna", "Diego", "Yuki", "Amara", "Felix", "Ines", "Omar", "Ruth", "Viktor", "Zofia"),
)
LAST = (
    *("Kessler", "Brandt", "Aziz", "Lindqvist", "Rossi", "Nair", "Weber", "Okafor", "Haas"),
    *("Mensah", "Virtanen", "Alvarez", "Tanaka", "Diallo", "Moreau", "Silva", "Haddad"),
    *("Stein", "Novak", "Zielinska"),
)
WHERE = (
    "over a still fjord at midnight",
    "on a rain-soaked street, sodium light",
    "in a greenhouse at night",
    "on a plinth, soft key light from the left",
    "between birch trunks at dawn",
    "above rice fields, morning mist",
)
WHAT = (
    "A ceramic bottle, slow studio orbit",
    "A lantern boat, slow dolly forward",
    "A runner, handheld",
    "An origami crane unfolds itself, top light",
    "Espresso pouring in extreme macro",
    "Silk ribbon in zero gravity",
    "A lighthouse keeper climbs the stairs",
)
CAMPAIGNS = ("Launch", "Product loops", "Winter campaign", "Look-dev", "Teasers", "Documentary")
BRANDS = ("Aurora", "Glaze", "Fjord", "Harbour", "Meridian")
WORK = (
    # how often, provider, model, kind
    (46, "kie", "veo3_fast", "generate"),
    (11, "kie", "veo3", "generate"),
    (12, "kie", "veo3_lite", "generate"),
    (9, "veo4", "veo-4", "generate"),
    (7, "kie", "veo3_fast", "extend"),
    (9, "kie", "veo3_fast", "upgrade_1080p"),
    (6, "kie", "veo3_fast", "upgrade_4k"),
)
ENDS = (
    # in a thousand: how it ends, and what it is charged of its quote
    (905, Status.SUCCEEDED, Decimal(1)),
    (6, Status.SUCCEEDED, Decimal("1.25")),
    (58, Status.FAILED, Decimal(0)),
    (4, Status.FAILED, Decimal(1)),
    (4, Status.LOST, Decimal(1)),
    (3, Status.LOST, Decimal(0)),
    (20, Status.CANCELED, Decimal(0)),
)
Kind = LedgerEntry.Kind
SIZES = {"720p": (1280, 720), "1080p": (1920, 1080), "4k": (3840, 2160)}
MANY = 20_000
TRIAL_DAYS = 7
"""A team begins with the practice provider."""


@dataclass(frozen=True)
class Size:
    people: int = 200
    jobs: int = 200_000
    projects: int = 30
    days: int = 365


@dataclass(eq=False)
class _Purse:
    """A budget before it is written, with what the job at hand was granted in it."""

    row: Budget
    approved: int = 0

    @property
    def free(self) -> int:
        return self.row.balance - self.row.held


@dataclass
class _Books:
    """Every purse, and the entries in the order they happened."""

    purses: dict[object, _Purse] = field(default_factory=dict)
    entries: list[tuple[Any, ...]] = field(default_factory=list)

    def open(self, key: object, **fields: Any) -> _Purse:
        return self.purses.setdefault(key, _Purse(Budget(**fields)))

    def move(
        self,
        purse: _Purse,
        kind: str,
        moment: datetime,
        day: date,
        credits: int = 0,
        held: int = 0,
        job: UUID | None = None,
        actor: int | None = None,
        reason: str = "",
    ) -> None:
        purse.row.balance += credits
        purse.row.held += held
        if credits > 0:
            purse.row.given = purse.row.balance
        self.entries.append((purse, kind, credits, held, job, actor, reason, day, moment))


@dataclass
class _Made:
    """A job of the history: its row's values, and what is to be known about it meanwhile."""

    values: dict[str, Any]
    owner: User
    project: Project | None
    charged: int | None


class _Year:
    """Makes the history up, in the order it happened."""

    def __init__(self, size: Size, seed: int, end: datetime, staff: list[User]) -> None:
        self.size, self.end, self.staff = size, end, staff
        self.by_chance = Random(seed)
        self.last = timezone.localdate(end)
        self.first = self.last - timedelta(days=size.days - 1)
        self.team = Team.current()
        self.projects = list(Project.objects.order_by("pk"))
        self.prices = PriceList()
        self.quotes: dict[tuple[str, str, str, str], int] = {}
        self.books = _Books()
        self.jobs: list[dict[str, Any]] = []
        self.renditions: list[tuple[Any, ...]] = []
        self.parked: list[dict[str, Any]] = []
        self.takes: dict[int, list[dict[str, Any]]] = {person.pk: [] for person in staff}
        self.larger: set[tuple[UUID, str]] = set()
        self.period = (self.first, self.first)
        # Few people make most of it.
        self.people_weights = list(accumulate(1 / (n + 3) for n in range(len(staff))))
        self.work_weights = list(accumulate(row[0] for row in WORK))
        self.end_weights = list(accumulate(row[0] for row in ENDS))

    def play(self) -> None:
        admin = self.staff[0]
        days = [self.first + timedelta(days=n) for n in range(self.size.days)]
        weights = list(
            accumulate((1 + n / len(days)) * (0.15 if day.weekday() > 4 else 1)
                       for n, day in enumerate(days))
        )  # fmt: skip
        counts = [0] * len(days)
        for _ in range(self.size.jobs):
            counts[bisect(weights, self.by_chance.random() * weights[-1])] += 1
        missing = max(4 - counts[-1], 0)
        counts[-1] += missing
        counts[counts.index(max(counts))] -= missing
        open_from = self.size.jobs - max(3, min(self.size.jobs // 4000, counts[-1] - 1))
        done = 0
        for day, number in zip(days, counts, strict=True):
            midnight = datetime.combine(day, time(), timezone.get_current_timezone())
            start = midnight.astimezone(UTC)
            self._begin(day, start, admin)
            span = (min(start + timedelta(days=1), self.end) - start).total_seconds()
            for second in sorted(self.by_chance.random() for _ in range(number)):
                moment = start + timedelta(seconds=int(span * (0.3 + 0.55 * second)))
                self._job(day, moment, admin, is_open=done >= open_from)
                done += 1

    def _begin(self, day: date, moment: datetime, admin: User) -> None:
        """What a day begins with: on a reset day a period, on the very first the grants."""
        if day < self.period[1]:
            return
        before, self.period = self.period, period_of(day, self.team.reset_day)
        start, until = self.period
        cap = self.team.monthly_cap
        team = self.books.open(
            ("team", start), period=start, until=until, is_capped=cap is not None
        )
        if cap:
            self.books.move(team, Kind.RESET, moment, day, cap, reason="Allowance for the period")
        for person in self.staff:
            own = self.books.open(person.pk, owner=person)
            if not own.row.given:
                text = "For the beginning"
                self.books.move(own, Kind.GRANT, moment, day, 500, actor=admin.pk, reason=text)
            if not person.allowance:
                continue
            old = self.books.purses.get((person.pk, before[0]))
            if old and old.row.balance > 0:
                text = "Expired with its period"
                expired = before[1] - timedelta(days=1)
                self.books.move(old, Kind.RESET, moment, expired, -old.row.balance, reason=text)
            new = self.books.open((person.pk, start), owner=person, period=start, until=until)
            given = person.allowance
            self.books.move(new, Kind.RESET, moment, day, given, reason="Allowance for the period")

    def _job(self, day: date, moment: datetime, admin: User, *, is_open: bool) -> None:
        made = self._order(day, moment)
        if is_open and self.by_chance.random() < 0.3:
            made.values.update(status=Status.AWAITING_BUDGET, booked_on=None)
            made.values["error"] = f"You need {made.values['quote']} credits more."
            self.parked.append(made.values)
            self.jobs.append(made.values)
            return
        holds = list(self._hold(made, day, moment, admin))
        if is_open:
            made.values["status"] = self.by_chance.choice((*[Status.RUNNING] * 3, *sorted(LIVE)))
            if made.values["status"] == Status.SUBMITTING:
                made.values["status"] = Status.RUNNING
            made.values["external_id"] = made.values["id"].hex
        else:
            self._end(made, holds, day)
        self.jobs.append(made.values)

    def _order(self, day: date, moment: datetime) -> _Made:
        chance = self.by_chance
        owner = self.staff[bisect(self.people_weights, chance.random() * self.people_weights[-1])]
        work = WORK[bisect(self.work_weights, chance.random() * self.work_weights[-1])]
        _, provider, model, kind = work
        source = self._source(owner, kind) if kind != "generate" else None
        if kind != "generate" and source is None:
            provider, model, kind = WORK[0][1:]
        resolution = {"upgrade_1080p": "1080p", "upgrade_4k": "4k"}.get(kind, "720p")
        if kind == "generate" and provider == "kie" and chance.random() < 0.2:
            resolution = chance.choice(("1080p", "1080p", "4k"))
        prompt = f"{chance.choice(WHAT)}, {chance.choice(WHERE)}, take {chance.randrange(400)}"
        project = chance.choice(self.projects) if self.projects and chance.random() < 0.45 else None
        if source:
            model, prompt = source["model"], source["prompt"]
            project = next((p for p in self.projects if p.pk == source["project"]), None)
        return _Made(
            {
                "id": UUID(int=chance.getrandbits(128), version=4),
                "owner": owner.pk,
                "payer": owner.pk,
                "project": project.pk if project else None,
                "paid_project": project.pk if project else None,
                "practice": (day - self.first).days < TRIAL_DAYS,
                "submission_key": UUID(int=chance.getrandbits(128), version=4),
                "likeness": sha256(f"{prompt}{model}{kind}{resolution}".encode()).hexdigest(),
                "kind": kind,
                "source": source["id"] if source else None,
                "provider": provider,
                "model": model,
                "mode": "text",
                "prompt": prompt,
                "searchable": letters.folded(prompt),
                "title_key": letters.folded(prompt)[: TitleKeyField.LENGTH],
                "film_seconds": 0,
                "film_lines": 0,
                "aspect_ratio": "16:9",
                "resolution": resolution,
                "duration": 8,
                "seed": chance.randrange(10_000, 100_000),
                "status": Status.SUCCEEDED,
                "error_code": "",
                "error": "",
                "created_at": moment,
                "changed_at": moment,
                "sent_at": moment + timedelta(seconds=2),
                "finished_at": None,
                "external_id": "",
                "quote": self._quote(provider, kind, model, resolution),
                "booked_on": day,
                "charged": None,
                "is_unverified": False,
                "provider_credits_charged": None,
            },
            owner,
            project,
            None,
        )

    def _quote(self, provider: str, kind: str, model: str, resolution: str) -> int:
        key = (provider, kind, model, resolution)
        if key not in self.quotes:
            found = self.prices.credits(
                provider=provider, kind=kind, model=model, resolution=resolution
            )
            assert found, key
            self.quotes[key] = found
        return self.quotes[key]

    def _source(self, owner: User, kind: str) -> dict[str, Any] | None:
        """One of the owner's latest takes that can still become that."""
        takes = self.takes[owner.pk]
        if not takes:
            return None
        take = takes[self.by_chance.randrange(len(takes))]
        if kind != "extend":
            if (take["id"], kind) in self.larger:
                return None
            self.larger.add((take["id"], kind))
        return take

    def _hold(
        self, made: _Made, day: date, moment: datetime, admin: User
    ) -> Iterator[tuple[_Purse, int]]:
        """As `ledger.reserve` does, after admins have given whatever was missing."""
        quote, owner, job = made.values["quote"], made.owner, made.values["id"]
        granted = self.books.purses[owner.pk]
        allowance = self.books.purses.get((owner.pk, self.period[0]))
        own = [allowance, granted] if allowance else [granted]
        # What was granted may have been overdrawn by a charge above its quote.
        lacking = quote - granted.free - (max(allowance.free, 0) if allowance else 0)
        if lacking > 0 and self.by_chance.random() < 0.1:
            text = "Approved for this one"
            granted.approved = lacking
            self.books.move(
                granted, Kind.GRANT, moment, day, lacking, job=job, actor=admin.pk, reason=text
            )
        elif lacking > 0:
            more = 5000 * (1 + lacking // 5000)
            text = self.by_chance.choice(("More for this month", "Launch film", "As agreed"))
            self.books.move(granted, Kind.GRANT, moment, day, more, actor=admin.pk, reason=text)
        left = quote
        plan: list[tuple[_Purse, int]] = []
        for purse in own:
            if share := min(max(purse.free, 0), left):
                plan.append((purse, share))
                left -= share
        plan.extend((shared, quote) for shared in self._shared(made, moment, day, admin))
        for purse, share in plan:
            self.books.move(purse, Kind.HOLD, moment, day, 0, share, job, owner.pk)
            yield purse, share

    def _shared(self, made: _Made, moment: datetime, day: date, admin: User) -> Iterator[_Purse]:
        quote = made.values["quote"]
        if project := made.project:
            purse = self.books.purses.get(("project", project.pk))
            if purse is None:
                capped = project.cap is not None
                purse = self.books.open(("project", project.pk), project=project, is_capped=capped)
            if project.cap is not None and purse.free < quote:
                text = "A cap for the next stretch"
                self.books.move(
                    purse, Kind.ADJUST, moment, day, 50_000, actor=admin.pk, reason=text
                )
                project.cap += 50_000
            yield purse
        team = self.books.purses["team", self.period[0]]
        if team.row.is_capped and team.free < quote:
            text = "Raised until the end of the month"
            self.books.move(team, Kind.ADJUST, moment, day, 50_000, actor=admin.pk, reason=text)
        yield team

    def _end(self, made: _Made, holds: list[tuple[_Purse, int]], day: date) -> None:
        """As `ledger.settle` and `ledger.release` do."""
        values, chance = made.values, self.by_chance
        _, status, share_charged = ENDS[bisect(self.end_weights, chance.random() * 1000)]
        charged = int(values["quote"] * share_charged)
        moment = values["created_at"] + timedelta(seconds=chance.randrange(40, 500))
        values.update(status=status, charged=charged, finished_at=moment, changed_at=moment)
        if status in (Status.FAILED, Status.LOST):
            values["error"] = "The provider could not make it."
            values["is_unverified"] = status == Status.LOST and charged > 0
        if status == Status.CANCELED:
            values["sent_at"] = None
        else:
            values["external_id"] = values["id"].hex
        if values["provider"] == "veo4" or chance.random() < 0.9:
            values["provider_credits_charged"] = Decimal(charged)
        kind = Kind.SETTLE if charged else Kind.RELEASE
        left, job = charged, values["id"]
        own = [hold for hold in holds if hold[0].row.owner_id]
        for hold in holds:
            purse, held = hold
            share = charged
            if hold in own:
                share = left if hold is own[-1] else min(held, left)
                left -= share
            within = min(share, held)
            self.books.move(purse, kind, moment, day, -within, -held, job)
            if share > within:
                text = f"{charged - values['quote']} more than quoted"
                self.books.move(
                    purse, Kind.ADJUST, moment, day, within - share, job=job, reason=text
                )
            # A debt that the approval covered as well comes back with what was not needed.
            kept = min(max(purse.approved - (held - within), 0), within)
            if unneeded := purse.approved - kept:
                text = "Approved for this video only, which didn’t need it"
                self.books.move(purse, Kind.GRANT, moment, day, -unneeded, job=job, reason=text)
            purse.approved = 0
        if status == Status.SUCCEEDED:
            self._keep(made, moment)

    def _keep(self, made: _Made, moment: datetime) -> None:
        values = made.values
        if values["kind"] == "generate" and values["provider"] == "kie":
            takes = self.takes[made.owner.pk]
            takes.append(values)
            del takes[:-20]
        stored = self.by_chance.random() < 0.98
        is_longer = values["kind"] == "extend"
        for part in ("film", "segment") if is_longer else ("film",):
            seconds = Decimal(15 if is_longer and part == "film" else 8)
            if part == "film" and stored:
                values["film_seconds"] = seconds
                values["film_lines"] = lines_of(values["resolution"])
            self.renditions.append(
                (
                    UUID(int=self.by_chance.getrandbits(128), version=4),
                    values["id"],
                    values["resolution"],
                    part,
                    "stored" if stored else "expired",
                    "https://files.example/film.mp4",
                    None,
                    *(("a.mp4", "a.webp") if stored else ("", "")),
                    *SIZES[values["resolution"]],
                    seconds if stored else None,
                    4_000_000 if stored else None,
                    "0" * 64 if stored else "",
                    moment + timedelta(seconds=9) if stored else None,
                )
            )


RENDITION = (
    *("id", "job", "resolution", "part", "state", "source_url", "try_at", "file", "poster"),
    *("width", "height", "seconds", "bytes", "sha256", "stored_at"),
)
ENTRY = (
    *("budget", "kind", "credits", "held", "job", "actor", "reason", "booked_on", "created_at"),
)


@transaction.atomic
def make(size: Size | None = None, *, seed: int = 1, end: datetime | None = None) -> list[User]:
    """Write a history that ends at that moment (now, where none is given); its people.

    The first of them is the admin.
    """
    size, end = size or Size(), end or timezone.now()
    chance = Random(seed)
    team = {"monthly_cap": 30 * size.jobs // 2, "credit_value": Decimal("0.005")}
    Team.objects.update_or_create(pk=1, defaults={"name": "Northlight Studio", **team})
    staff = _staff(size, chance, end)
    _projects(size, staff[0])
    year = _Year(size, seed, end, staff)
    year.play()
    Project.objects.bulk_update(year.projects, ["cap"])
    Budget.objects.bulk_create((p.row for p in year.books.purses.values()), batch_size=500)
    names = list(year.jobs[0])
    with _unindexed(Job, LedgerEntry) if size.jobs >= MANY else nullcontext():
        insert(Job, names, (tuple(values.values()) for values in year.jobs))
        insert(LedgerEntry, ENTRY, ((e[0].row.pk, *e[1:]) for e in year.books.entries))
    insert(Rendition, RENDITION, year.renditions)
    asked = BudgetRequest.objects.bulk_create(
        BudgetRequest(requester_id=job["owner"], credits=job["quote"]) for job in year.parked
    )
    for request, job in zip(asked, year.parked, strict=True):
        Job.objects.filter(pk=job["id"]).update(budget_request=request)
    return staff


def _staff(size: Size, chance: Random, end: datetime) -> list[User]:
    people = []
    for number in range(size.people):
        turn, first = divmod(number, len(FIRST))
        last = LAST[(first + 7 * turn) % len(LAST)]
        name = f"{FIRST[first]}.{last}".lower() + (str(turn) if turn >= len(LAST) else "")
        people.append(
            User(
                username=name,
                display_name=f"{FIRST[first]} {last}" + (f" {turn}" if turn >= len(LAST) else ""),
                password="!",
                role=User.Role.MEMBER if number else User.Role.ADMIN,
                allowance=chance.choice((0, 1000, 2000, 5000)),
                date_joined=end - timedelta(days=size.days),
            )
        )
    return User.objects.bulk_create(people)


def _projects(size: Size, admin: User) -> None:
    Project.objects.bulk_create(
        Project(
            name=f"{BRANDS[n % len(BRANDS)]} {CAMPAIGNS[n // len(BRANDS) % len(CAMPAIGNS)]}"
            + (f" {n}" if n >= len(BRANDS) * len(CAMPAIGNS) else ""),
            cap=0 if n % 2 else None,
            created_by=admin,
        )
        for n in range(size.projects)
    )


@contextmanager
def _unindexed(*tables: type[models.Model]) -> Iterator[None]:
    """Many rows go in faster without their indexes, which are then built in one go."""
    words = connection.schema_editor(collect_sql=True)
    indexes = [
        (model, each)
        for model in tables
        for each in (*model._meta.indexes, *model._meta.constraints)
        if isinstance(each, models.Index)
        or (isinstance(each, models.UniqueConstraint) and each.condition)
    ]
    with connection.cursor() as cursor:
        for _, each in indexes:
            cursor.execute(f"DROP INDEX {connection.ops.quote_name(each.name)}")
        yield
        if connection.vendor == "postgresql":
            # What is still to be checked at the commit forbids building an index.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for model, each in indexes:
            cursor.execute(str(each.create_sql(model, words)))


def insert(
    model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[object]]
) -> None:
    """INSERT or COPY without an object for each row, which would take most of the time."""
    by_name = {each.name: each for each in model._meta.concrete_fields}
    given = [by_name[name] for name in names]
    constant = {
        each: each.get_default()
        for each in model._meta.concrete_fields
        if each not in given and not (each.primary_key or each.generated or each.has_db_default())
    }
    fields = [*given, *constant]
    quoted = ", ".join(connection.ops.quote_name(str(each.column)) for each in fields)
    table = connection.ops.quote_name(model._meta.db_table)
    tail = tuple(constant.values())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({quoted}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row((*row, *tail))
            return
        plain = [_PLAIN.get(each.get_internal_type(), _same) for each in given]
        marks = ", ".join(["%s"] * len(fields))
        ready = (
            (*(as_stored(value) for as_stored, value in zip(plain, row, strict=True)), *tail)
            for row in rows
        )
        while batch := list(islice(ready, 10_000)):
            cursor.executemany(f"INSERT INTO {table} ({quoted}) VALUES ({marks})", batch)


def _same(value: Any) -> Any:
    return value


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _hex(value: Any) -> Any:
    return value.hex if isinstance(value, UUID) else value


def _naive(value: Any) -> str | None:
    return None if value is None else str(value.replace(tzinfo=None))


_PLAIN: dict[str, Callable[[Any], Any]] = {
    "UUIDField": _hex,
    "ForeignKey": _hex,
    "DateTimeField": _naive,
    "DateField": _text,
    "DecimalField": _text,
    "CharField": _text,
}
"""How SQLite keeps what is no number or text of its own."""
