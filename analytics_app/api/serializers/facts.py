"""Shapes of the analytics endpoints; what goes in is judged by the domain, with its own error codes."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from analytics_app.domain.facts import PHASES
from analytics_app.domain.rollups import milliseconds
from analytics_app.models import EventFact, InteractionFact
from tutor_project.common.api import limits


class _FactInput(serializers.Serializer[Any]):
    id = serializers.UUIDField(required=False, help_text="Sending the same id and time twice counts once.")
    occurred_at = serializers.DateTimeField(required=False, help_text="Default: now.")
    session_id = serializers.UUIDField(required=False, allow_null=True)
    metadata = serializers.DictField(required=False, help_text="Ids and short names, at most 4 KB of JSON.")


class ToolInvocationInput(_FactInput):
    """Row F1."""

    tool_name = serializers.CharField(max_length=limits.NAME)
    latency_ms = serializers.FloatField(min_value=0)
    success = serializers.BooleanField()
    agent_version = serializers.CharField(required=False, allow_null=True, max_length=limits.NAME)
    error_message = serializers.CharField(
        required=False, allow_null=True, max_length=limits.OBJECT, help_text="Cut at 300 characters."
    )


class TokenUsageInput(_FactInput):
    """Row F2."""

    model = serializers.CharField(max_length=limits.NAME, help_text="Exact name, as in the price table.")
    prompt_tokens = serializers.IntegerField(min_value=0)
    completion_tokens = serializers.IntegerField(min_value=0)
    phase = serializers.ChoiceField(choices=PHASES)


class EventInput(_FactInput):
    """Row F8, one event."""

    event_type = serializers.CharField(max_length=limits.NAME)


class EventBatchInput(serializers.Serializer[Any]):
    """Row F8: one event as an object, several under ``events`` (or as a bare array)."""

    events = serializers.ListField(child=EventInput(), required=False, max_length=limits.ITEMS)
    event_type = serializers.CharField(max_length=limits.NAME, required=False)
    id = serializers.UUIDField(required=False)
    occurred_at = serializers.DateTimeField(required=False)
    session_id = serializers.UUIDField(required=False, allow_null=True)
    metadata = serializers.DictField(required=False)


class RecordedOutput(serializers.Serializer[Any]):
    """How many facts were new, and how many had been sent before."""

    recorded = serializers.IntegerField()
    repeated = serializers.IntegerField()


class TokenRecordedOutput(RecordedOutput):
    """Also the cost by the price in force; null and flagged without one."""

    cost_usd = serializers.FloatField(allow_null=True)
    price_known = serializers.BooleanField()


class EventOutput(serializers.ModelSerializer[EventFact]):
    """One event."""

    metadata = serializers.DictField(allow_null=True)

    class Meta:
        model = EventFact
        fields = ["id", "occurred_at", "event_type", "user_id", "session_id", "reported", "metadata"]


class InteractionOutput(serializers.ModelSerializer[InteractionFact]):
    """One interaction; ``correct`` is null where nothing was judged."""

    type = serializers.CharField(source="interaction_type")
    correct = serializers.BooleanField(source="ok", allow_null=True)
    latency_ms = serializers.SerializerMethodField()
    metadata = serializers.DictField(allow_null=True)

    class Meta:
        model = InteractionFact
        fields = [
            "id", "occurred_at", "type", "session_id", "user_id", "correct", "answers", "correct_answers", "latency_ms",
            "object_id", "metadata",
        ]  # fmt: skip

    def get_latency_ms(self, fact: InteractionFact) -> float | None:
        """Milliseconds."""
        return milliseconds(fact.duration_us)


class _PageOutput(serializers.Serializer[Any]):
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class EventPage(_PageOutput):
    """A page of events."""

    results = EventOutput(many=True)


class InteractionPage(_PageOutput):
    """A page of interactions."""

    results = InteractionOutput(many=True)


class EventCountRow(serializers.Serializer[Any]):
    """Number of events of one type (in one hour or day)."""

    event_type = serializers.CharField()
    start = serializers.DateTimeField(required=False)
    count = serializers.IntegerField()


class EventCountOutput(serializers.Serializer[Any]):
    """Answer to ``aggregate=``."""

    aggregate = serializers.CharField()
    total = serializers.IntegerField()
    results = EventCountRow(many=True)


class SessionProcessOutput(serializers.Serializer[Any]):
    """Row B8; the duration in seconds."""

    total_interactions = serializers.IntegerField()
    quiz_attempts = serializers.IntegerField()
    correct_answers = serializers.IntegerField()
    summaries_created = serializers.IntegerField()
    session_duration = serializers.FloatField()
    engagement_score = serializers.FloatField()


class SessionFiguresOutput(serializers.Serializer[Any]):
    """Row F4; times in seconds."""

    session_id = serializers.UUIDField()
    user_id = serializers.UUIDField()
    total_interactions = serializers.IntegerField()
    total_tokens_used = serializers.IntegerField()
    average_response_time = serializers.FloatField(allow_null=True)
    documents_uploaded = serializers.IntegerField()
    quiz_attempts = serializers.IntegerField()
    correct_answers = serializers.IntegerField()
    summaries_created = serializers.IntegerField()
    session_duration = serializers.FloatField()
    engagement_score = serializers.FloatField()
    last_activity = serializers.DateTimeField(allow_null=True)


class UserDayOutput(serializers.Serializer[Any]):
    """One day of a user."""

    day = serializers.DateField()
    interactions = serializers.IntegerField()
    answers = serializers.IntegerField()
    correct_answers = serializers.IntegerField()
    accuracy = serializers.FloatField(allow_null=True)
    total_tokens = serializers.IntegerField()


class RangeOutput(serializers.Serializer[Any]):
    """Every report says which range it is about."""

    to = serializers.DateTimeField()

    def get_fields(self) -> Any:
        """Add ``from``, which is no attribute name in Python."""
        return {"from": serializers.DateTimeField(), **super().get_fields()}


class UserFiguresOutput(RangeOutput):
    """Row F5; times in seconds."""

    user_id = serializers.UUIDField()
    sessions = serializers.IntegerField()
    total_interactions = serializers.IntegerField()
    quiz_attempts = serializers.IntegerField()
    answers = serializers.IntegerField()
    correct_answers = serializers.IntegerField()
    accuracy = serializers.FloatField(allow_null=True)
    summaries_created = serializers.IntegerField()
    total_tokens_used = serializers.IntegerField()
    mean_session_time = serializers.FloatField(allow_null=True)
    mean_engagement = serializers.FloatField(allow_null=True)
    series = UserDayOutput(many=True)
