"""From the upload to the session analysis by the API alone: without a model, and with one that misbehaves in every way.

The usual form takes one seed of misfortunes; ``FAULTS=full`` takes many, ``JOURNEY_SEEDS=3,9`` those that are named.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.faults.harness import FULL, ROOT, Stack, running_stack, wait_until
from tests.support.journey import Journey
from tests.support.openai_server import ChatHandler, OpenAIServer, Payload
from tests.support.run_model_server import MOODS, Seeded
from tutor_project.stack.client import TutorClient

pytestmark = [pytest.mark.faults, pytest.mark.slow]

TIDES = ROOT / "docs" / "examples" / "tides.md"
PHOTOSYNTHESIS = ROOT / "samples" / "photosynthesis.pdf"
JOURNEYS = (
    (TIDES, "How does the gravity of the Moon cause the tides?"),
    (PHOTOSYNTHESIS, "Why does chlorophyll reflect green light?"),
)
SEEDS = [int(seed) for seed in os.environ["JOURNEY_SEEDS"].split(",")] if "JOURNEY_SEEDS" in os.environ else (
    list(range(1, 25)) if FULL else [4]
)  # fmt: skip
LONGEST_SECONDS = 120.0
"""No request and no job may take longer; three tries at a model that hangs take a quarter of it."""
SETTINGS_ARE_READ_WITHIN = 4.0
_IN_TRANSACTION = """
SELECT pid, xact_start FROM pg_stat_activity
WHERE datname = current_database() AND state LIKE 'idle in transaction%%' AND pid <> pg_backend_pid()
"""
_MADE = """
SELECT (SELECT count(*) FROM sessions_app_plan WHERE session_id = %(session)s),
       (SELECT count(*) FROM sessions_app_lesson WHERE session_id = %(session)s),
       (SELECT count(*) FROM sessions_app_sessionreport WHERE session_id = %(session)s),
       (SELECT count(*) - count(DISTINCT fingerprint) FROM sessions_app_question WHERE session_id = %(session)s)
"""


class Watched:
    """Moods of a seed; notes each transaction that stayed open while the model let the caller wait."""

    def __init__(self, stack: Stack, seed: int) -> None:
        self.moods = Seeded(seed, patience=8 if FULL else 2)
        self.held: list[Any] = []
        self._stack = stack

    def __call__(self, handler: ChatHandler, payload: Payload) -> None:
        before, begin = set(self._stack.rows(_IN_TRANSACTION)), time.monotonic()
        try:
            self.moods(handler, payload)
        finally:
            if before and time.monotonic() - begin > 0.9:
                self.held += before & set(self._stack.rows(_IN_TRANSACTION))


@pytest.fixture(scope="module")
def model() -> Iterator[OpenAIServer]:
    with OpenAIServer() as server:
        yield server


@pytest.fixture(scope="module")
def stack_with_model(model: OpenAIServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    settings = {
        "LLM_MODEL": "openai:stand-in", "LLM_BASE_URL": model.base_url, "LLM_API_KEY": "none",
        "LLM_TIMEOUT_SECONDS": "3", "LLM_SECONDS_PER_TOKEN": "0",
    }  # fmt: skip
    with running_stack(tmp_path_factory.mktemp("journey") / "checkout", JOB_PROCESSES="2", **settings) as running:
        yield running


@contextmanager
def engine(stack: Stack, name: str) -> Iterator[None]:
    """Set the engine while everything runs, as an operator does."""
    operator = stack.client("admin")
    put = lambda value: operator.request(  # noqa: E731
        "PUT", "/config/ENGINE", json.dumps({"value": value, "reason": "journey"}).encode(), "application/json"
    )
    put(name)
    time.sleep(SETTINGS_ARE_READ_WITHIN)  # every process has read it by then
    yield
    put("auto")
    time.sleep(SETTINGS_ARE_READ_WITHIN)  # every process has read it by then


def newcomer(stack: Stack) -> Journey:
    client = TutorClient(f"http://127.0.0.1:{stack.port}")
    client.register()
    return Journey(client, LONGEST_SECONDS)


def assert_made_once(stack: Stack, journey: Journey) -> None:
    with stack.database() as connection:
        made = connection.execute(_MADE, {"session": journey.session_id}).fetchone()
    assert made == (1, 1, 1, 0)


@pytest.mark.parametrize(("file", "question"), JOURNEYS if FULL else JOURNEYS[:1])
def test_learner_comes_to_the_end_without_a_model(
    stack_with_model: Stack, model: OpenAIServer, file: Path, question: str
) -> None:
    journey, asked = newcomer(stack_with_model), len(model.requests)
    with engine(stack_with_model, "builtin"):
        journey.travel(file, question)
    assert {step.outcome for step in journey.steps} == {"ok"}
    assert len(model.requests) == asked, "the model was asked although the built-in engine was set"
    assert journey.client.get("/analytics/tokens?time_range=1h")["total"]["calls"] == 0
    assert_made_once(stack_with_model, journey)


@pytest.mark.parametrize("seed", SEEDS)
def test_learner_comes_to_the_end_with_a_model_that_misbehaves(
    stack_with_model: Stack, model: OpenAIServer, seed: int
) -> None:
    watched = Watched(stack_with_model, seed)
    model.script(watched)
    file, question = JOURNEYS[seed % len(JOURNEYS)]
    journey = newcomer(stack_with_model)
    journey.travel(file, question)
    calls = len(watched.moods.journal)
    counted = lambda: journey.client.get("/analytics/tokens?time_range=1h")["total"]["calls"]  # noqa: E731
    wait_until(lambda: counted() >= calls, 30)
    assert counted() == calls, "a call was recorded twice"
    assert set(watched.moods.journal) - {"good"}, "the model behaved"
    assert set(watched.moods.journal) <= set(MOODS)
    assert watched.held == [], "a transaction was open while the model let the caller wait"
    assert_made_once(stack_with_model, journey)
    print(f"seed {seed}: {calls} calls, {journey.summary()}")
