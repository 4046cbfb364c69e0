"""The console's dashboard reads engagement and the largest spenders of a month from indexes alone."""

from django.db import migrations, models

from tutor_project.common.indexes import AddIndexConcurrently


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("analytics_app", "0004_rollup_revision")]

    operations = [
        AddIndexConcurrently(
            model_name="sessionanalytics",
            index=models.Index(
                fields=["last_activity"], include=["engagement_score"], name="session_analytics_active_idx"
            ),
        ),
        AddIndexConcurrently(
            model_name="userrollup",
            index=models.Index(
                condition=models.Q(("fact", "token_usage")),
                fields=["grain", "bucket"],
                include=["user_id", "count", "prompt_tokens", "completion_tokens", "cost_usd", "unpriced"],
                name="rollup_user_spent_idx",
            ),
        ),
    ]
