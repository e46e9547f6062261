"""`manage.py explain`: why a request was refused, whoever's it was."""

import json

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Developer, Team
from apikeys.explaining import explain
from apikeys.models import ApiKey, RequestRecord
from protocol.ids import REQUEST_ID
from protocol.masking import mask

MOST = 200  # requests behind one id, which callers may choose
UNKNOWN = 3  # the exit code when there is no such request


class Command(BaseCommand):
    """Exits with 0 when it was explained, and with 3 when no request has this id, or it is not kept any more."""

    help = (
        "Say why a request was answered as it was, what to do, and a corrected curl: of any team, and of those whose "
        "credential nobody recognised too, which the portal shows to no one. Requests appear a few seconds late."
    )

    def add_arguments(self, parser):
        """The options."""
        parser.add_argument("request_id", metavar="REQUEST_ID", help="from the answer: request_id, or X-Request-ID")
        parser.add_argument("--json", action="store_true", help="answer as one JSON object")

    def handle(self, *, request_id, json: bool, **options):
        """Explain every request behind the id, the newest first."""
        if mask(request_id) != request_id:
            raise CommandError("This is a key or a token, no request id. Clear it from your shell’s history.")
        found = []
        if REQUEST_ID.fullmatch(request_id):
            found = list(RequestRecord.objects.behind(request_id).order_by("-created_at", "-pk")[:MOST])
        if not found:
            raise CommandError("No request has this id, or it is not kept any more.", returncode=UNKNOWN)
        facts = [_facts(record) for record in found]
        if json:
            self.stdout.write(_as_json(facts))
        else:
            self.stdout.write("\n\n".join(_as_text(each) for each in facts))


def _facts(record) -> dict:
    explained = explain(record)
    return {
        "id": str(record.pk),
        "request_id": record.request_id,
        "at": record.created_at.isoformat().replace("+00:00", "Z"),
        "method": record.method,
        "route": record.route,
        "status": record.status,
        "code": record.code,
        "failed_rule": record.failed_rule,
        "why": explained.why,
        "next": explained.next,
        "curl": explained.curl,
        "proved": record.team_id is not None or record.developer_id is not None,
        "team": _name(Team, record.team_id),
        "key": _name(ApiKey, record.key_id),
        "developer": _name(Developer, record.developer_id),
        "ip": record.ip,
        "user_agent": record.user_agent,
        "ms": record.ms,
    }


def _name(model, pk) -> str | None:
    """How something is called; by its id once it is gone, None for none."""
    if pk is None:
        return None
    row = model.objects.filter(pk=pk).first()
    return str(row or pk)


def _as_text(facts: dict) -> str:
    who = facts["key"] or facts["developer"] or "no credential that was recognised"
    team = f", of {facts['team']}" if facts["team"] else ""
    lines = [
        f"{facts['method']} {facts['route'] or '(no such path)'} → {facts['status']} {facts['code']}".rstrip(),
        f"  When: {facts['at']}, after {facts['ms']:.1f} ms",
        f"  By: {who}{team}",
        f"  From: {facts['ip'] or 'an address that is not known'} {_printable(facts['user_agent'])}".rstrip(),
    ]
    if facts["failed_rule"]:
        lines.append(f"  Rule: {facts['failed_rule']}")
    lines += [f"  Why: {facts['why']}", f"  What to do: {facts['next']}"]
    if facts["curl"]:
        lines += ["  Ask again:", *(f"    {line}" for line in facts["curl"].splitlines())]
    return "\n".join(lines)


def _printable(text: str) -> str:
    """What callers chose, without what would move a terminal's cursor."""
    return "".join(character if character.isprintable() else "?" for character in text)


def _as_json(facts: list[dict]) -> str:
    return json.dumps({"requests": facts})
