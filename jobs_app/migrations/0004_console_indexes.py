"""Outcomes of a month's jobs are counted, and jobs with an error found, from indexes; one replaces a narrower one."""

from django.db import migrations, models

from tutor_project.common.indexes import AddIndexConcurrently, RemoveIndexConcurrently


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("jobs_app", "0003_job_owner_unsuccessful_idx")]

    operations = [
        AddIndexConcurrently(
            model_name="job",
            index=models.Index(
                fields=["status", "completed_at"], include=("job_type", "is_group"), name="job_ended_idx"
            ),
        ),
        RemoveIndexConcurrently(model_name="job", name="job_status_completed_idx"),
        AddIndexConcurrently(
            model_name="job",
            index=models.Index(
                condition=models.Q(("error_code__isnull", False)), fields=["error_code", "-id"], name="job_error_idx"
            ),
        ),
    ]
