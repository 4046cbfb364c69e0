"""One class name, one meaning: no public class name is defined in two modules."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("tutor_project", "jobs_app", "documents_app", "sessions_app", "analytics_app")
GIVEN = {"Command", "Migration"}
"""Names that Django asks for."""


def test_a_public_class_name_is_defined_once() -> None:
    places: dict[str, set[str]] = defaultdict(set)
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    places[node.name].add(str(path.relative_to(ROOT)))
    twice = {name: sorted(where) for name, where in places.items() if len(where) > 1 and name not in GIVEN}
    assert twice == {}
