"""ux.md, “sessions”: where one is signed in: seen, ended one by one, ended all at once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Session
from accounts.templatetags.agents import device


def test_one_sees_ones_own_sign_ins_and_which_is_this(anns, ann, bob, sign_in):
    sign_in(ann, HTTP_USER_AGENT="curl/8.0")
    sign_in(bob, HTTP_USER_AGENT="Bob's own")
    page = anns.get("/sessions/").text
    assert "curl" in page
    assert "Bob" not in page
    assert page.count("This one") == 1


def test_the_sign_in_one_looks_with_stands_first(anns, ann, sign_in):
    sign_in(ann, HTTP_USER_AGENT="curl/8.0")
    Session.objects.filter(developer=ann, kind="api").update(last_used_at=timezone.now() + timedelta(seconds=5))
    page = anns.get("/sessions/").text
    assert page.index("This one") < page.index("curl")


def test_one_sign_in_is_ended(anns, ann, sign_in, api):
    token = sign_in(ann)["access_token"]
    session = Session.objects.get(developer=ann, kind="api")
    anns.get(f"/sessions/{session.pk}/end/")
    assert api.with_token(token).call("GET", "/auth/me").status_code == 200
    assert anns.post(f"/sessions/{session.pk}/end/").url == "/sessions/"
    assert api.with_token(token).call("GET", "/auth/me").status_code == 401


def test_somebody_elses_sign_in_is_not_ended(bobs, ann, sign_in):
    sign_in(ann)
    session = Session.objects.get(developer=ann)
    assert bobs.post(f"/sessions/{session.pk}/end/").status_code == 404
    session.refresh_from_db()
    assert session.is_live()


def test_all_others_are_ended_at_once(anns, ann, bob, browser_of, sign_in):
    elsewhere, bobs = browser_of(ann), browser_of(bob)
    sign_in(ann)
    anns.post("/sessions/end-others/")
    assert "2 other sign-ins ended." in anns.get("/sessions/").text
    assert elsewhere.get("/keys/").status_code == 302
    assert bobs.get("/keys/").status_code == 200


@pytest.mark.parametrize("path", ["/sessions/", "/sessions/end-others/"])
def test_without_a_sign_in_there_is_nothing_to_see(nobody, path):
    assert nobody.get(path).url == f"/sign-in/?next={path}"
    assert nobody.post(path).url == f"/sign-in/?next={path}&unsent=1"


def test_a_form_that_is_sent_after_the_sign_in_ended_is_said_to_have_done_nothing(anns, ann, key):
    said = "You were signed out before you sent that, so nothing was done."
    Session.objects.filter(developer=ann).update(closed_at=timezone.now())
    assert said not in anns.get(anns.get("/keys/").url).text
    to_sign_in = anns.post(f"/keys/{key.pk}/disable/").url
    assert to_sign_in == f"/sign-in/?next=/keys/{key.pk}/disable/&unsent=1"
    assert f'role="status">{said}' in anns.get(to_sign_in).text
    key.refresh_from_db()
    assert key.disabled_at is None


def test_the_profile_leads_here_and_stays_small(anns):
    page = anns.get("/profile/").text
    assert 'href="/sessions/"' in page
    assert "This one" not in page


def test_many_sign_ins_come_in_pages(anns, ann, django_assert_max_num_queries):
    for number in range(30):
        Session.open(ann, Session.Kind.API, ("203.0.113.5", f"Program {number:02}"))
    with django_assert_max_num_queries(6):
        first = anns.get("/sessions/")
    assert first.text.count("Program") == 2 * 25 + 25, "a title, a name, and what its button ends"
    assert first.text.index("This one") < first.text.index("Program 29")
    second = anns.get("/sessions/" + first.context["next"]).text
    assert "Program 04" in second
    assert "Program 05" not in second
    assert "This one" not in second
    assert anns.get("/sessions/?cursor=odd").text.count("This one") == 1


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
            "Chrome on Linux",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605 Version/18.1 Mobile/15 Safari/604",
            "Safari on iOS",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537 Chrome/131.0 Safari/537 Edg/131.0",
            "Edge on Windows",
        ),
        ("python-requests/2.32", "Python"),
        ("<b>odd</b>", "<b>odd</b>"),
        ("", "Unnamed program"),
    ],
)
def test_a_device_is_named_in_a_few_words(agent, said):
    assert device(agent) == said
