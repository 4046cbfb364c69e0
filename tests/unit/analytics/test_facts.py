"""What a fact may hold, and how a bad one is named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_app.domain import errors
from analytics_app.domain.facts import (
    ERROR_LENGTH,
    KINDS,
    METADATA_TEXT,
    Fact,
    build_fact,
    with_extras_in_metadata,
)

NOW = datetime(2026, 5, 5, 12, tzinfo=UTC)
FLOOR = NOW - timedelta(days=30)
TOOL = {"tool_name": "search", "latency_ms": 12.3456, "success": True}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=20), inner, max_size=4),
    max_leaves=12,
)


def build(kind: str = "tool_invocation", **fields: Any) -> Fact:
    return build_fact(kind, fields, now=NOW, floor=FLOOR, new_id=uuid4)


def value(fact: Fact, column: str) -> Any:
    return fact.values[KINDS[fact.kind].columns.index(column)]


def test_milliseconds_become_whole_microseconds() -> None:
    assert value(build(**TOOL), "duration_us") == 12346


def test_a_fact_without_id_and_time_gets_both() -> None:
    fact = build(**TOOL)
    assert isinstance(fact.id, UUID)
    assert fact.occurred_at == NOW


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"latency_ms": float("nan")}, errors.FactNumberNotFinite),
        ({"latency_ms": float("inf")}, errors.FactNumberNotFinite),
        ({"latency_ms": -0.1}, errors.FactNumberNegative),
        ({"latency_ms": True}, errors.FactFieldInvalid),
        ({"latency_ms": 1e12}, errors.FactNumberTooLarge),
        ({"latency_ms": None}, errors.FactFieldMissing),
        ({"success": 1}, errors.FactFieldInvalid),
        ({"tool_name": "a\nb"}, errors.FactFieldInvalid),
        ({"tool_name": "a" * 121}, errors.FactFieldInvalid),
        ({"session_id": "1234"}, errors.FactFieldInvalid),
        ({"retry_count": 1.5}, errors.FactFieldInvalid),
        ({"colour": "red"}, errors.FactFieldUnknown),
        ({"occurred_at": NOW + timedelta(minutes=6)}, errors.FactInFuture),
        ({"occurred_at": FLOOR - timedelta(seconds=1)}, errors.FactBeforeRetention),
        ({"occurred_at": "0001-01-01T00:00:00+14:00"}, errors.FactBeforeRetention),
        ({"occurred_at": "2026-05-05"}, errors.FactFieldInvalid),
        ({"occurred_at": "yesterday"}, errors.FactFieldInvalid),
        ({"id": str(uuid4())}, errors.FactTimeRequired),
        ({"metadata": "text"}, errors.FactFieldInvalid),
        ({"metadata": {"answer": "x" * (METADATA_TEXT + 1)}}, errors.MetadataTextTooLong),
        ({"metadata": {"answer": "x" * 1_000_000}}, errors.MetadataTooLarge),
        ({"metadata": {str(n): "x" * 100 for n in range(60)}}, errors.MetadataTooLarge),
        ({"metadata": {"x": float("nan")}}, errors.FactNumberNotFinite),
        ({"metadata": {"x": "a\x00b"}}, errors.FactFieldInvalid),
        ({"metadata": {"\ud800": 1}}, errors.FactFieldInvalid),
        ({"tool_name": "a\udfff"}, errors.FactFieldInvalid),
        ({"metadata": {"a": {"b": {"c": {"d": {"e": 1}}}}}}, errors.FactFieldInvalid),
    ],
)
def test_bad_fields_have_their_own_errors(fields: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        build(**(TOOL | fields))


def test_an_unknown_kind_is_named_with_the_known_ones() -> None:
    with pytest.raises(errors.UnknownFactKind) as caught:
        build("gossip", x=1)
    assert "token_usage" in caught.value.message


def test_a_long_error_message_is_cut_not_refused() -> None:
    assert len(value(build(**TOOL, error_message="x" * 5000), "error_message")) == ERROR_LENGTH


def test_unknown_fields_of_callers_inside_go_into_metadata() -> None:
    fields = with_extras_in_metadata("tool_invocation", TOOL | {"streamed": True, "absent": None, "metadata": {"a": 1}})
    assert fields["metadata"] == {"a": 1, "streamed": True}
    assert build(**fields)


@given(st.dictionaries(st.text(max_size=20), JSON, max_size=5))
def test_any_metadata_is_stored_small_or_refused_by_name(metadata: dict[str, Any]) -> None:
    try:
        stored = value(build(**TOOL, metadata=metadata), "metadata")
    except (
        errors.FactFieldInvalid, errors.FactNumberNotFinite, errors.MetadataTextTooLong, errors.MetadataTooLarge
    ):  # fmt: skip
        return
    assert stored is None if not metadata else len(stored.encode()) <= 4096
    assert stored is None or "\\u0000" not in stored


@given(st.one_of(st.integers(), st.floats(), st.text(), st.none(), st.booleans(), st.binary()))
def test_a_latency_is_a_sane_number_or_refused_by_name(latency: Any) -> None:
    try:
        found = value(build(**(TOOL | {"latency_ms": latency})), "duration_us")
    except errors.InvalidInput:
        return
    assert isinstance(found, int)
    assert found >= 0
