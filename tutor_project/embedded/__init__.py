"""PostgreSQL and Valkey of the project's own, for a checkout that was given no servers.

``ensure_postgres`` and ``ensure_redis`` start the real servers out of two wheels the first time and attach to
the running ones afterwards; they keep their data under ``var/`` and listen on unix sockets only. Importing this
package starts nothing. It knows nothing of Django, so settings may use it.

How it stays right whatever is killed, in short (``docs/adr/0002-embedded-servers.md`` has the reasons):

- a server process inherits a locked file; the kernel frees that lock when its last process is gone, so
  "is it running?" never depends on a pid file, a socket file or a process name;
- whoever uses the servers holds a shared lock; the last one to leave stops them.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlsplit

from tutor_project.embedded.errors import EmbeddedServerError
from tutor_project.embedded.postgres import PostgresServer
from tutor_project.embedded.valkey import ValkeyServer

__all__ = [
    "EmbeddedServerError",
    "celery_url",
    "ensure_postgres",
    "ensure_redis",
    "postgres_answers",
    "postgres_running",
    "postgres_url",
    "redis_answers",
    "redis_running",
    "redis_url",
    "stop",
]


def ensure_postgres(var_dir: Path, *, durable: bool = True) -> str:
    """Start PostgreSQL on ``var_dir/postgres`` or attach to it.

    Returns a libpq URL of the database ``tutor`` (owner ``tutor``, extension ``vector`` present) over a unix socket.
    ``durable=False`` switches fsync off, for test data nobody will miss; it only matters to the process that starts
    the server. The server stops when the last process that called this has ended. Raises ``EmbeddedServerError``.
    """
    return PostgresServer(Path(var_dir), durable=durable).ensure()


def ensure_redis(var_dir: Path) -> str:
    """Start Valkey on ``var_dir/redis`` or attach to it; returns a ``unix://`` URL for redis-py.

    Celery wants the same address in another spelling: see ``celery_url``. Raises ``EmbeddedServerError``.
    """
    return ValkeyServer(Path(var_dir)).ensure()


def postgres_url(var_dir: Path) -> str:
    """The URL ``ensure_postgres`` returns, without starting anything: for settings, which have no side effects."""
    return PostgresServer(Path(var_dir)).url()


def redis_url(var_dir: Path) -> str:
    """The URL ``ensure_redis`` returns, without starting anything."""
    return ValkeyServer(Path(var_dir)).url()


def postgres_running(var_dir: Path) -> bool:
    """Whether any process of this checkout's PostgreSQL is alive."""
    return PostgresServer(Path(var_dir)).running()


def redis_running(var_dir: Path) -> bool:
    """Whether any process of this checkout's Valkey is alive."""
    return ValkeyServer(Path(var_dir)).running()


def postgres_answers(var_dir: Path) -> bool:
    """Whether this checkout's PostgreSQL takes connections now."""
    return PostgresServer(Path(var_dir)).answers()


def redis_answers(var_dir: Path) -> bool:
    """Whether this checkout's Valkey takes commands now."""
    return ValkeyServer(Path(var_dir)).answers()


def stop(var_dir: Path) -> None:
    """Stop both servers cleanly, whoever started or still uses them: Valkey first, then PostgreSQL."""
    ValkeyServer(Path(var_dir)).stop()
    PostgresServer(Path(var_dir)).stop()


def celery_url(redis_url: str) -> str:
    """The spelling Celery's transport (kombu) needs for a redis-py URL.

    ``unix:///path?db=1`` becomes ``redis+socket:///path?virtual_host=1``; any other URL is returned unchanged.
    """
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    database = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{quote(unquote(parts.path))}?virtual_host={database}"
