"""What `manage.py check --database default` and every `migrate` say about this app's tables."""

from django.core.checks import Tags, Warning, register
from django.db import DatabaseError, connections

from accounts import audit_triggers


def missing_triggers(connection) -> bool:
    """Whether the audit tables are there without what keeps them append-only."""
    if audit_triggers.EVENTS not in connection.introspection.table_names():
        return False
    where = "tgname" if connection.vendor == "postgresql" else "name"
    table = "pg_trigger" if connection.vendor == "postgresql" else "sqlite_master"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {where} FROM {table} WHERE {where} LIKE 'accounts_audit%'")  # noqa: S608 - constants
        found = {row[0] for row in cursor.fetchall()}
    return not found.issuperset(audit_triggers.names(connection))


@register(Tags.database)
def audit_is_append_only(app_configs, databases=None, **kwargs):
    """Warn when a migration (or somebody) dropped the audit triggers."""
    found = []
    for alias in databases or ():
        try:
            if missing_triggers(connections[alias]):
                found.append(
                    Warning(
                        "The audit trail is not append-only: its triggers are missing.",
                        hint="Unless this is the middle of a migrate: from accounts import audit_triggers; "
                        "audit_triggers.install(connection), and ask who dropped them.",
                        id="accounts.W001",
                    )
                )
        except DatabaseError:
            continue  # a database that is away has louder voices
    return found
