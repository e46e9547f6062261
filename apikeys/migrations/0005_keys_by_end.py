from django.db import migrations, models

from protocol.online_index import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("apikeys", "0004_watching"),
    ]

    operations = [
        AddIndexOnline(
            "apikey",
            models.Index(fields=["expires_at"], name="api_key_by_end", condition=models.Q(expires_at__isnull=False)),
        ),
    ]
