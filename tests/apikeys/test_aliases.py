"""/developer/api-keys…: the same views, where existing clients call them."""


def test_a_whole_life_under_the_paths_existing_clients_call(api, as_ann):
    made = as_ann.call("POST", "/developer/api-keys", {"name": "Old client"})
    key = made.json()
    path = f"/developer/api-keys/{key['id']}"
    assert made.status_code == 201
    assert made["Location"] == f"http://127.0.0.1:8000/api/v1{path}"
    assert [row["id"] for row in as_ann.call("GET", "/developer/api-keys").json()] == [key["id"]]
    assert as_ann.call("PATCH", path, {"name": "Renamed"}).json()["name"] == "Renamed"
    rotated = as_ann.call("POST", f"{path}/rotate", {})
    assert rotated.status_code == 201
    assert rotated["Location"] == f"http://127.0.0.1:8000/api/v1/developer/api-keys/{rotated.json()['id']}"
    assert api.with_key(rotated.json()["key"]).call("GET", "/developer/api-keys/self").status_code == 200
    assert as_ann.call("DELETE", path).json()["status"] == "revoked"


def test_both_paths_show_the_same_key(as_ann, new_key):
    path = f"/api-keys/{new_key()['id']}"
    assert as_ann.call("GET", f"/developer{path}").json() == as_ann.call("GET", path).json()


def test_the_next_page_stays_under_the_path_that_was_called(as_ann, new_key):
    new_key(), new_key()
    assert "/api/v1/developer/api-keys?limit=1&cursor=" in as_ann.call("GET", "/developer/api-keys?limit=1")["Link"]


def test_the_alias_opens_nothing_that_the_path_does_not(as_bob, new_key):
    assert as_bob.call("GET", f"/developer/api-keys/{new_key()['id']}").status_code == 404
