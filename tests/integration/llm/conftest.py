"""A real LangChain client against the misbehaving server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.support.openai_server import OpenAIServer
from tests.unit.llm.fakes import PROMPT, Ledger
from tutor_project.llm.config import parse_model_config
from tutor_project.llm.gateway import Gateway
from tutor_project.llm.providers import LangChainClient

KEY = "sk-test-0123456789-secret"


@dataclass
class Stack:
    """The gateway as it is in production, but for its ledger, its facts and its clock."""

    server: OpenAIServer
    gateway: Gateway
    ledger: Ledger
    facts: list[dict[str, Any]] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as running:
        yield running


@pytest.fixture
def make_stack(server: OpenAIServer) -> Callable[..., Stack]:
    def make(model: str = "openai:test-model", timeout_seconds: float = 5.0, **settings: Any) -> Stack:
        settings = {"base_url": server.base_url, "seconds_per_token": 0.0, **settings}
        config = parse_model_config(model, api_key=KEY, timeout_seconds=timeout_seconds, **settings)
        ledger, facts, pauses = Ledger(), [], []
        gateway = Gateway(
            LangChainClient(config),
            prompts=lambda prompt_id: PROMPT,
            spend=lambda: ledger,
            facts=lambda kind, **fields: facts.append({"kind": kind, **fields}),
            sleep=pauses.append,
            release_connections=lambda: None,
        )
        return Stack(server, gateway, ledger, facts, pauses)

    return make


@pytest.fixture
def stack(make_stack: Callable[..., Stack]) -> Stack:
    return make_stack()
