"""Images in the composer: picked, pasted, dropped, out of a video, and without scripts."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.sync_api import Browser, FilePayload, Locator, Page, Route, expect

from jobs.archive.fetching import outbound
from tests.browser.conftest import Opener
from tests.support.media.pictures import picture
from tests.support.pages.seen import card, expect_status
from tests.support.product import Person, Product

REFUSED = "422"
"""What the browser logs of a picture that is not taken."""


def photo(name: str, shade: int = 90) -> FilePayload:
    content = picture(size=(320, 180), colour=(shade, 90, 160))
    return {"name": name, "mimeType": "image/jpeg", "buffer": content}


def choose_mode(page: Page, name: str) -> None:
    page.get_by_role("group", name="Mode", exact=True).get_by_text(name, exact=True).click()


def mode(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name="Mode", exact=True).get_by_role("radio", name=name)


def thumbnails(page: Page) -> Locator:
    return page.locator("#thumbs img")


def hand_over(page: Page, kind: str, target: str, *files: FilePayload, **texts: str) -> bool:
    """Drop or paste files and texts (`plain`, `html`, `rtf`, `uri_list`), as a browser tells it.

    True if the page took them, so that nothing is put into a field.
    """
    return bool(
        page.evaluate(
            """([kind, target, files, texts]) => {
                const data = new DataTransfer();
                for (const [name, type, content] of files) {
                    const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
                    data.items.add(new File([bytes], name, { type }));
                }
                for (const [type, text] of texts) data.setData(type, text);
                const options = { bubbles: true, cancelable: true };
                const event = kind === "paste"
                    ? new ClipboardEvent(kind, { ...options, clipboardData: data })
                    : new DragEvent(kind, { ...options, dataTransfer: data });
                return !document.querySelector(target).dispatchEvent(event);
            }""",
            [
                kind,
                target,
                [[f["name"], f["mimeType"], base64.b64encode(f["buffer"]).decode()] for f in files],
                [[f"text/{name.replace('_', '-')}", text] for name, text in texts.items()],
            ],
        )
    )


def test_frames_are_picked_arranged_and_become_a_video(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, who=member)
    choose_mode(page, "Frames")
    page.get_by_label("Images").set_input_files([photo("dawn.jpg", 10), photo("dusk.jpg", 240)])
    expect(thumbnails(page)).to_have_count(2)
    first, last = [thumbnails(page).nth(n).get_attribute("src") for n in (0, 1)]
    expect(page.get_by_label("Images")).to_be_hidden()
    page.get_by_role("button", name="Move left: image 2").click()
    assert [thumbnails(page).nth(n).get_attribute("src") for n in (0, 1)] == [last, first]
    expect(thumbnails(page).first).to_have_attribute("alt", "First frame")
    page.get_by_role("button", name="Remove image 2").click()
    expect(thumbnails(page)).to_have_count(1)
    page.get_by_role("textbox", name="Prompt").fill("[[seconds=0.3]] A bridge at dawn")
    page.get_by_role("button", name="Generate").click()
    expect_status(card(page, "[[seconds=0.3]] A bridge at dawn"), "Succeeded")
    assert len(product.tasks("A bridge at dawn")) == 1
    expect(thumbnails(page)).to_have_count(1)


def test_a_dropped_picture_leads_from_text_to_frames(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, who=member)
    hand_over(page, "drop", "#composer", photo("fox.jpg"))
    expect(mode(page, "Frames")).to_be_checked()
    expect(page.get_by_alt_text("First frame")).to_be_visible()
    hand_over(page, "drop", "#jobs", photo("stray.jpg", 1))
    expect(thumbnails(page)).to_have_count(1)


def test_a_pasted_picture_is_taken_where_the_model_takes_it(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, who=member)
    page.get_by_label("Model").select_option("Veo 4 preview")
    hand_over(page, "paste", "#id_prompt", photo("fox.jpg"))
    expect(mode(page, "References")).to_be_checked()
    expect(page.get_by_alt_text("Reference 1")).to_be_visible()


def test_paste_takes_the_picture_where_there_is_one_and_text_only_where_there_is_none(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, who=member)
    # A file manager adds the name, some with no type, and a browser the page's own tag.
    named, untyped = photo("Bild 7.jpg", 10), photo("IMG_7.JPG", 90)
    untyped["mimeType"] = ""
    assert hand_over(page, "paste", "#id_prompt", named, plain="Bild 7.jpg")
    assert hand_over(page, "paste", "#id_prompt", untyped, plain="/home/ada/IMG_7.JPG")
    expect(thumbnails(page)).to_have_count(2)
    page.get_by_role("button", name="Remove image 2").click()
    assert hand_over(page, "paste", "body", photo("image.png", 240), html='<img src="/a.png">')
    expect(thumbnails(page)).to_have_count(2)
    # Only text, and text of which an office program drew a picture, go into the field.
    assert not hand_over(page, "paste", "#id_prompt", plain="A fox", html="<b>A fox</b>")
    word = {"plain": "A fox", "html": "<p>A fox", "rtf": "{\\rtf1 A fox}"}
    assert not hand_over(page, "paste", "#id_prompt", photo("image.png"), **word)
    assert not hand_over(page, "paste", "#id_link", plain="https://files.example/a.jpg")
    assert not hand_over(page, "paste", "#search", photo("fox.jpg"))
    expect(thumbnails(page)).to_have_count(2)


def test_a_picture_is_dragged_from_another_page(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, who=member, may_fail=REFUSED)
    where = "https://10.0.0.1/größe 5.jpg"
    with page.expect_request("**/images/") as asked:
        assert hand_over(
            page,
            "drop",
            "#id_prompt",
            uri_list="https://10.0.0.1/page.html\r\n",
            html=f'<meta charset="utf-8"><a href="/page.html"><img src="{where}" alt="A fox"></a>',
        )
    assert where in (asked.value.post_data or "")
    expect(page.get_by_role("alert")).to_contain_text("its host is not a public one")
    with page.expect_request("**/images/") as asked:
        assert hand_over(page, "drop", "#images", uri_list="# fox\r\nhttps://10.0.0.1/a.jpg")
    assert "https://10.0.0.1/a.jpg" in (asked.value.post_data or "")
    # One that its page holds in itself, and one of our own, need nobody to fetch them.
    small = base64.b64encode(photo("a.jpg", 10)["buffer"]).decode()
    inline = f'<img src="data:image/jpeg;base64,{small}">'
    assert hand_over(page, "drop", "#images", uri_list="https://search.example/", html=inline)
    expect(thumbnails(page)).to_have_count(1)
    page.drag_and_drop("#thumbs img", "#images .hint")
    page.evaluate("""document.getElementById("jobs").before(
        Object.assign(new Image(), { src: document.querySelector("#thumbs img").src, id: "own" })
    )""")
    page.drag_and_drop("#own", "#id_prompt")
    expect(thumbnails(page)).to_have_count(2)
    expect(page.get_by_role("textbox", name="Prompt")).to_have_value("")
    # A link is text for a field that takes text, and so is what was marked on a page.
    link = "https://files.example/"
    assert not hand_over(page, "drop", "#id_prompt", uri_list=link, html=f'<a href="{link}">a</a>')
    assert not hand_over(page, "drop", "#id_prompt", plain="A fox", html="A fox <img src=/a.png>")
    assert not hand_over(page, "drop", "#jobs", uri_list=where, html=f'<img src="{where}">')


def test_a_picture_that_is_none_is_said_and_spares_the_others(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, who=member, may_fail=REFUSED)
    choose_mode(page, "References")
    evil: FilePayload = {"name": "evil.svg", "mimeType": "image/svg+xml", "buffer": b"<svg/>"}
    page.get_by_label("Images").set_input_files([photo("a.jpg", 10), evil, photo("b.jpg", 90)])
    expect(thumbnails(page)).to_have_count(2)
    expect(page.get_by_role("alert")).to_have_text(re.compile("evil.svg: Only JPEG, PNG and WebP"))
    page.get_by_label("From a link").fill("https://10.0.0.1/a.jpg")
    page.get_by_label("From a link").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("its host is not a public one")
    expect(page.get_by_label("Images")).to_have_accessible_name("Images: reference 3")


def test_why_a_picture_was_not_taken_is_said_as_it_is(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, who=member, may_fail="413|503|ERR_FAILED")
    answers: dict[str, Callable[[Route], None]] = {
        "larger than the server lets through": lambda route: route.fulfill(status=413),
        "isn’t ready": lambda route: route.fulfill(status=503),
        "connection broke off": lambda route: route.abort(),
    }
    for said, answer in answers.items():
        page.route("**/images/", answer)
        page.get_by_label("Images").set_input_files(photo("fox.jpg"))
        expect(page.get_by_text("fox.jpg: ").filter(has_text=said)).to_be_visible()


def test_nothing_is_sent_while_a_picture_is_under_way(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, who=member)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/images/", hold)
    page.get_by_role("textbox", name="Prompt").fill("[[refuse-429]] A heron waits")
    page.get_by_label("Images").set_input_files(photo("slow.jpg"))
    expect(page.get_by_text("slow.jpg: uploading…")).to_be_visible()
    expect(page.get_by_role("button", name="Generate")).to_be_disabled()
    page.get_by_role("textbox", name="Prompt").press("Control+Enter")
    expect(card(page, "[[refuse-429]] A heron waits")).to_have_count(0)
    held[0].continue_()
    expect(thumbnails(page)).to_have_count(1)
    page.get_by_role("button", name="Generate").click()
    expect(card(page, "[[refuse-429]] A heron waits")).to_be_visible()


def test_what_is_being_uploaded_can_be_called_off(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, who=member)
    choose_mode(page, "References")
    page.route("**/images/", lambda route: None)
    page.get_by_label("Images").set_input_files([photo("wrong.jpg"), photo("wrong-too.jpg")])
    page.get_by_role("button", name="Cancel the upload").click()
    expect(page.get_by_text("uploading…")).to_be_hidden()
    page.unroute_all()
    page.get_by_label("Images").set_input_files(photo("right.jpg"))
    expect(thumbnails(page)).to_have_count(1)
    expect(page.locator("#image-problems")).to_be_empty()


def test_a_line_that_is_dead_keeps_nobody_waiting(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, who=member, has_clock=True)
    choose_mode(page, "Frames")
    page.route("**/images/", lambda route: None)
    page.get_by_role("textbox", name="Prompt").fill("A heron waits")
    page.get_by_label("Images").set_input_files(photo("fox.jpg"))
    expect(page.get_by_text("fox.jpg: uploading…")).to_be_visible()
    page.clock.fast_forward(61_000)
    expect(page.get_by_text("fox.jpg: the connection broke off.")).to_be_visible()
    expect(page.get_by_role("button", name="Generate")).to_be_enabled()


def test_who_leaves_while_something_is_uploaded_is_asked_and_told_later(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, who=member)
    choose_mode(page, "References")
    held: list[Route] = []
    page.route("**/images/", lambda route: held.append(route))  # noqa: PLW0108  # its names are read
    with page.expect_request("**/images/"):
        page.get_by_label("Images").set_input_files([photo("fox.jpg"), photo("hare.jpg")])
    library = page.get_by_role("link", name="Library", exact=True).first
    page.once("dialog", lambda dialog: dialog.dismiss())
    with page.expect_event("dialog") as asked:
        library.click(no_wait_after=True)
    assert asked.value.type == "beforeunload"
    held[0].continue_()
    expect(thumbnails(page)).to_have_count(1)
    page.once("dialog", lambda dialog: dialog.accept())
    library.click()
    expect(page.get_by_role("heading", name="Library")).to_be_visible()
    page.unroute_all()
    page.get_by_role("link", name="Studio", exact=True).first.click()
    told = page.locator("#image-problems")
    expect(told).to_have_text(
        "hare.jpg: not added, because the page was left during the upload. Choose it again."
    )
    expect(thumbnails(page)).to_have_count(1)
    page.reload()
    expect(thumbnails(page)).to_have_count(1)
    expect(told).to_be_empty()


def test_a_frame_of_a_finished_video_is_picked(
    product: Product, member: Person, open_page: Opener
) -> None:
    product.generate(member, "[[seconds=0.3]] A tide comes in")
    product.settled(member, "succeeded")
    page = open_page(product, who=member)
    choose_mode(page, "Frames")
    page.get_by_role("button", name="Pick a video frame").click()
    page.get_by_label("Find a video").fill("tide")
    page.get_by_label("Find a video").press("Enter")
    page.get_by_role("button", name="Last frame of [[seconds=0.3]] A tide comes in").click()
    expect(page.get_by_alt_text("First frame")).to_be_visible()
    expect(page.get_by_label("Find a video")).to_be_hidden()


def test_the_price_and_its_hints_follow_mode_and_size(
    product: Product, member: Person, open_page: Opener
) -> None:
    page = open_page(product, who=member)
    page.get_by_label("Model").select_option("Veo 3.1 Quality")
    page.get_by_role("group", name="Resolution").get_by_text("4K", exact=True).click()
    hint = page.get_by_text("380 cr at 4K right away; 370 cr at 720p and upgraded later.")
    expect(hint).to_be_visible()
    choose_mode(page, "Frames")
    expect(page.get_by_label("Cost")).to_have_text("370")
    expect(hint).to_have_count(0)
    expect(page.get_by_text("can’t be extended")).to_be_visible()
    expect(mode(page, "References")).to_be_disabled()


def test_frames_work_without_scripts(product: Product, member: Person, open_page: Opener) -> None:
    page = open_page(product, who=member, java_script_enabled=False, may_fail=REFUSED)
    choose_mode(page, "Frames")
    page.get_by_role("textbox", name="Prompt").fill("[[refuse-429]] A quiet mill")
    page.get_by_text("More", exact=True).click()
    page.get_by_label("Seed", exact=True).fill("1")
    page.get_by_label("Images").set_input_files([photo("a.jpg", 10), photo("b.jpg", 90)])
    page.get_by_role("button", name="Generate").click()
    expect(page.get_by_text("A seed is a whole number")).to_be_visible()
    expect(thumbnails(page)).to_have_count(2)
    page.get_by_role("button", name="Remove image 2").click()
    expect(thumbnails(page)).to_have_count(1)
    page.get_by_label("Seed", exact=True).fill("")
    page.get_by_label("Seed", exact=True).press("Enter")
    expect(card(page, "[[refuse-429]] A quiet mill")).to_be_visible()


def test_a_link_is_read_as_the_browser_reads_it(browser: Browser) -> None:
    page = browser.new_page()
    addresses = [
        "https://bücher.example/größe 5.jpg",
        'https://ＦＯＴＯＳ.example/фото/a(1)[2].jpg?q=日本 "x"&y=<z>\'~|',
        "https://写真。example:443/a%2Fb/{é}`^.jpg?",
        "https://straße.example/Bildschirmfoto\u202f9.41.12.png",
        "https://i♥.example/\U0001f600.webp?é=%E9",
        "https://faß.İstanbul.example/e\u0301 \u0130",
    ]
    for address in addresses:
        read = page.evaluate("address => new URL(address).href", address)
        parts = urlsplit(outbound.as_uri(address))
        ours = parts._replace(netloc=parts.hostname or "").geturl()
        assert ours == read.rstrip("?")
    page.context.close()
