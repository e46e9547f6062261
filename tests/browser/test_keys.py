"""ux.md, “list”, “rotate” and “revoke”: what the journey doesn't pass."""

import re

import pytest
from playwright.sync_api import Error, expect

from tests.browser.conftest import PASSWORD


def make(page, site, name):
    """Fill in the form of a new key; answers the key that is shown."""
    page.goto(f"{site.url}/keys/new/")
    page.get_by_label("Name").fill(name)
    page.get_by_role("radio", name="Everything").check()
    page.get_by_role("button", name="Make the key").last.click()
    return page.locator("#key").inner_text().strip()


def enter(page, site, owner, then):
    page.goto(f"{site.url}/sign-in/?next={then}")
    page.get_by_label("E-mail").fill(owner)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{site.url}{then}")


@pytest.fixture
def keys(site, owner):
    """Three keys: one was used just now, one never in a hundred days, and one is in its overlap."""
    code = """
from datetime import timedelta
from django.utils import timezone
from accounts.models import Developer
from apikeys.models import ApiKey, LastUse, RequestRecord, UsageHour
from protocol.pruning import id_at
olga = Developer.objects.get(email="olga@example.com")
ApiKey.objects.all().delete()
now = timezone.now()
def make(name): return ApiKey.objects.issue(team=olga.home_team, by=olga, name=name, scopes=["users:read"])[0]
busy, idle, old = make("Busy server"), make("Idle server"), make("Old server")
ApiKey.objects.filter(pk=idle.pk).update(created_at=now - timedelta(days=100))
old.rotate(by=olga)
for key in (busy, old):
    LastUse.objects.create(key_id=key.pk, first_used_at=now, last_used_at=now, ip="203.0.113.9", user_agent="Job")
    UsageHour.objects.create(key_id=key.pk, hour=now.replace(minute=0, second=0, microsecond=0), outcome="2xx", count=7)
    RequestRecord.objects.create(id=id_at(now), request_id="r", created_at=timezone.now(), key_id=key.pk, method="GET",
        route="/api/v1/users", status=200, ms=1, ip="203.0.113.9", user_agent="A program with rather a long name/1.0")
    now += timedelta(milliseconds=1)
"""
    site.manage("shell", "--no-imports", "-c", code)


@pytest.mark.parametrize(
    ("width", "scheme", "scripts"), [(1280, "light", False), (1280, "dark", True), (360, "light", True)]
)
def test_list_revokes_several_and_rotate_shows_who_is_left(
    browser, site, owner, keys, watch, look, width, scheme, scripts
):
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, java_script_enabled=scripts
    )
    page = watch.over(context.new_page())

    def see(name):
        if scripts:
            look(page, f"{name}-{width}-{scheme}")

    enter(page, site, owner, "/keys/")
    page.get_by_role("link", name="Old server").last.click()
    expect(page.get_by_role("table", name="Who still uses the old key")).to_contain_text("203.0.113.9")
    expect(page.get_by_text(re.compile("23.hours, 59.minutes left"))).to_be_visible()
    see("30-overlap")
    page.get_by_role("link", name="Revoke old now").click()
    expect(page.get_by_role("heading", name="Revoke Old server?")).to_be_visible()
    page.get_by_role("button", name="It leaked").click()
    expect(page.get_by_text("which no longer works")).to_be_visible()

    page.goto(f"{site.url}/keys/")
    page.get_by_role("checkbox", name="Busy server").check()
    page.get_by_role("checkbox", name="Idle server").check()
    see("31-selected")
    page.get_by_role("button", name="Revoke selected…").click()
    see("32-revoke-several")
    page.get_by_role("button", name="Revoke for good").click()
    expect(page.get_by_label("Type its name")).to_be_focused()
    see("33-revoke-several-refused")
    page.get_by_role("link", name="Keep them").click()

    page.get_by_label("Use", exact=True).select_option("unused")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_role("link", name="Busy server")).to_have_count(0)
    see("34-unused")
    page.get_by_role("button", name="Revoke Idle server").click()
    expect(page.get_by_role("status").first).to_contain_text(re.compile(r"Idle server \(ow_live_\w+\) is revoked"))
    expect(page.get_by_text("No key fits this filter")).to_be_visible()
    context.close()


def test_show_once_shows_nothing_after_a_reload_or_back(browser, site, owner, watch):
    context = browser.new_context()
    page = watch.over(context.new_page())
    enter(page, site, owner, "/keys/new/")
    key = make(page, site, "Reloaded")
    page.reload()
    expect(page.get_by_role("status").first).to_contain_text("sent already")
    assert key not in page.content()
    make(page, site, "Left")
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_role("heading", name="Left")).to_be_visible()
    with pytest.raises(Error, match="ERR_CACHE_MISS"):  # the browser would have to send the form again
        page.go_back()
    context.close()


def test_all_pages_say_a_time_in_the_reader_s_own_zone_in_its_title(browser, site, owner, keys, watch):
    context = browser.new_context(timezone_id="America/Bogota", locale="en-GB")
    page = watch.over(context.new_page())
    enter(page, site, owner, "/keys/")
    title = page.locator("td time").first.get_attribute("title")
    assert re.search(r"\d\d:\d\d:\d\d GMT-5 · \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$", title), title
    context.close()


def tab_to(page, what):
    """Press Tab until it has the focus, as a person without a mouse does."""
    for _ in range(80):
        if what.evaluate("element => element === document.activeElement"):
            return what
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches {what}")


def test_all_pages_of_keys_need_no_mouse(browser, site, owner, keys, watch):
    context = browser.new_context()
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.url)
    page = watch.over(context.new_page())
    enter(page, site, owner, "/keys/")
    tab_to(page, page.get_by_role("link", name="New key")).press("Enter")
    tab_to(page, page.get_by_label("Name"))
    page.keyboard.type("By hand")
    tab_to(page, page.get_by_role("radio", name="Live"))
    page.keyboard.press("ArrowDown")
    tab_to(page, page.get_by_role("radio", name="Everything")).press("Space")
    tab_to(page, page.get_by_role("button", name="Make the key").last).press("Enter")
    tab_to(page, page.get_by_role("button", name="Copy the key")).press("Enter")
    expect(page.locator("#key-status")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()").startswith("ow_test_")
    tab_to(page, page.get_by_role("link", name="Done")).press("Enter")
    expect(page.get_by_role("heading", name="By hand")).to_be_visible()
    tab_to(page, page.get_by_role("link", name="Keys").first).press("Enter")
    tab_to(page, page.get_by_role("checkbox", name="By hand")).press("Space")
    tab_to(page, page.get_by_role("checkbox", name="Idle server")).press("Space")
    tab_to(page, page.get_by_role("button", name="Revoke selected…"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Revoke these 2 keys?")).to_be_visible()
    tab_to(page, page.get_by_role("button", name="Revoke for good")).press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("2 keys are revoked")
    context.close()
