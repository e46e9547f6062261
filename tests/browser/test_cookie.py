"""A page of another origin on the same site lives on the cookie, in a real browser; a page elsewhere can't."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.live import PASSWORD, Server

FETCH = """async ([url, body, token]) => {
    try {
        const answer = await fetch(url, {
            method: body === null ? "GET" : "POST",
            credentials: "include",
            headers: {"Content-Type": "application/json", ...(token ? {Authorization: `Bearer ${token}`} : {})},
            body: body === null ? undefined : JSON.stringify(body),
        });
        return {status: answer.status, body: answer.status === 204 ? null : await answer.json()};
    } catch (error) {
        return {blocked: String(error)};
    }
}"""


class BlankPage(BaseHTTPRequestHandler):
    """An empty page, wherever it is asked for."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>A page</title>")

    def log_message(self, *args):
        """Say nothing."""


@pytest.fixture(scope="module")
def port():
    """Where the other origin's page is, on 127.0.0.1 and on localhost."""
    with ThreadingHTTPServer(("127.0.0.1", 0), BlankPage) as pages:
        threading.Thread(target=pages.serve_forever, daemon=True).start()
        yield pages.server_port
        pages.shutdown()


@pytest.fixture(scope="module")
def api(port):
    """A server that names http://127.0.0.1:<port>, a page of the same site, and http://localhost:<port>, of another."""
    server = Server(CORS_ALLOWED_ORIGINS=f"http://127.0.0.1:{port},http://localhost:{port}").start()
    yield server
    server.stop()


def test_a_named_page_of_the_same_site_keeps_its_session_in_the_cookie(page, api, port):
    email, base = api.new_developer(), f"{api.url}/api/v1"
    page.goto(f"http://127.0.0.1:{port}/")
    signed_in = page.evaluate(
        FETCH, [f"{base}/auth/login", {"email": email, "password": PASSWORD, "delivery": "cookie"}, None]
    )
    assert signed_in["status"] == 200 and "refresh_token" not in signed_in["body"]
    assert page.evaluate("document.cookie") == "", "no script can read it"
    refreshed = page.evaluate(FETCH, [f"{base}/token/refresh", {}, None])
    assert refreshed["status"] == 200
    me = page.evaluate(FETCH, [f"{base}/auth/me", None, refreshed["body"]["access_token"]])
    assert me["body"]["email"] == email
    assert page.evaluate(FETCH, [f"{base}/token/revoke", {}, None])["status"] == 204
    refused = page.evaluate(FETCH, [f"{base}/token/refresh", {}, None])
    assert refused["status"] == 422, "the cookie is gone, and the error can be read"
    assert refused["body"]["code"] == "validation_error"


def test_a_page_of_another_site_sends_no_cookie_and_an_unnamed_one_reads_nothing(page, api, port):
    email, base = api.new_developer(), f"{api.url}/api/v1"
    login = [f"{base}/auth/login", {"email": email, "password": PASSWORD, "delivery": "cookie"}, None]
    page.goto(f"http://127.0.0.1:{port}/")
    assert page.evaluate(FETCH, login)["status"] == 200
    page.goto(f"http://localhost:{port}/")
    assert page.evaluate(FETCH, [f"{base}/token/refresh", {}, None])["status"] == 422, "SameSite=Strict kept it back"
    page.goto("data:text/html,<title>nowhere</title>")
    assert "blocked" in page.evaluate(FETCH, login)
