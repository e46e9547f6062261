"""What can be used can be seen and hit: borders of fields (WCAG 1.4.11), sizes of targets (2.5.8)."""

import pytest

from tests.browser.conftest import PASSWORD

LEAST_CONTRAST = 3  # to 1
LEAST_TARGET = 24  # px
FIELDS = """
() => {
  // Painted, so that every notation of a colour comes out as bytes; what is transparent as the page behind it.
  const brush = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const ground = getComputedStyle(document.documentElement).backgroundColor;
  const bytes = (colour) => {
    for (brush.fillStyle of [ground, colour]) brush.fillRect(0, 0, 1, 1);
    return [...brush.getImageData(0, 0, 1, 1).data];
  };
  return [...document.querySelectorAll("input, select, textarea")]
  .filter(field => field.type !== "hidden" && !field.matches(".visually-hidden") && field.checkVisibility())
  .map(field => {
    const style = getComputedStyle(field);
    return [field.name + " " + field.value, ...[style.borderTopColor, style.backgroundColor, ground].map(bytes)];
  });
}
"""
TARGETS = """
() => [...document.querySelectorAll("tbody th a, .trail a, footer a, .index a")]
  .map(link => [link.textContent, link.getBoundingClientRect().height])
"""


def luminance(colour):
    """The relative luminance of a colour in bytes, as WCAG defines it."""
    parts = [part / 255 for part in colour[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    """From 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.fixture(params=["light", "dark"])
def page(request, browser, site, owner, watch):
    """A page of somebody who is signed in."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, color_scheme=request.param, reduced_motion="reduce"
    )
    page = watch.over(context.new_page())
    page.goto(f"{site.url}/sign-in/")
    page.get_by_label("E-mail").fill(owner)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{site.url}/keys/")
    yield page
    context.close()


def faint(page):
    """The fields whose border is hard to tell from what is inside or around it."""
    fields = page.evaluate(FIELDS)
    assert len(fields) >= 10
    return [
        name
        for name, border, inside, around in fields
        if min(contrast(border, around), contrast(border, inside)) < LEAST_CONTRAST
        and contrast(inside, around) < LEAST_CONTRAST  # what is ticked is filled
    ]


def test_every_field_is_seen_before_and_after_a_refusal(page, site):
    page.goto(f"{site.url}/keys/new/")
    page.get_by_label("Name").fill("Server")
    page.get_by_role("radio", name="Only what I choose").check()
    page.get_by_label("Expires").select_option("custom")
    assert faint(page) == []
    page.get_by_role("button", name="Make the key").last.click()
    page.locator("[aria-invalid=true]").first.wait_for()
    page.locator("h1").click()
    assert faint(page) == []


def test_links_that_stand_alone_are_large_enough_to_hit(page, site, owner):
    site.manage("create_api_key", "--email", owner, "--name", "A target")
    for path in ("/keys/", "/docs/errors"):
        page.goto(site.url + path)
        targets = page.evaluate(TARGETS)
        assert targets
        assert [target for target in targets if target[1] < LEAST_TARGET] == []
