"""The queue a job waits in is kept with it: work that may ask a model has one of its own, whatever its priority."""

from django.db import migrations, models

_AS_BEFORE = """
UPDATE jobs_app_job SET queue = CASE WHEN job_type IN (
    'session_analysis', 'quiz_generation', 'lesson_generation', 'plan_generation', 'summary_judgement', 'session_report'
) THEN 'model' WHEN priority = 'medium' THEN 'default' ELSE priority END
WHERE status <> 'completed'
"""


class Migration(migrations.Migration):
    dependencies = [("jobs_app", "0005_fair_turns")]

    operations = [
        migrations.AddField(
            model_name="job", name="queue", field=models.CharField(db_default="default", default="default", max_length=10)
        ),
        migrations.RunSQL(_AS_BEFORE, migrations.RunSQL.noop),
    ]
