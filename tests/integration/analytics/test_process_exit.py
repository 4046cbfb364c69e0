"""Buffered facts survive the ways a process ends on its own."""

from __future__ import annotations

import os
import subprocess
import sys
from urllib.parse import urlencode

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db(transaction=True)

RECORD = 'events.record("performance", operation=operation, latency_ms=1, success=True)'
START = f"""
import django
django.setup()
from tutor_project.common import events
def record(operation):
    {RECORD}
"""
ENDINGS = {
    "exit": START + "record('exit')",
    "exception": START + "record('exception')\nraise SystemExit(3)",
    "fork": START
    + """
import multiprocessing
record('parent')
child = multiprocessing.get_context('fork').Process(target=record, args=('child',))
child.start()
child.join()
""",
    "spawned loop": START
    + """
import asyncio
async def serve():
    record('loop')
asyncio.run(serve())
""",
}


def database_url() -> str:
    database = connection.settings_dict
    host = database["OPTIONS"].get("host") or database["HOST"]
    port = database["OPTIONS"].get("port") or database["PORT"] or 5432
    query = urlencode({"host": host, "port": port})
    return f"postgres://{database['USER']}:{database.get('PASSWORD', '')}@/{database['NAME']}?{query}"


@pytest.mark.parametrize(
    ("ending", "operations"),
    [("exit", ["exit"]), ("exception", ["exception"]), ("fork", ["child", "parent"]), ("spawned loop", ["loop"])],
)
def test_what_was_buffered_is_written_before_the_process_ends(ending: str, operations: list[str]) -> None:
    environment = os.environ | {
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "tutor_project.settings",
        "SECRET_KEY": "only-for-this-test-0123456789-0123456789-0123456789",
        "FACT_FLUSHER": "true",
    }
    done = subprocess.run(
        [sys.executable, "-c", ENDINGS[ending]],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT operation FROM analytics_fact_performance ORDER BY operation")
        assert [name for (name,) in cursor.fetchall()] == operations, done.stderr
