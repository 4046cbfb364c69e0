"""What is known of each model's server, shared by all processes: whether it answers, and what it can.

The gateway learns from every call: a server that refuses a JSON schema is not sent one again, one whose context turned
out to be smaller is sent less. Without a registered store each process knows what it has seen itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Protocol

from tutor_project.llm.config import ModelConfig
from tutor_project.llm.errors import LLMContextTooLarge
from tutor_project.llm.pace import Pace

NOT_ANSWERING = frozenset(
    {"llm_unavailable", "llm_timeout", "llm_auth_failed", "llm_request_rejected", "llm_quota_exhausted"}
)
"""Codes of failures after which an operator should look at the server; all others are about one reply."""


class StandingStore(Protocol):
    """Keeps the standing of servers, by key. Neither method may raise for a database that is away."""

    def capabilities(self, key: str) -> Mapping[str, Any]:
        """Return what was remembered; cheap, and safe on an event loop."""
        ...

    def remember(self, key: str, model: str, found: Mapping[str, Any]) -> None:
        """Add to what is known the server can."""
        ...

    def note(self, key: str, model: str, error: str | None) -> None:
        """Note how a call ended: the code of ``NOT_ANSWERING``, or None when the server answered."""
        ...


class ProcessStanding:
    """The store of a process that nobody gave a better one."""

    def __init__(self) -> None:
        self.known: dict[str, dict[str, Any]] = {}
        self.errors: dict[str, str | None] = {}

    def capabilities(self, key: str) -> Mapping[str, Any]:
        """Return what this process remembers."""
        return self.known.get(key, {})

    def remember(self, key: str, model: str, found: Mapping[str, Any]) -> None:
        """Remember in this process."""
        self.known.setdefault(key, {}).update(found)

    def note(self, key: str, model: str, error: str | None) -> None:
        """Note in this process."""
        self.errors[key] = error


_store: StandingStore = ProcessStanding()


def register_standing_store(store: StandingStore) -> None:
    """Make ``store`` the one of this process (called once at start-up)."""
    global _store
    _store = store


def standing_key(config: ModelConfig) -> str:
    """Return what identifies a model on a server: a profile that is pointed elsewhere starts anew."""
    return hashlib.sha256(f"{config.model}\n{config.base_url}".encode()).hexdigest()[:32]


def capabilities(config: ModelConfig) -> Mapping[str, Any]:
    """Return what is known the server can: ``json_schema`` (bool), ``context_tokens``, ``tokens_per_second`` …"""
    return _store.capabilities(standing_key(config))


def remember(config: ModelConfig, **found: Any) -> None:
    """Add to what is known the server can."""
    _store.remember(standing_key(config), config.model, found)


class ServerStanding:
    """What the gateway asks and tells about the server of one configuration; ``store`` defaults to the registered one."""

    def __init__(self, config: ModelConfig, store: StandingStore | None = None) -> None:
        self._config = config
        self._key = standing_key(config)
        self._given = store

    @property
    def _kept(self) -> StandingStore:
        return _store if self._given is None else self._given

    @property
    def context_tokens(self) -> int:
        """What fits into one request: as configured, or less where the server has said so."""
        said, configured = self._kept.capabilities(self._key).get("context_tokens"), self._config.context_tokens
        return min(configured, said) if isinstance(said, int) and said > 0 else configured

    @property
    def takes_schema(self) -> bool:
        """Whether a JSON schema may be sent: until the server has refused one."""
        return bool(self._kept.capabilities(self._key).get("json_schema", True))

    @property
    def thinking_tokens(self) -> int:
        """What a call may write beside its reply."""
        return self._config.thinking_tokens

    @property
    def pace(self) -> Pace:
        """How fast the server reads and writes, as far as it was measured."""
        return Pace.of(self._kept.capabilities(self._key))

    def learn_pace(self, measured: Pace) -> None:
        """Note how fast the server was. Not on an event loop."""
        if found := self.pace.with_newer(measured):
            self._kept.remember(self._key, self._config.model, found)

    def schema_refused(self) -> None:
        """Note that the server takes no schema. Not on an event loop."""
        self._kept.remember(self._key, self._config.model, {"json_schema": False})

    def learn(self, outcome: str, failure: BaseException | None = None) -> None:
        """Note how a call ended; ``outcome`` is ``ok``, ``aborted`` or the code of ``failure``. Not on an event loop."""
        model = self._config.model
        if isinstance(failure, LLMContextTooLarge) and failure.context_tokens:
            self._kept.remember(self._key, model, {"context_tokens": failure.context_tokens})
        if outcome in NOT_ANSWERING:
            self._kept.note(self._key, model, outcome)
        elif outcome in ("ok", "llm_invalid_output", "llm_refused", "llm_context_too_large"):
            self._kept.note(self._key, model, None)
