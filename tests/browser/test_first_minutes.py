"""ux.md, “first minutes”: from sign-up to the first green call, and how long a person's hands take for it."""

import os
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PASSWORD

# The keystroke-level model (Card, Moran, Newell 1983), seconds: a key of an average typist; hand to the mouse, point
# and press; to think before each of these. All at the slower of the published figures.
KEY, CLICK, THINK = 0.28, 0.4 + 1.1 + 0.2, 1.35
MOST = 120  # seconds


class Hands:
    """What a person does, counted: every key and click, and a thought before each field, button and paste."""

    def __init__(self, page):
        self.page, self.keys, self.clicks, self.thoughts = page, 0, 0, 0

    def type(self, field, text):
        """Click into a field and type."""
        self.click(field)
        field.press_sequentially(text)
        self.keys += len(text)

    def click(self, what):
        """Point and press."""
        what.click()
        self.clicks += 1
        self.thoughts += 1

    def open_mail(self):
        """Go to the mail, open the new one, read it, press its link."""
        self.clicks += 3
        self.thoughts += 4

    def paste_and_enter(self):
        """Go to the terminal, paste, Enter."""
        self.clicks += 1
        self.keys += 3
        self.thoughts += 1

    @property
    def seconds(self):
        """How long it takes, without the machine's own time."""
        return self.keys * KEY + self.clicks * CLICK + self.thoughts * THINK


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_first_minutes_from_sign_up_to_a_green_call_take_less_than_two(
    browser, site, owner, watch, look, width, scheme
):
    email = f"nora-{width}@example.com"
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.url)
    page = watch.over(context.new_page())
    hands = Hands(page)
    page.goto(site.url)
    hands.click(page.get_by_role("link", name="Sign up"))
    hands.type(page.get_by_label("E-mail"), email)
    hands.type(page.get_by_label("First name"), "Nora")
    hands.type(page.get_by_label("Password", exact=True), PASSWORD)
    hands.click(page.get_by_role("button", name="Make the account"))
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    hands.open_mail()
    page.goto(site.mailed_link(email, "Verify your address for Open Wearables"))
    hands.click(page.get_by_role("button", name="Verify and sign in"))
    hands.click(page.get_by_role("link", name="Make your first key"))
    hands.type(page.get_by_label("Name"), "Server")
    hands.click(page.get_by_role("radio", name="Everything"))
    hands.click(page.get_by_role("button", name="Make the key").last)

    hands.click(page.get_by_role("button", name="Copy the line"))
    line = page.evaluate("navigator.clipboard.readText()")
    hands.paste_and_enter()
    hands.click(page.get_by_role("button", name="Copy the command"))
    command = page.evaluate("navigator.clipboard.readText()")
    hands.click(page.get_by_role("link", name="Done"))
    expect(page.get_by_text("Waiting for your first request…")).to_be_visible()
    look(page, f"24-waiting-{width}")
    hands.paste_and_enter()
    shell = {"PATH": os.environ["PATH"]}
    done = subprocess.run(["sh", "-c", f"{line}\n{command}"], env=shell, capture_output=True, text=True, check=True)
    assert '"items"' in done.stdout
    expect(page.get_by_text("It works.")).to_be_visible(timeout=20_000)
    expect(page.get_by_role("link", name="Look again")).to_have_count(0)
    look(page, f"25-green-{width}")
    assert hands.seconds < MOST, f"{hands.clicks} clicks, {hands.keys} keys: {hands.seconds:.0f} s"
    print(f"{hands.clicks} clicks, {hands.keys} keys: {hands.seconds:.0f} s", file=sys.stderr)
    context.close()


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (360, "light")])
def test_first_minutes_have_tabs_that_need_no_script_and_no_mouse(
    browser, site, owner, watch, look, width, scheme, scripts
):
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, java_script_enabled=scripts
    )
    page = watch.over(context.new_page())
    page.goto(f"{site.url}/sign-in/?next=/quick-start/")
    page.get_by_label("E-mail").fill(owner)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{site.url}/quick-start/")
    expect(page.locator("#code-curl")).to_contain_text(f"{site.url}/api/v1/users")
    expect(page.locator("#code-python")).to_be_hidden()
    page.get_by_role("radio", name="curl").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#code-python")).to_contain_text(f"{site.url}/api/v1")
    expect(page.locator("#code-curl")).to_be_hidden()
    page.get_by_role("radio", name="JavaScript").check()
    expect(page.locator("#code-javascript")).to_be_visible()
    if scripts:
        look(page, f"26-quick-start-{width}-{scheme}")
    context.close()
