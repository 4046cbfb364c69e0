"""Recording through the port, session analytics on request and by batch, jobs, the live snapshot."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, ClassVar
from uuid import UUID

import pytest
from django.db import OperationalError, connection, transaction

from analytics_app.models import FactLoss, SessionAnalytics
from analytics_app.selectors.figures import total
from analytics_app.selectors.people import session_figures
from analytics_app.selectors.statements import FigureQuery
from analytics_app.services import live, recorder
from analytics_app.services.rollup import rollup_hour, rollup_run
from analytics_app.services.session_analytics import session_analytics_batch, session_analytics_update
from jobs_app.registry import get_kind
from sessions_app.services.sessions import session_create
from tutor_project.common import events

pytestmark = pytest.mark.django_db


@pytest.fixture
def sessions(learner: Any) -> list[Any]:
    return [session_create(owner_id=learner.pk, title=f"Session {number}") for number in range(3)]


def act(session: Any, kind: str = "question", **fields: Any) -> None:
    events.record("interaction", interaction_type=kind, user_id=session.owner_id, session_id=session.pk, **fields)


def everything(kind: str) -> int:
    now = datetime.now(UTC)
    return total(FigureQuery(kind, now - timedelta(days=1), now + timedelta(hours=1))).count


def test_request_facts_are_buffered_and_a_learners_own_record_is_written_at_once(sessions: list[Any]) -> None:
    events.record("performance", operation="x", latency_ms=1, success=True)
    act(sessions[0])
    assert (everything("performance"), everything("interaction")) == (0, 1)
    assert recorder.facts_flush()
    assert everything("performance") == 1


def test_a_durable_fact_is_taken_back_with_its_transaction(sessions: list[Any]) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        act(sessions[0])
        raise RuntimeError
    assert everything("interaction") == 0


def test_a_bad_fact_never_breaks_its_caller_and_is_counted() -> None:
    events.record("performance", operation="x", latency_ms=float("nan"), success=True)
    events.record("gossip", a=1)
    assert recorder.buffer_state().lost == {"fact_number_not_finite": 1, "unknown_fact_kind": 1}
    recorder.facts_flush()
    assert {row.reason: row.count for row in FactLoss.objects.all()} == recorder.buffer_state().lost


def test_a_durable_fact_outside_a_transaction_waits_in_the_buffer_while_the_database_is_away(
    monkeypatch: pytest.MonkeyPatch, sessions: list[Any]
) -> None:
    def dead(**_: Any) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(recorder, "fact_write", dead)
    monkeypatch.setattr(recorder, "connection", SimpleNamespace(in_atomic_block=False))
    act(sessions[0])
    monkeypatch.undo()
    assert recorder.buffer_state().waiting >= 1


def test_the_gateways_fields_fit_the_fact(learner: Any) -> None:
    events.record(
        "token_usage", call_id=str(learner.pk), model="m", phase="analysis", feature="summary",
        user_id=str(learner.pk), session_id=None, folder_id=None, prompt_tokens=5, completion_tokens=7, measured=False,
        latency_ms=3.5, success=True, outcome="ok", attempt=1, streamed=False, settled=True,
        prompt_id="p", prompt_version=2, prompt_hash="abc",
    )  # fmt: skip
    now = datetime.now(UTC)
    found = total(FigureQuery("token_usage", now - timedelta(hours=1), now + timedelta(hours=1)))
    assert (found.tokens, found.estimated, found.unpriced) == (12, 1, 1)


def test_a_measured_block_leaves_one_fact_also_when_it_fails() -> None:
    with events.measured("index_build", user_id=None):
        pass
    with pytest.raises(ZeroDivisionError), events.measured("index_build"):
        _ = 1 / 0
    recorder.facts_flush()
    now = datetime.now(UTC)
    found = total(FigureQuery("performance", now - timedelta(hours=1), now + timedelta(hours=1)))
    assert (found.count, found.ok, found.timed) == (2, 1, 2)


def test_the_batch_gives_the_same_rows_as_asking_session_by_session(sessions: list[Any]) -> None:
    for number, session in enumerate(sessions):
        for _ in range(number + 1):
            act(session, "mini_quiz", correct=number % 2 == 0)
        act(session, "summary")
    now = datetime.now(UTC)
    assert session_analytics_batch() == 3
    by_batch = rows()
    rollup_run(now=now + timedelta(hours=2))
    SessionAnalytics.objects.all().delete()
    for session in sessions:
        session_analytics_update(session_id=session.pk)
    assert rows() == by_batch
    assert session_analytics_batch() == 0
    act(sessions[1], "summary")
    assert session_analytics_batch() == 1
    assert rows()[sessions[1].pk]["summaries_created"] == 2


def rows() -> dict[UUID, dict[str, Any]]:
    return {row.session_id: session_figures(row) for row in SessionAnalytics.objects.all()}


def test_the_jobs_of_analytics_run_and_say_what_they_did(sessions: list[Any]) -> None:
    class Context:
        input: ClassVar = {"everything": True}

        def checkpoint(self) -> None:
            pass

    act(sessions[0])
    for name in ("analytics_rollup", "session_analytics", "item_analysis", "log_cleanup", "spend_expiry"):
        result = get_kind(name).handler(Context())  # type: ignore[misc, arg-type]
        assert isinstance(result, dict)
    assert SessionAnalytics.objects.count() == 1


def test_many_viewers_cost_one_query_set(embedded_servers: None, monkeypatch: pytest.MonkeyPatch) -> None:
    live.client().delete(live.KEY, live.LOCK)
    computed: list[int] = []

    def metrics(start: datetime, end: datetime) -> dict[str, Any]:
        computed.append(1)
        return {"active_users": len(computed)}

    monkeypatch.setattr(live, "system_metrics", metrics)
    seen = {live.live_snapshot()[0] for _ in range(20)}
    assert (len(computed), len(seen)) == (1, 1)
    monkeypatch.setattr(live, "PERIOD_SECONDS", 0.0)
    assert live.live_snapshot()[1] == {"active_users": 2}


def test_of_two_viewers_one_refreshes_while_the_other_reads_the_old_snapshot(
    embedded_servers: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    live.client().delete(live.KEY, live.LOCK)
    monkeypatch.setattr(live, "system_metrics", lambda start, end: {"n": 1})
    old = live.live_snapshot()
    monkeypatch.setattr(live, "PERIOD_SECONDS", 0.0)
    live.client().set(live.LOCK, "1", ex=10)
    assert live.live_snapshot() == old
    live.client().delete(live.KEY, live.LOCK)


@pytest.mark.django_db(transaction=True)
def test_two_rollups_of_one_hour_at_a_time_do_not_disturb_each_other(learner: Any) -> None:
    session = session_create(owner_id=learner.pk, title="Shared")
    for _ in range(20):
        act(session)
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    failures: list[BaseException] = []

    def run() -> None:
        try:
            for _ in range(5):
                rollup_hour(fact="interaction", hour=hour)
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures
    rollup_run(now=hour + timedelta(hours=3))
    assert total(FigureQuery("interaction", hour, hour + timedelta(hours=1))).count == 20


@pytest.mark.django_db(transaction=True)
def test_a_rollup_killed_in_the_middle_leaves_the_hour_as_it_was(learner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    session = session_create(owner_id=learner.pk, title="Killed")
    for _ in range(7):
        act(session)
    now = datetime.now(UTC)
    hour = now.replace(minute=0, second=0, microsecond=0)
    rollup_run(now=now + timedelta(hours=2))
    act(session)

    def killed(cursor: Any, window: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("analytics_app.services.rollup.hour_presence_store", killed)
    with pytest.raises(KeyboardInterrupt):
        rollup_run(now=now + timedelta(hours=2))
    query = FigureQuery("interaction", hour, now + timedelta(hours=1))
    assert total(query).count == 8
    monkeypatch.undo()
    rollup_run(now=now + timedelta(hours=2))
    assert total(query).count == 8
