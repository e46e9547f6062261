"""PostgreSQL takes no writes (a standby, a full disk's guard): what only reads goes on, what writes is 503."""

import pytest

from tests.faults.callers import until
from tests.faults.fragile import Browser
from tests.faults.test_database_away import is_away, once
from tests.live import PASSWORD

NEWS = """
    INSERT INTO accounts_alert (id, created_at, day, team_id, kind, subject_id, detail, user_agent)
    SELECT 'ffffffff-0000-7000-8000-000000000000', now(), current_date, home_team_id, 'in_url', id, '', ''
    FROM accounts_developer WHERE email = %s
"""


@pytest.fixture
def read_only(fragile):
    """read_only("on"): from now on the server's database takes no writes, until "off" or the test's end."""

    def read_only(switch):
        fragile.in_postgres(f'ALTER DATABASE "{fragile.database}" SET default_transaction_read_only = {switch}')
        fragile.database_way.cut()  # the setting holds for new connections

    yield read_only
    read_only("off")


def test_reads_and_key_checks_go_on_and_writes_are_503(fragile, ann, read_only):
    eve = ann.call("POST", "/users?environment=test", {"first_name": "Eve"}, 201)
    read_only("on")
    reads = [
        ("/users", ann.program),
        (f"/users/{eve['id']}", ann.program),
        ("/api-keys/self", ann.program),
        ("/auth/me", ann.hers),
        ("/auth/sessions", ann.hers),
        ("/api-keys", ann.hers),
        (f"/api-keys/{ann.key['id']}", ann.hers),
    ]
    for _ in range(3):
        for path, headers in reads:
            seen = once(fragile, "GET", path, None, headers)
            assert seen.status == 200, (path, seen)
    key = f"/api-keys/{ann.key['id']}"
    for call in [
        ("POST", "/users", {"first_name": "Eva"}, ann.program),
        ("PATCH", f"/users/{eve['id']}?environment=test", {"first_name": "Eva"}, ann.hers),
        ("DELETE", f"/users/{eve['id']}?environment=test", None, ann.hers),
        ("POST", "/api-keys", {}, ann.hers),
        ("PATCH", key, {"name": "Other"}, ann.hers),
        ("POST", f"{key}/rotate", {}, ann.hers),
        ("DELETE", key, None, ann.hers),
        ("POST", "/auth/login", {"username": ann.email, "password": PASSWORD}, {}),
        ("POST", "/token/refresh", {"refresh_token": ann.tokens["refresh_token"]}, {}),
        ("POST", "/token/revoke", {"token": ann.tokens["refresh_token"]}, {}),
        ("PATCH", "/auth/me", {"first_name": "Anna"}, ann.hers),
        ("POST", "/auth/logout", None, ann.hers),
    ]:
        assert is_away(once(fragile, *call)), call
    assert once(fragile, "GET", "/users", None, {"X-API-Key": "ow_live_nonsense"}).status == 401
    ready = fragile.get("/readyz")
    assert ready.status == 200, "a server that can still read should get requests"


def test_pages_can_be_read_for_longer_than_a_minute_and_what_writes_says_so(fragile, ann, read_only):
    browser = Browser(fragile, ann.email)
    fragile.sql("UPDATE accounts_session SET last_used_at = last_used_at - interval '5 minutes'")  # it wants to be seen
    fragile.sql(NEWS, ann.email)  # whose being looked at wants to be noted
    read_only("on")
    for path in ("/keys/", "/profile/", f"/keys/{ann.key['id']}/", "/alerts/"):
        page = browser.get(path)
        assert page.status_code == 200, (path, page.status_code)
    assert ">New<" in page.text
    page = browser.get("/keys/new/")  # its form's number is written to the session
    assert (page.status_code, "We are back in a moment" in page.text) == (503, True)
    csrf = browser.session.cookies["ow_csrf"]
    for path in ("/profile/", f"/keys/{ann.key['id']}/disable/"):
        page = browser.post(path, csrfmiddlewaretoken=csrf, form="names", first_name="A", last_name="B")
        assert (page.status_code, page.headers["Retry-After"]) == (503, "2"), path


def test_it_writes_again_when_the_database_does(fragile, ann, read_only):
    write = ("POST", "/users", {"first_name": "Eve"}, ann.program)
    read_only("on")
    assert once(fragile, *write).status == 503
    read_only("off")
    until(lambda: once(fragile, *write).status == 201, 2)
