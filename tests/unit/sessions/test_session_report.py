"""The analysis of a session claims nothing without evidence."""

from __future__ import annotations

import json

from documents_app.engine import analyse
from sessions_app.engine.lesson.writing import make_lesson
from sessions_app.engine.session_report import GradedAnswer, JudgedSummary, SessionFigures, session_report
from tests.unit.documents.engine_material import PHYSICS, document, embed

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


def test_mastery_overrules_bare_counts() -> None:
    answers = _answers("force", True, True, True)
    assert session_report(lesson=LESSON, answers=answers, mastery={"force": 0.4}).gaps[0].topic == "force"


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
