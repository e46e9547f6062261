"""ux.md, “re-authentication”: what gives a key more asks for the password again; what takes away never does."""

import re

from accounts.models import AuditEvent
from apikeys.models import ApiKey
from tests.portal.conftest import edit

CONFIRMED = "Confirmed. Nothing was made or saved yet: press the button again."


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
    page = anns.get("/keys/new/").text
    assert "Typed before" in page
    assert CONFIRMED in page
    page = anns.get("/keys/new/").text
    assert "Typed before" not in page
    assert CONFIRMED not in page
    assert anns.make().status_code == 200


def test_an_old_sign_in_rotates_nothing_and_revokes_at_once(anns, ann, key, grow_old):
    grow_old(ann)
    assert anns.get(f"/keys/{key.pk}/rotate/").url.startswith("/confirm/")
    assert anns.post(f"/keys/{key.pk}/rotate/", {"leaked": "yes"}).url.startswith("/confirm/")
    assert ApiKey.objects.count() == 1
    anns.post("/confirm/", {"password": "correct horse battery staple"})
    page = anns.get(f"/keys/{key.pk}/rotate/").text
    assert CONFIRMED in page
    assert re.search(r'value="yes"[^>]* checked', page)
    grow_old(ann)
    assert anns.post(f"/keys/{key.pk}/revoke/").url == "/keys/"
    key.refresh_from_db()
    assert key.revoked_at


def test_a_name_is_changed_without_a_password(anns, ann, key, grow_old):
    grow_old(ann)
    assert edit(anns, key, name="Another", description="What for").url == f"/keys/{key.pk}/"
    key.refresh_from_db()
    assert (key.name, key.description) == ("Another", "What for")
    assert AuditEvent.objects.filter(action="api_key.changed").get().data == {"fields": ["description", "name"]}


def test_letting_a_key_do_more_needs_a_recent_password_and_less_does_not(anns, ann, key, grow_old):
    grow_old(ann)
    assert edit(anns, key, scopes=["users:read", "data:read"]).url.startswith("/confirm/")
    before = anns.get(f"/keys/{key.pk}/edit/").text
    assert "Nothing was made or saved yet" in before
    assert CONFIRMED not in before
    assert edit(anns, key, scopes=["users:read", "data:read"]).url.startswith("/confirm/")
    anns.post("/confirm/", {"password": "correct horse battery staple"})
    assert CONFIRMED in anns.get(f"/keys/{key.pk}/edit/").text
    grow_old(ann)
    key.refresh_from_db()
    assert key.scopes == ["users:read"]
    assert edit(anns, key, allowed_ips="203.0.113.7", calls="1", per_seconds="60", expiry="2592000").status_code == 302
    key.refresh_from_db()
    assert key.allowed_ips == ["203.0.113.7"]
    assert key.limit == (1, 60)
    assert key.expires_at
    assert edit(anns, key, allowed_ips="", calls="1", per_seconds="60").url.startswith("/confirm/")
