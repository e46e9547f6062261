"""`manage.py create_api_key`: KEY=$(./run manage create_api_key --email ann@example.com)."""

import json
import uuid
from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Developer, Team
from apikeys import scopes
from apikeys.models import DEFAULT_SCOPES, NAME_LENGTH, ApiKey
from protocol.problems import Conflict

LONGEST_LIFE = 3650  # days


class Command(BaseCommand):
    """Makes a key and prints it alone on stdout, this once; everything else goes to stderr."""

    help = "Create an API key for a team. The key stands alone on stdout and is not shown again."

    def add_arguments(self, parser):
        """The options."""
        whose = parser.add_mutually_exclusive_group(required=True)
        whose.add_argument("--team", help="id of the team")
        whose.add_argument("--email", help="a developer, whose home team it is")
        parser.add_argument("--name", default="Default")
        parser.add_argument("--environment", choices=ApiKey.Environment.values, default="live")
        parser.add_argument("--scopes", help=f"comma-separated, of {','.join(scopes.ALL)}; default: all")
        parser.add_argument("--expires-in-days", type=int, metavar="DAYS", help="default: never")
        parser.add_argument("--json", action="store_true", help="answer as one JSON object, key included")

    def handle(self, *, team, email, name, environment, expires_in_days, json: bool, verbosity, **options):
        """Make the key, or say why not."""
        owner = _team(team) if team else _home_team(email)
        if owner.suspended_at:
            raise CommandError("This team is suspended: its keys open nothing.")
        try:
            key, text = ApiKey.objects.issue(
                team=owner,
                by="command",
                name=_name(name),
                environment=environment,
                scopes=_scopes(options["scopes"]),
                expires_at=_end(expires_in_days),
            )
        except Conflict as conflict:
            raise CommandError(conflict.detail) from conflict
        self.stdout.write(_as_json(key, text) if json else text)
        if verbosity:
            until = f"until {key.expires_at:%F %T} UTC" if key.expires_at else "without an end"
            self.stderr.write(f"Made {key.key_prefix} for {owner.name}, {until}. It is not shown again.")


def _team(text: str) -> Team:
    try:
        team = Team.objects.filter(pk=uuid.UUID(text)).first()
    except ValueError as error:
        raise CommandError("--team is the id of a team, a UUID.") from error
    if team is None:
        raise CommandError("There is no such team.")
    return team


def _home_team(email: str) -> Team:
    developer = Developer.objects.filter(email=Developer.objects.normalize_email(email)).first()
    if developer is None:
        raise CommandError("There is no such developer.")
    team = developer.present_home_team()
    if team is None:
        raise CommandError("This developer has left the home team: say --team.")
    return team


def _name(text: str) -> str:
    name = text.strip()
    if not 0 < len(name) <= NAME_LENGTH or not name.isprintable():
        raise CommandError(f"--name is 1 to {NAME_LENGTH} characters, on one line.")
    return name


def _scopes(text: str | None) -> list[str]:
    if text is None:
        return DEFAULT_SCOPES
    given = [scope.strip() for scope in text.split(",")]
    unknown = sorted(set(given) - set(scopes.ALL))
    if unknown:
        raise CommandError(f"There is no scope {unknown[0]!r}: there are {', '.join(scopes.ALL)}.")
    return scopes.in_order(given)


def _end(days: int | None):
    if days is None:
        return None
    if not 1 <= days <= LONGEST_LIFE:
        raise CommandError(f"--expires-in-days is 1 to {LONGEST_LIFE}.")
    return timezone.now() + timedelta(days=days)


def _as_json(key: ApiKey, text: str) -> str:
    return json.dumps(
        {
            "id": str(key.pk),
            "key": text,
            "key_prefix": key.key_prefix,
            "team_id": str(key.team_id),
            "name": key.name,
            "environment": key.environment,
            "scopes": key.scopes,
            "expires_at": key.expires_at.isoformat() if key.expires_at else None,
        }
    )
