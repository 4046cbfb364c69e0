"""Benchmarks are not run by the tests; that what they import is still there is looked at without running them."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import re
from pathlib import Path

import pytest

from tests.support.environment import ROOT

OURS = ("tutor_project", "jobs_app", "documents_app", "sessions_app", "analytics_app", "tests", "benchmarks")
FILES = sorted((ROOT / "benchmarks").rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_a_benchmark_imports_of_the_project_exists(path: Path) -> None:
    missing = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom) or (node.module or "").split(".")[0] not in OURS:
            continue
        module = importlib.import_module(node.module)
        missing += [
            f"{node.module}.{alias.name}"
            for alias in node.names
            if not hasattr(module, alias.name) and importlib.util.find_spec(f"{node.module}.{alias.name}") is None
        ]
    assert missing == []


def test_the_guide_names_each_benchmark_and_no_other() -> None:
    guide = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"`(\w+)`", guide.split("| folder |")[0])
    assert sorted(named) == sorted(
        path.stem for path in FILES if path.parent.name == "benchmarks" and path.stem != "__init__"
    )
