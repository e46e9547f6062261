"""Signing up, a forgotten password and another address: by the form, the mail and its link, each page by every look."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PASSWORD, sign_out

ANOTHER = "one sentence of many words"
VERIFY = "Verify your address for Open Wearables"


@pytest.fixture
def window(browser, site, watch):
    """window() → a watched page of a browser that nobody used before."""
    contexts = []

    def window():
        contexts.append(browser.new_context(base_url=site.url, viewport={"width": 1280, "height": 800}))
        return watch.over(contexts[-1].new_page())

    yield window
    for context in contexts:
        context.close()


@pytest.fixture
def somebody(site):
    """somebody(email): a developer whose address is proved."""

    def somebody(email):
        code = (
            "from accounts.models import Developer; "
            f"Developer.objects.create_user({email!r}, {PASSWORD!r}, first_name='Rita')"
        )
        site.manage("shell", "--no-imports", "-c", code)
        return email

    return somebody


def sign_up(page, email, look=lambda page, name: None):
    """From the sign-in to the page that waits for the mail."""
    page.goto("/sign-in/")
    page.get_by_role("link", name="Sign up").click()
    expect(page.get_by_label("E-mail")).to_be_focused()
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill("short")
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_label("Password")).to_be_focused()
    expect(page.get_by_label("E-mail")).to_have_value(email)
    look(page, "sign-up-refused")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    look(page, "sign-up-sent")


def sign_in(page, email, password):
    page.goto("/sign-in/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_who_signs_up_proves_the_address_in_the_same_browser_by_one_button(site, owner, window, look_everywhere):
    email, page = "sam@example.com", window()
    sign_up(page, email, look_everywhere)
    page.goto(site.mailed_link(email, VERIFY))
    expect(page).to_have_url(f"{site.url}/verify/")
    expect(page.get_by_label("Password")).to_have_count(0)
    look_everywhere(page, "verify")
    page.get_by_role("button", name="Verify and sign in").click()
    expect(page.get_by_role("status")).to_contain_text("Your address is verified")
    expect(page.get_by_role("link", name="Make your first key")).to_be_visible()
    page.goto(site.mailed_link(email, VERIFY))
    expect(page.get_by_role("heading", name="This link is used or too old")).to_be_visible()
    look_everywhere(page, "verify-gone")


def test_who_opens_the_mail_in_another_browser_gives_the_password_too(site, owner, window, look_everywhere):
    email = "ada@example.com"
    sign_up(window(), email)
    page = window()
    page.goto(site.mailed_link(email, VERIFY))
    page.get_by_label("Password").fill("not the password at all")
    page.get_by_role("button", name="Verify and sign in").click()
    expect(page.get_by_label("Password")).to_be_focused()
    look_everywhere(page, "verify-elsewhere-refused")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Verify and sign in").click()
    expect(page.get_by_role("status")).to_contain_text("Your address is verified")


def test_who_forgot_the_password_sets_another_and_signs_in_with_it(site, window, somebody, look_everywhere):
    email, page = somebody("rita@example.com"), window()
    page.goto("/sign-in/")
    page.get_by_role("link", name="Forgotten your password?").click()
    look_everywhere(page, "forgotten")
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    look_everywhere(page, "forgotten-sent")
    link = site.mailed_link(email, "Set a new password")
    page.goto(link)
    page.get_by_label("New password", exact=True).fill(ANOTHER)
    page.get_by_label("New password again").fill("one sentence of other words")
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_label("New password again")).to_be_focused()
    look_everywhere(page, "reset-refused")
    page.get_by_label("New password", exact=True).fill(ANOTHER)
    page.get_by_label("New password again").fill(ANOTHER)
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_role("status").first).to_contain_text("every sign-in has ended")
    sign_in(page, email, PASSWORD)
    expect(page.locator(".errorlist")).to_be_visible()
    sign_in(page, email, ANOTHER)
    expect(page.get_by_role("heading", name="Keys")).to_be_visible()
    page.goto(link)
    expect(page.get_by_role("heading", name="This link is used or too old")).to_be_visible()
    look_everywhere(page, "reset-gone")


def test_another_address_counts_once_its_mail_is_opened(site, window, somebody, look_everywhere):
    email, wanted, page = somebody("emil@example.com"), "emil.new@example.com", window()
    sign_in(page, email, PASSWORD)
    page.get_by_role("link", name="Profile").click()
    form = page.get_by_role("region", name="E-mail")
    form.get_by_label("New e-mail").fill(wanted)
    form.get_by_label("Password").fill(PASSWORD)
    form.get_by_role("button", name="Change the e-mail").click()
    expect(page.get_by_text(f"{wanted} waits for you")).to_be_visible()
    look_everywhere(page, "profile-pending")
    page.goto(site.mailed_link(wanted, "Verify your new address"))
    look_everywhere(page, "email-change")
    page.get_by_role("button", name="Change it").click()
    expect(page.get_by_role("status")).to_contain_text(f"From now on you sign in as {wanted}")
    sign_out(page)
    sign_in(page, email, PASSWORD)
    expect(page.locator(".errorlist")).to_be_visible()
    sign_in(page, wanted, PASSWORD)
    expect(page.get_by_role("heading", name="Keys")).to_be_visible()
    page.goto(site.mailed_link(wanted, "Verify your new address"))
    expect(page.get_by_role("heading", name="This link is used or too old")).to_be_visible()
    look_everywhere(page, "email-change-gone")
