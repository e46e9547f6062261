"""Every page about keys: whose it is, and what stands on it."""

import pytest
from django.utils.html import escape

from apikeys.models import ApiKey

PAGES = ["", "edit/", "rotate/", "revoke/", "disable/", "enable/", "first-call/"]


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
    assert nobody.post(path).url == f"/sign-in/?next={path}&unsent=1"


def test_a_viewer_sees_and_changes_nothing(veras, key):
    page = veras.get(f"/keys/{key.pk}/").text
    assert "as a viewer" in page
    assert "Rotate" not in page
    assert "Revoke" not in page
    for verb in PAGES[1:-1]:
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


def test_somebody_in_two_teams_sees_the_keys_of_the_one_they_are_in_and_finds_those_of_both(anns, ann, bob, key):
    bob.home_team.memberships.create(developer=ann, role="developer")
    new = anns.get("/keys/new/").text
    assert new.count(f'<option value="{ann.home_team_id}" selected>') == 2  # the switcher, and the form
    anns.make(team=str(bob.home_team_id), name="In the other")
    other = ApiKey.objects.get(name="In the other")
    assert other.team == bob.home_team
    assert other.public_id not in anns.get("/keys/").text
    found = anns.get("/keys/", {"q": other.key_prefix}).text
    assert "In the other" in found
    assert f'data-label="Team">{escape(bob.home_team.name)}<' in found
    anns.post("/team/switch/", {"team": str(bob.home_team_id)})
    listed = anns.get("/keys/").text
    assert "In the other" in listed
    assert key.public_id not in listed
    assert 'data-label="Team"' not in listed
    assert anns.get("/keys/new/").text.count(f'<option value="{bob.home_team_id}" selected>') == 2
    assert "In the other" in anns.get("/quick-start/").text


def test_names_are_escaped_wherever_they_stand(anns, ann, key):
    ApiKey.objects.update(name="<script>x</script>")
    for page in ("", "edit/", "rotate/", "revoke/"):
        assert "<script>x" not in anns.get(f"/keys/{key.pk}/{page}").text
    anns.post(f"/keys/{key.pk}/revoke/")
    assert "<script>x" not in anns.get("/keys/?status=all").text
