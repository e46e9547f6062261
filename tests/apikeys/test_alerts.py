"""Alerts: what is unusual about a key is written once a day, mailed to who keeps it, listed, and muted."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import alerts
from accounts.models import Alert, AuditEvent, Membership, Role, WaitingMail
from apikeys import hours, usage
from apikeys.models import ApiKey, KnownNetwork, LastUse, UsageHour

HOME, HOME_TOO, AWAY, FURTHER = "203.0.113.9", "203.0.113.77", "198.51.100.7", "192.0.2.1"
NOON = datetime(2026, 11, 25, 12, 20, tzinfo=UTC)
ANN = "ann@example.com"


@pytest.fixture(autouse=True)
def a_quiet_day(db):
    usage.flush()
    WaitingMail.objects.all().delete()


@pytest.fixture
def made(new_key):
    """made(**fields) → a key, whose own alert and mail are out of the way."""

    def made(**fields):
        key = new_key(**fields)
        Alert.objects.all().delete()
        WaitingMail.objects.all().delete()
        return key

    return made


@pytest.fixture
def use(api):
    """use(key, address, …): one call with it, written."""

    def use(key, address=HOME, call=("GET", "/users"), **headers):
        answer = api.with_key(key["key"]).call(*call, REMOTE_ADDR=address, HTTP_USER_AGENT="Job/1", **headers)
        assert usage.flush()
        return answer.status_code

    return use


def told():
    """[(kind, detail)] of every alert, the oldest first."""
    return list(Alert.objects.order_by("created_at", "pk").values_list("kind", "detail"))


def mailed():
    """[(recipient, subject)] of every mail that waits."""
    return list(WaitingMail.objects.order_by("recipient", "subject").values_list("recipient", "subject"))


# --- Kinds ------------------------------------------------------------------------------------------------------------
def test_the_first_use_of_a_key_is_no_news_and_a_second_network_is(made, use):
    key = made(name="Server")
    use(key, HOME)
    use(key, HOME_TOO)
    assert (told(), mailed()) == ([], [])
    use(key, AWAY)
    assert told() == [("new_network", "198.51.100.0/24")]
    assert mailed() == [(ANN, 'Used from a new network: the key "Server"')]
    body = WaitingMail.objects.get().body
    assert key["key_prefix"] in body and "Job/1" in body and f"/keys/{key['id']}/" in body
    assert key["key"][21:64] not in body
    seen = Alert.objects.get()
    assert (str(seen.key_id), seen.ip, seen.user_agent) == (key["id"], AWAY, "Job/1")


def test_an_ipv6_network_is_a_64(made, use):
    key = made()
    for address in ("2001:db8::1", "2001:db8::ffff", "2001:db8:0:1::1"):
        use(key, address)
    assert told() == [("new_network", "2001:db8:0:1::/64")]


def test_what_a_key_was_refused_from_is_no_network_of_its(made, use):
    key = made(allowed_ips=["203.0.113.0/24"])
    use(key, HOME)
    assert use(key, AWAY) == 403
    assert told() == [("outside_list", AWAY)]
    assert mailed() == [(ANN, 'Tried from outside its addresses: the key "Default"')]
    assert KnownNetwork.objects.get(key_id=key["id"]).network == "203.0.113.0/24"


def test_a_live_key_in_a_browser(made, use):
    use(made(), HTTP_ORIGIN="https://shop.example")
    assert told() == [("in_browser", "https://shop.example")]
    assert mailed() == [(ANN, 'Live key in a browser: the key "Default"')]


def test_a_test_key_in_a_browser_is_what_test_keys_are_for(made, use):
    use(made(environment="test"), HTTP_ORIGIN="https://shop.example")
    assert (told(), mailed()) == ([], [])


def test_over_plain_http_the_alert_is_the_mail_that_there_was(made, api):
    key = made()
    with override_settings(LOCAL_MODE=False):
        for _ in range(2):
            api.with_key(key["key"]).call("GET", "/users")
    assert told() == [("sent_in_clear", "")]
    assert mailed() == [(ANN, "A live API key was sent without HTTPS")]


@pytest.mark.parametrize("path", ["/users?api_key={}", "/users/{}", "/users?x=1&key=Bearer%20{}"])
def test_in_a_url(made, api, path, audited):
    key = made()
    for _ in range(2):
        assert api.call("GET", path.format(key["key"].replace("_", "%5F", 1))).status_code in (401, 404)
    assert told() == [("in_url", "")]
    assert mailed() == [(ANN, "A live API key was sent in a URL")]
    assert audited(key) == ["api_key.issued", "api_key.in_url"]


def test_a_forged_key_in_a_url_flags_nobody(made, api):
    from apikeys import keys

    key = made()
    forged = key["key"][:21] + keys.mint("live").text[21:64]
    api.call("GET", f"/users?api_key={forged}{keys.checksum(forged)}")
    assert told() == []


def test_the_first_use_after_thirty_silent_days(made, use):
    key = made()
    then = timezone.now() - timedelta(days=31)
    LastUse.objects.create(pk=key["id"], first_used_at=then, last_used_at=then, ip=HOME)
    use(key)
    use(key)
    assert told() == [("after_silence", f"{then:%Y-%m-%d}")]
    assert mailed() == [(ANN, 'Used again after 30 days: the key "Default"')]


def test_twenty_nine_days_are_a_holiday(made, use):
    key = made()
    then = timezone.now() - timedelta(days=29)
    LastUse.objects.create(pk=key["id"], first_used_at=then, last_used_at=then, ip=HOME)
    use(key)
    assert told() == []


def hourly(key, count, outcome="2xx", at=NOON):
    hour = at.replace(minute=0, second=0, microsecond=0)
    UsageHour.objects.update_or_create(key_id=key["id"], hour=hour, outcome=outcome, defaults={"count": count})


@pytest.mark.parametrize(("count", "expected"), [(200, []), (201, [("busy_hour", "201, usually 20")])])
def test_ten_times_its_usual_hour(made, time_machine, count, expected):
    key = made()
    time_machine.move_to(NOON, tick=False)
    for back in range(1, 25):
        hourly(key, 20, at=NOON - timedelta(hours=back))
    hourly(key, count)
    assert hours.watch_hours() == len(expected)
    assert hours.watch_hours() == 0
    assert told() == expected
    assert len(mailed()) == len(expected)


def test_a_key_without_a_habit_may_be_busy(made, time_machine):
    key = made()
    time_machine.move_to(NOON, tick=False)
    hourly(key, 1, at=NOON - timedelta(hours=1))
    hourly(key, 5000)
    assert hours.watch_hours() == 0


@pytest.mark.parametrize(("count", "expected"), [(50, []), (51, [("refused_often", "51")])])
def test_more_than_fifty_refusals_an_hour(made, manage_jobs, time_machine, count, expected):
    key = made()
    time_machine.move_to(NOON, tick=False)
    hourly(key, count - 20, "403")
    hourly(key, 20, "429")
    hourly(key, 30, "404")
    manage_jobs()
    manage_jobs()
    assert told() == expected
    assert [subject for _to, subject in mailed()] == ['Refused often: the key "Default"'] * len(expected)


@pytest.fixture
def manage_jobs():
    from django.core.management import call_command

    return lambda: call_command("run_jobs", "--only", "watch_hours")


def test_an_hour_that_just_ended_is_looked_at_once_more(made, time_machine):
    key = made()
    time_machine.move_to(NOON.replace(hour=0, minute=5), tick=False)
    hourly(key, 60, "403", at=NOON.replace(hour=0) - timedelta(hours=1))
    assert hours.watch_hours() == 1
    assert Alert.objects.get().day == NOON.date() - timedelta(days=1)


def test_a_replayed_refresh_is_an_alert_of_the_home_team(ann, api, as_ann, sign_in):
    token = sign_in(ann)["refresh_token"]
    later = api.call("POST", "/token/refresh", {"refresh_token": token}).json()["refresh_token"]
    api.call("POST", "/token/refresh", {"refresh_token": later})
    for _ in range(2):
        assert api.call("POST", "/token/refresh", {"refresh_token": token}).status_code == 401
    assert told() == [("session_replayed", "")]
    assert mailed() == [(ANN, "A sign-in of yours was ended")]
    found = as_ann.call("GET", "/alerts").json()
    assert [(seen["key"], seen["developer"]) for seen in found] == [(None, str(ann.pk))]


def test_a_new_live_key_and_a_rotated_one(as_ann, new_key):
    key = new_key()
    as_ann.call("POST", f"/api-keys/{key['id']}/rotate", {})
    new_key(environment="test")
    assert [kind for kind, _detail in told()] == ["key_made", "key_rotated"]
    assert [(to, subject[:21]) for to, subject in mailed()] == [(ANN, "A new live API key in")] * 2


# --- Once, and to whom ------------------------------------------------------------------------------------------------
def test_a_storm_is_one_mail(made, use):
    key = made(allowed_ips=["203.0.113.0/24"])
    for number in range(5):
        use(key, f"198.51.{number}.7")
    assert (len(told()), len(mailed())) == (1, 1)


def test_of_two_servers_at_the_same_moment_one_tells(made, ann):
    key = ApiKey.objects.get(pk=made()["id"])
    from apikeys import notices

    answers = [notices.unusual(key, Alert.Kind.NEW_NETWORK, detail="x") for _server in range(2)]
    assert (answers, len(told()), len(mailed())) == ([True, False], 1, 1)


def test_a_batch_that_is_tried_again_tells_once(made, api, monkeypatch):
    from django.db import OperationalError

    from apikeys.usage import watching

    key = made(allowed_ips=["203.0.113.0/24"])
    api.with_key(key["key"]).call("GET", "/users", REMOTE_ADDR=AWAY)
    with monkeypatch.context() as patch:

        def away(self):
            raise OperationalError("away")

        patch.setattr(watching.News, "write", away)
        assert not usage.flush()
    assert told() == []
    assert usage.flush()
    assert (len(told()), len(mailed())) == (1, 1)


def test_the_next_day_it_is_told_again(made, use, time_machine):
    key = made(allowed_ips=["203.0.113.0/24"])
    now = timezone.now()
    for days in (0, 1):
        time_machine.move_to(now + timedelta(days=days))
        use(key, AWAY)
    assert len(told()) == 2


def test_owners_and_the_maker_are_told_and_no_viewer(made, use, ann, bob, vera):
    Membership.objects.create(team=ann.home_team, developer=bob, role=Role.DEVELOPER)
    key = made()
    ApiKey.objects.filter(pk=key["id"]).update(created_by=bob)
    use(key, HTTP_ORIGIN="https://shop.example")
    assert [recipient for recipient, _subject in mailed()] == [ANN, "bob@example.com"]


def test_a_revoked_key_is_no_news(made, use, as_ann):
    key = made()
    as_ann.call("DELETE", f"/api-keys/{key['id']}")
    use(key, HTTP_ORIGIN="https://shop.example")
    assert told() == []


def test_a_key_that_was_in_use_when_alerts_came_is_learned_for_a_week(made, use, time_machine):
    key = made()
    now = timezone.now()
    KnownNetwork.objects.create(key_id=key["id"], network="", seen_on=now.date())
    for address in (HOME, AWAY):
        use(key, address)
    assert told() == []
    time_machine.move_to(now + timedelta(days=8))
    use(key, AWAY)
    use(key, FURTHER)
    assert told() == [("new_network", "192.0.2.0/24")]


def test_a_key_used_from_everywhere_is_not_watched_for_networks(made, use, monkeypatch):
    monkeypatch.setattr("apikeys.usage.watching.MOST_NETWORKS", 2)
    key = made()
    for address in (HOME, AWAY, FURTHER):
        use(key, address)
    assert told() == [("new_network", "198.51.100.0/24")]
    assert KnownNetwork.objects.filter(key_id=key["id"]).count() == 2


def test_a_key_at_its_usual_work_costs_the_flush_no_question_more(made, use, api):
    key = made()
    use(key)
    api.with_key(key["key"]).call("GET", "/users", REMOTE_ADDR=HOME)
    with CaptureQueriesContext(connection) as asked:
        assert usage.flush()
    said = " ".join(query["sql"] for query in asked.captured_queries)
    assert "apikeys_usagehour" in said
    assert not {"alert", "network", "SELECT"} & set(re.findall(r"alert|network|SELECT", said))


def test_an_alert_that_cannot_be_written_stops_no_usage(made, use, monkeypatch):
    monkeypatch.setattr("apikeys.notices.words_for", lambda alert: {}["broken"])
    key = made()
    use(key, HTTP_ORIGIN="https://shop.example")
    assert told() == []
    assert UsageHour.objects.filter(key_id=key["id"]).exists()


# --- Muted ------------------------------------------------------------------------------------------------------------
def test_a_muted_alert_is_listed_and_not_mailed(made, use, as_ann, time_machine):
    key = made(allowed_ips=["203.0.113.0/24"])
    use(key, AWAY)
    alert = as_ann.call("GET", "/alerts").json()[0]
    assert alert["muted"] is False
    for wanted in (True, True, False, False, True):
        assert as_ann.call("PATCH", f"/alerts/{alert['id']}", {"muted": wanted}).json()["muted"] is wanted
    assert list(
        AuditEvent.objects.filter(action__startswith="alert.").order_by("pk").values_list("action", flat=True)
    ) == [
        "alert.muted",
        "alert.unmuted",
        "alert.muted",
    ]
    WaitingMail.objects.all().delete()
    time_machine.move_to(timezone.now() + timedelta(days=1))
    use(key, AWAY)
    assert (len(told()), mailed()) == (2, [])


def test_a_mute_is_of_one_key_and_one_kind(made, use, ann):
    muted, other = made(), made()
    alerts.mute(team_id=ann.home_team_id, subject_id=muted["id"], kind="in_browser", by=ann)
    for key in (muted, other):
        use(key, HTTP_ORIGIN="https://shop.example")
    assert (len(told()), len(mailed())) == (2, 1)


def test_a_whole_team_mutes_a_kind_over_the_api(made, use, as_ann, ann, audited):
    key = made()
    body = {"team": str(ann.home_team_id), "kind": "in_browser"}
    first, again = (as_ann.call("POST", "/alert-mutes", body) for _ in range(2))
    assert (first.status_code, first.json()["key"]) == (201, None)
    assert first.json() == again.json()
    assert audited(first.json()) == ["alert.muted"]
    use(key, HTTP_ORIGIN="https://shop.example")
    assert (len(told()), mailed()) == (1, [])
    assert as_ann.call("GET", "/alerts").json()[0]["muted"] is True
    assert as_ann.call("GET", "/alert-mutes").json() == [first.json()]
    assert as_ann.call("DELETE", f"/alert-mutes/{first.json()['id']}").status_code == 204
    assert as_ann.call("GET", "/alert-mutes").json() == []


def test_that_a_key_was_revoked_is_mailed_even_when_muted(made, api, ann, settings):
    key = made()
    settings.REVOKE_KEYS_SENT_OVER_HTTP = True
    alerts.mute(team_id=ann.home_team_id, kind="sent_in_clear", by=ann)
    with override_settings(LOCAL_MODE=False):
        api.with_key(key["key"]).call("GET", "/users")
    assert "revoked at once" in WaitingMail.objects.get().body


# --- Listed -----------------------------------------------------------------------------------------------------------
def test_the_list_is_filtered_and_goes_on_by_its_link(new_key, as_ann, ann):
    first, second = new_key(), new_key()
    team = f"team={ann.home_team_id}"
    answer = as_ann.call("GET", f"/alerts?{team}&limit=1")
    assert [seen["key"] for seen in answer.json()] == [second["id"]]
    following = answer["Link"].partition("<")[2].partition(">")[0].partition("/api/v1")[2]
    assert [seen["key"] for seen in as_ann.call("GET", following).json()] == [first["id"]]
    assert [seen["key"] for seen in as_ann.call("GET", f"/alerts?key={first['id']}").json()] == [first["id"]]
    assert as_ann.call("GET", "/alerts?kind=in_url").json() == []


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({}, [("#/kind", "required")]),
        (
            {"kind": "all", "key": "0192f1aa-0000-7000-8000-000000000000"},
            [("#/key", "not_found"), ("#/kind", "invalid_choice")],
        ),
    ],
)
def test_a_mute_says_what_it_is_about(as_ann, faults_at, body, faults):
    assert sorted(faults_at(as_ann.call("POST", "/alert-mutes", body))) == faults


def test_a_list_asks_no_question_for_each_alert(new_key, as_ann, django_assert_max_num_queries):
    for _ in range(3):
        new_key()
    with django_assert_max_num_queries(3):
        assert len(as_ann.call("GET", "/alerts").json()) == 3
