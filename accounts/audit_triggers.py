"""The triggers that make audit rows append-only, on PostgreSQL and SQLite: `install` and `remove`.

Called by the migration that makes the tables, by every later migration that alters them (SQLite rebuilds a table and
silently drops its triggers), and around the tests' flush. Two updates pass: seal null → value, and address or agent
→ '' (erasure).
"""

EVENTS, SEALS = "accounts_auditevent", "accounts_auditseal"

# Written out rather than imported: a migration's triggers must not change with the model.
KEPT = (
    "id at actor_kind actor_id action target_kind target_id team_id data request_id salt address_hash agent_hash mac"
).split()


def _changed(different: str) -> str:
    """SQL that is true for an UPDATE of an event that may not be."""
    parts = [f"NEW.{name} {different} OLD.{name}" for name in KEPT]
    parts.append(f"(NEW.seal_id {different} OLD.seal_id AND OLD.seal_id IS NOT NULL)")
    parts += [f"(NEW.{name} {different} OLD.{name} AND NEW.{name} <> '')" for name in ("address", "agent")]
    return " OR ".join(parts)


def _postgresql() -> tuple[list[str], list[str]]:
    refuse = """
        CREATE OR REPLACE FUNCTION accounts_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'audit rows are append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$
    """
    # jsonb has no ordering of its own here, so IS DISTINCT FROM compares values.
    make = [refuse]
    drop = []
    triggers = [
        (EVENTS, "no_update", f"BEFORE UPDATE ON {EVENTS} FOR EACH ROW WHEN ({_changed('IS DISTINCT FROM')})"),
        (EVENTS, "no_delete", f"BEFORE DELETE ON {EVENTS} FOR EACH ROW"),
        (EVENTS, "no_truncate", f"BEFORE TRUNCATE ON {EVENTS} FOR EACH STATEMENT"),
        (SEALS, "no_update", f"BEFORE UPDATE ON {SEALS} FOR EACH ROW"),
        (SEALS, "no_delete", f"BEFORE DELETE ON {SEALS} FOR EACH ROW"),
        (SEALS, "no_truncate", f"BEFORE TRUNCATE ON {SEALS} FOR EACH STATEMENT"),
    ]
    for table, name, when in triggers:
        drop.append(f"DROP TRIGGER IF EXISTS {table}_{name} ON {table}")
        make.append(f"CREATE TRIGGER {table}_{name} {when} EXECUTE FUNCTION accounts_audit_refuse()")
    return make, drop


def _sqlite() -> tuple[list[str], list[str]]:
    refuse = "BEGIN SELECT RAISE(ABORT, 'audit rows are append-only'); END"
    make, drop = [], []
    triggers = [
        (EVENTS, "no_update", f"BEFORE UPDATE ON {EVENTS} WHEN {_changed('IS NOT')}"),
        (EVENTS, "no_delete", f"BEFORE DELETE ON {EVENTS}"),
        (SEALS, "no_update", f"BEFORE UPDATE ON {SEALS}"),
        (SEALS, "no_delete", f"BEFORE DELETE ON {SEALS}"),
    ]
    for table, name, when in triggers:
        drop.append(f"DROP TRIGGER IF EXISTS {table}_{name}")
        make.append(f"CREATE TRIGGER {table}_{name} {when} {refuse}")
    return make, drop


def _statements(connection) -> tuple[list[str], list[str]]:
    return _postgresql() if connection.vendor == "postgresql" else _sqlite()


def names(connection) -> set[str]:
    """What the triggers are called."""
    return {statement.split()[4] for statement in _statements(connection)[1]}


def install(connection) -> None:
    """Make the triggers, anew where they are there."""
    make, drop = _statements(connection)
    with connection.cursor() as cursor:
        for statement in drop + make:
            cursor.execute(statement)


def remove(connection) -> None:
    """Drop the triggers; only for migrations that alter the tables, and tests."""
    with connection.cursor() as cursor:
        for statement in _statements(connection)[1]:
            cursor.execute(statement)
