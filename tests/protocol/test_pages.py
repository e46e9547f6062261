"""Keyset pages: newest first, an opaque cursor, the next page in `Link`."""

import base64
import re

import pytest


@pytest.fixture
def five_keys(new_key):
    return [new_key(name=f"key {n}", environment="test")["id"] for n in range(5)][::-1]


def next_of(response):
    match = re.fullmatch(r'<http://127\.0\.0\.1:8000(/[^>]+)>; rel="next"', response.get("Link", ""))
    return match and match[1]


def test_following_link_shows_every_row_once_newest_first(as_ann, five_keys):
    path, seen = "/api/v1/api-keys?limit=2&environment=test", []
    while path:
        response = as_ann.get(path)
        seen.append([key["id"] for key in response.json()])
        path = next_of(response)
        assert path is None or "environment=test" in path
    assert [len(page) for page in seen] == [2, 2, 1]
    assert sum(seen, []) == five_keys


def test_a_last_page_that_is_full_has_no_link(as_ann, five_keys):
    assert "Link" not in as_ann.call("GET", "/api-keys?limit=5")
    assert "Link" in as_ann.call("GET", "/api-keys?limit=4")


def test_a_row_made_meanwhile_moves_no_page(as_ann, five_keys, new_key):
    first = as_ann.call("GET", "/api-keys?limit=2")
    new_key(name="meanwhile", environment="test")
    assert [key["id"] for key in as_ann.get(next_of(first)).json()] == five_keys[2:4]


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "é",
        "%00",
        "AAAA",
        base64.urlsafe_b64encode(b"\xff" * 24).decode(),
        base64.urlsafe_b64encode(b"1" * 25).decode(),
    ],
)
def test_a_cursor_that_is_not_ours_is_422(as_ann, cursor):
    response = as_ann.call("GET", f"/api-keys?cursor={cursor}")
    assert response.status_code == 422
    assert [fault["parameter"] for fault in response.json()["errors"]] == ["cursor"]
