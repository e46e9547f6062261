"""ux.md, “usage”, “requests” and “refusals”: what a program really asked, seen by every look."""

import json
import time
import urllib.error
import urllib.request

import pytest
from playwright.sync_api import expect

from tests.browser.test_keys import enter

MOST_SECONDS = 20  # a request is on the page about two seconds after its answer


@pytest.fixture(scope="module")
def calls(site, owner):
    """The request ids of calls with one key, by the answer each got: read, forbidden, absent, unknown."""
    key = site.manage("create_api_key", "--email", owner, "--name", "Night export", "--scopes", "users:read")
    calls = {
        "read": ("GET", "/users", key),
        "forbidden": ("POST", "/users", key),
        "absent": ("GET", "/users/0192f1a0-0000-7000-8000-000000000000", key),
        "unknown": ("GET", "/users", key[:-1] + ("a" if key[-1] != "a" else "b")),
    }
    return {name: ask(site, *call) for name, call in calls.items()}


def ask(site, method, path, key):
    """Call the API; the answer's request id."""
    headers = {"X-Open-Wearables-API-Key": key, "Content-Type": "application/json", "User-Agent": "exporter/2.1"}
    body = json.dumps({"first_name": "Zoe"}).encode() if method == "POST" else None
    request = urllib.request.Request(f"{site.url}/api/v1{path}", body, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.headers["X-Request-ID"]
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.headers["X-Request-ID"]


@pytest.fixture
def page(page, site, owner, watch, calls):
    """The list of requests, once all that a key of ours asked is there."""
    enter(watch.over(page), site, owner, "/requests/")
    ends = time.monotonic() + MOST_SECONDS
    while page.get_by_role("cell", name=calls["absent"]).count() == 0 and time.monotonic() < ends:
        page.reload()
    return page


def test_requests_are_listed_and_filtered(page, calls, look_everywhere):
    for name in ("read", "forbidden", "absent"):
        expect(page.get_by_role("cell", name=calls[name])).to_be_visible()
    expect(page.get_by_role("cell", name=calls["unknown"])).to_have_count(0)
    look_everywhere(page, "requests")
    page.get_by_label("Answer").select_option("refused")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_role("cell", name=calls["read"])).to_have_count(0)
    expect(page.get_by_role("cell", name=calls["forbidden"])).to_be_visible()
    look_everywhere(page, "requests-refused")


def test_a_pasted_id_says_why_it_was_refused_and_how_to_ask_again(page, site, calls, look_everywhere):
    page.get_by_role("link", name="Why was it refused?").click()
    look_everywhere(page, "refusals")
    page.get_by_label("Request id").fill(calls["forbidden"])
    page.get_by_role("button", name="Explain").click()
    expect(page.get_by_role("heading", name="POST /api/v1/users")).to_be_visible()
    expect(page.locator(".why")).to_contain_text("users:write")
    expect(page.locator("#curl")).to_contain_text("$OW_API_KEY")
    look_everywhere(page, "request-refused")
    page.goto(f"{site.url}/requests/{calls['read']}/")
    expect(page.get_by_role("heading", name="GET /api/v1/users")).to_be_visible()
    look_everywhere(page, "request-read")
    page.goto(f"{site.url}/refusals/")
    page.get_by_label("Request id").fill(calls["unknown"])
    page.get_by_role("button", name="Explain").click()
    expect(page.get_by_role("heading", name="No request with this id in your teams")).to_be_visible()
    look_everywhere(page, "request-unknown")


def test_a_key_pasted_by_mistake_goes_no_further(page, site, owner, look_everywhere):
    key = site.manage("create_api_key", "--email", owner, "--name", "Pasted")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site.url}/refusals/")
    page.get_by_label("Request id").fill(key)
    page.get_by_role("button", name="Explain").click()
    expect(page.get_by_role("status").filter(has_text="That was a key")).to_be_visible()
    assert key not in page.content()
    assert not any(key in address for address in asked)
    look_everywhere(page, "refusals-key")


def test_usage_draws_what_was_asked_beside_its_numbers(page, site, look_everywhere):
    page.goto(f"{site.url}/usage/?window=24h")
    expect(page.locator("svg.chart")).to_be_visible()
    expect(page.get_by_role("heading", name="Top endpoints")).to_be_visible()
    expect(page.get_by_role("rowheader", name="POST /api/v1/users")).to_be_visible()
    look_everywhere(page, "usage")
    page.get_by_role("link", name="Night export").first.click()
    expect(page.get_by_role("heading", name="Usage of Night export")).to_be_visible()
    look_everywhere(page, "usage-of-a-key")
    page.get_by_role("navigation", name="How far back").get_by_role("link").last.click()
    expect(page.get_by_role("heading", name="By the day")).to_be_visible()
    look_everywhere(page, "usage-by-the-day")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    assert download.value.path().read_text().count("\n") > 1
