"""No function decides more than a reader can hold.

Counted are the branches of a function (``if``, loops, ``except``, ``case``, conditional expressions, conditions of
comprehensions) and each ``and`` and ``or`` between their conditions; functions inside count for themselves.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.support.environment import ROOT

MOST = 15
APPS = ("tutor_project", "jobs_app", "documents_app", "sessions_app", "analytics_app")

_OWN_SCOPE = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_BRANCHES = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.IfExp, ast.match_case, ast.comprehension)


def branches(function: ast.AST) -> int:
    """Return one more than the decisions of a function."""
    count, waiting = 1, list(ast.iter_child_nodes(function))
    while waiting:
        node = waiting.pop()
        if isinstance(node, _OWN_SCOPE):
            continue
        count += isinstance(node, _BRANCHES)
        if isinstance(node, ast.comprehension):
            count += len(node.ifs)
        if isinstance(node, ast.BoolOp):
            count += len(node.values) - 1
        waiting.extend(ast.iter_child_nodes(node))
    return count


def tangled() -> Iterator[str]:
    """Yield ``path name`` of each function of the product that decides too much."""
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and branches(node) > MOST:
                    yield f"{path.relative_to(ROOT)} {node.name}"


def test_no_function_decides_more_than_a_reader_can_hold() -> None:
    assert list(tangled()) == [], "take these apart"


def test_branches_and_the_operators_between_their_conditions_count() -> None:
    source = "def f(a):\n    if a and a > 1 or a < 0:\n        return [b for b in a if b]\n    def g():\n        if a: pass\n"
    assert branches(ast.parse(source).body[0]) == 6
