"""Sessions, folders, and what was taught in them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from unfold.decorators import display

from sessions_app import models
from tutor_project.common.console import ConsoleAdmin, ReadOnlyAdmin, object_link, person_link


class InSession(ReadOnlyAdmin):
    """Rows of a session."""

    list_select_related = ["session"]

    @display(description="Session", ordering="session_id")
    def shown_session(self, row: Any) -> Any:
        """The session."""
        return object_link("sessions_app.learningsession", row.session_id, row.session.title)


@admin.register(models.Folder)
class FolderAdmin(ConsoleAdmin):
    """Folders of learners, courses to staff."""

    list_display = ["name", "shown_owner", "created_at", "shown_sessions"]
    search_fields = ["name__istartswith", "owner__username__istartswith", "id__exact"]
    list_filter = ["created_at"]
    list_select_related = ["owner"]
    autocomplete_fields = ["owner"]

    @display(description="Owner", ordering="owner__username")
    def shown_owner(self, folder: models.Folder) -> Any:
        """Whose folder it is."""
        return person_link(folder.owner)

    @display(description="Sessions")
    def shown_sessions(self, folder: models.Folder) -> Any:
        """A link to its sessions."""
        url = reverse("admin:sessions_app_learningsession_changelist")
        return format_html('<a class="console-link" href="{}?folder__id__exact={}">sessions</a>', url, folder.pk)


@admin.register(models.LearningSession)
class LearningSessionAdmin(ReadOnlyAdmin):
    """Sessions, with the way to everything in them."""

    list_display = [
        "title", "shown_owner", "shown_folder", "message_count", "quiz_attempt_count", "quiz_correct_count",
        "last_activity_at", "ended_at", "shown_parts",
    ]  # fmt: skip
    list_filter = ["ended_at", "created_at"]
    search_fields = ["title__istartswith", "owner__username__istartswith", "id__exact"]
    search_help_text = "The beginning of a title or user name, or an id."
    list_select_related = ["owner", "folder"]
    readonly_fields = ["shown_parts"]

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        """Allow the links from folders."""
        return lookup == "folder__id__exact" or bool(super().lookup_allowed(lookup, value, request))

    def get_queryset(self, request: Any) -> Any:
        """Leave the state of the dialogue out."""
        return super().get_queryset(request).defer("dialogue")

    @display(description="Owner", ordering="owner__username")
    def shown_owner(self, session: models.LearningSession) -> Any:
        """Whose session it is."""
        return person_link(session.owner)

    @display(description="Folder", ordering="folder__name")
    def shown_folder(self, session: models.LearningSession) -> Any:
        """The folder it lies in."""
        folder = session.folder
        return object_link("sessions_app.folder", folder.pk, folder.name) if folder else "–"

    @display(description="Look at")
    def shown_parts(self, session: models.LearningSession) -> Any:
        """Links to its documents, questions and quizzes."""
        return format_html(
            '<span class="console-row">'
            '<a class="console-link" href="{}?session_id__exact={}">documents</a>'
            '<a class="console-link" href="{}?session__id__exact={}">questions</a>'
            '<a class="console-link" href="{}?session__id__exact={}">quizzes</a></span>',
            reverse("admin:documents_app_document_changelist"), session.pk,
            reverse("admin:sessions_app_question_changelist"), session.pk,
            reverse("admin:sessions_app_quiz_changelist"), session.pk,
        )  # fmt: skip


@admin.register(models.Message)
class MessageAdmin(InSession):
    """Turns of conversations."""

    list_display = ["shown_session", "turn_no", "role", "shown_text", "created_at"]
    list_filter = ["role", "created_at"]
    search_fields = ["session__id__exact"]
    search_help_text = "The id of a session."
    ordering = ["-id"]

    @display(description="Text")
    def shown_text(self, message: models.Message) -> str:
        """Its beginning."""
        return message.content[:120]


@admin.register(models.Summary)
class SummaryAdmin(InSession):
    """Learners' own summaries."""

    list_display = ["section", "shown_session", "judged_at", "created_at"]
    search_fields = ["section__istartswith", "session__id__exact"]


@admin.register(models.Plan)
class PlanAdmin(InSession):
    """Study plans."""

    list_display = ["__str__", "shown_session", "created_at", "updated_at"]
    search_fields = ["session__id__exact"]


@admin.register(models.Lesson)
class LessonAdmin(InSession):
    """Lessons."""

    list_display = ["__str__", "shown_session", "created_at", "updated_at"]
    search_fields = ["session__id__exact"]


@admin.register(models.SessionReport)
class SessionReportAdmin(InSession):
    """Reports of sessions."""

    list_display = ["__str__", "shown_session", "created_at", "updated_at"]
    search_fields = ["session__id__exact"]
