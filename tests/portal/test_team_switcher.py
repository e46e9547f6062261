"""The switcher: which of one's teams the pages are about."""


def test_who_is_in_one_team_sees_no_switcher(anns):
    assert "switch-team" not in anns.get("/keys/").text


def test_the_chosen_team_is_kept_and_its_name_is_selected(veras, ann, vera):
    page = veras.get("/keys/").text
    assert f'<option value="{vera.home_team_id}" selected>' in page
    answer = veras.post("/team/switch/", {"team": str(ann.home_team_id), "next": "/audit/"})
    assert (answer.status_code, answer["Location"]) == (302, "/audit/")
    assert f'<option value="{ann.home_team_id}" selected>' in veras.get("/audit/").text


def test_a_team_that_is_not_ones_own_does_not_exist(veras, bob):
    assert veras.post("/team/switch/", {"team": str(bob.home_team_id)}).status_code == 404
    assert veras.post("/team/switch/", {"team": "x"}).status_code == 404


def test_it_leads_nowhere_else(veras, vera):
    answer = veras.post("/team/switch/", {"team": str(vera.home_team_id), "next": "//evil.example"})
    assert answer["Location"] == "/"


def test_who_left_the_chosen_team_looks_at_their_own(veras, ann, vera):
    veras.post("/team/switch/", {"team": str(ann.home_team_id)})
    vera.memberships.filter(team=ann.home_team).delete()
    assert "switch-team" not in veras.get("/keys/").text
    assert veras.get("/audit/").status_code == 200
