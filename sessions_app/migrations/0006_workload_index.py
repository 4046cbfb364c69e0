from django.db import migrations, models

from tutor_project.common.indexes import AddIndexConcurrently


class Migration(migrations.Migration):
    """How many reviews fall due on the days to come is counted without reading the others."""

    atomic = False

    dependencies = [("sessions_app", "0005_attempts_and_exam_date")]

    operations = [
        AddIndexConcurrently(
            model_name="reviewcard", index=models.Index(fields=["due_at"], name="review_workload_idx")
        )
    ]
