"""Benchmarks are not run by the tests; that what they import is still there is looked at without running them."""

from __future__ import annotations

import ast
import importlib
import importlib.util
from pathlib import Path

import pytest

from tests.support.environment import ROOT

OURS = ("tutor_project", "jobs_app", "documents_app", "sessions_app", "analytics_app", "tests", "benchmarks")
FILES = sorted((ROOT / "benchmarks").glob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_a_benchmark_imports_of_the_project_exists(path: Path) -> None:
    missing = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom) or (node.module or "").split(".")[0] not in OURS:
            continue
        module = importlib.import_module(node.module) if node.module != "benchmarks" else None
        for alias in node.names:
            if module is None:
                found = (ROOT / "benchmarks" / f"{alias.name}.py").exists()
            else:
                found = (
                    hasattr(module, alias.name) or importlib.util.find_spec(f"{node.module}.{alias.name}") is not None
                )
            if not found:
                missing.append(f"{node.module}.{alias.name}")
    assert missing == []
