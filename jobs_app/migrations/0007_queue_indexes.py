"""What waits is claimed by queue and turn."""

from django.conf import settings
from django.db import migrations, models

from tutor_project.common.indexes import AddIndexConcurrently, RemoveIndexConcurrently


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("jobs_app", "0006_job_queue"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="job",
            index=models.Index(
                condition=models.Q(("dispatched_at__isnull", False), ("is_group", False), ("status", "pending")),
                fields=["queue", "turn", "id"],
                name="job_queue_turn_idx",
            ),
        ),
        AddIndexConcurrently(
            model_name="job",
            index=models.Index(
                condition=models.Q(("is_group", False), ("status", "pending")),
                fields=["owner", "queue", "turn"],
                name="job_owner_queue_idx",
            ),
        ),
        RemoveIndexConcurrently(model_name="job", name="job_turn_idx"),
        RemoveIndexConcurrently(model_name="job", name="job_owner_turn_idx"),
    ]
