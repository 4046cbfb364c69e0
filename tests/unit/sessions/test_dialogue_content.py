"""What the dialogue shows: hints that keep the secret, mistakes explained, feedback with evidence, what comes next."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from documents_app.engine import analyse
from sessions_app.domain.answers import Answer, AnswerPassage, AnswerStatus
from sessions_app.domain.dialogue.learner import user_model
from sessions_app.domain.dialogue.machine import DialogueState, Effect, EffectKind, Phase, Record, Rules, Script
from sessions_app.domain.questions.fitting import fitting_option
from sessions_app.domain.questions.types import (
    FALSE_OPTION,
    TRUE_OPTION,
    BooleanKey,
    CandidateQuestion,
    ChoiceKey,
    Key,
    NumericKey,
    Option,
    PartsKey,
    QuestionKind,
    TextKey,
)
from sessions_app.domain.speech import NAME, Speech
from sessions_app.engine.dialogue.content import Scene, asks_for_key, envelope, render, whats_next
from sessions_app.engine.dialogue.hints import GAP, Hint, Rung, hidden, hint, ladder, tells
from sessions_app.engine.dialogue.mistakes import right_place
from sessions_app.engine.lesson.writing import make_lesson
from tests.unit.documents.engine_material import LAW, document, embed
from tutor_project.language import FULL_LANGUAGES, language

SOURCE = document(LAW)
LESSON = make_lesson(analyse([SOURCE], embed), [SOURCE], embed)
EN = language("en")
SAY = Speech(EN)
SENTENCE = "Consideration is the price for which a promise is bought."


def _question(
    kind: QuestionKind,
    key: Key,
    options: tuple[Option, ...] = (),
    stem: str = "What is an offer?",
    sentence: str = SENTENCE,
) -> CandidateQuestion:
    at = SOURCE.content.text.index(sentence)
    return CandidateQuestion(
        kind=kind, stem=stem, key=key, explanation="See the text.", evidence=(SOURCE.cite(at, at + len(sentence)),),
        options=options, concept="consideration", section_title="Contracts",
    )  # fmt: skip


def _scene(*questions: CandidateQuestion, hints: int = 4) -> Scene:
    places = {(0, at): (f"q{at}", question) for at, question in enumerate(questions)}
    return Scene(LESSON, places, Script((len(questions),)), Rules(hints), SAY, EN)


def _hint(question: CandidateQuestion, level: int) -> Hint:
    return hint(question, level, LESSON, SAY, EN)


OPTIONS = (Option("a", "a gift"), Option("b", "the price for which a promise is bought"), Option("c", "a deed"))
QUESTIONS = [
    _question(QuestionKind.MULTIPLE_CHOICE, ChoiceKey("b"), OPTIONS),
    _question(QuestionKind.SHORT_ANSWER, TextKey(("consideration",))),
    _question(QuestionKind.CLOZE, TextKey(("price", "prices"))),
    _question(QuestionKind.NUMERIC, NumericKey(9.8, 0.1, "m/s²")),
    _question(QuestionKind.SHORT_ANSWER, PartsKey((TextKey(("price",)), TextKey(("promise",))))),
]
ASKING = DialogueState(phase=Phase.ASKING)


@pytest.mark.parametrize("question", QUESTIONS, ids=["choice", "term", "cloze", "number", "parts"])
def test_no_rung_before_the_last_names_the_answer(question: CandidateQuestion) -> None:
    rungs = ladder(question)
    assert rungs == (Rung.PLACE, Rung.KIND, Rung.PASSAGE, Rung.NARROW)
    for level, rung in enumerate(rungs[:3], 1):
        given = _hint(question, level)
        assert given.rung is rung
        assert question.key_text.lower() not in given.text.lower()
        assert not any(tells(question, cited.text, EN) for cited in given.citations)


def test_the_first_hint_leads_to_the_page_and_cites_a_neighbour_of_the_proof() -> None:
    given = _hint(QUESTIONS[2], 1)
    assert given.text == "Look at “Contracts”, page 1."
    assert given.place == {"document_id": "d1", "filename": "course.md", "page": 1, "section": "Contracts"}
    (near,) = given.citations
    assert SOURCE.content.text[near.char_start : near.char_end] == near.text != SENTENCE


def test_the_first_hint_cites_none_of_the_passages_that_an_answer_rests_on() -> None:
    (near,) = _hint(QUESTIONS[2], 1).citations
    given = _hint(replace(QUESTIONS[2], evidence=(*QUESTIONS[2].evidence, near)), 1)
    assert near not in given.citations


def test_a_title_that_tells_the_answer_is_not_named() -> None:
    question = _question(QuestionKind.SHORT_ANSWER, TextKey(("contract",)))
    given = _hint(question, 1)
    assert given.text == "Look at page 1." and given.place is not None and given.place["section"] is None


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (QUESTIONS[0], "A statement is asked for: which option says just what the text says?"),
        (QUESTIONS[1], "A term of one word is asked for."),
        (QUESTIONS[3], "A number in m/s² is asked for."),
        (QUESTIONS[4], "The answer has 2 parts."),
    ],
)
def test_the_second_hint_says_what_kind_of_thing_is_asked(question: CandidateQuestion, text: str) -> None:
    assert _hint(question, 2).text == text


def test_the_third_hint_shows_the_passage_with_the_answer_hidden() -> None:
    assert _hint(QUESTIONS[2], 3).text == "The text says: “Consideration is the _____ for which a promise is bought.”"
    assert _hint(QUESTIONS[0], 3).text == "The text says: “Consideration is _____.”"


def test_the_fourth_hint_leaves_two_options_in_their_order() -> None:
    assert _hint(QUESTIONS[0], 4).text == (
        "One of these two is right: “a gift” or “the price for which a promise is bought”."
    )
    assert _hint(QUESTIONS[1], 4).text == "It begins with “c”."


@pytest.mark.parametrize("value", [True, False])
def test_the_gap_in_the_passage_of_a_statement_does_not_tell_whether_it_is_true(value: bool) -> None:
    stem = SENTENCE if value else SENTENCE.replace("price", "deed")
    question = _question(QuestionKind.TRUE_FALSE, BooleanKey(value), (TRUE_OPTION, FALSE_OPTION), stem)
    assert ladder(question) == (Rung.PLACE, Rung.KIND, Rung.PASSAGE)
    shown = _hint(question, 3).text
    assert shown.startswith("Compare the statement with the text") and shown.count(GAP) == 1


def test_a_wrong_choice_is_told_where_it_belongs() -> None:
    options = (Option("a", "damages"), Option("b", "consideration"), Option("c", "acceptance"))
    question = _question(QuestionKind.MULTIPLE_CHOICE, ChoiceKey("b"), options, "What is the price for a promise?")
    why = right_place(question, "damages", LESSON, SAY, EN)
    assert why is not None and why.text.startswith("“damages” is something else: sums of money")
    assert SOURCE.content.text[why.citation.char_start : why.citation.char_end] == why.citation.text
    _, data = render(_scene(question), Effect(EffectKind.HINT, 0, 0, hint=1), ASKING, said="damages")
    assert data["message"].startswith("Not yet. “damages” is something else")
    assert data["why_wrong"]["citation"] in data["citations"]


def test_where_a_mistake_belongs_never_tells_the_answer() -> None:
    options = (Option("a", "void"), Option("b", "consideration"), Option("c", "an offer"))
    question = _question(QuestionKind.MULTIPLE_CHOICE, ChoiceKey("b"), options, "What is the price for a promise?")
    assert right_place(question, "void", LESSON, SAY, EN) is None, "its only sentence names the answer"


def test_the_answer_comes_with_its_reason() -> None:
    _, data = render(_scene(QUESTIONS[1]), Effect(EffectKind.REVEAL, 0, 0), ASKING, said="damages")
    assert data["message"].startswith(f"The answer is “consideration”. The text says: “{SENTENCE}”")
    assert "sums of money" in data["message"]


def test_an_open_question_carries_no_key() -> None:
    content = render(_scene(QUESTIONS[0]), Effect(EffectKind.ASK, 0, 0), DialogueState())
    shown = json.dumps(content)
    assert "option_id" not in shown and "correct" not in shown and "See the text" not in shown


@pytest.mark.parametrize(
    ("kind", "outcome"), [(EffectKind.CORRECT, "correct"), (EffectKind.REVEAL, "wrong"), (EffectKind.UNSURE, "unsure")]
)
def test_feedback_has_its_outcome_and_evidence(kind: EffectKind, outcome: str) -> None:
    _, data = render(_scene(QUESTIONS[1]), Effect(kind, 0, 0), DialogueState())
    assert data["outcome"] == outcome
    assert ("citations" in data) == (kind is not EffectKind.UNSURE)


def test_a_hint_asked_for_is_not_called_a_mistake() -> None:
    _, asked = render(_scene(QUESTIONS[0]), Effect(EffectKind.HINT, 0, 0, hint=1, code="asked_for"), DialogueState())
    _, earned = render(_scene(QUESTIONS[0]), Effect(EffectKind.HINT, 0, 0, hint=1), DialogueState())
    assert (asked["message"], earned["message"]) == ("Here is a hint.", "Not yet.")


def test_a_question_that_comes_back_says_so() -> None:
    _, first = render(_scene(QUESTIONS[0]), Effect(EffectKind.ASK, 0, 0), DialogueState())
    _, again = render(_scene(QUESTIONS[0]), Effect(EffectKind.ASK, 0, 0, code="came_back"), DialogueState())
    assert "note" not in first
    assert "left this question open" in again["note"]


def test_the_open_question_in_other_clothes_is_recognised() -> None:
    question = _question(
        QuestionKind.SHORT_ANSWER, TextKey(("the unqualified assent",)), stem="What does acceptance of an offer mean?"
    )
    assert asks_for_key("What is acceptance of an offer?", question)
    assert asks_for_key("just tell me the right answer", question)
    assert not asks_for_key("What are damages in a breach of contract?", question)


def _reply(*sentences: str) -> Answer:
    places = [(SOURCE.content.text.index(sentence), len(sentence)) for sentence in sentences]
    passages = tuple(AnswerPassage(SOURCE.cite(at, at + size), ((at, at + size),), "paragraph") for at, size in places)
    return Answer(" ".join(sentences), passages, AnswerStatus.ANSWERED, 0.9)


def test_a_reply_keeps_what_does_not_answer_the_open_question() -> None:
    other = "The injured party may claim damages."
    scene, effect = _scene(QUESTIONS[1]), Effect(EffectKind.ANSWER_QUESTION, 0, 0)
    kind, data = render(scene, effect, ASKING, reply=_reply(SENTENCE, other))
    assert (kind, data["message"], len(data["citations"])) == ("explanation", other, 1)
    kind, data = render(scene, effect, ASKING, reply=_reply("Courts do not ask whether the consideration is adequate."))
    assert (kind, data["code"]) == ("message", "answer_first")
    assert "consideration" not in json.dumps(data).lower()


def test_the_end_names_what_to_go_over_again() -> None:
    state = DialogueState(phase=Phase.FINISHED, records=(Record(0, 0, "wrong", 4, 3), Record(0, 1, "correct", 1, 0)))
    kind, data = render(_scene(), Effect(EffectKind.FINISHED), state)
    assert kind == "message" and (data["answered"], data["correct"]) == (2, 1)
    assert data["review"][0]["title"] == LESSON.sections[0].title


def test_a_declined_answer_is_a_message_and_an_answer_an_explanation() -> None:
    effect = Effect(EffectKind.ANSWER_QUESTION, 0, 0)
    refused = Answer("No.", (), AnswerStatus.NOT_IN_MATERIAL, 0.1)
    declined = render(_scene(QUESTIONS[0]), effect, ASKING, reply=refused)
    assert declined[0] == "message" and declined[1]["note"]
    with pytest.raises(ValueError, match="reply"):
        render(_scene(), effect, DialogueState())


def test_what_comes_next_is_known_in_every_phase() -> None:
    scene = _scene(QUESTIONS[0])
    explaining = DialogueState(phase=Phase.EXPLAINING)
    kinds = [whats_next(scene, state)["kind"] for state in (DialogueState(), explaining, ASKING)]
    assert kinds == ["start", "question", "open_question"]
    answered = DialogueState(phase=Phase.REVIEWED, records=(Record(0, 0, "correct", 1, 0),))
    assert whats_next(scene, answered)["kind"] == "end"
    assert "“What is an offer?”" in whats_next(scene, ASKING)["message"]


def test_every_reply_has_the_same_envelope() -> None:
    content = render(_scene(), Effect(EffectKind.EXPLAIN, 0), DialogueState())
    reply = envelope(content, user_model(DialogueState(), Script((1,))), whats_next(_scene(), DialogueState()))
    assert set(reply) == {"schema_version", "content_type", "data", "user_model_state"}
    assert reply["content_type"] == "explanation" and reply["data"]["citations"]
    assert reply["user_model_state"]["next"]["action"] == "start"
    json.dumps(reply)


@pytest.mark.parametrize("name", [NAME, "feedback_texts", "report_texts", "summary_texts"])
def test_learners_are_told_everything_in_every_language(name: str) -> None:
    texts = {tag: language(tag).mapping(name) for tag in FULL_LANGUAGES}
    for tag, own in texts.items():
        assert own.keys() == texts["en"].keys(), tag
        for code, text in own.items():
            assert _fields(text) == _fields(texts["en"][code]), (tag, code)


def test_a_language_without_sentences_is_spoken_to_in_english() -> None:
    assert Speech(language("sv"))("greeting") == "Hello!"


def _fields(text: str) -> set[str]:
    from string import Formatter

    return {name for _, name, _, _ in Formatter().parse(text) if name}


TERMS = tuple(Option(str(at), text) for at, text in enumerate(["spring tide", "neap tide", "tidal range", "12 hours"]))


@pytest.mark.parametrize(
    ("text", "option"),
    [
        ("Neap tide", "1"), ("neap tides", "1"), ("b", "1"), ("(C)", "2"), ("I think it is the tidal range.", "2"),
        ("the range", "2"), ("12 hours", "3"), ("it's a neap tide, isn't it?", None), ("tide", None), ("the Moon", None),
        ("not the neap tide", None), ("either the neap tide or the spring tide", None), ("tidal", "2"), ("", None),
    ],
)  # fmt: skip
def test_words_count_for_the_option_they_fit(text: str, option: str | None) -> None:
    found = fitting_option(_question(QuestionKind.MULTIPLE_CHOICE, ChoiceKey("2"), TERMS), text, EN)
    assert (found.id if found else None) == option


@pytest.mark.parametrize(
    ("text", "option"),
    [("True", "true"), ("that is false", "false"), ("falsch", "false"), ("Das stimmt.", "true"), ("verdadero", "true"), ("vrai", "true"),
     ("não", "false"), ("the tide is true to form", None), ("maybe", None)],
)  # fmt: skip
def test_a_statement_is_called_true_or_false_in_any_language(text: str, option: str | None) -> None:
    question = _question(QuestionKind.TRUE_FALSE, BooleanKey(True), (TRUE_OPTION, FALSE_OPTION))
    found = fitting_option(question, text, EN)
    assert (found.id if found else None) == option


def test_a_passage_hides_the_number_that_is_asked_for_in_words_too() -> None:
    asked = CandidateQuestion(QuestionKind.NUMERIC, "How many stay in the cycle?", NumericKey(5.0), "", ())
    passage = "Of every six molecules, five stay in the cycle, and the others leave it."
    assert hidden(passage, asked, EN) == f"Of every six molecules, {GAP} stay in the cycle, and the others leave it."
    asked = replace(asked, key=NumericKey(300.0))
    assert hidden("It costs $300.00, and 300 guests came.", asked, EN).count(GAP) == 2
