"""Few of a learner's many jobs failed or were cancelled: they are found without reading the others."""

from django.conf import settings
from django.db import migrations, models

from tutor_project.common.indexes import AddIndexConcurrently


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("jobs_app", "0002_processheartbeat_kinds"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="job",
            index=models.Index(
                condition=models.Q(("status__in", ["failed", "cancelled"])),
                fields=["owner", "-id"],
                name="job_owner_unsuccessful_idx",
            ),
        ),
    ]
