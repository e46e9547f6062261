"""ux.md, “disable”: reversible, apart from revoking."""


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
