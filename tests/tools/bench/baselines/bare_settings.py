"""The product's settings around the bare views."""

from veo_site.settings import *  # noqa: F403
from veo_site.settings import INSTALLED_APPS

ROOT_URLCONF = "tests.tools.bench.baselines.bare"
INSTALLED_APPS = [
    "tests.tools.bench.baselines.bare_apps.BareAccounts" if app == "allauth.account" else app
    for app in INSTALLED_APPS
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
