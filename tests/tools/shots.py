"""Pictures of every page, light and dark, wide and narrow: python -m tests.tools.shots OUT_DIR

They show a team in the middle of its day, made with the real product and the practice provider.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit
from uuid import UUID, uuid4

import requests
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.browser.conftest import ARGUMENTS, DESKTOP, PHONE, WITH_WINDOWS, find_browser
from tests.support import product as products
from tests.support.product import Person, Product
from tests.support.states.put_states import put_out_of_reach, put_states
from tests.tools import doors, letters

THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WIDTHS = (320, 390, 768, 1024, 1440, 2560)
SIZES = {"1440": DESKTOP, "390": PHONE}
OPTIONS = "--seconds 5 --queue-seconds 0 --fps 24 --renderers 2"
NAMES = ["ada.okafor", "mara.lindqvist", "jonas.weber", "priya.nair"]
PROJECTS = ["Autumn launch", "Fjord documentary", "Teaser loops"]
USUAL_TERMS = {"expires": "30", "download": "", "takes_notes": "on"}
CLIENTS_SITE = "https://client.example"
UNDER_WAY = "[[seconds=150]]"
BOTTLE, AURORA, BIRCHES = "A ceramic bottle", "Aurora", "Birch forest in first snow"
ESPRESSO = "Espresso pouring"
CRANE, JELLYFISH = "Origami crane", "Jellyfish"
BRIEF = "Three films for the launch in October.\n\nWarm light, no people, the bottle always whole."
DECLINED, APPROVED, FITS = "Glacier from a drone", "Whales at dusk", "Harbor in the first frost"
PARTS = [
    "Ribbons brighten from green to violet, stars turn slowly above the water",
    "A lantern boat drifts in from the left, its light trembling in the ripples",
]
TEMPLATES = {
    "Product orbit": "{product} on a plinth, slow orbit, {light: soft key light}, {lens: 85 mm}",
    "Aerial reveal": "Drone rises over {place} at {hour: dawn}, slow reveal of {what}",
}
TAKES: list[tuple[int, int | None, str, dict[str, Any]]] = [
    # person, project, prompt, settings; from the oldest to the newest
    (1, 0, f"{BOTTLE} on a plinth, slow studio orbit, soft key light from the left", {}),
    (1, 1, f"{AURORA} over a still fjord at midnight, slow dolly forward above the water", {}),
    (3, 2, f"{ESPRESSO} in extreme macro, crema swirling, seamless loop", {"draft": "1"}),
    (1, 1, f"{BIRCHES}, camera glides between the trunks at dawn [[4k-seconds=150]]", {}),
    (1, 0, "Runner on a rain-soaked street, handheld, sodium light", {"aspect_ratio": "9:16"}),
    (2, None, f"{CRANE} unfolds itself on a dark table, top light", {"model": "veo3_lite"}),
    (1, 1, "Lighthouse keeper climbs the stairs, lantern in hand [[fail-policy]]", {}),
    (3, 2, "Silk ribbon in zero gravity, studio black [[fail]]", {}),
    (2, 1, f"{JELLYFISH} drifting up through shafts of light", {"model": "veo-4"}),
    (2, 0, "Sand dunes from above, wind drawing lines [[accept-then-drop]] [[no-callback]]", {}),
    # Quality has no history here, so its estimate is the first guess and not the practice's speed.
    (1, 2, f"Greenhouse at night, sprinklers start {UNDER_WAY}", {"model": "veo3"}),
    (3, 1, f"Drone rises over rice fields, morning mist {UNDER_WAY}", {"model": "veo3"}),
    (1, 0, "Paper city folds up street by street, stop motion [[refuse-429]]", {}),
    (1, 1, f"Two herons over the lagoon, wings in slow motion {UNDER_WAY}", {"takes": "3"}),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as temporary, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_browser(WITH_WINDOWS), args=ARGUMENTS
        )
        prepared = Path(temporary) / "var"
        products.prepare(prepared)
        with products.web_alone(prepared, Path(temporary) / "fresh") as fresh:
            shoot(browser, fresh, folder, {"setup": "/setup/"})
        with products.web_alone(prepared, Path(temporary) / "states") as states:
            member = shoot_states(browser, states, folder)
            shoot_outage(browser, states, folder, member)
        # Before anybody has been there.
        shoot_letters(browser, prepared, Path(temporary), folder)
        with products.started(prepared, PRACTICE_OPTIONS=OPTIONS) as product:
            people = fill(product)
            shoot(
                browser,
                product,
                folder,
                {"login": "/login/", "forgot": "/password/forgot/", "missing": "/nothing/"},
            )
            shoot(browser, product, folder, pages_of(product), people[1])
            shoot(browser, product, folder, tables(product, people[2]), people[2])
            shared = share(product, people[1])
            shoot(browser, product, folder, shared_pages_of(product), people[1])
            shoot(browser, product, folder, shared)
            pages = {**admin_pages_of(product), **leave_strays(product)}
            shoot(browser, product, folder, pages, people[0])
            shoot_doors(browser, product, folder, people)
        browser.close()


def shoot_doors(browser: Browser, product: Product, folder: Path, people: list[Person]) -> None:
    """What a link opens, and the second step of who has one."""
    ada, jonas = people[0], people[2]
    shoot(browser, product, folder, doors.behind_links(product, ada))
    ahead = {"security-app": "/security/app/", "security-passkey": "/security/passkeys/add/"}
    shoot(browser, product, folder, ahead, jonas)
    shoot(browser, product, folder, doors.set_up(product, jonas), jonas)
    shoot(browser, product, folder, {"login-code": "/login/code/"}, doors.half_in(product, jonas))


def shoot_letters(browser: Browser, prepared: Path, temporary: Path, folder: Path) -> None:
    """What people get by mail, and the pages that only a letter leads to."""
    var, mailbox = temporary / "written", temporary / "letters"
    shutil.copytree(prepared, var)
    with products.started(var, **letters.settings(mailbox)) as product:
        found = letters.written(product, mailbox)
        shoot(
            browser,
            product,
            folder,
            letters.pages_behind(found),
            next(iter(products.populate(product.var, [letters.READER]))),
        )
    letters.shoot(browser, found, folder)


def fill(product: Product) -> list[Person]:
    """A team with projects and takes; the tags that made the troubles are wiped afterwards."""
    product.names = NAMES
    people = [product.admin, *(product.member() for _ in NAMES[1:])]
    for name in PROJECTS:
        product.post(people[1], "/projects/", name=name)
    for name, text in TEMPLATES.items():
        product.post(people[1], "/templates/new/", name=name, text=text, model="veo3_fast")
    preset = {"save": 1, "model": "veo3_lite", "aspect_ratio": "9:16", "translate": "on"}
    product.post(people[1], "/presets/", name="Stories, for trying out", **preset)
    for name, view in (("Heroes", {"query": "tag=hero"}), ("Mine", {"query": "person=me"})):
        product.post(people[1], "/library/views/", name=name, is_shared="on", **view)
    for person, project, prompt, settings in TAKES:
        filed = {"project": str(project + 1)} if project is not None else {}
        product.generate(people[person], prompt, **settings, **filed)
    wait_until_settled(product)
    make_more(product, people[1])
    spend(product, people)
    with rows(product) as database:
        # Sent again without its tag it would be taken.
        database.execute("UPDATE jobs_job SET try_at = '2099-01-01' WHERE status = 'queued'")
        for number, prompt in database.execute("SELECT id, prompt FROM jobs_job").fetchall():
            plain = re.sub(r"\s*\[\[.*?\]\]", "", prompt)
            database.execute(
                "UPDATE jobs_job SET prompt = ?, version = version + 1 WHERE id = ?",
                (plain, number),
            )
    choose(product, people[1])
    keep(product, people[1], people[2])
    return people


def keep(product: Product, who: Person, other: Person) -> None:
    """A title, a brief, and two videos in the trash."""
    product.post(who, f"/jobs/{job_of(product, BIRCHES)}/title/", title="First snow, opening")
    product.post(who, "/projects/1/change/", name=PROJECTS[0], brief=BRIEF)
    thrown = [str(job_of(product, each)) for each in (CRANE, JELLYFISH)]
    product.post(other, "/jobs/trash/", video=thrown)


def choose(product: Product, who: Person) -> None:
    """Favorites, ratings, a rejected video and tags."""
    said = [
        ({"do": "favorite"}, (BOTTLE, AURORA)),
        ({"do": "rate-4"}, (BOTTLE, BIRCHES)),
        ({"do": "reject"}, (ESPRESSO,)),
        ({"do": "tag", "tags": "hero, board"}, (BOTTLE,)),
    ]
    for deed, prompts in said:
        videos = [str(job_of(product, prompt)) for prompt in prompts]
        product.post(who, "/jobs/choose/", **deed, video=videos)


def spend(product: Product, people: list[Person]) -> None:
    """Limits of every kind, and a video that waits for more."""
    ada, mara, _, priya = people
    team, budgets = "/team/", "/team/budgets/"
    product.post(ada, team, user=priya.number, credits=-4600, reason="Over to the allowance")
    product.post(ada, budgets, user=mara.number, allowance=1200, reason="Launch season")
    product.post(ada, budgets, project=1, cap=600, reason="As offered to the client")
    product.post(ada, budgets, monthly_cap=20000, reason="Quarter plan")
    dear = {"model": "veo3", "resolution": "4k", "project": 1}
    product.generate(priya, "Northern lights over a glacier lagoon, slow crane up", **dear)
    decide(product, people, dear)
    ahead = {"credits": 600, "reason": "The launch film", "submission_key": uuid4()}
    product.post(priya, "/credits/", **ahead)


def tables(product: Product, who: Person) -> dict[str, str]:
    """Tables of orders: none yet, one with mistakes, one to be confirmed, one under way."""
    found = {"batches": "/batches/"}
    wrong = "Prompt;Ratio;Length;Seed;Owner\nA harbor at dusk;4:3;8;;Mara\nGulls;16:9;5;x;\n"
    right = f"prompt,project\nA tram in the snow {UNDER_WAY},{PROJECTS[1]}\nA bakery at five,\n"
    for name, text in (("batch-wrong", wrong), ("batch", right), ("batch-ordered", right)):
        answer = product.post(who, "/batches/", text=text, submission_key=uuid4())
        found[name] = urlsplit(answer.url).path
        seen = re.search(r'name="seen" value="(\w+)"', answer.text)
        if name == "batch-ordered" and seen:
            product.post(who, found[name], order="1", seen=seen[1], choice="all")
    return found


def decide(product: Product, people: list[Person], dear: dict[str, Any]) -> None:
    """What was asked for is declined, approved, or needs no approval any more."""
    ada, _, jonas, priya = people
    for prompt, action in ((DECLINED, "decline"), (APPROVED, "approve")):
        product.generate(priya, f"{prompt} {UNDER_WAY}", **dear)
        said = {"action": action, "answer": "The launch film comes first."}
        product.post(ada, "/team/requests/", request=request_of(product, prompt)[0], **said)
    for credits, reason in ((-4500, "Over to the allowance"), (400, "For the end of the month")):
        product.post(ada, "/team/", user=jonas.number, credits=credits, reason=reason)
        if credits < 0:
            product.generate(jonas, FITS, **{**dear, "project": 2})
    while not request_of(product, FITS)[1]:
        time.sleep(0.5)


def request_of(product: Product, prompt: str) -> tuple[int, bool]:
    """The request for the video with this prompt: its number, and whether it fits by now."""
    with rows(product) as database:
        number, fits = database.execute(
            "SELECT request.id, fits FROM jobs_budgetrequest request"
            " JOIN jobs_job job ON job.budget_request_id = request.id WHERE job.id = ?",
            (job_of(product, prompt).hex,),
        ).fetchone()
    return number, bool(fits)


def share(product: Product, who: Person) -> dict[str, str]:
    """Links of every kind; where each leads, by what its picture is called."""
    films = [str(file_of(product, prompt)) for prompt in (AURORA, BIRCHES, BOTTLE)]
    tall = str(file_of(product, "Runner"))
    note = "Three directions for the opening. Which light do you prefer?"
    wanted: dict[str, dict[str, Any]] = {
        "shared": {"take": films[:1], "title": "Aurora over a midnight fjord", "download": "4k"},
        "shared-takes": {
            "take": [*films, tall],
            "title": "Opening, round two",
            "note": note,
            "download": "720p",
            "shows_prompt": "on",
            "shows_seed": "on",
            "shows_person": "on",
        },
        "shared-tall": {"take": [tall], "title": "Runner", "expires": "never"},
        "shared-door": {"take": films[:1], "title": "For the board", "password": "sesame"},
        "shared-pick": {
            "take": films,
            "title": "Opening, last round",
            "upgrades_pick": "on",
            "seen_cost": "120",
        },
        "shared-embed": {"take": films[:1], "title": "Aurora", "embed_sites": CLIENTS_SITE},
    }
    found = {"shared-over": "/s/nothing/"}
    for name, fields in wanted.items():
        once = {"submission_key": uuid4()}
        answer = product.post(who, "/shares/new/", **{**USUAL_TERMS, **once, **fields})
        address = re.search(r'id="address">https?://[^/]+(/s/[^<]+)<', answer.text)
        assert address, name
        found[name] = address[1]
    found["shared-embed"] += "embed"
    found["shared-compare"] = found["shared-takes"] + "compare"
    comment = {"kind": "comment", "at": "0:03", "text": "The ribbon could rise a little slower."}
    pick = {"kind": "pick"}
    for said in (comment, pick):
        path = f"{found['shared-takes']}{films[0]}/review"
        answer = requests.post(product.url + path, {"name": "Tomas", **said}, timeout=20)
        assert answer.ok, answer.status_code
    return found


def file_of(product: Product, prompt: str) -> UUID:
    with rows(product) as database:
        (number,) = database.execute(
            "SELECT id FROM jobs_rendition WHERE job_id = ? AND state = 'stored'",
            (job_of(product, prompt).hex,),
        ).fetchone()
    return UUID(number)


def leave_strays(product: Product) -> dict[str, str]:
    """What a restore leaves behind: a film whose row is gone, and an id that a provider named."""
    film, named, aside = uuid4(), uuid4(), product.var / "media" / "unowned"
    aside.mkdir(exist_ok=True)
    with rows(product) as database:
        (file, poster) = database.execute(
            "SELECT file, poster FROM jobs_rendition WHERE id = ?", (file_of(product, AURORA).hex,)
        ).fetchone()
        for name in (file, poster):
            shutil.copy(product.var / "media" / name, aside / f"{film}{Path(name).suffix}")
        add = (
            "INSERT INTO jobs_stray (id, found_at, file, poster, made_at, width, height, seconds,"
            " bytes, codec, frame_rate, sha256, provider, external_id) VALUES"
            " (?, datetime('now'), ?, ?, datetime('now', '-2 hours'), 1280, 720, 8, 4600000,"
            " 'h264', '24', ?, ?, ?)"
        )
        names = f"unowned/{film}.mp4", f"unowned/{film}.webp"
        database.execute(add, (film.hex, *names, "5f" * 32, "", ""))
        database.execute(add, (named.hex, "", "", "", "kie", "veo_task_4c1f9a2be07d"))
    return {
        "strays": "/team/strays/",
        "adopt": f"/team/strays/{film}/adopt/",
        "adopt-id": f"/team/strays/{named}/adopt/",
        "discard": f"/team/strays/{film}/discard/",
    }


def wait_until_settled(product: Product) -> None:
    """Until all that ends by itself has ended, and been stored."""
    ending = sum(UNDER_WAY not in prompt and "refuse" not in prompt for _, _, prompt, _ in TAKES)
    while True:
        with rows(product) as database:
            (over,) = database.execute(
                "SELECT count(*) FROM jobs_job LEFT JOIN jobs_rendition r ON r.job_id = jobs_job.id"
                " WHERE status IN ('failed', 'uncertain') OR r.state = 'stored'"
            ).fetchone()
        if over == ending:
            return
        time.sleep(0.5)


def make_more(product: Product, who: Person) -> None:
    """Larger copies, one of them still under way, and a film of three clips."""
    for prompt, kind in (
        (BOTTLE, "upgrade_1080p"),
        (BOTTLE, "upgrade_4k"),
        (BIRCHES, "upgrade_4k"),
    ):
        path = f"/jobs/{job_of(product, prompt)}/upgrade/"
        product.post(who, path, kind=kind, submission_key=uuid4())
    longer = AURORA
    for prompt in PARTS:
        path = f"/jobs/{job_of(product, longer)}/extend/"
        product.post(who, path, prompt=prompt, model="veo3_fast", submission_key=uuid4())
        wait_until_stored(product, prompt, "extend")
        longer = prompt
    wait_until_stored(product, BOTTLE, "upgrade_1080p")
    wait_until_stored(product, BOTTLE, "upgrade_4k")


def wait_until_stored(product: Product, prompt: str, kind: str) -> None:
    while True:
        with rows(product) as database:
            (unstored,) = database.execute(
                "SELECT count(*) FROM jobs_job LEFT JOIN jobs_rendition r ON r.job_id = jobs_job.id"
                " WHERE prompt LIKE ? AND kind = ? AND r.state IS NOT 'stored'",
                (f"{prompt}%", kind),
            ).fetchone()
        if not unstored:
            return
        time.sleep(0.5)


def job_of(product: Product, prompt: str, kind: str = "%") -> UUID:
    """The first job with this prompt."""
    with rows(product) as database:
        (number,) = database.execute(
            "SELECT id FROM jobs_job WHERE prompt LIKE ? AND kind LIKE ? ORDER BY created_at",
            (f"{prompt}%", kind),
        ).fetchone()
    return UUID(number)


@contextmanager
def rows(product: Product) -> Iterator[sqlite3.Connection]:
    database = sqlite3.connect(product.var / "db.sqlite3", timeout=20)
    try:
        with database:
            yield database
    finally:
        database.close()


def pages_of(product: Product) -> dict[str, str]:
    """The pages of a member, by what a picture is called."""
    with rows(product) as database:
        jobs = database.execute(
            "SELECT status, id FROM jobs_job WHERE kind = 'generate' AND trashed_at IS NULL"
            " ORDER BY created_at DESC"
        )
        newest = dict(reversed(jobs.fetchall()))
    pages = {f"job-{status}": f"/jobs/{UUID(number)}/" for status, number in newest.items()}
    return {
        "studio": "/",
        "studio-attention": "/?tab=attention",
        "studio-empty": "/?q=nothing+like+it",
        "studio-later": "/?after=9000000000000000-0",
        "studio-reuse": f"/?from={job_of(product, BOTTLE)}&seed=same",
        "studio-favorites": "/?tab=favorites",
        "studio-selected": "/",
        **pages,
        "job-film": f"/jobs/{job_of(product, PARTS[-1])}/",
        "job-sizes": f"/jobs/{job_of(product, BOTTLE)}/",
        "job-details": f"/jobs/{job_of(product, BOTTLE)}/#details",
        "job-said": f"{pages['job-failed']}#said",
        "job-declined": f"/jobs/{job_of(product, DECLINED)}/",
        "job-approved": f"/jobs/{job_of(product, APPROVED)}/",
        "job-fits": f"/jobs/{job_of(product, FITS)}/",
        "job-larger": f"/jobs/{job_of(product, BIRCHES, 'upgrade_4k')}/",
        "extend": f"/jobs/{job_of(product, PARTS[-1])}/extend/",
        "promote": f"/jobs/{job_of(product, ESPRESSO)}/promote/",
        "compare": compare(product, BOTTLE, "Runner", "Greenhouse"),
        "compare-two": compare(product, BOTTLE, BIRCHES),
        "compare-four": compare(product, BOTTLE, AURORA, BIRCHES, "Silk ribbon"),
        "compare-none": "/compare/",
        "files": files(product, BOTTLE, AURORA, BIRCHES, "Runner", "Greenhouse"),
        "files-none": "/files/",
        "library": "/library/",
        "library-filtered": "/library/?rating=3&favorite=on&sort=rated",
        "library-empty": "/library/?q=nothing+like+it",
        "library-wrong": "/library/?person=none",
        "library-selected": "/library/",
        "saved-views": "/library/views/",
        "projects": "/projects/",
        "project": "/projects/1/",
        "project-change": "/projects/1/change/",
        "rename": f"/jobs/{job_of(product, BIRCHES)}/title/",
        "move": f"/jobs/move/?{urlencode([('video', job_of(product, BOTTLE))])}",
        "templates": "/templates/",
        "template": "/templates/1/",
        "template-use": "/templates/1/use/",
        "presets": "/presets/",
        "recent-prompts": "/recent/",
        "keys": "/keys/",
        "credits": "/credits/",
        "usage-mine": "/usage/",
        "news": "/news/",
        "news-bell": "/projects/",
        "news-settings": "/news/settings/",
        "profile": "/profile/",
        "password": "/password/",
        "security": "/security/",
        "proof": "/confirm/",
    }


def compare(product: Product, *prompts: str) -> str:
    return f"/compare/?{urlencode([('take', job_of(product, each)) for each in prompts])}"


def files(product: Product, *prompts: str) -> str:
    return f"/files/?{urlencode([('video', job_of(product, each)) for each in prompts])}"


def shared_pages_of(product: Product) -> dict[str, str]:
    return {
        "shares": "/shares/",
        "share-new": f"/shares/new/?take={file_of(product, AURORA)}",
        "share": "/shares/2/",
        "share-pick": "/shares/5/",
        "job-pick": f"/jobs/{job_of(product, AURORA, 'upgrade_4k')}/",
        "job-reviewed": f"/jobs/{job_of(product, AURORA)}/",
    }


def admin_pages_of(product: Product) -> dict[str, str]:
    with rows(product) as database:
        (doubtful,) = database.execute(
            "SELECT id FROM jobs_job WHERE status = 'uncertain'"
        ).fetchone()
        (person, month) = database.execute(
            "SELECT id, strftime('%Y-%m') FROM jobs_user WHERE role = 'member'"
        ).fetchone()
    return {
        "trash": "/trash/",
        "trash-selected": "/trash/",
        "job-thrown": f"/jobs/{job_of(product, JELLYFISH)}/",
        "project-admin": "/projects/1/",
        "team": "/team/",
        "grant": "/team/people/2/credits/",
        "allowance": "/team/people/2/allowance/",
        "team-cap": "/team/budgets/team/",
        "project-cap": "/team/budgets/projects/1/",
        "person": f"/team/people/{person}/",
        "leave": f"/team/people/{person}/leave/",
        "statement": f"/usage/statements/team/team/{month}/",
        "invitations": "/team/invitations/",
        "budgets": "/team/budgets/",
        "requests": "/team/requests/",
        "requests-kind": "/team/requests/?kind=doubt",
        "prices": "/team/prices/",
        "audit": "/team/audit/",
        "team-settings": "/team/settings/",
        "system": "/team/system/",
        "usage": "/usage/",
        "statements": "/usage/statements/",
        "reconciliation": "/usage/reconciliation/",
        "job-uncertain-admin": f"/jobs/{UUID(doubtful)}/",
    }


def shoot(
    browser: Browser,
    product: Product,
    folder: Path,
    pages: dict[str, str],
    who: Person | None = None,
) -> None:
    for theme in THEMES:
        for width, size in SIZES.items():
            context = browser.new_context(
                base_url=product.url,
                viewport=size,
                is_mobile=width == "390",
                color_scheme=theme,
                reduced_motion="reduce",
            )
            if who is not None:
                context.add_cookies(product.cookies(who))
            page = context.new_page()
            for name, path in pages.items():
                page.goto(path)
                show_pictures(page)
                if name.endswith("-selected"):
                    for box in page.locator(".selector input").all()[-3:]:
                        # By key: the bar that the first one brings may lie over the next.
                        box.press("Space")
                if name.endswith("-bell"):
                    page.get_by_role("button", name=re.compile("^Notifications")).click()
                    page.locator("#news-list [data-news]").wait_for()
                # A page as tall as its content keeps what is fixed to the bottom at the bottom.
                height: int = page.evaluate("document.documentElement.scrollHeight")
                page.set_viewport_size({**size, "height": max(height, size["height"])})
                page.screenshot(path=folder / f"{name}-{theme}-{width}.png")
                page.set_viewport_size(size)
            context.close()


def shoot_outage(browser: Browser, product: Product, folder: Path, member: Person) -> None:
    """What waits for a provider that can't be reached, for its owner and for an admin."""
    admin = put_out_of_reach(product)
    waiting = {
        "outage-studio": "/?tab=progress",
        "outage-job": f"/jobs/{job_of(product, 'Queued')}/",
    }
    shoot(browser, product, folder, waiting, member)
    shoot(browser, product, folder, {"outage-requests": "/team/requests/"}, admin)


def shoot_states(browser: Browser, product: Product, folder: Path) -> Person:
    """The studio without any card, and with one in every state; whose that is."""
    shoot_studio(browser, product, folder / "empty", product.member())
    member = put_states(product)[0]
    shoot_studio(browser, product, folder / "states", member)
    return member


def shoot_studio(browser: Browser, product: Product, name: Path, who: Person) -> None:
    """At every width."""
    for theme in THEMES:
        context = browser.new_context(
            base_url=product.url, color_scheme=theme, reduced_motion="reduce"
        )
        context.add_cookies(product.cookies(who))
        page = context.new_page()
        for width in WIDTHS:
            page.set_viewport_size(ViewportSize(width=width, height=900))
            page.goto("/")
            show_pictures(page)
            page.screenshot(path=f"{name}-{theme}-{width}.png", full_page=True)
        context.close()


def show_pictures(page: Page) -> None:
    """Load what is loaded only when it comes into view."""
    page.evaluate(
        """async () => {
            for (const image of document.images) image.loading = "eager";
            await Promise.all([...document.images].map(each => each.decode().catch(() => {})));
            await document.fonts.ready;
        }"""
    )


if __name__ == "__main__":
    main()
