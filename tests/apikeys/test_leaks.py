"""Keys are found in any text, however it was quoted, cut into pieces or glued together."""

import tracemalloc
from urllib.parse import quote

import pytest

from apikeys import keys, leaks

KEY = keys.mint("live")
OTHER = keys.mint("test")
PIECES = {
    "alone": "{}",
    "a header in a log": '10.0.0.1 "GET /users" x-api-key={} 200',
    "quoted": "key = '{}'",
    "JSON": '{{"key":"{}","n":1}}',
    "JSON in JSON": '{{"body":"{{\\"key\\":\\"{}\\"}}"}}',
    "a diff": "-OW_KEY={}\n+OW_KEY=secret",
    "a URL": "https://api.example.com/users?api_key={}&page=2",
    "a Bearer": "Authorization: Bearer {}",
    "no space around": "x{}x",
    "ow before": "ow_ow_live_{}",
    "colours": "\x1b[31m{}\x1b[0m",
    "bytes that are no text": "\udcff\udcfe{}\udc80",
}


def search(*chunks):
    """(the texts of the keys found, how many places were malformed)"""
    found = leaks.Search()
    texts = [seen.key.text for seen in found.through(chunks)]
    return texts, found.malformed


@pytest.mark.parametrize("around", PIECES.values(), ids=PIECES)
def test_a_key_is_found_in(around):
    assert search(around.format(KEY.text).encode(errors="surrogateescape")) == ([KEY.text], 0)


@pytest.mark.parametrize("line", ["%5F", "%5f", "%255F", "%25255f"])
def test_a_key_is_found_with_its_underscores_encoded(line):
    assert search(f"?next=/users{quote('?k=')}{KEY.text.replace('_', line)}%26".encode()) == ([KEY.text], 0)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_a_key_is_found_in_a_file_that_powershell_wrote(encoding):
    assert search(f"ключ: {KEY.text}\r\n".encode(encoding)) == ([KEY.text], 0)


@pytest.mark.parametrize("text", [KEY.text, KEY.text.replace("_", "%25255F")], ids=["plain", "encoded"])
def test_it_does_not_matter_where_the_text_is_cut_into_chunks(text):
    whole = f"a wrong {KEY.text[:-1]}! one\n{text}{OTHER.text} and {KEY.text[:-6]}AAAAAA\n".encode()
    expected = ([KEY.text, OTHER.text], 1)
    assert search(whole) == expected
    for cut in range(len(whole)):
        assert search(whole[:cut], whole[cut:]) == expected
    assert search(*(whole[n : n + 1] for n in range(len(whole)))) == expected


def test_each_key_is_found_once_with_the_line_of_its_first_place():
    lines = f"\n\n{OTHER.text}\n{KEY.text} {KEY.text}\n{OTHER.text}\n".encode()
    for chunks in ([lines], [lines[n : n + 7] for n in range(0, len(lines), 7)]):
        seen = [(found.key.text, found.line) for found in leaks.Search().through(chunks)]
        assert seen == [(OTHER.text, 3), (KEY.text, 4)]


def test_a_key_behind_one_that_was_cut_is_found():
    assert search((KEY.text[:-2] + OTHER.text).encode()) == ([OTHER.text], 1)


@pytest.mark.parametrize(
    ("text", "malformed"),
    [
        (KEY.prefix, 0),
        (KEY.text[:-1], 0),
        (KEY.text[:40] + "\n" + KEY.text[40:], 0),
        (KEY.text.replace("live", "prod"), 0),
        (KEY.text.replace("ow_live", "ow_test"), 1),
        (KEY.text[:-1] + ("a" if KEY.text[-1] != "a" else "b"), 1),
        ("", 0),
    ],
    ids=["prefix", "cut", "broken over two lines", "environment", "other environment", "mistyped", "empty"],
)
def test_what_is_no_key_is_not_found_and_a_wrong_checksum_is_counted(text, malformed):
    assert search(f"{text} ow_live_".encode()) == ([], malformed)


def test_memory_stays_flat_however_long_the_text_is():
    noise = b"ow_live_9hXk2QmZt4Rb GET /users 200 show_test_\n" * 2000

    def chunks():
        for _ in range(300):
            yield noise
        yield KEY.text.encode()

    tracemalloc.start()
    found = [(seen.key.text, seen.line) for seen in leaks.Search().through(chunks())]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == [(KEY.text, 600_001)]
    assert peak < 2_000_000  # bytes, of 28 million


def test_no_secret_is_in_what_a_search_shows_of_itself():
    sighting = next(leaks.Search().through([KEY.text.encode()]))
    assert KEY.text[21:] not in repr(sighting)
