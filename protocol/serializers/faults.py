"""From what DRF found wrong to the faults of a 422."""

from urllib.parse import quote

from protocol.problems import Fault

LONGEST_NAME = 80  # characters shown of a field that is not known
FRAGMENT = "!$&'()*+,;=:@?-._~"  # what a fragment may hold unescaped beside letters and digits (RFC 3986 §3.5)


def faults_of(detail, *, in_query: bool, path: str = "") -> list[Fault]:
    """Flatten DRF's error detail into faults, each at its RFC 6901 pointer (or its parameter)."""
    if isinstance(detail, dict):
        return [
            fault
            for name, inner in detail.items()
            for fault in faults_of(inner, in_query=in_query, path=_below(path, name, inner, in_query))
        ]
    if isinstance(detail, list):
        found = []
        for number, inner in enumerate(detail):
            nested = isinstance(inner, dict | list)
            if nested and inner:
                found += faults_of(inner, in_query=in_query, path=f"{path}/{number}")
            elif not nested:
                found += faults_of(inner, in_query=in_query, path=path)
        return found
    where = {"parameter": path} if in_query else {"pointer": f"#{path}"}
    return [Fault(str(detail), getattr(detail, "code", "invalid"), **where)]


def _below(path: str, name, inner, in_query: bool) -> str:
    """The place of `name` under `path`: a query is flat, a body's names stand in a fragment (RFC 6901 §6)."""
    codes = {getattr(fault, "code", "") for fault in inner}
    if name == "non_field_errors" and "unknown_field" not in codes:
        return path
    shown = str(name)[:LONGEST_NAME]
    if in_query:
        return shown
    return f"{path}/{quote(shown.replace('~', '~0').replace('/', '~1'), safe=FRAGMENT)}"
