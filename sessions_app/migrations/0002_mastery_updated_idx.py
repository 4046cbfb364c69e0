"""The console's dashboard reads the mastery of a span from an index alone."""

from django.db import migrations, models

from tutor_project.common.indexes import AddIndexConcurrently


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("sessions_app", "0001_initial")]

    operations = [
        AddIndexConcurrently(
            model_name="masterystate",
            index=models.Index(
                fields=["updated_at"], include=["probability", "mastered_at"], name="mastery_updated_idx"
            ),
        ),
    ]
