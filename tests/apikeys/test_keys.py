"""The text of a key: minted, parsed, and refused at the slightest change."""

import re
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from apikeys import keys

# The vector of docs/architecture.md: other implementations of the checksum are held against it.
VECTOR = "ow_test_000000000000_00000000000000000000000000000000000000000000rAbYS"
PEPPER = "pepper-" * 6

minted = st.builds(keys.mint, st.sampled_from(keys.ENVIRONMENTS))
characters = st.characters()


def refuses(text):
    try:
        keys.parse(text)
    except keys.MalformedKey:
        return True
    return False


@given(minted)
def test_a_key_reads_as_the_contract_says(key):
    assert re.fullmatch(r"ow_(live|test)_[0-9A-Za-z]{12}_[0-9A-Za-z]{43}[0-9A-Za-z]{6}", key.text)
    assert len(key.text) == keys.KEY_LENGTH == 70


def test_the_alphabet_is_base62_in_the_order_of_the_contract():
    assert keys.ALPHABET == "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def test_the_checksum_matches_the_vector():
    assert keys.parse(VECTOR).public_id == "0" * 12
    assert keys.checksum(VECTOR[:-6]) == VECTOR[-6:]
    assert keys.checksum("123456789") == keys.base62(0xCBF43926, 6) == "3jZRME"  # CRC-32's own check value


def test_the_docs_carry_the_same_vector():
    assert VECTOR in (Path(__file__).parents[2] / "docs" / "architecture.md").read_text()


def test_a_small_number_is_padded_on_the_left_with_zeros():
    assert keys.base62(0, 6) == "000000"
    assert keys.base62(61, 6) == "00000z"
    assert keys.base62(62, 6) == "000010"


@given(minted)
def test_what_was_minted_is_read_back(key):
    read = keys.parse(key.text)
    assert read == key
    assert key.text.startswith(read.prefix + "_")
    assert read.prefix == f"ow_{key.environment}_{key.public_id}"


def test_two_keys_are_never_alike():
    assert len({keys.mint("live").text for _ in range(200)}) == 200


def test_there_is_no_third_environment():
    with pytest.raises(ValueError, match="live or test"):
        keys.mint("prod")


@given(minted, st.integers(0, 69), characters)
def test_any_single_changed_character_is_refused(key, place, character):
    assume(key.text[place] != character)
    assert refuses(key.text[:place] + character + key.text[place + 1 :])


@given(minted, st.integers(0, 69))
def test_any_truncation_is_refused(key, length):
    assert refuses(key.text[:length])
    assert refuses(key.text[70 - length :]) or length == 70


@given(minted, st.text(min_size=1, max_size=5))
def test_any_extension_is_refused(key, more):
    assert refuses(key.text + more)
    assert refuses(more + key.text)


@given(
    st.one_of(st.text(), st.text().map("ow_live_".__add__), st.text(min_size=62, max_size=62).map("ow_live_".__add__))
)
def test_no_text_raises_anything_but_malformed_key(text):
    assert refuses(text)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text + "\n", "one character too long"),
        (lambda text: f"{text}'\n", "2 characters too long"),
        (lambda text: text[:-1], "one character too short"),
        (lambda text: text[:-9], "9 characters too short"),
        (lambda text: "sk_" + text[3:], "begin with ow_live_ or ow_test_"),
        (lambda text: "ow_prod_" + text[8:], "begin with ow_live_ or ow_test_"),
        (lambda text: text[:30] + "-" + text[31:], "a character that no key has"),
        (lambda text: text[:-1] + ("0" if text[-1] != "0" else "1"), "checksum does not match"),
    ],
)
def test_a_refusal_says_what_the_text_shows_and_never_quotes_it(change, said):
    key = keys.mint("live")
    with pytest.raises(keys.MalformedKey) as refusal:
        keys.parse(change(key.text))
    assert said in str(refusal.value)
    assert key.text[21:64] not in str(refusal.value)


@given(minted)
def test_repr_never_holds_the_secret(key):
    secret = key.text[21:64]
    for shown in (repr(key), str(key), f"{key}", repr([key]), repr({"key": key})):
        assert secret not in shown
        assert key.public_id in shown


@given(minted, st.integers(0, 69))
def test_the_digest_depends_on_the_pepper_and_on_the_whole_key(key, place):
    digest = keys.digest(key, PEPPER)
    changed = keys.Key(
        key.environment,
        key.public_id,
        key.text[:place] + ("0" if key.text[place] != "0" else "1") + key.text[place + 1 :],
    )
    assert len(digest) == 32
    assert digest == keys.digest(keys.parse(key.text), PEPPER)
    assert digest != keys.digest(key, PEPPER + "x")
    assert digest != keys.digest(changed, PEPPER)
