"""Tools are tried again where that may help, refuse at once where it cannot, and leave one fact each."""

from __future__ import annotations

from typing import Any

import pytest

from sessions_app.domain.answers import QuestionEmpty
from sessions_app.models import LearningSession
from sessions_app.services.tools import ToolFailed, tool_use
from tutor_project.common import events

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(learner: Any) -> LearningSession:
    return LearningSession.objects.create(owner=learner, title="tools")


@pytest.fixture
def facts(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    seen: list[dict[str, Any]] = []
    monkeypatch.setattr(events, "record", lambda kind, **fields: seen.append({"kind": kind, **fields}))
    return seen


def test_a_tool_that_recovers_gives_its_result(session: LearningSession, facts: list[dict[str, Any]]) -> None:
    outcomes = iter([ConnectionError(), "found"])

    def tool() -> str:
        if isinstance(outcome := next(outcomes), Exception):
            raise outcome
        return outcome

    assert tool_use(user_id=session.owner_id, session_id=session.pk, name="look", tool=tool) == "found"
    (fact,) = facts
    assert (fact["kind"], fact["tool_name"], fact["success"], fact["retry_count"]) == (
        "tool_invocation",
        "look",
        True,
        1,
    )
    assert (fact["user_id"], fact["session_id"]) == (str(session.owner_id), str(session.pk))


def test_a_tool_that_fails_on_every_try_ends_in_a_named_error(
    session: LearningSession, facts: list[dict[str, Any]]
) -> None:
    def tool() -> str:
        raise ConnectionError("the password is 1234")

    with pytest.raises(ToolFailed) as refused:
        tool_use(user_id=session.owner_id, session_id=session.pk, name="look", tool=tool)
    assert "1234" not in str(refused.value)
    assert [(fact["success"], fact["retry_count"]) for fact in facts] == [(False, 2)]


def test_a_refusal_is_passed_on_without_another_try(session: LearningSession, facts: list[dict[str, Any]]) -> None:
    def tool() -> str:
        raise QuestionEmpty(attr="question")

    with pytest.raises(QuestionEmpty):
        tool_use(user_id=session.owner_id, session_id=session.pk, name="look", tool=tool)
    assert [(fact["error_code"], fact["retry_count"]) for fact in facts] == [("question_empty", 0)]


def test_an_answer_leaves_one_invocation(api: Any, facts: list[dict[str, Any]], run_jobs: Any) -> None:
    from tests.api.test_learning_refusals import upload

    session = str(api.post("/api/v1/sessions", {}).json()["id"])
    upload(api, session)
    run_jobs()
    facts.clear()
    assert not api.post(f"/api/v1/sessions/{session}/ask", {"question": "What is chlorophyll?"}).json()["declined"]
    used = [fact["tool_name"] for fact in facts if fact["kind"] == "tool_invocation"]
    assert used == ["answer_from_material"]
