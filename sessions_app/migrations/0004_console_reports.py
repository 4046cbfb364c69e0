"""Reports of questions missed and material unused read the answers and the messages they need from indexes."""

from django.conf import settings
from django.db import migrations, models

from tutor_project.common.indexes import AddIndexConcurrently


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("sessions_app", "0003_console_searches"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="answerrecord",
            index=models.Index(
                condition=models.Q(("verdict__in", ["correct", "incorrect", "partial"])),
                fields=["question"],
                include=("verdict",),
                name="answer_verdict_idx",
            ),
        ),
        AddIndexConcurrently(
            model_name="message",
            index=models.Index(
                condition=models.Q(("citations", []), _negated=True), fields=["session"], name="message_citing_idx"
            ),
        ),
    ]
