"""Sets of secrets that rotate, as text, and the one line of .env that a command may change."""

import os
import re
import stat
from datetime import date

import pytest

from accounts import key_sets

A, B = "a" * 32, "b" * 32


def test_a_fresh_id_tells_its_day_and_is_new():
    day = date(2026, 11, 25)
    assert key_sets.fresh_id("k", {}, day) == "k20261125"
    assert key_sets.fresh_id("k", {"k20261125", "k20261125b"}, day) == "k20261125c"
    assert key_sets.made_on("k20261125c") == day


@pytest.mark.parametrize("ident", ["k1", "k20269999", "20261125", "p2026112", ""])
def test_an_id_without_a_day_tells_none(ident):
    assert key_sets.made_on(ident) is None


def test_an_added_secret_is_last_and_long():
    found, ident = key_sets.added({"k1": A}, "k")
    assert list(found) == ["k1", ident]
    assert re.fullmatch(r"[A-Za-z0-9_-]{64}", found[ident])


def test_a_promoted_one_is_first_and_the_others_keep_their_order():
    assert list(key_sets.promoted({"k1": A, "k2": B, "k3": "c"}, "k3")) == ["k3", "k1", "k2"]


def test_without_the_only_one_a_fresh_one_stands_in():
    assert key_sets.without({"k1": A, "k2": B}, "k1", "k") == {"k2": B}
    (ident,) = found = key_sets.without({"k1": A}, "k1", "k")
    assert ident != "k1" and found[ident] != A


@pytest.mark.parametrize(
    ("ids", "waits"),
    [
        (["k1", "k20261125"], "k20261125"),
        (["k20261125", "k20261125b"], "k20261125b"),
        (["k20261125", "k20251125"], None),
        (["k20261125b", "k20261125"], None),
        (["k2", "k1"], None),
        (["k20261125", "k1"], None),
        (["k20261125"], None),
    ],
)
def test_only_a_younger_one_waits_to_be_promoted(ids, waits):
    assert key_sets.next_in_line(dict.fromkeys(ids, A)) == waits


def test_writing_changes_one_line_and_keeps_the_rest_and_the_mode(tmp_path):
    file = tmp_path / ".env"
    file.write_text(f"# KEYS=k1:{A}\nOTHER=1\nKEYS=k1:{A}\nKEYS_TOO=x\n")
    file.chmod(0o600)
    key_sets.write_line(file, "KEYS", f"k1:{A}", f"k1:{A},k2:{B}")
    assert file.read_text() == f"# KEYS=k1:{A}\nOTHER=1\nKEYS=k1:{A},k2:{B}\nKEYS_TOO=x\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == [".env"]


def test_writing_keeps_quotes_and_export(tmp_path):
    file = tmp_path / ".env"
    file.write_text(f'export KEYS="k1:{A}"\n')
    key_sets.write_line(file, "KEYS", f"k1:{A}", f"k2:{B}")
    assert file.read_text() == f'export KEYS="k2:{B}"\n'


def test_writing_follows_a_link_rather_than_replacing_it(tmp_path):
    (tmp_path / "real").write_text(f"KEYS=k1:{A}\n")
    (tmp_path / ".env").symlink_to("real")
    key_sets.write_line(tmp_path / ".env", "KEYS", f"k1:{A}", f"k2:{B}")
    assert (tmp_path / ".env").is_symlink()
    assert (tmp_path / "real").read_text() == f"KEYS=k2:{B}\n"


@pytest.mark.parametrize("text", ["", "KEYS=k1:other\n", f"KEYS=k1:{A}\nKEYS=k1:{A}\n"])
def test_a_value_that_the_file_does_not_say_is_not_written(tmp_path, text):
    file = tmp_path / ".env"
    file.write_text(text)
    with pytest.raises(key_sets.NotInTheFile):
        key_sets.write_line(file, "KEYS", f"k1:{A}", f"k2:{B}")
    assert file.read_text() == text


def test_a_failed_write_leaves_the_old_file_and_no_draft(tmp_path, monkeypatch):
    file = tmp_path / ".env"
    file.write_text(f"KEYS=k1:{A}\n")

    def full(handle):
        raise OSError("no space left")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="no space"):
        key_sets.write_line(file, "KEYS", f"k1:{A}", f"k2:{B}")
    assert file.read_text() == f"KEYS=k1:{A}\n"
    assert os.listdir(tmp_path) == [".env"]
