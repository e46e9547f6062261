"""The pages about keys."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.html import escape

from accounts.models import AuditEvent
from apikeys.models import ApiKey
from protocol.counters import reset_counters
from tests.portal.conftest import secret_in


def test_an_empty_list_has_one_sentence_one_button_one_link(anns):
    page = anns.get("/keys/").text
    assert "Make your first key" in page
    assert "<table" not in page


def test_a_new_key_is_shown_in_the_answer_itself_and_opens_the_api(anns, api, ann):
    response = anns.make(name="Dashboard", access="read")
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    assert response["Referrer-Policy"] == "no-referrer"
    assert "You will not see it again" in response.text
    text = secret_in(response)
    assert f">export OW_API_KEY={text}<" in response.text
    assert "/api/v1/users<" in response.text
    itself = api.with_key(text).call("GET", "/api-keys/self").json()
    assert itself["name"] == "Dashboard"
    assert itself["scopes"] == ["users:read", "data:read"]
    assert ApiKey.objects.get().created_in == ann.sessions.get()


def test_a_key_that_may_not_read_users_is_tried_on_itself(anns):
    assert "/api/v1/api-keys/self<" in anns.make(access="chosen", scopes=["data:read"]).text


def test_the_whole_key_is_nowhere_but_in_that_answer(anns):
    response = anns.make()
    text = secret_in(response)
    key = ApiKey.objects.get()
    secret = text.rpartition("_")[2]
    assert secret not in str(response.headers) + str(response.cookies)
    assert secret not in str(dict(anns.session.items()))
    for path in ("/keys/", f"/keys/{key.pk}/", f"/keys/{key.pk}/edit/", f"/keys/{key.pk}/rotate/"):
        assert secret not in anns.get(path).text


def test_a_form_that_is_sent_twice_makes_one_key(anns):
    number = anns.number()
    fields = {"name": "Once", "environment": "live", "access": "all", "expiry": "usual", "form": number}
    assert anns.post("/keys/new/", fields).status_code == 200
    again = anns.post("/keys/new/", fields)
    assert again.url == "/keys/"
    assert "sent already" in anns.messages()[0]
    assert ApiKey.objects.count() == 1


def test_a_form_stays_spent_after_a_restart_and_for_a_session_that_was_read_before(anns):
    number, before = anns.number(), dict(anns.session)
    anns.make(form=number)
    reset_counters()
    assert anns.make(form=number).url == "/keys/"
    session = anns.session
    session.update(before)
    session.save()
    assert anns.make(form=number).status_code == 200
    session.update(before)
    session.save()
    assert anns.make(form=number).url == "/keys/"


@pytest.mark.parametrize("number", ["", "made-up", "0" * 5000])
def test_a_form_of_ones_own_making_makes_nothing(anns, number):
    assert anns.make(form=number).url == "/keys/"
    assert not ApiKey.objects.exists()


def test_a_form_that_was_refused_can_be_sent_again(anns):
    number = anns.number()
    assert "This field is required" in anns.make(name="", form=number).text
    assert anns.make(form=number).status_code == 200
    assert ApiKey.objects.count() == 1


def test_no_scope_is_chosen_for_you(anns):
    page = anns.get("/keys/new/").text
    access = page[page.index('id="id_access"') : page.index('id="id_expiry"')]
    assert "checked" not in access
    assert "This field is required" in anns.make(access="").text
    assert "Choose at least one" in anns.make(access="chosen").text
    assert "You ticked single scopes too" in anns.make(access="all", scopes=["users:read"]).text
    assert not ApiKey.objects.exists()


def test_only_the_chosen_scopes_are_given(anns):
    anns.make(access="chosen", scopes=["data:read", "users:write"])
    assert ApiKey.objects.get().scopes == ["users:write", "data:read"]


@pytest.mark.parametrize(
    ("environment", "expiry", "days"),
    [("live", "usual", None), ("test", "usual", 90), ("test", "never", None), ("live", str(30 * 86400), 30)],
)
def test_the_presets_end_a_key_when_they_say(anns, environment, expiry, days):
    anns.make(environment=environment, expiry=expiry)
    end = ApiKey.objects.get().expires_at
    if days is None:
        assert end is None
    else:
        assert abs(end - timezone.now() - timedelta(days=days)) < timedelta(minutes=1)


def test_a_chosen_day_is_the_last(anns):
    day = (timezone.now() + timedelta(days=10)).date()
    anns.make(expiry="custom", expires_on=day.isoformat())
    assert ApiKey.objects.get().expires_at.isoformat() == f"{day + timedelta(days=1)}T00:00:00+00:00"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"expiry": "custom"}, "Choose the day"),
        ({"expiry": "custom", "expires_on": "2020-01-01"}, "in the past"),
        ({"expiry": "custom", "expires_on": "9999-12-31"}, "Enter a valid date|At most 100 years"),
        ({"expiry": "custom", "expires_on": "soon"}, "Enter a valid date"),
        ({"expiry": "12345"}, "Select a valid choice"),
        ({"allowed_ips": "10.0.0.1/8"}, "Line 1: There are bits behind the prefix: did you mean 10.0.0.0/8"),
        ({"allowed_ips": "::ffff:10.1.2.3/104"}, "did you mean 10.0.0.0/8"),
        ({"allowed_ips": "banana"}, "Line 1: Not an address"),
        ({"allowed_ips": "10.0.0.0/8\nhere"}, "Line 2: Not an address"),
        ({"allowed_ips": "\n".join(f"10.0.0.{i}" for i in range(60))}, "no more than 50"),
        ({"calls": "5"}, "Say both numbers"),
        ({"calls": "99999999", "per_seconds": "1"}, "less than or equal|ask an operator"),
        ({"calls": "100000", "per_seconds": "60"}, "ask an operator"),
        ({"calls": "-1", "per_seconds": "x"}, "Ensure this value"),
        ({"name": "a\u202eb"}, "Control and bidirectional"),
        ({"name": "a\0b"}, "Null characters"),
        ({"name": "x" * 101}, "at most 100"),
        ({"environment": "moon"}, "Select a valid choice"),
    ],
)
def test_the_rules_of_the_api_hold_in_the_form(anns, fields, said):
    response = anns.make(**fields)
    assert response.status_code == 200
    assert re.search(said, response.text), response.text
    assert not ApiKey.objects.exists()


def test_all_faults_of_a_new_key_show_at_once_and_the_first_has_the_focus(anns):
    page = anns.make(name="", access="", expiry="custom", allowed_ips="banana", calls="5").text
    assert page.count("This field is required") == 2
    assert "Choose the day" in page
    assert "Line 1: Not an address" in page
    assert "Say both numbers" in page
    assert focused(page) == ["name"]
    assert re.search(
        r'<input type="text" name="name"[^>]* aria-invalid="true"[^>]* aria-describedby="[^"]*_error"', page
    )
    assert not ApiKey.objects.exists()


def test_of_several_choices_only_the_first_has_the_focus(anns):
    assert focused(anns.make(access="").text) == ["access"]
    assert focused(anns.make(access="chosen").text) == ["scopes"]


def focused(page):
    """The names of what takes the focus when the page opens."""
    return re.findall(r'name="(\w+)"[^>]* autofocus', page)


def test_a_fault_of_the_whole_form_takes_the_focus(anns, settings):
    settings.API_KEYS_PER_TEAM = 1
    anns.make()
    page = anns.make().text
    assert page.count("autofocus") == 1
    assert re.search(r"<div [^>]*autofocus>\s*<ul class=\"errorlist nonfield", page)


def test_addresses_and_a_limit_are_kept(anns):
    anns.make(allowed_ips="203.0.113.7, 2001:db8::/32\n", calls="10", per_seconds="60")
    key = ApiKey.objects.get()
    assert key.allowed_ips == ["203.0.113.7", "2001:db8::/32"]
    assert key.limit == (10, 60)


def test_ones_own_address_is_added_without_a_script_and_without_making_anything(anns):
    page = anns.make(add_address="1", name="", allowed_ips="203.0.113.7").text
    assert re.search(r">\s*203\.0\.113\.7\n127\.0\.0\.1</textarea>", page)
    assert "This field is required" not in page
    assert not ApiKey.objects.exists()


def test_ones_own_address_is_added_to_a_key_that_exists_without_changing_it(anns, key):
    page = edit(anns, key, add_address="1", allowed_ips="203.0.113.7", name="Half typed").text
    assert re.search(r">\s*203\.0\.113\.7\n127\.0\.0\.1</textarea>", page)
    assert 'value="Half typed"' in page
    assert f'value="{key.updated_at.isoformat()}"' in page
    key.refresh_from_db()
    assert (key.name, key.allowed_ips) == ("Ann's server", [])


def test_both_forms_say_the_usual_limit(anns, key, settings):
    settings.API_KEY_RATE_LIMIT = (77, 33)
    for path in ("new/", f"{key.pk}/edit/"):
        assert "Empty: the usual 77 calls in 33 seconds." in anns.get(f"/keys/{path}").text


def test_all_faults_of_a_change_show_at_once(anns, key):
    page = edit(anns, key, name="", scopes=[], allowed_ips="banana").text
    for said in ("This field is required", "Choose at least one", "Line 1: Not an address"):
        assert said in page
    assert focused(page) == ["name"]


def test_a_team_with_all_its_keys_says_so(anns, settings):
    settings.API_KEYS_PER_TEAM = 1
    anns.make()
    assert "This team has 1 keys already" in anns.make().text
    assert ApiKey.objects.count() == 1


def test_an_old_sign_in_is_asked_for_the_password_and_nothing_typed_is_lost(anns, ann, grow_old):
    number = anns.number()
    grow_old(ann)
    assert anns.get("/keys/new/").url == "/confirm/?next=%2Fkeys%2Fnew%2F"
    assert anns.make(form=number, name="Typed before").url == "/confirm/?next=%2Fkeys%2Fnew%2F"
    assert not ApiKey.objects.exists()
    assert anns.post("/confirm/", {"next": "/keys/new/", "password": "wrong wrong wrong"}).status_code == 200
    assert anns.get("/keys/new/").status_code == 302
    assert (
        anns.post("/confirm/", {"next": "/keys/new/", "password": "correct horse battery staple"}).url == "/keys/new/"
    )
    assert "Typed before" in anns.get("/keys/new/").text
    assert "Typed before" not in anns.get("/keys/new/").text
    assert anns.make().status_code == 200


def test_an_old_sign_in_rotates_nothing_and_revokes_at_once(anns, ann, key, grow_old):
    grow_old(ann)
    assert anns.get(f"/keys/{key.pk}/rotate/").url.startswith("/confirm/")
    assert anns.post(f"/keys/{key.pk}/rotate/", {"leaked": "yes"}).url.startswith("/confirm/")
    assert ApiKey.objects.count() == 1
    assert anns.post(f"/keys/{key.pk}/revoke/").url == "/keys/"
    key.refresh_from_db()
    assert key.revoked_at


def test_rotation_first_asks_whether_it_leaked(anns, key):
    page = anns.get(f"/keys/{key.pk}/rotate/").text
    assert "Has it leaked?" in page
    assert "This field is required" in anns.post(f"/keys/{key.pk}/rotate/", {"overlap": "0"}).text
    assert ApiKey.objects.count() == 1


def test_a_leaked_key_stops_at_once(anns, key):
    response = anns.post(f"/keys/{key.pk}/rotate/", {"leaked": "yes", "overlap": "604800"})
    assert secret_in(response)
    assert "no longer works" in response.text
    key.refresh_from_db()
    assert key.status == "revoked"
    assert key.successor.scopes == key.scopes


@pytest.mark.parametrize(("overlap", "seconds"), [("0", 0), ("3600", 3600), ("", 86400), ("604800", 604800)])
def test_a_planned_rotation_leaves_the_old_key_its_time(anns, key, overlap, seconds):
    response = anns.post(f"/keys/{key.pk}/rotate/", {"leaked": "no", "overlap": overlap})
    assert secret_in(response)
    assert response["Cache-Control"] == "no-store"
    key.refresh_from_db()
    assert abs(key.expires_at - timezone.now() - timedelta(seconds=seconds)) < timedelta(minutes=1)


@pytest.mark.parametrize("end", [None, timedelta(days=90)])
def test_that_a_successor_has_no_end_is_said_where_the_old_key_had_one(anns, key, end):
    ApiKey.objects.update(expires_at=end and timezone.now() + end)
    asked = anns.get(f"/keys/{key.pk}/rotate/").text
    shown = anns.post(f"/keys/{key.pk}/rotate/", {"leaked": "no", "overlap": "3600"}).text
    for page in (asked, shown):
        assert ("The new key has no end date" in page) is bool(end)


def test_rotating_twice_makes_one_successor(anns, key):
    anns.post(f"/keys/{key.pk}/rotate/", {"leaked": "no", "overlap": "3600"})
    again = anns.post(f"/keys/{key.pk}/rotate/", {"leaked": "no", "overlap": "3600"})
    assert again.url == f"/keys/{key.pk}/"
    assert "was rotated already" in anns.messages()[0]
    assert ApiKey.objects.count() == 2


def test_a_key_that_is_not_active_is_not_rotated(anns, key, ann):
    key.disable(by=ann)
    assert anns.post(f"/keys/{key.pk}/rotate/", {"leaked": "no"}).url == f"/keys/{key.pk}/"
    assert "is disabled and can’t be rotated" in anns.messages()[0]


def test_revoking_asks_once_and_a_get_changes_nothing(anns, key):
    assert "can’t be undone" in anns.get(f"/keys/{key.pk}/revoke/").text
    key.refresh_from_db()
    assert key.status == "active"
    anns.post(f"/keys/{key.pk}/revoke/")
    anns.post(f"/keys/{key.pk}/revoke/")
    assert "Requests that use it now get 401" in anns.messages()[0]
    key.refresh_from_db()
    assert key.status == "revoked"
    assert AuditEvent.objects.filter(action="api_key.revoked").count() == 1


def test_a_key_is_disabled_and_enabled_again(anns, key):
    anns.get(f"/keys/{key.pk}/disable/")
    key.refresh_from_db()
    assert key.status == "active"
    anns.post(f"/keys/{key.pk}/disable/")
    key.refresh_from_db()
    assert key.status == "disabled"
    assert "Enable" in anns.get(f"/keys/{key.pk}/").text
    anns.post(f"/keys/{key.pk}/enable/")
    key.refresh_from_db()
    assert key.status == "active"


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


def test_a_name_is_changed_without_a_password(anns, ann, key, grow_old):
    grow_old(ann)
    assert edit(anns, key, name="Another", description="What for").url == f"/keys/{key.pk}/"
    key.refresh_from_db()
    assert (key.name, key.description) == ("Another", "What for")
    assert AuditEvent.objects.filter(action="api_key.changed").get().data == {"fields": ["description", "name"]}


def test_saving_without_a_change_changes_nothing(anns, key):
    edit(anns, key)
    assert not AuditEvent.objects.filter(action="api_key.changed").exists()


def test_letting_a_key_do_more_needs_a_recent_password_and_less_does_not(anns, ann, key, grow_old):
    grow_old(ann)
    assert edit(anns, key, scopes=["users:read", "data:read"]).url.startswith("/confirm/")
    key.refresh_from_db()
    assert key.scopes == ["users:read"]
    assert edit(anns, key, allowed_ips="203.0.113.7", calls="1", per_seconds="60", expiry="2592000").status_code == 302
    key.refresh_from_db()
    assert key.allowed_ips == ["203.0.113.7"]
    assert key.limit == (1, 60)
    assert key.expires_at
    assert edit(anns, key, allowed_ips="", calls="1", per_seconds="60").url.startswith("/confirm/")


def test_an_old_form_gives_nothing_back_that_was_taken_away(anns, ann, key):
    seen = key.updated_at.isoformat()
    assert f'value="{seen}"' in anns.get(f"/keys/{key.pk}/edit/").text
    key.change(by=ann, allowed_ips=["203.0.113.7"])
    assert edit(anns, key, seen=seen, allowed_ips="").url == f"/keys/{key.pk}/edit/"
    key.refresh_from_db()
    assert key.allowed_ips == ["203.0.113.7"]
    assert "was changed in the meantime" in anns.get(f"/keys/{key.pk}/edit/").text


def test_a_key_keeps_at_least_one_scope(anns, key):
    assert "Choose at least one" in edit(anns, key, scopes=[]).text


def test_a_rotated_key_keeps_its_end_and_a_revoked_one_everything(anns, ann, key):
    key.rotate(by=ann)
    assert 'name="expiry"' not in anns.get(f"/keys/{key.pk}/edit/").text
    key.revoke(by=ann)
    assert edit(anns, key, name="Too late").url == f"/keys/{key.pk}/"
    key.refresh_from_db()
    assert key.name == "Ann's server"


PAGES = ["", "edit/", "rotate/", "revoke/", "disable/", "enable/"]


@pytest.mark.parametrize("part", PAGES)
def test_somebody_elses_key_does_not_exist(bobs, key, part):
    assert bobs.get(f"/keys/{key.pk}/{part}").status_code == 404
    assert bobs.post(f"/keys/{key.pk}/{part}").status_code == 404
    assert key.public_id not in bobs.get("/keys/?status=all").text
    key.refresh_from_db()
    assert key.status == "active"


@pytest.mark.parametrize("part", PAGES)
def test_without_a_sign_in_every_page_leads_to_the_door(nobody, key, part):
    path = f"/keys/{key.pk}/{part}"
    assert nobody.get(path).url == f"/sign-in/?next={path}"
    assert nobody.post(path).url == f"/sign-in/?next={path}"


def test_a_viewer_sees_and_changes_nothing(veras, key):
    page = veras.get(f"/keys/{key.pk}/").text
    assert "as a viewer" in page
    assert "Rotate" not in page
    assert "Revoke" not in page
    for verb in PAGES[1:]:
        response = veras.post(f"/keys/{key.pk}/{verb}")
        assert response.status_code == 403
        assert "Your role does not allow this" in response.text
    key.refresh_from_db()
    assert key.status == "active"
    assert key.replaced_by() is None


def test_a_viewer_makes_keys_in_a_team_of_their_own_only(veras, vera, ann):
    assert f"<p>For <strong>{escape(vera.home_team.name)}</strong>.</p>" in veras.get("/keys/new/").text
    assert veras.make(team=ann.home_team_id).status_code == 200
    assert [key.team for key in ApiKey.objects.all()] == [vera.home_team]


def test_somebody_in_two_teams_says_which(anns, ann, bob):
    bob.home_team.memberships.create(developer=ann, role="developer")
    assert 'name="team"' in anns.get("/keys/new/").text
    anns.make(team=str(bob.home_team_id), name="Bob's")
    assert ApiKey.objects.get().team == bob.home_team
    assert "Bob&#x27;s" in anns.get(f"/keys/?team={bob.home_team_id}").text
    assert "No key fits" in anns.get(f"/keys/?team={ann.home_team_id}").text


def test_the_list_is_filtered_and_searched(anns, ann, key):
    ApiKey.objects.issue(team=ann.home_team, by=ann, name="Probe", environment="test", scopes=["users:read"])
    key.revoke(by=ann)

    def names(query):
        return re.findall(r'rowheader" scope="row">\s*<a [^>]*>([^<]*)<', anns.get(f"/keys/{query}").text)

    assert names("") == ["Probe"]
    assert names("?status=all") == ["Probe", "Ann&#x27;s server"]
    assert names("?status=revoked") == ["Ann&#x27;s server"]
    assert names("?environment=live&status=all") == ["Ann&#x27;s server"]
    assert names("?q=pro") == ["Probe"]
    assert names(f"?status=all&q={key.public_id[:6]}") == ["Ann&#x27;s server"]
    assert names(f"?status=all&q={key.key_prefix[:12]}") == ["Ann&#x27;s server"]
    assert names("?q=ow_live_") == []
    ApiKey.objects.issue(team=ann.home_team, by=ann, name="Another live one", scopes=["users:read"])
    assert names("?q=ow_live_") == ["Another live one"]
    assert names(f"?status=all&q={key.key_prefix}") == ["Ann&#x27;s server"]


@pytest.mark.parametrize("around", ["{}", "Bearer {}", "OW_API_KEY={}", '"{}"\n', "{}x", "see {}, please"])
def test_a_pasted_key_is_cut_before_it_is_looked_for(anns, around):
    text = secret_in(anns.make(name="Found"))
    response = anns.get("/keys/", {"q": around.format(text), "status": "all"})
    assert response.status_code == 302
    assert text.rpartition("_")[2] not in response.url
    page = anns.get(response.url, follow=True).text
    assert f'value="{text[:20]}"' in page
    assert "Found" in page


@pytest.mark.parametrize(
    "query",
    [
        "cursor=x",
        "cursor=%00",
        "q=%00",
        "q=" + "x" * 3000,
        "team=x",
        "status=x&environment=x",
        "sort=x&page=-1",
        "sort=name&page=x&cursor=x",
    ],
)
def test_no_query_breaks_the_list(anns, key, query):
    assert anns.get(f"/keys/?{query}").status_code in (200, 302)


def test_many_keys_come_in_pages_and_each_once(anns, ann, settings):
    settings.API_KEYS_PER_TEAM = 200
    for number in range(120):
        ApiKey.objects.issue(team=ann.home_team, by=ann, name=f"Key {number}", scopes=["users:read"])
    seen, query = [], ""
    while query is not None:
        page = anns.get(f"/keys/{query}").text
        seen += re.findall(r">(Key \d+)</a>", page)
        older = re.search(r'href="(\?[^"]*cursor[^"]*)"', page)
        query = older and older[1]
    assert seen == [f"Key {number}" for number in reversed(range(120))]


def test_keys_are_sorted_by_name_or_end_in_pages_too(anns, ann, settings):
    settings.API_KEYS_PER_TEAM = 200
    for number in range(60):
        ApiKey.objects.issue(
            team=ann.home_team,
            by=ann,
            name=f"{'kK'[number % 2]}ey {number:02}",
            scopes=["users:read"],
            expires_at=timezone.now() + timedelta(days=100 - number) if number < 55 else None,
        )

    def listed(query):
        page = anns.get(f"/keys/{query}").text
        following = re.search(r'href="(\?[^"]*)" rel="next"', page)
        more = listed(following[1].replace("&amp;", "&")) if following else []
        return [int(number) for number in re.findall(r">[kK]ey (\d+)</a>", page)] + more

    assert listed("?sort=name") == list(range(60))
    assert listed("?sort=expiry") == [*reversed(range(55)), *range(55, 60)]
    assert listed("") == [*reversed(range(60))]
    assert "No key fits" in anns.get("/keys/?sort=name&page=1000").text


def test_a_suspended_team_is_said(anns, ann, key):
    ann.home_team.suspend(by=None)
    assert "Team suspended" in anns.get("/keys/").text


@pytest.mark.parametrize(
    ("left", "badge"),
    [
        (timedelta(days=5, hours=1), "Expires in 6 days"),
        (timedelta(minutes=50), "Expires in 1 hour"),
        (timedelta(days=8), "Active"),
    ],
)
def test_an_end_that_is_near_is_said(anns, key, left, badge):
    ApiKey.objects.update(expires_at=timezone.now() + left)
    assert f">{badge}</span>" in anns.get("/keys/").text


def test_names_are_escaped_wherever_they_stand(anns, ann, key):
    ApiKey.objects.update(name="<script>x</script>")
    for page in ("", "edit/", "rotate/", "revoke/"):
        assert "<script>x" not in anns.get(f"/keys/{key.pk}/{page}").text
    anns.post(f"/keys/{key.pk}/revoke/")
    assert "<script>x" not in anns.get("/keys/?status=all").text
