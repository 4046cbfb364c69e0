"""The question bank and the history of its questions; their review is in ``review``."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.urls import path, reverse
from django.utils.html import format_html
from unfold.admin import TabularInline
from unfold.decorators import display

from sessions_app import models
from sessions_app.admin import review
from sessions_app.admin.learners import ShowsSession
from sessions_app.services.review_queue import question_approve, question_quarantine, question_reject
from tutor_project.common.console import ReadOnly, ReadOnlyAdmin, object_link, person_link, row_action
from tutor_project.common.readable import value_words

STATES = {
    "draft": "info",
    "verified": "info",
    "published": "success",
    "retired": "warning",
    "quarantined": "danger",
}
PERMISSION = "sessions_app.change_question"
BY_ACTION = "Decided on the list of questions."


class RevisionInline(ReadOnly, TabularInline):
    """Who changed what, and why."""

    model = models.QuestionRevision
    extra = 0
    fields = ["version", "action", "changed_by", "reason", "shown_before", "shown_after", "created_at"]
    readonly_fields = fields

    @display(description="Before")
    def shown_before(self, revision: models.QuestionRevision) -> Any:
        """What was changed, as it was."""
        return value_words(revision.before)

    @display(description="After")
    def shown_after(self, revision: models.QuestionRevision) -> Any:
        """What it became."""
        return value_words(revision.after)

    def get_queryset(self, request: Any) -> Any:
        """Read the people with the steps."""
        return super().get_queryset(request).select_related("changed_by")


@admin.register(models.Question)
class QuestionAdmin(ShowsSession, ReadOnlyAdmin):
    """The question bank: changed through the review page, where the evidence stands beside the question."""

    list_display = [
        "shown_stem", "kind", "shown_state", "difficulty", "concept", "facility", "discrimination", "answer_count",
        "shown_owner", "shown_review",
    ]  # fmt: skip
    list_filter = ["state", "kind", "difficulty", "difficulty_measured", "engine", "created_at"]
    linked_by = ("session__id__exact",)
    search_fields = ["stem__words", "concept__istartswith", "id__exact"]
    list_select_related = ["owner", "session"]
    inlines = [RevisionInline]
    actions = ["publish", "quarantine", "retire"]
    readonly_fields = ["shown_review", "shown_session"]

    def get_queryset(self, request: Any) -> Any:
        """Leave what lists do not show in the database."""
        return super().get_queryset(request).defer("item_statistics", "estimate")

    def get_urls(self) -> list[Any]:
        """Put the review pages under the question bank."""
        wrap = self.admin_site.admin_view
        mine = [
            path("review/", wrap(review.queue_view), name="review_queue"),
            path("review/<uuid:question_id>/", wrap(review.question_view), name="review_question"),
            path("review/<uuid:question_id>/regrade/", wrap(review.regrade_view), name="review_regrade"),
            path("review/answers/<uuid:answer_id>/", wrap(review.answer_view), name="review_answer"),
        ]
        return [*mine, *super().get_urls()]

    @display(description="Question", ordering="stem")
    def shown_stem(self, question: models.Question) -> str:
        """Its beginning."""
        return str(question)

    @display(description="State", ordering="state", label=STATES)
    def shown_state(self, question: models.Question) -> str:
        """Whether learners see it."""
        return question.state

    @display(description="Owner", ordering="owner__username")
    def shown_owner(self, question: models.Question) -> Any:
        """Whose material it was made from."""
        return person_link(question.owner)

    @display(description="Review")
    def shown_review(self, question: models.Question) -> Any:
        """The page where it is approved, edited, rejected and regraded."""
        return format_html(
            '<a class="console-link" href="{}">review</a>', reverse("admin:review_question", args=[question.pk])
        )

    @row_action(description="Publish", done="published", permission=PERMISSION, icon="check")
    def publish(self, request: Any, question: models.Question) -> None:
        """Show waiting questions to learners; those the verifier refused need the review page and a reason."""
        question_approve(question_id=question.pk, expected_version=question.version, user=request.user)

    @row_action(description="Quarantine", done="taken away from learners", permission=PERMISSION, icon="block")
    def quarantine(self, request: Any, question: models.Question) -> None:
        """Take questions away from learners until somebody has looked at them."""
        question_quarantine(
            question_id=question.pk, expected_version=question.version, user=request.user, reason=BY_ACTION
        )

    @row_action(description="Retire", done="retired", permission=PERMISSION, icon="archive")
    def retire(self, request: Any, question: models.Question) -> None:
        """Retire questions for good."""
        question_reject(question_id=question.pk, expected_version=question.version, user=request.user, reason=BY_ACTION)


@admin.register(models.QuestionRevision)
class QuestionRevisionAdmin(ReadOnlyAdmin):
    """Every step in the history of every question."""

    list_display = ["shown_question", "version", "action", "shown_person", "reason", "created_at"]
    list_display_links = ["version"]
    list_filter = ["action", "created_at"]
    search_fields = ["question__id__exact", "changed_by__username__istartswith"]
    list_select_related = ["question", "changed_by"]
    ordering = ["-created_at"]

    @display(description="Question")
    def shown_question(self, revision: models.QuestionRevision) -> Any:
        """The question."""
        return object_link("sessions_app.question", revision.question_id, str(revision.question))

    @display(description="Who")
    def shown_person(self, revision: models.QuestionRevision) -> Any:
        """The person."""
        return person_link(revision.changed_by)
