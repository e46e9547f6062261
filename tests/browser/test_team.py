"""ux.md, “team”: members, roles, invitations, what a leaving member leaves behind; and joining by the mail's link."""

import re
import secrets

import pytest
from playwright.sync_api import expect

from tests.browser.test_keys import enter

PEOPLE = """
from datetime import timedelta
from django.utils import timezone
from accounts.models import Developer, Invitation, Membership
from accounts.models.invitation import digest_of
from apikeys.models import ApiKey
olga = Developer.objects.get(email="olga@example.com")
team = olga.home_team
Membership.objects.filter(team=team).exclude(developer=olga).delete()
Invitation.objects.all().delete()
ApiKey.objects.filter(team=team).delete()
for name, role in (("Cleo", "admin"), ("Vera", "viewer")):
    who, made = Developer.objects.get_or_create(
        email=f"{name.lower()}@example.com", defaults={"first_name": name, "last_name": "Something-Long"})
    Membership.objects.create(team=team, developer=who, role=role)
    ApiKey.objects.issue(team=team, by=who, name=f"Server of {name}", scopes=["users:read"])
for email, digest, late in (("NEW@example.com", digest_of("TOKEN"), 7), ("late@example.com", "x", -1)):
    Invitation.objects.create(team=team, email=email.lower(), role="developer", digest=digest, invited_by=olga,
        expires_at=timezone.now() + timedelta(days=late))
"""


@pytest.fixture
def token(site, owner):
    """The token of an invitation to somebody new; another one waits too long, and two people are in the team."""
    token = secrets.token_hex(32)
    code = PEOPLE.replace("TOKEN", token).replace("NEW@", f"new-{token[:6]}@")
    site.manage("shell", "--no-imports", "-c", code)
    return token


@pytest.mark.parametrize(
    ("width", "scheme", "scripts"), [(1280, "light", False), (1280, "dark", True), (360, "light", True)]
)
def test_a_team_is_looked_after_and_joined(browser, site, owner, token, watch, look, width, scheme, scripts):
    window = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    window["java_script_enabled"] = scripts
    see = look if scripts else lambda page, name: None  # axe is a script
    name = f"{width}-{scheme}"

    context = browser.new_context(**window)
    page = watch.over(context.new_page())
    enter(page, site, owner, "/team/")
    expect(page.get_by_role("heading", name="Members")).to_be_visible()
    see(page, f"team-{name}")
    page.get_by_label("E-mail").fill("guest@example.com")
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_role("status")).to_contain_text("A mail is on its way to guest@example.com")
    page.get_by_role("button", name="Take back late@example.com").click()
    expect(page.get_by_role("status")).to_contain_text("is taken back")
    page.get_by_role("link", name="Remove Cleo").click()
    see(page, f"member-remove-{name}")
    page.get_by_role("radio", name=re.compile("Revoke them now")).check()
    page.get_by_role("button", name="Remove from the team").click()
    expect(page.get_by_role("status")).to_contain_text("Cleo Something-Long is no longer in")
    page.goto(f"{site.url}/team/new/")
    see(page, f"team-new-{name}")
    context.close()

    context = browser.new_context(**window)
    page = watch.over(context.new_page())
    page.goto(f"{site.url}/invitations/accept/{token}/")
    expect(page).to_have_url(f"{site.url}/invitations/accept/")
    see(page, f"join-{name}")
    page.get_by_label("Password", exact=True).fill("a few words in a row")
    page.get_by_label("Password again").fill("a few words in a row")
    page.get_by_role("button", name="Make the account and join").click()
    expect(page.get_by_role("status")).to_contain_text("Welcome to")
    page.goto(f"{site.url}/invitations/accept/")
    expect(page.get_by_role("heading", name="This invitation is not good any more")).to_be_visible()
    see(page, f"invitation-gone-{name}")
    context.close()
