"""Rollups bear a revision, so that processes know how long they may keep sums of them."""

import django.contrib.postgres.functions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("analytics_app", "0003_list_prices")]

    operations = [
        migrations.AddField(
            model_name="factstate",
            name="revision",
            field=models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID()),
        ),
    ]
