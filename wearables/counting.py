# ruff: noqa: S608 - the names of two tables
"""How many people a team has, without counting them: triggers keep `Headcount` right, whoever adds or deletes.

A person never changes team or environment: nothing of ours does that, and no trigger would notice.

`SELECT count(*)` over a million people takes a hundred times as long as the page of twenty that it stands on. Written
out rather than imported by the migration's models, and on both databases: SQLite has triggers for rows alone.
"""

PEOPLE, HEADS = "wearables_enduser", "wearables_headcount"

_POSTGRESQL = [
    f"""
    CREATE OR REPLACE FUNCTION wearables_count_people() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            INSERT INTO {HEADS} (team_id, environment, people)
                SELECT team_id, environment, count(*) FROM come GROUP BY 1, 2 ORDER BY 1, 2
                ON CONFLICT (team_id, environment) DO UPDATE SET people = {HEADS}.people + excluded.people;
        ELSIF TG_OP = 'DELETE' THEN
            UPDATE {HEADS} h SET people = h.people - g.people
                FROM (SELECT team_id, environment, count(*) AS people FROM gone GROUP BY 1, 2) g
                WHERE h.team_id = g.team_id AND h.environment = g.environment;
        ELSE
            DELETE FROM {HEADS};
        END IF;
        RETURN NULL;
    END $$
    """,
    f"""
    CREATE TRIGGER wearables_people_come AFTER INSERT ON {PEOPLE} REFERENCING NEW TABLE AS come
    FOR EACH STATEMENT EXECUTE FUNCTION wearables_count_people()
    """,
    f"""
    CREATE TRIGGER wearables_people_go AFTER DELETE ON {PEOPLE} REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION wearables_count_people()
    """,
    f"""
    CREATE TRIGGER wearables_people_all_go AFTER TRUNCATE ON {PEOPLE}
    FOR EACH STATEMENT EXECUTE FUNCTION wearables_count_people()
    """,
]
_SQLITE = [
    f"""
    CREATE TRIGGER wearables_people_come AFTER INSERT ON {PEOPLE} BEGIN
        INSERT INTO {HEADS} (team_id, environment, people) VALUES (NEW.team_id, NEW.environment, 1)
            ON CONFLICT (team_id, environment) DO UPDATE SET people = people + 1;
    END
    """,
    f"""
    CREATE TRIGGER wearables_people_go AFTER DELETE ON {PEOPLE} BEGIN
        UPDATE {HEADS} SET people = people - 1 WHERE team_id = OLD.team_id AND environment = OLD.environment;
    END
    """,
]
NAMES = {"postgresql": ("come", "go", "all_go"), "sqlite": ("come", "go")}


def install(connection) -> None:
    """Count once, then keep counting; anew where the triggers are there. To be called by every migration of the table.

    Rows that come while it counts wait: the table is locked against writers until the transaction ends.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"LOCK TABLE {PEOPLE} IN SHARE ROW EXCLUSIVE MODE")
        for name in NAMES[connection.vendor]:
            table = f" ON {PEOPLE}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS wearables_people_{name}{table}")
        cursor.execute(f"DELETE FROM {HEADS}")
        counted = f"SELECT team_id, environment, count(*) FROM {PEOPLE} GROUP BY 1, 2"
        cursor.execute(f"INSERT INTO {HEADS} (team_id, environment, people) {counted}")
        for statement in _POSTGRESQL if connection.vendor == "postgresql" else _SQLITE:
            cursor.execute(statement)
