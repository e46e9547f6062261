"""`manage.py set_password`: a new password for somebody who forgot theirs or never had one."""

import json
import os

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts import notices, terminal
from accounts.models import Developer
from protocol.problems import InvalidToken


class Command(BaseCommand):
    """Sets it by the same verb as the portal and the API, so that every sign-in ends and the trail knows."""

    help = (
        "Set a developer's password. It comes from the option, else from OW_PASSWORD, else it is asked for twice on a "
        "terminal. Every sign-in of theirs ends at once, in browsers and over the API, and they are told by mail; "
        "their API keys go on working. An option is seen by everyone who lists the processes: better say --password - "
        "and send it on stdin."
    )

    def add_arguments(self, parser):
        """The options."""
        parser.add_argument("email", help="whose password it is")
        parser.add_argument("--password", default=os.environ.get("OW_PASSWORD"), help="- reads one line from stdin")
        parser.add_argument("--noinput", "--no-input", action="store_true", help="never ask")
        parser.add_argument("--json", action="store_true", help="answer as one JSON object")

    def handle(self, *, email, password, noinput, json: bool, verbosity, **options):
        """Set it, or say why not."""
        try:
            developer = Developer.objects.get_by_natural_key(email)
        except Developer.DoesNotExist as error:
            raise CommandError("Nobody has this e-mail address.") from error
        password = terminal.new_password(developer, password, may_ask=not noinput and terminal.is_terminal())
        try:
            with transaction.atomic():
                ended = developer.change_password(password, by="command")
                notices.password_changed(developer)
        except InvalidToken as error:
            raise CommandError(
                "Somebody changed this password at the same moment: nothing was changed here."
            ) from error
        if json:
            self.stdout.write(_as_json(developer, ended))
        elif verbosity:
            self.stdout.write(
                f"{developer.email} has a new password. {ended} sign-in{'' if ended == 1 else 's'} ended."
            )
        if verbosity and not developer.is_active:
            self.stderr.write("The account is disabled: nobody can sign in to it until an operator enables it.")


def _as_json(developer: Developer, ended: int) -> str:
    return json.dumps(
        {
            "id": str(developer.pk),
            "email": developer.email,
            "is_active": developer.is_active,
            "ended_sessions": ended,
        }
    )
