"""Which lines of the log are written, by whom, and how they look."""

from __future__ import annotations

from typing import Any


def loggers(*, as_json: bool) -> dict[str, Any]:
    """Django's LOGGING."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {"()": "veo_site.telling.log_lines.LogFormatter", "as_json": as_json}
        },
        "filters": {
            "one_line": {"()": "veo_site.telling.log_lines.OneLine"},
            "once_a_minute": {"()": "veo_site.telling.repeating.OnceAMinute"},
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": {
            # Who came in, and who tried: for whoever watches the log (fail2ban, say).
            "jobs.people.sign_ins": {"level": "INFO"},
            # Who changed what: the audit's own pages say the rest.
            "jobs.models.audit_event": {"level": "INFO"},
            # A provider answers again.
            "jobs.credentials.circuit": {"level": "INFO"},
            "django.server": {"level": "WARNING", "handlers": ["console"], "propagate": False},
            # While it is without its broker it says so several times a second.
            "django-q": {"filters": ["once_a_minute"]},
            # Scanners ask for whatever name they like, all day.
            "django.security.DisallowedHost": {"filters": ["one_line"]},
            # It counts each request that waits for a thread.
            "waitress.queue": {"level": "ERROR"},
        },
    }
