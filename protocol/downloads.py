"""Files that a page hands out: CSV that no spreadsheet runs, and JSON, both sent as they are made.

CSV is RFC 4180 in UTF-8. A spreadsheet runs a cell that begins with `= + - @`, a tab or a carriage return (OWASP, "CSV
Injection"), so such a cell gets an apostrophe in front; the full-width forms and blanks before them too.
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator

from django.http import StreamingHttpResponse
from rest_framework.utils.encoders import JSONEncoder

_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
_encode = JSONEncoder(ensure_ascii=False, allow_nan=False, indent=1).encode


def neutral(cell) -> str:
    """A cell as text that is read as text; None is empty. Numbers of our own are numbers and stay so."""
    if cell is None:
        return ""
    text = str(cell)
    return f"'{text}" if isinstance(cell, str) and _FORMULA.match(text) else text


class _Line:
    """What csv.writer writes to: it hands each line back."""

    def write(self, line: str) -> str:
        return line


def csv_file(name: str, head: Iterable, rows: Iterable[Iterable]) -> StreamingHttpResponse:
    """`<name>.csv` as a download: the head, then the rows, each as soon as it is there."""
    writer = csv.writer(_Line())

    def lines() -> Iterator[str]:
        yield writer.writerow([neutral(cell) for cell in head])
        for row in rows:
            yield writer.writerow([neutral(cell) for cell in row])

    return as_file(f"{name}.csv", lines(), "text/csv; charset=utf-8")


def json_file(name: str, sections: dict) -> StreamingHttpResponse:
    """`<name>.json` as a download: an object whose members are values, or iterators that become arrays."""
    return as_file(f"{name}.json", json_pieces(sections), "application/json")


def json_pieces(sections: dict) -> Iterator[str]:
    """The text of `json_file`, piece by piece, so that a long list is never held whole."""
    yield "{"
    for number, (key, value) in enumerate(sections.items()):
        yield f"{',' if number else ''}\n{json.dumps(key)}: "
        if not isinstance(value, Iterator):
            yield _encode(value)
            continue
        yield "["
        for place, item in enumerate(value):
            yield f"{',' if place else ''}\n{_encode(item)}"
        yield "]"
    yield "\n}\n"


def as_file(name: str, pieces: Iterable[str], media_type: str) -> StreamingHttpResponse:
    """A download under this name (letters, digits, `.`, `-`), kept by nobody on the way."""
    response = StreamingHttpResponse(pieces, content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response
