"""The product's settings around the bare views."""

from veo_site.settings import *  # noqa: F403

ROOT_URLCONF = "tests.tools.bench.bare"
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
