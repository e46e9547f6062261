"""One's own data as a file."""

import json


def test_the_profile_hands_it_out(ann, anns, bobs, key):
    assert 'href="/profile/export/"' in anns.get("/profile/").text
    answer = anns.get("/profile/export/")
    assert answer["Content-Disposition"] == 'attachment; filename="my-open-wearables-data.json"'
    found = json.loads(answer.getvalue())
    assert found["account"]["email"] == "ann@example.com"
    assert [one["name"] for one in found["api_keys"]] == ["Ann's server"]
    assert json.loads(bobs.get("/profile/export/").getvalue())["api_keys"] == []


def test_without_a_sign_in_there_is_none(nobody):
    assert nobody.get("/profile/export/").url == "/sign-in/?next=/profile/export/"
