"""Changing a key: what is typed is the only thing that changes."""

import re

from accounts.models import AuditEvent
from tests.portal.conftest import edit, focused


def test_ones_own_address_is_added_to_a_key_that_exists_without_changing_it(anns, key):
    page = edit(anns, key, add_address="1", allowed_ips="203.0.113.7", name="Half typed").text
    assert re.search(r">\s*203\.0\.113\.7\n127\.0\.0\.1</textarea>", page)
    assert 'value="Half typed"' in page
    assert f'value="{key.updated_at.isoformat()}"' in page
    key.refresh_from_db()
    assert (key.name, key.allowed_ips) == ("Ann's server", [])


def test_all_faults_of_a_change_show_at_once(anns, key):
    page = edit(anns, key, name="", scopes=[], allowed_ips="banana").text
    for said in ("This field is required", "Choose at least one", "Line 1: Not an address"):
        assert said in page
    assert focused(page) == ["name"]


def test_saving_without_a_change_changes_nothing(anns, key):
    edit(anns, key)
    assert not AuditEvent.objects.filter(action="api_key.changed").exists()


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
