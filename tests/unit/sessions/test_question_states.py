from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_app.domain.questions.states import (
    TRANSITIONS,
    QuestionState,
    QuestionStateConflict,
    may_become,
    next_state,
)

states = st.sampled_from(list(QuestionState))


def test_every_state_is_in_the_table() -> None:
    assert set(TRANSITIONS) == set(QuestionState)


@given(st.lists(states, max_size=12))
def test_a_question_is_shown_only_after_it_was_verified(wishes: list[QuestionState]) -> None:
    current, verified = QuestionState.DRAFT, False
    for wish in wishes:
        if may_become(current, wish):
            current = next_state(current, wish)
            if current is QuestionState.VERIFIED:
                verified = True
            if current is QuestionState.DRAFT:
                verified = False  # an edited question starts again
        assert current is not QuestionState.PUBLISHED or verified


@given(states, states)
def test_a_step_outside_the_table_is_refused_with_its_states_named(
    current: QuestionState, wanted: QuestionState
) -> None:
    if wanted in TRANSITIONS[current]:
        assert next_state(current, wanted) is wanted
        return
    with pytest.raises(QuestionStateConflict) as refused:
        next_state(current, wanted)
    assert current in refused.value.message
    assert wanted in refused.value.message


def test_retired_is_final_and_quarantine_leads_back_through_the_draft_only() -> None:
    assert not TRANSITIONS[QuestionState.RETIRED]
    assert QuestionState.PUBLISHED not in TRANSITIONS[QuestionState.QUARANTINED]
    assert QuestionState.VERIFIED not in TRANSITIONS[QuestionState.QUARANTINED]
