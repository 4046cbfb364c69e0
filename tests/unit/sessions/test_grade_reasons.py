"""Why an answer was graded as it was is told in the learner's language."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from sessions_app.domain import grading
from sessions_app.domain.grading.reasons import said_reason
from tutor_project.language import FULL_LANGUAGES, language

GRADING = Path(next(iter(grading.__path__)))
OTHERS = [tag for tag in FULL_LANGUAGES if tag != "en"]


def _reasons() -> Iterator[str]:
    """The reasons that the grading code gives, numbers as ``{}``."""
    for path in GRADING.glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        named = {
            target.id: node.value.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name) and isinstance(node.value.value, str)
        }
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            if isinstance(call.func, ast.Name) and call.func.id in {"right", "wrong", "unsure", "Grade"}:
                for argument in call.args:
                    yield from _texts(argument, named)


def _texts(node: ast.AST, named: dict[str, str]) -> Iterator[str]:
    if isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.Name) and node.id in named:
        yield named[node.id]
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body, named)
        yield from _texts(node.orelse, named)


@pytest.mark.parametrize("tag", OTHERS)
def test_every_reason_has_words_in_every_language(tag: str) -> None:
    reasons = set(_reasons())
    assert len(reasons) > 50
    assert reasons - language(tag).mapping("grade_reasons").keys() == set()
    assert language(tag).mapping("grade_reasons").keys() - reasons == set(), "no reason any more"


def test_numbers_stand_where_they_stood_and_unknown_words_stay() -> None:
    german = language("de")
    assert said_reason("2 of 3 parts are right", german) == "2 von 3 Teilen sind richtig"
    assert said_reason("2 of 3 parts are right", language("en")) == "2 of 3 parts are right"
    assert said_reason("says it in other words, says the model", german) == "says it in other words, says the model"
