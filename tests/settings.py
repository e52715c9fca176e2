"""The product's settings, in a data folder of this run's own, with fast password hashing."""

import atexit
import json
import os
import shutil
import tempfile

from jobs.net.floods import Limit

if "DAILIES_TEST_VAR" not in os.environ:
    # The workers of a parallel run inherit the folder of the process that started them.
    os.environ["DAILIES_TEST_VAR"] = tempfile.mkdtemp(prefix="dailies-test-")
    atexit.register(shutil.rmtree, os.environ["DAILIES_TEST_VAR"], ignore_errors=True)
os.environ.update(
    VAR_DIR=os.environ["DAILIES_TEST_VAR"], DAILIES_LOCAL="1", PRACTICE="false", DEBUG="false"
)
# Nobody in tests publishes prices unless a test says so.
os.environ["PRICE_FEED"] = "false"
for name in (
    *("PUBLIC_URL", "MEDIA_ROOT", "ALLOWED_HOSTS", "ARCHIVE_HOSTS", "EMAIL_URL"),
    *("TRUSTED_ORIGINS", "TRUSTED_PROXIES", "PROMPT_HELP_URL", "METRICS_TOKEN"),
    "SENTRY_DSN",
):
    # Set, so that a developer's .env does not decide what the tests see.
    os.environ[name] = ""
for limit in Limit:
    os.environ[limit.setting] = ""
# Days begin at midnight there, unless a test says where else.
os.environ["TIME_ZONE"] = "UTC"
os.environ["ALLOWED_HOSTS"] = "testserver,localhost,127.0.0.1"
if "DAILIES_TEST_SERVERS" in os.environ:
    # Each worker of a parallel run has servers to itself: tests empty them, and crash them.
    _servers = json.loads(os.environ["DAILIES_TEST_SERVERS"])
    _worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    os.environ["DATABASE_URL"], os.environ["REDIS_URL"] = _servers[_worker]

from veo_site.settings import *  # noqa: E402, F403
from veo_site.settings import CACHES, DATABASE, VAR  # noqa: E402

if DATABASE["ENGINE"].endswith("sqlite3"):
    # A file, not memory: threads and processes must meet in the same database.
    DATABASE["TEST"] = {"NAME": str(VAR / "test.sqlite3")}
    # No test outlives a power cut: nothing need wait for the disk.
    DATABASE["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"
if "REDIS_URL" not in os.environ or not os.environ["REDIS_URL"]:
    # Each worker has a database to itself.
    CACHES["figures"]["LOCATION"] = str(VAR / os.environ.get("PYTEST_XDIST_WORKER", "figures"))
METRICS_DIR = VAR / "metrics" / os.environ.get("PYTEST_XDIST_WORKER", "alone")
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "veo_site.collecting.SourceStorage"},
}
MEDIA_ROOT = VAR / "media"
STATIC_ROOT = VAR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
OPEN_TO_OTHERS = False  # whatever the test client calls us
POLL_SECONDS_MIN = 30
MEDIA_FREE_BYTES_MIN = UNPAID_FREE_BYTES_MIN = 0
