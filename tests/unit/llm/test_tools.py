"""Row E2: two retries, 0.5 s then 1 s, never above 2 s; five fields; always one fact."""

from __future__ import annotations

from typing import Any

import pytest

from tutor_project.common.errors import Conflict
from tutor_project.llm.retries import RetryPolicy
from tutor_project.llm.tools import TOOL_RETRY, ToolResult, invoke_tool_safely


class Setup:
    def __init__(self, *outcomes: Any) -> None:
        self.outcomes, self.facts, self.pauses = list(outcomes), [], []

    def tool(self) -> Any:
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    def invoke(self, **options: Any) -> ToolResult[Any]:
        return invoke_tool_safely(
            "search", self.tool, user_id="u1", session_id="s1", sleep=self.pauses.append,
            facts=lambda kind, **fields: self.facts.append({"kind": kind, **fields}), **options,
        )  # fmt: skip


def test_success_gives_the_five_fields_and_one_fact() -> None:
    setup = Setup([1, 2])
    outcome = setup.invoke().as_dict()
    assert outcome.pop("execution_time_ms") >= 0
    assert outcome == {"success": True, "result": [1, 2], "error": None, "retry_count": 0}
    (fact,) = setup.facts
    assert (fact["kind"], fact["tool_name"], fact["success"], fact["retry_count"]) == (
        "tool_invocation", "search", True, 0,
    )  # fmt: skip
    assert fact["error_code"] is None


def test_two_retries_half_a_second_then_one_second_apart() -> None:
    setup = Setup(OSError("x"), OSError("y"), "fine")
    outcome = setup.invoke()
    assert (outcome.success, outcome.result, outcome.retry_count) == (True, "fine", 2)
    assert setup.pauses == [0.5, 1.0]
    assert len(setup.facts) == 1


def test_delay_is_at_most_two_seconds() -> None:
    assert [TOOL_RETRY.delay_after(number) for number in (1, 2, 3, 4)] == [0.5, 1.0, 2.0, 2.0]
    assert isinstance(TOOL_RETRY, RetryPolicy)


def test_failure_is_returned_not_raised_and_recorded_without_foreign_text() -> None:
    setup = Setup(*[ValueError("secret sk-123")] * 3)
    outcome = setup.invoke()
    assert (outcome.success, outcome.error, outcome.retry_count) == (False, "ValueError", 2)
    assert (setup.facts[0]["error_code"], setup.facts[0]["retry_count"]) == ("ValueError", 2)
    assert "sk-123" not in str(setup.facts)


def test_own_errors_are_told_in_their_sentence() -> None:
    outcome = Setup(*[Conflict()] * 3).invoke()
    assert outcome.error == Conflict.detail


def test_failures_named_final_are_not_tried_again() -> None:
    setup = Setup(Conflict(), "fine")
    outcome = setup.invoke(give_up_on=(Conflict,))
    assert (outcome.success, outcome.retry_count, setup.pauses) == (False, 0, [])


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), SystemExit(1), GeneratorExit()])
def test_order_to_stop_is_passed_on_and_leaves_its_fact(stop: BaseException) -> None:
    setup = Setup(OSError("x"), stop)
    with pytest.raises(type(stop)):
        setup.invoke()
    (fact,) = setup.facts
    assert (fact["success"], fact["error_code"], fact["retry_count"]) == (False, type(stop).__name__, 1)


def test_order_to_stop_during_the_pause_leaves_its_fact() -> None:
    facts: list[dict[str, Any]] = []

    def interrupted(seconds: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        invoke_tool_safely(
            "search", Setup(OSError()).tool, sleep=interrupted, facts=lambda kind, **fields: facts.append(fields)
        )
    assert len(facts) == 1
