"""Make the peers' tables and credentials, and print them as JSON: python -m benchmarks.peers.cast HOW_MANY PASSWORD"""

import json
import sys

import django

django.setup()

from django.contrib.auth.hashers import make_password  # noqa: E402 - only once Django is set up
from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from knox.models import AuthToken  # noqa: E402
from rest_framework_api_key.models import APIKey  # noqa: E402
from rest_framework_simplejwt.tokens import RefreshToken  # noqa: E402


def make(how_many: int, password: str) -> dict[str, list[str]]:
    """As many users as said, each with one credential of every kind."""
    hashed = make_password(password)  # Django's default hasher: once, for it takes long
    users = User.objects.bulk_create(User(username=f"user-{n}", password=hashed) for n in range(how_many))
    refreshes = [RefreshToken.for_user(user) for user in users]
    return {
        "names": [user.username for user in users],
        "api_key": [APIKey.objects.create_key(name=user.username)[1] for user in users],
        "knox": [AuthToken.objects.create(user)[1] for user in users],
        "refresh": [str(token) for token in refreshes],
        "access": [str(token.access_token) for token in refreshes],
    }


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    json.dump(make(int(sys.argv[1]), sys.argv[2]), sys.stdout)
