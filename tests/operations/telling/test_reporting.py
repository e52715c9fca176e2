"""Faults go to a Sentry only where one is set, and nobody's words, keys or addresses with them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import brotli

from tests import ROOT
from tests.support.fakes import Wire

CODE = """if True:
    import logging, sys, types
    import django; django.setup()
    from django.conf import settings
    from django.test import Client
    from django.urls import path
    from structlog.contextvars import bind_contextvars

    def boom(request, token):
        key, prompt = "canary-key-7d1f0a9c", "canary prompt of a fox"
        bind_contextvars(request="f3a90c55d1e27b04", person=7, address="203.0.113.99")
        try:
            raise ValueError(f"{prompt} by {key}")
        except ValueError as error:
            raise RuntimeError(f"https://dailies.example/s/{token}/ {request.COOKIES}") from error

    urls = types.ModuleType("urls")
    urls.urlpatterns = [path("s/<str:token>/", boom)]
    sys.modules["urls"] = urls
    settings.ROOT_URLCONF, settings.MIDDLEWARE = "urls", []
    headers = {"Authorization": "Bearer canary-bearer"}
    client = Client(raise_request_exception=False, headers=headers)
    client.cookies["sessionid"] = "canary-cookie"
    client.post("/s/canary-share-token-canary/?q=canary", {"prompt": "canary prompt"})
    logger = logging.getLogger("jobs.follower")
    logger.error("asking about job %s broke", "canary-argument")
    logger.warning("canary: no fault")
    if settings.SENTRY_DSN:
        import sentry_sdk
        sentry_sdk.flush(5)
    print("sentry_sdk" in sys.modules)
"""


def run(var: Path, dsn: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        cwd=ROOT,
        env=os.environ
        | {"DJANGO_SETTINGS_MODULE": "veo_site.settings", "VAR_DIR": str(var), "SENTRY_DSN": dsn}
        | {"ALLOWED_HOSTS": "testserver"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.strip()


def test_a_fault_goes_out_with_its_code_and_number_and_with_nobodys_words(
    wire: Wire, tmp_path: Path
) -> None:
    wire.answer(json={}, always=True)
    assert run(tmp_path, f"http://public@127.0.0.1:{wire.port}/1") == "True"
    sent = [brotli.decompress(each.body).decode() for each in wire.requests]
    assert len(sent) == 2
    for word in ("canary", "203.0.113.99", "sessionid", "Bearer"):
        assert word not in "".join(sent), word
    fault, line = (json.loads(each.splitlines()[2]) for each in sent)
    assert [each["type"] for each in fault["exception"]["values"]] == ["ValueError", "RuntimeError"]
    frames = fault["exception"]["values"][-1]["stacktrace"]["frames"]
    assert frames[-1]["function"] == "boom"
    assert fault["tags"] == {"request": "f3a90c55d1e27b04"}
    assert line["logentry"] == {"message": "asking about job %s broke"}
    assert not {"request", "user", "breadcrumbs", "extra", "modules"} & {*fault, *line}


def test_without_a_sentry_nothing_of_it_is_even_loaded(tmp_path: Path) -> None:
    assert run(tmp_path, "") == "False"
