"""ux.md, “alerts”: what was unusual, what to do, mute."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.alerts import count_new
from accounts.models import Alert, AlertMute, Membership, Team
from protocol.pages import encode_cursor
from tests.portal.conftest import Browser


@pytest.fixture
def alert(key):
    """Ann's key, used from a new network; what its making told is out of the way."""
    Alert.objects.all().delete()
    alert = Alert.of_today(
        team=key.team, kind="new_network", subject_id=key.pk, key_id=key.pk, detail="198.51.100.0/24"
    )
    alert.ip, alert.user_agent = "198.51.100.7", "Job<1>"
    alert.save()
    return alert


def test_it_says_what_was_unusual_where_and_what_to_do(anns, alert, key):
    page = anns.get("/alerts/").text
    for words in ("Used from a new network", "198.51.100.0/24", "Job&lt;1&gt;", "revoke the key", f"/keys/{key.pk}/"):
        assert words in page
    assert 'aria-current="page">Alerts' in page


def test_a_key_s_own_page_shows_its_latest(anns, alert, key):
    assert "a network that it was never used from before" in anns.get(f"/keys/{key.pk}/").text


def test_without_any_it_says_what_would_stand_here(anns):
    assert "Nothing unusual happened" in anns.get("/alerts/").text


@pytest.mark.parametrize(("what", "words"), [("key", "Muted<"), ("team", "Muted for the team")])
def test_mute_and_unmute(anns, alert, what, words):
    path = f"/alerts/{alert.pk}/mute/"
    assert anns.post(path, {"what": what}).status_code == 302
    assert AlertMute.objects.get().subject_id == (alert.key_id if what == "key" else alert.team_id)
    assert words in anns.get("/alerts/").text
    anns.post(path, {"what": "unmute"})
    assert not AlertMute.objects.exists()


def test_a_viewer_looks_and_mutes_nothing(veras, alert, ann):
    veras.post("/team/switch/", {"team": str(ann.home_team_id)})
    page = veras.get("/alerts/").text
    assert "Used from a new network" in page and "Mute for team" not in page
    assert veras.post(f"/alerts/{alert.pk}/mute/", {"what": "key"}).status_code == 403


def test_other_teams_alerts_do_not_exist(bobs, alert):
    assert "Used from a new network" not in bobs.get("/alerts/").text
    assert bobs.post(f"/alerts/{alert.pk}/mute/", {"what": "key"}).status_code == 404


def test_a_page_asks_no_question_for_each_alert(anns, alert, django_assert_max_num_queries):
    for number in range(5):
        about = {"team_id": alert.team_id, "subject_id": alert.key_id, "key_id": alert.key_id}
        Alert.objects.create(kind="in_url", day=f"2026-01-0{number + 1}", **about)
    with django_assert_max_num_queries(9):  # of which two count and note what is new
        assert anns.get("/alerts/").text.count("It stood in the address") == 5


def new_on(browser, path="/keys/"):
    """The number beside “Alerts” in the navigation of a page; 0 for none."""
    entry = re.search(r'<a href="/alerts/"[^>]*>Alerts(.*?)</a>', browser.get(path).text)[1]
    return re.sub(r"<[^>]+>", "", entry).strip() or 0


def test_every_page_says_how_many_alerts_are_new_until_they_are_looked_at(anns, alert):
    assert new_on(anns) == new_on(anns, "/security/") == "1 new"
    page = anns.get("/alerts/").text
    assert '<span class="badge warn">New</span>' in page
    assert new_on(anns) == new_on(anns, "/alerts/") == 0
    assert '<span class="badge warn">New</span>' not in anns.get("/alerts/").text
    Alert.of_today(team=alert.team, kind="in_url", subject_id=alert.key_id, key_id=alert.key_id).save()
    assert new_on(anns) == "1 new"


def test_what_one_has_seen_is_still_new_to_a_colleague_and_in_no_other_team(anns, veras, bobs, alert, ann, vera):
    anns.get("/alerts/")
    assert new_on(veras) == 0, "she looks at her own team"
    veras.post("/team/switch/", {"team": str(ann.home_team_id)})
    vera.memberships.update(created_at=timezone.now() - timedelta(days=1))
    assert new_on(veras) == "1 new"
    assert new_on(bobs) == 0


def test_what_came_before_one_joined_is_no_news(alert, ann, bob):
    joined = timezone.now() + timedelta(seconds=1)
    Membership.objects.create(team=ann.home_team, developer=bob, role="viewer", created_at=joined)
    browser = Browser()
    browser.sign_in(bob)
    browser.post("/team/switch/", {"team": str(ann.home_team_id)})
    assert new_on(browser) == 0
    page = browser.get("/alerts/").text
    assert "Used from a new network" in page and ">New<" not in page


def test_an_alert_that_is_written_late_is_new_all_the_same(anns, alert):
    anns.get("/alerts/")
    about = {"team": alert.team, "subject_id": alert.key_id, "key_id": alert.key_id}
    Alert.of_today(kind="in_url", created_at=timezone.now() - timedelta(hours=2), **about).save()
    assert new_on(anns) == "1 new"


def test_muted_alerts_are_not_counted(anns, alert):
    for what in ("key", "team"):
        anns.post(f"/alerts/{alert.pk}/mute/", {"what": what})
        assert new_on(anns) == 0
        anns.post(f"/alerts/{alert.pk}/mute/", {"what": "unmute"})
    assert new_on(anns) == "1 new"


def test_more_than_99_are_99_and_more_and_nobody_counts_them(anns, alert, ann):
    for number in range(120):
        Alert.of_today(team=alert.team, kind="in_url", subject_id=Alert().pk, detail=str(number)).save()
    assert new_on(anns) == "99+ new"
    assert count_new(Team.objects.for_browser(ann).get()) == 100


def test_looking_writes_only_when_something_is_new_and_a_page_asks_one_question_for_it(anns, alert):
    def asked(path):
        with CaptureQueriesContext(connection) as queries:
            anns.get(path)
        return [query["sql"] for query in queries if "alert" in query["sql"]]

    assert len([sql for sql in asked("/security/") if "accounts_alert" in sql]) == 1
    assert [sql for sql in asked("/alerts/") if sql.startswith("UPDATE")]
    assert not [sql for sql in asked("/alerts/") if sql.startswith("UPDATE")]


def test_turning_to_older_alerts_is_not_looking_at_the_new_ones(anns, alert):
    cursor = encode_cursor(alert)
    Alert.of_today(team=alert.team, kind="in_url", subject_id=alert.key_id, key_id=alert.key_id).save()
    anns.get(f"/alerts/?cursor={cursor}")
    assert new_on(anns) == "2 new"
