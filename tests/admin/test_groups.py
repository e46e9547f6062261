"""The groups that a migration makes: what support and operators may do, and what neither may."""

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.admin import site
from django.contrib.auth.models import Group, Permission

from accounts.admin.group import permissions_on
from accounts.models import Developer
from tests.admin.conftest import Browser
from tests.conftest import PASSWORD


@pytest.fixture
def groups(db):
    """Made by the migration; made again where a test with transactions of its own emptied the tables."""
    import_module("openwearables.migrations.0001_operator_groups").make_groups(apps, None)


@pytest.fixture
def in_group(groups):
    """in_group(name) → the browser of a member of staff who is in that group alone."""

    def in_group(name):
        sue = Developer.objects.create_user("sue@example.com", PASSWORD, first_name="Sue", is_staff=True)
        sue.groups.add(Group.objects.get(name=name))
        return Browser(sue)

    return in_group


def test_support_sees_and_ends_and_does_nothing_else(in_group, key, end_user, ann):
    support = in_group("support")
    for noun in (
        "apikeys/apikey",
        "accounts/developer",
        "accounts/session",
        "accounts/auditevent",
        "wearables/enduser",
    ):
        assert support.page(f"{noun}/").status_code == 200, noun
    support.press("disable", key)
    support.press("disable", ann, sure="yes")
    support.press("erase", end_user, sure="yes")
    key.refresh_from_db()
    ann.refresh_from_db()
    assert (key.status, ann.is_active, type(end_user).objects.count()) == ("active", True, 1)
    support.press("revoke", key, sure="yes")
    key.refresh_from_db()
    assert key.status == "revoked"


def test_operators_also_disable_and_suspend(in_group, key, ann):
    operators = in_group("operators")
    operators.press("suspend", key.team)
    operators.press("disable", ann, sure="yes")
    key.team.refresh_from_db()
    ann.refresh_from_db()
    assert (key.team.suspended_at is not None, ann.is_active) == (True, False)


@pytest.mark.parametrize("name", ["support", "operators"])
def test_neither_may_write_rights(in_group, name):
    browser = in_group(name)
    assert browser.page("auth/group/").status_code == 403
    assert browser.page("auth/group/add/").status_code == 403


def test_the_permissions_are_django_s_own_and_each_opens_something(groups):
    given = Permission.objects.filter(group__name__in=["support", "operators"]).distinct()
    assert set(given) <= set(permissions_on(site))
    assert Permission.objects.filter(codename="view_apikey").count() == 1
