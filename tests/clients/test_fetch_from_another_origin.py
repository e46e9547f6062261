"""What a browser does for a page of another origin: preflight, Origin, the cookie that no script can read."""

import httpx
import pytest

from tests.live import FOREIGN_PAGE

STRANGER = "https://evil.example"


@pytest.fixture
def browser_page(base):
    """fetch(…, {credentials: "include"}) of a page at FOREIGN_PAGE; httpx keeps the cookies."""
    with httpx.Client(base_url=base, headers={"Origin": FOREIGN_PAGE}) as client:
        yield client


@pytest.fixture
def signed_in(browser_page, ann, password):
    answer = browser_page.post("/auth/login", json={"email": ann, "password": password, "delivery": "cookie"})
    assert answer.status_code == 200, answer.text
    return answer


def preflight(browser_page, path, method="POST", headers="content-type", origin=FOREIGN_PAGE):
    return browser_page.options(
        path,
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": headers,
        },
    )


def test_the_preflight_lets_a_named_page_call_with_its_cookie(browser_page):
    answer = preflight(browser_page, "/token/refresh", headers="authorization, content-type")
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == FOREIGN_PAGE
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    assert {"authorization", "content-type"} <= set(answer.headers["Access-Control-Allow-Headers"].split(", "))


def test_the_preflight_lets_no_other_page_call(browser_page):
    for origin in (STRANGER, "null", FOREIGN_PAGE + "1", "http://localhost"):
        answer = preflight(browser_page, "/token/refresh", origin=origin)
        assert "Access-Control-Allow-Origin" not in answer.headers, origin


def test_a_page_may_not_send_keys(browser_page):
    allowed = preflight(browser_page, "/users", "GET", "x-api-key").headers["Access-Control-Allow-Headers"].lower()
    assert "x-api-key" not in allowed
    assert "x-open-wearables-api-key" not in allowed


def test_a_page_signs_in_refreshes_and_signs_out_by_cookie(browser_page, signed_in):
    assert "refresh_token" not in signed_in.json()
    cookie = signed_in.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/" in cookie
    assert signed_in.headers["Access-Control-Allow-Origin"] == FOREIGN_PAGE
    first = browser_page.cookies["ow_refresh"]
    again = browser_page.post("/token/refresh")
    assert again.status_code == 200
    assert "refresh_token" not in again.json()
    assert browser_page.cookies["ow_refresh"] != first
    me = browser_page.get("/auth/me", headers={"Authorization": f"Bearer {again.json()['access_token']}"})
    assert me.status_code == 200
    assert browser_page.post("/token/revoke").status_code == 204
    assert "ow_refresh" not in browser_page.cookies
    over = browser_page.get("/auth/me", headers={"Authorization": f"Bearer {again.json()['access_token']}"})
    assert over.status_code == 401
    assert over.headers["Access-Control-Allow-Origin"] == FOREIGN_PAGE, "an error must be readable too"


def test_a_foreign_page_can_neither_take_nor_give_the_cookie(browser_page, signed_in, ann, password):
    for origin in (STRANGER, "null"):
        answer = browser_page.post("/token/refresh", headers={"Origin": origin})
        assert (answer.status_code, answer.json()["code"]) == (403, "origin_not_allowed")
        assert browser_page.post("/token/revoke", headers={"Origin": origin}).status_code == 403
        answer = browser_page.post(
            "/auth/login",
            json={"email": ann, "password": password, "delivery": "cookie"},
            headers={"Origin": origin},
        )
        assert answer.status_code == 403
        assert "Set-Cookie" not in answer.headers
    assert browser_page.post("/token/refresh").status_code == 200, "the session goes on"


def test_a_cookie_alone_opens_nothing_but_the_refresh(browser_page, signed_in):
    assert browser_page.get("/auth/me").status_code == 401
    assert browser_page.get("/users").status_code == 401


def test_a_refused_cookie_is_taken_away(browser_page, signed_in):
    browser_page.cookies.clear()
    answer = browser_page.post("/token/refresh", headers={"Cookie": "ow_refresh=spoilt"})
    assert (answer.status_code, answer.json()["code"]) == (401, "refresh_rejected")
    assert "Max-Age=0" in answer.headers["Set-Cookie"]
