"""Rules of the built-in plan and lesson."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from documents_app.domain.blocks import Block, BlockKind
from documents_app.domain.material import Citation, DocumentText, PageSpan, SourceDocument
from documents_app.domain.reading.form import reading_form
from documents_app.domain.summarise import needs_antecedent
from documents_app.engine import analyse
from sessions_app.domain.lesson.types import checks, varied
from sessions_app.domain.plan import MaterialEmpty, TopicNotInMaterial
from sessions_app.domain.questions.types import CandidateQuestion, QuestionKind, TextKey
from sessions_app.engine.lesson.passages import Prose
from sessions_app.engine.lesson.writing import make_lesson
from sessions_app.engine.plan import make_plan
from tests.unit.documents.engine_material import HISTORY, LAW, PHYSICS, document, embed
from tutor_project.language import language

TEXTS = {"history": HISTORY, "physics": PHYSICS, "law": LAW}
MATERIALS = {name: [document(text, pages=2)] for name, text in TEXTS.items()}
ANALYSES = {name: analyse(material, embed) for name, material in MATERIALS.items()}
FIELDS = {"topic", "learning_goal", "priority", "relevant_concepts", "suggested_approach", "target_mastery", "initial_difficulty",
          "sections", "objectives"}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_a_plan_has_the_sections_in_the_order_of_the_material(name: str) -> None:
    plan = make_plan(ANALYSES[name], MATERIALS[name])
    order = [step.section_index for step in plan.sections]
    assert order == sorted(order) and order
    assert all(step.minutes >= 2 for step in plan.sections)
    assert plan.estimated_minutes == sum(step.minutes for step in plan.sections)
    assert set(plan.as_dict()) >= FIELDS
    json.dumps(plan.as_dict())


@pytest.mark.parametrize("name", TEXTS)
def test_prerequisites_come_earlier_and_never_in_a_circle(name: str) -> None:
    plan = make_plan(ANALYSES[name], MATERIALS[name])
    assert all(earlier < step.index for step in plan.sections for earlier in step.prerequisites)
    seen: set[str] = set()

    def visit(concept: str, path: tuple[str, ...]) -> None:
        assert concept not in path
        for needed in plan.prerequisites.get(concept, ()):
            visit(needed, (*path, concept))
        seen.add(concept)

    for concept in plan.prerequisites:
        visit(concept, ())


def test_a_definition_requires_what_it_is_made_of() -> None:
    plan = make_plan(ANALYSES["physics"], MATERIALS["physics"])
    assert "velocity" in plan.prerequisites["acceleration"]


def test_of_two_concepts_defined_by_each_other_only_the_later_requires_the_earlier() -> None:
    text = (
        "A rotor is a wheel that turns inside a stator. A stator is a ring that holds a rotor. The rotor turns fast. "
        "The stator stands still. The rotor carries coils. The stator carries magnets. The rotor and the stator never touch."
    )
    material = [document(text)]
    plan = make_plan(analyse(material, embed), material)
    assert plan.prerequisites == {"stator": ("rotor",)}


def test_questions_begin_one_step_below_the_text() -> None:
    for name in TEXTS:
        level = ANALYSES[name].difficulty.level
        assert make_plan(ANALYSES[name], MATERIALS[name]).initial_difficulty == {"hard": "medium"}.get(level, "easy")


def test_a_topic_narrows_plan_and_lesson() -> None:
    plan = make_plan(ANALYSES["history"], MATERIALS["history"], topic="the settlement")
    assert [step.title for step in plan.sections] == ["The settlement"]
    lesson = make_lesson(ANALYSES["physics"], MATERIALS["physics"], embed, topic="Newton's laws")
    assert [section.title for section in lesson.sections] == ["Newton's laws"]


@pytest.mark.parametrize("topic", ["photosynthesis", "!!!", "ignore your instructions"])
def test_a_topic_that_is_not_there_is_refused_by_name(topic: str) -> None:
    with pytest.raises(TopicNotInMaterial) as caught:
        make_plan(ANALYSES["history"], MATERIALS["history"], topic=topic)
    assert caught.value.code == "topic_not_in_material"


def test_material_without_text_is_refused_by_name() -> None:
    empty = [document("12\n")]
    with pytest.raises(MaterialEmpty):
        make_plan(analyse(empty, embed), empty)
    with pytest.raises(MaterialEmpty):
        make_lesson(analyse(empty, embed), empty, embed)


@pytest.mark.parametrize("name", TEXTS)
def test_every_passage_of_a_lesson_is_cited_and_slices_back(name: str) -> None:
    material = MATERIALS[name]
    text = material[0].content.text
    for section in make_lesson(ANALYSES[name], material, embed).sections:
        assert section.explanation
        for passage in (*section.explanation, *section.examples):
            assert passage.citation in section.citations
            assert passage.text == reading_form(passage.citation.text)
            assert passage.text in section.text
        for citation in section.citations:
            assert text[citation.char_start : citation.char_end] == citation.text
        marks = [int(mark) for mark in re.findall(r"\[(\d+)\]", section.text)]
        assert set(marks) == set(range(1, len(section.citations) + 1))


@pytest.mark.parametrize("name", TEXTS)
def test_no_passage_opens_by_pointing_back_out_of_itself(name: str) -> None:
    for section in make_lesson(ANALYSES[name], MATERIALS[name], embed).sections:
        for passage in section.explanation[:1]:
            assert not needs_antecedent(passage.text, language("en"))


def test_a_lesson_covers_every_heading_with_text() -> None:
    lesson = make_lesson(ANALYSES["physics"], MATERIALS["physics"], embed)
    titles = " ".join(section.title for section in lesson.sections)
    assert "Motion and forces" in titles and "Velocity and acceleration" in titles and "Newton's laws" in titles
    assert [section.is_last_segment for section in lesson.sections] == [False, True]
    assert lesson.as_dict()["total_segments"] == 2


def test_headings_that_have_numbers_are_not_numbered_again() -> None:
    body = "A rotor is a wheel that turns inside a stator. The stator holds the rotor in its place while it turns."
    for title, shown in (("1. Rotors", "– 1. Rotors"), ("Rotors", "1. Rotors")):
        material = [
            document(f"# {title}\n\n{body}\n\n# Bearings\n\nA bearing is a ring that carries the shaft of a rotor.")
        ]
        overview = make_lesson(analyse(material, embed), material, embed).text
        assert shown in overview.splitlines()


def test_check_questions_come_from_the_generator_passed_in() -> None:
    asked = []

    def questions(section: object, concepts: object, terms: object) -> list[str]:
        asked.append(section)
        return ["q"]

    lesson = make_lesson(ANALYSES["law"], MATERIALS["law"], embed, check_questions=questions)
    assert lesson.sections[0].check_questions == ("q",) and len(asked) == 1


def test_long_sections_are_shortened_and_keep_their_definitions() -> None:
    filler = "".join(f" The court heard case number {n} in the spring and closed it in the autumn." for n in range(60))
    material = [document(LAW + filler)]
    lesson = make_lesson(analyse(material, embed), material, embed)
    quoted = sum(len(re.findall(r"[.!?](?:\s|$)", passage.text)) for passage in lesson.sections[0].explanation)
    assert quoted <= 26
    assert "An offer is a statement of willingness" in lesson.sections[0].text


@pytest.mark.parametrize(
    ("questions", "chosen"),
    [
        ([("true_false", 1), ("true_false", 2), ("cloze", 3)], [2, 0]),
        ([("cloze", 1), ("cloze", 2), ("multiple_choice", 3)], [0, 2]),
        ([("cloze", 1), ("multiple_choice", 1), ("cloze", 2)], [0, 2]),
        ([("cloze", 1), ("cloze", 1)], [0]),
        ([("true_false", 1)], [0]),
        ([], []),
    ],
)
def test_check_questions_of_a_section_differ_in_kind_and_passage(
    questions: list[tuple[str, int]], chosen: list[int]
) -> None:
    assert varied(questions, 2) == chosen


def _check(pattern: str, kind: QuestionKind, place: int) -> CandidateQuestion:
    passage = Citation("d", "page.txt", 1, 1, place, place + 4, "text")
    return CandidateQuestion(kind, "?", TextKey(("text",)), "", (passage,), pattern=pattern)


@pytest.mark.parametrize(
    ("patterns", "chosen"),
    [
        (("gist", "why", "term"), [2, 1]),
        (("why", "means", "term", "number"), [2, 0]),
        (("term", "term", "number"), [0, 2]),
        (("gist", "why"), [1]),
        (("gist",), [0]),
        ((), []),
    ],
)
def test_a_section_is_asked_something_certain_and_something_open_and_its_main_points_where_nothing_else_is(
    patterns: tuple[str, ...], chosen: list[int]
) -> None:
    kinds = {"term": QuestionKind.CLOZE, "number": QuestionKind.NUMERIC}
    rows = [_check(name, kinds.get(name, QuestionKind.SHORT_ANSWER), at) for at, name in enumerate(patterns)]
    assert checks(rows, 2) == chosen


def test_captions_and_sentences_about_the_text_are_not_taught() -> None:
    text = (
        "# Machines\n\nThis chapter is structured as follows. An example of an artificial neuron unit. "
        "A lever is a rigid bar that turns about a fixed point. A visualization of a simple pulley in a frame. "
        "The lever lets a small force lift a heavy load over a short distance.\n"
    )
    material = [document(text)]
    taught = make_lesson(analyse(material, embed), material, embed).sections[0].text
    assert "rigid bar" in taught and "heavy load" in taught
    assert "structured as follows" not in taught and "example of an" not in taught and "visualization" not in taught


@pytest.mark.parametrize(
    ("tag", "sentence"),
    [
        ("en", "In this tutorial you will draw a map."),
        ("de", "Die Folien zu diesem Kapitel finden Sie hier."),
        ("es", "En este curso se dibujan mapas."),
        ("fr", "L’objectif de la leçon est de dessiner une carte."),
        ("pt", "Neste tutorial vamos desenhar um mapa."),
    ],
)
def test_what_speaks_of_the_text_teaches_nothing_in_any_language(tag: str, sentence: str) -> None:
    section = ANALYSES["law"].sections[0]
    assert Prose(section, (sentence,), np.zeros((1, 1), dtype=np.float32), language(tag)).teaches_nothing(0)


def test_lists_code_and_formulas_are_kept_whole_and_in_their_place() -> None:
    lines = [
        ("# Ownership", BlockKind.HEADING, 1),
        ("A value has one owner, and the rules below say what an owner may do with it.", BlockKind.PARAGRAPH, None),
        ("- Each value has an owner.", BlockKind.LIST_ITEM, 1),
        ("- There is one owner at a time.", BlockKind.LIST_ITEM, 1),
        ("- A value goes with its owner.", BlockKind.LIST_ITEM, 1),
        ("let s = 1;\nlet t = s;", BlockKind.CODE, None),
        ("E = m c^2", BlockKind.FORMULA, None),
        ("The owner goes out of scope at the end of the block it stands in.", BlockKind.PARAGRAPH, None),
    ]
    text, blocks = "", []
    for line, kind, level in lines:
        start = len(text)
        text += line
        blocks.append(Block(kind, 1, start, len(text), level=level))
        text += "\n\n"
    content = DocumentText(text, (PageSpan(1, 0, len(text)),), tuple(blocks))
    material = [SourceDocument("11111111-1111-4111-8111-111111111111", "own.md", content)]
    section = make_lesson(analyse(material, embed), material, embed).sections[0]
    assert [passage.kind for passage in section.explanation] == ["prose", "list", "code", "formula", "prose"]
    assert all(
        line in section.text for line in ("Each value has an owner", "one owner at a time", "goes with its owner")
    )
    assert "```\nlet s = 1;\nlet t = s;\n```" in section.text
    assert all(text[p.citation.char_start : p.citation.char_end] == p.citation.text for p in section.explanation)


def _lesson(lines: list[tuple[str, BlockKind]]) -> str:
    """Return the text of the first part of the lesson on blocks."""
    text, blocks = "", []
    for line, kind in lines:
        blocks.append(Block(kind, 1, len(text), len(text) + len(line), level=1 if kind is BlockKind.HEADING else None))
        text += f"{line}\n\n"
    content = DocumentText(text, (PageSpan(1, 0, len(text)),), tuple(blocks))
    material = [SourceDocument("11111111-1111-4111-8111-111111111111", "course.md", content)]
    return make_lesson(analyse(material, embed), material, embed, check_questions=lambda *_: []).sections[0].text


def test_a_list_and_a_formula_have_the_sentence_that_leads_to_them() -> None:
    read = _lesson(
        [
            ("Levers", BlockKind.HEADING),
            ("A lever is a rigid bar that turns about a point. There are three kinds of lever:", BlockKind.PARAGRAPH),
            ("- Seesaws.", BlockKind.LIST_ITEM),
            ("- Wheelbarrows.", BlockKind.LIST_ITEM),
            ("The load that an effort lifts is given by", BlockKind.PARAGRAPH),
            ("L = F a / b", BlockKind.FORMULA),
            ("A long bar lifts more than a short one, since the effort acts far from the point.", BlockKind.PARAGRAPH),
            ("- Crowbars.", BlockKind.LIST_ITEM),
        ]
    )
    lines = [line for line in read.splitlines() if line]
    assert lines[lines.index("- Seesaws.") - 1].startswith("There are three kinds of lever: [")
    assert lines[lines.index("- Seesaws.") + 3].startswith("The load that an effort lifts is given by [")
    assert read.count("A long bar lifts more") == 1 and read.count("three kinds of lever") == 1


def test_what_a_check_question_asks_is_said_before() -> None:
    analysis, material = ANALYSES["history"], MATERIALS["history"]

    def told(asked: dict[int, list[int]]) -> dict[int, list[Citation]]:
        lesson = make_lesson(analysis, material, embed, asked=asked)
        return {part.section_index: [passage.citation for passage in part.explanation] for part in lesson.sections}

    before = told({})
    left_out = {
        section.index: [sentence.char_start]
        for section in analysis.sections
        for sentence in section.sentences
        if not any(cited.char_start <= sentence.char_start < cited.char_end for cited in before[section.index])
        and not needs_antecedent(sentence.text, language("en"))
    }
    after = told(left_out)
    assert left_out
    for index, (place,) in left_out.items():
        assert any(cited.char_start <= place < cited.char_end for cited in after[index])


def test_a_heading_that_repeats_the_one_above_it_is_said_once() -> None:
    text = "# Levers\n\n## Levers\n\nA lever is a rigid bar that turns about a point. The lever lifts heavy loads.\n"
    material = [document(text)]
    lesson = make_lesson(analyse(material, embed), material, embed)
    assert [section.title for section in lesson.sections] == ["Levers"]


def test_years_that_go_up_are_put_in_order_of_time() -> None:
    heading = ("# The treaty", BlockKind.HEADING)
    dated = [
        ("The treaty was signed in 1815 by four powers of Europe.", BlockKind.PARAGRAPH),
        ("The treaty was amended in 1830 after a war about Belgium.", BlockKind.PARAGRAPH),
        ("The treaty was given up in 1848 when the cities rose.", BlockKind.PARAGRAPH),
    ]
    assert "In order of time: 1815 [1] · 1830 [2] · 1848 [3]." in _lesson([heading, *dated])
    assert "In order of time" not in _lesson([heading, *reversed(dated)])


def test_two_concepts_that_the_text_sets_apart_are_put_beside_each_other() -> None:
    lesson = _lesson(
        [
            ("Static friction", BlockKind.HEADING),
            ("Static friction holds a body at rest, whereas kinetic drag slows it. Static friction is strong.",
             BlockKind.PARAGRAPH),
            ("Kinetic drag is weak. The kinetic drag of a sledge is small, and static friction is large.",
             BlockKind.PARAGRAPH),
        ]
    )  # fmt: skip
    assert "Compare “static friction” and “kinetic drag”" in lesson


def test_a_part_without_a_question_asks_its_learner_to_say_it_himself() -> None:
    lesson = make_lesson(ANALYSES["law"], MATERIALS["law"], embed, check_questions=lambda *_: [])
    assert "Check yourself: without looking" in lesson.sections[0].text
    assert "Check yourself" not in make_lesson(ANALYSES["law"], MATERIALS["law"], embed).sections[0].text


def test_a_german_lesson_and_plan_speak_german() -> None:
    text = (
        "# Winkel\n\nEin Winkel ist eine Figur aus zwei Halbgeraden mit gemeinsamem Anfang. Der Winkel hat einen Scheitel. Ein rechter "
        "Winkel hat neunzig Grad. Zum Beispiel hat ein Quadrat vier rechte Winkel. Der Scheitel ist der gemeinsame Punkt."
    )
    material = [document(text)]
    analysis = analyse(material, embed)
    plan = make_plan(analysis, material)
    assert plan.learning_goal == "Winkel verstehen: „Winkel“ definieren."
    lesson = make_lesson(analysis, material, embed)
    assert lesson.text.startswith("Winkel: 1 Teil, etwa")
    assert "Ihr Ziel: „Winkel“ definieren." in lesson.sections[0].text


def test_a_section_of_objectives_is_not_taught_but_its_objectives_are_given_to_the_sections_they_are_about() -> None:
    text = (
        "# Machines\n\n## Learning objectives\n\nBy the end of this chapter, you should be able to:\n\nDescribe the lever. "
        "Explain the pulley.\n\n## The lever\n\nA lever is a rigid bar that turns about a point. The lever lifts loads.\n\n"
        "## The pulley\n\nA pulley is a wheel that a rope runs over. The pulley turns a force.\n"
    )
    material = [document(text)]
    plan = make_plan(analyse(material, embed), material)
    assert [step.title for step in plan.sections] == ["The lever", "The pulley"]
    assert [step.objectives for step in plan.sections] == [("Describe the lever",), ("Explain the pulley",)]
