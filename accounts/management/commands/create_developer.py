"""`manage.py create_developer`: a person who may sign in, made by an operator."""

import json
import os

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import IntegrityError

from accounts import terminal
from accounts.models import Developer


class Command(BaseCommand):
    """Makes a developer with a home team. Asks only on a terminal for what was not said."""

    help = (
        "Create a developer, with a team of their own. E-mail and password come from the options, else from OW_EMAIL "
        "and OW_PASSWORD, else they are asked for on a terminal. An option is seen by everyone who lists the "
        "processes: better say --password - and send it on stdin."
    )

    def add_arguments(self, parser):
        """The options."""
        parser.add_argument("--email", default=os.environ.get("OW_EMAIL"))
        parser.add_argument("--password", default=os.environ.get("OW_PASSWORD"), help="- reads one line from stdin")
        parser.add_argument("--first-name", default="")
        parser.add_argument("--staff", action="store_true", help="may open the admin; what in it, groups decide")
        parser.add_argument("--superuser", action="store_true", help="may do everything in the admin")
        parser.add_argument("--noinput", "--no-input", action="store_true", help="never ask")
        parser.add_argument("--json", action="store_true", help="answer as one JSON object")

    def handle(self, *, email, password, first_name, staff, superuser, noinput, json: bool, verbosity, **options):
        """Make the developer, or say why not."""
        may_ask = not noinput and terminal.is_terminal()
        email = self._email(email, may_ask)
        fields = {"is_staff": staff or superuser, "is_superuser": superuser, "first_name": first_name}
        person = Developer(email=email, first_name=first_name)
        password = terminal.new_password(person, password, may_ask=may_ask)
        try:
            developer = Developer.objects.create_user(email, password, by="command", **fields)
        except IntegrityError as error:
            raise CommandError(f"{email} exists already.") from error
        if json:
            self.stdout.write(_as_json(developer))
        elif verbosity:
            kind = "an operator who may do everything" if superuser else "staff" if staff else "a developer"
            self.stdout.write(f"{developer.email} can sign in now, as {kind}.")

    def _email(self, email, may_ask: bool) -> str:
        if not email:
            if not may_ask:
                raise CommandError("Say --email or OW_EMAIL.")
            email = terminal.ask("E-mail: ")
        email = Developer.objects.normalize_email(email)
        try:
            validate_email(email)
            Developer._meta.get_field("email").run_validators(email)
        except ValidationError as error:
            raise CommandError("That is not an e-mail address.") from error
        if Developer.objects.filter(email=email).exists():
            raise CommandError(f"{email} exists already.")
        return email


def _as_json(developer: Developer) -> str:
    return json.dumps(
        {
            "id": str(developer.pk),
            "email": developer.email,
            "team_id": str(developer.home_team_id),
            "is_staff": developer.is_staff,
            "is_superuser": developer.is_superuser,
        }
    )
