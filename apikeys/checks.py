"""A usable key whose pepper is not configured stops the start: it would be refused, and nobody would know why.

Database checks run with `migrate` and `check --database default`; no server runs them by itself, so `wsgi.py` calls
`refuse_unknown_peppers`.
"""

import logging

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections
from django.db.models import Count

from apikeys.models import ApiKey

log = logging.getLogger(__name__)


def unknown_peppers(using: str = "default") -> dict[str, int]:
    """Pepper id → how many usable keys need it, of those that API_KEY_PEPPERS doesn't hold."""
    if ApiKey._meta.db_table not in connections[using].introspection.table_names():
        return {}
    rows = ApiKey.objects.using(using).usable().exclude(pepper_id__in=settings.API_KEY_PEPPERS)
    return dict(rows.values_list("pepper_id").annotate(Count("pk")).order_by("pepper_id"))


def sentence(found: dict[str, int]) -> str:
    """What is wrong and what to do, on one line."""
    missing = ", ".join(f"{pepper} (usable keys: {count})" for pepper, count in found.items())
    lost = " ".join(f"manage.py rotate_pepper --lost {pepper}" for pepper in found)
    return f"missing {missing}: put it back, or if it is lost revoke its keys with {lost}"


@register(Tags.database)
def every_usable_key_has_its_pepper(app_configs, databases=None, **kwargs):
    """Error for each database with usable keys that nothing can verify."""
    errors = []
    for alias in databases or ():
        try:
            found = unknown_peppers(alias)
        except DatabaseError:
            continue  # away, or in the middle of a migration
        if found:
            errors.append(Error(f"API_KEY_PEPPERS: {sentence(found)}", id="apikeys.E001"))
    return errors


def refuse_unknown_peppers() -> None:
    """Stop the start of a server that would refuse good keys.

    A database that is away is no reason to stay away too: it is said, and `doctor` looks again.

    Raises:
        ImproperlyConfigured
    """
    connection = connections["default"]
    try:
        found = unknown_peppers()
    except DatabaseError:
        log.warning("the database is away: whether every key has its pepper was not checked")
        return
    finally:
        if not connection.in_atomic_block:
            connection.close()  # a worker that is forked from here must not share it
    if found:
        raise ImproperlyConfigured(f"API_KEY_PEPPERS: {sentence(found)}")
