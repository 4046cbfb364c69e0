"""Shapes of mastery and reviews."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from sessions_app.api.serializers.quizzes import FeedbackItemSerializer, SealedQuestionSerializer
from sessions_app.engine.scheduling import ReviewRating
from tutor_project.common.api import limits


class ConceptMasterySerializer(serializers.Serializer[Any]):
    """What is believed about one concept: the chance of a right answer that is no guess, with its 90 % interval."""

    concept = serializers.CharField()
    probability = serializers.FloatField(min_value=0, max_value=1)
    low = serializers.FloatField(min_value=0, max_value=1)
    high = serializers.FloatField(min_value=0, max_value=1)
    level = serializers.ChoiceField(choices=["not enough answers yet", "shaky", "solid"])
    answers = serializers.IntegerField()
    mastered = serializers.BooleanField()
    mastered_at = serializers.DateTimeField(allow_null=True)
    right_in_a_row_needed = serializers.IntegerField()
    due_at = serializers.DateTimeField(allow_null=True)


class MasterySerializer(serializers.Serializer[Any]):
    """Mastery of a session; ``overall`` is the mean over its concepts, null where there are none."""

    session_id = serializers.UUIDField()
    concepts = ConceptMasterySerializer(many=True)
    overall = serializers.FloatField(allow_null=True, min_value=0, max_value=1)
    mastered_concepts = serializers.IntegerField()


class ConceptReadinessSerializer(serializers.Serializer[Any]):
    """A concept's expected share of its marks."""

    concept = serializers.CharField()
    expected_share = serializers.FloatField(min_value=0, max_value=1)


class WorkloadSerializer(serializers.Serializer[Any]):
    """The reviews of a day, when all before it are done."""

    date = serializers.DateField()
    reviews = serializers.IntegerField()


class ReadinessSerializer(serializers.Serializer[Any]):
    """Readiness for an exam, as of today without a date ahead; the shares are null where there is nothing to be asked."""

    exam_on = serializers.DateField(allow_null=True)
    days_left = serializers.IntegerField(allow_null=True)
    expected_share = serializers.FloatField(allow_null=True, min_value=0, max_value=1)
    low = serializers.FloatField(allow_null=True, min_value=0, max_value=1)
    high = serializers.FloatField(allow_null=True, min_value=0, max_value=1)
    by_concept = ConceptReadinessSerializer(many=True)
    workload = WorkloadSerializer(many=True)


class DueReviewSerializer(serializers.Serializer[Any]):
    """A review that is due, its question sealed. ``recall_probability``: the chance that it is remembered today."""

    id = serializers.UUIDField()
    session_id = serializers.UUIDField()
    question = SealedQuestionSerializer()
    concept = serializers.CharField(allow_blank=True)
    due_at = serializers.DateTimeField()
    recall_probability = serializers.FloatField()
    review_count = serializers.IntegerField()


class DueReviewListSerializer(serializers.Serializer[Any]):
    """Today's reviews within the daily cap; they always fit one page, so both links are null."""

    results = DueReviewSerializer(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class ReviewAnswerSerializer(serializers.Serializer[Any]):
    """An answer to a review: the id of an option, or a text; neither means: I do not know."""

    option_id = serializers.CharField(
        max_length=limits.OPTION_ID, required=False, allow_blank=True, allow_null=True, default=""
    )
    text = serializers.CharField(
        max_length=limits.ANSWER, required=False, allow_blank=True, allow_null=True, default=""
    )
    time_taken_seconds = serializers.FloatField(
        min_value=0, max_value=86_400, required=False, allow_null=True, default=None
    )
    hints_used = serializers.IntegerField(min_value=0, max_value=100, required=False, default=0)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Treat null as absent."""
        return {**attrs, "option_id": attrs["option_id"] or "", "text": attrs["text"] or ""}


class ReviewFeedbackSerializer(FeedbackItemSerializer):
    """Feedback on a review as on a quiz question, and when it comes back."""

    review_id = serializers.UUIDField()
    rating = serializers.ChoiceField(choices=[rating.value for rating in ReviewRating], allow_null=True)
    due_at = serializers.DateTimeField()
    concept = serializers.CharField(allow_blank=True)
    probability = serializers.FloatField(allow_null=True)
    mastered = serializers.BooleanField()
