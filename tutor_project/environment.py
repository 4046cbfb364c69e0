"""The one place that reads the environment; the settings and the stack, which needs no Django, take their values from here."""

from __future__ import annotations

from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parents[1]

env = environ.Env()
env_file = BASE_DIR / ".env"
if env_file.is_file():
    env.read_env(env_file)

VAR_DIR = Path(env.str("TUTOR_VAR_DIR", default=str(BASE_DIR / "var"))).resolve()
DATABASE_URL = env.str("DATABASE_URL", default="")
REDIS_URL = env.str("REDIS_URL", default="")

EMBEDDED_POSTGRES = not DATABASE_URL
EMBEDDED_REDIS = not REDIS_URL
EMBEDDED = EMBEDDED_POSTGRES and EMBEDDED_REDIS
"""True when the project owns both servers: the mode in which it also makes its own secret and accounts."""

EMBEDDED_DURABLE = env.bool("EMBEDDED_DURABLE", default=True)
"""Off only for test data that nobody will miss: the embedded PostgreSQL then skips fsync."""

STACK_FORKS = env.bool("STACK_FORKS", default=True)
"""Whether the stack's programs are forks of one process that has imported the project (ADR 0024)."""
