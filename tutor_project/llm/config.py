"""Which model, where and with which key: read once from the settings, checked, never printed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal, cast, get_args
from urllib.parse import urlsplit

from tutor_project.llm.errors import LLMMisconfigured, LLMNotConfigured

Provider = Literal["openai", "anthropic", "ollama", "openai_compatible"]
ReasoningEffort = Literal["minimal", "low", "medium", "high"]

_PROVIDERS: dict[str, Provider] = {"openai": "openai", "anthropic": "anthropic", "ollama": "ollama"}
DEFAULT_URLS: dict[Provider, str] = {
    "openai": "https://api.openai.com/v1",
    "anthropic": "https://api.anthropic.com",
    "ollama": "http://127.0.0.1:11434",
}
_THINKING_TOKENS: dict[ReasoningEffort, int] = {"minimal": 1_000, "low": 4_000, "medium": 8_000, "high": 16_000}
_FIXED_TEMPERATURE = re.compile(r"(?:o\d|gpt-5|gpt-6)")


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """A checked model configuration.

    ``reasoning_effort`` is sent to models that think before they write, None to all others. Without
    ``private_addresses`` the server is called only at public addresses.

    A call may take ``timeout_seconds`` plus ``seconds_per_token`` for each token it may write, in all: a slow model is
    no broken one, and a server that drips bytes does not hold a worker for ever.
    """

    provider: Provider
    name: str
    base_url: str
    api_key: str = field(repr=False)
    timeout_seconds: float = 60.0
    context_tokens: int = 32_000
    seconds_per_token: float = 0.04
    reasoning_effort: ReasoningEffort | None = None
    private_addresses: bool = True

    def seconds_for(self, max_output_tokens: int) -> float:
        """Return how many seconds a call that may write this many tokens is given."""
        return self.timeout_seconds + self.seconds_per_token * max_output_tokens

    @property
    def model(self) -> str:
        """The exact name calls are booked under, ``provider:name``."""
        return f"{self.provider}:{self.name}"

    @property
    def takes_temperature(self) -> bool:
        """False for hosted reasoning models that reject the parameter."""
        if self.provider == "anthropic" and self.reasoning_effort:
            return False
        return not (self.provider == "openai" and _FIXED_TEMPERATURE.match(self.name))

    @property
    def thinking_tokens(self) -> int:
        """What a call may write before its reply begins; it comes on top of what the reply itself may take."""
        thinks: ReasoningEffort | None = self.reasoning_effort or (None if self.takes_temperature else "medium")
        return 0 if thinks is None else min(_THINKING_TOKENS[thinks], self.context_tokens // 3)


def _provider_and_name(model: str, base_url: str) -> tuple[Provider, str]:
    if not model:
        raise LLMNotConfigured()
    prefix, separator, rest = model.partition(":")
    if separator and prefix in _PROVIDERS:
        provider, name = _PROVIDERS[prefix], rest.strip()
        if not name:
            raise LLMMisconfigured(problem="LLM_MODEL names no model after the provider.")
        return ("openai_compatible" if provider == "openai" and base_url else provider), name
    if base_url:
        # A server's own model names may hold a colon (``llama3:8b``).
        return "openai_compatible", model
    raise LLMMisconfigured(problem="LLM_MODEL must start with openai:, anthropic: or ollama:, or LLM_BASE_URL be set.")


def parse_model_config(
    model: str,
    *,
    base_url: str = "",
    api_key: str = "",
    timeout_seconds: float = 60.0,
    context_tokens: int = 32_000,
    seconds_per_token: float = 0.04,
    reasoning_effort: str = "",
) -> ModelConfig:
    """Return the checked configuration of ``LLM_MODEL`` and its companions.

    ``openai:NAME`` with a base URL, or a bare NAME with one, means any server that speaks the OpenAI
    protocol. Raises ``LLMNotConfigured`` for an empty model and ``LLMMisconfigured`` naming what is wrong.
    """
    provider, name = _provider_and_name(model.strip(), base_url)
    if provider in ("openai", "anthropic") and not api_key:
        raise LLMMisconfigured(problem="LLM_API_KEY is empty.")
    if timeout_seconds <= 0:
        raise LLMMisconfigured(problem="LLM_TIMEOUT_SECONDS must be positive.")
    if seconds_per_token < 0:
        raise LLMMisconfigured(problem="LLM_SECONDS_PER_TOKEN must not be negative.")
    if reasoning_effort and reasoning_effort not in get_args(ReasoningEffort):
        raise LLMMisconfigured(
            problem=f"LLM_REASONING_EFFORT must be one of {', '.join(get_args(ReasoningEffort))}, or empty."
        )
    return ModelConfig(
        provider=provider,
        name=name,
        base_url=checked_url(base_url or DEFAULT_URLS[provider]),
        api_key=api_key,
        timeout_seconds=timeout_seconds,
        context_tokens=context_tokens,
        seconds_per_token=seconds_per_token,
        reasoning_effort=cast(ReasoningEffort, reasoning_effort) if reasoning_effort else None,
    )


def checked_url(url: str) -> str:
    """Return ``url`` without its last slash; raises ``LLMMisconfigured`` unless it is plain http or https."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise LLMMisconfigured(problem="LLM_BASE_URL must be an http or https URL.")
    if parts.username or parts.password:
        raise LLMMisconfigured(problem="LLM_BASE_URL must not hold credentials; use LLM_API_KEY.")
    return url.rstrip("/")


def environment_names_a_model() -> bool:
    """Say whether ``LLM_MODEL`` is set (read from the settings; nothing is imported or contacted)."""
    from django.conf import settings

    return bool(settings.LLM_MODEL.strip())


def config_from_settings() -> ModelConfig:
    """Return the configuration of the running project; raises as ``parse_model_config``."""
    from django.conf import settings

    return parse_model_config(
        settings.LLM_MODEL,
        base_url=settings.LLM_BASE_URL,
        api_key=settings.LLM_API_KEY,
        timeout_seconds=settings.LLM_TIMEOUT_SECONDS,
        context_tokens=settings.LLM_CONTEXT_TOKENS,
        seconds_per_token=settings.LLM_SECONDS_PER_TOKEN,
        reasoning_effort=settings.LLM_REASONING_EFFORT,
    )
