"""Owners take turns in a queue: what waits is claimed by its turn, read from one index, given from another."""

from django.conf import settings
from django.db import migrations, models

from tutor_project.common.indexes import AddField, AddIndexConcurrently


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("jobs_app", "0004_console_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AddField(
            model_name="job", name="turn", field=models.BigIntegerField(db_default=0, default=0)
        ),
        AddIndexConcurrently(
            model_name="job",
            index=models.Index(
                condition=models.Q(("dispatched_at__isnull", False), ("is_group", False), ("status", "pending")),
                fields=["priority", "turn", "id"],
                name="job_turn_idx",
            ),
        ),
        AddIndexConcurrently(
            model_name="job",
            index=models.Index(
                condition=models.Q(("is_group", False), ("status", "pending")),
                fields=["owner", "priority", "turn"],
                name="job_owner_turn_idx",
            ),
        ),
    ]
