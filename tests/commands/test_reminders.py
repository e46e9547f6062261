"""The mails of `run_jobs` before something is missed: keys that end soon, and keys that nobody uses."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import WaitingMail
from apikeys import notices, reminders
from apikeys.models import ApiKey, LastUse, Reminder

ANN = "ann@example.com"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
def key_of(ann):
    """key_of(days, **fields) → a key of Ann's team, made 40 days ago, that ends in so many days."""

    def key_of(days=None, made=40, **fields):
        end = timezone.now() + timedelta(days=days) if days else None
        key, _text = ApiKey.objects.mint_row(
            team=ann.home_team, by=ann, session=None, name="Server", expires_at=end, **fields
        )
        ApiKey.objects.filter(pk=key.pk).update(created_at=timezone.now() - timedelta(days=made))
        return key

    return key_of


@pytest.fixture
def reminded(manage, time_machine, mailoutbox):
    """reminded(days=0) → [(recipient, subject)] that the job mailed so many days later."""
    time_machine.move_to(NOW, tick=False)

    def reminded(days=0):
        time_machine.move_to(NOW + timedelta(days=days), tick=False)
        WaitingMail.objects.all().delete()
        manage("run_jobs", "--only", "remind")
        return list(WaitingMail.objects.order_by("subject").values_list("recipient", "subject"))

    return reminded


@pytest.mark.parametrize("environment", ["live", "test"])
def test_a_key_is_told_of_seven_days_and_one_day_before_its_end_once_each(reminded, key_of, environment):
    key_of(8, environment=environment)
    LastUse.objects.create(pk=ApiKey.objects.get().pk, first_used_at=NOW, last_used_at=NOW)
    week, day = (
        [(ANN, 'The key "Server" stops working in 7 days')],
        [(ANN, 'The key "Server" stops working within a day')],
    )
    assert [reminded(days) for days in (0, 1, 1.5, 6.9, 7, 7.5, 9)] == [[], week, [], [], day, [], []]


def test_after_a_pause_only_the_nearer_one_goes(reminded, key_of):
    key_of(8)
    assert reminded(7.5) == [(ANN, 'The key "Server" stops working within a day')]


def test_another_end_is_told_of_anew(reminded, key_of):
    key = key_of(6)
    assert len(reminded()) == 1
    ApiKey.objects.filter(pk=key.pk).update(expires_at=NOW + timedelta(days=5))
    assert (len(reminded()), len(reminded())) == (1, 0)


@pytest.mark.parametrize("state", ["revoked", "disabled", "suspended", "rotated", "made for two days"])
def test_whose_end_is_no_news_is_not_told_of(reminded, key_of, ann, state):
    key = key_of(5, made=0.01 if state == "made for two days" else 40)
    if state == "rotated":
        key.rotate(by=ann)
    elif state == "suspended":
        ann.home_team.suspend(by=None)
    elif state != "made for two days":
        {"revoked": key.revoke, "disabled": key.disable}[state](by=ann)
    assert reminded() == []


def test_two_servers_remind_once(reminded, key_of):
    """What one has written, the other's INSERT stumbles over, with its mail."""
    key = key_of(5)
    Reminder.objects.create(subject_id=key.pk, what="expires_7", about=key.expires_at, sent_at=NOW)
    assert reminded() == []


def test_another_server_that_ends_the_month_at_the_same_moment_is_no_failure(reminded, key_of, monkeypatch):
    month = NOW.replace(day=1, hour=0)
    told = notices.keys_unused

    def and_the_other_ends(*args):
        told(*args)
        Reminder.objects.create(subject_id=reminders.EVERYBODY, what="unused", about=month, sent_at=NOW)

    monkeypatch.setattr(notices, "keys_unused", and_the_other_ends)
    key_of(made=100)
    assert len(reminded()) == 1


def test_unused_keys_are_listed_to_owners_once_a_month(reminded, key_of, bob, vera):
    for made in (100, 95, 30):
        key_of(made=made)
    used = key_of(made=300)
    LastUse.objects.create(pk=used.pk, first_used_at=NOW - timedelta(days=200), last_used_at=NOW - timedelta(days=10))
    (mail,) = reminded()
    assert mail[0] == ANN and mail[1].startswith("Keys of ")
    body = WaitingMail.objects.get().body
    assert body.count("never used") == 2 and "/keys/?use=unused" in body
    assert [len(reminded(days)) for days in (0, 5, 6, 7)] == [0, 0, 1, 0]


def test_a_long_list_of_unused_keys_is_cut(reminded, key_of, monkeypatch):
    monkeypatch.setattr("apikeys.reminders.MOST_NAMED", 1)
    for _ in range(3):
        key_of(made=100)
    reminded()
    assert "and 2 more" in WaitingMail.objects.get().body


def test_revoked_and_disabled_keys_are_nobody_s_worry(reminded, key_of, ann):
    key_of(made=100).revoke(by=ann)
    key_of(made=100).disable(by=ann)
    assert reminded() == []
