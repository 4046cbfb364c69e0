"""The console finds accounts by the beginning of name or address, and its log by words, by indexes."""

import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.db import migrations, models

from tutor_project.common.indexes import AddIndexConcurrently, BuildIndexConcurrently


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="user",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("username"), name="text_pattern_ops"
                ),
                name="user_username_idx",
            ),
        ),
        AddIndexConcurrently(
            model_name="user",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("email"), name="text_pattern_ops"
                ),
                name="user_email_idx",
            ),
        ),
        BuildIndexConcurrently("log_entry_words_idx", "ON django_admin_log USING gin (to_tsvector('simple', object_repr))"),
        BuildIndexConcurrently("log_entry_object_idx", "ON django_admin_log (object_id)"),
    ]
