"""The gate: who passes how often, exactly and by simulation."""

from __future__ import annotations

import random
from functools import cache

import pytest

from sessions_app.domain.gate import GateAnswer, first_pass, gate_state, guess_chance, pass_chance

exact_chance = cache(pass_chance)


@pytest.mark.parametrize("right", [0.25, 0.5])
def test_a_guesser_passes_in_less_than_two_per_cent_within_twenty_answers(right: float) -> None:
    assert exact_chance(right, 20, 0.25) < 0.0175


def test_one_who_knows_passes_in_nine_of_ten_cases_within_fifteen_answers() -> None:
    assert exact_chance(0.9, 15, 0.5) > 0.91
    assert exact_chance(0.9, 15, 0.25) > 0.91


@pytest.mark.parametrize(("right", "tries"), [(0.5, 20), (0.9, 15), (0.7, 14)])
def test_simulated_learners_pass_as_often_as_the_exact_chance_says(right: float, tries: int) -> None:
    dice = random.Random(3)
    runs = 2_000
    passed = sum(
        first_pass(GateAnswer(dice.random() < right, 0.25) for _ in range(tries)) is not None for _ in range(runs)
    )
    exact = exact_chance(right, tries, 0.25)
    assert abs(passed / runs - exact) < 4 * (exact * (1 - exact) / runs) ** 0.5


def test_mixed_kinds_of_questions_do_not_let_guessers_through() -> None:
    dice = random.Random(5)
    passed = 0
    for _ in range(4_000):
        guesses = [dice.choice([0.25, 0.5]) for _ in range(20)]
        passed += first_pass(GateAnswer(dice.random() < guess, guess) for guess in guesses) is not None
    assert passed / 4_000 < 0.005


@pytest.mark.parametrize(
    ("outcomes", "passed"),
    [
        ("1" * 8, False),
        ("1" * 9, True),
        ("0" + "1" * 11, False),
        ("0" + "1" * 12, True),
        ("0011111111111" + "0", False),
        ("00" + "1" * 12, True),
        ("000" + "1" * 12, True),
        ("0" * 10 + "1" * 11, False),
        ("0" * 10 + "1" * 12, True),
        ("111110111110101", False),
    ],
)
def test_the_plan_of_the_gate(outcomes: str, passed: bool) -> None:
    assert gate_state(GateAnswer(mark == "1") for mark in outcomes).passed is passed


def test_a_question_that_guessing_wins_mostly_needs_more_evidence() -> None:
    assert gate_state([GateAnswer(True, 0.5)] * 9).passed
    assert not gate_state([GateAnswer(True, 0.8)] * 9).passed


def test_a_pass_survives_slips_and_lapses_after_three_wrong_of_five() -> None:
    won = [GateAnswer(True)] * 9
    assert gate_state([*won, GateAnswer(False), GateAnswer(False)]).passed
    lapsed = gate_state([*won, GateAnswer(False), GateAnswer(True), GateAnswer(False), GateAnswer(False)])
    assert (lapsed.passed, lapsed.passes, lapsed.answers) == (False, 1, 0)
    again = gate_state([*won, *[GateAnswer(False)] * 3, *won])
    assert (again.passed, again.passes) == (True, 2)


@pytest.mark.parametrize("outcomes", ["", "1111", "0101", "0" * 20, "1" * 9, "1110111011101", "1" * 9 + "000"])
def test_the_right_answers_needed_do_pass_and_one_less_does_not(outcomes: str) -> None:
    answers = [GateAnswer(mark == "1") for mark in outcomes]
    needed = gate_state(answers).right_in_a_row_needed
    assert gate_state([*answers, *[GateAnswer(True)] * needed]).passed
    if needed:
        assert not gate_state([*answers, *[GateAnswer(True)] * (needed - 1)]).passed


def test_the_guess_chance_is_one_in_the_number_of_options() -> None:
    assert [guess_chance(count) for count in (0, 2, 4)] == [0.0, 0.5, 0.25]
