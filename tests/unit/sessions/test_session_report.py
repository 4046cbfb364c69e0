"""The analysis of a session claims nothing without evidence."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from documents_app.engine import analyse
from sessions_app.engine.lesson.writing import make_lesson
from sessions_app.engine.session_report import GradedAnswer, JudgedSummary, SessionFigures, session_report
from tests.unit.documents.engine_material import PHYSICS, document, embed
from tutor_project.language import language

SOURCE = document(PHYSICS)
LESSON = make_lesson(analyse([SOURCE], embed), [SOURCE], embed)
LAWS = LESSON.sections[1].title
CITED = LESSON.sections[1].citations[0]


def _answers(concept: str, *correct: bool, hints: int = 0) -> list[GradedAnswer]:
    return [
        GradedAnswer(concept, LAWS, f"Question {n} on {concept}?", right, hints, CITED)
        for n, right in enumerate(correct)
    ]


def test_right_answers_make_a_strength_and_wrong_ones_a_gap_with_evidence() -> None:
    report = session_report(
        lesson=LESSON, answers=_answers("force", True, True, True) + _answers("inertia", False, False)
    )
    assert [item.topic for item in report.strengths] == ["force"]
    assert [item.topic for item in report.gaps] == ["inertia"]
    assert report.gaps[0].citations == (CITED,) and "0 of 2 answers right" in report.gaps[0].reason
    assert report.review[0].topic == LAWS


def test_one_right_answer_is_no_strength() -> None:
    for mastery in ({}, {"force": 0.85}):
        report = session_report(lesson=LESSON, answers=_answers("force", True), mastery=mastery)
        assert report.strengths == () and report.gaps == ()


def test_mastery_takes_a_strength_away_and_makes_no_gap_of_right_answers() -> None:
    report = session_report(lesson=LESSON, answers=_answers("force", True, True, True), mastery={"force": 0.4})
    assert report.strengths == () and report.gaps == ()


def test_mastery_makes_no_strength_of_what_was_missed() -> None:
    answers = _answers("force", True, False, False)
    report = session_report(lesson=LESSON, answers=answers, mastery={"force": 0.9})
    assert report.strengths == () and [item.topic for item in report.gaps] == ["force"]


@given(st.lists(st.booleans(), min_size=1, max_size=12), st.none() | st.floats(0, 1))
def test_a_strength_went_well_and_a_gap_was_missed(correct: list[bool], mastery: float | None) -> None:
    known = {} if mastery is None else {"force": mastery}
    report = session_report(lesson=LESSON, answers=_answers("force", *correct), mastery=known)
    assert len(report.strengths) + len(report.gaps) <= 1
    assert not report.strengths or (correct[-1] and sum(correct) * 2 > len(correct) >= 2)
    assert not report.gaps or not all(correct)


def test_spellings_of_a_concept_are_reported_and_known_as_one() -> None:
    answers = [*_answers("Cell wall", True, True), *_answers("cell walls", True), *_answers("cell walls", True)]
    report = session_report(lesson=None, answers=answers, mastery={"cell wall": 0.9})
    assert [(item.topic, item.answered, item.mastery) for item in report.strengths] == [("Cell wall", 4, 0.9)]


def test_answers_found_with_hints_count_for_less() -> None:
    answers = _answers("force", True, True, hints=3)
    report = session_report(lesson=LESSON, answers=answers)
    assert report.strengths == ()
    assert "hints" in report.review[0].reason


def test_a_thin_summary_is_something_to_review() -> None:
    report = session_report(lesson=LESSON, answers=[], summaries=[JudgedSummary(LAWS, 0.3, 1.0, ("inertia",))])
    assert report.review[0].topic == LAWS and "inertia" in report.review[0].reason


def test_without_answers_nothing_is_claimed() -> None:
    report = session_report(lesson=None, answers=[])
    assert (report.strengths, report.gaps, report.review) == ((), (), ())
    assert "no question yet" in report.overview


def test_the_report_is_plain_data_and_knows_where_to_go_on() -> None:
    figures = SessionFigures(interactions=9, duration=600, sections_seen=(LESSON.sections[0].title,))
    report = session_report(lesson=LESSON, answers=_answers("force", True, False), figures=figures)
    assert any(LAWS in step for step in report.next_steps)
    assert json.loads(json.dumps(report.as_dict()))["figures"]["session_duration"] == 600


def test_the_report_is_said_in_the_learners_language() -> None:
    answers = _answers("force", True, True, True) + _answers("inertia", False, False)
    report = session_report(
        lesson=LESSON, answers=answers, summaries=[JudgedSummary(LAWS, 0.3, 0.5, ("inertia",))], tongue=language("fr")
    )
    assert report.overview == "Vous avez répondu juste à 3 questions sur 5. Réussi : force. Manqué : inertia."
    assert report.gaps[0].reason.startswith("0 réponses justes sur 2; manquées : « Question 0 on inertia? »")
    assert "le résumé contient 30 % des notions (manquent : inertia)" in report.review[0].reason
    assert report.next_steps[0] == "Relisez ce qui concerne inertia et répondez de nouveau aux questions."


def test_of_two_sections_with_one_title_each_has_its_own_answers() -> None:
    first, second = LESSON.sections[0], LESSON.sections[1]
    twins = replace(LESSON, sections=(first, replace(second, title=first.title)))
    given = [
        GradedAnswer("force", first.title, "Which one?", correct, citation=section.citations[0])
        for section, correct in ((first, False), (second, True), (second, False))
    ]
    reviewed = session_report(lesson=twins, answers=given).review
    assert sorted((item.right, item.answered) for item in reviewed) == [(0, 1), (1, 2)]
