"""What Dailies is made of, and how it deals with browsers: the same in every installation."""

from __future__ import annotations

from pathlib import Path

from csp.constants import NONE, SELF

from veo_site.configuration import sign_in

BASE_DIR = Path(__file__).resolve().parent.parent.parent

# ── Parts ────────────────────────────────────────────────────────────────────
INSTALLED_APPS = [
    "jobs",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_q",
    "csp",
    *sign_in.APPS,
]
MIDDLEWARE = [
    "jobs.views.monitors.metrics.MetricsMiddleware",  # outside of all that takes time
    "jobs.views.http.middleware.ProxyMiddleware",
    "jobs.views.http.request_ids.RequestIdMiddleware",
    "jobs.views.http.cookies.CookieNamesMiddleware",  # knows by then how the request came
    "django.middleware.security.SecurityMiddleware",
    "jobs.views.webhooks.CallbackMiddleware",  # before anybody asks who is signed in
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "jobs.views.http.policy.PolicyMiddleware",
    "jobs.views.monitors.health.ProbeMiddleware",  # before anybody asks by what name we were called
    "jobs.views.http.middleware.CharsetMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "jobs.views.http.person.PersonMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "jobs.views.http.middleware.AnsweredMiddleware",
    "jobs.views.http.middleware.SignedOutMiddleware",
    "jobs.views.http.bell.NewsMiddleware",
    "jobs.views.http.activity.ActivityMiddleware",
    "jobs.views.http.gate.SecondFactorMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "jobs.views.http.middleware.TooManyMiddleware",
]
ROOT_URLCONF = "veo_site.urls"
WSGI_APPLICATION = "veo_site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "jobs.views.shell.context.shell",
            ],
        },
    }
]
FORM_RENDERER = "jobs.forms.rendering.WordsRenderer"
AUTH_USER_MODEL = "jobs.User"
AUTHENTICATION_BACKENDS = ["jobs.sessions.PeopleBackend"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en"
USE_TZ = True
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]

# ── Who comes in ─────────────────────────────────────────────────────────────
PASSWORD_HASHERS = [
    "jobs.secrets.hashers.Argon2PasswordHasher",
    # Of who was here before: opened with it once more, and kept under the first from then on.
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "studio"
LOGOUT_REDIRECT_URL = "login"
SESSION_ENGINE = "jobs.sessions"
CSRF_COOKIE_HTTPONLY = True
# A message waits in the session: in a cookie its words would stay in the browser after signing out.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# ── What browsers keep to, and may send ──────────────────────────────────────
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^statusz$", r"^metrics$"]
# Both promise something of other hosts as well, which is for their owner to say.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CSRF_FAILURE_VIEW = "jobs.views.answers.refused.form_refused"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
# The ticks of as many videos as may be chosen one by one, and what stands beside them.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 330
FILE_UPLOAD_HANDLERS = [
    "jobs.views.http.uploads.WholeRequestCap",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
CONTENT_SECURITY_POLICY: dict[str, dict[str, list[str]]] = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# ── What is sent ─────────────────────────────────────────────────────────────
EMAIL_TIMEOUT = 20
