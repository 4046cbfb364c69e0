"""Data for ``benchmarks.http``: users, sessions, messages, documents and a month of facts, written by the database itself.

    python -m benchmarks.support.http_fill --documents 100000 --messages 1000000 --facts 10000000 > accounts.json

Ten documents a session, twenty sessions a user; the facts belong to the same users and sessions, and are rolled up.
Prints the tokens and ids that the load uses: those of user 0 and of the administrator.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.analytics import _SHARES, DAYS, execute, generate

from django.contrib.auth import get_user_model  # isort: skip

from analytics_app.domain.facts import KINDS
from analytics_app.services.rollup import rollup_mark_stale, rollup_run
from tutor_project.accounts.services import token_create

DOCUMENTS_A_SESSION, SESSIONS_A_USER = 10, 20
MANY_FACTS = 1_000_000
"""From here on the facts spread over a month, else over a day."""

_USERS = """
INSERT INTO accounts_user (id, password, is_superuser, username, first_name, last_name, email, is_staff, is_active,
    date_joined, updated_at)
SELECT md5('u' || n)::uuid, '!', false, 'bench-' || n, '', '', '', false, true, now(), now()
FROM generate_series(0, %(users)s - 1) n
"""
_FOLDERS = """
INSERT INTO sessions_app_folder (id, created_at, updated_at, owner_id, name)
SELECT md5('f' || n)::uuid, now(), now(), md5('u' || n)::uuid, 'Course ' || n FROM generate_series(0, %(users)s - 1) n
"""
_SESSIONS = """
INSERT INTO sessions_app_learningsession (id, created_at, updated_at, owner_id, folder_id, title, last_activity_at,
    quiz_attempt_count, quiz_correct_count, topics_covered, message_count, dialogue, version)
SELECT md5('s' || n)::uuid, moment, moment, md5('u' || n %% %(users)s)::uuid, md5('f' || n %% %(users)s)::uuid,
    'Session ' || n, moment, n %% 9, n %% 5, ARRAY['Topic ' || n %% 50], %(each)s, '{}', 0
FROM (SELECT n, now() - make_interval(secs => n * 60) AS moment FROM generate_series(0, %(sessions)s - 1) n) AS made
"""
_MESSAGES = """
INSERT INTO sessions_app_message (id, created_at, updated_at, session_id, turn_no, role, content, citations)
SELECT uuidv7(), now(), now(), md5('s' || n %% %(sessions)s)::uuid, 1 + n / %(sessions)s,
    (ARRAY['user', 'assistant'])[1 + (n / %(sessions)s) %% 2], repeat('What does the light reaction make? ', 5), '[]'
FROM generate_series(0, %(messages)s - 1) n
"""
_DOCUMENTS = """
INSERT INTO documents_app_document (id, owner_id, session_id, filename, mime_type, size, page_count, status,
    embedding_status, stage, progress, timings, warnings, uploaded_at, processed_at)
SELECT uuidv7(), md5('u' || n %% %(sessions)s %% %(users)s)::uuid, md5('s' || n %% %(sessions)s)::uuid,
    'chapter-' || n || '.pdf', 'application/pdf', 100000 + n, 20, 'completed', 'completed', 'done', 100, '{}', '[]',
    now() - make_interval(secs => n), now()
FROM generate_series(0, %(documents)s - 1) n
"""


@contextmanager
def told(what: str) -> Iterator[None]:
    """Say how long a step took."""
    started = time.perf_counter()
    yield
    print(f"  {what} in {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)


def fill(documents: int, messages: int, facts: int) -> None:
    """Write everything and bring the statistics up to date."""
    sessions = max(documents // DOCUMENTS_A_SESSION, 1)
    users = max(sessions // SESSIONS_A_USER, 1)
    values: dict[str, Any] = {
        "users": users, "sessions": sessions, "documents": documents, "messages": messages, "each": messages // sessions
    }  # fmt: skip
    execute("SET statement_timeout = 0")
    execute("SET synchronous_commit = off")
    with told(f"{users:,} users, {sessions:,} sessions, {documents:,} documents, {messages:,} messages"):
        for statement in (_USERS, _FOLDERS, _SESSIONS, _MESSAGES, _DOCUMENTS):
            execute(statement, values)
    end = datetime.now(UTC)
    start = end - timedelta(days=DAYS if facts >= MANY_FACTS else 1)  # each hour is rolled up by itself
    with told(f"{facts:,} facts"):
        for kind, share in _SHARES.items():
            if facts:
                generate(kind, int(facts * share), start, end, users, sessions)
                rollup_mark_stale(fact=kind, start=start, end=end)
    with told("rolled up"):
        while rollup_run().skipped:  # the worker of the stack rolls up as well, and one at a time may
            time.sleep(1)
    with told("statistics"):
        tables = (
            "accounts_user sessions_app_folder sessions_app_learningsession sessions_app_message documents_app_document"
        )
        for table in [*tables.split(), *(kind.table for kind in KINDS.values())]:
            execute(f"VACUUM ANALYZE {table}")
        for name in ("rollup", "rollup_user", "rollup_session", "presence", "user_number", "session_number"):
            execute(f"VACUUM ANALYZE analytics_{name}")


def main() -> None:
    """Fill and print the accounts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("documents", "messages", "facts"):
        parser.add_argument(f"--{name}", type=int, required=True)
    asked = parser.parse_args()
    fill(asked.documents, asked.messages, asked.facts)
    users = get_user_model().objects
    learner, staff = users.get(username="bench-0"), users.get(username="admin")
    session, folder = (execute(f"SELECT md5('{letter}0')::uuid::text")[0][0] for letter in "sf")
    tokens = {"token": token_create(user=learner)[1], "staff": token_create(user=staff)[1]}
    json.dump({**tokens, "session": session, "folder": folder}, sys.stdout)


if __name__ == "__main__":
    main()
