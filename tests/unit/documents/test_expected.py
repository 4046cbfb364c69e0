"""What a question expects of its answer, and what a unit of the text offers."""

from __future__ import annotations

import pytest

from documents_app.domain.blocks import BlockKind
from documents_app.domain.search.expected import asks, expected, gives_cause, instructs
from tutor_project.language import language


@pytest.mark.parametrize(
    ("question", "tag", "kind"),
    [
        ("What is the equation of motion?", "en", BlockKind.FORMULA),
        ("Wie lautet die Formel der Dichte?", "de", BlockKind.FORMULA),
        ("Quelle fonction lit le fichier ?", "fr", BlockKind.CODE),
        ("¿Qué valor da la tabla?", "es", BlockKind.TABLE),
    ],
)
def test_words_of_a_question_name_the_kind_of_block(question: str, tag: str, kind: BlockKind) -> None:
    assert kind in expected(question, [tag]).kinds
    assert not expected("Oui ?", [tag]).kinds


@pytest.mark.parametrize(
    ("question", "tag"),
    [
        ("How many are there?", "en"),
        ("Seit wann gilt das?", "de"),
        ("¿Cuándo fue?", "es"),
        ("Combien y en a-t-il ?", "fr"),
    ],
)
def test_a_number_is_expected_where_one_is_asked_for(question: str, tag: str) -> None:
    assert expected(question, [tag]).number
    assert not expected("x y", [tag]).number


def test_reasons_and_instructions_are_expected_only_where_they_are_asked_for() -> None:
    assert expected("Why does ice float?", ["en"]).cause
    assert expected("¿Por qué flota el hielo?", ["es"]).cause
    assert expected("How do I install it?", ["en"]).doing
    other = expected("What is ice?", ["en"])
    assert not (other.cause or other.doing or other.number)


def test_a_question_of_any_language_is_understood_where_the_material_has_none() -> None:
    assert expected("Warum schwimmt Eis?", []).cause


def test_units_are_told_apart() -> None:
    english = language("en")
    assert asks('What is ice?" ') and not asks("Ice floats.")
    assert gives_cause("Ice floats because it is light.", english) and not gives_cause("Ice floats.", english)


@pytest.mark.parametrize(
    ("tag", "told", "stated"),
    [
        ("en", "Note the title.", "Note that ice floats."),
        ("es", "Observe la figura.", "Observe que el hielo flota."),
        ("de", "Beachten Sie die Regeln.", "Beachten Sie, dass Eis schwimmt."),
    ],
)
def test_what_a_reader_is_told_to_note_is_no_instruction(tag: str, told: str, stated: str) -> None:
    assert instructs(told, language(tag)) and not instructs(stated, language(tag))
