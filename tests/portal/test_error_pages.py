"""What people see when something is wrong, and the page that every error's `type` leads to."""

import re
from pathlib import Path
from tempfile import NamedTemporaryFile

import pytest
from django.db import OperationalError
from django.test import RequestFactory

from openwearables import errors
from protocol.problems.catalogue import CATALOGUE
from tests.portal.conftest import Browser

# Contract §1, and the two that stand inside `errors` or belong to pages.
CODES = """
bad_request csrf_failed api_key_required not_authenticated invalid_token invalid_credentials otp_required
refresh_rejected invalid_api_key ambiguous_credentials recent_sign_in_required insufficient_scope
developer_session_required ip_not_allowed https_required origin_not_allowed forbidden_role email_not_verified
signup_closed not_found method_not_allowed unsupported_media_type payload_too_large validation_error already_exists
too_many_keys last_owner key_not_active already_rotated rate_limited too_many_attempts service_unavailable
server_error unknown_field
""".split()
ROOT = Path(__file__).resolve().parents[2]


def test_every_code_of_the_contract_has_its_anchor():
    assert sorted(error.code for error in CATALOGUE.values()) == sorted(CODES)


def test_every_code_that_the_program_knows_is_explained():
    written = set()
    for app in ("protocol", "accounts", "apikeys", "wearables", "openwearables"):
        for file in (ROOT / app).rglob("*.py"):
            written |= set(re.findall(r'code(?:: str)? ?= ?"([a-z_]+)"', file.read_text()))
    inside_errors = {"required", "invalid", "max_value", "min_value", "max_length"}
    assert written - inside_errors <= {error.code for error in CATALOGUE.values()} | {"not_plain"}


def test_the_errors_page_answers_without_a_sign_in_a_slash_or_a_database():
    response = Browser().get("/docs/errors")
    assert response.status_code == 200
    for error in CATALOGUE.values():
        assert f'id="{error.code}"' in response.text
        assert f'href="#{error.code}"' in response.text


def test_a_refusals_type_leads_to_its_anchor(api):
    kind = api.call("GET", "/nothing").json()["type"]
    assert kind == "http://127.0.0.1:8000/docs/errors#not_found"


PAGES = {
    400: errors.bad_request,
    403: errors.permission_denied,
    404: errors.not_found,
    500: errors.server_error,
}


@pytest.mark.parametrize("status", PAGES)
def test_an_error_page_needs_no_database_and_shows_the_request_id(status):
    # Without the db fixture, pytest-django refuses every query.
    request = RequestFactory().get("/somewhere/")
    request.request_id = "id-of-this-request"
    response = PAGES[status](request)
    assert response.status_code == status
    assert "id-of-this-request" in response.content.decode()


def test_a_database_that_is_away_is_503_with_a_page(monkeypatch):
    def away(*args, **kwargs):
        raise OperationalError("connection refused")

    monkeypatch.setattr("accounts.portal.sign_in.Developer.objects.exists", away)
    response = Browser().get("/sign-in/")
    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0
    assert "back in a moment" in response.text
    assert response["X-Request-ID"] in response.text


def test_a_wrong_address_gets_a_page_and_never_what_was_asked(nobody):
    key = "ow_live_" + "a" * 12 + "_" + "b" * 49
    cut = nobody.get(f"/keys/{key}/")
    assert (cut.status_code, cut.url) == (302, "/keys/ow_live_aaaaaaaaaaaa/")
    response = nobody.get(cut.url)
    assert response.status_code == 404
    assert "b" * 20 not in response.text


@pytest.mark.parametrize(
    "path", ["/keys/?q={}", "/profile/?x={}", "/confirm/?next=/keys/{}/", "/sign-in/?next=/keys/?q={}", "/?{}"]
)
def test_a_pasted_key_goes_no_further_than_one_redirect(nobody, path):
    """Not into `next`, not into a page: proxies and browsers write addresses down."""
    key = "ow_live_" + "a" * 12 + "_" + "b" * 49
    for given in (key, key.replace("_", "%5F")):
        cut = nobody.get(path.format(given))
        assert cut.status_code == 302
        assert "bbb" not in cut.url
        assert "bbb" not in nobody.get(cut.url, follow=True).text


def test_a_large_form_is_refused_before_it_is_read(nobody):
    answer = nobody.post("/sign-in/", {"login": "x" * 1_100_000})
    assert answer.status_code == 413
    assert nobody.post("/sign-in/", {"login": "x" * 100_000}).status_code == 200


def test_nobody_leaves_a_file_on_the_disk(nobody, tmp_path, settings):
    settings.FILE_UPLOAD_TEMP_DIR, settings.FILE_UPLOAD_MAX_MEMORY_SIZE = str(tmp_path), 10
    with NamedTemporaryFile() as file:
        file.write(b"x" * 10_000), file.seek(0)
        answer = nobody.post("/sign-in/", {"login": "a@example.com", "password": "x", "file": file})
        assert not answer.wsgi_request.FILES
    assert answer.status_code == 200


def test_a_strange_host_gets_a_page():
    elsewhere = {"host": "evil.example"}
    response = Browser().get("/sign-in/", headers=elsewhere)
    assert response.status_code == 400
    assert "We could not make sense of this request" in response.text
    assert '<a href="http://127.0.0.1:8000/">Start again' in response.text
    assert "script-src 'self'" in response["Content-Security-Policy"]
    style = re.search(r'href="(/static/[^"]+\.css)"', response.text)[1]
    assert Browser().get(style, headers=elsewhere).status_code == 200


def test_every_page_has_a_strict_policy_and_no_script_or_style_of_its_own(anns, key):
    pages = ["/keys/", "/keys/new/", f"/keys/{key.pk}/", f"/keys/{key.pk}/edit/", f"/keys/{key.pk}/rotate/"]
    pages += [f"/keys/{key.pk}/revoke/", "/profile/", "/sign-out/", "/docs/errors", "/nothing-here/"]
    for page in pages:
        response = anns.get(page)
        assert "script-src 'self'" in response["Content-Security-Policy"], page
        assert "unsafe" not in response["Content-Security-Policy"], page
        assert not re.search(r"<style|<script(?! src)|\sstyle=|\son\w+=", response.text), page
