"""The studio at the end of a slow line: what a browser waits for, and whether anything jumps."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from playwright.sync_api import Page, sync_playwright

from jobs.archive.kept import posters
from jobs.decoding.answers import POSTER_SIDES
from jobs.decoding.film import examine
from jobs.models import Rendition, User
from jobs.practice.film.encode import render
from jobs.practice.film.spec import FilmSpec
from tests.browser.conftest import ARGUMENTS, DESKTOP, PHONE, find_browser
from tests.tools.bench import private, seeds
from tests.tools.bench.report import Fact

KB = 1000
LINE = {
    "offline": False,
    "latency": 400,
    "downloadThroughput": 50 * KB,
    "uploadThroughput": 50 * KB,
}
FAST = {**LINE, "latency": 150, "downloadThroughput": 200 * KB, "uploadThroughput": 94 * KB}
"""Milliseconds, and bytes a second."""
SLOWER = 4
"""Times that a phone's processor takes, and that of whoever sits at such a line."""
SCENES = 6
"""Different films, which take a second each to paint."""
VISITS = 3
WATCH = """
  window.moved = window.largest = 0;
  const add = (list) => list.getEntries().forEach((each) => (window.moved += each.value));
  new PerformanceObserver(add).observe({ type: "layout-shift", buffered: true });
  const grew = (list) => { window.largest = list.getEntries().at(-1).startTime; };
  new PerformanceObserver(grew).observe({ type: "largest-contentful-paint", buffered: true });
"""
PAINTED = "() => performance.getEntriesByName('first-contentful-paint').length && window.largest"
LOOK = """() => {
  const isSeen = (each) => each.getBoundingClientRect().top < innerHeight;
  const images = [...document.querySelectorAll("#jobs img")].filter(isSeen);
  const seen = new Set(images.map((each) => each.currentSrc));
  const came = performance.getEntriesByType("resource");
  const weight = (all) => all.reduce((sum, each) => sum + each.transferSize, 0);
  const posters = came.filter((each) => each.initiatorType === "img");
  const paint = performance.getEntriesByName("first-contentful-paint")[0].startTime;
  const [page] = performance.getEntriesByType("navigation");
  return {
    paint,
    largest: window.largest,
    before: weight(came.filter((each) => each.responseEnd <= paint)) + page.transferSize,
    load: performance.getEntriesByType("navigation")[0].loadEventEnd,
    first: weight(posters.filter((each) => seen.has(each.name))),
    screens: seen.size,
    posters: weight(posters),
    number: posters.length,
    all: weight(came) + performance.getEntriesByType("navigation")[0].transferSize,
    moved: window.moved,
  };
}"""


def measure() -> Iterator[Fact]:
    if not (browser := find_browser()):
        sys.stderr.write("A slow line needs Chromium.\n")
        return
    viewer = seeds.member("far")
    seeds.gallery(viewer, 24)
    draw_posters(viewer)
    cookies = [each.split("=", 1) for each in seeds.cookie(viewer).split("; ")]
    with private.web() as port, _tabs(browser) as open_tab:
        for where, line, slower in (("slow line", LINE, 1), ("phone's line", FAST, SLOWER)):
            for name, size in (("desktop", DESKTOP), ("phone, 3 pixels a point", PHONE)):
                scale = 3 if size is PHONE else 1
                visits = [
                    visit(open_tab(size, scale, line, slower), port, cookies) for _ in range(VISITS)
                ]
                told = sorted(visits, key=lambda each: each["paint"])[VISITS // 2]
                yield from _facts(f"{where}, {name}", told)


def _facts(name: str, told: dict[str, float]) -> Iterator[Fact]:
    whole = f"all of it {told['all'] / KB:.0f} kB in {told['load'] / 1000:.1f} s"
    yield Fact(f"first paint, {name}", told["paint"] / 1000, 1.5, "s", whole)
    before = f"{told['before'] / KB:.0f} kB came before the first"
    yield Fact("  largest paint", told["largest"] / 1000, 2.5, "s", before)
    rest = f"{told['screens']:.0f} of them; {told['number']:.0f} in all {told['posters'] / KB:.0f}"
    yield Fact("  posters of the first screen", told["first"] / KB, 150, "kB", rest)
    yield Fact("  layout shift", round(told["moved"], 4), 0)


def draw_posters(viewer: User) -> None:
    """Give each film of this person's its posters, as the archive makes them."""
    root = Path(settings.MEDIA_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder:
        scenes = [_scene(Path(folder), number) for number in range(SCENES)]
        names = Rendition.objects.filter(job__owner=viewer).exclude(poster="")
        for number, name in enumerate(names.values_list("poster", flat=True)):
            for made, kept in zip(
                posters.names(scenes[number % SCENES]), posters.names(name), strict=True
            ):
                shutil.copy(made, root / kept)


def _scene(folder: Path, number: int) -> str:
    film, poster = folder / f"{number}.mp4", folder / f"{number}.webp"
    spec = FilmSpec(f"Scene {number}", "Practice", 1280, 720, seconds=1, fps=4)
    render(spec, film, folder / f"{number}.jpg")
    examine(film, poster, {side: Path(posters.copy_of(str(poster), side)) for side in POSTER_SIDES})
    return str(poster)


@contextmanager
def _tabs(executable: str) -> Iterator[Any]:
    """Gives tabs of a size at the end of the line, each in a browser that knows nothing yet."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)

        def open_tab(size: Any, scale: int, line: dict[str, Any], slower: int) -> Page:
            page = browser.new_context(viewport=size, device_scale_factor=scale).new_page()
            page.add_init_script(WATCH)
            tools = page.context.new_cdp_session(page)
            tools.send("Network.enable")
            tools.send("Network.emulateNetworkConditions", line)
            tools.send("Emulation.setCPUThrottlingRate", {"rate": slower})
            return page

        yield open_tab
        browser.close()


def visit(page: Page, port: int, cookies: list[list[str]]) -> dict[str, float]:
    """What was seen and when, once all has come that comes by itself."""
    address = f"http://127.0.0.1:{port}"
    page.context.add_cookies(
        [{"name": name, "value": value, "url": address} for name, value in cookies]
    )
    page.goto(address, wait_until="networkidle", timeout=120_000)
    page.wait_for_function(PAINTED, timeout=60_000)
    told: dict[str, float] = page.evaluate(LOOK)
    page.context.close()
    return told
