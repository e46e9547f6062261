"""Passkeys by a virtual authenticator (CDP), and the pages of second factors as they look."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PASSWORD, Watch, sign_out
from tests.codes import app_code

SIZES = [(1280, "light"), (360, "dark")]


@pytest.fixture
def home(site):
    """The site by a name, for browsers make no passkey for a number."""
    return site.url.replace("127.0.0.1", "localhost")


@pytest.fixture
def person(site, request):
    """A developer of this test's own."""
    email = f"{abs(hash(request.node.name))}@example.com"
    code = (
        "from accounts.models import Developer; "
        f"Developer.objects.create_user({email!r}, {PASSWORD!r}, first_name='Pia')"
    )
    site.manage("shell", "--no-imports", "-c", code)
    return email


@pytest.fixture
def page_at(browser, home):
    """page_at(width, scheme) → a watched page of a new context; at the end nothing was complained about."""
    watches, contexts = [], []

    def page_at(width=1280, scheme="light", **options):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, base_url=home, **options
        )
        contexts.append(context)
        watches.append(Watch(home))
        return watches[-1].over(context.new_page())

    yield page_at
    for context in contexts:
        context.close()
    assert [complaint for watch in watches for complaint in watch.complaints] == []


def give_device(page):
    """A device with a fingerprint reader that always says yes; answers how CDP calls it."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    return cdp, cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]


def password_step(page, person):
    page.goto("/sign-in/")
    page.get_by_label("E-mail").fill(person)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_a_passkey_is_made_opens_alone_and_as_second_step_and_confirms(page_at, person, site, look, width, scheme):
    def see(name):
        look(page, f"30-{name}-{width}-{scheme}")

    page = page_at(width, scheme)
    cdp, device = give_device(page)
    password_step(page, person)
    page.goto("/security/")
    see("security-off")
    page.get_by_role("link", name="Set up a passkey").click()
    expect(page.get_by_role("button", name="Make the passkey")).to_be_visible()
    see("passkey-add")
    page.get_by_label("Name").fill("Laptop")
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    expect(page.get_by_text("Your passkey is set up")).to_be_visible()
    see("recovery-codes")
    code = page.locator("#codes").text_content().splitlines()[0]
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as text").click()
    assert code in download.value.path().read_text()
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_text("10 recovery codes are left")).to_be_visible()
    see("security-on")
    page.get_by_role("link", name="Rename Laptop").click()
    see("passkey-rename")
    page.get_by_label("Name").fill("Work laptop")
    page.get_by_role("button", name="Save the name").click()
    expect(page.get_by_role("rowheader", name="Work laptop")).to_be_visible()

    sign_out(page)
    page.goto("/sign-in/")
    see("sign-in")
    page.get_by_role("button", name="Use a passkey instead").click()
    expect(page.get_by_role("heading", name="Keys")).to_be_visible()

    sign_out(page)
    password_step(page, person)
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    see("second-step")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Keys")).to_be_visible()

    grow_old(site, person)
    page.goto("/security/api-session/")
    expect(page.get_by_role("heading", name="Confirm it is you")).to_be_visible()
    see("confirm")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Make an API session")).to_be_visible()
    see("api-session")
    page.get_by_role("button", name="Make the session").click()
    expect(page.get_by_role("heading", name="Your API session")).to_be_visible()
    see("api-session-made")

    page.goto("/security/")
    page.get_by_role("link", name="Remove Work laptop").click()
    see("passkey-remove")
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("Off", exact=True)).to_be_visible()
    cdp.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": device})


def grow_old(site, person):
    code = (
        "from datetime import timedelta; from django.utils import timezone; from accounts.models import Session; "
        f"Session.objects.filter(developer__email={person!r}).update(auth_time=timezone.now() - timedelta(hours=1))"
    )
    site.manage("shell", "--no-imports", "-c", code)


def test_a_device_that_has_a_passkey_already_is_told_so(page_at, person):
    page = page_at()
    give_device(page)
    password_step(page, person)
    for name in ("Laptop", "Laptop once more"):
        page.goto("/security/passkeys/new/")
        page.get_by_label("Name").fill(name)
        page.get_by_role("button", name="Make the passkey").click()
        if name == "Laptop":
            page.get_by_role("link", name="Done").click()
    expect(page.get_by_text("This device has a passkey of yours already")).to_be_visible()


def test_a_passkey_of_another_device_opens_nothing(page_at, person):
    page = page_at()
    give_device(page)
    password_step(page, person)
    page.goto("/security/passkeys/new/")
    page.get_by_label("Name").fill("Laptop")
    page.get_by_role("button", name="Make the passkey").click()
    page.get_by_role("link", name="Done").click()

    thief = page_at()
    give_device(thief)
    password_step(thief, person)
    thief.get_by_role("button", name="Use a passkey").click()
    expect(thief.get_by_text("Your browser made nothing of it")).to_be_visible()
    thief.goto("/keys/")
    expect(thief.get_by_role("heading", name="Keys")).not_to_be_visible()


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_an_app_is_set_up_and_signs_in_without_javascript(page_at, person, look, width, scheme):
    page = page_at(width, scheme, java_script_enabled=False)
    password_step(page, person)
    page.goto("/security/")
    page.get_by_role("link", name="Set up an authenticator app").click()
    secret = page.locator("#secret").text_content().replace(" ", "")
    page.get_by_label("Code").fill(app_code(secret))
    page.get_by_role("button", name="Turn it on").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    sign_out(page)
    password_step(page, person)
    page.get_by_label("Code").fill(app_code(secret, ahead=1))  # no code works twice
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Keys")).to_be_visible()


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_the_page_of_an_app_looks_well(page_at, person, look, width, scheme):
    page = page_at(width, scheme)
    password_step(page, person)
    page.goto("/security/app/")
    look(page, f"31-app-add-{width}-{scheme}")
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Turn it on").click()
    expect(page.locator(".errorlist")).to_be_visible()
    expect(page.get_by_label("Code")).to_be_focused()
    look(page, f"31-app-refused-{width}-{scheme}")
