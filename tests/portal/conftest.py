"""Browsers, each signed in as one of the cast."""

import re

import pytest
from django.test import Client

from tests.conftest import PASSWORD


class Browser(Client):
    """A browser: follows nothing by itself, shows errors as pages."""

    def __init__(self, **extra):
        super().__init__(raise_request_exception=False, headers={"host": "127.0.0.1:8000"}, **extra)

    def sign_in(self, developer, password=PASSWORD, **extra):
        """Through the front door."""
        return self.post("/sign-in/", {"login": getattr(developer, "email", developer), "password": password, **extra})

    def number(self, path="/keys/new/"):
        """The hidden number of a fresh form."""
        return re.search(r'name="form" value="([^"]+)"', self.get(path).text)[1]

    def make(self, **fields):
        """Send the form of a new key."""
        wanted = {"name": "Server", "environment": "live", "access": "all", "expiry": "usual"}
        return self.post(
            "/keys/new/", {**wanted, "form": fields["form"] if "form" in fields else self.number(), **fields}
        )

    def messages(self):
        """What the next page says in its status."""
        return re.findall(r'<p class="message \w+">(.*?)</p>', self.get("/keys/").text)


@pytest.fixture
def browser_of():
    """browser_of(developer) → a browser in which they are signed in."""

    def browser_of(developer):
        browser = Browser()
        response = browser.sign_in(developer)
        assert response.status_code == 302, response.text
        return browser

    return browser_of


@pytest.fixture
def nobody(db):
    """A browser in which nobody is signed in."""
    return Browser()


@pytest.fixture
def anns(ann, browser_of):
    return browser_of(ann)


@pytest.fixture
def bobs(bob, browser_of):
    return browser_of(bob)


@pytest.fixture
def veras(vera, browser_of):
    return browser_of(vera)


@pytest.fixture
def key(ann):
    """A key of Ann's team."""
    return (
        type(ann)
        .objects.get(pk=ann.pk)
        .home_team.api_keys.issue(team=ann.home_team, by=ann, name="Ann's server", scopes=["users:read"])[0]
    )


def secret_in(response):
    """The whole key on the page that shows it once."""
    return re.search(r'id="key" class="secret">(ow_\w+)<', response.text)[1]


@pytest.fixture
def grow_old():
    """grow_old(developer): their password was given an hour ago."""
    from datetime import timedelta

    from django.utils import timezone

    from accounts.models import Session

    def grow_old(developer):
        Session.objects.of(developer).update(auth_time=timezone.now() - timedelta(hours=1))

    return grow_old


@pytest.fixture
def used(api, ann):
    """used(key, hours=2, calls=3): it was, so long ago, from 203.0.113.9 by “Job”."""
    from datetime import timedelta

    from django.utils import timezone

    from apikeys.models import LastUse, Outcome, RequestRecord, UsageHour
    from protocol.pruning import id_at

    def used(key, hours=2, calls=3, status=200, code="", rule=""):
        at = timezone.now() - timedelta(hours=hours)
        LastUse.objects.update_or_create(
            pk=key.pk, defaults={"first_used_at": at, "last_used_at": at, "ip": "203.0.113.9", "user_agent": "Job<1>"}
        )
        hour = at.replace(minute=0, second=0, microsecond=0)
        UsageHour.objects.create(key_id=key.pk, hour=hour, outcome=Outcome.of(status), count=calls)
        return RequestRecord.objects.create(
            id=id_at(at),
            request_id=f"req-{hours}",
            created_at=at,
            team_id=key.team_id,
            key_id=key.pk,
            method="GET",
            route="/api/v1/users",
            status=status,
            code=code,
            failed_rule=rule,
            ms=1.0,
            ip="203.0.113.9",
            user_agent="Job<1>",
        )

    return used


def focused(page):
    """The names of what takes the focus when the page opens."""
    return re.findall(r'name="(\w+)"[^>]* autofocus', page)


def edit(browser, key, **fields):
    key.refresh_from_db()
    wanted = {
        "seen": key.updated_at.isoformat(),
        "name": key.name,
        "scopes": key.scopes,
        "expiry": "keep",
        "allowed_ips": "\n".join(key.allowed_ips),
    }
    return browser.post(f"/keys/{key.pk}/edit/", {**wanted, **fields})
