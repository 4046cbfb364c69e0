"""The review queue on the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tutor_project.common.api import limits


@extend_schema_field(OpenApiTypes.OBJECT)
class JSONObjectField(serializers.DictField):
    """A JSON object."""


class FailureSerializer(serializers.Serializer[Any]):
    """Why the verifier refused."""

    rule = serializers.CharField()
    detail = serializers.CharField()


class EvidenceViewSerializer(serializers.Serializer[Any]):
    """Evidence in its surroundings; ``before + quote + after`` is a slice of the stored text while ``found``."""

    document_id = serializers.CharField()
    filename = serializers.CharField()
    page_start = serializers.IntegerField()
    page_end = serializers.IntegerField()
    before = serializers.CharField(allow_blank=True)
    quote = serializers.CharField()
    after = serializers.CharField(allow_blank=True)
    found = serializers.BooleanField()


class ReviewQuestionSerializer(serializers.Serializer[Any]):
    """A question as a reviewer sees it, key included."""

    id = serializers.UUIDField()
    session_id = serializers.UUIDField()
    owner = serializers.CharField(source="owner.username")
    state = serializers.CharField()
    version = serializers.IntegerField()
    kind = serializers.CharField()
    stem = serializers.CharField()
    options = serializers.ListField(child=JSONObjectField())
    key = JSONObjectField()
    explanation = serializers.CharField(allow_blank=True)
    difficulty = serializers.CharField()
    points = serializers.IntegerField()
    concept = serializers.CharField(allow_blank=True)
    failures = FailureSerializer(many=True)
    created_at = serializers.DateTimeField()


class ReviewedQuestionSerializer(ReviewQuestionSerializer):
    """A question with its evidence in the page text."""

    evidence = EvidenceViewSerializer(many=True, source="shown_evidence")


class ReviewedAnswerSerializer(serializers.Serializer[Any]):
    """An answer as a reviewer sees it."""

    id = serializers.UUIDField()
    question_id = serializers.UUIDField()
    question = serializers.CharField(source="question.stem")
    learner = serializers.CharField(source="owner.username")
    session_id = serializers.UUIDField()
    text = serializers.CharField(allow_blank=True)
    option_id = serializers.CharField(allow_blank=True)
    verdict = serializers.CharField()
    credit = serializers.FloatField()
    reason = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()


class ReviewQueueSerializer(serializers.Serializer[Any]):
    """What waits for a person, the newest first, at most a hundred of each."""

    questions = ReviewQuestionSerializer(many=True)
    answers = ReviewedAnswerSerializer(many=True)


class QuestionDecisionSerializer(serializers.Serializer[Any]):
    """A decision on the version that was looked at; ``changes`` belongs to edit."""

    decision = serializers.ChoiceField(choices=["approve", "edit", "reject", "quarantine"])
    version = serializers.IntegerField(min_value=1)
    reason = serializers.CharField(max_length=limits.REASON, required=False, allow_blank=True, default="")
    changes = JSONObjectField(required=False, default=dict)


class AnswerDecisionSerializer(serializers.Serializer[Any]):
    """Right or not; ``credit`` is the share of the points when it is in between."""

    correct = serializers.BooleanField()
    credit = serializers.FloatField(min_value=0, max_value=1, required=False, allow_null=True, default=None)
    note = serializers.CharField(max_length=limits.REASON, required=False, allow_blank=True, default="")


class RegradeRequestSerializer(serializers.Serializer[Any]):
    """Without ``apply`` nothing is written."""

    apply = serializers.BooleanField(required=False, default=False)
    reason = serializers.CharField(max_length=limits.REASON, required=False, allow_blank=True, default="")


class GradeChangeSerializer(serializers.Serializer[Any]):
    """An answer whose grade changes; scores are per cent."""

    answer_id = serializers.UUIDField()
    learner = serializers.CharField()
    attempt_id = serializers.UUIDField(allow_null=True)
    given = serializers.CharField(allow_blank=True)
    verdict_before = serializers.CharField()
    verdict_after = serializers.CharField()
    credit_before = serializers.FloatField()
    credit_after = serializers.FloatField()
    score_before = serializers.FloatField(allow_null=True)
    score_after = serializers.FloatField(allow_null=True)


class RegradeSerializer(serializers.Serializer[Any]):
    """What a regrade changes, or changed when ``applied``; ``kept`` counts answers that people decided."""

    question_id = serializers.UUIDField()
    applied = serializers.BooleanField()
    checked = serializers.IntegerField()
    kept = serializers.IntegerField()
    changes = GradeChangeSerializer(many=True)
    version = serializers.IntegerField()
