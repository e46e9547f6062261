"""ux.md, “all pages”: light, dark, or as the system has it, without a script."""

import re

import pytest

EVERYWHERE = ["/profile/", "/docs/", "/docs/reference", "/nothing-here/", "/sign-in/"]
BY_THE_SYSTEM = 'portal/dark.css" media="(prefers-color-scheme: dark)"'


def test_pages_are_as_the_system_has_it_until_somebody_chooses(anns):
    page = anns.get("/profile/").text
    assert '<html lang="en">' in page
    assert BY_THE_SYSTEM in page
    assert re.search(r'value="system"[^>]* checked', page)


@pytest.mark.parametrize("path", EVERYWHERE)
def test_a_chosen_look_is_on_every_page_of_this_browser_signed_out_too(anns, path):
    assert anns.post("/profile/", {"form": "look", "look": "dark"}).url == "/profile/"
    if path == "/sign-in/":
        anns.post("/sign-out/")
    page = anns.get(path).text
    assert '<html lang="en" data-theme="dark">' in page
    assert 'portal/dark.css" media="screen"' in page
    assert 'name="color-scheme" content="dark"' in page


def test_light_stays_light_at_night_and_the_system_can_have_it_again(anns):
    anns.post("/profile/", {"form": "look", "look": "light"})
    page = anns.get("/keys/").text
    assert '<html lang="en" data-theme="light">' in page
    assert "The look is saved, for this browser." in page
    assert "portal/dark.css" not in page
    anns.post("/profile/", {"form": "look", "look": "system"})
    assert BY_THE_SYSTEM in anns.get("/keys/").text


def test_a_look_that_is_none_changes_nothing(anns):
    assert "Select a valid choice" in anns.post("/profile/", {"form": "look", "look": "blue"}).text
    anns.cookies["ow_look"] = '"><script>'
    assert '<html lang="en">' in anns.get("/keys/").text


def test_the_choice_is_no_script_s_to_read(anns):
    cookie = anns.post("/profile/", {"form": "look", "look": "dark"}).cookies["ow_look"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 365 * 24 * 3600)
