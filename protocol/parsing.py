"""Strict request bodies and query strings: what cannot be read exactly is refused, never guessed.

JSON here is RFC 8259 without its ambiguities: no duplicate names (§4 leaves their meaning open), no NaN or Infinity
(§6), no lone surrogates (§8.2), at most 32 levels deep and 64 KB long.
"""

import json
import math
from collections import Counter
from typing import Any
from urllib.parse import parse_qsl

from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer

from protocol.masking import mask
from protocol.problems import Fault, PayloadTooLarge, Problem, ValidationProblem

MAX_BODY = 64 * 1024  # bytes
MAX_DEPTH = 32  # levels of arrays and objects
MAX_FORM_FIELDS = 50


def announced(meta: dict) -> int:
    """How long a body says it is, in bytes; 0 for one that says nothing."""
    length = meta.get("CONTENT_LENGTH") or "0"
    return int(length[:20]) if length.isdecimal() else 0


def refuse_large(meta: dict) -> None:
    """Raise PayloadTooLarge for a body that announces itself as too large, before any of it is read."""
    if announced(meta) > MAX_BODY:
        raise PayloadTooLarge


def refuse_cut(body: bytes, meta: dict) -> None:
    """Raise Problem for a body that ended early: the rest may have said less than what would now be done."""
    if len(body) < announced(meta):
        raise Problem("The body ended before its Content-Length.", rule="body cut")


def _read(stream, context: dict | None) -> bytes:
    body = stream.read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        raise PayloadTooLarge
    if context:
        refuse_cut(body, context["request"].META)
    return body


def _unreadable(detail: str, code: str = "invalid") -> ValidationProblem:
    return ValidationProblem([Fault(detail, code, pointer="#")])


def _repeated(pairs: list[tuple[str, Any]]) -> list[str]:
    """The names that stand more than once, each once."""
    return [name for name, times in Counter(name for name, _ in pairs).items() if times > 1]


def _no_duplicates(pairs):
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _unreadable(f"The name {mask(_repeated(pairs)[0])[:80]} stands twice in one object.", "duplicate_field")
    return found


def _refuse_constant(name):
    raise _unreadable(f"{name} is not JSON: send a number or null.")


def _finite(text):
    number = float(text)
    if not math.isfinite(number):
        raise _unreadable("A number in the body is too large.")
    return number


def _depth_at_most(value, levels: int) -> bool:
    """Whether `value` nests no deeper than `levels`; iterative, so that depth itself costs no stack."""
    layer = [value]
    for _ in range(levels + 1):
        layer = [node for node in layer if isinstance(node, dict | list)]
        if not layer:
            return True
        layer = [child for node in layer for child in (node.values() if isinstance(node, dict) else node)]
    return False


def read_json(body: bytes):
    """Parse a JSON body. Raises ValidationProblem with one fault at `#`."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _unreadable("The body is not valid UTF-8.") from error
    try:
        value = json.loads(text, object_pairs_hook=_no_duplicates, parse_constant=_refuse_constant, parse_float=_finite)
        # A lone surrogate (written \ud800) cannot be stored or sent on as UTF-8.
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except RecursionError as error:
        raise _unreadable(f"The body is nested too deeply: {MAX_DEPTH} levels at most.") from error
    except UnicodeEncodeError as error:
        raise _unreadable("The body holds half a surrogate pair, which is not a character.") from error
    except ValueError as error:
        raise _unreadable("The body is not valid JSON.") from error
    if not _depth_at_most(value, MAX_DEPTH):
        raise _unreadable(f"The body is nested too deeply: {MAX_DEPTH} levels at most.")
    return value


class StrictJSONParser(BaseParser):
    """`application/json`, read strictly; the answer must be an object."""

    media_type = "application/json"

    def parse(self, stream, media_type=None, parser_context=None):
        """Return the body as a dict; an empty body is an empty object."""
        body = _read(stream, parser_context)
        if not body.strip():
            return {}
        value = read_json(body)
        if not isinstance(value, dict):
            raise _unreadable("The body must be a JSON object.")
        return value


class StrictFormParser(BaseParser):
    """`application/x-www-form-urlencoded` as OAuth 2 uses it (RFC 6749 appendix B): no parameter twice (§3.2)."""

    media_type = "application/x-www-form-urlencoded"

    def parse(self, stream, media_type=None, parser_context=None):
        """Return the fields as a plain dict of strings; an empty value counts as absent (RFC 6749 §3.2)."""
        body = _read(stream, parser_context)
        pairs = _pairs(body)
        if len({name for name, _ in pairs}) != len(pairs):
            raise _unreadable("A form field stands twice.", "duplicate_field")
        return {name: value for name, value in pairs if value != ""}


def _pairs(raw: bytes) -> list[tuple[str, str]]:
    """Decode form pairs as strict UTF-8, percent-escapes included."""
    try:
        return parse_qsl(
            raw.decode("utf-8"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MAX_FORM_FIELDS,
        )
    except UnicodeDecodeError as error:
        raise _unreadable("The text is not valid UTF-8.") from error
    except ValueError as error:
        raise _unreadable(f"Too many fields: {MAX_FORM_FIELDS} at most.") from error


def read_query(meta: dict) -> dict[str, str]:
    """The query string as a plain dict. Raises ValidationProblem for bad UTF-8 and for a parameter given twice."""
    # WSGI hands the bytes over as latin-1 (PEP 3333).
    try:
        pairs = _pairs(meta.get("QUERY_STRING", "").encode("latin-1"))
    except ValidationProblem as problem:
        raise ValidationProblem([Fault(problem.faults[0].detail, "invalid", parameter="")]) from problem
    if twice := _repeated(pairs):
        raise ValidationProblem(
            [Fault("This parameter stands twice.", "duplicate_field", parameter=name[:80]) for name in twice]
        )
    return dict(pairs)


class AlwaysJSON(BaseContentNegotiation):
    """One renderer, whatever `Accept` says: an API that speaks JSON alone need never answer 406."""

    def select_parser(self, request, parsers):
        """The parser whose media type the request names; None leads to 415."""
        given = request.content_type.partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == given), None)

    def select_renderer(self, request, renderers, format_suffix=None):
        """Always the first renderer."""
        return renderers[0], renderers[0].media_type


class ProblemRenderer(JSONRenderer):
    """JSON whose media type says when it is a problem (RFC 9457 §3)."""

    charset = None
