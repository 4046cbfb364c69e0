"""Backup, restore into an empty database, compare."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage

from tutor_project.platform.backup import BackupFailed, backup_restore, backup_write, dsn_of, stored_names


@pytest.fixture
def dsn(transactional_db: None) -> str:
    return dsn_of(settings.DATABASES["default"])


@pytest.fixture
def empty_dsn(dsn: str) -> Iterator[str]:
    """An empty database beside the test database."""
    name = f"{psycopg.conninfo.conninfo_to_dict(dsn)['dbname']}_restore"
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}"')
        connection.execute(f'CREATE DATABASE "{name}"')
        yield psycopg.conninfo.make_conninfo(dsn, dbname=name)
        connection.execute(f'DROP DATABASE "{name}"')


def test_a_restored_database_equals_the_one_backed_up(dsn: str, empty_dsn: str, make_user: Any, tmp_path: Path) -> None:
    make_user("kept")
    storage, other = FileSystemStorage(tmp_path / "one"), FileSystemStorage(tmp_path / "two")
    storage.save("files/ab/abc", ContentFile(b"bytes of an upload"))
    written = backup_write(target=tmp_path / "backup.tar", dsn=dsn, storage=storage)
    assert written["accounts_user"][0] == 1
    assert backup_restore(source=tmp_path / "backup.tar", dsn=empty_dsn, storage=other) == written
    assert list(stored_names(other)) == ["files/ab/abc"]
    assert other.open("files/ab/abc").read() == b"bytes of an upload"


def test_a_database_in_use_is_not_overwritten(dsn: str, tmp_path: Path) -> None:
    storage = FileSystemStorage(tmp_path / "one")
    backup_write(target=tmp_path / "backup.tar", dsn=dsn, storage=storage)
    with pytest.raises(BackupFailed, match="not empty"):
        backup_restore(source=tmp_path / "backup.tar", dsn=dsn, storage=storage)


def test_programs_older_than_the_server_are_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from tutor_project.platform import backup

    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 15.18 (Debian 15.18-0)'\n")
    old.chmod(0o755)
    monkeypatch.setattr(backup.shutil, "which", lambda name: str(old))
    assert backup._program("pg_dump", 15) == str(old)
    assert backup._major(backup._program("pg_dump", 18)) >= 18
    with pytest.raises(backup.BackupFailed, match="99 or newer is not installed"):
        backup._program("pg_dump", 99)
