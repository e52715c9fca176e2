"""The second factor of a person: of whom it is asked, whether a code is right, and how it is lost.

What there is of them is kept by `allauth.mfa`. Its own look at a code is not used: it remembers
used ones in the cache, which every web process may have to itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from jobs import queue, sessions
from jobs.models import AuditEvent, User
from jobs.people.roles import PersonNotChanged, line_up, require_another
from jobs.secrets import vault

LAST_STEP = "last_step"
"""In the data of an app: the half minute whose code was used last. No earlier one is taken."""
BY_ITSELF = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""What makes a second factor; recovery codes only stand in for one."""


@dataclass(frozen=True, slots=True)
class Factors:
    """What somebody has set up."""

    app: Authenticator | None
    passkeys: list[Authenticator]
    codes_left: int | None
    """Recovery codes that nobody has used yet; None where there are none at all."""

    @property
    def is_any(self) -> bool:
        return bool(self.app or self.passkeys)


def of(person: User) -> Factors:
    """What this person has set up."""
    rows = list(Authenticator.objects.filter(user=person).order_by("created_at", "pk"))
    codes = next((row for row in rows if row.type == Authenticator.Type.RECOVERY_CODES), None)
    return Factors(
        app=next((row for row in rows if row.type == Authenticator.Type.TOTP), None),
        passkeys=[row for row in rows if row.type == Authenticator.Type.WEBAUTHN],
        codes_left=_unused(codes) if codes else None,
    )


def has_one(person: User) -> bool:
    return _main(person).exists()


def step_of(secret: str, code: str, after: int = 0) -> int | None:
    """The half minute, later than `after`, whose code this is; None where it is a wrong one.

    A clock may be wrong by half a minute.
    """
    for step in totp.yield_hotp_counters_from_time():
        expected = totp.format_hotp_value(totp.hotp_value(secret, step))
        if step > after and compare_user_code(actual=code, expected=expected):
            return step
    return None


def match(person: User, code: str) -> Authenticator | None:
    """What this code is of, the app or the recovery codes; None for a wrong or a used one."""
    rows = Authenticator.objects.filter(user=person)
    app: Authenticator | None = rows.filter(type=Authenticator.Type.TOTP).first()
    if app and _is_of_app(app.pk, code):
        return app
    codes: Authenticator | None = rows.filter(type=Authenticator.Type.RECOVERY_CODES).first()
    return codes if codes and RecoveryCodes(codes).validate_code(code) else None


def mark_used(person: User, step: int) -> None:
    """The code with which an app was set up is used up by that."""
    app = Authenticator.objects.get(user=person, type=Authenticator.Type.TOTP)
    Authenticator.objects.filter(pk=app.pk).update(data={**app.data, LAST_STEP: step})


def note(person: User, action: str, what: str = "") -> None:
    """Put on record what somebody changed of their own."""
    AuditEvent.objects.create(actor=person, action=action, subject=person.username, after=what)


def remove(person: User, by: User | None, *, reason: str) -> None:
    """Take away all that somebody has set up, when it is lost, and end their sessions.

    By nobody where a command on the server does. Raises `PersonNotChanged`.
    """
    with transaction.atomic():
        line_up(by)
        if by is not None:
            require_another(person, by)
        if not has_one(person):
            raise PersonNotChanged("There is no second factor to remove.")
        Authenticator.objects.filter(user=person).delete()
        sessions.end_all(person.pk)
        event = AuditEvent.objects.create(
            actor=by, action="second factor removed", subject=person.username, reason=reason
        )
        if settings.HAS_MAIL:
            queue.tell_of_lost_factor(event.pk)


def reseal() -> int:
    """Seal all secrets anew with the newest key; how many. Raises `vault.Unreadable`."""
    count = 0
    for pk in list(Authenticator.objects.values_list("pk", flat=True)):
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().get(pk=pk)
            fresh = {
                name: vault.reseal(row.data[name])
                for name in ("secret", "seed")
                if name in row.data
            }
            Authenticator.objects.filter(pk=pk).update(data={**row.data, **fresh})
            count += bool(fresh)
    return count


def _unused(codes: Authenticator) -> int:
    """Without a look at the codes themselves, which may be sealed under a key that is gone."""
    used: int = codes.data["used_mask"]
    made: int = app_settings.RECOVERY_CODE_COUNT
    return made - used.bit_count()


def _main(person: User) -> QuerySet[Authenticator]:
    return Authenticator.objects.filter(user=person, type__in=BY_ITSELF)


@transaction.atomic
def _is_of_app(pk: int, code: str) -> bool:
    # Of two who send the same code at once, the second waits and finds it used.
    app = Authenticator.objects.select_for_update().get(pk=pk)
    step = step_of(decrypt(app.data["secret"]), code, after=app.data.get(LAST_STEP, 0))
    if step is None:
        return False
    Authenticator.objects.filter(pk=pk).update(data={**app.data, LAST_STEP: step})
    return True
