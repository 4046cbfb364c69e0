from __future__ import annotations

from dataclasses import replace

from sessions_app.domain.grading.attempt import GradedItem, attempt_feedback
from sessions_app.domain.grading.reasons import Reason
from sessions_app.domain.grading.types import right, unsure, wrong
from tests.unit.sessions.question_material import CLOZE, DENSITY, FASTER, MORAINE, SHARE
from tutor_project.language import language

FORM, MOVE = "How glaciers form", "How glaciers move"
ITEMS = [
    GradedItem.of(replace(MORAINE, section_title=FORM, concept="moraine"), "A cirque", wrong(Reason.ANOTHER_OPTION)),
    GradedItem.of(
        replace(SHARE, section_title=FORM, concept="fresh water"), "75 percent", wrong(Reason.ANOTHER_OPTION)
    ),
    GradedItem.of(replace(FASTER, section_title=MOVE), "True", right(Reason.RIGHT_OPTION)),
    GradedItem.of(
        replace(CLOZE, section_title=MOVE, concept="ablation zone"), "ablashun", unsure(Reason.SPELLED_NEARLY)
    ),
]


def test_the_score_counts_certain_points_and_says_what_is_pending() -> None:
    result = attempt_feedback(ITEMS, quiz_title="Ice", passing_score=70)
    assert (result.total_questions, result.correct_answers, result.score_percentage) == (4, 1, 25.0)
    assert not result.passed
    assert result.pending_review == 1
    assert "can rise to 50 %" in result.overall_feedback


def test_advice_names_the_section_concepts_and_page_that_lost_points() -> None:
    result = attempt_feedback(ITEMS, quiz_title="Ice")
    assert result.suggested_study_topics == ("How glaciers form: moraine and fresh water",)
    assert "Most points were lost in “How glaciers form” (2 of 2 missed" in result.overall_feedback
    assert "page 1 of glaciers.md" in result.next_steps[0]
    first = result.feedback_items[0]
    assert "How glaciers form" in first.improvement_suggestion
    assert first.citation is not None
    assert first.citation["char_start"] == MORAINE.evidence[0].char_start
    assert first.correct_option == "A moraine"


def test_what_went_well_is_counted_and_is_never_where_most_was_lost() -> None:
    lost = [
        GradedItem.of(
            replace(FASTER, section_title=MOVE, stem=f"{FASTER.stem} {n}"),
            "True",
            wrong(Reason.ANOTHER_OPTION) if n else right(Reason.SAME_TEXT),
        )
        for n in range(2)
    ]
    won = [GradedItem.of(replace(SHARE, section_title=FORM), "69 percent", right(Reason.SAME_TEXT))]
    assert (
        "“How glaciers form” (1 of 1 right) went well." in attempt_feedback(lost + won, quiz_title="").overall_feedback
    )
    mostly = [replace(lost[0], question=replace(lost[0].question, stem=f"{n}")) for n in range(9)]
    assert "went well" not in attempt_feedback(lost + mostly, quiz_title="").overall_feedback


def test_spellings_of_a_concept_are_named_once() -> None:
    missed = [
        replace(ITEMS[0], question=replace(MORAINE, section_title=FORM, concept=name))
        for name in ("Moraines", "moraine")
    ]
    assert attempt_feedback(missed, quiz_title="").suggested_study_topics == ("How glaciers form: Moraines",)


def test_an_answer_in_review_is_neither_right_nor_wrong() -> None:
    item = attempt_feedback(ITEMS, quiz_title="Ice").feedback_items[3]
    assert item.is_correct is None
    assert item.verdict == "needs_review"


def test_different_mistakes_get_different_advice() -> None:
    other = [
        GradedItem.of(ITEMS[0].question, "A moraine", right(Reason.RIGHT_OPTION)),
        ITEMS[1],
        GradedItem.of(ITEMS[2].question, "False", wrong(Reason.OTHER_OPTION)),
    ]
    assert (
        attempt_feedback(other, quiz_title="Ice").overall_feedback
        != attempt_feedback(ITEMS[:3], quiz_title="Ice").overall_feedback
    )
    assert (
        attempt_feedback(other, quiz_title="Ice").next_steps != attempt_feedback(ITEMS[:3], quiz_title="Ice").next_steps
    )


def test_a_perfect_attempt_leads_on_and_points_weigh() -> None:
    items = [
        GradedItem.of(replace(DENSITY, points=3), "917", right(Reason.SAME_TEXT)),
        GradedItem.of(MORAINE, "A cirque", wrong(Reason.ANOTHER_OPTION)),
    ]
    weighed = attempt_feedback(items, quiz_title="Ice")
    assert weighed.score_percentage == 75.0
    assert weighed.passed
    perfect = attempt_feedback(items[:1], quiz_title="Ice")
    assert perfect.suggested_study_topics == ()
    assert perfect.next_steps
    assert "Nothing was missed" in perfect.overall_feedback


def test_the_stored_form_has_the_fields_of_the_contract() -> None:
    data = attempt_feedback(ITEMS, quiz_title="Ice").as_dict()
    assert {
        "quiz_title",
        "total_questions",
        "correct_answers",
        "score_percentage",
        "passed",
        "feedback_items",
        "overall_feedback",
        "suggested_study_topics",
        "next_steps",
    } <= set(data)
    assert {
        "question_index",
        "question_text",
        "user_selected_option",
        "is_correct",
        "correct_option",
        "explanation",
        "citation",
        "improvement_suggestion",
    } <= set(data["feedback_items"][0])


def test_an_attempt_without_questions_is_not_passed() -> None:
    empty = attempt_feedback([], quiz_title="Ice")
    assert not empty.passed
    assert empty.score_percentage == 0.0


def test_feedback_is_said_in_the_learners_language() -> None:
    result = attempt_feedback(ITEMS, quiz_title="Ice", passing_score=62.5, tongue=language("de"))
    assert result.overall_feedback.startswith(
        "1 von 4 richtig, 25 % der Punkte: 37,5 Punkte unter der Grenze von 62,5 %."
    )
    assert "„How glaciers form“" in result.overall_feedback
    assert result.feedback_items[0].reason == "eine andere Möglichkeit"
    assert result.feedback_items[0].improvement_suggestion.startswith(
        "Ihre Antwort war „A cirque“. Lesen Sie noch einmal"
    )
    assert "Seite 1 von glaciers.md" in result.next_steps[0]
    assert result.suggested_study_topics == ("How glaciers form: moraine und fresh water",)
