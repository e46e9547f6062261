"""`first_owner_link`."""

import pytest

from accounts import owner_link

pytestmark = pytest.mark.django_db


def test_it_prints_one_link_of_this_site_while_nobody_can_sign_in(manage, settings, client):
    said = manage("first_owner_link")
    assert said.out.startswith(f"{settings.SITE_URL}/")
    assert said.out.count("\n") == 1
    token = said.out.strip().rstrip("/").rpartition("/")[2]
    assert owner_link.verify(token)


def test_it_prints_nothing_once_there_is_a_developer(manage, ann):
    said = manage("first_owner_link")
    assert said.out == said.err == ""
