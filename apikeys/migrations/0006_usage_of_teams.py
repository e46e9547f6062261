from datetime import UTC, datetime, time, timedelta

from django.db import migrations, models
from django.db.models import Sum
from django.utils import timezone

DAYS = 31  # no window looks further back

FROM_HOURS = """
INSERT INTO apikeys_teamhour (team_id, hour, outcome, count)
SELECT team_id, hour, outcome, SUM(count) FROM apikeys_usagehour JOIN apikeys_apikey ON id = key_id
WHERE hour >= %s AND hour < %s GROUP BY team_id, hour, outcome
"""
FROM_DAYS = """
INSERT INTO apikeys_teamhour (team_id, hour, outcome, count)
SELECT team_id, %s, outcome, SUM(count) FROM apikeys_usageday JOIN apikeys_apikey ON id = key_id
WHERE day = %s GROUP BY team_id, outcome
"""
ENDPOINTS = """
INSERT INTO apikeys_teamendpointday (team_id, day, method, route, count)
SELECT team_id, day, method, route, SUM(count) FROM apikeys_endpointday JOIN apikeys_apikey ON id = key_id
WHERE day = %s GROUP BY team_id, day, method, route
"""


def add_up(apps, schema_editor):
    """What keys had until now, by team: of a day whose hours were pruned, all of it at its first hour.

    Servers of the release before write on meanwhile, for keys alone; `run_jobs` adds theirs (`apikeys.rollup`).
    """
    hours, days = apps.get_model("apikeys", "UsageHour").objects, apps.get_model("apikeys", "UsageDay").objects
    ops = schema_editor.connection.ops
    today = timezone.now().date()
    for back in range(DAYS, -2, -1):  # a server whose clock is ahead may be in tomorrow
        day = today - timedelta(days=back)
        start = datetime.combine(day, time(), UTC)
        within = {"hour__gte": start, "hour__lt": start + timedelta(days=1)}
        by_hour = hours.filter(**within).aggregate(total=Sum("count"))["total"] or 0
        by_day = days.filter(day=day).aggregate(total=Sum("count"))["total"] or 0
        first, stored = ops.adapt_datetimefield_value(start), ops.adapt_datefield_value(day)
        with schema_editor.connection.cursor() as cursor:
            if by_day > by_hour:
                cursor.execute(FROM_DAYS, [first, stored])
            else:
                cursor.execute(FROM_HOURS, [first, ops.adapt_datetimefield_value(start + timedelta(days=1))])
            cursor.execute(ENDPOINTS, [stored])


class Migration(migrations.Migration):
    dependencies = [
        ("apikeys", "0005_keys_by_end"),
    ]

    operations = [
        migrations.CreateModel(
            name="TeamEndpointDay",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "team_id",
                        "day",
                        "method",
                        "route",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("team_id", models.UUIDField()),
                ("day", models.DateField()),
                ("method", models.CharField(max_length=10)),
                ("route", models.CharField(max_length=120)),
                ("count", models.PositiveBigIntegerField(default=0)),
            ],
            options={
                "indexes": [models.Index(fields=["day"], name="team_endpoint_by_day")],
            },
        ),
        migrations.CreateModel(
            name="TeamHour",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "team_id", "hour", "outcome", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("team_id", models.UUIDField()),
                ("hour", models.DateTimeField()),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("2xx", "Success"),
                            ("401", "Unauthorized"),
                            ("403", "Forbidden"),
                            ("404", "Not Found"),
                            ("422", "Invalid"),
                            ("429", "Limited"),
                            ("4xx", "Refused"),
                            ("5xx", "Failed"),
                        ],
                        max_length=3,
                    ),
                ),
                ("count", models.PositiveBigIntegerField(default=0)),
            ],
            options={
                "indexes": [models.Index(fields=["hour"], name="team_hour_by_hour")],
            },
        ),
        migrations.CreateModel(
            name="BusiestKeys",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "team_id", "window", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("team_id", models.UUIDField()),
                ("window", models.CharField(max_length=3)),
                ("key_ids", models.JSONField()),
                ("ranked_at", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.RunPython(add_up, migrations.RunPython.noop),
    ]
