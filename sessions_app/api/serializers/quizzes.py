"""Shapes of quizzes, attempts and feedback."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from documents_app.api.serializers.shared import CitationSerializer
from sessions_app.domain.questions.types import QuestionKind
from sessions_app.models import QuizAttempt
from tutor_project.common.api import limits

DIFFICULTIES = ["easy", "medium", "hard"]
KINDS = [kind.value for kind in QuestionKind]
MAX_QUESTIONS = 50


class QuizRequestSerializer(serializers.Serializer[Any]):
    """What quiz is wanted; ``questionCount`` and ``questionTypes`` are accepted too."""

    topic = serializers.CharField(
        max_length=limits.TITLE, required=False, allow_blank=True, allow_null=True, default=""
    )
    difficulty = serializers.ChoiceField(choices=DIFFICULTIES, required=False, allow_null=True, default=None)
    question_count = serializers.IntegerField(min_value=1, max_value=MAX_QUESTIONS, required=False, default=10)
    question_types = serializers.ListField(
        child=serializers.ChoiceField(choices=KINDS), required=False, allow_empty=True, default=list, max_length=100
    )

    def to_internal_value(self, data: Any) -> Any:
        """Accept the camelCase spellings."""
        if isinstance(data, dict):
            spellings = {"questionCount": "question_count", "questionTypes": "question_types"}
            data = {spellings.get(key, key): value for key, value in data.items()}
        return super().to_internal_value(data)

    def validate_topic(self, value: str | None) -> str:
        """Treat null as no topic."""
        return (value or "").strip()


class OptionSerializer(serializers.Serializer[Any]):
    """An option of a choice question."""

    id = serializers.CharField()
    text = serializers.CharField()


class SealedQuestionSerializer(serializers.Serializer[Any]):
    """A question before it is answered: no key, no explanation, no evidence."""

    id = serializers.UUIDField()
    index = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=KINDS)
    question = serializers.CharField()
    options = OptionSerializer(many=True)
    difficulty = serializers.ChoiceField(choices=DIFFICULTIES)
    related_section = serializers.CharField(allow_blank=True)
    points = serializers.IntegerField()


class QuizSerializer(serializers.Serializer[Any]):
    """A quiz without keys."""

    id = serializers.UUIDField()
    session_id = serializers.UUIDField()
    title = serializers.CharField()
    description = serializers.CharField()
    topic = serializers.CharField(allow_blank=True)
    difficulty = serializers.ChoiceField(choices=DIFFICULTIES)
    questions = SealedQuestionSerializer(many=True)
    passing_score = serializers.IntegerField()
    total_points = serializers.IntegerField()
    estimated_completion_time_minutes = serializers.IntegerField()
    requested_count = serializers.IntegerField()
    created_at = serializers.DateTimeField()


class AnswerSerializer(serializers.Serializer[Any]):
    """An answer: the id of an option, or a text."""

    question_id = serializers.UUIDField()
    option_id = serializers.CharField(
        max_length=limits.OPTION_ID, required=False, allow_blank=True, allow_null=True, default=""
    )
    text = serializers.CharField(
        max_length=limits.ANSWER, required=False, allow_blank=True, allow_null=True, default=""
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Treat null as absent."""
        return {**attrs, "option_id": attrs["option_id"] or "", "text": attrs["text"] or ""}


class SubmissionSerializer(serializers.Serializer[Any]):
    """All answers of an attempt."""

    answers = serializers.ListField(child=AnswerSerializer(), max_length=limits.ITEMS)
    total_time_taken_seconds = serializers.FloatField(
        min_value=0, max_value=7 * 86_400, required=False, allow_null=True, default=None
    )


class AttemptBeginSerializer(serializers.Serializer[Any]):
    """Which attempt is wanted."""

    only_missed = serializers.BooleanField(required=False, default=False)


class SelfAssessmentSerializer(serializers.Serializer[Any]):
    """The learner's verdict on an own answer."""

    correct = serializers.BooleanField()


class AssessedAnswerSerializer(serializers.Serializer[Any]):
    """An answer that the learner has judged, beside the expected one and its evidence."""

    attempt_id = serializers.UUIDField()
    question_id = serializers.UUIDField()
    verdict = serializers.CharField()
    self_assessed = serializers.BooleanField()
    counts = serializers.FloatField(help_text="What the verdict counts for mastery, beside a graded answer's 1.")
    correct_option = serializers.CharField()
    explanation = serializers.CharField(allow_blank=True)
    citation = CitationSerializer(allow_null=True)


class AttemptDraftSerializer(serializers.Serializer[Any]):
    """Answers in progress."""

    answers = serializers.ListField(child=AnswerSerializer(), max_length=limits.ITEMS)


class IndexedAnswerSerializer(serializers.Serializer[Any]):
    """An answer by indexes."""

    question_index = serializers.IntegerField(min_value=0, max_value=MAX_QUESTIONS)
    selected_option_index = serializers.IntegerField(min_value=0, max_value=10)


class IndexedSubmissionSerializer(serializers.Serializer[Any]):
    """All answers by indexes."""

    quiz_title = serializers.CharField(
        max_length=limits.TITLE, required=False, allow_blank=True, allow_null=True, default=""
    )
    user_answers = serializers.ListField(child=IndexedAnswerSerializer(), max_length=limits.ITEMS)


class AttemptSerializer(serializers.ModelSerializer[QuizAttempt]):
    """An attempt; its feedback is there once it was submitted."""

    draft = serializers.DictField(read_only=True)
    result = serializers.DictField(read_only=True, allow_null=True)

    class Meta:
        model = QuizAttempt
        fields = [
            "id", "quiz_id", "number", "status", "question_ids", "draft", "score_percentage", "correct_answers", "passed",
            "needs_review_count", "total_time_taken_seconds", "created_at", "submitted_at", "result",
        ]  # fmt: skip
        read_only_fields = fields


class FeedbackItemSerializer(serializers.Serializer[Any]):
    """What became of one answer. ``is_correct`` is null while a person has to look; key, explanation and citation are null where the
    question was left blank and may be tried again."""

    question_id = serializers.UUIDField()
    question_index = serializers.IntegerField()
    question_text = serializers.CharField()
    user_selected_option = serializers.CharField(allow_blank=True)
    is_correct = serializers.BooleanField(allow_null=True)
    verdict = serializers.CharField()
    credit = serializers.FloatField()
    reason = serializers.CharField()
    correct_option = serializers.CharField(allow_null=True)
    explanation = serializers.CharField(allow_null=True)
    citation = CitationSerializer(allow_null=True)
    improvement_suggestion = serializers.CharField(allow_blank=True)


class QuizFeedbackSerializer(serializers.Serializer[Any]):
    """Feedback on an attempt."""

    attempt_id = serializers.UUIDField()
    quiz_id = serializers.UUIDField()
    attempt_number = serializers.IntegerField()
    counting_attempt_id = serializers.UUIDField()
    counts = serializers.BooleanField()
    attempts_left = serializers.IntegerField(allow_null=True)
    quiz_title = serializers.CharField()
    total_questions = serializers.IntegerField()
    correct_answers = serializers.IntegerField()
    score_percentage = serializers.FloatField()
    passed = serializers.BooleanField()
    feedback_items = FeedbackItemSerializer(many=True)
    overall_feedback = serializers.CharField()
    suggested_study_topics = serializers.ListField(child=serializers.CharField())
    next_steps = serializers.ListField(child=serializers.CharField())
    earned_points = serializers.FloatField()
    total_points = serializers.IntegerField()
    pending_review = serializers.IntegerField()
