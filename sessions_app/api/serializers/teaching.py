"""Shapes of plans, lessons, the dialogue, answers, summaries and reports."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from documents_app.api.serializers.shared import CitationSerializer
from documents_app.domain.blocks import BLOCK_KINDS
from sessions_app.api.serializers.quizzes import SealedQuestionSerializer
from sessions_app.domain.answers import AnswerStatus
from sessions_app.domain.dialogue.machine import EventType
from tutor_project.common.api import limits
from tutor_project.common.api.fields import BoundedDictField


class TopicSerializer(serializers.Serializer[Any]):
    """The part of the material wanted; empty means all of it."""

    topic = serializers.CharField(
        max_length=limits.TITLE, required=False, allow_blank=True, allow_null=True, default=""
    )

    def validate_topic(self, value: str | None) -> str:
        """Treat null as no topic."""
        return (value or "").strip()


class EvidencedSerializer(serializers.Serializer[Any]):
    """An objective with its evidence."""

    title = serializers.CharField()
    description = serializers.CharField()
    priority = serializers.CharField()
    evidence = CitationSerializer(many=True)


class PlanSectionSerializer(serializers.Serializer[Any]):
    """One step of the plan."""

    index = serializers.IntegerField()
    section_index = serializers.IntegerField()
    document_id = serializers.UUIDField()
    title = serializers.CharField()
    path = serializers.ListField(child=serializers.CharField())
    minutes = serializers.IntegerField()
    concepts = serializers.ListField(child=serializers.CharField())
    objectives = serializers.ListField(child=serializers.CharField())
    prerequisites = serializers.ListField(child=serializers.IntegerField())


class PlanSerializer(serializers.Serializer[Any]):
    """The study plan; ``stale`` says that documents have come or gone since."""

    id = serializers.UUIDField()
    topic = serializers.CharField()
    learning_goal = serializers.CharField()
    priority = serializers.CharField()
    relevant_concepts = serializers.ListField(child=serializers.CharField())
    suggested_approach = serializers.CharField()
    target_mastery = serializers.FloatField()
    initial_difficulty = serializers.CharField()
    estimated_minutes = serializers.IntegerField()
    sections = PlanSectionSerializer(many=True)
    objectives = EvidencedSerializer(many=True)
    prerequisites = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))
    engine = serializers.CharField()
    model = serializers.CharField(allow_null=True)
    notice = serializers.CharField(allow_null=True)
    stale = serializers.BooleanField()


class LessonSectionSerializer(serializers.Serializer[Any]):
    """One segment of the lesson."""

    index = serializers.IntegerField()
    section_index = serializers.IntegerField()
    title = serializers.CharField()
    path = serializers.ListField(child=serializers.CharField())
    text = serializers.CharField()
    concepts = serializers.ListField(child=serializers.CharField())
    objective = serializers.CharField(allow_blank=True)
    key_terms = serializers.ListField(child=serializers.DictField())
    examples = serializers.ListField(child=serializers.DictField())
    citations = CitationSerializer(many=True)
    minutes = serializers.IntegerField()
    is_last_segment = serializers.BooleanField()
    check_questions = SealedQuestionSerializer(many=True)


class LessonSerializer(serializers.Serializer[Any]):
    """The lesson; ``stale`` says that documents have come or gone since."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    topic = serializers.CharField()
    text = serializers.CharField()
    total_segments = serializers.IntegerField()
    sections = LessonSectionSerializer(many=True)
    engine = serializers.CharField()
    model = serializers.CharField(allow_null=True)
    notice = serializers.CharField(allow_null=True)
    stale = serializers.BooleanField()


class InteractSerializer(serializers.Serializer[Any]):
    """One action; ``data`` holds ``answer`` or ``option_id``, ``summary``, or ``question`` as the type asks for; a hint needs none."""

    type = serializers.ChoiceField(choices=[kind.value for kind in EventType])
    data = BoundedDictField(max_characters=limits.ACTION, required=False, default=dict)  # type: ignore[assignment]


class EnvelopeSerializer(serializers.Serializer[Any]):
    """What to show next."""

    schema_version = serializers.IntegerField()
    content_type = serializers.ChoiceField(choices=["explanation", "question", "feedback", "message", "error"])
    data = serializers.DictField()  # type: ignore[assignment]
    user_model_state = serializers.DictField()


class AskSerializer(serializers.Serializer[Any]):
    """A question about the material; ``document_ids`` are those that may answer it, all where it is null or left out."""

    question = serializers.CharField(max_length=limits.QUESTION, allow_blank=True)
    document_ids = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        allow_null=True,
        default=None,
        allow_empty=False,
        max_length=limits.ITEMS,
    )


class PassageSerializer(serializers.Serializer[Any]):
    """A passage of the material; ``highlights`` are spans of the stored text, the best sentences in it."""

    citation = CitationSerializer()
    highlights = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField(), min_length=2, max_length=2)
    )
    block_kind = serializers.ChoiceField(choices=BLOCK_KINDS)


class ReplySerializer(serializers.Serializer[Any]):
    """An answer with its passages; ``declined`` when the material does not say.

    ``notice`` says why the built-in engine answered in place of a model. Answers about a folder are kept nowhere and have
    no message.
    """

    message_id = serializers.UUIDField(allow_null=True)
    turn_no = serializers.IntegerField(allow_null=True)
    answer = serializers.CharField()
    status = serializers.ChoiceField(choices=[status.value for status in AnswerStatus])
    passages = PassageSerializer(many=True)
    citations = CitationSerializer(many=True)
    declined = serializers.BooleanField()
    confidence = serializers.FloatField()
    related_sections = serializers.ListField(child=serializers.CharField())
    engine = serializers.ChoiceField(choices=["builtin", "model"])
    model = serializers.CharField(allow_null=True)
    language = serializers.CharField(allow_null=True)
    notice = serializers.CharField(allow_null=True)


class CamelSerializer(serializers.Serializer[Any]):
    """Accepts camelCase spellings of the declared names."""

    spellings: dict[str, str] = {}

    def to_internal_value(self, data: Any) -> Any:
        """Translate spellings, then validate."""
        if isinstance(data, dict):
            data = {self.spellings.get(key, key): value for key, value in data.items()}
        return super().to_internal_value(data)


class MiniQuizSerializer(CamelSerializer):
    """A mini quiz shown by the front end; only the count is kept."""

    spellings = {
        "selectedOption": "selected_option",
        "correctOption": "correct_option",
        "isCorrect": "is_correct",
        "relatedSection": "related_section",
    }

    question = serializers.CharField(max_length=limits.QUESTION)
    selected_option = serializers.CharField(max_length=limits.ANSWER, allow_blank=True)
    correct_option = serializers.CharField(max_length=limits.ANSWER)
    is_correct = serializers.BooleanField()
    related_section = serializers.CharField(
        max_length=limits.TITLE, required=False, allow_blank=True, allow_null=True, default=""
    )
    topic = serializers.CharField(
        max_length=limits.TITLE, required=False, allow_blank=True, allow_null=True, default=""
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Treat null as absent."""
        return {**attrs, "related_section": attrs["related_section"] or "", "topic": attrs["topic"] or ""}


class SummarySerializer(serializers.Serializer[Any]):
    """A learner's summary of a section."""

    section = serializers.CharField(max_length=limits.TITLE)
    topic = serializers.CharField(max_length=limits.TITLE, required=False, allow_blank=True, default="")
    summary = serializers.CharField(max_length=limits.SUMMARY)


class ReportRequestedSerializer(serializers.Serializer[Any]):
    """202: the report is being made."""

    message = serializers.CharField()
    job_id = serializers.UUIDField()


class ReportItemSerializer(serializers.Serializer[Any]):
    """A strength, a gap, or something to review."""

    topic = serializers.CharField()
    reason = serializers.CharField()
    correct = serializers.IntegerField()
    answered = serializers.IntegerField()
    mastery = serializers.FloatField(allow_null=True)
    citations = CitationSerializer(many=True)


class ReportSerializer(serializers.Serializer[Any]):
    """How the session went."""

    session_id = serializers.UUIDField()
    created_at = serializers.DateTimeField()
    engine = serializers.CharField()
    overview = serializers.CharField()
    strengths = ReportItemSerializer(many=True)
    gaps = ReportItemSerializer(many=True)
    review = ReportItemSerializer(many=True)
    not_checked = serializers.ListField(child=serializers.CharField())
    next_steps = serializers.ListField(child=serializers.CharField())
    figures = serializers.DictField()
