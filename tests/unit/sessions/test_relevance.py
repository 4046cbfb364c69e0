"""Whether a place of the material is one that a question is about."""

from __future__ import annotations

import pytest

from sessions_app.domain.relevance import AnswerPlace, Relevance
from tutor_project.language import language

JEJUNUM = AnswerPlace(
    "The small intestine",
    (
        "The jejunum is about a metre long.",
        "Its name means \u201cempty\u201d in Latin.",
        "It runs from duodenum to ileum.",
    ),
)
DUCTS = AnswerPlace(
    "Ducts", ("The ampulla opens into the duodenum at a papilla.", "A sphincter regulates the flow of bile.")
)
COLON = AnswerPlace("The colon", ("Most of the colon is covered by serosa.", "Its bands contract."))


def relevance(question: str, tongue: str = "en") -> Relevance:
    return Relevance(question, (JEJUNUM, DUCTS, COLON), language(tongue))


def test_place_with_hardly_a_word_of_the_question_is_off_the_point_where_another_has_them() -> None:
    asked = relevance("What does the name of the jejunum mean in Latin?")
    assert not asked.is_off_the_point(0, [1])
    assert not asked.is_off_the_point(0, [0])  # read with its neighbours
    assert asked.is_off_the_point(1, [0])


def test_question_in_other_words_than_the_material_refuses_nothing() -> None:
    asked = relevance("How does digestive juice get into the gut?")
    assert not any(asked.is_off_the_point(place, [0]) for place in range(3))


@pytest.mark.parametrize(
    ("question", "tongue", "refused"),
    [
        ("What did Oddi describe?", "en", True),
        ("What is the Latin name of this part?", "en", False),  # "Latin" stands in the first
        ("\u00bfQu\u00e9 es la bilis?", "es", False),  # the first word of a Spanish question is no name
        ("Was hat der Arzt Oddi beschrieben?", "en", False),  # in another language names may be written otherwise
    ],
)
def test_passage_that_names_nobody_the_question_names_is_off_the_point(
    question: str, tongue: str, refused: bool
) -> None:
    assert relevance(question, tongue).is_off_the_point(0, [1]) is refused


def test_sentences_that_are_not_known_are_not_refused() -> None:
    assert not relevance("What does the name of the jejunum mean?").is_off_the_point(1, [])
