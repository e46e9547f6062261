"""What makes a key good is said twice, in SQL and on the hot path: both must say the same of every state."""

from datetime import timedelta
from itertools import product

import pytest
from django.utils import timezone

from accounts.models import Team
from apikeys import authentication, keys
from apikeys.models import ApiKey

EXPIRY = {"endless": None, "past": -1, "this very moment": 0, "future": 1}
STATES = list(product(EXPIRY, (False, True), (False, True), (False, True)))


@pytest.mark.parametrize(("expiry", "disabled", "revoked", "suspended"), STATES)
def test_the_query_and_the_hot_path_agree_with_the_rule(ann, expiry, disabled, revoked, suspended):
    now = timezone.now()
    _, text = ApiKey.objects.issue(team=ann.home_team, by=ann, scopes=["users:read"])
    seconds = EXPIRY[expiry]
    ApiKey.objects.update(
        expires_at=None if seconds is None else now + timedelta(seconds=seconds),
        disabled_at=now if disabled else None,
        revoked_at=now if revoked else None,
    )
    Team.objects.update(suspended_at=now if suspended else None)
    good = expiry in ("endless", "future") and not (disabled or revoked or suspended)
    assert ApiKey.objects.usable(now).exists() is good
    assert (authentication.why_unusable(authentication.find(keys.parse(text)), now) == "") is good


@pytest.mark.parametrize(("expiry", "disabled", "revoked"), list(product(EXPIRY, (False, True), (False, True))))
def test_the_status_shown_and_the_status_filter_agree(ann, expiry, disabled, revoked):
    now = timezone.now()
    seconds = EXPIRY[expiry]
    key, _ = ApiKey.objects.issue(team=ann.home_team, by=ann)
    ApiKey.objects.update(
        expires_at=None if seconds is None else now + timedelta(minutes=seconds),
        disabled_at=now if disabled else None,
        revoked_at=now if revoked else None,
    )
    key.refresh_from_db()
    found = [s for s in ("active", "disabled", "expired", "revoked") if ApiKey.objects.with_status(s).exists()]
    assert found == [key.status]


def test_a_key_in_words_shows_its_prefix_alone(ann):
    key, text = ApiKey.objects.issue(team=ann.home_team, by=ann, name="Server")
    assert str(key) == f"Server ({text[:20]})"
    assert text[21:] not in repr(key) + str(key)
