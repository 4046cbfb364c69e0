"""Looking at a model's server: does it answer, and what can it do? Costs two short calls, booked like any other."""

from __future__ import annotations

import secrets
import time
from dataclasses import asdict, dataclass, field
from typing import Any

import structlog
from asgiref.sync import async_to_sync, sync_to_async
from pydantic import BaseModel

from tutor_project.llm import standing
from tutor_project.llm.config import ModelConfig
from tutor_project.llm.errors import LLMError, LLMUnusableReply
from tutor_project.llm.gateway import Gateway, gateway_to
from tutor_project.llm.http import limited_async_client
from tutor_project.llm.pace import Pace
from tutor_project.llm.types import Caller, CompletionRequest, PromptCall, StreamDelta, StreamEnd, UntrustedText
from tutor_project.llm.usage import estimate_tokens

log = structlog.get_logger(__name__)

LOOK_SECONDS = 5.0
"""How long a server may take to say which models it has."""
SLOW_TOKENS_PER_SECOND = 20.0
_WORDS_TO_READ = 80


class _TestReply(BaseModel):
    """The reply of the test."""

    capital: str
    letters: int


@dataclass(slots=True)
class Examination:
    """What was found. ``error_code`` and ``error`` say why the model does not answer; ``advice`` what to set."""

    model: str
    answers: bool = False
    error_code: str = ""
    error: str = ""
    structured: bool = False
    native_schema: bool = False
    streams: bool = False
    first_token_seconds: float | None = None
    tokens_per_second: float | None = None
    tokens_read_per_second: float | None = None
    context_tokens: int | None = None
    models: list[str] = field(default_factory=list)
    advice: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return the fields."""
        return asdict(self)


async def aexamine(config: ModelConfig, *, caller: Caller) -> Examination:
    """Return what the server of ``config`` can; remembers it for all calls. Raises nothing that the server does."""
    found = Examination(config.model)
    gateway = gateway_to(config)
    found.models, found.context_tokens = await _listed(config)
    await _structured(gateway, config, caller, found)
    if found.answers:
        await _streamed(gateway, caller, found)
        await sync_to_async(_keep)(config, found)
    found.advice = _advice(config, found)
    return found


def examine(config: ModelConfig, *, caller: Caller) -> Examination:
    """Do what ``aexamine`` does and wait for it."""
    return async_to_sync(aexamine)(config, caller=caller)


async def _structured(gateway: Gateway, config: ModelConfig, caller: Caller, found: Examination) -> None:
    request = CompletionRequest(
        prompt_id="models.examine", schema=_TestReply, phase="interaction", feature="examination", **caller.ids()
    )
    await sync_to_async(standing.remember)(config, json_schema=True)  # what it could yesterday is asked anew
    try:
        await gateway.acomplete(request)
        found.structured = True
    except LLMUnusableReply:
        found.structured = False
    except LLMError as failure:
        found.error_code, found.error = failure.code, failure.for_operators
        return
    found.answers = True
    found.native_schema = bool(standing.capabilities(config).get("json_schema", True)) and found.structured


async def _streamed(gateway: Gateway, caller: Caller, found: Examination) -> None:
    call = PromptCall(
        prompt_id="models.examine_stream", phase="interaction", feature="examination",
        documents=[UntrustedText("TEXT", _unread_text())], **caller.ids(),
    )  # fmt: skip
    started = time.monotonic()
    pieces = 0
    text = ""
    try:
        async for item in gateway.astream(call):
            if isinstance(item, StreamDelta):
                pieces, text = pieces + 1, text + item.text
                found.first_token_seconds = found.first_token_seconds or round(time.monotonic() - started, 3)
            elif isinstance(item, StreamEnd):
                _measure(found, item, text, time.monotonic() - started)
    except LLMError as failure:
        log.info("model_does_not_stream", model=found.model, code=failure.code)
    found.streams = pieces > 1


def _unread_text() -> str:
    """Return a text that no server has in its cache, so that the time until it writes shows how fast it reads."""
    return " ".join(secrets.token_hex(2) for _ in range(_WORDS_TO_READ))


def _measure(found: Examination, end: StreamEnd, text: str, seconds: float) -> None:
    found.tokens_read_per_second = Pace.of_stream(end.usage, found.first_token_seconds or 0.0, seconds).reads
    tokens = end.usage.completion_tokens if end.usage.measured else estimate_tokens(text)
    writing = seconds - (found.first_token_seconds or 0.0)
    if tokens > 1 and writing > 0:
        found.tokens_per_second = round(tokens / writing, 1)


async def _ask_for_models(config: ModelConfig) -> Any:
    """Return the server's answer to the question for its models; raises the errors of httpx2."""
    import httpx2

    path = {"ollama": "/api/tags", "anthropic": "/v1/models"}.get(config.provider, "/models")
    headers = {"Authorization": f"Bearer {config.api_key}"} if config.api_key else {}
    if config.provider == "anthropic":
        headers = {"x-api-key": config.api_key, "anthropic-version": "2023-06-01"}
    client = limited_async_client(httpx2, silence=LOOK_SECONDS, private_addresses=config.private_addresses)
    async with client:
        return await client.get(config.base_url + path, headers=headers)


async def server_error_code(config: ModelConfig) -> str | None:
    """Return the code of what is wrong with a server, None when it answers; costs no tokens.

    A server that has no list of models still answers: only silence, its own failures and a refused key count.
    """
    import httpx2

    try:
        reply = await _ask_for_models(config)
    except httpx2.TimeoutException:
        return "llm_timeout"
    except httpx2.HTTPError:
        return "llm_unavailable"
    if reply.status_code in (401, 403):
        return "llm_auth_failed"
    return "llm_unavailable" if reply.status_code >= 500 and reply.status_code != 501 else None


async def _listed(config: ModelConfig) -> tuple[list[str], int | None]:
    """Return the models the server lists, and the context it says this one has; neither has to be told."""
    import httpx2

    try:
        reply = await _ask_for_models(config)
        body = reply.json() if reply.status_code == 200 else {}
    except (httpx2.HTTPError, ValueError):
        return [], None
    rows = (body.get("data") or body.get("models")) if isinstance(body, dict) else None
    rows = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    names = [str(row.get("id") or row.get("name")) for row in rows if row.get("id") or row.get("name")]
    alone = rows[0] if len(rows) == 1 else {}
    return names[:200], _said_context(
        next((row for row in rows if config.name in (row.get("id"), row.get("name"))), alone)
    )


def _said_context(row: dict[str, Any]) -> int | None:
    """Return the context a server states in its list: vLLM, OpenRouter and llama.cpp each under a name of their own."""
    meta = row.get("meta")
    sizes = (row.get("max_model_len"), row.get("context_length"), meta.get("n_ctx") if isinstance(meta, dict) else None)
    return next((size for size in sizes if isinstance(size, int) and size > 0), None)


def _keep(config: ModelConfig, found: Examination) -> None:
    kept: dict[str, Any] = {"json_schema": found.native_schema, "streams": found.streams}
    if found.tokens_per_second is not None:
        kept["tokens_per_second"] = found.tokens_per_second
    if found.tokens_read_per_second is not None:
        kept["tokens_read_per_second"] = found.tokens_read_per_second
    if found.context_tokens is not None:
        kept["context_tokens"] = found.context_tokens
    standing.remember(config, **kept)


def _advice(config: ModelConfig, found: Examination) -> list[str]:
    """Return sentences for an operator: what to change, or what to expect."""
    said = []
    if found.models and config.name not in found.models and f"{config.name}:latest" not in found.models:
        said.append(f"The server does not list {config.name}. It lists {', '.join(found.models[:8])}.")
    if not found.answers:
        return said
    if not found.structured:
        said.append("The model did not follow a simple form: use it for answers at most, not for quizzes or analyses.")
    elif not found.native_schema:
        said.append(
            "The server takes no JSON schema: replies are read from the text, and more of them have to be repaired."
        )
    if not found.streams:
        said.append("The server does not stream: learners see an answer only when it is whole.")
    if found.context_tokens is not None and found.context_tokens != config.context_tokens:
        said.append(f"The server reads {found.context_tokens} tokens: set the context to that.")
    speed = found.tokens_per_second
    if speed is not None and speed < SLOW_TOKENS_PER_SECOND:
        said.append(
            f"{speed:g} tokens a second is slow: it is given less to read and more time, writes a few questions at a time, "
            "and what would take minutes is left to the built-in engine."
        )
    return said
