"""The reference in a real browser: our policy holds, no other host is called, Authorize takes both credentials."""

import json
import urllib.request

from playwright.sync_api import expect

from tests.browser.conftest import PASSWORD


def access_token(site, owner):
    request = urllib.request.Request(
        f"{site.url}/api/v1/auth/login",
        json.dumps({"email": owner, "password": PASSWORD}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["access_token"]


def try_out(page, operation, scheme, credential):
    """Authorize, press Execute at an operation, and give the status that came."""
    page.get_by_role("button", name="Authorize").first.click()
    form = page.locator(".auth-container", has_text=scheme)
    form.get_by_role("textbox").fill(credential)
    form.get_by_role("button", name="Apply credentials").or_(form.get_by_role("button", name="Authorize")).click()
    page.locator(".close-modal").click()
    block = page.locator(f"[id$=-{operation}]")
    if not block.get_by_role("button", name="Execute").count():
        block.locator(".opblock-summary-control").first.click()
    block.get_by_role("button", name="Execute").click()
    status = block.locator(".live-responses-table .response .response-col_status")
    expect(status.first).to_contain_text("200")


GROUND = (
    "[document.documentElement, document.querySelector('.swagger-ui')].map(e => getComputedStyle(e).backgroundColor)"
)


def test_the_reference_is_dark_in_the_dark_and_changes_with_the_system(page, site, watch, look_everywhere):
    watch.over(page)
    page.emulate_media(color_scheme="dark")
    page.goto(f"{site.url}/docs/reference")
    expect(page.locator(".opblock").first).to_be_visible()
    night = page.evaluate(GROUND)
    page.locator("[id$=-list_users] .opblock-summary-control").click()
    expect(page.locator("[id$=-list_users] .responses-wrapper")).to_be_visible()
    look_everywhere(page, "reference")
    page.emulate_media(color_scheme="light")
    day = page.evaluate(GROUND)
    assert night[0] == night[1] == "rgb(19, 23, 31)"
    assert day[0] == "rgb(255, 255, 255)"


def test_the_reference_tries_calls_with_a_token_and_with_a_key(page, site, owner, watch):
    watch.over(page)
    key = site.manage("create_api_key", "--email", owner, "--name", "Reference", "--environment", "test")
    page.goto(f"{site.url}/docs/reference")
    expect(page.locator(".opblock").first).to_be_visible()
    try_out(page, "get_me", "accessToken", access_token(site, owner))
    page.goto(f"{site.url}/docs/reference")
    try_out(page, "get_own_api_key", "apiKey", key)


def test_the_pages_read_well_on_any_screen(page, site, watch, look_everywhere):
    watch.over(page)
    for path in ("/docs/", "/docs/authentication", "/docs/operations", "/docs/search?q=key"):
        page.goto(site.url + path)
        look_everywhere(page, f"docs{path.replace('/', '-').replace('?', '-')}")
