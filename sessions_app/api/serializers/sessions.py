"""Shapes of folders, sessions and messages."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from documents_app.api.serializers.shared import CitationSerializer, DocumentErrorSerializer
from sessions_app.models import Folder, LearningSession, Message
from tutor_project.common.api import limits
from tutor_project.common.api.fields import AnyTextField


class FolderSerializer(serializers.ModelSerializer[Folder]):
    """A folder with its counts."""

    document_count = serializers.SerializerMethodField()
    session_count = serializers.IntegerField(default=0, read_only=True)

    class Meta:
        model = Folder
        fields = ["id", "name", "created_at", "updated_at", "document_count", "session_count"]
        read_only_fields = ["id", "created_at", "updated_at"]

    def get_document_count(self, folder: Folder) -> int:
        """Return the count the view has looked up for the page."""
        counts: dict[Any, int] = self.context.get("document_counts", {})
        return counts.get(folder.pk, 0)


class FolderListSerializer(serializers.Serializer[Any]):
    """The folders of a page."""

    folders = FolderSerializer(many=True)
    next = serializers.URLField(allow_null=True)


class QuizStatsSerializer(serializers.Serializer[Any]):
    """What the mini quizzes of a session counted."""

    total_attempts = serializers.IntegerField()
    correct_answers = serializers.IntegerField()
    topics_covered = serializers.ListField(child=serializers.CharField())


def session_shown(session: LearningSession, document_count: int) -> dict[str, Any]:
    """Return a session as its owner sees it; plain, because lists of it are the hottest endpoint."""
    return {
        "id": str(session.pk),
        "folder_id": str(session.folder_id) if session.folder_id else None,
        "title": session.title,
        "active": session.ended_at is None,
        "exam_on": session.exam_on,
        "document_count": document_count,
        "message_count": session.message_count,
        "quiz_stats": {
            "total_attempts": session.quiz_attempt_count,
            "correct_answers": session.quiz_correct_count,
            "topics_covered": session.topics_covered,
        },
        "created_at": session.created_at,
        "updated_at": session.updated_at,
        "last_activity_at": session.last_activity_at,
        "ended_at": session.ended_at,
    }


class SessionSerializer(serializers.Serializer[Any]):
    """A session as its owner sees it, described for the schema; ``session_shown`` writes it."""

    id = serializers.UUIDField()
    folder_id = serializers.UUIDField(allow_null=True)
    title = serializers.CharField()
    active = serializers.BooleanField()
    exam_on = serializers.DateField(allow_null=True)
    document_count = serializers.IntegerField()
    message_count = serializers.IntegerField()
    quiz_stats = QuizStatsSerializer()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    last_activity_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class SessionCreateSerializer(serializers.Serializer[Any]):
    """A session to create."""

    folder_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    title = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class SessionUpdateSerializer(serializers.Serializer[Any]):
    """Changes of a session; what is absent stays."""

    folder_id = serializers.UUIDField(required=False, allow_null=True)
    title = serializers.CharField(max_length=200, required=False)
    exam_on = serializers.DateField(required=False, allow_null=True)


class SessionCreatedSerializer(SessionSerializer):
    """A new session, also under the name ``session_id``, and what to do next."""

    session_id = serializers.UUIDField()
    message = serializers.CharField()


class MessageSerializer(serializers.ModelSerializer[Message]):
    """One turn of the conversation."""

    citations = CitationSerializer(many=True)

    class Meta:
        model = Message
        fields = ["id", "turn_no", "role", "content", "interaction", "citations", "created_at"]
        read_only_fields = fields


class UploadFileSerializer(serializers.Serializer[Any]):
    """A file sent as base64; ``mimeType`` is accepted for ``mime_type``, and neither is trusted.

    Nothing is judged here: what is wrong with one file must not take the others with it.
    """

    filename = AnyTextField(allow_blank=True)
    content = AnyTextField(allow_blank=True)
    mime_type = serializers.CharField(required=False, allow_blank=True)
    mimeType = serializers.CharField(required=False, allow_blank=True)


class UploadJsonSerializer(serializers.Serializer[Any]):
    """An upload as JSON."""

    files = serializers.ListField(child=UploadFileSerializer(), max_length=limits.FILES)


class UploadMultipartSerializer(serializers.Serializer[Any]):
    """An upload as a form: the field ``files``, repeated."""

    files = serializers.ListField(child=serializers.FileField(), max_length=limits.FILES)


class UploadedDocumentSerializer(serializers.Serializer[Any]):
    """What became of one file."""

    id = serializers.UUIDField()
    filename = serializers.CharField()
    status = serializers.CharField()
    duplicate = serializers.BooleanField()
    error = DocumentErrorSerializer(allow_null=True)


class UploadResponseSerializer(serializers.Serializer[Any]):
    """202: the files were received, processing goes on in the background."""

    vector_store_id = serializers.CharField()
    files_received = serializers.ListField(child=serializers.CharField())
    analysis_status = serializers.CharField()
    messages = serializers.ListField(child=serializers.CharField())
    documents = UploadedDocumentSerializer(many=True)
    job_id = serializers.UUIDField()


class AnalysisRequestSerializer(serializers.Serializer[Any]):
    """The kind of analysis wanted."""

    analysis_type = serializers.ChoiceField(
        choices=["content_summary", "learning_objectives", "difficulty_assessment", "full_analysis"],
        default="full_analysis",
    )


class AnalysisStateSerializer(serializers.Serializer[Any]):
    """The state of a session's analysis."""

    has_analysis = serializers.BooleanField()
    status = serializers.ChoiceField(choices=["not_found", "pending", "processing", "completed", "failed", "timeout"])
    analysis = serializers.DictField(allow_null=True)
    session_id = serializers.UUIDField()
