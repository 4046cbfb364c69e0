"""Fill the price table from the data file; ``manage.py load_prices`` adds what later versions of the file bring."""

from __future__ import annotations

import json
from pathlib import Path

from django.db import migrations

from analytics_app.domain.prices import parse_price

DATA_FILE = Path(__file__).resolve().parents[1] / "data" / "prices.json"


def load(apps, schema_editor) -> None:
    model = apps.get_model("analytics_app", "ModelPrice")
    prices = [parse_price(entry) for entry in json.loads(DATA_FILE.read_text(encoding="utf-8"))["prices"]]
    model.objects.bulk_create(
        [
            model(
                model=price.model,
                valid_from=price.valid_from.date(),
                prompt_usd=price.prompt_usd,
                completion_usd=price.completion_usd,
                local=price.local,
                source=price.source,
            )
            for price in prices
        ],
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    dependencies = [("analytics_app", "0002_partitioned_facts")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
