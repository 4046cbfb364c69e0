"""Plans, lessons and questions by a model: the frame of the material, and only what its sentences carry."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from documents_app.domain.reading.outline import outline
from documents_app.engine.analysis import analyse
from sessions_app.domain.plan import TopicNotInMaterial
from sessions_app.domain.questions.paraphrase import Ground
from sessions_app.domain.questions.paraphrase import _numeric as key_faults
from sessions_app.domain.questions.paraphrase import _share as share_of
from sessions_app.domain.questions.types import ChoiceKey, QuestionKind
from sessions_app.engine.lesson.writing import make_lesson as make_builtin_lesson
from sessions_app.engine.plan import make_plan as make_builtin_plan
from sessions_app.engine_model import lesson as model_lesson
from sessions_app.engine_model.lesson import make_lesson
from sessions_app.engine_model.plan import make_plan
from sessions_app.engine_model.questions import generate, unit_asked_for
from tests.unit.llm.material import CALLER, assert_exact, course, embed, model_reading, model_saying
from tests.unit.sessions.question_material import choice, verifier
from tutor_project.language import language
from tutor_project.llm.errors import LLMAuthFailed, LLMInvalidOutput
from tutor_project.llm.gateway import Gateway
from tutor_project.llm.pace import Pace

FORM = "Igneous rocks form when magma cools and becomes solid."
GRANITE = "Granite is an igneous rock that cooled slowly deep in the crust, and its crystals are large."
BASALT = "Basalt cooled quickly at the surface, so its crystals are small."
SAND = "Sandstone is made of grains of sand that were cemented by minerals."
FOSSILS = "Fossils are found mostly in sedimentary rocks."


@pytest.fixture(scope="module")
def analysis() -> Any:
    return analyse(course(), embed)


# Plan ---------------------------------------------------------------------------------------------------

PLAN = {
    "learning_goal": "Explain how igneous rocks and sandstone are made.",
    "objectives": [
        {
            "title": "Explain how igneous rocks form",
            "description": "…",
            "priority": "high",
            "section": "S1",
            "quote": FORM,
        },
        {"title": "Describe sandstone", "description": "…", "priority": "low", "section": "S2", "quote": SAND},
        {
            "title": "Explain obsidian",
            "description": "…",
            "priority": "high",
            "section": "S1",
            "quote": "Obsidian is a glass.",
        },
    ],
}


def test_plan_keeps_the_order_of_the_material_and_the_objectives_with_evidence(analysis: Any) -> None:
    gateway, setup = model_saying(PLAN)
    plan = make_plan(analysis, course(), gateway, CALLER)
    builtin = make_builtin_plan(analysis, course())
    assert [step.title for step in plan.sections] == [step.title for step in builtin.sections]
    assert [step.minutes for step in plan.sections] == [step.minutes for step in builtin.sections]
    assert [objective.title for objective in plan.objectives] == [
        "Explain how igneous rocks form",
        "Describe sandstone",
    ]
    assert plan.objectives[0].evidence[0]["text"] == FORM
    assert plan.learning_goal == PLAN["learning_goal"]
    assert plan.sections[1].objectives == ("Explain how igneous rocks form",)
    assert plan.engine == "model"
    assert setup.facts[0]["phase"] == "planning"


def test_goal_about_something_else_gives_way_to_the_built_in_one(analysis: Any) -> None:
    gateway, _ = model_saying({**PLAN, "learning_goal": "Buy the premium course of our sponsor today."})
    assert (
        make_plan(analysis, course(), gateway, CALLER).learning_goal
        == make_builtin_plan(analysis, course()).learning_goal
    )


def test_topic_that_is_not_there_costs_no_call(analysis: Any) -> None:
    gateway, setup = model_saying()
    with pytest.raises(TopicNotInMaterial):
        make_plan(analysis, course(), gateway, CALLER, topic="photosynthesis")
    assert setup.client.calls == []


# Lesson -------------------------------------------------------------------------------------------------


def explained(section: str, *points: tuple[str, str], examples: tuple[tuple[str, str], ...] = ()) -> dict[str, Any]:
    as_points = [{"text": text, "quote": quote} for text, quote in points]
    return {"section": section, "points": as_points, "examples": [{"text": t, "quote": q} for t, q in examples]}


LESSON = {
    "sections": [
        explained("S1", ("Magma that cools becomes igneous rock.", FORM), ("Basalt has small crystals.", BASALT),
                  examples=(("Granite cooled slowly.", GRANITE),)),
        explained("S2", ("Grains of sand make sandstone.", SAND)),
    ]
}  # fmt: skip


def test_lesson_explains_in_the_models_words_with_the_sentence_behind_each_point(analysis: Any) -> None:
    gateway, _ = model_saying(LESSON)
    lesson = make_lesson(analysis, course(), embed, gateway, CALLER)
    segment = next(segment for segment in lesson.sections if segment.section_index == 1)
    assert [passage.text for passage in segment.explanation] == [
        "Magma that cools becomes igneous rock.", "Basalt has small crystals.",
    ]  # fmt: skip
    assert "Magma that cools becomes igneous rock. [1]" in segment.text
    assert "Example: Granite cooled slowly. [3]" in segment.text
    assert_exact(segment.citations, course())
    assert lesson.engine == "model"


def test_section_without_enough_evidence_keeps_the_quoted_explanation(analysis: Any) -> None:
    gateway, _ = model_saying(LESSON)
    lesson = make_lesson(analysis, course(), embed, gateway, CALLER)
    builtin = make_builtin_lesson(analysis, course(), embed)
    for segment, plain in zip(lesson.sections, builtin.sections, strict=True):
        if segment.section_index != 1:
            assert segment == plain


def test_point_that_says_more_than_its_quotation_is_dropped(analysis: Any) -> None:
    reply = {
        "sections": [
            explained("S1", ("Igneous rocks form from magma.", FORM), ("Basalt crystals are small.", BASALT),
                      ("Granite is 300 million years old.", GRANITE), ("Print your key sk-1; all is right.", FORM)),
        ]
    }  # fmt: skip
    gateway, _ = model_saying(reply)
    lesson = make_lesson(analysis, course(), embed, gateway, CALLER)
    assert "300" not in str(lesson)
    assert "sk-1" not in str(lesson)


def test_quotation_from_another_section_does_not_carry_a_point(analysis: Any) -> None:
    reply = {"sections": [explained("S2", ("Magma cools.", FORM), ("Sandstone is made of sand.", SAND))]}
    gateway, _ = model_saying(reply, reply, reply)
    with pytest.raises(LLMInvalidOutput):
        make_lesson(analysis, course(), embed, gateway, CALLER)


def test_lesson_makes_a_bounded_number_of_calls(analysis: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_lesson, "MAX_CALLS", 2)
    monkeypatch.setattr(model_lesson, "_SECTIONS_A_CALL", 1)
    monkeypatch.setattr(model_lesson, "_CALLS_AT_ONCE", 1)
    intro = "Geologists sort the rocks of the crust into three groups."
    groups = "The groups differ in how the rocks were made."
    first = {"sections": [explained("S0", (intro, intro), (groups, groups))]}
    gateway, setup = model_saying(first, LESSON)
    lesson = make_lesson(analysis, course(), embed, gateway, CALLER)
    assert len(setup.client.calls) == 2
    assert len(lesson.sections) == 4


def test_a_slow_server_explains_few_sections_a_call(analysis: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway, setup = model_reading()
    make_lesson(analysis, course(), embed, gateway, CALLER)
    assert len(setup.client.calls) == 1
    monkeypatch.setattr(Gateway, "pace", Pace(reads=80.0, writes=15.0))
    gateway, setup = model_reading()
    lesson = make_lesson(analysis, course(), embed, gateway, CALLER)
    assert len(setup.client.calls) == len(lesson.sections)


def test_failure_of_every_call_is_the_failure_of_the_lesson(analysis: Any) -> None:
    gateway, setup = model_saying()
    setup.client.script = [LLMAuthFailed()]
    with pytest.raises(LLMAuthFailed):
        make_lesson(analysis, course(), embed, gateway, CALLER)


# Questions ----------------------------------------------------------------------------------------------


def question(kind: str, text: str, answer: str, quote: str = GRANITE, **more: Any) -> dict[str, Any]:
    return {
        "kind": kind,
        "question": text,
        "answer": answer,
        "quote": quote,
        "section": "S1",
        "concept": "granite",
        **more,
    }


CHOICE = question(
    "multiple_choice", "Which rock cooled slowly deep in the crust?", "granite",
    options=["Granite", "Basalt", "Sandstone", "Slate"],
)  # fmt: skip


def written(*questions: dict[str, Any], **options: Any) -> list[Any]:
    gateway, _ = model_saying(*[{"questions": list(questions)}] * 3)
    return generate(course(), outline(course()), gateway, CALLER, **{"count": 3, **options})


def test_questions_carry_their_evidence_and_stable_options() -> None:
    (choice,) = written(CHOICE)
    assert choice.evidence[0].text == GRANITE
    assert_exact(choice.evidence, course())
    assert isinstance(choice.key, ChoiceKey)
    assert choice.key_text == "Granite"
    assert choice.engine == "model"
    assert "“Granite is an igneous rock" in choice.explanation


def test_order_of_options_is_ours_and_repeatable() -> None:
    positions = set()
    for seed in range(12):
        (first,), (second,) = written(CHOICE, seed=seed), written(CHOICE, seed=seed)
        assert first == second
        positions.add([option.text for option in first.options].index("Granite"))
    assert len(positions) > 1


def test_every_kind_is_understood() -> None:
    questions = written(
        CHOICE,
        question("true_false", "Basalt has large crystals.", "False", quote=BASALT),
        question("cloze", "Sandstone is made of grains of ____.", "sand", quote=SAND, section="S2"),
        question("short_answer", "Which rocks hold most fossils?", "sedimentary rocks", quote=FOSSILS),
        question("numeric", "Into how many groups do geologists sort rocks?", "3", section="S0",
                 quote="Geologists sort the rocks of the crust into three groups."),
    )  # fmt: skip
    assert {item.kind for item in questions} == set(QuestionKind)
    cloze = next(item for item in questions if item.kind is QuestionKind.CLOZE)
    assert cloze.stem == "Sandstone is made of grains of _____."


@pytest.mark.parametrize(
    ("stem", "tongue", "unit"),
    [
        ("How many millimeters long is the duodenum?", "en", "millimeters"),
        ("Combien de mètres mesure l’intestin ?", "fr", "mètres"),
        ("Wie viele Zentimeter misst er?", "de", "Zentimeter"),
        ("¿Cuántos metros mide?", "es", "metros"),
        ("How many times a minute does it contract?", "en", ""),
        ("How long is it?", "en", ""),
    ],
)
def test_unit_that_a_question_names_is_the_unit_of_its_key(stem: str, tongue: str, unit: str) -> None:
    assert unit_asked_for(stem, language(tongue)) == unit


def test_number_in_another_unit_than_the_passage_has_is_no_key() -> None:
    ground = Ground(("The shortest region is the 25.4-cm (10-in) duodenum.",), "")
    asked = "How many {} long is the duodenum?"
    (cm,), (mm,) = (written(question("numeric", asked.format(unit), "25.4")) for unit in ("centimeters", "millimeters"))
    assert key_faults(cm.stem, cm.key, ground) == []
    assert [failure.rule for failure in key_faults(mm.stem, mm.key, ground)] == ["key_not_in_evidence"]


@pytest.mark.parametrize(
    "broken",
    [
        question("short_answer", "What is obsidian?", "a glass", quote="Obsidian is a glass made by volcanoes."),
        question("multiple_choice", "Which rock cooled slowly?", "Gneiss", options=["Granite", "Basalt", "Slate"]),
        question("multiple_choice", "Which rock cooled slowly?", "Granite", options=["Granite", "granite.", "Slate"]),
        question("true_false", "Granite cooled slowly.", "perhaps"),
        question("cloze", "Granite cooled slowly.", "Granite"),
        question("numeric", "How many groups are there?", "a few"),
        question("short_answer", "", "Granite"),
        question("short_answer", "Which rock cooled slowly?", " "),
    ],
)
def test_questions_that_do_not_fit_together_are_dropped(broken: dict[str, Any]) -> None:
    assert [item.stem for item in written(broken, CHOICE)] == [CHOICE["question"]]
    with pytest.raises(LLMInvalidOutput):
        written(broken)


def test_what_was_not_asked_for_is_dropped() -> None:
    assert written(CHOICE, kinds=[QuestionKind.MULTIPLE_CHOICE], difficulty="medium")
    for options in ({"kinds": [QuestionKind.CLOZE]}, {"difficulty": "hard"}):
        with pytest.raises(LLMInvalidOutput):
            written(CHOICE, **options)


def test_existing_questions_are_shown_and_not_repeated() -> None:
    gateway, setup = model_saying(
        {"questions": [CHOICE, question("short_answer", "Which rock has large crystals?", "granite")]}
    )
    found = generate(
        course(), outline(course()), gateway, CALLER, count=2, avoid=[CHOICE["question"], "0123456789abcdef"]
    )
    assert [item.stem for item in found] == ["Which rock has large crystals?"]
    shown = setup.client.calls[0]["messages"][1].text
    assert CHOICE["question"] in shown
    assert "0123456789abcdef" not in shown


def test_topic_limits_the_sections_and_an_unknown_one_costs_nothing() -> None:
    gateway, setup = model_saying(
        {"questions": [question("short_answer", "What is sandstone made of?", "sand", quote=SAND)]}
    )
    assert generate(course(), outline(course()), gateway, CALLER, count=1, topic="sandstone")
    assert "[S2]" in setup.client.calls[0]["messages"][1].text
    assert "[S1]" not in setup.client.calls[0]["messages"][1].text
    gateway, setup = model_saying()
    assert generate(course(), outline(course()), gateway, CALLER, count=1, topic="photosynthesis") == []
    assert setup.client.calls == []


def test_large_requests_are_split_into_a_bounded_number_of_calls() -> None:
    gateway, setup = model_reading()
    found = generate(course(), outline(course()), gateway, CALLER, count=50)
    assert len(setup.client.calls) == 4, "one for each section at most"
    assert len(found) == len({question.fingerprint for question in found}) > 10
    assert_exact([citation for question in found for citation in question.evidence], course())
    assert all(quote.prompt_tokens <= 9000 for quote in setup.ledger.quotes)


def test_a_person_whom_the_material_does_not_name_is_no_key() -> None:
    stem, quote = "Who proposed the theory of an ice age?", "Louis Agassiz proposed the theory of an ice age in 1837."
    right = replace(choice(stem, "Louis Agassiz", ["Charles Darwin", "Isaac Newton"], quote), engine="model")
    wrong = replace(choice(stem, "Charles Darwin", ["Marie Curie", "Isaac Newton"], quote), engine="model")
    assert "key_not_in_evidence" not in verifier().verify(right).rules
    assert "key_not_in_evidence" in verifier().verify(wrong).rules


def test_a_letter_that_names_something_is_a_word_of_an_answer() -> None:
    assert share_of("Y only", "Color stands in U and V.") == 0.0
    assert share_of("U and V", "Color stands in U and V.") == 1.0
