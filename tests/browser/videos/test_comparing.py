"""Takes side by side: by keyboard for the team, by touch for a client; and one that stalls."""

from __future__ import annotations

import re
import time
from uuid import uuid4

import pytest
from playwright.sync_api import CDPSession, Locator, Page, Request, Route, expect

from tests.browser.conftest import PHONE, Opener
from tests.browser.test_accessible import EVERYWHERE, complaints
from tests.browser.test_poor_lines import without_script
from tests.browser.videos.test_shared_journey import SHIFTED, on_a_phone
from tests.support.markup import flat
from tests.support.product import Person, Product

WIDE, OTHER, TALL = "A harbour at dawn", "A harbour at noon", "A harbour from a mast"
FRAME = 1 / 4
"""The practice films of tests have four frames a second."""
IN_STEP = 0.1
TIMES = "() => [...document.querySelectorAll('.screen > video')].map(film => film.currentTime)"
GOING = (
    "() => [...document.querySelectorAll('.screen > video')].every(film => film.currentTime > 0.4)"
)
HEARD = "() => [...document.querySelectorAll('.screen > video')].map(film => !film.muted)"
STILL = "() => [...document.querySelectorAll('.screen > video')].every(f => f.paused && !f.seeking)"


@pytest.fixture(scope="module")
def maker(product: Product) -> Person:
    """Somebody with three films, one of them upright."""
    member = product.member()
    for prompt in (WIDE, OTHER, TALL):
        product.generate(member, prompt, aspect_ratio="9:16" if prompt == TALL else "16:9")
    product.settled(member, *["succeeded"] * 3)
    return member


def ids(product: Product, who: Person, pattern: str, *prompts: str) -> list[str]:
    """What a pattern finds on the cards of these prompts."""
    page = flat(product.sessions[who.username].get(f"{product.url}/", timeout=20).text)
    cards = page.split("<article ")
    found = [re.search(pattern, card) for text in prompts for card in cards if f">{text}<" in card]
    assert all(found)
    return [each[1] for each in found if each]


def compare(product: Product, who: Person, *prompts: str) -> str:
    jobs = ids(product, who, r'id="job-([0-9a-f-]{36})"', *prompts)
    return "/compare/?" + "&".join(f"take={each}" for each in jobs)


def times(page: Page) -> list[float]:
    found: list[float] = page.evaluate(TIMES)
    return found


def expect_in_step(page: Page) -> None:
    # The first films of a browser that has just started take their time.
    page.wait_for_function(GOING, timeout=45_000)
    found = times(page)
    assert max(found) - min(found) < IN_STEP, found


def shown_frames(page: Page) -> list[int]:
    """Which frame each film shows."""
    page.wait_for_function(STILL)
    return [int(time / FRAME) for time in times(page)]


def pane(page: Page, name: str) -> Locator:
    return page.get_by_role("article", name=re.compile(f"^{name}"))


SHOWN = """() => [...document.querySelectorAll('.screen > video')]
    .filter(film => film.checkVisibility())
    .map(film => {
      const [box, seen] = [film.parentElement, film].map(each => each.getBoundingClientRect());
      const lines = Math.min(seen.width / film.width, seen.height / film.height);
      const right = (box.x + box.width / 2 - seen.x - seen.width / 2) / (film.width * lines);
      const down = (box.y + box.height / 2 - seen.y - seen.height / 2) / (film.height * lines);
      const figures = [right, down, seen.width / box.width];
      return figures.map(each => Math.round(50 * each) / 50 + 0).join(' ');
    })"""


def part_shown(page: Page) -> str:
    """What stands in the middle, and how large: of every film the same part of its picture."""
    (part,) = set(page.evaluate(SHOWN))
    return str(part)


def look_closer(page: Page) -> None:
    """By keys, wheel and dragging, all films show the same part, at rest, and nothing is rated."""
    keys, level = page.keyboard, page.get_by_role("button", name="Zoom: ")
    keys.press("+")
    expect(level).to_have_text("150%")
    middle = part_shown(page)
    assert middle == "0 0 1.5"
    keys.press("Shift+ArrowRight")
    right = part_shown(page)
    assert right == "0.06 0 1.5"
    box = page.locator(".screen > video").first.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.wheel(0, -300)
    expect(level).not_to_have_text("150%")
    closer = part_shown(page)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 60, box["y"] + box["height"] / 2, steps=3)
    page.mouse.up()
    assert part_shown(page) not in (middle, right, closer)
    shown_frames(page)
    page.get_by_role("button", name="Zoom out").click()
    page.mouse.move(5, 5)
    keys.press("0")
    expect(level).to_have_text("100%")
    expect(page.get_by_role("button", name="Zoom out")).to_be_disabled()
    assert part_shown(page) == "0 0 1"


def test_takes_are_compared_by_keyboard_alone(
    product: Product, maker: Person, open_page: Opener
) -> None:
    page = open_page(product, compare(product, maker, WIDE, OTHER, TALL), who=maker)
    assert page.evaluate(SHIFTED) == []
    keys = page.keyboard
    expect(page.get_by_role("button", name="Play")).to_be_enabled()
    keys.press("Space")
    expect_in_step(page)
    assert page.evaluate(HEARD) == [True, False, False]
    keys.press("k")
    before = shown_frames(page)
    assert len(set(before)) == 1
    for _ in range(3):
        keys.press(".")
    keys.press(",")
    assert shown_frames(page) == [before[0] + 2] * 3

    look_closer(page)
    pane(page, "Video 1").focus()
    keys.press("ArrowRight")
    expect(pane(page, "Video 2")).to_be_focused()
    keys.press("s")
    assert page.evaluate(HEARD) == [False, True, False]
    keys.press("m")
    assert page.evaluate(HEARD) == [False] * 3
    keys.press("m")
    assert page.evaluate(HEARD) == [False, True, False]

    keys.press("w")
    slider = page.get_by_role("slider", name="Wipe")
    right = pane(page, "Video 2").locator(".screen")
    expect(right).to_have_css("clip-path", "inset(0px 0px 0px 50%)")
    expect(pane(page, "Video 3")).to_be_hidden()
    slider.focus()
    keys.press("End")
    expect(right).to_have_css("clip-path", "inset(0px 0px 0px 100%)")
    page.get_by_label("Right").select_option("Video 3")
    expect(pane(page, "Video 2")).to_be_hidden()
    found = complaints(page, EVERYWHERE)
    keys.press("w")
    expect(pane(page, "Video 2")).to_be_visible()

    pane(page, "Video 2").focus()
    keys.press("4")
    keys.press("p")
    expect(page.get_by_text("Picked. 2 others rejected.").last).to_be_visible()
    second = pane(page, "Video 2")
    expect(second.get_by_role("button", name="Favorite video 2")).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(second.get_by_role("button", name="Rate video 2 4 of 5")).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(page.locator(".pane[data-rejected]")).to_have_count(2)
    # Nothing of what plays was changed by that.
    assert page.evaluate(HEARD) == [True, False, False]
    assert found + complaints(page, EVERYWHERE) == []


def test_nothing_that_plays_can_be_pressed_before_its_script_is_there(
    product: Product, maker: Person, open_page: Opener
) -> None:
    page = open_page(product, "/projects/", who=maker)
    play = page.get_by_role("button", name="Play")
    with without_script(page, "compare", compare(product, maker, WIDE, OTHER)):
        expect(play).to_be_visible()
        expect(page.locator(".transport")).to_have_css("pointer-events", "none")
    play.click()
    expect_in_step(page)


def test_a_client_compares_by_touch_and_picks(
    product: Product, maker: Person, open_page: Opener
) -> None:
    files = ids(product, maker, r"/renditions/([0-9a-f-]{36})", WIDE, OTHER)
    terms = {"expires": "30", "takes_notes": "on", "submission_key": uuid4()}
    made = product.post(maker, "/shares/new/", take=files, **terms)
    address = re.search(r"/s/[\w-]{43}/", made.text)
    assert address
    touch = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
    page = open_page(product, address[0], **touch)
    page.get_by_role("link", name="Compare videos").tap()
    page.get_by_role("button", name="Play").tap()
    expect_in_step(page)
    page.locator(".screen > video").first.tap()
    page.wait_for_function(STILL)
    pinch(page, page.locator(".screen > video").first, 60)
    expect(page.get_by_role("button", name="Zoom: ")).to_have_text("300%")
    assert part_shown(page).endswith(" 3")
    shown_frames(page)
    page.get_by_role("button", name="Wipe").tap()
    drag(page, page.locator(".divider"), 60)
    share = page.get_by_role("slider", name="Wipe").input_value()
    assert float(share) > 60
    found = complaints(page) + on_a_phone(page)
    page.get_by_role("button", name="Wipe").tap()
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request))  # noqa: PLW0108  # it marks it
    page.get_by_role("button", name="Pick video 2").tap()
    # The browser asks for the name first. Enter behind it is no press of any take's Pick.
    expect(page.get_by_label("Your name")).to_be_focused()
    page.keyboard.type("Tomas")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Pick video 2").tap()
    expect(pane(page, "Video 2")).to_contain_text("Picked by Tomas")
    assert [files[1] in each.url for each in sent if each.method == "POST"] == [True]
    assert found + complaints(page) + on_a_phone(page) == []


def test_a_client_finds_the_keys_by_a_question_mark(
    product: Product, maker: Person, open_page: Opener
) -> None:
    files = ids(product, maker, r"/renditions/([0-9a-f-]{36})", WIDE, OTHER)
    made = product.post(maker, "/shares/new/", take=files, expires="30", submission_key=uuid4())
    address = re.search(r"/s/[\w-]{43}/", made.text)
    assert address
    page = open_page(product, f"{address[0]}compare", viewport={"width": 1024, "height": 768})
    expect(page.get_by_role("button", name="Play")).to_be_enabled()
    keys = page.get_by_text("Play or pause all")
    expect(keys).to_be_hidden()
    page.keyboard.press("?")
    expect(keys).to_be_in_viewport()
    expect(page.get_by_text("Keys", exact=True)).to_be_focused()


def drag(page: Page, what: Locator, by: float) -> None:
    """With a finger, to the right."""
    x, y = middle_of(what)
    fingers(page, [[(x, y)], [(x + by / 2, y)], [(x + by, y)]])


def pinch(page: Page, what: Locator, apart: float) -> None:
    """With two fingers, until they are three times as far apart."""
    x, y = middle_of(what)
    ways = (apart / 2, apart, 1.5 * apart)
    fingers(page, [[(x - way, y), (x + way, y)] for way in ways])


def middle_of(what: Locator) -> tuple[float, float]:
    expect(what).to_be_visible()
    box = what.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def fingers(page: Page, path: list[list[tuple[float, float]]]) -> None:
    """Where they are, from the first touch to the last, ten times a second."""
    hand, began = page.context.new_cdp_session(page), time.time() - 2
    for number, places in enumerate(path):
        at = [{"x": across, "y": down, "id": each} for each, (across, down) in enumerate(places)]
        kind = "touchMove" if number else "touchStart"
        touch(hand, kind, at, began + number / 10)
    # They rest before they leave: lifted in full swing the page would go on moving by itself, and
    # the next tap do nothing but stop that.
    touch(hand, "touchEnd", [], began + 2)


def touch(hand: CDPSession, kind: str, at: list[dict[str, float]], moment: float) -> None:
    event = {"type": kind, "touchPoints": at, "timestamp": moment}
    hand.send("Input.dispatchTouchEvent", event)


def test_who_stalls_is_waited_for_and_who_cannot_be_played_is_not(
    product: Product, maker: Person, open_page: Opener
) -> None:
    address = compare(product, maker, WIDE, OTHER, TALL)
    stalled, broken = ids(product, maker, r"/renditions/([0-9a-f-]{36})", OTHER, TALL)
    page = open_page(product, "about:blank", who=maker, may_fail="ERR_FAILED|Failed to load")
    held: list[Route] = []
    page.route(f"**/{stalled}.mp4", lambda route: held.append(route))  # noqa: PLW0108  # it marks it
    page.route(f"**/{broken}.mp4", lambda route: route.abort())
    page.goto(address)
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_text("Waiting for Video 2…")).to_be_visible()
    expect(pane(page, "Video 3")).to_contain_text("This video can’t be played here.")
    assert times(page)[0] < IN_STEP
    page.unroute(f"**/{stalled}.mp4")
    for route in held:
        route.continue_()
    page.wait_for_function("() => document.querySelector('.screen > video').currentTime > 0.4")
    expect(page.get_by_text("Waiting for")).to_have_count(0)
    first, second, _ = times(page)
    assert abs(first - second) < IN_STEP
