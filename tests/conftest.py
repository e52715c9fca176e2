"""What every test may ask for: a cast, two scripted providers, and a queue that runs on demand."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache, caches
from django.db import connection
from django.test import Client, TransactionTestCase
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from jobs.archive import guard
from jobs.management import tables
from jobs.models import Credential, User
from tests.support import factories
from tests.support.emptying import empty_database
from tests.support.fakes import Wire, wire

__all__ = ["wire"]


class Scheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Tests go to whichever worker is free: one by one, those of a browser module together.

    The latter share a product, a cast and films that take long to make. Being the largest they
    come first, so that no worker is left with one at the end.
    """

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        return module if module.startswith("tests/browser/") else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    return Scheduling(config, log)


def pytest_collection_finish() -> None:
    """Thousands of collected tests live to the end: no search for garbage need look at them."""
    gc.collect()
    gc.freeze()


setattr(TransactionTestCase, "_fixture_teardown", lambda _: empty_database())  # noqa: B010


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """SQLite's tables are made at once, as for who begins: migrations take nine seconds.

    That both lead to the same is proved in tests/operations/test_tables.py.
    """
    creation: Any = connection.creation
    make_file: Callable[..., str] = creation._create_test_db

    def make_all(*arguments: Any) -> str:
        connection.close()
        connection.settings_dict["NAME"] = name = make_file(*arguments)
        tables.make_all()
        return name

    creation._create_test_db = make_all


@pytest.fixture(autouse=True)
def _fresh(settings: Any, tmp_path: Path) -> Iterator[None]:
    """Nothing of one test is left for the next."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.SPOOL_DIR = tmp_path / "spool"
    settings.LIFE_FILE = tmp_path / "life.json"
    settings.TURNS_DIR = tmp_path / "turns"
    cache.clear()
    caches["figures"].clear()
    yield
    guard.expect_any()
    cache.clear()
    caches["figures"].clear()


@pytest.fixture
def provider(wire: Wire, settings: Any) -> Wire:
    """The wire, with both providers' addresses pointing at it, and public callbacks wanted."""
    settings.KIE_BASE_URL = settings.KIE_UPLOAD_URL = wire.url
    settings.VEO4_BASE_URL = wire.url
    settings.ARCHIVE_HOSTS = [f"127.0.0.1:{wire.port}"]
    settings.CALLBACK_BASE = "https://dailies.example"
    settings.VEO4_WEBHOOK_ENABLED = True
    return wire


@pytest.fixture
def alice(db: None) -> User:
    """A member with a key for each provider and 1,000 credits."""
    return factories.member("alice", credits=1000)


@pytest.fixture
def bob(db: None) -> User:
    """Another member, who must not see what is Alice's."""
    return factories.member("bob", credits=1000)


@pytest.fixture
def admin(db: None) -> User:
    return factories.admin("ada")


@pytest.fixture
def alice_client(alice: User) -> Client:
    return factories.signed_in(alice)


@pytest.fixture
def admin_client(admin: User) -> Client:
    return factories.signed_in(admin)


@pytest.fixture
def key(alice: User) -> Credential:
    """Alice's kie key."""
    return Credential.objects.get(owner=alice, provider="kie")
