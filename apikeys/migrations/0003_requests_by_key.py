from django.db import migrations, models

from protocol.online_index import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("apikeys", "0002_usage_and_requests"),
    ]

    operations = [
        AddIndexOnline(
            "requestrecord",
            models.Index(
                fields=["key_id", "-created_at", "-id"],
                name="request_by_key",
                condition=models.Q(key_id__isnull=False),
            ),
        ),
    ]
