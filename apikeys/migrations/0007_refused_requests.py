from django.db import migrations, models

from protocol.online_index import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("apikeys", "0006_usage_of_teams"),
    ]

    operations = [
        AddIndexOnline(
            "requestrecord",
            models.Index(
                fields=["team_id", "-created_at", "-id"],
                name="request_refused",
                condition=models.Q(status__gte=400),
            ),
        ),
    ]
