"""curl as the published page shows it (shared/reference/authentication-overview.txt), requests and httpx."""

import json
import subprocess

import httpx
import pytest
import requests


def curl(*words) -> str:
    done = subprocess.run(
        ["curl", "--silent", "--show-error", *words], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_curl_signs_in_and_reads_its_developer_as_the_published_page_shows(base, ann, password):
    pair = json.loads(
        curl(
            *("-X", "POST", f"{base}/auth/login"),
            *("-H", "Content-Type: application/x-www-form-urlencoded"),
            *("-d", f"username={ann}"),
            *("-d", f"password={password}"),
        )
    )
    assert set(pair) == {"access_token", "token_type", "refresh_token", "expires_in"}
    assert (pair["token_type"], pair["expires_in"]) == ("bearer", 3600)
    me = json.loads(curl(f"{base}/auth/me", "-H", f"Authorization: Bearer {pair['access_token']}"))
    assert me["email"] == ann


@pytest.mark.parametrize("flags", [["--http1.0"], ["-H", "Transfer-Encoding: chunked"], ["-H", "Expect: 100-continue"]])
def test_curl_signs_in_by_other_ways_of_http_too(base, ann, password, flags):
    text = curl(*flags, f"{base}/auth/login", "-d", f"email={ann}", "-d", f"password={password}")
    assert json.loads(text)["token_type"] == "bearer"


def test_curl_carries_a_key_in_each_of_its_headers(base, key):
    for header in (f"X-Open-Wearables-API-Key: {key}", f"X-API-Key: {key}", f"Authorization: Bearer {key}"):
        shown = json.loads(curl(f"{base}/api-keys/self", "-H", header))
        assert shown["key_prefix"] == key[:20]
        assert "key" not in shown


def test_curl_fails_with_a_status_and_a_problem(base, ann):
    text = curl(
        "-w", "\n%{http_code} %{content_type}", f"{base}/auth/login", "-d", f"username={ann}", "-d", "password=wrong"
    )
    body, _, last = text.rpartition("\n")
    assert last == "401 application/problem+json"
    assert json.loads(body)["detail"] == "Incorrect email or password"


@pytest.mark.parametrize("library", [requests, httpx], ids=lambda library: library.__name__)
def test_a_session_of_requests_or_httpx_goes_the_whole_road(base, ann, password, library):
    with library.Session() if library is requests else library.Client() as session:
        refused = session.post(f"{base}/auth/login", json={"email": ann, "password": "wrong"})
        assert (refused.status_code, refused.json()["error"]) == (401, "invalid_grant")
        pair = session.post(f"{base}/auth/login", json={"email": ann, "password": password}).json()
        session.headers["Authorization"] = f"Bearer {pair['access_token']}"
        assert session.get(f"{base}/auth/me").json()["email"] == ann
        made = session.post(f"{base}/api-keys", json={"name": "From a client"})
        assert made.status_code == 201
        assert session.get(made.headers["Location"]).json()["id"] == made.json()["id"]
        again = session.post(f"{base}/token/refresh", data={"refresh_token": pair["refresh_token"]}).json()
        session.headers["Authorization"] = f"Bearer {again['access_token']}"
        # Clients label every call JSON, the empty ones too.
        out = session.post(f"{base}/auth/logout", headers={"Content-Type": "application/json"})
        assert (out.status_code, out.json()) == (200, {"message": "Successfully logged out"})
        over = session.get(f"{base}/auth/me")
        assert over.status_code == 401
        assert 'error="invalid_token"' in over.headers["WWW-Authenticate"]


def test_httpx_may_call_from_many_tasks_over_one_pool(base, key):
    import asyncio

    async def all_of_them():
        async with httpx.AsyncClient(headers={"X-API-Key": key}) as client:
            return await asyncio.gather(*[client.get(f"{base}/users") for _ in range(40)])

    assert {answer.status_code for answer in asyncio.run(all_of_them())} == {200}
