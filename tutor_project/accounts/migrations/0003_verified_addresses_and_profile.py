"""Addresses count when they are verified; accounts have a time zone, a language and a name to be shown; names have skeletons."""

import django.db.models.functions.text
from django.db import migrations, models

from tutor_project.accounts.domain.names import skeleton
from tutor_project.common.indexes import AddConstraint, AddField, AddIndexConcurrently, RemoveConstraint

BATCH = 1000


def fill_skeletons(apps, schema_editor):
    user_model = apps.get_model("accounts", "User")
    batch = []
    for user in user_model.objects.filter(name_skeleton="").only("pk", "username").iterator(chunk_size=BATCH):
        user.name_skeleton = skeleton(user.username)
        batch.append(user)
        if len(batch) == BATCH:
            user_model.objects.bulk_update(batch, ["name_skeleton"])
            batch = []
    user_model.objects.bulk_update(batch, ["name_skeleton"])


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0002_console_searches")]

    operations = [
        AddField(
            model_name="user",
            name="name_skeleton",
            field=models.TextField(db_default="", default="", editable=False),
        ),
        AddField(
            model_name="user",
            name="email_verified_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="e-mail verified"),
        ),
        AddField(
            model_name="user",
            name="display_name",
            field=models.CharField(blank=True, db_default="", default="", max_length=150),
        ),
        AddField(
            model_name="user",
            name="time_zone",
            field=models.CharField(db_default="UTC", default="UTC", max_length=64),
        ),
        AddField(
            model_name="user",
            name="language",
            field=models.CharField(
                blank=True, help_text="Empty: as the browser asks.", max_length=16, null=True
            ),
        ),
        migrations.RunPython(fill_skeletons, migrations.RunPython.noop, elidable=True),
        AddIndexConcurrently(
            model_name="user",
            index=models.Index(fields=["name_skeleton"], name="user_name_skeleton_idx"),
        ),
        AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("email"),
                condition=models.Q(("email_verified_at__isnull", False)),
                name="user_verified_email_unique",
            ),
        ),
        RemoveConstraint(model_name="user", name="user_email_ci_unique"),
    ]
