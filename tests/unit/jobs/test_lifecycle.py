"""The transition table of jobs."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from jobs_app.domain.lifecycle import (
    ACTIVE,
    FINAL,
    TRANSITIONS,
    IllegalTransition,
    JobStatus,
    backoff_seconds,
    ensure_transition,
)

statuses = st.sampled_from(list(JobStatus))


@given(statuses, statuses)
def test_only_transitions_of_the_table_are_allowed(source: JobStatus, target: JobStatus) -> None:
    if target in TRANSITIONS[source]:
        ensure_transition(source, target)
    else:
        with pytest.raises(IllegalTransition):
            ensure_transition(source, target)


def test_every_state_is_either_active_or_final() -> None:
    assert set(JobStatus) == FINAL | ACTIVE
    assert not FINAL & ACTIVE


def test_a_completed_job_never_changes() -> None:
    assert not TRANSITIONS[JobStatus.COMPLETED]


@given(st.integers(1, 50), st.floats(0.1, 10), st.floats(10, 1000), st.integers())
def test_the_wait_before_a_retry_stays_in_its_bounds(attempt: int, base: float, ceiling: float, seed: int) -> None:
    wait = backoff_seconds(attempt, base=base, ceiling=ceiling, rng=random.Random(seed))
    assert base <= wait <= max(base, ceiling)


class JobLife(RuleBasedStateMachine):
    """Any walk through the table: a job that ended well stays so, and every state leads to an end."""

    def __init__(self) -> None:
        super().__init__()
        self.status = JobStatus.PENDING
        self.completed = False

    @rule(target_status=statuses)
    def move(self, target_status: JobStatus) -> None:
        try:
            ensure_transition(self.status, target_status)
        except IllegalTransition:
            return
        self.status = target_status
        self.completed = self.completed or target_status is JobStatus.COMPLETED

    @invariant()
    def completed_is_for_ever(self) -> None:
        assert not self.completed or self.status is JobStatus.COMPLETED

    @invariant()
    def some_final_state_is_reachable(self) -> None:
        reached, frontier = {self.status}, [self.status]
        while frontier:
            for following in TRANSITIONS[frontier.pop()]:
                if following not in reached:
                    reached.add(following)
                    frontier.append(following)
        assert reached & FINAL


TestJobLife = JobLife.TestCase
