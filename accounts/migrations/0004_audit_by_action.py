from django.db import migrations, models

from protocol.online_index import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("accounts", "0003_jobs_and_mail"),
    ]

    operations = [
        AddIndexOnline("auditevent", models.Index(fields=["team_id", "action", "at"], name="audit_by_action")),
    ]
