"""Fact kinds and their validation.

A fact is one thing that happened: ids, numbers, short names. It never holds answers, prompts or document text; the
limits on names and metadata keep it so. Facts are append-only and identified by ``(occurred_at, id)``.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from analytics_app.domain import errors

BATCH_LIMIT = 1000
CLOCK_SKEW = timedelta(minutes=5)
METADATA_BYTES = 4096
METADATA_TEXT = 200
METADATA_DEPTH = 4
NAME_LENGTH = 120
ERROR_LENGTH = 300
LATENCY_LIMIT_MS = 7 * 24 * 3600 * 1000
TOKENS_LIMIT = 1_000_000_000
PHASES = ("analysis", "planning", "generation", "interaction")

_CANONICAL_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_NAME = re.compile("[^\x00-\x1f\x7f\ud800-\udfff]+")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""PostgreSQL stores neither NUL nor lone surrogates."""

_ENVELOPE = frozenset({"id", "occurred_at"})

Check = Callable[[str, Any], Any]


def _name(field: str, value: Any) -> str:
    if not isinstance(value, str) or not value or len(value) > NAME_LENGTH or not _NAME.fullmatch(value):
        raise errors.FactFieldInvalid(field=field, expected=f"a name of 1 to {NAME_LENGTH} characters", attr=field)
    return value if type(value) is str else str(value)


def _version(field: str, value: Any) -> str:
    return _name(field, str(value) if isinstance(value, int) else value)


def _short_text(field: str, value: Any) -> str:
    if not isinstance(value, str):
        raise errors.FactFieldInvalid(field=field, expected="a text", attr=field)
    return _UNSTORABLE.sub("", value[:ERROR_LENGTH])


def _uuid(field: str, value: Any) -> UUID | str:
    """A UUID, or its canonical text: parsing it would double the cost of taking a fact in."""
    if isinstance(value, UUID):
        return value
    if isinstance(value, str) and _CANONICAL_UUID.fullmatch(value):
        return value
    try:
        return UUID(str(value))
    except ValueError as error:
        raise errors.FactFieldInvalid(field=field, expected="a UUID", attr=field) from error


def _flag(field: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise errors.FactFieldInvalid(field=field, expected="true or false", attr=field)
    return value


def _number(field: str, value: Any, limit: float) -> float | int:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise errors.FactFieldInvalid(field=field, expected="a number", attr=field)
    if isinstance(value, float) and not math.isfinite(value):
        raise errors.FactNumberNotFinite(field=field, attr=field)
    if value < 0:
        raise errors.FactNumberNegative(field=field, attr=field)
    if value > limit:
        raise errors.FactNumberTooLarge(field=field, limit=limit, attr=field)
    return value


def _milliseconds(field: str, value: Any) -> int:
    """Milliseconds in, whole microseconds out."""
    return round(_number(field, value, LATENCY_LIMIT_MS) * 1000)


def _tokens(field: str, value: Any) -> int:
    number = _number(field, value, TOKENS_LIMIT)
    if number != int(number):
        raise errors.FactFieldInvalid(field=field, expected="a whole number", attr=field)
    return int(number)


def _small_count(field: str, value: Any) -> int:
    number = _number(field, value, 32767)
    if number != int(number):
        raise errors.FactFieldInvalid(field=field, expected="a whole number", attr=field)
    return int(number)


def _phase(field: str, value: Any) -> str:
    if value not in PHASES:
        raise errors.FactFieldInvalid(field=field, expected="one of: " + ", ".join(PHASES), attr=field)
    return str(value)


def _metadata(field: str, value: Any) -> str | None:
    """Metadata as JSON text; ``None`` when empty."""
    if not isinstance(value, Mapping):
        raise errors.FactFieldInvalid(field=field, expected="an object", attr=field)
    if not value:
        return None
    _check_metadata(field, value, METADATA_DEPTH)
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=str)
    if len(text.encode()) > METADATA_BYTES:
        raise errors.MetadataTooLarge(limit=METADATA_BYTES, attr=field)
    return text


def _check_metadata(field: str, value: Any, depth: int) -> None:
    if isinstance(value, str):
        if len(value) > METADATA_BYTES:
            raise errors.MetadataTooLarge(limit=METADATA_BYTES, attr=field)
        if len(value) > METADATA_TEXT:
            raise errors.MetadataTextTooLong(limit=METADATA_TEXT, attr=field)
        if _UNSTORABLE.search(value):
            raise errors.FactFieldInvalid(field=field, expected="free of NUL and lone surrogates", attr=field)
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise errors.FactNumberNotFinite(field=field, attr=field)
    elif isinstance(value, (Mapping, list, tuple)):
        if depth == 0:
            raise errors.FactFieldInvalid(field=field, expected=f"nested at most {METADATA_DEPTH} deep", attr=field)
        parts = [*value.keys(), *value.values()] if isinstance(value, Mapping) else value
        if len(parts) > METADATA_BYTES:
            raise errors.MetadataTooLarge(limit=METADATA_BYTES, attr=field)
        for part in parts:
            _check_metadata(field, part, depth - 1)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a fact kind: its name on the API, its column, its check (which may change the unit)."""

    name: str
    column: str
    check: Check
    required: bool = False
    default: Any = None


@dataclass(frozen=True)
class FactKind:
    """One kind of fact: where it is stored and what it may hold."""

    name: str
    table: str
    fields: tuple[Field, ...]

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Columns in the order of ``Fact.values``."""
        return ("id", "occurred_at", *(field.column for field in self.fields))

    @cached_property
    def field_names(self) -> frozenset[str]:
        """Every name ``build_fact`` takes for this kind."""
        return _ENVELOPE | {field.name for field in self.fields}


_COMMON = (
    Field("user_id", "user_id", _uuid),
    Field("session_id", "session_id", _uuid),
    Field("metadata", "metadata", _metadata),
)

_REPORTED = Field("reported", "reported", _flag, default=False)
"""Whether a client says so: true for what a learner sends, which nobody can check. It counts for them alone."""

INTERACTION = FactKind(
    "interaction",
    "analytics_fact_interaction",
    (
        Field("interaction_type", "interaction_type", _name, required=True),
        Field("latency_ms", "duration_us", _milliseconds),
        Field("correct", "ok", _flag),
        Field("answers", "answers", _small_count),
        Field("correct_answers", "correct_answers", _small_count),
        Field("object_id", "object_id", _uuid),
        *_COMMON,
    ),
)
TOOL_INVOCATION = FactKind(
    "tool_invocation",
    "analytics_fact_tool_invocation",
    (
        Field("tool_name", "tool_name", _name, required=True),
        Field("latency_ms", "duration_us", _milliseconds, required=True),
        Field("success", "ok", _flag, required=True),
        Field("agent_version", "agent_version", _name),
        Field("error_code", "error_code", _name),
        Field("error_message", "error_message", _short_text),
        Field("retry_count", "retry_count", _small_count, default=0),
        _REPORTED,
        *_COMMON,
    ),
)
TOKEN_USAGE = FactKind(
    "token_usage",
    "analytics_fact_token_usage",
    (
        Field("model", "model", _name, required=True),
        Field("phase", "phase", _phase, required=True),
        Field("prompt_tokens", "prompt_tokens", _tokens, required=True),
        Field("completion_tokens", "completion_tokens", _tokens, required=True),
        Field("latency_ms", "duration_us", _milliseconds),
        Field("success", "ok", _flag),
        Field("measured", "measured", _flag, default=True),
        Field("outcome", "outcome", _name),
        Field("call_id", "call_id", _uuid),
        Field("feature", "feature", _name),
        Field("folder_id", "folder_id", _uuid),
        Field("prompt_id", "prompt_id", _name),
        Field("prompt_version", "prompt_version", _version),
        Field("prompt_hash", "prompt_hash", _name),
        _REPORTED,
        *_COMMON,
    ),
)
PERFORMANCE = FactKind(
    "performance",
    "analytics_fact_performance",
    (
        Field("operation", "operation", _name, required=True),
        Field("latency_ms", "duration_us", _milliseconds, required=True),
        Field("success", "ok", _flag, required=True),
        Field("category", "category", _name, default="operation"),
        Field("status", "status", _small_count),
        *_COMMON,
    ),
)
EVENT = FactKind(
    "event",
    "analytics_fact_event",
    (
        Field("event_type", "event_type", _name, required=True),
        Field("object_id", "object_id", _uuid),
        _REPORTED,
        *_COMMON,
    ),
)

KINDS: Mapping[str, FactKind] = MappingProxyType(
    {kind.name: kind for kind in (INTERACTION, TOOL_INVOCATION, TOKEN_USAGE, PERFORMANCE, EVENT)}
)


class Fact(NamedTuple):
    """A validated fact: its kind's name and its values in the order of ``FactKind.columns``."""

    kind: str
    values: tuple[Any, ...]

    @property
    def id(self) -> UUID | str:
        return self.values[0]  # type: ignore[no-any-return]

    @property
    def occurred_at(self) -> datetime:
        return self.values[1]  # type: ignore[no-any-return]


def kind_named(name: Any) -> FactKind:
    """The fact kind; raises ``UnknownFactKind``."""
    kind = KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise errors.UnknownFactKind(kind=str(name)[:NAME_LENGTH], known=", ".join(KINDS), attr="kind")
    return kind


def with_extras_in_metadata(kind_name: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """``fields`` with those the kind does not have moved into its metadata, for callers inside the project."""
    known = kind_named(kind_name).field_names
    extras = {name: value for name, value in fields.items() if name not in known and value is not None}
    kept = {name: value for name, value in fields.items() if name in known}
    if extras:
        kept["metadata"] = {**(kept.get("metadata") or {}), **extras}
    return kept


def build_fact(
    kind_name: str, fields: Mapping[str, Any], *, now: datetime, floor: datetime, new_id: Callable[[], UUID]
) -> Fact:
    """Validate ``fields`` (API names and units) into a ``Fact``.

    ``now`` bounds the future, ``floor`` is the oldest moment still kept. Absent ids are made with ``new_id``; absent
    times are ``now``. Raises the named 400 errors of ``analytics_app.domain.errors``.
    """
    kind = kind_named(kind_name)
    values: list[Any] = list(_identity(fields, now=now, floor=floor, new_id=new_id))
    used = len(_ENVELOPE & fields.keys())
    for field in kind.fields:
        value = fields.get(field.name)
        if field.name in fields:
            used += 1
        if value is None:
            if field.required:
                raise errors.FactFieldMissing(field=field.name, attr=field.name)
            values.append(field.default)
        else:
            values.append(field.check(field.name, value))
    if used != len(fields):
        unknown = sorted(str(name)[:NAME_LENGTH] for name in fields.keys() - kind.field_names)
        raise errors.FactFieldUnknown(field=unknown[0], attr=unknown[0])
    return Fact(kind_name, tuple(values))


def _identity(
    fields: Mapping[str, Any], *, now: datetime, floor: datetime, new_id: Callable[[], UUID]
) -> tuple[UUID | str, datetime]:
    given_id, given_time = fields.get("id"), fields.get("occurred_at")
    if given_id is not None and given_time is None:
        raise errors.FactTimeRequired(attr="occurred_at")
    fact_id = new_id() if given_id is None else _uuid("id", given_id)
    return fact_id, now if given_time is None else _moment(given_time, now=now, floor=floor)


def _moment(value: Any, *, now: datetime, floor: datetime) -> datetime:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError as error:
            raise errors.FactFieldInvalid(
                field="occurred_at", expected="an ISO-8601 time with offset", attr="occurred_at"
            ) from error
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise errors.FactFieldInvalid(field="occurred_at", expected="an ISO-8601 time with offset", attr="occurred_at")
    try:
        value = value.astimezone(UTC)
    except OverflowError as error:
        raise errors.FactBeforeRetention(floor=floor.isoformat(), attr="occurred_at") from error
    if value > now + CLOCK_SKEW:
        raise errors.FactInFuture(attr="occurred_at")
    if value < floor:
        raise errors.FactBeforeRetention(floor=floor.isoformat(), attr="occurred_at")
    return value
