"""The page of alerts as it is seen: wide and narrow, light and dark, and the number of new ones that leads to it."""

import pytest

from tests.browser.conftest import PASSWORD


@pytest.mark.parametrize("width", [1280, 360])
def test_alerts_can_be_read_and_muted(page, site, watch, look_twice, width):
    watch.over(page)
    owner = f"alba-{width}@example.com"  # of this test alone: what others ask makes alerts in their own teams
    page.set_viewport_size({"width": width, "height": 800})
    site.manage(
        "shell",
        "--no-imports",
        "-c",
        "from accounts.models import *; from apikeys.models import ApiKey; "
        f"team = Developer.objects.create_user({owner!r}, {PASSWORD!r}).home_team; "
        "key = ApiKey.objects.issue(team=team, by=None, name='Nightly export', environment='test')[0]; "
        "about = dict(team=team, subject_id=key.pk, key_id=key.pk, ip='198.51.100.7', user_agent='python-httpx/0.28'); "
        "[Alert.of_today(kind=kind, detail='198.51.100.0/24', **about).save() for kind in Alert.Kind.values[:8]]",
    )
    page.goto(f"{site.url}/sessions/")
    page.get_by_label("E-mail").fill(owner)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    look_twice(page, f"alerts-counted-{width}")
    page.get_by_role("link", name="Alerts 8 new").click()
    page.get_by_role("heading", name="Alerts").wait_for()
    assert page.get_by_text("New", exact=True).count() == 8
    look_twice(page, f"alerts-new-{width}")
    page.get_by_role("button", name="Mute “Sent in a URL” for Nightly export").click()
    page.get_by_text("is muted for this key").wait_for()
    look_twice(page, f"alerts-{width}")
    page.get_by_role("link", name="Nightly export").first.click()
    page.get_by_role("heading", name="Alerts").wait_for()
    look_twice(page, f"alerts-of-a-key-{width}")
