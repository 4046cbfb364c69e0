"""PostgreSQL, the only engine. Without ``DATABASE_URL`` it is the embedded server in ``VAR_DIR``.

Reading the settings starts nothing: ``manage.py`` and ``python -m tutor_project.stack`` start the servers.
"""

from __future__ import annotations

import sys

import environ

from tutor_project.embedded import postgres_url
from tutor_project.environment import DATABASE_URL, VAR_DIR, env
from tutor_project.settings.role import ROLE, pool_timeout_seconds

# An index on a large table takes longer than any request may.
DB_STATEMENT_TIMEOUT_MS = env.int("DB_STATEMENT_TIMEOUT_MS", default=0 if sys.argv[1:2] == ["migrate"] else 60_000)
DB_POOL_MAX = env.int("DB_POOL_MAX", default=8)

_url = environ.Env.db_url_config(DATABASE_URL or postgres_url(VAR_DIR))
DATABASES = {
    "default": {
        **_url,
        "ENGINE": "tutor_project.common.postgres",
        "ATOMIC_REQUESTS": False,  # services own their transactions
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": False,  # the engine looks by itself whether a connection of the pool still lives
        "DISABLE_SERVER_SIDE_CURSORS": env.bool("DB_TRANSACTION_POOLING", default=False),
        "OPTIONS": {
            **_url.get("OPTIONS", {}),
            # One pool a process: threads of the web server and of the job heartbeat share connections.
            "pool": {
                "min_size": 1,
                "max_size": DB_POOL_MAX,
                "timeout": pool_timeout_seconds(ROLE),
                "max_lifetime": 1800,
                "max_idle": 60,  # a connection is a process of the server, and there are two for each of ours after a burst
                # The pool's own attempts come ever more rarely; who asks for a connection begins new ones at once.
                "reconnect_timeout": 1.0,
            },
            "connect_timeout": 2,
            # Only of cursors that ask for it (``prepared_cursor``).
            "prepare_threshold": None if env.bool("DB_TRANSACTION_POOLING", default=False) else 0,
            "application_name": ROLE,
            # The second: a statement of a killed worker must not hold its locks until the time-out of the first. The
            # third: compiling a statement of 0.1 s takes longer than running it.
            "options": f"-c statement_timeout={DB_STATEMENT_TIMEOUT_MS} -c client_connection_check_interval=5000 -c jit=off",
        },
    },
}
