"""The mastery estimate: replay equals update, evidence moves it the right way, guesses count for less."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sessions_app.domain.mastery import belief as mastery
from sessions_app.domain.mastery import parameters as mastery_parameters
from sessions_app.domain.mastery.belief import (
    ConceptAnswer,
    InvalidAnswer,
    LearnerState,
    Mastery,
    Priors,
    estimate,
    observe,
    replay,
)

answers = st.builds(
    ConceptAnswer,
    concept=st.sampled_from(["osmosis", "mitosis", "diffusion"]),
    correct=st.booleans(),
    guess=st.sampled_from([0.0, 0.25, 0.5]),
)
histories = st.lists(answers, max_size=30)
PRIORS = {"osmosis": 0.4, "mitosis": 0.8}


def predict(history: list[ConceptAnswer], concept: str, priors: Priors | None = None) -> Mastery:
    return estimate(replay(history, priors), concept, priors)


@given(histories, st.integers(0, 30))
def test_updating_a_state_equals_replaying_the_history(history: list[ConceptAnswer], cut: int) -> None:
    state = replay(history[:cut], PRIORS)
    for answer in history[cut:]:
        observe(state, answer, PRIORS)
    assert state == replay(history, PRIORS)
    for concept in ("osmosis", "mitosis", "diffusion", "unseen"):
        assert estimate(state, concept, PRIORS) == predict(history, concept, PRIORS)


@given(histories)
def test_an_estimate_lies_strictly_inside_its_interval_and_counts_the_answers(history: list[ConceptAnswer]) -> None:
    now = predict(history, "osmosis")
    assert 0 < now.low < now.probability < now.high < 1
    assert now.n == sum(answer.concept == "osmosis" for answer in history)


@given(st.lists(st.booleans(), max_size=25), st.sampled_from([0.2, 0.5, 0.67, 0.9]))
def test_a_right_answer_never_leaves_less_mastery_than_a_wrong_one(outcomes: list[bool], prior: float) -> None:
    history = [ConceptAnswer("osmosis", outcome) for outcome in outcomes]
    after_right = predict([*history, ConceptAnswer("osmosis", True)], "osmosis", {"osmosis": prior})
    after_wrong = predict([*history, ConceptAnswer("osmosis", False)], "osmosis", {"osmosis": prior})
    assert after_right.probability > after_wrong.probability


def test_right_answers_in_a_row_raise_and_wrong_ones_lower_the_estimate() -> None:
    rising = [predict([ConceptAnswer("osmosis", True)] * n, "osmosis").probability for n in range(8)]
    falling = [predict([ConceptAnswer("osmosis", False)] * n, "osmosis").probability for n in range(8)]
    assert rising == sorted(rising)
    assert falling == sorted(falling, reverse=True)
    assert rising[-1] > 0.85
    assert falling[-1] < 0.3


def test_one_who_guesses_between_two_options_is_not_taken_for_one_who_knows() -> None:
    half_right = [True, False, True, True, False, False, True, False, True, False] * 2
    guessed = predict([ConceptAnswer("osmosis", outcome, 0.5) for outcome in half_right], "osmosis")
    recalled = predict([ConceptAnswer("osmosis", outcome, 0.0) for outcome in half_right], "osmosis")
    assert guessed.probability < 0.35
    assert guessed.probability < recalled.probability - 0.2


def test_a_lucky_run_of_guesses_counts_less_than_a_run_that_cannot_be_guessed() -> None:
    unguessable, of_four, of_two = (
        predict([ConceptAnswer("osmosis", True, guess)] * 3, "osmosis").probability for guess in (0.0, 0.25, 0.5)
    )
    assert unguessable > of_four > of_two


def test_a_concept_without_answers_rests_on_its_prior_and_on_the_other_concepts() -> None:
    assert predict([], "osmosis", {"osmosis": 0.3}).probability < predict([], "osmosis", {"osmosis": 0.9}).probability
    strong = predict([ConceptAnswer("mitosis", True)] * 10, "osmosis")
    weak = predict([ConceptAnswer("mitosis", False)] * 10, "osmosis")
    assert strong.probability > predict([], "osmosis").probability > weak.probability


@pytest.mark.parametrize("guess", [-0.1, 1.0, float("nan")])
def test_an_impossible_guess_chance_is_refused_and_changes_nothing(guess: float) -> None:
    state = LearnerState()
    with pytest.raises(InvalidAnswer):
        observe(state, ConceptAnswer("osmosis", True, guess))
    assert state == LearnerState()


def test_every_feature_has_one_published_weight() -> None:
    assert len(mastery.FEATURES) == len(mastery_parameters.WEIGHTS) == len(mastery.features(LearnerState(), "osmosis"))


def test_a_hundred_thousand_equal_answers_stay_finite() -> None:
    state = LearnerState()
    for _ in range(5_000):
        observe(state, ConceptAnswer("osmosis", True))
    assert 0.9 < estimate(state, "osmosis").probability < 1


def answered(outcomes: str, guess: float) -> list[ConceptAnswer]:
    """A history as letters: osmosis or mitosis, a capital for a right answer."""
    names = {"o": "osmosis", "m": "mitosis"}
    return [ConceptAnswer(names[letter.lower()], letter.isupper(), guess) for letter in outcomes]


TURNING = [
    (answered("mMmMm", 0.5), 0.5, 1.0, "osmosis"),
    (answered("OMMm", 0.0), 0.0, 0.5, "osmosis"),
    (answered("oOoO", 0.0), 0.0, 0.5, "osmosis"),
]
"""Histories after which the fitted weights by themselves put a right answer below a wrong one; found by random search."""


@pytest.mark.parametrize(("history", "guess", "weight", "concept"), TURNING)
def test_the_fitted_weights_alone_would_turn_right_and_wrong_round(
    history: list[ConceptAnswer], guess: float, weight: float, concept: str
) -> None:
    for correct in (True, False):
        assert concept in replay([*history, ConceptAnswer(concept, correct, guess, weight)]).limits


@given(
    histories,
    st.sampled_from([0.0, 0.2, 0.25, 1 / 3, 0.5, 0.9]),
    st.sampled_from([0.5, 1.0]),
    st.sampled_from(["osmosis", "mitosis", "unseen"]),
)
@example(*TURNING[0])
@example(*TURNING[1])
@example(*TURNING[2])
def test_a_right_answer_never_leaves_less_than_a_wrong_one(
    history: list[ConceptAnswer], guess: float, weight: float, concept: str
) -> None:
    right = predict([*history, ConceptAnswer(concept, True, guess, weight)], concept).probability
    wrong = predict([*history, ConceptAnswer(concept, False, guess, weight)], concept).probability
    assert right >= wrong


def test_an_answer_that_counts_half_moves_less() -> None:
    whole = predict([ConceptAnswer("osmosis", True)], "osmosis").probability
    half = predict([ConceptAnswer("osmosis", True, weight=0.5)], "osmosis").probability
    assert predict([], "osmosis").probability < half < whole


def test_the_number_comes_with_a_word() -> None:
    assert predict([ConceptAnswer("osmosis", True)] * 2, "osmosis").level == "not enough answers yet"
    assert predict([ConceptAnswer("osmosis", True)] * 12, "osmosis").level == "solid"
    assert predict([ConceptAnswer("osmosis", False)] * 12, "osmosis").level == "shaky"
