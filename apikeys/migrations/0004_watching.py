from itertools import islice

from django.db import migrations, models
from django.utils import timezone

from protocol.address import network_of


def learn(apps, schema_editor):
    """Keys that are in use already: their last network is known, and those of the next week are learned without a word.

    Otherwise every machine of every key would be news at once.
    """
    known = apps.get_model("apikeys", "KnownNetwork")
    uses = apps.get_model("apikeys", "LastUse").objects.order_by("pk").values_list("pk", "ip").iterator(5000)
    today = timezone.now().date()
    while part := list(islice(uses, 2000)):
        rows = [known(key_id=key_id, network="", seen_on=today) for key_id, _ip in part]
        rows += [known(key_id=key_id, network=network_of(ip), seen_on=today) for key_id, ip in part if ip]
        known.objects.bulk_create(rows, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_alerts"),
        ("apikeys", "0003_requests_by_key"),
    ]

    operations = [
        migrations.CreateModel(
            name="KnownNetwork",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "key_id", "network", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("key_id", models.UUIDField()),
                ("network", models.CharField(max_length=43)),
                ("seen_on", models.DateField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name="Reminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject_id", models.UUIDField()),
                ("what", models.CharField(max_length=20)),
                ("about", models.DateTimeField()),
                ("sent_at", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.AddConstraint(
            model_name="reminder",
            constraint=models.UniqueConstraint(fields=("subject_id", "what", "about"), name="reminded_once"),
        ),
        migrations.RunPython(learn, migrations.RunPython.noop),
    ]
