"""The console finds unfinished documents, and documents by the beginning of their name, without reading the others."""

import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

from tutor_project.common.indexes import AddIndexConcurrently


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("documents_app", "0003_postings_by_owner"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="document",
            index=models.Index(
                condition=models.Q(("status__in", ["pending", "processing", "failed"])),
                fields=["status", "-id"],
                name="document_unfinished_idx",
            ),
        ),
        AddIndexConcurrently(
            model_name="document",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("filename"), name="text_pattern_ops"
                ),
                name="document_filename_idx",
            ),
        ),
        AddIndexConcurrently(
            model_name="document",
            index=models.Index(
                condition=models.Q(("error_code__isnull", False)),
                fields=["error_code", "-id"],
                name="document_error_idx",
            ),
        ),
    ]
