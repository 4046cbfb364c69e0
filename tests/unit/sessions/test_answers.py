"""Answers of the built-in engine: quoted passages with a state, and what a question leans on."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from documents_app.domain.search.evidence import ANSWERED_FROM, RELATED_FROM
from sessions_app.domain.answers import (
    MAX_QUESTION_CHARS,
    AnswerStatus,
    QuestionEmpty,
    QuestionTooLong,
    checked_question,
)
from sessions_app.domain.asking import language_of_question, leans_on
from sessions_app.engine.answer import answer, courtesy
from tests.unit.llm.material import course, found
from tutor_project.language import language

ASKED = "Why does granite have large crystals?"


@pytest.mark.parametrize(
    ("certainty", "status"),
    [
        (ANSWERED_FROM, AnswerStatus.ANSWERED),
        (ANSWERED_FROM - 0.01, AnswerStatus.CLOSEST),
        (RELATED_FROM, AnswerStatus.CLOSEST),
        (RELATED_FROM - 0.01, AnswerStatus.NOT_IN_MATERIAL),
    ],
)
def test_how_sure_an_answer_is_decides_its_state(certainty: float, status: AnswerStatus) -> None:
    reply = answer(ASKED, found(course(), certainty))
    assert reply.status is status
    assert reply.declined is (status is AnswerStatus.NOT_IN_MATERIAL)
    assert bool(reply.passages) is not reply.declined


def test_an_answer_quotes_its_passages_and_cites_each() -> None:
    reply = answer(ASKED, found(course()))
    assert reply.citations[0].text in reply.text
    body = reply.as_dict()
    assert [one["citation"] for one in body["passages"]] == body["citations"]
    assert body["passages"][0]["highlights"] == [[reply.citations[0].char_start, reply.citations[0].char_end]]


def test_the_closest_passage_is_announced_as_such_in_the_language_of_the_material() -> None:
    german = replace(found(course(), ANSWERED_FROM - 0.01), language="de")
    assert answer(ASKED, german).text.startswith(language("de").phrases("answer_closest")[0])


@pytest.mark.parametrize("text", ["What is it?", "Und warum?"])
def test_a_question_about_nothing_is_asked_back(text: str) -> None:
    asked = language_of_question(text)
    assert answer(text, found(course())).text == asked.phrases("answer_unclear")[0]


def test_the_headings_a_passage_begins_with_are_not_read_into_its_first_sentence() -> None:
    said = "Granite cools slowly, so that its\ncrystals grow large."
    text = f"Rocks\n\nGranite\n\n{said}"
    passages = found(course(), 0.9)
    cited = replace(passages.passages[0].citation, text=text)
    one = replace(passages.passages[0], citation=cited, headings=("Rocks", "Granite"))
    reply = answer(ASKED, replace(passages, passages=(one,)))
    assert reply.text == "Granite cools slowly, so that its crystals grow large."
    assert reply.passages[0].citation.text == text


@pytest.mark.parametrize(
    ("tag", "familiar"),
    [
        ("de", r"du|dich|dir|dein\w*"),
        ("es", r"tú|te|ti|tus?|tienes|puedes|has|envía"),
        ("fr", r"tu|te|toi|ton|ta|tes|peux|envoie"),
        ("pt", r"tu|te|ti|teus?|tuas?|podes|envia"),
    ],
)
def test_the_tutor_addresses_its_learner_as_the_rest_of_the_product_does(tag: str, familiar: str) -> None:
    lists = ("tutor_texts", "feedback_texts", "summary_texts", "lesson_phrases", "plan_phrases", "report_texts",
             "answer_closest", "answer_not_in_material", "answer_unclear", "follow_up_nothing")  # fmt: skip
    said = [line for name in lists for line in language(tag).phrases(name)]
    assert [line for line in said if re.search(rf"(?<!\w)(?:{familiar})(?!\w)", line, re.IGNORECASE)] == []


@pytest.mark.parametrize(
    ("said", "tag", "opening"),
    [
        ("Hello!", "en", "Hello!"), ("Guten Morgen", "de", "Hallo!"), ("Hola", "es", "¡Hola!"), ("Bonjour !", "fr", "Bonjour"),
        ("Olá", "pt", "Olá!"), ("Vielen Dank", "de", "Gern geschehen."), ("merci", "fr", "Je vous en prie."),
        ("Tschüss", "de", "Auf Wiedersehen!"),
        ("What next?", "en", "The lesson and the plan"), ("¿Qué sigue?", "es", "La lección y el plan"),
    ],
)  # fmt: skip
def test_courtesy_is_answered_in_kind_and_claims_nothing_of_the_material(said: str, tag: str, opening: str) -> None:
    reply = courtesy(said)
    assert (reply.language, reply.passages, reply.status) == (tag, (), AnswerStatus.NOT_IN_MATERIAL)
    assert reply.text.startswith(opening)


@pytest.mark.parametrize(("said", "tag"), [("an example", "en"), ("einfacher bitte", "de"), ("¿Por qué?", "es")])
def test_a_wish_about_nothing_yet_is_asked_back(said: str, tag: str) -> None:
    assert courtesy(said).text == language(tag).phrases("answer_unclear")[0]


def test_what_is_no_question_is_refused_by_name() -> None:
    with pytest.raises(QuestionEmpty):
        checked_question(" ?! ")
    with pytest.raises(QuestionTooLong):
        checked_question("why " * MAX_QUESTION_CHARS)
    assert checked_question(" Why\n so? ") == "Why so?"


@pytest.mark.parametrize(
    "text",
    [
        "And in winter?",
        "Which exception is there to this?",
        "Und im Winter?",
        "¿Y si sube a rapidez constante?",
        "Et en hiver ?",
        "E no Windows?",
    ],
)
def test_a_question_that_leans_on_the_last_one_is_told(text: str) -> None:
    assert leans_on(text, language_of_question(text))


@pytest.mark.parametrize(
    "text",
    [
        "Why does granite have large crystals?",
        "Was ist eine Kollisionsvariable?",
        "¿Qué dice la primera ley de Newton?",
        "Why is it that slow cooling makes the crystals of granite so large?",
    ],
)
def test_a_question_that_says_what_it_is_about_leans_on_nothing(text: str) -> None:
    assert not leans_on(text, language_of_question(text))
