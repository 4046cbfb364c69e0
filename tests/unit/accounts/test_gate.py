"""The gate around password hashing."""

from __future__ import annotations

import threading

import pytest

from tutor_project.accounts.errors import SignInBusy
from tutor_project.accounts.hashers import Turnstile


def test_a_gate_holds_its_number_and_sends_everybody_else_away_at_once() -> None:
    gate = Turnstile(places=1, queue=1, patience=60.0)
    inside, leave, refused, passed = threading.Event(), threading.Event(), [], []

    def hold() -> None:
        with gate.passing():
            inside.set()
            assert leave.wait(30)
        passed.append("holder")

    def queue() -> None:
        with gate.passing():
            passed.append("queued")

    holder, queued = threading.Thread(target=hold), threading.Thread(target=queue)
    holder.start()
    assert inside.wait(30)
    queued.start()
    while gate._room._value:  # until the second waits
        threading.Event().wait(0.001)
    for _ in range(20):
        with pytest.raises(SignInBusy) as busy, gate.passing():
            refused.append("let in")
        assert busy.value.data["retry_after_seconds"] > 0
    leave.set()
    holder.join(30)
    queued.join(30)
    assert sorted(passed) == ["holder", "queued"]
    assert refused == []
    with gate.passing():
        """It is free again."""


def test_whoever_waits_too_long_is_sent_away_and_leaves_room() -> None:
    gate = Turnstile(places=1, queue=1, patience=0.01)
    with gate.passing():
        for _ in range(3):
            with pytest.raises(SignInBusy), gate.passing():
                pass
