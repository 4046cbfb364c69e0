"""Facts a client reported are marked; erasures are noted, so that facts still under way are dropped."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('analytics_app', '0005_console_indexes'),
    ]

    operations = [
        migrations.AddField(
            model_name='eventfact',
            name='reported',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='tokenusagefact',
            name='reported',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='toolinvocationfact',
            name='reported',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.CreateModel(
            name='ErasedEntity',
            fields=[
                ('entity', models.CharField(max_length=32, primary_key=True, serialize=False)),
                ('person', models.CharField(max_length=32)),
                ('erased_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'db_table': 'analytics_erased_entity',
                'indexes': [models.Index(fields=['person'], name='erased_person_idx')],
            },
        ),
    ]
