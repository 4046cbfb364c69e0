"""Words of a language stand in its data, not in code.

Counted are the small words of the five languages (their stop words, negations, determiners and auxiliaries, of three letters
or more) among the alternatives of a pattern and among the members of a set or list of words. A pattern or list counts from
four such words on: fewer may be endings of words or names of something else.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator

from tests.support.environment import ROOT
from tutor_project.language import FULL_LANGUAGES, language

APPS = ("tutor_project", "jobs_app", "documents_app", "sessions_app", "analytics_app")
LEAST, LETTERS = 4, 3

_LISTS = ("stop_words", "negations", "determiners", "auxiliaries", "question_words", "pronouns")
_SMALL = frozenset(
    word for tag in FULL_LANGUAGES for name in _LISTS for word in language(tag).phrases(name) if len(word) >= LETTERS
)
_ALTERNATIVE = re.compile(r"(?<=[|(:])([^\W\d_]+)(?=[|)?])")


def words_in(tree: ast.AST) -> int:
    """Return how many small words of a language the patterns and lists of a module hold."""
    return sum(count for count in map(_counted, _lists(tree)) if count >= LEAST)


def _counted(words: set[str]) -> int:
    return len({word.lower() for word in words} & _SMALL)


def _lists(tree: ast.AST) -> Iterator[set[str]]:
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Set | ast.Tuple | ast.List):
            yield {item.value for item in node.elts if isinstance(item, ast.Constant) and isinstance(item.value, str)}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield set(_ALTERNATIVE.findall(node.value))
        elif isinstance(node, ast.Call) and _is_split(node):
            yield set(node.func.value.value.split())  # type: ignore[attr-defined]


def _is_split(call: ast.Call) -> bool:
    function = call.func
    return isinstance(function, ast.Attribute) and function.attr == "split" and isinstance(function.value, ast.Constant)


def counted() -> Counter[str]:
    """Return the number of words of each module that holds any."""
    found: Counter[str] = Counter()
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                found[str(path.relative_to(ROOT))] = words_in(ast.parse(path.read_text(encoding="utf-8")))
    return +found


def test_no_module_holds_words_of_a_language() -> None:
    assert counted() == Counter(), "put these words into tutor_project/language/data"


def test_patterns_lists_and_split_texts_count_and_documentation_does_not() -> None:
    source = '"""(the|and|not)"""\nA = re.compile("(?:the|and|not|with|cell)")\nB = {"the", "with"}\nC = "der die das und".split()\n'
    assert words_in(ast.parse(source)) == 8
