"""``manage.py backup FILE``: the database and the stored uploads in one verified file."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tutor_project.common.storage import file_storage
from tutor_project.platform.backup import BackupFailed, backup_write, dsn_of


class Command(BaseCommand):
    """Write a backup while everything runs."""

    help = "Writes the database and the stored uploads to one file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file's name."""
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Write it, and say what is inside."""
        try:
            tables = backup_write(
                target=options["file"], dsn=dsn_of(settings.DATABASES["default"]), storage=file_storage
            )
        except BackupFailed as error:
            raise CommandError(error.message) from error
        rows = sum(count for count, _ in tables.values())
        self.stdout.write(f"{options['file']}: {len(tables)} tables, {rows} rows")
