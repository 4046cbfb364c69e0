"""Item analysis: the figures against worked examples, and retirement only where it is certain."""

from __future__ import annotations

import random
from statistics import correlation as reference_correlation

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_app.domain.item_analysis import (
    ItemStatistics,
    Response,
    item_statistics,
    measured_difficulty,
    quiz_statistics,
    retirement_reason,
    wilson_bounds,
)

QUIZ = ("a", "b", "c", "d")


def responses(rows: list[tuple[int, ...]]) -> list[Response]:
    return [
        Response(f"attempt-{number}", question, float(score))
        for number, row in enumerate(rows)
        for question, score in zip(QUIZ, row, strict=False)
    ]


def sitting(attempts: int, chance: dict[str, tuple[float, float]], seed: int = 1) -> list[Response]:
    """Half of the attempts are by strong learners; ``chance`` gives (weak, strong) per question."""
    dice = random.Random(seed)
    return [
        Response(f"{n}", question, float(dice.random() < pair[n % 2]), seconds=float(10 + n % 3))
        for n in range(attempts)
        for question, pair in chance.items()
    ]


SOUND = {"b": (0.3, 0.9), "c": (0.2, 0.8), "d": (0.4, 0.95)}


def test_facility_and_discrimination_agree_with_a_worked_example() -> None:
    rows = [(1, 1, 1, 1), (1, 1, 1, 0), (1, 0, 1, 1), (0, 1, 0, 0), (0, 0, 0, 1), (0, 0, 0, 0)]
    figures = item_statistics("a", responses(rows))
    assert figures.facility == 0.5
    rest = [sum(row[1:]) / 3 for row in rows]
    assert figures.discrimination == pytest.approx(reference_correlation([row[0] for row in rows], rest))
    assert figures.n == 6


def test_a_question_is_not_compared_with_itself() -> None:
    alone = [Response(str(n), "a", float(n % 2)) for n in range(40)]
    assert item_statistics("a", alone).discrimination is None


def test_reliability_agrees_with_a_worked_example_and_kr20_equals_alpha_for_right_or_wrong() -> None:
    rows = [(1, 1, 1, 1)] * 4 + [(1, 1, 0, 0)] * 4 + [(0, 0, 0, 0)] * 4
    figures = quiz_statistics(responses(rows), QUIZ)
    # p q = 2/9, 2/9, 2/9, 2/9; totals 4, 2, 0: variance 8/3; 4/3 * (1 - (8/9) / (8/3))
    assert figures.cronbach_alpha == pytest.approx(8 / 9)
    assert figures.kr20 == pytest.approx(8 / 9)
    assert (figures.mean, figures.attempts, figures.questions) == (2.0, 12, 4)
    assert figures.standard_deviation == pytest.approx((8 / 3) ** 0.5)
    assert figures.standard_error == pytest.approx((8 / 3) ** 0.5 / 3)


def test_reliability_needs_ten_complete_attempts_and_leaves_incomplete_ones_out() -> None:
    rows = [(1, 1, 1, 1), (0, 0, 0, 0)] * 4
    figures = quiz_statistics([*responses(rows), Response("late", "a", 1.0)], QUIZ)
    assert figures.attempts == 8
    assert figures.cronbach_alpha is None
    assert quiz_statistics([], QUIZ).mean is None


def test_partial_scores_have_an_alpha_but_no_kr20() -> None:
    rows = [Response(str(n), q, (n % 5) / 4) for n in range(20) for q in QUIZ]
    figures = quiz_statistics(rows, QUIZ)
    assert figures.cronbach_alpha == pytest.approx(1.0)
    assert figures.kr20 is None


def test_a_question_with_a_wrong_key_retires_and_sound_ones_stay() -> None:
    rows = sitting(200, {"a": (0.7, 0.2), **SOUND})
    assert retirement_reason(item_statistics("a", rows)) == "negative_discrimination"
    assert all(retirement_reason(item_statistics(question, rows)) is None for question in SOUND)


@pytest.mark.parametrize(
    ("right", "answers", "reason"),
    [(0, 29, None), (0, 30, "too_hard"), (6, 60, None), (60, 60, "too_easy"), (30, 30, None), (30, 60, None)],
)
def test_extreme_facility_retires_only_when_the_bound_is_beyond_the_limit(
    right: int, answers: int, reason: str | None
) -> None:
    rows = [Response(str(n), "a", float(n < right)) for n in range(answers)]
    assert retirement_reason(item_statistics("a", rows)) == reason


def test_few_answers_never_retire_a_question() -> None:
    rows = sitting(29, {"a": (1.0, 0.0), **SOUND})
    assert retirement_reason(item_statistics("a", rows)) is None


def test_chance_rarely_retires_a_question_that_is_only_weak() -> None:
    retired = sum(
        retirement_reason(item_statistics("a", sitting(60, {"a": (0.5, 0.6), **SOUND}, seed))) is not None
        for seed in range(60)
    )
    assert retired <= 3


def test_dead_distractors_are_flagged_and_do_not_retire() -> None:
    picks = ["key"] * 25 + ["near"] * 14 + ["far"] * 1
    rows = [Response(str(n), "a", float(pick == "key"), pick, 5.0 + n) for n, pick in enumerate(picks)]
    figures = item_statistics("a", rows, options=("key", "near", "far", "never"), key_option="key")
    assert [(use.option_id, use.chosen, use.dead) for use in figures.distractors] == [
        ("near", 14, False),
        ("far", 1, True),
        ("never", 0, True),
    ]
    assert figures.median_seconds == 24.5
    assert retirement_reason(figures) is None


def test_the_measured_label_takes_guessing_into_account_and_needs_twenty_answers() -> None:
    def figures(right: int, n: int) -> ItemStatistics:
        return item_statistics("a", [Response(str(i), "a", float(i < right)) for i in range(n)])

    assert measured_difficulty(figures(19, 19)) is None
    assert [measured_difficulty(figures(right, 20)) for right in (18, 10, 4)] == ["easy", "medium", "hard"]
    assert measured_difficulty(figures(12, 20), guess=0.5) == "hard"


def test_a_question_without_answers_has_no_figures() -> None:
    figures = item_statistics("a", [])
    assert (figures.n, figures.facility, figures.discrimination, figures.median_seconds) == (0, None, None, None)
    assert retirement_reason(figures) is None


@given(st.integers(0, 50), st.integers(1, 50))
def test_the_bounds_of_a_share_hold_the_share(right: int, n: int) -> None:
    share = min(right, n) / n
    low, high = wilson_bounds(share, n)
    assert 0 <= low <= share + 1e-12
    assert share - 1e-12 <= high <= 1
