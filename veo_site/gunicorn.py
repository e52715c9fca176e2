"""How gunicorn serves Dailies (`gunicorn veo_site.wsgi -c veo_site/gunicorn.py`)."""

import os
import tempfile
from importlib import import_module

from veo_site import refusing
from veo_site.configuration.surroundings import ready_at

with refusing.settings_said():
    from veo_site.settings import (
        HOST,
        PORT,
        PRACTICE,
        PUBLIC_URL,
        ROOT_URLCONF,
        WEB_CONCURRENCY,
        WEB_CONNECTIONS,
        WEB_THREADS,
    )

bind = f"[{HOST}]:{PORT}" if ":" in HOST else f"{HOST}:{PORT}"
worker_class = "veo_site.serving.web_server.EventWorker"
workers = WEB_CONCURRENCY
threads = WEB_THREADS
worker_connections = WEB_CONNECTIONS
preload_app = True  # loaded once, so the workers share its memory
graceful_timeout = 3  # Ctrl-C must be over in five seconds
loglevel = "warning"
if refusing.is_json():
    # Its own lines too, such as that the port is taken. All others are Django's to set up.
    logconfig_dict = {
        "version": 1,
        "formatters": {"line": {"()": "veo_site.telling.log_lines.LogFormatter", "as_json": True}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"level": "WARNING", "handlers": ["console"]},
        "loggers": {
            "gunicorn.error": {"level": "WARNING", "handlers": ["console"], "propagate": False}
        },
    }
umask = os.umask(0)  # as the settings have just set it
os.umask(umask)
accesslog = None  # callback and share addresses are secrets
forwarded_allow_ips = ""  # ProxyMiddleware knows whom to believe
control_socket_disable = True  # nobody steers it at run time, and two installations would share it


def on_starting(_server: object) -> None:
    """Says what is wrong with this machine, instead of serving nothing but errors."""
    starting = import_module("jobs.readiness.starting")
    try:
        starting.require(pages=True)
    except starting.NotReady as error:
        refusing.refuse(f"Dailies does not start: {error}")
    # No two processes may speak over one connection.
    import_module("django.db").connections.close_all()


def post_worker_init(_worker: object) -> None:
    """What comes in waits on the disk that is asked for room, not in a /tmp that may be memory."""
    tempfile.tempdir = str(import_module("jobs.archive.kept.files").incoming_folder())


def when_ready(_server: object) -> None:
    """Loads what the first request would otherwise load, then says the address, once."""
    import_module(ROOT_URLCONF)
    practice = " (practice: no real credit can be spent)" if PRACTICE else ""
    address = ready_at(PUBLIC_URL, HOST, PORT)
    print(f"Dailies is ready: {address}{practice}", flush=True)  # noqa: T201
