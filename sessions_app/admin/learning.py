"""Sessions, folders, and what was taught in them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.urls import path, reverse
from django.utils.html import format_html
from unfold.decorators import display

from sessions_app import models
from sessions_app.admin.learners import ShowsSession, learner_link, learner_view
from tutor_project.common.console import ConsoleAdmin, ReadOnlyAdmin, object_link


class InSession(ShowsSession, ReadOnlyAdmin):
    """Rows of a session."""

    list_select_related = ["session"]


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
        return learner_link(folder.owner)

    @display(description="Sessions")
    def shown_sessions(self, folder: models.Folder) -> Any:
        """Links to its sessions and to who struggles in them."""
        return format_html(
            '<span class="console-row"><a class="console-link" href="{}?folder__id__exact={}">sessions</a>'
            '<a class="console-link" href="{}?folder={}">who struggles</a></span>',
            reverse("admin:sessions_app_learningsession_changelist"), folder.pk,
            reverse("admin:report", args=["struggling-learners"]), folder.pk,
        )  # fmt: skip


@admin.register(models.LearningSession)
class LearningSessionAdmin(ReadOnlyAdmin):
    """Sessions, with the way to everything in them."""

    list_display = [
        "title", "shown_owner", "shown_folder", "message_count", "quiz_attempt_count", "quiz_correct_count",
        "last_activity_at", "ended_at", "shown_parts",
    ]  # fmt: skip
    list_filter = ["ended_at", "created_at"]
    linked_by = ("folder__id__exact",)
    search_fields = ["title__istartswith", "owner__username__istartswith", "id__exact"]
    search_help_text = "The beginning of a title or user name, or an id."
    list_select_related = ["owner", "folder"]
    readonly_fields = ["shown_parts"]

    def get_urls(self) -> list[Any]:
        """Put the page of a learner beside their sessions."""
        mine = [path("of/<uuid:user_id>/", self.admin_site.admin_view(learner_view), name="learner")]
        return [*mine, *super().get_urls()]

    def get_queryset(self, request: Any) -> Any:
        """Leave the state of the dialogue out."""
        return super().get_queryset(request).defer("dialogue")

    @display(description="Owner", ordering="owner__username")
    def shown_owner(self, session: models.LearningSession) -> Any:
        """Whose session it is."""
        return learner_link(session.owner)

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
    list_display_links = ["turn_no"]
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
