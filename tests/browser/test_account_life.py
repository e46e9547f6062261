"""ux.md, “people”, “audit” and “sessions”, and the end of an account: each page, by every look, without scripts too."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PASSWORD

LOOKS = [(1280, "light", True), (1280, "dark", False), (360, "light", False), (360, "dark", True)]


@pytest.fixture
def petra(site):
    """petra(name) → the e-mail of somebody new: a team of three people, Zoe one of them, and another sign-in."""

    def petra(name):
        code = f"""
from accounts.models import Developer, Session
from wearables.models import EndUser
petra = Developer.objects.create_user("{name}@example.com", {PASSWORD!r}, first_name="Petra")
for first in ("Max", "Zoe", "Tom"):
    EndUser.objects.register(team_id=petra.home_team_id, environment="live", by=petra, first_name=first)
Session.open(petra, Session.Kind.API, ("203.0.113.9", "curl/8.5"))
"""
        site.manage("shell", "--no-imports", "-c", code)
        return f"{name}@example.com"

    return petra


@pytest.mark.parametrize(("width", "scheme", "scripts"), LOOKS)
def test_people_audit_sessions_and_the_end_of_an_account(
    browser, site, petra, watch, look, width, scheme, scripts, tmp_path
):
    email = petra(f"petra-{width}-{scheme}")
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, java_script_enabled=scripts
    )
    page = watch.over(context.new_page())

    def see(name):
        if scripts:  # axe is one
            look(page, f"life-{name}-{width}-{scheme}")

    page.goto(f"{site.url}/sign-in/?next=/people/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()

    expect(page.get_by_text("3 people in the live environment")).to_be_visible()
    see("people")
    page.get_by_label("Name, e-mail or your id").fill("zo")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Zoe").click()
    see("person")
    page.get_by_role("link", name="Change").click()
    page.get_by_label("E-mail").fill("odd")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("E-mail")).to_be_focused()
    see("person-refused")
    page.get_by_label("E-mail").fill("zoe@example.com")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download their data").click()
    download.value.save_as(tmp_path / "zoe.json")
    assert json.loads((tmp_path / "zoe.json").read_text())["user"]["email"] == "zoe@example.com"
    page.get_by_role("link", name="What was done to their data").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    see("audit-of-one")
    page.go_back()
    page.get_by_role("link", name="Delete").click()
    see("person-delete")
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("2 people in the live environment")).to_be_visible()

    page.goto(f"{site.url}/audit/")
    expect(page.locator("tbody tr").nth(0)).to_contain_text("Deleted a person")
    see("audit")
    page.get_by_label("What", exact=True).select_option("user.changed")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    download.value.save_as(tmp_path / "audit.csv")
    assert "user.changed" in (tmp_path / "audit.csv").read_text()

    page.goto(f"{site.url}/sessions/")
    expect(page.locator("tbody tr").nth(0)).to_contain_text("This one")
    see("sessions")
    page.get_by_role("button", name="the sign-in of curl").click()
    expect(page.get_by_text("You are signed in nowhere else.")).to_be_visible()

    page.goto(f"{site.url}/profile/")
    see("profile")
    page.get_by_role("link", name="Delete my account").click()
    see("close")
    page.get_by_label("Your password").fill("not the password at all")
    page.get_by_role("button", name="Close my account").click()
    expect(page.get_by_label("Your password")).to_be_focused()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Close my account").click()
    expect(page.get_by_role("heading", name="Your account is closed")).to_be_visible()
    see("closed")
    code = (
        "from accounts import closing; from accounts.models import Developer; "
        f"print(closing.link_for(Developer.objects.get(email='{email}')))"
    )
    page.goto(f"{site.url}/keep-account/{site.manage('shell', '--no-imports', '-c', code)}/")
    see("keep")
    page.get_by_role("button", name="Keep my account").click()
    expect(page.get_by_text("Your account is open again.")).to_be_visible()
    see("kept")
    context.close()
