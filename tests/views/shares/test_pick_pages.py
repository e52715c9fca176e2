"""The pages around a larger copy that a client's pick has made."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from jobs import ledger, shares
from jobs.forms import ShareForm
from jobs.models import Job, Price, Rendition, ShareLink, User
from tests.support import factories

pytestmark = pytest.mark.django_db
NEW = "/shares/new/"


@pytest.fixture
def film(alice: User) -> Rendition:
    return factories.film(alice)


@pytest.fixture
def offered(alice: User, film: Rendition) -> tuple[ShareLink, str]:
    terms = shares.Terms(title="Round 3", upgrades_pick=True)
    return shares.create([film], terms, alice)


def text(response: Any) -> str:
    plain = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", unescape(plain))


def terms(film: Rendition, **changes: object) -> dict[str, object]:
    fields = {
        "take": str(film.pk),
        "expires": "30",
        "takes_notes": "on",
        "upgrades_pick": "on",
        "seen_cost": "120",
        "submission_key": str(uuid4()),
    }
    return {**fields, **changes}


def test_the_form_says_what_is_held_and_until_when(alice_client: Client, film: Rendition) -> None:
    page = alice_client.get(f"{NEW}?take={film.pk}")
    assert "120 credits are reserved now" in text(page)
    assert "It can be made until" in text(page)
    assert 'name="seen_cost" value="120"' in page.content.decode()


def test_where_it_cannot_be_had_the_form_says_why(alice: User, alice_client: Client) -> None:
    film = factories.film(alice, provider="veo4")
    page = alice_client.get(f"{NEW}?take={film.pk}")
    assert "can’t upgrade videos" in text(page)
    assert re.search(r'name="upgrades_pick"[^>]* disabled', page.content.decode())


def test_a_ticked_box_holds_the_price_that_was_shown(
    alice: User, alice_client: Client, film: Rendition
) -> None:
    page = alice_client.post(NEW, terms(film), follow=True)
    assert ledger.standing_of(alice).held == 120
    assert "120 credits are reserved." in text(page)


@pytest.mark.data
def test_another_price_than_the_one_shown_is_asked_about_first(
    alice: User, alice_client: Client, film: Rendition
) -> None:
    Price.objects.filter(kind="upgrade_4k").update(credits=150)
    page = alice_client.post(NEW, terms(film, title="Round 3"))
    assert page.status_code == 422
    assert "This now reserves 150 credits." in text(page)
    assert 'name="seen_cost" value="150"' in page.content.decode()
    assert 'value="Round 3"' in page.content.decode()
    assert (ShareLink.objects.count(), ledger.standing_of(alice).held) == (0, 0)


def test_too_few_credits_are_said_at_the_box_and_nothing_is_lost(
    alice: User, alice_client: Client, film: Rendition
) -> None:
    ledger.grant(alice, -ledger.standing_of(alice).available, reason="Spent", actor=None)
    page = alice_client.post(NEW, terms(film, title="Round 3"))
    assert page.status_code == 422
    assert "This needs 120 credits, but you have 0." in text(page)
    assert 'value="Round 3"' in page.content.decode()


@pytest.mark.data
def test_a_double_click_makes_one_link_and_leads_to_it(
    alice_client: Client, film: Rendition
) -> None:
    fields = terms(film)
    first = alice_client.post(NEW, fields)
    again = alice_client.post(NEW, fields)
    assert again.headers["Location"] == first.headers["Location"]
    assert ShareLink.objects.count() == 1


def test_a_form_without_its_key_makes_nothing_and_says_so(
    alice_client: Client, film: Rendition
) -> None:
    page = alice_client.post(NEW, terms(film, submission_key=""))
    assert page.status_code == 422
    assert "This field is required." in text(page)


@pytest.mark.data
def test_choosing_more_videos_keeps_the_box_ticked(alice: User, alice_client: Client) -> None:
    one, two = factories.film(alice), factories.film(alice)
    page = alice_client.post(NEW, terms(one, add=str(two.pk))).content.decode()
    assert re.search(r'name="upgrades_pick"[^>]* checked', page)


def test_the_client_reads_what_a_pick_does_and_never_what_it_costs(
    offered: tuple[ShareLink, str], client: Client, alice: User
) -> None:
    _, token = offered
    page = client.get(f"/s/{token}/")
    assert "The video you pick is made in 4K right away." in text(page)
    assert "120" not in text(page)


def test_a_pick_starts_it_and_the_page_follows(
    offered: tuple[ShareLink, str], client: Client, film: Rendition
) -> None:
    _link, token = offered
    path = f"/s/{token}/{film.pk}/review"
    client.post(path, {"kind": "pick", "name": "Ana"})
    order = Job.objects.get(kind="upgrade_4k")
    assert order.status == "queued"
    assert "Video 1 was picked. Its 4K is being made." in text(client.get(f"/s/{token}/"))
    factories.finish(order)
    assert "Video 1 was picked and made in 4K." in text(client.get(f"/s/{token}/"))


def test_a_program_that_fills_in_forms_starts_nothing(
    offered: tuple[ShareLink, str], client: Client, film: Rendition
) -> None:
    _, token = offered
    fields = {"kind": "pick", "name": "Ana", "website": "https://spam.example"}
    client.post(f"/s/{token}/{film.pk}/review", fields)
    assert Job.objects.get(kind="upgrade_4k").status == "awaiting_pick"


def test_the_links_page_says_what_is_held_then_what_was_picked(
    offered: tuple[ShareLink, str], alice_client: Client, film: Rendition
) -> None:
    link, _ = offered
    page = alice_client.get(f"/shares/{link.pk}/")
    assert "The first video picked is made in 4K automatically." in text(page)
    (take,) = shares.takes_of(link)
    shares.say(link, take.shared, "pick", name="Ana", visitor="a")
    assert "Video 1 was picked. Its 4K: queued." in text(alice_client.get(f"/shares/{link.pk}/"))


def test_its_own_page_tells_of_the_link_and_frees_the_credits(
    offered: tuple[ShareLink, str], alice: User, alice_client: Client
) -> None:
    link, _ = offered
    path = f"/jobs/{Job.objects.get(kind='upgrade_4k').pk}/"
    page = text(alice_client.get(path))
    assert "It is made from the video a client picks" in page
    assert "Round 3" in page
    done = text(alice_client.post(f"{path}cancel/", follow=True))
    assert "Canceled. 120 credits are available again." in done
    assert "Its credits were released before a video was picked" in done
    assert "Retry" not in done
    assert "Nothing was charged." in text(alice_client.get(f"/shares/{link.pk}/"))


def test_an_admin_may_untick_it_and_not_tick_it(
    offered: tuple[ShareLink, str], admin_client: Client, alice: User
) -> None:
    link, _ = offered
    path = f"/shares/{link.pk}/"
    fields = {"title": "Round 3", "expires": "keep", "takes_notes": "on"}
    admin_client.post(path, fields)
    assert ledger.standing_of(alice).held == 0
    assert "upgrades_pick" not in admin_client.get(path).content.decode()
    admin_client.post(path, {**fields, "upgrades_pick": "on", "seen_cost": "120"})
    assert ledger.standing_of(alice).held == 0


def shown_price(page: Any) -> str:
    """What the form sends back as the price that was shown."""
    found = re.search(r'name="seen_cost" value="(\d+)"', page.content.decode())
    return found[1] if found else ""


@pytest.mark.data
def test_a_form_opened_before_the_pick_holds_for_no_second_one(
    alice: User, alice_client: Client
) -> None:
    films = [factories.film(alice, prompt=f"Cut {number}") for number in (1, 2)]
    link, _ = shares.create(films, shares.Terms(upgrades_pick=True), alice)
    path = f"/shares/{link.pk}/"
    seen = shown_price(alice_client.get(path))
    shares.say(link, shares.takes_of(link)[0].shared, "pick", name="Ana", visitor="a")
    factories.finish(Job.objects.get(kind="upgrade_4k"))
    fields = {"title": "Round 4", "expires": "keep", "takes_notes": "on", "upgrades_pick": "on"}
    again = alice_client.post(path, {**fields, "seen_cost": seen})
    assert again.status_code == 422
    assert "This now reserves 120 credits. Send it again to agree." in text(again)
    assert ledger.standing_of(alice).held == 0
    alice_client.post(path, {**fields, "seen_cost": shown_price(again)})
    assert ledger.standing_of(alice).held == 120


def test_a_pick_while_the_form_is_taken_in_is_not_held_for_again(
    offered: tuple[ShareLink, str], alice: User
) -> None:
    link, _ = offered
    link.refresh_from_db()
    fields = {"title": "Round 4", "expires": "keep", "takes_notes": "on", "upgrades_pick": "on"}
    form = ShareForm(fields, link=link, upgrade=shares.Offer(120))
    assert form.is_valid()
    shares.say(link, shares.takes_of(link)[0].shared, "pick", name="Ana", visitor="a")
    factories.finish(Job.objects.get(kind="upgrade_4k"))
    assert shares.change(link, form.terms, alice) == ["title"]
    assert ledger.standing_of(alice).held == 0


def test_admins_find_it_under_outstanding(
    offered: tuple[ShareLink, str], admin_client: Client
) -> None:
    page = text(admin_client.get("/team/requests/"))
    assert "Reserved for a pick" in page
    assert "On the link “Round 3”." in page
