"""Backup, restore into an empty database, compare."""

from __future__ import annotations

import subprocess
import tarfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage

from tutor_project.platform.backup import (
    BackupFailed,
    backup_restore,
    backup_write,
    database_fingerprint,
    dsn_of,
    stored_names,
)


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


def test_a_role_without_pgvector_is_told_who_may_install_it(dsn: str, empty_dsn: str, tmp_path: Path) -> None:
    storage = FileSystemStorage(tmp_path / "one")
    backup_write(target=tmp_path / "backup.tar", dsn=dsn, storage=storage)
    name = psycopg.conninfo.conninfo_to_dict(empty_dsn)["dbname"]
    with psycopg.connect(dsn, autocommit=True) as connection:
        assert connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() == (False,)
        connection.execute(f'DROP DATABASE "{name}"')
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    with pytest.raises(BackupFailed, match="CREATE EXTENSION vector in it as a superuser"):
        backup_restore(source=tmp_path / "backup.tar", dsn=empty_dsn, storage=storage)


@pytest.fixture
def owned(dsn: str) -> Iterator[list[str]]:
    """Two databases of our role in which a superuser installed pgvector, as an operator does on servers of their own."""
    superuser = psycopg.conninfo.make_conninfo(dsn, user="postgres")
    parts = psycopg.conninfo.conninfo_to_dict(dsn)
    names = [f"{parts['dbname']}_owned_{number}" for number in (1, 2)]
    try:
        connection = psycopg.connect(superuser, autocommit=True)
    except psycopg.OperationalError:
        pytest.skip("the test server lets nobody in as its superuser")
    with connection:
        for name in names:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}"')
            connection.execute(f'CREATE DATABASE "{name}" OWNER "{parts["user"]}" TEMPLATE template0')
            with psycopg.connect(superuser, dbname=name) as inside:
                inside.execute("CREATE EXTENSION vector")
        yield [psycopg.conninfo.make_conninfo(dsn, dbname=name) for name in names]
        for name in names:
            connection.execute(f'DROP DATABASE "{name}"')


def test_a_role_that_does_not_own_pgvector_restores(owned: list[str], tmp_path: Path) -> None:
    storage = FileSystemStorage(tmp_path / "one")
    with psycopg.connect(owned[0]) as connection:
        connection.execute("CREATE TABLE chunk AS SELECT 1 AS id, '[1,2,3]'::vector AS embedding")
    written = backup_write(target=tmp_path / "backup.tar", dsn=owned[0], storage=storage)
    assert backup_restore(source=tmp_path / "backup.tar", dsn=owned[1], storage=storage) == written


def test_a_restore_that_fails_leaves_the_database_empty(dsn: str, empty_dsn: str, tmp_path: Path) -> None:
    storage = FileSystemStorage(tmp_path / "one")
    backup_write(target=tmp_path / "whole.tar", dsn=dsn, storage=storage)
    with tarfile.open(tmp_path / "whole.tar") as whole, tarfile.open(tmp_path / "cut.tar", "w") as cut:
        dump = whole.extractfile("database.dump")
        assert dump is not None
        content = dump.read()
        entry = tarfile.TarInfo("database.dump")
        entry.size = len(content) - 64  # in the rows of the last table: all tables are made by then
        cut.addfile(entry, BytesIO(content[: entry.size]))
    with pytest.raises(BackupFailed, match="pg_restore failed: error: "):
        backup_restore(source=tmp_path / "cut.tar", dsn=empty_dsn, storage=storage)
    with psycopg.connect(empty_dsn) as connection:
        assert database_fingerprint(connection) == {}


def test_an_upload_deleted_while_the_backup_is_written_does_not_stop_it(dsn: str, tmp_path: Path) -> None:
    class Fleeting(FileSystemStorage):
        """Lists one file more than it has."""

        def listdir(self, path: str) -> tuple[list[str], list[str]]:
            return [], ["deleted", "kept"]

    storage = Fleeting(tmp_path / "one")
    storage.save("kept", ContentFile(b"bytes"))
    backup_write(target=tmp_path / "backup.tar", dsn=dsn, storage=storage)
    with tarfile.open(tmp_path / "backup.tar") as archive:
        assert [name for name in archive.getnames() if name.startswith("media/")] == ["media/kept"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.tar", "one"]


def test_the_password_is_no_argument_of_a_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from tutor_project.platform import backup

    seen: dict[str, Any] = {}

    def run(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        passfile = Path(psycopg.conninfo.conninfo_to_dict(command[2])["passfile"])
        seen.update(command=command, line=passfile.read_text(), mode=passfile.stat().st_mode & 0o777)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(backup, "_program", lambda name, server: name)
    monkeypatch.setattr(backup.subprocess, "run", run)
    backup._run("pg_dump", "--no-owner", dsn=r"host=db dbname=tutor password=to:p\\secret", server=17)
    assert "secret" not in " ".join(seen["command"])
    assert seen["line"] == "*:*:*:*:to\\:p\\\\secret\n"
    assert seen["mode"] == 0o600
