"""The learner's page as files: every language says everything, and the first view is light."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest

from tutor_project.language import FULL_LANGUAGES

STATIC = Path(__file__).resolve().parents[2] / "tutor_project" / "static"
PAGE = STATIC / "learn"
LANGUAGES = [tag for tag in FULL_LANGUAGES if tag != "en"]
TEXT = r'"((?:[^"\\]|\\.)*)"'
IMPORT = re.compile(rf"(?:from |import |import\(){TEXT}")
FIRST_VIEW_BYTES = 150_000


def _said() -> tuple[set[str], set[str]]:
    """Return the texts of the page, and those of them that go with a count."""
    sources = [path.read_text() for path in PAGE.rglob("*.js") if "vendor" not in path.parts]
    texts = {text for source in sources for text in re.findall(rf"\bt\(\s*{TEXT}", source)}
    counted = {text for source in sources for text in re.findall(rf'\bn\([^"]*?,\s*{TEXT}', source)}
    return texts, counted


def _words(language: str) -> dict[str, str | dict[str, str]]:
    return dict(json.loads((PAGE / "languages" / f"{language}.json").read_text()))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_says_everything_and_nothing_else(language: str) -> None:
    texts, counted = _said()
    assert len(texts) > 200
    assert set(_words(language)) == texts | counted


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_a_text_with_a_count_has_a_form_for_one_and_for_many(language: str) -> None:
    _, counted = _said()
    forms = {text: words for text, words in _words(language).items() if isinstance(words, dict)}
    assert set(forms) == counted
    assert all(words.keys() == {"one", "other"} for words in forms.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_holes_of_the_text(language: str) -> None:
    def holes(text: str) -> set[str]:
        return set(re.findall(r"\{\w+\}", text))

    said = [
        (text, form)
        for text, words in _words(language).items()
        for form in (words.values() if isinstance(words, dict) else [words])
    ]
    # “One thing to know” may be said without its number.
    wrong = [(text, form) for text, form in said if (holes(text) ^ holes(form)) - {"{n}"}]
    assert wrong == []


def _loaded(module: Path, seen: set[Path]) -> None:
    """Add the module and all that it imports, whether at once or later; what is vendored comes with its first use."""
    if module in seen or "vendor" in module.parts:
        return
    seen.add(module)
    for name in IMPORT.findall(module.read_text()):
        _loaded((module.parent / name).resolve(), seen)


def test_the_first_view_is_light() -> None:
    files = {PAGE / "learn.css", PAGE / "manifest.webmanifest", STATIC / "console" / "favicon.svg"}
    _loaded(PAGE / "main.js", files)
    assert PAGE / "views" / "quiz.js" in files
    largest_language = max((PAGE / "languages").iterdir(), key=lambda path: path.stat().st_size)
    shell = STATIC.parent / "templates" / "learn.html"
    size = sum(len(gzip.compress(path.read_bytes())) for path in {*files, largest_language, shell})
    assert size <= FIRST_VIEW_BYTES
