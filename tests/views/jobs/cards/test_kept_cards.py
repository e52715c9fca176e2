"""Cards that are kept as they were rendered: never an old one, never somebody else's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jobs import archive, keeping, lifecycle, people, pricing, shares
from jobs.archive import verify
from jobs.keeping import choosing, tagging
from jobs.models import Credential, Job, Price, Project, ShareLink, User
from jobs.pricing import PriceList
from jobs.providers.base import Snapshot, State
from jobs.views.jobs.cards.dealing import cards_for
from jobs.views.jobs.cards.kept import dealing
from jobs.views.jobs.cards.kept.dealing import deal
from jobs.views.jobs.cards.kept.facts import faces_of, facts_of
from tests.support import factories
from tests.support.pages.control_names import as_if_alone
from tests.support.typed_forms import text

pytestmark = [pytest.mark.django_db, pytest.mark.data]
Change = Callable[[Job], object]


def dealt(viewer: User) -> list[str]:
    rows = facts_of(Job.objects.all())
    return [as_if_alone(card.html) for card in deal(rows, viewer, "token", PriceList())]


def rendered(viewer: User) -> list[str]:
    """As a server does that has kept nothing."""
    return [card.html for card in cards_for(Job.objects.for_cards(), viewer, "token")]


def kept_of(job: Job) -> list[dealing.Key]:
    return [key for key in dealing._kept if key[0] == job.pk]


@pytest.fixture
def take(alice: User) -> Job:
    return factories.succeeded(alice)


def shared(by: User) -> Project:
    return Project.objects.create(name="Shared", created_by=by)


def larger_copy(take: Job, **how: bool) -> None:
    factories.finish(factories.upgrade(take), **how)


def owner_is_called_otherwise(take: Job) -> None:
    User.objects.filter(pk=take.owner_id).update(display_name="Alicia Keys")


def owner_leaves(take: Job) -> None:
    heir, admin = factories.member("zoe"), factories.admin("boss")
    people.leave(take.owner, heir, admin, reason="Moved on", sends_queued=False)
    people.finish_leaving()


def price_changes(_: Job) -> None:
    price = Price.objects.filter(provider="kie", kind="upgrade_4k")[0]
    admin = factories.admin("boss")
    assert pricing.change(price, 321, begins=None, reason="Dearer", actor=admin)


def file_is_lost(take: Job) -> None:
    # Of a job so old that its provider has nothing more.
    factories.age(take, days=40)
    assert list(verify.check(believe=True))


def file_is_fetched_again(take: Job) -> None:
    file_is_lost(take)
    dealt(take.owner)
    assert archive.store_again(take.renditions.get().pk)


def larger_copy_is_lost(take: Job) -> None:
    larger_copy(take)
    dealt(take.owner)
    file_is_lost(Job.objects.get(source=take))


def client_picks(take: Job) -> ShareLink:
    link, _ = shares.create([take.renditions.get()], shares.Terms(title="Cut 3"), take.owner)
    shares.say(link, link.takes.get(), "pick", name="Ana", visitor="ana")
    return link


def link_is_called_otherwise(take: Job) -> None:
    link = client_picks(take)
    dealt(take.owner)
    shares.change(link, shares.Terms(title="Cut 4", keeps_expiry=True), take.owner)


CHANGES: dict[str, Change] = {
    "a larger copy is ordered": factories.upgrade,
    "a larger copy is made": lambda take: larger_copy(take, stored=False),
    "a larger copy is stored": larger_copy,
    "a larger copy is lost": larger_copy_is_lost,
    "an order of a larger copy is canceled": lambda take: lifecycle.cancel(
        factories.upgrade(take), take.owner
    ),
    "a longer film is ordered": factories.extension,
    "its owner is called otherwise": owner_is_called_otherwise,
    "its owner leaves": owner_leaves,
    "a price changes": price_changes,
    "its file is lost": file_is_lost,
    "its file is fetched again": file_is_fetched_again,
    "it is rated": lambda take: choosing.choose([take.pk], take.owner, "rating", 3),
    "it is rejected": lambda take: choosing.choose([take.pk], take.owner, "rejected", 1),
    "it is tagged": lambda take: tagging.tag([take.pk], take.owner, ["night"]),
    "a client picks it": client_picks,
    "the link of a pick is called otherwise": link_is_called_otherwise,
    "it grows older": lambda take: factories.age(take, minutes=5),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_whatever_changes_a_card_is_rendered_anew_for_everybody(
    take: Job, alice: User, admin: User, change: Change
) -> None:
    Job.objects.update(project=shared(alice))
    viewers = [alice, admin, factories.member("colleague")]
    before = [dealt(viewer) for viewer in viewers]
    change(take)
    with time_machine.travel(timezone.now(), tick=False):
        after = [dealt(viewer) for viewer in viewers]
        assert after == [rendered(viewer) for viewer in viewers]
    assert after != before, "nothing changed that a card shows"


@pytest.mark.parametrize(
    "change",
    [
        lambda fox: keeping.entitle(fox.pk, "Merger", fox.owner),
        lambda fox: keeping.refile([fox.pk], None, fox.owner),
        lambda fox: keeping.throw_away([fox.pk], fox.owner),
        owner_leaves,
    ],
    ids=["called otherwise", "moved out", "thrown away", "another's"],
)
def test_a_longer_film_names_what_it_came_of_only_to_those_who_may_see_that(
    take: Job, alice: User, change: Change
) -> None:
    Job.objects.update(project=shared(alice))
    longer = factories.finish(factories.extension(take))
    viewers = [alice, factories.admin("chief"), factories.member("colleague")]
    before = [dealt(viewer) for viewer in viewers]
    version = longer.version
    change(take)
    take.refresh_from_db()
    with time_machine.travel(timezone.now(), tick=False):
        cards = [dealt(viewer) for viewer in viewers]
        assert cards == [rendered(viewer) for viewer in viewers]
    assert cards != before
    for viewer, (of_longer, *_) in zip(viewers, cards, strict=True):
        may_see = Job.objects.visible_to(viewer).filter(pk=take.pk).exists()
        assert (f"/jobs/{take.pk}/" in of_longer) is may_see
        assert (take.label in of_longer) is may_see
    longer.refresh_from_db()
    assert change is owner_leaves or longer.version > version, "open pages do not hear of it"


def test_neither_does_its_page_nor_any_list(alice: User, bob: User) -> None:
    fox = factories.succeeded(alice, prompt="Merger", project_id=shared(alice).pk)
    longer = factories.finish(factories.extension(fox))
    keeping.refile([fox.pk], None, alice)
    client = factories.signed_in(bob)
    for path in ("/", "/library/", f"/jobs/{longer.pk}/", f"/projects/{longer.project_id}/"):
        page = client.get(path).content.decode()
        assert "And then the sun comes out" in page
        assert "Merger" not in page
        assert str(fox.pk) not in page
    assert "Extended from a video" in text(client.get(f"/jobs/{longer.pk}/"))


@pytest.mark.parametrize("days", [1, 10, 12, 15])
def test_as_time_goes_by_a_card_says_so(take: Job, alice: User, days: int) -> None:
    before = dealt(alice)
    with time_machine.travel(timezone.now() + timedelta(days=days), tick=False):
        after = dealt(alice)
        assert after == rendered(alice)
    assert after != before


@pytest.mark.parametrize("status", ["queued", "running", "submitting"])
def test_a_card_that_counts_seconds_is_rendered_once_and_tells_the_time_of_now(
    alice: User, status: str
) -> None:
    made = factories.run(factories.job(alice))
    Job.objects.filter(pk=made.pk).update(
        status=status, lease_until=timezone.now(), callback_hash="0" * 64
    )
    first = timezone.now() + timedelta(seconds=3)
    with time_machine.travel(first, tick=False):
        dealt(alice)
    with time_machine.travel(first + timedelta(seconds=20), tick=False):
        now = rendered(alice)
        Job.objects.filter(pk=made.pk).update(prompt="Not looked at", title="")
        assert dealt(alice) == now != rendered(alice)
        assert 'data-elapsed="23"' in now[0]
        assert 'data-elapsed="23"' in dealt(factories.admin("chief"))[0]


def test_until_a_video_is_there_its_owner_and_admins_have_one_card_of_it(alice: User) -> None:
    made = factories.run(factories.job(alice, project_id=shared(alice).pk))
    viewers = [alice, factories.admin("chief"), factories.member("colleague")]
    with time_machine.travel(timezone.now(), tick=False):
        cards = [dealt(viewer) for viewer in viewers]
        assert cards == [rendered(viewer) for viewer in viewers]
        assert cards[0] == cards[1] != cards[2]
        assert len(kept_of(made)) == 2
        factories.finish(made)
        assert len({str(dealt(viewer)) for viewer in viewers}) == 3


def test_what_it_is_made_of_is_shown_to_its_owner_only_as_far_as_they_see_that(
    alice: User, bob: User
) -> None:
    fox = factories.succeeded(alice, prompt="Merger", project_id=shared(alice).pk)
    longer = factories.extension(fox)
    keeping.refile([fox.pk], None, alice)
    Job.objects.filter(pk=longer.pk).update(owner=bob)
    viewers = [factories.admin("chief"), bob, alice]
    with time_machine.travel(timezone.now(), tick=False):
        cards = ["".join(dealt(viewer)[:1]) for viewer in viewers]
        assert cards == ["".join(rendered(viewer)[:1]) for viewer in viewers]
    assert ["Merger" in card for card in cards] == [True, False, True]


def test_many_cards_are_rendered_anew_with_as_many_questions_as_one(alice: User) -> None:
    def cost() -> int:
        dealing._kept.clear()
        with CaptureQueriesContext(connection) as queries:
            assert dealt(alice) == rendered(alice)
        return len(queries)

    with time_machine.travel(timezone.now(), tick=False):
        larger_copy(factories.succeeded(alice))
        few = cost()
        for _ in range(4):
            larger_copy(factories.succeeded(alice))
        assert cost() == few


def test_a_percentage_of_the_providers_own_is_told_as_it_is(alice: User) -> None:
    made = factories.run(factories.job(alice))
    lifecycle.observe(made.pk, Snapshot(State.RUNNING, progress=70))
    with time_machine.travel(timezone.now() + timedelta(seconds=9), tick=False):
        assert dealt(alice) == rendered(alice)
        assert ">70</span>" in dealt(alice)[0]


def test_a_place_in_the_queue_is_the_place_of_now(alice: User) -> None:
    first, second = factories.job(alice), factories.job(alice)
    assert "2nd in line" in "".join(dealt(alice))
    lifecycle.cancel(first, alice)
    assert "in line" not in "".join(dealt(alice))
    assert second.version == Job.objects.get(pk=second.pk).version


def test_a_queued_card_that_says_why_it_waits_is_never_kept(alice: User) -> None:
    made = factories.job(alice)
    Job.objects.filter(pk=made.pk).update(error="Waiting for a working key.")
    assert "working key" in dealt(alice)[0]
    Job.objects.filter(pk=made.pk).update(error="")
    assert "working key" not in dealt(alice)[0]


def test_what_changes_of_a_card_that_counts_seconds_is_shown(alice: User) -> None:
    made = factories.run(factories.job(alice))
    with time_machine.travel(timezone.now(), tick=False):
        dealt(alice)
        Credential.objects.filter(jobs=made).update(state="rejected")
        assert "is not accepted" in dealt(alice)[0]
        lifecycle.observe(made.pk, Snapshot(State.RUNNING, progress=70))
        assert dealt(alice) == rendered(alice)
        lifecycle.observe(made.pk, Snapshot(State.FAILED, error_code="x", error="It broke."))
        assert "Provider error" in dealt(alice)[0]


def test_a_reader_who_becomes_an_admin_has_an_admins_cards(take: Job, bob: User) -> None:
    Job.objects.update(status="failed", project=shared(bob))
    assert "/retry/" not in dealt(bob)[0]
    User.objects.filter(pk=bob.pk).update(role="admin")
    bob.refresh_from_db()
    assert "/retry/" in dealt(bob)[0]


def test_unchanged_cards_cost_one_query(take: Job, alice: User) -> None:
    prices = PriceList()
    assert prices.rows
    deal(facts_of(Job.objects.all()), alice, "token", prices)
    with CaptureQueriesContext(connection) as queries:
        deal(facts_of(Job.objects.all()), alice, "token", prices)
    assert len(queries) == 1


def test_a_card_that_changes_while_it_is_rendered_is_not_kept(
    take: Job, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overtaken(*given: Any, **how: Any) -> object:
        cards = cards_for(*given, **how)
        assert cards[0].html
        factories.upgrade(take)
        return cards

    with monkeypatch.context() as patched:
        patched.setattr(dealing, "cards_for", overtaken)
        dealt(alice)
    assert not kept_of(take)
    assert dealt(alice) == rendered(alice)


def test_a_job_that_ends_between_two_questions_has_its_file_on_its_card(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = factories.run(factories.job(alice))
    faces = faces_of

    def overtaken(*given: object) -> object:
        found = faces(*given)  # type: ignore[arg-type]
        monkeypatch.undo()
        factories.finish(made)
        return found

    monkeypatch.setattr(dealing, "faces_of", overtaken)
    assert dealt(alice) == rendered(alice)


def test_a_card_that_says_how_long_its_file_is_still_there_is_not_kept(alice: User) -> None:
    waiting = factories.finish(factories.job(alice), stored=False)
    waiting.renditions.update(problem="The provider did not answer.")
    before = dealt(alice)
    with time_machine.travel(timezone.now() + timedelta(days=1), tick=False):
        assert dealt(alice) == rendered(alice) != before
    assert not kept_of(waiting)


def test_a_tab_that_waited_while_another_had_its_cards_rendered_takes_those(
    take: Job, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered_for = []

    def counted(*given: Any, **how: Any) -> object:
        rendered_for.append(given[1])
        return cards_for(*given, **how)

    @contextmanager
    def after_another() -> Iterator[None]:
        monkeypatch.setattr(dealing, "_in_turn", nullcontext)
        dealt(alice)
        yield

    monkeypatch.setattr(dealing, "cards_for", counted)
    monkeypatch.setattr(dealing, "_in_turn", after_another)
    assert dealt(alice) == rendered(alice)
    assert rendered_for == [alice]


def test_no_more_cards_are_kept_than_may_be(
    take: Job, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dealing, "KEPT_MAX", 2)
    for _ in range(5):
        factories.succeeded(alice)
        dealt(alice)
        assert len(dealing._kept) <= 2
