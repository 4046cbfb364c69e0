"""``manage.py restore FILE``: a backup into an empty database, compared table by table."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tutor_project.common.storage import file_storage
from tutor_project.platform.backup import BackupFailed, backup_restore, dsn_of


class Command(BaseCommand):
    """Restore a backup."""

    help = "Restores a backup into an empty database and compares every table."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file's name."""
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Restore it, and say what was compared."""
        try:
            tables = backup_restore(
                source=options["file"], dsn=dsn_of(settings.DATABASES["default"]), storage=file_storage
            )
        except BackupFailed as error:
            raise CommandError(error.message) from error
        rows = sum(count for count, _ in tables.values())
        self.stdout.write(f"{len(tables)} tables with {rows} rows restored; all equal to the backup")
