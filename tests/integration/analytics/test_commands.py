"""The commands of analytics."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from analytics_app.models import ModelPrice, Rollup, StaleWindow
from analytics_app.services.prices import DATA_FILE
from analytics_app.services.writer import facts_write
from tests.integration.analytics.support import FactMaker

pytestmark = pytest.mark.django_db


def run(*args: Any) -> str:
    output = StringIO()
    call_command(*args, stdout=output)
    return output.getvalue()


def test_the_list_prices_are_loaded_once_and_what_operators_edited_stays() -> None:
    ModelPrice.objects.all().delete()
    known = len(json.loads(DATA_FILE.read_text())["prices"])
    assert run("load_prices").startswith(f"{known} prices")
    ModelPrice.objects.filter(model="openai:gpt-4o").update(prompt_usd=Decimal(1))
    assert run("load_prices").startswith("0 prices")
    assert ModelPrice.objects.get(model="openai:gpt-4o").prompt_usd == 1


@pytest.mark.parametrize("text", ["nonsense", '{"prices": [{"model": "m"}]}', "{}", '{"prices": 5}'])
def test_a_bad_price_file_is_refused_and_adds_nothing(tmp_path: Path, text: str) -> None:
    file = tmp_path / "prices.json"
    file.write_text(text)
    before = ModelPrice.objects.count()
    with pytest.raises(CommandError):
        run("load_prices", str(file))
    assert ModelPrice.objects.count() == before


def test_rollups_are_rebuilt_from_the_facts() -> None:
    end = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    facts_write(facts=FactMaker(4, end - timedelta(hours=5), end).batch(300))
    run("rebuild_rollups")
    before = sorted(Rollup.objects.values_list("fact", "bucket", "key1", "count"))
    Rollup.objects.all().delete()
    StaleWindow.objects.all().delete()
    assert "recomputed from" in run("rebuild_rollups")
    assert sorted(Rollup.objects.values_list("fact", "bucket", "key1", "count")) == before
