"""One caller waits for a service that is away, the others are refused, and its return is noticed."""

from __future__ import annotations

import pytest

from tutor_project.common import circuit as module
from tutor_project.common.circuit import Circuit


class Away(Exception):
    pass


class Refused(Exception):
    pass


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


def attempt(circuit: Circuit, error: Exception | None = None) -> str:
    try:
        with circuit.attempt(away=(Away,), refusal=Refused()):
            if error is not None:
                raise error
    except (Away, Refused, ValueError) as failure:
        return type(failure).__name__
    return "reached"


def test_after_a_failure_the_next_callers_are_refused_until_the_moment_is_over(clock: list[float]) -> None:
    circuit = Circuit(refuse_seconds=1.0)
    assert attempt(circuit, Away()) == "Away"
    assert [attempt(circuit), attempt(circuit)] == ["Refused", "Refused"]
    clock[0] += 1.0
    assert [attempt(circuit), attempt(circuit)] == ["reached", "reached"]


def test_while_one_caller_looks_the_others_are_refused(clock: list[float]) -> None:
    circuit = Circuit(refuse_seconds=1.0)
    attempt(circuit, Away())
    clock[0] += 1.0
    with circuit.attempt(away=(Away,), refusal=Refused()):
        assert attempt(circuit) == "Refused"
    assert attempt(circuit) == "reached"


def test_an_error_of_another_kind_opens_nothing(clock: list[float]) -> None:
    circuit = Circuit()
    assert attempt(circuit, ValueError()) == "ValueError"
    assert attempt(circuit) == "reached"
