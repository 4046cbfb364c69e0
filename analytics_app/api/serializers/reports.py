"""Shapes of the aggregated reports. Times are seconds unless a name says otherwise; rates lie between 0 and 1."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from analytics_app.api.serializers.facts import RangeOutput


class ToolFigures(serializers.Serializer[Any]):
    """Counts, rates and latencies of tool invocations."""

    count = serializers.IntegerField()
    success_count = serializers.IntegerField()
    error_count = serializers.IntegerField()
    success_rate = serializers.FloatField(allow_null=True)
    average_latency_ms = serializers.FloatField(allow_null=True)
    min_latency_ms = serializers.FloatField(allow_null=True)
    max_latency_ms = serializers.FloatField(allow_null=True)
    p50_latency_ms = serializers.FloatField(allow_null=True)
    p95_latency_ms = serializers.FloatField(allow_null=True)
    p99_latency_ms = serializers.FloatField(allow_null=True)


class NamedToolFigures(ToolFigures):
    """Of one tool."""

    tool_name = serializers.CharField()


class ToolStepFigures(NamedToolFigures):
    """Of one tool in one hour or day."""

    start = serializers.DateTimeField()
    step = serializers.CharField()


class ToolReport(RangeOutput):
    """Row F3, tools."""

    total = ToolFigures()
    tools = NamedToolFigures(many=True)
    series = ToolStepFigures(many=True, required=False)


class TokenFigures(serializers.Serializer[Any]):
    """Tokens and cost; an unknown price is null and flagged."""

    calls = serializers.IntegerField()
    prompt_tokens = serializers.IntegerField()
    completion_tokens = serializers.IntegerField()
    total_tokens = serializers.IntegerField()
    cost_usd = serializers.FloatField(allow_null=True)
    price_known = serializers.BooleanField()
    unpriced_calls = serializers.IntegerField()
    estimated_calls = serializers.IntegerField()


class TokenGroup(TokenFigures):
    """Of one model, phase, day or user."""

    key = serializers.CharField()


class TokenReport(RangeOutput):
    """Row F3, tokens."""

    group_by = serializers.CharField()
    total = TokenFigures()
    groups = TokenGroup(many=True)


class SpendReport(TokenReport):
    """Row F10."""

    currency = serializers.CharField()
    unpriced_models = serializers.ListField(child=serializers.CharField())


class ModelTokens(TokenFigures):
    """Of one model."""

    model = serializers.CharField()


class PerformanceFigures(serializers.Serializer[Any]):
    """Times in seconds."""

    count = serializers.IntegerField()
    mean = serializers.FloatField(allow_null=True)
    min = serializers.FloatField(allow_null=True)
    max = serializers.FloatField(allow_null=True)
    p50 = serializers.FloatField(allow_null=True)
    p95 = serializers.FloatField(allow_null=True)
    p99 = serializers.FloatField(allow_null=True)
    success_rate = serializers.FloatField(allow_null=True)


class OperationFigures(PerformanceFigures):
    """Of one operation."""

    operation = serializers.CharField()


class PerformanceReport(RangeOutput, PerformanceFigures):
    """Row E4."""

    unit = serializers.CharField()
    operation = serializers.CharField(allow_null=True)
    operations = OperationFigures(many=True)


class Load(serializers.Serializer[Any]):
    """Measured shares of this machine right now."""

    load = serializers.FloatField()
    cpu = serializers.FloatField()
    memory = serializers.FloatField()
    queue_age = serializers.FloatField()


class SystemReport(RangeOutput):
    """Row F6."""

    active_users = serializers.IntegerField()
    active_sessions = serializers.IntegerField()
    total_tokens_used = serializers.IntegerField()
    average_response_time = serializers.FloatField(allow_null=True)
    p95_response_time = serializers.FloatField(allow_null=True)
    requests = serializers.IntegerField()
    error_rate = serializers.FloatField(allow_null=True)
    system_load = serializers.FloatField()
    load = Load()


class Headline(serializers.Serializer[Any]):
    """The figures of a range that are compared with the range before."""

    sessions = serializers.IntegerField()
    users = serializers.IntegerField()
    interactions = serializers.IntegerField()
    quiz_answers = serializers.IntegerField()
    correct_answers = serializers.IntegerField()
    accuracy = serializers.FloatField(allow_null=True)
    tool_invocations = serializers.IntegerField()
    success_rate = serializers.FloatField(allow_null=True)
    requests = serializers.IntegerField()
    error_rate = serializers.FloatField(allow_null=True)
    prompt_tokens = serializers.IntegerField()
    completion_tokens = serializers.IntegerField()
    total_tokens = serializers.IntegerField()
    cost_usd = serializers.FloatField(allow_null=True)
    unpriced_calls = serializers.IntegerField()
    average_response_time = serializers.FloatField(allow_null=True)
    p50_response_time = serializers.FloatField(allow_null=True)
    p95_response_time = serializers.FloatField(allow_null=True)
    p99_response_time = serializers.FloatField(allow_null=True)


class PreviousHeadline(RangeOutput, Headline):
    """The range before."""


class SeriesPoint(serializers.Serializer[Any]):
    """One hour or day."""

    start = serializers.DateTimeField()
    step = serializers.CharField()
    interactions = serializers.IntegerField()
    answers = serializers.IntegerField()
    correct_answers = serializers.IntegerField()
    total_tokens = serializers.IntegerField()
    requests = serializers.IntegerField()
    failed_requests = serializers.IntegerField()
    average_response_time = serializers.FloatField(allow_null=True)


class DashboardReport(RangeOutput, Headline):
    """Row F7; ``change`` is relative to the range before (0.5 = half as much again)."""

    previous = PreviousHeadline()
    change = serializers.DictField(child=serializers.FloatField(allow_null=True))
    top_tools = NamedToolFigures(many=True)
    tokens_by_model = ModelTokens(many=True)
    series = SeriesPoint(many=True)


class BalanceOutput(serializers.Serializer[Any]):
    """One limit, in US dollars; null where none is set."""

    scope = serializers.CharField()
    cap_usd = serializers.FloatField(allow_null=True)
    spent_usd = serializers.FloatField()
    reserved_usd = serializers.FloatField()
    remaining_usd = serializers.FloatField(allow_null=True)


class RemainingOutput(serializers.Serializer[Any]):
    """What is left today; null when no limit is set."""

    remaining_usd = serializers.FloatField(allow_null=True)
    resets_at = serializers.DateTimeField()
    limits = BalanceOutput(many=True)


class EstimateOutput(serializers.Serializer[Any]):
    """Cost of a run before it starts; null when the model has no price."""

    model = serializers.CharField()
    cost_usd = serializers.FloatField(allow_null=True)
    price_known = serializers.BooleanField()
    remaining_usd = serializers.FloatField(allow_null=True)
    fits = serializers.BooleanField(allow_null=True)


class CohortReport(RangeOutput):
    """A cohort report; its rows depend on the report."""

    report = serializers.CharField()
    rows = serializers.ListField(child=serializers.DictField())
