"""What has to be true of those who leave, whatever happened meanwhile."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.utils import timezone

from jobs.models import User
from jobs.models.jobs.status import LIVE, Status

_UNSTORED = (
    "EXISTS (SELECT 1 FROM jobs_rendition r "
    "WHERE r.job_id = j.id AND r.state IN ('waiting', 'fetching'))"
)


class Piece(NamedTuple):
    """A job, as something that belongs to somebody."""

    pk: UUID
    owner: int
    payer: int
    status: str
    key: int | None
    keys_owner: int | None
    is_unstored: bool

    @property
    def needs_its_key(self) -> bool:
        """Whether it has still to be sent, asked about, or its file fetched."""
        return self.status in LIVE or self.is_unstored


class Heritage:
    """Whose everything was and is, in plain SQL and apart from what the product thinks of it."""

    def __init__(self) -> None:
        self.heirs: dict[int, int] = {}
        """Who gets what a leaver's last jobs make."""
        self._owners: dict[object, int] = {}
        self._payers: dict[UUID, int] = {}
        self._keyed: set[UUID] = set()

    def leaves(self, person: User, heir: User) -> None:
        self.heirs = {
            each: heir.pk if whose == person.pk else whose for each, whose in self.heirs.items()
        }
        self.heirs[person.pk] = heir.pk

    def is_back(self, person: User) -> None:
        self.heirs.pop(person.pk, None)

    def check(self) -> None:
        """After every step."""
        pieces = _pieces()
        self._check_owners(pieces)
        self._check_keys(pieces)
        for person in (pk for pk, heir in _leavers().items() if heir is None):
            left = _left_behind(person)
            assert not left, f"{person} has gone, and left {left}"

    def check_passed_on(self) -> None:
        """Once everything that can pass on has been told to."""
        pieces = _pieces()
        for person, heir in _leavers().items():
            of_theirs = [piece for piece in pieces if person in (piece.owner, piece.keys_owner)]
            busy = [piece for piece in of_theirs if piece.needs_its_key]
            if not busy:
                assert heir is None, f"{person} has nothing open, and did not get away"
                assert _unspent(person) == 0, f"{person} has gone with {_unspent(person)} credits"
            for piece in of_theirs:
                assert piece.status != Status.AWAITING_BUDGET, f"{piece} waits for nobody"
                assert piece.needs_its_key, f"{piece} has ended, and did not pass on"

    def check_nothing_waits(self) -> None:
        """In the end: of those who left only what nobody can know the end of is open."""
        _check_entries()
        leavers = _leavers()
        for piece in _pieces():
            is_open = piece.owner in leavers or piece.keys_owner in leavers
            assert not is_open or piece.status == Status.UNCERTAIN, f"{piece} is still open"

    def _check_keys(self, pieces: list[Piece]) -> None:
        """Nobody takes a job's key from it while that may be needed."""
        for piece in pieces:
            was_taken = piece.pk in self._keyed and not piece.key
            assert not (was_taken and piece.needs_its_key), f"{piece} lost its key too early"
        self._keyed = {piece.pk for piece in pieces if piece.key}

    def _check_owners(self, pieces: list[Piece]) -> None:
        """What changes hands passes from a leaver to their heir."""
        owners: dict[object, int] = {piece.pk: piece.owner for piece in pieces}
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT 'link', id, owner_id FROM jobs_sharelink UNION ALL "
                "SELECT 'project', id, created_by_id FROM jobs_project "
                "WHERE created_by_id IS NOT NULL"
            )
            owners |= {f"{kind} {pk}": owner for kind, pk, owner in cursor.fetchall()}
        for thing, owner in owners.items():
            before = self._owners.get(thing, owner)
            passed = owner == before or self.heirs.get(before) == owner
            assert passed, f"{thing} was of {before}, and is of {owner}"
        self._owners = owners
        for piece in pieces:
            payer = self._payers.setdefault(piece.pk, piece.payer)
            assert payer == piece.payer, f"{piece} was paid by {payer}"


def _check_entries() -> None:
    """It is the payers' credits that moved, whoever has the videos by now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM jobs_ledgerentry e JOIN jobs_budget b ON b.id = e.budget_id "
            "JOIN jobs_job j ON j.id = e.job_id "
            "WHERE b.owner_id IS NOT NULL AND b.owner_id <> j.payer_id"
        )
        assert cursor.fetchone() == (0,), "somebody else's credits moved"


def _pieces() -> list[Piece]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT j.id, j.owner_id, payer_id, status, credential_id, c.owner_id, "
            f"{_UNSTORED} FROM jobs_job j LEFT JOIN jobs_credential c ON c.id = credential_id"
        )
        return [Piece(UUID(str(pk)), *facts) for pk, *facts in cursor.fetchall()]


def _leavers() -> dict[int, int | None]:
    """Who has left, and whom the rest of theirs goes to; None once there is nothing left."""
    return dict(User.objects.filter(left_at__isnull=False).values_list("pk", "heir"))


def _left_behind(person: int) -> list[str]:
    """What still is a person's, apart from their history."""
    named = (
        *("jobs_job.owner_id", "jobs_credential.owner_id", "jobs_sharelink.owner_id"),
        *("jobs_image.owner_id", "jobs_project.created_by_id"),
    )
    whose = [(table, f"{table}.{field} = %s") for table, field in (n.split(".") for n in named)]
    whose.append(("jobs_budgetrequest", "requester_id = %s AND state = 'open'"))
    whose.append(("jobs_user", "id = %s AND allowance > 0"))
    parts = [f"SELECT '{table}' FROM {table} WHERE {where}" for table, where in whose]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), [person] * len(parts))
        return [table for (table,) in cursor.fetchall()]


def _unspent(person: int) -> int:
    """What could still be spent; what is left of a month that is over expires by itself."""
    day = timezone.localdate()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COALESCE(SUM(balance - held), 0) FROM jobs_budget "
            "WHERE owner_id = %s AND balance > held "
            "AND (period IS NULL OR (period <= %s AND until > %s))",
            [person, day, day],
        )
        unspent: int = cursor.fetchone()[0]
    return unspent
