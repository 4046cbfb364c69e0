"""The environment of the tests, loaded by ``-p`` before Django reads its settings.

The real embedded PostgreSQL and Valkey live in a folder of the tests' own. Unit tests of ``domain`` need neither: the
servers start when the first test asks for the database or for Redis.
"""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import settings as hypothesis_settings

ROOT = Path(__file__).resolve().parents[2]
TEST_VAR = Path(os.environ.get("TUTOR_TEST_VAR_DIR", ROOT / "var" / "test"))

os.environ["TUTOR_VAR_DIR"] = str(TEST_VAR)
os.environ["EMBEDDED_DURABLE"] = "false"
os.environ["FACT_FLUSHER"] = "false"  # no thread writes facts between the tests; they flush by hand
os.environ.setdefault("LOG_LEVEL", "WARNING")
for name in ("DATABASE_URL", "REDIS_URL", "LLM_MODEL", "LLM_BASE_URL", "SECRET_KEY"):
    os.environ.pop(name, None)

# The same twenty-five examples each time, so that a run is quick and a failure comes again;
# ``pytest --hypothesis-profile=thorough`` looks for new ones.
hypothesis_settings.register_profile("quick", max_examples=25, derandomize=True, deadline=None)
hypothesis_settings.register_profile("thorough", max_examples=300, deadline=None)
hypothesis_settings.load_profile("quick")
