"""Who works in the admin: Olga may do everything, Sue is support with the permissions that a test gives her."""

import re

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.test import Client, RequestFactory
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.adapter import sign_in_browser
from accounts.models import AuditEvent, Developer, Session
from accounts.tokens import open_session
from apikeys.models import ApiKey, RequestRecord
from tests.conftest import PASSWORD
from wearables.models import EndUser

ADMIN = f"/{settings.ADMIN_PATH}"


class Browser(Client):
    """Somebody at the admin: pages by their path below it, verbs by their name."""

    def __init__(self, developer=None):
        super().__init__(raise_request_exception=False, HTTP_HOST="127.0.0.1:8000")
        if developer is not None:
            self.force_login(developer)
            request = RequestFactory(HTTP_HOST="127.0.0.1:8000").get("/")
            request.session = self.session
            sign_in_browser(request, developer)
            request.session.save()

    def page(self, path="", **query):
        return self.get(ADMIN + path, query)

    def press(self, name, *rows, **extra):
        """Press the verb of this name for these rows, on their list."""
        opts = rows[0]._meta
        data = {"action": name, "_selected_action": [str(row.pk) for row in rows], "index": "0", **extra}
        return self.post(f"{ADMIN}{opts.app_label}/{opts.model_name}/", data)

    def save(self, row, **fields):
        """Save the form of a row's page; without fields as it stands."""
        opts = row._meta
        inlines = {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}
        return self.post(f"{ADMIN}{opts.app_label}/{opts.model_name}/{row.pk}/change/", {**inlines, **fields})


@pytest.fixture
def olga(db):
    return Developer.objects.create_superuser("olga@example.com", PASSWORD, first_name="Olga")


@pytest.fixture
def at_admin(olga):
    """Olga's browser."""
    return Browser(olga)


@pytest.fixture
def sue(db):
    """sue("view_apikey", …): a browser of a staff member with just these permissions."""
    sue = Developer.objects.create_user("sue@example.com", PASSWORD, first_name="Sue", is_staff=True)

    def with_permissions(*codenames):
        found = Permission.objects.filter(codename__in=codenames).exclude(content_type__app_label="sessions")
        assert found.count() == len(codenames)
        sue.user_permissions.set(found)
        return Browser(sue)

    return with_permissions


@pytest.fixture
def key_and_text(ann):
    return ApiKey.objects.issue(team=ann.home_team, by=ann, name="Ann's server", scopes=["users:read"])


@pytest.fixture
def key(key_and_text):
    return key_and_text[0]


@pytest.fixture
def whole_key(key_and_text):
    return key_and_text[1]


@pytest.fixture
def end_user(ann):
    return EndUser.objects.register(
        team_id=ann.home_team_id, environment="live", by=ann, first_name="Eve", email="eve@example.com"
    )


@pytest.fixture
def ann_signed_in(ann):
    """Ann's session over the API."""
    return open_session(ann, RequestFactory().get("/"), Session.Kind.API)


@pytest.fixture
def asked(db):
    """asked(**fields) → the record of a request that was refused for its scope."""

    def asked(**fields):
        usual = {
            "id": uuid7(),
            "created_at": timezone.now(),
            "method": "POST",
            "route": "/api/v1/users",
            "status": 403,
            "code": "insufficient_scope",
            "failed_rule": "scope users:write",
            "ms": 1.25,
            "ip": "203.0.113.7",
            "user_agent": "probe/1",
        }
        fields = {**usual, **fields}
        return RequestRecord.objects.create(**{"request_id": str(fields["id"]), **fields})

    return asked


def said(response):
    """The messages that the next page shows."""
    return [str(message) for message in response.wsgi_request._messages]


def trail(action, target):
    """The audit events of one action on one row."""
    return list(AuditEvent.objects.filter(action=action, target_id=target.pk))


def inline_code(html):
    """Everything that a CSP without 'unsafe-inline' refuses."""
    found = re.findall(r"<style|\sstyle\s*=|javascript:", html, re.I)
    found += re.findall(r"<[a-z][^>]*\son[a-z]+\s*=", html, re.I)
    for attributes in re.findall(r"<script([^>]*)>", html, re.I):
        if "src=" not in attributes and "application/json" not in attributes:
            found.append(f"<script{attributes}>")
    return found
