"""A tutor's turn by a model: facts are proved, the answer of an open question never leaves, and a refusal is repaired."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from sessions_app.domain.questions.types import (
    FALSE_OPTION,
    TRUE_OPTION,
    BooleanKey,
    CandidateQuestion,
    ChoiceKey,
    Key,
    NumericKey,
    Option,
    QuestionKind,
    TextKey,
)
from sessions_app.engine_model.tutor import TutorBrief, TutorEvent, TutorReply, tutor_astream
from tests.unit.llm.fakes import END
from tests.unit.llm.material import CALLER, assert_exact, course, found, model_saying
from tutor_project.language import language
from tutor_project.llm.errors import LLMInvalidOutput

EN = language("en")
BASALT = "Basalt cooled quickly at the surface, so its crystals are small."
ASKS = {"kind": "question", "text": "Where do you think it cooled?"}
FACT = {"kind": "fact", "text": "Basalt has small crystals.", "passage": "P1", "quote": BASALT}
OPTIONS = (Option("a", "granite"), Option("b", "basalt"), Option("c", "marble"))


def question(
    key: Key, options: tuple[Option, ...] = (), stem: str = "Which rock has large crystals?"
) -> CandidateQuestion:
    return CandidateQuestion(QuestionKind.SHORT_ANSWER, stem, key, "", (), options)


GRANITE = question(TextKey(("granite",)))


def brief(**changes: Any) -> TutorBrief:
    plain = TutorBrief("help", "the one from the volcano?", found(course()), EN, EN, question=GRANITE, is_open=True)
    return replace(plain, **changes)


def _pieces(lines: list[dict[str, str]]) -> list[str]:
    text = "\n".join(map(json.dumps, lines))
    return [text[at : at + 40] for at in range(0, len(text), 40)]


def turn(asked: TutorBrief, *replies: list[dict[str, str]]) -> tuple[TutorReply, list[TutorEvent], Any]:
    gateway, setup = model_saying(*([*_pieces(lines), END] for lines in replies))

    async def collect() -> list[TutorEvent]:
        return [event async for event in tutor_astream(asked, course(), gateway, CALLER)]

    events = asyncio.run(collect())
    assert events[-1].reply is not None
    return events[-1].reply, events, setup


def test_a_turn_is_streamed_with_its_proof_and_ends_with_the_whole() -> None:
    reply, events, setup = turn(brief(), [FACT, ASKS])
    assert reply.text == "Basalt has small crystals. [1] Where do you think it cooled?"
    assert "".join(event.text for event in events if event.kind == "token") == reply.text
    assert [event.kind for event in events if event.kind != "token"] == ["writing", "citation", "done"]
    assert_exact(reply.citations, course())
    assert setup.facts[0]["feature"] == "tutor"


@pytest.mark.parametrize(
    "line",
    [
        {"kind": "reply", "text": "It is granite."},
        {"kind": "question", "text": "Could it be granite?"},
        {"kind": "analogy", "text": "Granite is like sugar."},
        {"kind": "reply", "text": "GRANITES, of course."},
        {"kind": "fact", "text": "Granite has large crystals.", "passage": "P1",
         "quote": "Granite is an igneous rock that cooled slowly deep in the crust, and its crystals are large."},
    ],
)  # fmt: skip
def test_no_kind_of_line_gives_the_answer_of_an_open_question(line: dict[str, str]) -> None:
    reply, events, _ = turn(brief(), [line, ASKS])
    assert reply.text == ASKS["text"]
    assert "granite" not in "".join(event.text for event in events).lower()


def test_an_answer_spread_over_lines_is_noticed() -> None:
    key = question(TextKey(("slow cooling deep in the crust",)))
    lines = [
        {"kind": "reply", "text": "Think of slow cooling."},
        {"kind": "reply", "text": "Deep in the crust, that is."},
    ]
    reply, _, _ = turn(brief(question=key), lines)
    assert reply.text == "Think of slow cooling."


def test_the_answer_is_not_given_by_ruling_out_all_others() -> None:
    asked = brief(question=question(ChoiceKey("a"), OPTIONS))
    lines = [{"kind": "reply", "text": "It is not basalt."}, {"kind": "reply", "text": "Nor is it marble."}, ASKS]
    reply, _, _ = turn(asked, lines)
    assert reply.text == f"It is not basalt. {ASKS['text']}"


def test_whether_an_open_statement_is_true_is_not_said() -> None:
    asked = brief(question=question(BooleanKey(False), (TRUE_OPTION, FALSE_OPTION), "Basalt has large crystals."))
    reply, _, _ = turn(asked, [{"kind": "reply", "text": "The statement is false."}, ASKS])
    assert reply.text == ASKS["text"]


def test_a_reply_does_not_guess_the_answer_of_an_open_question() -> None:
    asked = brief(terms=frozenset({"marble", "granite", "crystals"}))
    guess = {"kind": "reply", "text": "The rock you look for is marble."}
    named = {"kind": "reply", "text": "You are right to look at the crystals."}
    reply, _, _ = turn(asked, [guess, named, ASKS])
    assert reply.text == f"{named['text']} {ASKS['text']}"
    quoted = {"kind": "reply", "text": "The word that you look for is “obsidian”."}
    assert turn(asked, [quoted, ASKS])[0].text == ASKS["text"]
    reply, _, _ = turn(replace(asked, said="is it marble?"), [guess, ASKS])
    assert reply.text == f"{guess['text']} {ASKS['text']}", "what the learner named may be talked about"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ({"said": "I think I do not see it at all"}, "I do not see it at all."),
        ({"history": "TUTOR: Look at the first lines again, please!"}, "“Look at the first lines again, please.”"),
        ({}, "I will not take that from you, and you are closer than you think."),
        ({}, "The learner has the two bodies right."),
        ({}, "That is fine. The Moon is like a rubber band that is pulled at one end."),
    ],
)
def test_a_line_that_only_repeats_is_not_shown(source: dict[str, str], text: str) -> None:
    reply, _, _ = turn(brief(**source), [{"kind": "reply", "text": text}, ASKS])
    assert reply.text == ASKS["text"]


def test_once_the_question_is_closed_the_answer_may_be_explained() -> None:
    reply, _, _ = turn(brief(task="reveal", is_open=False), [{"kind": "reply", "text": "So it is granite."}])
    assert reply.text == "So it is granite."


def test_the_prompt_of_an_open_question_does_not_hold_its_answer() -> None:
    gateway, setup = model_saying([*_pieces([ASKS]), END])
    passages = found(course())
    safe = tuple(one for one in passages.passages if "ranite" not in one.citation.text)

    async def collect() -> None:
        async for _ in tutor_astream(brief(found=replace(passages, passages=safe)), course(), gateway, CALLER):
            pass

    asyncio.run(collect())
    sent = " ".join(message.text for message in setup.client.calls[0]["messages"])
    assert "granite" not in sent.lower()
    assert "the one from the volcano?" in sent and GRANITE.stem in sent


def test_a_fact_without_proof_is_not_shown_and_one_we_can_prove_is() -> None:
    unproved = {"kind": "fact", "text": "Obsidian is a glass of volcanoes.", "quote": "Obsidian is glass."}
    misquoted = {
        "kind": "fact",
        "text": "Basalt cooled quickly at the surface.",
        "quote": "Basalt cools very quickly there.",
    }
    reply, _, _ = turn(brief(), [unproved, misquoted, ASKS])
    assert reply.text.startswith("Basalt cooled quickly at the surface. [1]")
    assert [citation.text for citation in reply.citations] == [BASALT]


def test_numbers_come_from_the_material_and_an_analogy_is_marked() -> None:
    lines = [
        {"kind": "reply", "text": "That took 300 million years."},
        {"kind": "analogy", "text": "It is like sweets that cool on a tray."},
        ASKS,
    ]
    reply, _, _ = turn(brief(), lines)
    assert reply.text == f"{lines[1]['text']} {ASKS['text']}"
    assert reply.analogies == (lines[1]["text"],)


def test_a_turn_that_says_nothing_usable_is_asked_for_once_more_with_the_reason() -> None:
    reply, events, setup = turn(brief(), [{"kind": "reply", "text": "It is granite."}], [ASKS])
    assert reply.text == ASKS["text"]
    assert [event.kind for event in events if event.kind in {"writing", "repair"}] == ["writing", "repair"]
    asked_again = setup.client.calls[1]["messages"][1].text
    assert (
        "gives the answer of the open question away" in asked_again
        and "granite" not in asked_again.split("PASSAGES")[0]
    )
    with pytest.raises(LLMInvalidOutput):
        turn(brief(), [{"kind": "reply", "text": "granite"}], [{"kind": "reply", "text": "granite!"}])


@pytest.mark.parametrize("said", ["Is it $300.00?", "So it is three hundred.", "That makes 300 in all."])
def test_the_number_of_an_open_question_is_known_however_it_is_written(said: str) -> None:
    asked = brief(question=question(NumericKey(300.0), stem="How much is left?"))
    reply, _, _ = turn(asked, [{"kind": "reply", "text": said}, ASKS])
    assert reply.text == ASKS["text"]


def test_a_step_of_a_calculation_may_be_asked_for_with_numbers_of_its_own() -> None:
    step = {"kind": "question", "text": "What is 6 times 20?"}
    asked = brief(question=question(NumericKey(156.0), stem="What is 26 times 6?"))
    assert turn(asked, [step])[0].text == step["text"]
    claims = {"kind": "reply", "text": "It was built in 1832."}
    assert turn(asked, [claims, step])[0].text == step["text"], "a claim has a number from nowhere"
    assert turn(brief(), [step, ASKS])[0].text == ASKS["text"], "no number is asked for"
