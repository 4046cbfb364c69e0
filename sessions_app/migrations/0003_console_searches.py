"""The console finds sessions by title, questions by concept and by the words of their stem, by indexes."""

import django.contrib.postgres.indexes
import django.db.models.functions.text
import tutor_project.common.words
from django.conf import settings
from django.db import migrations, models

from tutor_project.common.indexes import AddIndexConcurrently


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("sessions_app", "0002_mastery_updated_idx"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="learningsession",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("title"), name="text_pattern_ops"
                ),
                name="session_title_idx",
            ),
        ),
        AddIndexConcurrently(
            model_name="question",
            index=django.contrib.postgres.indexes.GinIndex(
                tutor_project.common.words.WordsOf("stem"), name="question_words_idx"
            ),
        ),
        AddIndexConcurrently(
            model_name="question",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("concept"), name="text_pattern_ops"
                ),
                name="question_concept_idx",
            ),
        ),
    ]
