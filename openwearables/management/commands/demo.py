"""`manage.py demo`: something to look at in an empty installation."""

import json

from django.core.management.base import BaseCommand, CommandError

from accounts import terminal
from accounts.models import Developer
from openwearables import demo


class Command(BaseCommand):
    """Fills a demo team, or takes it away again."""

    help = (
        "Fill a demo team with developers (random passwords, shown once), test keys in every state and end users. "
        "Needs a database without developers, or --yes. --remove takes exactly that away again."
    )

    def add_arguments(self, parser):
        """The options."""
        parser.add_argument("--yes", action="store_true", help="also beside other developers")
        parser.add_argument("--remove", action="store_true", help="take the demo away again")
        parser.add_argument("--json", action="store_true", help="answer as one JSON object, passwords included")

    def handle(self, *, yes, remove, json: bool, verbosity, **options):
        """Make or remove."""
        if remove:
            self._remove(json, verbosity)
            return
        if demo.people().exists():
            self.stderr.write("The demo is here already; its passwords are not shown again. --remove takes it away.")
            if json:
                self.stdout.write(_as_json([], made_now=False))
            return
        if not yes and Developer.objects.exists():
            raise CommandError("There are developers here already: say --yes to add the demo beside them.")
        made = demo.make()
        for _ in terminal.progress(demo.fill(), demo.END_USERS, "Adding people", quiet=not verbosity):
            pass
        if json:
            self.stdout.write(_as_json(made, made_now=True))
            return
        self.stdout.write(f"{demo.TEAM} has {demo.END_USERS} end users and test keys in every state. Sign in as")
        for (developer, password), (_, _, role) in zip(made, demo.CAST, strict=True):
            self.stdout.write(f"  {role.label.lower():9} {developer.email:22} {password}")
        self.stderr.write("These passwords are not shown again.")

    def _remove(self, as_json: bool, verbosity: int) -> None:
        try:
            count = demo.remove()
        except demo.InTheWay as error:
            raise CommandError(str(error)) from error
        if as_json:
            self.stdout.write(json.dumps({"removed": count}))
        elif verbosity:
            self.stdout.write("The demo is gone." if count else "There is no demo here.")


def _as_json(made, *, made_now: bool) -> str:
    people = [{"email": developer.email, "password": password} for developer, password in made]
    return json.dumps({"made": made_now, "team": demo.TEAM, "developers": people})
