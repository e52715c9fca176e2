"""A client opens a link on a phone: the picture first, the film when it is asked for."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urljoin
from uuid import uuid4

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Opener
from tests.browser.test_accessible import EVERYWHERE, THEMES, complaints
from tests.browser.test_poor_lines import without_script
from tests.support.markup import flat
from tests.support.pages.weight import BUDGET_KIB, weigh
from tests.support.product import Person, Product

WIDE, TALL, OTHER = "Aurora over a fjord", "A runner in the rain", "A birch forest"
SHAPES = {WIDE: "16:9", TALL: "9:16", OTHER: "16:9"}
CLIENT = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
FILM = re.compile(r"\.mp4$")
SHIFTED = """() => new Promise(resolve => {
    const told = list => resolve(list.getEntries().filter(each => each.value > 0.05).map(each =>
        [each.value, ...each.sources.map(from => from.node?.outerHTML?.slice(0, 80))].join(" ")));
    new PerformanceObserver(told).observe({type: "layout-shift", buffered: true});
    setTimeout(resolve, 300, []);
})"""
"""What jumped: a film that finds its place late. Letters may move a little when the font comes."""
SMALL = """() => [...document.querySelectorAll("a, button, summary, input, textarea")]
    .filter(each => each.tabIndex >= 0 && each.checkVisibility())
    .filter(each => each.getBoundingClientRect().height < 44)
    .map(each => each.outerHTML.slice(0, 80))"""
TINY = """() => [...document.querySelectorAll("body *")]
    .filter(each => [...each.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
    .filter(each => parseFloat(getComputedStyle(each).fontSize) < 12)
    .map(each => each.outerHTML.slice(0, 80))"""

USUAL = {"expires": "30", "takes_notes": "on"}
Share = Callable[..., str]


@pytest.fixture(scope="module")
def owner(product: Product) -> Person:
    """Somebody with three films."""
    member = product.member()
    for prompt, ratio in SHAPES.items():
        product.generate(member, prompt, aspect_ratio=ratio)
    product.settled(member, *["succeeded"] * len(SHAPES))
    return member


@pytest.fixture(scope="module")
def share(product: Product, owner: Person) -> Share:
    """Makes a link to the films of these prompts; its address."""

    def make(*prompts: str, **terms: Any) -> str:
        page = product.sessions[owner.username].get(f"{product.url}/", timeout=20).text
        cards = flat(page).split("<article ")
        films = []
        for prompt in prompts:
            card = next(card for card in cards if f">{prompt}</a>" in card)
            found = re.search(r"/renditions/([0-9a-f-]{36})", card)
            assert found, card
            films.append(found[1])
        fields = {**USUAL, "submission_key": uuid4(), **terms}
        made = product.post(owner, "/shares/new/", take=films, **fields)
        address = re.search(r"/s/[\w-]{43}/", made.text)
        assert address, made.text
        return address[0]

    return make


@pytest.fixture
def asked() -> list[str]:
    """What a page that is being watched has asked for."""
    return []


def watch(page: Page, asked: list[str]) -> Page:
    page.on("request", lambda request: asked.append(request.url))
    return page


def is_drawn(page: Page) -> bool:
    """Whether the poster has reached the screen, not only the browser."""
    found: bool = page.evaluate(
        "url => new Promise(done => { const i = new Image(); i.onload = () => done(i.width > 0);"
        " i.onerror = () => done(false); i.src = url; })",
        page.locator("video").get_attribute("poster"),
    )
    return found


def test_a_client_sees_the_picture_first_and_plays_the_film(
    product: Product, share: Share, open_page: Opener, asked: list[str]
) -> None:
    address = share(WIDE, title="For Tomas", note="Round three.", download="1080p")
    page = watch(open_page(product, "about:blank", **CLIENT), asked)
    page.goto(address, wait_until="networkidle")
    expect(page.get_by_role("heading", name="For Tomas")).to_be_visible()
    expect(page.get_by_text("AI-generated video")).to_be_visible()
    assert [url for url in asked if url.endswith(".webp")]
    assert not [url for url in asked if FILM.search(url)]
    assert is_drawn(page)
    film = page.locator("video")
    before = film.bounding_box()
    film.evaluate("video => video.play()")
    page.wait_for_function("() => document.querySelector('video').currentTime > 0.2")
    assert [url for url in asked if FILM.search(url)]
    assert film.bounding_box() == before


def test_the_page_is_light_and_leaves_the_film_where_it_is(
    product: Product, share: Share, open_page: Opener
) -> None:
    shown = dict.fromkeys(("shows_prompt", "shows_seed", "shows_person"), "on")
    address = share(WIDE, TALL, OTHER, title="Round 3", note="Hi", download="720p", **shown)
    weight = weigh(open_page(product, "about:blank", **CLIENT), address)
    assert 0 < weight.own <= BUDGET_KIB
    assert weight.pictures > 0
    assert weight.film == 0


@pytest.mark.parametrize(
    ("zone", "scripts", "hours", "name"),
    [
        ("America/New_York", True, (-5, -4), r"E[SD]T"),
        ("Asia/Kolkata", True, (5.5,), r"GMT\+5:30"),
        ("Asia/Kolkata", False, (0,), "UTC"),
    ],
    ids=["west", "east", "without scripts"],
)
def test_a_visitor_reads_the_end_of_a_link_in_their_own_zone(
    share: Share,
    product: Product,
    open_page: Opener,
    zone: str,
    scripts: bool,
    hours: tuple[float, ...],
    name: str,
) -> None:
    page = open_page(product, share(WIDE), timezone_id=zone, java_script_enabled=scripts)
    end = page.locator(".foot time")
    moment = datetime.fromisoformat(end.get_attribute("datetime") or "")
    said = re.fullmatch(rf"(\d+ \w{{3}} \d{{4}}, \d\d:\d\d) {name}", end.inner_text())
    assert said, end.inner_text()
    there = datetime.strptime(said[1], "%d %b %Y, %H:%M").replace(tzinfo=UTC)
    assert there - moment.replace(second=0) in [timedelta(hours=each) for each in hours]


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("prompt", [WIDE, TALL])
def test_nothing_moves_and_the_film_fits(
    product: Product, share: Share, open_page: Opener, prompt: str, viewport: Any
) -> None:
    page = open_page(product, share(prompt, title="For Tomas"), viewport=viewport)
    page.wait_for_load_state("networkidle")
    assert page.evaluate(SHIFTED) == []
    box = page.locator("video").bounding_box()
    assert box
    assert box["y"] + box["height"] < viewport["height"]
    expect(page.get_by_role("heading", name="For Tomas")).to_be_in_viewport()
    assert page.evaluate("scrollX + document.documentElement.scrollWidth") <= viewport["width"]


def test_a_client_switches_takes(product: Product, share: Share, open_page: Opener) -> None:
    page = open_page(product, share(WIDE, TALL, OTHER, title="Round 3"), **CLIENT)
    takes = page.get_by_role("navigation", name="Videos")
    expect(takes.get_by_role("link", name=re.compile("^Video "))).to_have_count(3)
    expect(takes.get_by_role("link", name="Video 1")).to_have_attribute("aria-current", "page")
    first = page.locator("video").get_attribute("src")
    takes.get_by_role("link", name="Video 3").click()
    expect(page).to_have_url(re.compile(r"\?take=3$"))
    current = takes.get_by_role("link", name="Video 3")
    expect(current).to_have_attribute("aria-current", "page")
    expect(current).to_be_in_viewport()
    assert page.locator("video").get_attribute("src") != first
    page.go_back()
    expect(page.get_by_text("Video 1 of 3")).to_be_visible()


def test_the_film_is_played_by_keyboard(product: Product, share: Share, open_page: Opener) -> None:
    page = open_page(product, share(WIDE, shows_prompt="on"))
    paused = "document.querySelector('video').paused"
    page.keyboard.press("Space")
    page.wait_for_function("() => document.querySelector('video').currentTime > 0.2")
    page.keyboard.press("Space")
    assert page.evaluate(paused)
    page.evaluate("document.querySelector('video').currentTime = 1")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.querySelector('video').currentTime") == pytest.approx(6)
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.querySelector('video').currentTime") == pytest.approx(1)
    # What has the focus keeps its keys.
    page.locator("summary").focus()
    page.keyboard.press("Space")
    expect(page.get_by_text(WIDE)).to_be_visible()
    assert page.evaluate(paused)


def test_the_link_is_copied(product: Product, share: Share, open_page: Opener) -> None:
    address = share(WIDE)
    page = open_page(product, address, permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == product.url + address


def test_it_can_be_copied_once_its_script_is_there(
    product: Product, share: Share, open_page: Opener
) -> None:
    page = open_page(product, "/login/", permissions=["clipboard-read", "clipboard-write"])
    copy = page.get_by_role("button", name="Copy link")
    with without_script(page, "shared", share(WIDE)):
        expect(copy).to_have_css("pointer-events", "none")
    copy.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()


def test_each_line_of_a_note_goes_in_its_own_direction(
    product: Product, share: Share, open_page: Opener
) -> None:
    page = open_page(product, share(WIDE, note="שלום\nThen slower"), **CLIENT)
    room = page.locator(".note p").evaluate(
        """p => [...p.childNodes].filter(each => each.nodeType === Node.TEXT_NODE).map(line => {
            const words = document.createRange(), within = p.getBoundingClientRect();
            words.selectNodeContents(line);
            const box = words.getBoundingClientRect();
            return [box.left - within.left, within.right - box.right].map(Math.round);
        })"""
    )
    (hebrew_left, hebrew_right), (english_left, english_right) = room
    assert hebrew_right < hebrew_left
    assert english_left < english_right


def test_everything_works_without_scripts(
    product: Product, share: Share, open_page: Opener
) -> None:
    address = share(WIDE, OTHER, shows_prompt="on", password="sesame", download="720p")
    page = open_page(product, address, java_script_enabled=False, **CLIENT)
    page.get_by_label("Password").fill("sesame")
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_role("heading", name="Video 1")).to_be_visible()
    expect(page.get_by_role("button", name="Copy link")).to_be_hidden()
    page.get_by_text("How it was made").click()
    expect(page.get_by_text(WIDE)).to_be_visible()
    page.get_by_role("link", name="Video 2").click()
    expect(page.get_by_role("heading", name="Video 2")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download 720p").click()
    assert download.value.suggested_filename.endswith("720p.mp4")
    film = page.locator("video").get_attribute("src") or ""
    answer = page.request.get(film, headers={"Range": "bytes=0-99"})
    assert (answer.status, answer.headers["content-type"]) == (206, "video/mp4")


def test_a_frame_plays_and_leads_to_the_page(
    product: Product, share: Share, open_page: Opener
) -> None:
    address = share(WIDE, title="For Tomas", embed_sites="https://client.example")
    page = open_page(product, f"{address}embed", viewport={"width": 640, "height": 360})
    box = page.locator("video").bounding_box()
    assert box == {"x": 0, "y": 0, "width": 640, "height": 360}
    way_out = page.get_by_role("link", name="Open For Tomas in a new tab")
    expect(way_out).to_have_css("opacity", "1")
    page.mouse.move(0, -1)  # off the frame
    page.locator("video").evaluate("video => video.play()")
    expect(way_out).to_have_css("opacity", "0")
    page.locator("video").evaluate("video => video.pause()")
    with page.expect_popup() as opened:
        way_out.click()
    expect(opened.value).to_have_url(product.url + address)


# ── For everybody ────────────────────────────────────────────────────────────
def on_a_phone(page: Page) -> list[str]:
    """What is too small there for a finger or an eye."""
    page.set_viewport_size(PHONE)
    return [*page.evaluate(SMALL), *page.evaluate(TINY)]


@pytest.mark.parametrize("theme", THEMES)
def test_the_page_follows_the_device_and_its_stage_stays_dark(
    product: Product, share: Share, open_page: Opener, theme: Any
) -> None:
    page = open_page(product, share(WIDE), color_scheme=theme, **CLIENT)
    light = """element => {
        const c = document.createElement("canvas").getContext("2d");
        c.fillStyle = getComputedStyle(document.querySelector(element)).backgroundColor;
        c.fillRect(0, 0, 1, 1);
        return c.getImageData(0, 0, 1, 1).data[0] > 127;
    }"""
    assert page.evaluate(light, "body") == (theme == "light")
    assert not page.evaluate(light, ".stage")


def test_the_page_is_open_to_everybody(product: Product, share: Share, open_page: Opener) -> None:
    terms = dict.fromkeys(("shows_prompt", "shows_seed", "shows_person"), "on")
    address = share(WIDE, TALL, OTHER, title="Round 3", note="Hi", download="4k", **terms)
    page = open_page(product, address, has_touch=True)
    page.locator("summary").click()
    found = complaints(page, EVERYWHERE) + on_a_phone(page)
    page.goto(f"{address}?take=2")
    assert found + complaints(page) + on_a_phone(page) == []


def test_so_are_the_door_and_the_end(product: Product, share: Share, open_page: Opener) -> None:
    page = open_page(product, share(WIDE, password="sesame"), may_fail="404|422", has_touch=True)
    found = complaints(page) + on_a_phone(page)
    page.get_by_label("Password").fill("guess")
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_text("Wrong password.")).to_be_visible()
    found += complaints(page)
    page.goto("/s/nothing/")
    expect(page.get_by_role("heading", name="Nothing here anymore")).to_be_visible()
    assert found + complaints(page) + on_a_phone(page) == []


def test_so_is_the_frame(product: Product, share: Share, open_page: Opener) -> None:
    address = share(WIDE, embed_sites="https://client.example")
    page = open_page(product, f"{address}embed", has_touch=True)
    assert complaints(page) + on_a_phone(page) == []


# ── The review, from phone to team ───────────────────────────────────────────
def test_a_client_reviews_on_a_phone_and_the_team_sees_it_arrive(
    product: Product, owner: Person, share: Share, open_page: Opener
) -> None:
    address = share(WIDE, OTHER, title="For Tomas")
    client = open_page(product, address, **CLIENT)
    film = client.locator("video")
    film.evaluate("video => new Promise(on => { video.onplaying = on; video.play(); })")
    film.evaluate("video => { video.currentTime = 3.2; }")
    film.evaluate("video => { video.pause(); }")
    at = client.get_by_label("Time in video (optional)")
    expect(at).to_have_value("0:03")
    film.evaluate("video => { video.currentTime = 5.1; }")
    expect(at).to_have_value("0:05")
    film.evaluate("video => { video.currentTime = 3.2; }")
    expect(at).to_have_value("0:03")

    cards = open_page(product, who=owner)
    cards.get_by_role("link", name=WIDE).first.click()
    team = cards

    client.get_by_label("Your name").fill("Tomas")
    client.get_by_label("Comment", exact=True).fill("Slower here, please")
    client.get_by_role("button", name="Send comment").click()
    expect(client.locator("#review")).to_contain_text("Slower here, please")

    review = team.get_by_role("region", name="Review")
    expect(review).to_contain_text("Slower here, please")
    expect(review).to_contain_text("1 open")
    team.locator(".marks a").click()
    team.wait_for_function("() => document.querySelector('#player video').currentTime >= 3")
    review.get_by_text("Answer Tomas").click()
    answer = review.get_by_label("Answer to Tomas")
    answer.fill("In the next cut")
    action = client.locator("#say").get_attribute("action") or ""
    said = {"name": "Ines", "kind": "comment", "text": "And a little brighter"}
    assert requests.post(urljoin(client.url, action), said, timeout=20).ok
    team.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(review).to_contain_text("And a little brighter")
    expect(answer).to_have_value("In the next cut")
    review.get_by_role("button", name="Send answer").first.click()
    team.get_by_role("button", name="Resolve Tomas’s comment").click()
    expect(team.get_by_text("resolved by")).to_be_visible()

    client.get_by_role("link", name="Video 2").click()
    expect(client.get_by_label("Your name")).to_have_value("Tomas")
    client.get_by_role("button", name="Pick this video").click()
    expect(client.locator("#review")).to_contain_text("Tomas picked video 2")
    client.get_by_role("link", name="Video 1").click()
    expect(client.locator("#review")).to_contain_text("In the next cut")
    # The mark along the film leads back to its second, and so does the time in the list.
    for way in (
        client.locator(".marks a"),
        client.locator("#review").get_by_role("link", name="0:03"),
    ):
        client.evaluate("document.querySelector('video').currentTime = 0")
        way.click()
        client.wait_for_function("() => document.querySelector('video').currentTime >= 3")
    found = complaints(client) + on_a_phone(client)
    assert found + complaints(team) == []


def test_what_a_client_picks_on_a_phone_is_made_in_4k_and_stands_in_the_books(
    product: Product, owner: Person, share: Share, open_page: Opener
) -> None:
    team = open_page(product, who=owner)
    team.get_by_role("link", name=OTHER).first.click()
    team.get_by_role("link", name="Share", exact=True).click()
    team.get_by_role("button", name=re.compile(f"Add .*{WIDE}")).click()
    team.get_by_label("Title").fill("Which one?")
    team.get_by_label("Allow download").select_option("Up to 4K")
    team.get_by_label("Make the picked video in 4K").check()
    team.get_by_role("button", name="Create link").last.click()
    pick = team.get_by_role("region", name="4K of the pick")
    expect(pick).to_contain_text("120 credits are reserved.")
    address = team.locator("#address").inner_text()

    client = open_page(product, address, **CLIENT)
    film = client.locator("video")
    film.evaluate("video => new Promise(on => { video.onplaying = on; video.play(); })")
    film.evaluate("video => { video.currentTime = 3.2; }")
    film.evaluate("video => { video.pause(); }")
    client.get_by_label("Your name").fill("Tomas")
    client.get_by_label("Comment", exact=True).fill("This light, please")
    client.get_by_role("button", name="Send comment").click()
    expect(client.get_by_text("This light, please")).to_be_visible()
    expect(client.get_by_text("The video you pick is made in 4K right away.")).to_be_visible()
    found = complaints(client) + on_a_phone(client) + complaints(team)
    client.get_by_role("link", name="Video 2").click()
    client.get_by_role("button", name="Pick this video").click()
    expect(client.locator("#review")).to_contain_text("Video 2 was picked")

    team.reload()
    expect(pick).to_contain_text("Video 2 was picked")
    team.get_by_role("link", name="Open the 4K").click()
    expect(team.locator("#detail")).to_have_attribute("data-status", "succeeded")
    expect(team.get_by_text("A client picked this video.")).to_be_visible()
    expect(team.locator("#player video")).to_be_visible()
    client.reload()
    expect(client.locator("#review")).to_contain_text("Video 2 was picked and made in 4K.")
    expect(client.get_by_role("link", name="Download 4K")).to_be_visible()

    team.goto("/usage/statements/")
    team.get_by_role("rowheader").get_by_role("link").first.click()
    line = team.get_by_role("row").filter(has_text="Upgrade to 4K").filter(has_text=WIDE)
    expect(line.get_by_role("cell").last).to_have_text("120")
    assert found == []


def test_a_comment_needs_no_script(product: Product, share: Share, open_page: Opener) -> None:
    address = share(WIDE, title="For Tomas")
    page = open_page(product, address, java_script_enabled=False, may_fail="422", **CLIENT)
    page.get_by_label("Comment", exact=True).fill("Slower")
    page.get_by_label("Your name").fill("Tomas")
    page.get_by_label("Time in video (optional)").fill("9:00")
    page.get_by_role("button", name="Ask for changes").click()
    expect(page.get_by_text("The video is shorter than that.")).to_be_visible()
    expect(page.get_by_label("Comment", exact=True)).to_have_value("Slower")
    page.get_by_label("Time in video (optional)").fill("0:02")
    page.get_by_role("button", name="Ask for changes").click()
    expect(page.locator("#review")).to_contain_text("Tomas asked for changes to video 1")
    page.locator("#review").get_by_role("link", name="0:02").click()
    plays = page.locator("video[src], video source").last
    assert (plays.get_attribute("src") or "").endswith("#t=2")


# ── The team's pages ─────────────────────────────────────────────────────────
def test_a_member_shares_a_video_and_takes_it_back(
    product: Product, owner: Person, open_page: Opener
) -> None:
    page = open_page(product, who=owner, may_fail="404")
    page.get_by_role("link", name=WIDE).first.click()
    page.get_by_role("link", name="Share", exact=True).click()
    page.get_by_role("button", name=re.compile(f"Add .*{TALL}")).click()
    page.get_by_role("button", name="Earlier: video 2").click()
    page.get_by_label("Title").fill("For the board")
    page.get_by_role("button", name="Create link").last.click()
    address = page.locator("#address").inner_text()
    visitor = open_page(product, address, may_fail="404")
    expect(visitor.get_by_role("heading", name="For the board")).to_be_visible()
    page.get_by_text("Revoke…").click()
    page.get_by_role("button", name="Revoke the link").click()
    expect(page.get_by_text("Its page and files are offline.")).to_be_visible()
    visitor.reload()
    expect(visitor.get_by_role("heading", name="Nothing here anymore")).to_be_visible()


def test_the_teams_pages_are_open_to_everybody(
    product: Product, owner: Person, share: Share, open_page: Opener
) -> None:
    share(WIDE, OTHER, title="For Tomas", password="sesame")
    page = open_page(product, "/shares/", who=owner)
    found = complaints(page)
    page.goto("/shares/new/")
    with page.expect_navigation():
        page.get_by_role("button", name=re.compile(f"Add .*{TALL}")).click()
    found += complaints(page)
    page.goto("/shares/")
    page.get_by_role("link", name="For Tomas").first.click()
    expect(page.get_by_role("heading", name="For Tomas")).to_be_visible()
    assert found + complaints(page) == []
