"""Configuration: the only place that reads the environment.

Every setting stands in docs/operating.md; each secret may also come from a file that `NAME_FILE`
names. What no installation can change is in `veo_site.configuration.application`.
"""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import SELF
from django.core.exceptions import ImproperlyConfigured

from jobs.net import floods
from jobs.providers import result_hosts
from jobs.providers.http import VERSION
from veo_site.configuration import (
    caches,
    database,
    loggers,
    secrets_file,
    sign_in,
    storage,
    surroundings,
    wake_ups,
)
from veo_site.configuration.application import *  # noqa: F403  # all of it are settings
from veo_site.configuration.application import BASE_DIR, CONTENT_SECURITY_POLICY
from veo_site.configuration.environment import env

VAR = Path(env.text("VAR_DIR") or BASE_DIR / "var")
SENDFILE = surroundings.one_of("SENDFILE", env.text("SENDFILE"), "nginx", "caddy", "apache")
"""The proxy in front of us that sends kept files itself; empty: we do."""
# Whatever any of our processes makes is nobody else's to read; with such a proxy a group's as well,
# if a folder has been given to that. VAR and the secrets in it are closed in any case.
os.umask(0o027 if SENDFILE else 0o077)
LOCAL = env.flag("DAILIES_LOCAL", False)
"""True under `make run` and `make test`: secrets are then made once and kept in var/."""
if LOCAL:
    secrets_file.ensure(VAR)

DEBUG = env.flag("DEBUG", False)
SECRET_KEY = secrets_file.required(VAR, "SECRET_KEY", env.text("SECRET_KEY"))
SECRET_KEY_FALLBACKS = env.listed("SECRET_KEY_FALLBACKS")
"""Earlier ones, which still open sessions and signed addresses while they are listed."""
_keys = secrets_file.required(VAR, "CREDENTIAL_KEYS", env.text("CREDENTIAL_KEYS"))
CREDENTIAL_KEYS = [key.strip() for key in _keys.split(",") if key.strip()]

PUBLIC_URL = env.text("PUBLIC_URL").rstrip("/")
PUBLIC_HOST = urlsplit(PUBLIC_URL).hostname or ""
HTTPS = PUBLIC_URL.startswith("https://")
CSRF_TRUSTED_ORIGINS = surroundings.origins(env.listed("TRUSTED_ORIGINS"), PUBLIC_URL)
"""The addresses that people open; the proxy before us may call us by another."""
ALLOWED_HOSTS = env.listed("ALLOWED_HOSTS") or ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS += [surroundings.allowed_host(each) for each in CSRF_TRUSTED_ORIGINS]
_proxies = env.listed("TRUSTED_PROXIES")
# Who gives an https address speaks no TLS here: something in front of us does, wherever it stands.
TRUSTED_PROXIES = surroundings.networks(
    "TRUSTED_PROXIES", _proxies or (["*"] if HTTPS else ["127.0.0.1", "::1"])
)
"""Whose X-Forwarded-Proto and -For are believed (`jobs.views.http.middleware.ProxyMiddleware`)."""
USE_X_FORWARDED_HOST = bool(_proxies)

HOST = env.text("HOST") or "127.0.0.1"
PORT = env.whole("PORT", 8000, least=0, most=65535)
WEB_CONCURRENCY = env.whole("WEB_CONCURRENCY", 2, least=1)
WEB_THREADS = env.whole("WEB_THREADS", 4, least=1)
WEB_CONNECTIONS = env.whole("WEB_CONNECTIONS", 1000, least=1)
"""In each of the processes; see `veo_site.serving.web_server`."""
FILES_AT_ONCE = env.whole("FILES_AT_ONCE", 500, least=0)
FILES_PER_CLIENT = env.whole("FILES_PER_CLIENT", 32, least=0)
FILES_PER_LINK = env.whole("FILES_PER_LINK", 200, least=0)
"""Films, downloads and pictures on their way at the same time, in each of the processes; 0 for no
limit."""
ZIP_BYTES_MAX = env.whole("ZIP_BYTES_MAX", 50_000_000_000, least=0)
"""Of one ZIP of films."""
INCOMING_BYTES_MAX = env.whole("INCOMING_BYTES_MAX", 400_000_000, least=0)
"""Of all forms and uploads that are on their way in, before anybody knows whose they are."""
REQUEST_BYTES_MAX = 104 * 1024**2
"""Of one of them: a film of the largest size that a model changes, and the form around it."""
OPEN_TO_OTHERS = bool(CSRF_TRUSTED_ORIGINS or _proxies) or not all(
    map(surroundings.is_this_machine, (HOST, *ALLOWED_HOSTS))
)
"""Somebody on another machine could be the first to open the setup page."""

# ── Who comes in ─────────────────────────────────────────────────────────────
PASSWORD_LENGTH_MIN = max(8, env.whole("PASSWORD_LENGTH_MIN", 8))
AUTH_PASSWORD_VALIDATORS = sign_in.password_validators(PASSWORD_LENGTH_MIN)
PASSWORD_AGAIN_MINUTES = max(1, env.whole("PASSWORD_AGAIN_MINUTES", 15))
"""So long after somebody typed their password it is not asked for again (`jobs.views.proof`)."""
globals().update(sign_in.settings_of_allauth())
OIDC_ISSUER = env.text("OIDC_ISSUER").rstrip("/")
OIDC_NAME = env.text("OIDC_NAME") or "single sign-on"
"""What people call it: it stands on the button."""
OIDC_GROUPS_CLAIM = env.text("OIDC_GROUPS_CLAIM") or "groups"
OIDC_ADMIN_GROUPS = env.listed("OIDC_ADMIN_GROUPS")
OIDC_OPEN = env.flag("OIDC_OPEN", False)
"""Whoever the issuer lets in becomes a member; else only people who were invited, or are here."""
OIDC_PROVIDER_ID = sign_in.provider_id(OIDC_ISSUER)
SOCIALACCOUNT_PROVIDERS = sign_in.providers(
    issuer=OIDC_ISSUER,
    client_id=env.text("OIDC_CLIENT_ID"),
    secret=env.text("OIDC_CLIENT_SECRET"),
    scope=env.text("OIDC_SCOPE", "openid profile email").split(),
)
TIME_ZONE = env.zone("TIME_ZONE", "UTC")

# ── Database, cache, queue ───────────────────────────────────────────────────
DATABASES: dict[str, dict[str, Any]] = {
    "default": database.opened(env.database("DATABASE_URL", f"sqlite:///{VAR / 'db.sqlite3'}"))
}
DATABASE = DATABASES["default"]
if not database.is_file(DATABASE) and env.flag("PREPARED_STATEMENTS", True):
    DATABASE["OPTIONS"] |= database.PREPARED

REDIS_URL = env.redis("REDIS_URL")
CACHES = caches.caches(REDIS_URL, VAR / "figures")
Q_BROKER = env.text("Q_BROKER", "orm")
"""`orm` (the default: a wake-up commits with its row) or `redis`."""
Q_CLUSTER = wake_ups.cluster(Q_BROKER, REDIS_URL, workers=env.whole("Q_WORKERS", 4, least=1))

# ── Mail ─────────────────────────────────────────────────────────────────────
_mail_server = env.mail_server("EMAIL_URL")
HAS_MAIL = bool(_mail_server)
"""Whether anything is sent by e-mail at all."""
globals().update(_mail_server or {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"})
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL") or f"dailies@{PUBLIC_HOST or 'localhost'}"
DIGEST_HOUR = env.whole("DIGEST_HOUR", 8, least=0, most=23)
"""The hour of the day, in TIME_ZONE, at which a daily digest goes out."""

# ── Files ────────────────────────────────────────────────────────────────────
STATIC_ROOT = Path(env.text("STATIC_ROOT") or VAR / "static")
"""Where pages' static files are collected; apart from VAR in an image, which brings them along."""
MEDIA_ROOT = Path(env.text("MEDIA_ROOT") or VAR / "media")
SPOOL_DIR = VAR / "spool"
LIFE_FILE = VAR / "life.json"
"""What this machine remembers of its database (`jobs.lives`)."""
STORAGE_SERVE = surroundings.one_of("STORAGE_SERVE", env.text("STORAGE_SERVE"), "proxy")
"""Who gives people films that lie in a bucket: `proxy`, we do; empty, the bucket itself."""
STORAGE_NEW = surroundings.one_of("STORAGE_NEW", env.text("STORAGE_NEW"), "disk")
"""Where new films go while there is a bucket: `disk` once more, or empty, to the bucket."""
STORAGE_SECONDS = env.whole("STORAGE_SECONDS", 300, least=60)
"""So long a signed address of a film can be opened, by whoever has it."""
STORAGE_CACHE_BYTES = env.whole("STORAGE_CACHE_BYTES", 2_000_000_000, least=0)
"""Copies of what lies in the bucket, on this machine's disk."""
_bucket, STORAGE_FAULT = storage.found(env.text("STORAGE_URL").strip())
"""What is wrong with STORAGE_URL: with such an address nothing starts."""
STORAGES: dict[str, Any] = {
    **storage.places(
        _bucket,
        env.text("STORAGE_KEY_ID"),
        env.text("STORAGE_SECRET"),
        new_on_disk=STORAGE_NEW == "disk",
    ),
    "staticfiles": storage.of_pages(from_source=DEBUG),
}
FILE_UPLOAD_PERMISSIONS = 0o640 if SENDFILE else 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o750 if SENDFILE else 0o700
MEDIA_FREE_BYTES_MIN = env.whole("MEDIA_FREE_BYTES_MIN", 500_000_000, least=0)
"""Below this much free disk no paid submission is taken, since its result could not be kept."""
UNPAID_FREE_BYTES_MIN = env.whole(
    "UNPAID_FREE_BYTES_MIN", MEDIA_FREE_BYTES_MIN + 1_000_000_000, least=0
)
"""Below this much free disk no image is taken and no watermarked copy made: what is left is for
the videos that are paid for."""
UNUSED_IMAGE_BYTES_MAX = env.whole("UNUSED_IMAGE_BYTES_MAX", 1_000_000_000, least=0)
"""Of one person's images that no video uses; a week after they were chosen, they go."""
TRASH_DAYS = max(1, env.whole("TRASH_DAYS", 30))
"""For so long what was deleted can be brought back; then its files go for good."""
DECODE_MEMORY_BYTES = env.whole("DECODE_MEMORY_BYTES", 768_000_000, least=0)
"""The most memory that reading one picture may take, in a process of its own; a film, twice."""
DECODES_AT_ONCE = max(env.whole("DECODES_AT_ONCE", 2), 1)
"""Pictures that are read at the same time on this machine; of one person never two."""
TURNS_DIR = VAR / "turns"

# ── Providers ────────────────────────────────────────────────────────────────
PRACTICE = env.flag("PRACTICE", False)
PRACTICE_PORT = env.whole("PRACTICE_PORT", 8765, least=0, most=65535)
if PRACTICE:
    _practice = f"http://127.0.0.1:{PRACTICE_PORT}"
    KIE_BASE_URL = KIE_UPLOAD_URL = _practice
    VEO4_BASE_URL = f"{_practice}/api/video/veo4"
    ARCHIVE_HOSTS = [f"127.0.0.1:{PRACTICE_PORT}"]
    # The practice provider stands beside us, so it can call back without a public address.
    CALLBACK_BASE = PUBLIC_URL or f"http://127.0.0.1:{PORT}"
else:
    KIE_BASE_URL = env.api("KIE_BASE_URL", "https://api.kie.ai")
    KIE_UPLOAD_URL = env.api("KIE_UPLOAD_URL", "https://kieai.redpandaai.co")
    VEO4_BASE_URL = env.api("VEO4_BASE_URL", "https://veo4api.net/api/video/veo4")
    ARCHIVE_HOSTS = env.listed("ARCHIVE_HOSTS") or result_hosts()
    CALLBACK_BASE = PUBLIC_URL
PRICE_FEED = env.flag("PRICE_FEED", True)
"""What providers publish as their prices is read once a day, without a key."""
VEO4_WEBHOOK_ENABLED = env.flag("VEO4_WEBHOOK_ENABLED", PRACTICE)
VEO4_SIGNATURE_HEADER = env.text("VEO4_SIGNATURE_HEADER")
POLL_SECONDS_MIN = env.number("POLL_SECONDS_MIN", 1.0 if PRACTICE else 5.0, least=0)

# ── Help with prompts ────────────────────────────────────────────────────────
PROMPT_HELP_URL = env.api("PROMPT_HELP_URL")
"""An API that speaks as OpenAI's does; empty: no help is offered (`jobs.prompt_help`)."""
PROMPT_HELP_KEY = env.text("PROMPT_HELP_KEY").strip()
PROMPT_HELP_MODEL = env.text("PROMPT_HELP_MODEL")
if PROMPT_HELP_URL and not PROMPT_HELP_MODEL:
    raise ImproperlyConfigured("PROMPT_HELP_MODEL is not set: name the model to ask.")

# ── Security ─────────────────────────────────────────────────────────────────
SESSION_DAYS = env.whole("SESSION_DAYS", 14, least=1)
SESSION_IDLE_HOURS = env.number("SESSION_IDLE_HOURS", 12, least=0)
SESSION_COOKIE_AGE = SESSION_DAYS * 24 * 3600
# Whatever they say, `jobs.views.http.cookies` keeps what came by https to https; this is
# for `check`.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
HSTS = surroundings.one_of("HSTS", env.text("HSTS"), "off", "subdomains", "preload")
"""What browsers keep to for a year: https alone, at PUBLIC_URL's host or at all below it too."""
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS and HSTS != "off" else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HSTS in {"subdomains", "preload"}
SECURE_HSTS_PRELOAD = HSTS == "preload"
STORAGE_SENDS = bool(_bucket and not STORAGE_SERVE)
"""The bucket gives films out itself: they alone come from there."""
if _bucket and STORAGE_SENDS:
    _films = {"media-src": [SELF, _bucket.origin]}
    CONTENT_SECURITY_POLICY = {"DIRECTIVES": CONTENT_SECURITY_POLICY["DIRECTIVES"] | _films}

OPEN_ASKS_MAX = env.whole("OPEN_ASKS_MAX", 20, least=0)
"""Requests for credits of one person that wait for an answer at a time; 0 for no limit."""
BATCH_ROWS_MAX = env.whole("BATCH_ROWS_MAX", 100, least=1)
"""Videos that one table may order; no more than LIMIT_ORDERS lets one person order at once."""
LIMITS = floods.read(env.text)
"""How often anybody may do what, by the names of `jobs.net.floods.Limit`; None where one is off."""

METRICS_TOKEN = surroundings.token("METRICS_TOKEN", env.text("METRICS_TOKEN"))
"""Who has it may read `/metrics`; empty: nothing is counted, and nobody may."""
METRICS_DIR = VAR / "metrics"
LOG_FORMAT = surroundings.one_of("LOG_FORMAT", env.text("LOG_FORMAT", "text"), "text", "json")
LOGGING = loggers.loggers(as_json=LOG_FORMAT == "json")

# ── Faults of ours ───────────────────────────────────────────────────────────
SENTRY_DSN = surroundings.dsn("SENTRY_DSN", env.text("SENTRY_DSN"))
"""The address of a project in a Sentry, which faults are reported to; empty: to nobody."""
if SENTRY_DSN:
    # Only here, since it takes a while to load.
    import_module("veo_site.telling.reporting").begin(
        SENTRY_DSN, release=VERSION, environment="practice" if PRACTICE else "production"
    )
