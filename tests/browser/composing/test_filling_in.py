"""What fills the composer from elsewhere, in its dialog: by keyboard, and with nothing lost."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Opener
from tests.browser.test_accessible import complaints
from tests.support.product import Product

KEYS = {"Templates": "Shift+T", "Presets": "Shift+P", "Recent prompts": "Shift+R"}


def opened(page: Page, name: str) -> None:
    """Open one of the composer's tools by its key, and wait for its dialog."""
    page.evaluate("() => document.activeElement.blur()")
    page.keyboard.press(KEYS[name])
    expect(page.get_by_role("dialog", name=name)).to_be_visible()


def by_key(page: Page) -> None:
    """What the composer has is a key away, and the list of keys names all that its page does."""
    page.evaluate("() => document.activeElement.blur()")
    page.keyboard.press("Shift+L")
    expect(page.get_by_label("Model")).to_be_focused()
    page.evaluate("() => document.activeElement.blur()")
    page.keyboard.press("+")
    expect(page.get_by_role("button", name="Generate 2 takes")).to_be_visible()
    page.keyboard.press("-")
    expect(page.get_by_role("button", name="Generate", exact=True)).to_be_visible()
    page.keyboard.press("?")
    listed = set(page.locator("#keyboard dt .kbd").all_inner_texts())
    assert {"Ctrl + Enter", "Ctrl + A", "Esc", "N", "+", "-"} <= listed
    controls = "() => [...document.querySelectorAll('#main [data-key]')].map(e => e.dataset.key)"
    named = {key.upper().replace("+", " + ") for key in page.evaluate(controls)}
    assert named <= {key.upper() for key in listed} | {"DELETE"}
    taken = """() => {
      try { return keys.register("f", "Once more", "Here"); }
      catch ({ message }) { return message; }
    }"""
    assert page.evaluate(taken) == "f is taken: Favorite, or not"
    page.keyboard.press("Escape")


def test_a_prompt_comes_from_a_template_a_preset_and_an_earlier_one_by_keyboard(
    product: Product, open_page: Opener
) -> None:
    member = product.member()
    product.generate(member, "An earlier heron [[refuse-429]]")
    name = f"Around, by {member.username}"
    sent = {"name": name, "text": "{product} in orbit, {lens: 35mm}", "aspect_ratio": "9:16"}
    product.post(member, "/templates/new/", **sent)
    page = open_page(product, who=member)
    prompt, lite = page.get_by_label("Prompt", exact=True), "Veo 3.1 Lite"
    page.get_by_label("Model").select_option(lite)
    page.get_by_text("More", exact=True).click()
    page.get_by_label("Seed").fill("70000")
    by_key(page)
    opened(page, "Templates")
    found = complaints(page, [(DESKTOP, "dark"), (PHONE, "light")])
    page.get_by_label("Search templates").fill(f"{member.username} lens")
    use = page.get_by_role("dialog").get_by_role("link", name=f"Use {name}", exact=True)
    use.press("Enter")
    expect(page.get_by_role("dialog").get_by_label("product")).to_be_focused()
    page.keyboard.press("Enter")  # it is missing yet
    page.keyboard.type("A shoe")
    page.keyboard.press("Enter")
    expect(prompt).to_have_value("A shoe in orbit, 35mm")
    expect(prompt).to_be_focused()
    expect(page.get_by_role("radio", name="9:16")).to_be_checked()
    expect(page.get_by_label("Model")).to_have_value("veo3_lite")
    opened(page, "Presets")
    page.get_by_role("dialog").get_by_label("Name").fill("Tall")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("link", name="Tall")).to_be_visible()
    found += complaints(page, [(PHONE, "dark")])
    page.keyboard.press("Escape")
    page.reload()
    page.get_by_label("Model").select_option("Veo 3.1 Quality")
    page.get_by_label("Seed").fill("", force=True)
    opened(page, "Presets")
    page.get_by_role("dialog").get_by_role("link", name="Tall").press("Enter")
    expect(page.get_by_label("Model")).to_have_value("veo3_lite")
    expect(page.get_by_label("Seed")).to_have_value("70000")
    expect(page.get_by_label("Cost")).to_have_text("30")
    expect(prompt).to_have_value("A shoe in orbit, 35mm")
    opened(page, "Recent prompts")
    page.get_by_role("dialog").get_by_role("link", name="An earlier heron").press("Enter")
    expect(prompt).to_have_value("An earlier heron [[refuse-429]]")
    page.keyboard.press("Control+z")
    expect(prompt).to_have_value("A shoe in orbit, 35mm")
    assert found == []


def test_a_template_that_a_colleague_has_just_deleted_is_said_to_be_gone(
    product: Product, open_page: Opener
) -> None:
    member = product.member()
    name = f"Of {member.username}"
    product.post(member, "/templates/new/", name=name, text="{product}")
    page = open_page(product, who=member, may_fail="404")
    opened(page, "Templates")
    use = page.get_by_role("dialog").get_by_role("link", name=f"Use {name}")
    number = (use.get_attribute("href") or "").split("/")[2]
    product.post(member, f"/templates/{number}/delete/")
    use.click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_have_text("This is no longer there.")
