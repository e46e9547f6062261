"""The first minutes: the link that `./run` prints, and what happens when several people press at once."""

import re
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PASSWORD, Watch

AT_ONCE = 8


@pytest.mark.parametrize("width", [1280, 360])
def test_the_printed_link_makes_the_first_account_once(browser, empty_site, look, width):
    context = browser.new_context(viewport={"width": width, "height": 800})
    watch = Watch(empty_site.url)
    page = watch.over(context.new_page())
    page.goto(empty_site.url)
    expect(page.get_by_text("There is no account yet")).to_be_visible()
    look(page, f"20-nobody-yet-{width}")
    link = empty_site.manage("first_owner_link")
    page.goto(link)
    assert page.url == f"{empty_site.url}/first-owner/"
    look(page, f"21-first-owner-{width}")
    page.get_by_label("E-mail").fill("olga@example.com")
    page.get_by_label("First name").fill("Olga")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password again").fill(PASSWORD)
    page.get_by_role("button", name="Make the account").click()
    page.wait_for_url(f"{empty_site.url}/keys/")
    look(page, f"22-welcome-{width}")
    page.get_by_role("link", name="Make your first key").click()
    expect(page.get_by_role("heading", name="New key")).to_be_visible()
    assert page.goto(link).status == 404
    look(page, f"23-link-gone-{width}")
    assert empty_site.manage("first_owner_link") == ""
    assert watch.complaints == []
    context.close()


def field(page: str, name: str) -> str:
    """The value of a hidden field."""
    return re.search(rf'name="{name}" value="([^"]+)"', page)[1]


def test_of_many_that_press_at_once_one_becomes_the_first_owner(empty_site):
    clients = []
    for number in range(AT_ONCE):
        client = httpx.Client(base_url=empty_site.url, follow_redirects=True, timeout=30)
        page = client.get(empty_site.manage("first_owner_link")).text
        person = {"email": f"p{number}@example.com", "password": PASSWORD, "password_again": PASSWORD}
        clients.append((client, {"csrfmiddlewaretoken": field(page, "csrfmiddlewaretoken"), **person}))

    def press(pair):
        client, fields = pair
        return client.post("/first-owner/", data=fields, headers={"Origin": empty_site.url}).status_code

    with ThreadPoolExecutor(AT_ONCE) as pool:
        statuses = sorted(pool.map(press, clients))
    for client, _ in clients:
        client.close()
    assert statuses == [200] + [404] * (AT_ONCE - 1)
    count = "from accounts.models import Developer; print(Developer.objects.count())"
    assert empty_site.manage("shell", "--no-imports", "-c", count) == "1"


def test_a_form_that_is_sent_many_times_at_once_makes_one_key(site, owner):
    client = httpx.Client(base_url=site.url, follow_redirects=True, timeout=30, headers={"Origin": site.url})
    token = field(client.get("/sign-in/").text, "csrfmiddlewaretoken")
    client.post("/sign-in/", data={"csrfmiddlewaretoken": token, "login": owner, "password": PASSWORD})
    page = client.get("/keys/new/").text
    fields = {name: field(page, name) for name in ("csrfmiddlewaretoken", "form")}
    fields |= {"name": "Pressed many times", "environment": "test", "access": "all", "expiry": "usual"}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda _: client.post("/keys/new/", data=fields).text, range(AT_ONCE)))
    client.close()
    assert sum("You will not see it again" in text for text in answers) == 1
    count = "from apikeys.models import ApiKey; print(ApiKey.objects.filter(name='Pressed many times').count())"
    assert site.manage("shell", "--no-imports", "-c", count) == "1"
