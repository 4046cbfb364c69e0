"""The gateway and the database: no connection is held while a model thinks, and the engine is a runtime choice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction

from tests.integration.llm.conftest import Stack
from tests.support import openai_server as serve
from tests.unit.llm.fakes import asking, streaming
from tutor_project.common.batch import process_batch
from tutor_project.llm.connections import release_database_connections
from tutor_project.llm.engines import ENGINE_FEATURES, builtin_flag, engine_for, model_flag
from tutor_project.llm.errors import LLMNotConfigured, ModelCallInTransaction
from tutor_project.platform.config import setting_set

GOOD = {"answer": 3}


@pytest.fixture
def releasing_stack(make_stack: Callable[..., Stack]) -> Stack:
    stack = make_stack()
    stack.gateway._release_connections = release_database_connections
    return stack


def query() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


@pytest.mark.django_db(transaction=True)
def test_connection_is_given_back_while_the_model_thinks(releasing_stack: Stack) -> None:
    open_meanwhile: list[bool] = []

    def look(handler: serve.ChatHandler, payload: serve.Payload) -> None:
        open_meanwhile.append(connection_of_test.connection is not None)
        serve.reply(GOOD)(handler, payload)

    query()
    connection_of_test = connection._connections[connection._alias]  # type: ignore[attr-defined]
    connection_of_test.inc_thread_sharing()
    releasing_stack.server.script(look)
    assert connection_of_test.connection is not None
    releasing_stack.gateway.complete(asking())
    assert open_meanwhile == [False]
    query()


@pytest.mark.django_db(transaction=True)
def test_call_inside_a_transaction_is_a_programming_error(releasing_stack: Stack) -> None:
    releasing_stack.server.script(serve.reply(GOOD))
    with transaction.atomic(), pytest.raises(ModelCallInTransaction):
        releasing_stack.gateway.complete(asking())
    with transaction.atomic(), pytest.raises(ModelCallInTransaction):
        next(releasing_stack.gateway.stream(streaming()))
    assert releasing_stack.server.requests == []
    assert releasing_stack.ledger.quotes == []


@pytest.mark.django_db
def test_transaction_around_a_test_does_not_count(releasing_stack: Stack) -> None:
    releasing_stack.server.script(serve.reply(GOOD))
    query()
    assert releasing_stack.gateway.complete(asking()).value.answer == 3
    query()
    with transaction.atomic(), pytest.raises(ModelCallInTransaction):
        releasing_stack.gateway.complete(asking())


@pytest.mark.django_db(transaction=True)
async def test_asynchronous_stream_holds_no_connection(releasing_stack: Stack) -> None:
    from asgiref.sync import sync_to_async

    releasing_stack.server.script(serve.reply("a b c"))
    await sync_to_async(query)()
    stream = releasing_stack.gateway.astream(streaming())
    await anext(stream)
    assert await sync_to_async(lambda: connection.connection is None)()
    await stream.aclose()


@pytest.mark.django_db(transaction=True)
def test_threads_of_a_batch_leave_no_connection_behind() -> None:
    opened: list[Any] = []

    def work(item: int) -> int:
        query()
        opened.append(connection._connections[connection._alias])  # type: ignore[attr-defined]
        return threading.get_ident()

    assert all(result.success for result in process_batch(range(6), work, batch_size=3, concurrency=3))
    assert len(opened) == 6
    assert all(wrapper.connection is None for wrapper in opened)


@pytest.fixture
def with_model(settings: Any) -> Iterator[None]:
    settings.LLM_MODEL = "ollama:test"
    forget_flags()
    yield
    forget_flags()


def forget_flags() -> None:
    """Drop what the cache remembers of flags: it outlives the transaction of a test."""
    from waffle import get_waffle_flag_model

    for feature in ENGINE_FEATURES:
        for name in (model_flag(feature), builtin_flag(feature)):
            get_waffle_flag_model()(name=name).flush()


def set_engine(value: str) -> None:
    setting_set(key="ENGINE", value=value, user=None)


def switch_on(flag: str) -> None:
    from waffle import get_waffle_flag_model

    get_waffle_flag_model().objects.create(name=flag, everyone=True).flush()  # by hand: the test never commits


@pytest.mark.django_db
def test_without_a_model_every_feature_is_built_in(learner: Any) -> None:
    assert {engine_for(feature, learner) for feature in ENGINE_FEATURES} == {"builtin"}
    set_engine("model")
    with pytest.raises(LLMNotConfigured):
        engine_for("lesson", learner)


@pytest.mark.django_db
def test_engine_is_switched_while_running_and_per_feature(learner: Any, with_model: None) -> None:
    assert engine_for("lesson", learner) == "model"
    set_engine("builtin")
    assert engine_for("lesson", learner) == "builtin"
    switch_on(model_flag("lesson"))
    assert engine_for("lesson", learner) == "model"
    assert engine_for("plan", learner) == "builtin"
    set_engine("auto")
    switch_on(builtin_flag("plan"))
    assert engine_for("plan", learner) == "builtin"
    assert engine_for("answer", AnonymousUser()) == "model"


def test_unknown_feature_is_a_programming_error() -> None:
    with pytest.raises(ValueError):
        engine_for("everything", AnonymousUser())
