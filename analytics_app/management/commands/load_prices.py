"""``manage.py load_prices``: add the data file's prices that the table does not have; edited ones stay."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analytics_app.domain.errors import PriceInvalid
from analytics_app.services.prices import prices_load


class Command(BaseCommand):
    """Add prices from the built-in file or from one of the same form."""

    help = "Adds model prices from the built-in data file, or from a file of the same form."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file."""
        parser.add_argument("file", nargs="?", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and say how many were new."""
        file: Path | None = options["file"]
        try:
            entries = json.loads(file.read_text(encoding="utf-8"))["prices"] if file else None
            added = prices_load(entries=entries)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CommandError(f"The file is not a price file: {error}") from error
        except PriceInvalid as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{added} prices added")
