"""The verdict of the dependency audit: a known flaw fails, silence of the source is no acquittal."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

PATH = Path(__file__).resolve().parents[3] / ".ci" / "audit.py"
SPEC = importlib.util.spec_from_file_location("audit", PATH)
assert SPEC is not None
assert SPEC.loader is not None
audit: Any = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(audit)

GOOD = {"name": "good", "version": "1.0", "vulns": []}
BAD = {"name": "bad", "version": "1.0", "vulns": [{"id": "PYSEC-2026-1", "fix_versions": ["1.1"]}]}
SKIPPED = {"name": "unknown", "skip_reason": "Dependency not found on PyPI and could not be audited: unknown (1.0)"}


@pytest.mark.parametrize(
    ("dependencies", "code", "said"),
    [
        ([GOOD], 0, "1 pinned versions have no known vulnerability."),
        ([GOOD, BAD], 1, "VULNERABLE bad 1.0: PYSEC-2026-1, fixed in 1.1"),
        ([SKIPPED, BAD], 1, "VULNERABLE bad"),
        ([SKIPPED], 3, "none of 1 pins was audited"),
        ([GOOD, SKIPPED], 3, "NOT AUDITED, no advisories to be had: unknown"),
        ([], 3, "none of 0 pins was audited"),
    ],
)
def test_a_known_flaw_fails_and_what_was_not_looked_at_is_named(dependencies: Any, code: int, said: str) -> None:
    verdict, lines = audit.judge({"dependencies": dependencies})
    assert verdict == code
    assert said in "\n".join(lines)
