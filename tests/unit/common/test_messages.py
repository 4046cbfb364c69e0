"""Messages of the API in five languages: every sentence is in every catalog, and the catalogs are compiled."""

from __future__ import annotations

import ast
import importlib
import io
import pkgutil
import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.utils import translation

import analytics_app
import documents_app
import jobs_app
import sessions_app
import tutor_project
from documents_app.domain.errors import CorruptFile, ExpandedTooLarge, TooManyPages
from documents_app.extraction.notes import SENTENCES
from sessions_app.domain.plan import TopicNotInMaterial
from tutor_project.common.errors import DomainError
from tutor_project.common.messages import error_classes, said, said_again
from tutor_project.language import FULL_LANGUAGES
from tutor_project.llm import standby

ROOT = Path(__file__).resolve().parents[3]
LOCALE = ROOT / "tutor_project" / "locale"
LANGUAGES = [tag for tag in FULL_LANGUAGES if tag != "en"]
APPS = (analytics_app, documents_app, jobs_app, sessions_app, tutor_project)

FOR_STAFF_AND_PROGRAMS = (
    "analytics_app.domain", "documents_app.retrieval", "documents_app.services.reembedding",
    "jobs_app.admin.schedules", "jobs_app.domain", "jobs_app.services.notifying", "sessions_app.domain.mastery",
    "sessions_app.domain.review_load", "sessions_app.errors", "tutor_project.common.api.filtering",
    "tutor_project.common.api.idempotency", "tutor_project.common.api.pagination",
    "tutor_project.common.api.queries", "tutor_project.common.api.time_range", "tutor_project.common.cache",
    "tutor_project.common.runtime", "tutor_project.llm.embeddings", "tutor_project.platform.alerts",
    "tutor_project.platform.backup", "tutor_project.platform.config", "tutor_project.platform.keys",
    "tutor_project.platform.profiles",
)  # fmt: skip
"""Modules whose errors only staff, operators or the authors of a client meet; these stay in English."""


def _load_all() -> None:
    for app in APPS:
        for module in pkgutil.walk_packages(app.__path__, f"{app.__name__}."):
            if not module.name.split(".")[-1].startswith("__") and ".migrations" not in module.name:
                importlib.import_module(module.name)


@cache
def _for_learners() -> dict[str, type[DomainError]]:
    """Return the errors a learner may meet, by their sentence; one that is only words of its caller has none."""
    _load_all()
    kinds = [DomainError, *error_classes()]
    return {kind.detail: kind for kind in kinds if not kind.__module__.startswith((*FOR_STAFF_AND_PROGRAMS, "tests"))}


def _literals(call: str, keyword: str | None) -> set[str]:
    """Return the literal texts given to ``call`` in the code: its first argument, or that of ``keyword``."""
    found = set()
    for app in APPS:
        for path in Path(app.__path__[0]).rglob("*.py"):
            text = path.read_text()
            if not re.search(rf"\b(?:{call})\(", text):
                continue
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and re.fullmatch(call, node.func.id):
                    given = node.args[:1] if keyword is None else [k.value for k in node.keywords if k.arg == keyword]
                    found |= {v.value for v in given if isinstance(v, ast.Constant) and isinstance(v.value, str)}
    return found


def _of_documents() -> list[str]:
    """Return the sentences of the warnings of documents."""
    return [sentence for known in SENTENCES.values() for sentence in known]


@cache
def _said() -> set[str]:
    """Return everything that may have to be said in a learner's language."""
    notices = {*standby._WHY.values(), standby._OTHERWISE, standby._BY}
    reasons = _literals("CorruptFile|UnsafeMarkup|HostileArchive", "reason") | _literals("ExpandedTooLarge", "unit")
    return {*_for_learners(), *_of_documents(), *notices, *reasons, *_literals("gettext|_", None)}


def _catalog(language: str) -> Catalog:
    with (LOCALE / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def _fields(text: str) -> set[str]:
    return set(re.findall(r"(?<!\{)\{(\w+)", text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalog_says_all_that_a_learner_may_meet(language: str) -> None:
    said = _said()
    assert len(said) > 150
    known = {message.id for message in _catalog(language) if message.id and message.string}
    assert said - known == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_fills_in_what_the_sentence_does(language: str) -> None:
    wrong = [str(m.id) for m in _catalog(language) if m.id and _fields(str(m.id)) != _fields(str(m.string))]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalog_is_what_its_source_says(language: str) -> None:
    compiled = io.BytesIO()
    write_mo(compiled, _catalog(language))
    stored = (LOCALE / language / "LC_MESSAGES" / "django.mo").read_bytes()
    assert stored == compiled.getvalue(), "run `make messages`"


def test_an_error_is_said_in_the_active_language_and_kept_in_english() -> None:
    error = TopicNotInMaterial(topic="{0} & Öl")
    with translation.override("de"):
        assert said(error) == (
            "Das Material behandelt „{0} & Öl“ nicht. Wählen Sie eines seiner Themen, oder fügen Sie Material dazu hinzu."
        )
    assert error.message.startswith("The material does not deal with “{0} & Öl”.")
    assert said(error) == error.message


def test_words_of_ours_inside_a_sentence_are_translated_too() -> None:
    with translation.override("fr"):
        assert "(aucune page n’est lisible)" in said(CorruptFile(reason="no page can be read"))
        assert "dépasse 7 octets." in said(ExpandedTooLarge(limit=7, unit="bytes"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_stored_sentence_is_said_as_the_error_itself(language: str) -> None:
    kinds = _for_learners()
    assert len(kinds) > 90
    with translation.override(language):
        for template, kind in kinds.items():
            error = DomainError.__new__(kind)
            DomainError.__init__(error, **dict.fromkeys(_fields(template), 7))
            assert said_again(kind.code, error.message) == said(error) != error.message


def test_a_sentence_that_its_code_does_not_stand_for_stays_as_it_is() -> None:
    with translation.override("es"):
        assert said_again("too_many_pages", "Something else.") == "Something else."
        assert said_again("no_such_code", "Something else.") == "Something else."
        assert said_again(None, None) == ""
        assert said_again("too_many_pages", TooManyPages(pages=9, limit=3).message).startswith(
            "El archivo tiene 9 páginas"
        )


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_a_warning_of_a_document_is_said_in_the_active_language(code: str) -> None:
    for sentence in SENTENCES[code]:
        values = {name: f"{place}7.x" for place, name in enumerate(sorted(_fields(sentence)), start=1)}
        stored = sentence.format(**values)
        with translation.override("pt"):
            shown = said_again(code, stored, SENTENCES)
        assert shown != stored
        assert all(value in shown for value in values.values())


def test_no_format_warns_in_words_of_its_own() -> None:
    """A sentence that stands in the code alone would be said in English to everybody."""
    folder = Path(documents_app.__path__[0]) / "extraction"
    own = []
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "warn":
                own += [
                    f"{path.name}:{node.lineno}"
                    for detail in node.args[1:2]
                    if isinstance(detail, ast.Constant | ast.JoinedStr)
                ]
    assert own == []
