"""The pages of /docs/: each is there without a sign-in or a database, and every link of each leads somewhere."""

import re
from functools import cache
from html.parser import HTMLParser

import pytest

from openwearables.docs.catalog import FOLDER, pages
from protocol.problems.catalogue import CATALOGUE
from tests.portal.conftest import Browser

ELSEWHERE = ("https://www.rfc-editor.org/", "https://github.com/gitleaks/gitleaks")  # links that people may follow
ADDRESSES = ["/docs/", "/docs/search?q=scope", "/docs/reference", *(page.url for page in pages().values())]
SITE = "http://127.0.0.1:8000"


class Reader(HTMLParser):
    """Collects what a page links to, loads, and can be linked to."""

    def __init__(self, text):
        super().__init__()
        self.links, self.loads, self.anchors = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        if "id" in told:
            self.anchors.append(told["id"])
        if tag == "a":
            self.links.append(told["href"])
        elif "src" in told or tag == "link":
            self.loads.append(told.get("src") or told["href"])


@cache
def read(address):
    answer = Browser().get(address)
    assert answer.status_code == 200, address
    return Reader(answer.text)


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_is_there_for_everybody_and_loads_nothing_from_another_host(address):
    # Without the db fixture, pytest-django refuses every query.
    page = read(address)
    assert [file for file in page.loads if not file.startswith("/static/") and not file.startswith("/docs/")] == []
    assert [link for link in page.links if link.startswith("http") and not link.startswith(ELSEWHERE)] == []
    assert len(page.anchors) == len(set(page.anchors)), "two things have one id"


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_link_within_the_docs_leads_to_a_page_and_an_anchor(address):
    for link in read(address).links:
        path, _, anchor = link.partition("#")
        path = path or address
        if path.startswith("/docs") and not path.endswith(".md"):
            assert not anchor or anchor in read(path).anchors, link
        elif path.startswith("/") and not path.startswith("/docs"):
            assert path in ("/", "/keys/", "/sign-in/", "/llms.txt", "/api/v1/openapi.json"), link


@pytest.mark.parametrize("slug", pages())
def test_a_page_is_served_as_markdown_with_whole_addresses_and_snippets_in_it(slug):
    answer = Browser().get(f"/docs/{slug}.md")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/markdown; charset=utf-8"
    assert answer.text.startswith("# ")
    assert "](snippets/" not in answer.text
    assert re.findall(r"\]\((?!https?://|#)", re.sub(r"`[^`]*`", "", answer.text)) == []


def test_every_file_of_the_folder_is_a_page():
    files = {file.relative_to(FOLDER).with_suffix("").as_posix() for file in FOLDER.rglob("*.md")}
    assert files - set(pages()) == set()


def test_every_code_has_its_anchor_its_meaning_and_the_next_step():
    answer = Browser().get("/docs/errors")
    anchors = Reader(answer.text).anchors
    for error in CATALOGUE.values():
        assert error.code in anchors
    machine = Browser().get("/docs/errors.md").text
    assert all(error.meaning in machine and error.next in machine for error in CATALOGUE.values())


def test_llms_txt_lists_every_page():
    text = Browser().get("/llms.txt").text
    assert [page.url for page in pages().values() if f"({SITE}{page.url}.md)" not in text] == []
    assert text.startswith("# Open Wearables\n\n> ")


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("insufficient_scope", "/docs/errors#insufficient_scope"),
        ("test vector", "/docs/api-keys#format"),
        ("refresh axios", "/docs/authentication#by-itself-axios"),
        ("PgBouncer", "/docs/operations#grow"),
        ("JWT_SIGNING_KEYS", "/docs/something-leaked#jwt_signing_keys"),
    ],
)
def test_the_search_finds_the_section_first(asked, first):
    found = Reader(Browser().get("/docs/search", {"q": asked}).text).links
    hits = [link for link in found if link.startswith("/docs/") and "#" in link]
    assert hits[0] == first


def test_the_search_wants_every_word_and_says_so_when_there_is_nothing():
    text = Browser().get("/docs/search", {"q": "pepper zebra"}).text
    assert "Nothing has all of these words" in text


def test_what_is_searched_for_is_text_and_never_markup():
    text = Browser().get("/docs/search", {"q": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in text


def test_a_page_that_never_was_is_404():
    for address in ("/docs/nothing", "/docs/nothing.md", "/docs/../README", "/docs/decisions/9999-nothing"):
        assert Browser().get(address).status_code == 404


def test_the_address_without_a_slash_leads_to_the_index():
    assert Browser().get("/docs")["Location"] == "/docs/"
