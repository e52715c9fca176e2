"""What every test may ask for: a cast, two scripted providers, and a queue that runs on demand."""

from __future__ import annotations

import functools
import gc
import os
from collections.abc import Callable, Generator, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache, caches
from django.db import connection, transaction
from django.db.backends.signals import connection_created
from django.template.base import Template
from django.template.context import Context
from django.test import Client, TransactionTestCase
from django.test.signals import template_rendered
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from jobs.archive.kept import guard
from jobs.decoding import apart
from jobs.management import tables
from jobs.models import Credential, User
from jobs.troubles import callbacks
from tests import ROOT
from tests.support import factories
from tests.support.fakes import Wire, wire
from tests.support.media import decoded_once
from tests.support.servers import kept
from tests.support.states import left_open
from tests.support.states.emptying import empty_database

__all__ = ["wire"]
_numbers = count()
# On a slow machine an example takes its time, to make as to try: that says nothing of the code.
hypothesis.register_profile(
    "unhurried",
    hypothesis.default,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
hypothesis.load_profile("unhurried")


AT_THE_MACHINES_PACE = ("access", "browser", "operations")
"""Folders whose tests drive browsers, servers and processes, each of which takes what time it is
given: in CI what fails there has a second try, and is named with how it failed. Nothing else has:
a race over money that is lost once in a hundred runs is lost."""


@functools.cache
def _shares_much(module: str) -> bool:
    """Whether something is made once for all tests of a module."""
    if module.startswith("tests/browser/"):
        return True
    return 'scope="module"' in (ROOT / module).read_text(encoding="utf-8")


class Scheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Tests go to whichever worker is free: one by one, but together where a module shares much.

    A product, a cast and films, a server behind a proxy: what takes long to make would be made by
    each worker. Being the largest they come first, so that no worker is left with one at the end.
    """

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        return module if _shares_much(module) else nodeid

    def mark_test_complete(self, node: Any, item_index: int, duration: float = 0) -> None:
        super().mark_test_complete(node, item_index, duration)
        # What is done is counted anew after each test, and nearly every test is a scope.
        scope = self._split_scope(self.registered_collections[node][item_index])
        if all(self.assigned_work[node].get(scope, {}).values()):
            self.assigned_work[node].pop(scope, None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if "CI" not in os.environ:
        return
    for item in items:
        if item.path.relative_to(Path(__file__).parent).parts[0] in AT_THE_MACHINES_PACE:
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    return Scheduling(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, Any, Any]:
    """Thousands of collected tests live to the end: no search for garbage need look at them.

    Neither while they are collected, of which searching was two fifths; and afterwards it is
    looked for now and then, which takes half of the twelfth that looking for it took.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 100)
        gc.enable()


def _leave_nothing(_: TransactionTestCase) -> None:
    empty_database()
    tests = left_open.by()
    assert not tests, f"the database was left open by {', '.join(tests)}"


setattr(TransactionTestCase, "_fixture_teardown", _leave_nothing)  # noqa: B010
connection_created.connect(left_open.note)


@pytest.fixture(scope="session", autouse=True)
def _outermost_noted(django_test_environment: None) -> None:
    """Of a page its own template is noted with its context, which is what tests ask for.

    Of the hundreds of parts that it includes Django would copy each one's context as well.
    """

    def render(self: Template, context: Context) -> str:
        if context.template is self:
            template_rendered.send(sender=self, template=self, context=context)
        return self.nodelist.render(context)

    setattr(Template, "_render", render)  # noqa: B010


@pytest.fixture(scope="session", autouse=True)
def _kept_over_all_tests() -> Iterator[None]:
    """What a child made of one of the tests' own small files it is not asked for again."""
    with pytest.MonkeyPatch.context() as patch, kept.over_all_tests():
        patch.setattr(apart, "_asked", decoded_once.asked)
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """SQLite's tables are made at once, as for who begins: migrations take nine seconds.

    That both lead to the same is proved in tests/operations/commands/test_tables.py.
    """
    creation: Any = connection.creation
    make_file: Callable[..., str] = creation._create_test_db

    def make_all(*arguments: Any) -> str:
        connection.close()
        connection.settings_dict["NAME"] = name = make_file(*arguments)
        tables.make_all()
        return name

    creation._create_test_db = make_all


@pytest.fixture(scope="module")
def shared_rows(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """What the fixtures of a module make after this is there for each of its tests, which undo
    what they themselves do. None of them may commit.
    """
    whole = transaction.atomic()
    with django_db_blocker.unblock():
        whole.__enter__()
    yield
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        whole.__exit__(None, None, None)


def places(folder: Path) -> dict[str, Path]:
    """The settings that name what is kept in files, for a test or a module of its own."""
    return {
        "MEDIA_ROOT": folder / "media",
        "SPOOL_DIR": folder / "spool",
        "LIFE_FILE": folder / "life.json",
        "TURNS_DIR": folder / "turns",
    }


@pytest.fixture
def tmp_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty folder. pytest's own looks through all of its kind, thousands, for a free name."""
    folder = tmp_path_factory.getbasetemp() / "of-tests" / str(next(_numbers))
    folder.mkdir(parents=True)
    return folder


@pytest.fixture(autouse=True)
def _fresh(settings: Any, tmp_path: Path) -> Iterator[None]:
    """Nothing of one test is left for the next."""
    for name, place in places(tmp_path).items():
        setattr(settings, name, place)
    cache.clear()
    caches["figures"].clear()
    yield
    guard.expect_any()
    callbacks._lately.clear()
    cache.clear()
    caches["figures"].clear()


@pytest.fixture
def provider(wire: Wire, settings: Any) -> Wire:
    """The wire, with both providers' addresses pointing at it, and public callbacks wanted."""
    for name, value in leading_to(wire).items():
        setattr(settings, name, value)
    return wire


def leading_to(wire: Wire) -> dict[str, Any]:
    """The settings by which a wire is both providers."""
    return {
        **dict.fromkeys(("KIE_BASE_URL", "KIE_UPLOAD_URL", "VEO4_BASE_URL"), wire.url),
        "ARCHIVE_HOSTS": [f"127.0.0.1:{wire.port}"],
        "CALLBACK_BASE": "https://dailies.example",
        "VEO4_WEBHOOK_ENABLED": True,
    }


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
