"""Through the portal as a person goes, in a real browser against a real server."""

import json
import re
import urllib.error
import urllib.request

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PASSWORD, sign_out


@pytest.fixture
def enter(site, owner, watch):
    """enter(page): sign in and stand on the list of keys."""

    def enter(page):
        page.goto(f"{site.url}/sign-in/")
        page.get_by_label("E-mail").fill(owner)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{site.url}/keys/")

    return enter


def call(site, key):
    """(status, body) of a call with a key."""
    request = urllib.request.Request(f"{site.url}/api/v1/api-keys/self", headers={"X-API-Key": key})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.load(refusal)


def shown_key(page):
    """The key on the page that shows it once."""
    return page.locator("#key").inner_text().strip()


@pytest.mark.parametrize("width", [1280, 360])
def test_the_whole_journey_from_signing_in_to_signing_out(browser, site, enter, watch, look_twice, width):
    context = browser.new_context(viewport={"width": width, "height": 800})
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.url)
    page = watch.over(context.new_page())

    def see(name):
        look_twice(page, f"{name}-{width}")

    page.goto(f"{site.url}/sign-in/")
    see("01-sign-in")
    page.get_by_label("E-mail").fill("nobody@example.com")
    page.get_by_label("Password").fill("not the password at all")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".errorlist")).to_be_visible()
    expect(page.locator("div:focus .errorlist")).to_be_visible()
    see("02-sign-in-refused")
    enter(page)
    see("03-keys-before")
    page.goto(f"{site.url}/keys/new/")
    page.get_by_role("button", name="Make the key").last.click()
    page.get_by_label("Name").fill(f"Server {width}")
    page.get_by_role("radio", name="Only what I choose").check()
    page.get_by_label("Expires").select_option("custom")
    see("04-new-key")
    page.get_by_role("button", name="Make the key").last.click()
    expect(page.locator(".errorlist").first).to_be_visible()
    expect(page.get_by_role("checkbox", name="users:read")).to_be_focused()
    see("05-new-key-refused")
    page.get_by_role("radio", name="Read only").check()
    page.get_by_label("Expires").select_option("usual")
    page.get_by_role("button", name="Add my current address").click()
    expect(page.get_by_label("Addresses it may be used from")).to_have_value("127.0.0.1")
    page.get_by_role("button", name="Make the key").last.click()

    key = shown_key(page)
    assert re.fullmatch(r"ow_live_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}", key)
    page.get_by_role("button", name="Copy the key").click()
    expect(page.locator("#key-status")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == key
    see("06-shown-once")
    assert key not in page.url
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_text("Waiting for your first request…")).to_be_visible()
    see("06-waiting")
    assert key not in page.content()
    status, itself = call(site, key)
    assert status == 200
    assert itself["scopes"] == ["users:read", "data:read"]
    expect(page.get_by_text("It works.")).to_be_visible(timeout=15_000)
    see("06-it-works")
    page.goto(f"{site.url}/keys/")
    see("07-keys")

    page.get_by_role("link", name=f"Server {width}").click()
    see("08-key")
    page.get_by_role("link", name="Change").click()
    see("09-change")
    page.get_by_label("Description").fill("Reads for the dashboard")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").first).to_contain_text("is saved")
    page.get_by_role("link", name="Rotate").click()
    page.get_by_role("radio", name=re.compile("^No")).check()
    see("10-rotate")
    page.get_by_role("button", name="Make the new key").click()
    successor = shown_key(page)
    see("11-rotated")
    assert call(site, key)[0] == call(site, successor)[0] == 200
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_text("It works.")).to_be_visible(timeout=15_000)
    see("12-successor")
    page.get_by_role("link", name="Revoke", exact=True).click()
    see("13-revoke")
    page.get_by_label("Type its name").fill(f"Server {width}")
    page.get_by_role("button", name="Revoke for good").click()
    expect(page.get_by_role("status").first).to_contain_text("is revoked")
    assert call(site, successor)[0] == 401
    page.get_by_label("Status").select_option("revoked")
    page.get_by_role("button", name="Filter").click()
    see("14-revoked-keys")

    page.get_by_role("link", name="Profile").click()
    see("15-profile")
    page.get_by_label("Current password").fill("whatever it is")
    page.get_by_label("New password", exact=True).fill("one sentence of words")
    page.get_by_label("New password again").fill("another sentence of words")
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_label("New password again")).to_be_focused()
    see("15-profile-refused")
    page.goto(f"{site.url}/docs/errors#invalid_api_key")
    see("16-errors")
    assert page.goto(f"{site.url}/keys/0192f1a0-0000-7000-8000-000000000000/").status == 404
    see("17-not-found")
    page.goto(f"{site.url}/keys/")
    sign_out(page)
    see("18-signed-out")
    page.go_back()
    page.wait_for_url(f"{site.url}/sign-in/**")
    assert f"Server {width}" not in page.content()
    context.close()


def test_everything_works_without_javascript(browser, site, enter, watch, look):
    context = browser.new_context(java_script_enabled=False)
    page = watch.over(context.new_page())
    enter(page)
    page.goto(f"{site.url}/keys/new/")
    page.get_by_label("Name").fill("Without scripts")
    page.get_by_role("radio", name="Test").check()
    page.get_by_role("radio", name="Everything").check()
    page.get_by_role("button", name="Add my current address").click()
    expect(page.get_by_label("Name")).to_have_value("Without scripts")
    page.get_by_label("Name").press("Enter")
    key = shown_key(page)
    assert key.startswith("ow_test_")
    expect(page.get_by_role("button", name="Copy the key")).to_have_count(0)
    assert call(site, key)[0] == 200
    page.get_by_role("link", name="Done").click()
    page.get_by_role("button", name="Disable").click()
    expect(page.get_by_role("status").first).to_contain_text("is disabled")
    assert call(site, key)[0] == 401
    page.get_by_role("button", name="Enable").click()
    page.get_by_role("link", name="Rotate").click()
    page.get_by_role("radio", name=re.compile("^Yes")).check()
    page.get_by_role("button", name="Make the new key").click()
    successor = shown_key(page)
    assert call(site, key)[0] == 401
    assert call(site, successor)[0] == 200
    page.get_by_role("link", name="Done").click()
    for _ in range(60):
        if page.get_by_text("It works.").count():
            break
        page.get_by_role("link", name="Look again").click()
    page.get_by_role("link", name="Revoke").click()
    page.get_by_role("button", name="It leaked").click()
    expect(page.get_by_role("status").first).to_contain_text("is revoked")
    assert call(site, successor)[0] == 401
    sign_out(page)
    context.close()


def test_signing_in_needs_no_mouse(browser, site, owner, watch):
    context = browser.new_context()
    page = watch.over(context.new_page())
    page.goto(f"{site.url}/docs/errors")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="RFC 9457")).to_be_focused()
    page.goto(f"{site.url}/keys/")
    expect(page.get_by_label("E-mail")).to_be_focused()
    page.keyboard.type(owner)
    page.keyboard.press("Tab")
    expect(page.get_by_label("Password")).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site.url}/keys/")
    context.close()


def test_a_pasted_key_never_reaches_the_address_bar(browser, site, enter, watch):
    context = browser.new_context()
    page = watch.over(context.new_page())
    enter(page)
    page.goto(f"{site.url}/keys/new/")
    page.get_by_label("Name").fill("To be found")
    page.get_by_role("radio", name="Everything").check()
    page.get_by_role("button", name="Make the key").last.click()
    key = shown_key(page)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site.url}/keys/")
    page.get_by_label("Name or prefix").fill(f"OW_API_KEY={key}")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_label("Name or prefix")).to_have_value(key[:20])
    expect(page.get_by_role("link", name="To be found")).to_be_visible()
    assert not any(key in address for address in asked)
    context.close()
