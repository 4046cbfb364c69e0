"""Quizzes, attempts, answers, mastery and review cards."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from unfold.admin import TabularInline
from unfold.decorators import display

from sessions_app import models
from sessions_app.admin.learners import ShowsSession, learner_link
from tutor_project.common.console import ReadOnly, ReadOnlyAdmin, object_link

VERDICTS = {"correct": "success", "incorrect": "danger", "partial": "warning", "needs_review": "info"}


class OfLearner(ShowsSession, ReadOnlyAdmin):
    """Rows that a learner made."""

    @display(description="Learner", ordering="owner__username")
    def shown_owner(self, row: Any) -> Any:
        """Whose row it is."""
        return learner_link(row.owner)

    @display(description="Question")
    def shown_question(self, row: Any) -> Any:
        """The question."""
        return object_link("sessions_app.question", row.question_id, str(row.question))


class QuizQuestionInline(ReadOnly, TabularInline):
    """The questions of a quiz."""

    model = models.QuizQuestion
    extra = 0
    fields = ["index", "question"]
    readonly_fields = ["index", "question"]

    def get_queryset(self, request: Any) -> Any:
        """Read the questions with their places."""
        return super().get_queryset(request).select_related("question")


@admin.register(models.Quiz)
class QuizAdmin(OfLearner):
    """Quizzes."""

    list_display = [
        "title", "shown_owner", "shown_session", "difficulty", "total_points", "passing_score", "engine", "created_at",
    ]  # fmt: skip
    list_filter = ["difficulty", "engine", "created_at"]
    linked_by = ("session__id__exact",)
    search_fields = ["title__istartswith", "owner__username__istartswith", "id__exact", "session__id__exact"]
    list_select_related = ["owner", "session"]
    inlines = [QuizQuestionInline]


@admin.register(models.QuizAttempt)
class QuizAttemptAdmin(OfLearner):
    """Attempts at quizzes."""

    list_display = [
        "shown_quiz", "shown_owner", "number", "status", "score_percentage", "passed", "needs_review_count",
        "submitted_at",
    ]  # fmt: skip
    list_display_links = ["number"]
    list_filter = ["status", "passed", "submitted_at"]
    search_fields = ["owner__username__istartswith", "id__exact", "quiz__id__exact"]
    list_select_related = ["quiz", "owner"]

    def get_queryset(self, request: Any) -> Any:
        """Leave drafts and feedback out of lists."""
        return super().get_queryset(request).defer("draft", "result")

    @display(description="Quiz", ordering="quiz_id")
    def shown_quiz(self, attempt: models.QuizAttempt) -> Any:
        """The quiz."""
        return object_link("sessions_app.quiz", attempt.quiz_id, attempt.quiz.title)


@admin.register(models.AnswerRecord)
class AnswerRecordAdmin(OfLearner):
    """Graded answers; those that wait for a person lead to the review queue."""

    list_display = [
        "shown_question", "shown_owner", "shown_verdict", "credit", "reason", "source", "shown_decide", "created_at",
    ]  # fmt: skip
    list_display_links = ["created_at"]
    list_filter = ["verdict", "source", "created_at"]
    search_fields = ["owner__username__istartswith", "question__id__exact", "id__exact"]
    list_select_related = ["question", "owner", "session"]

    @display(description="Verdict", ordering="verdict", label=VERDICTS)
    def shown_verdict(self, answer: models.AnswerRecord) -> str:
        """How it was graded."""
        return answer.verdict

    @display(description="Review")
    def shown_decide(self, answer: models.AnswerRecord) -> Any:
        """The way to decide it."""
        if answer.verdict != models.AnswerRecord.Verdict.NEEDS_REVIEW:
            return "–"
        url = reverse("admin:review_answer", args=[answer.pk])
        return format_html('<a class="console-link" href="{}">decide</a>', url)


@admin.register(models.MasteryState)
class MasteryStateAdmin(OfLearner):
    """What is believed about learners, concept by concept."""

    list_display = [
        "concept", "shown_owner", "shown_session", "probability", "low", "high", "answer_count", "mastered_at",
    ]  # fmt: skip
    list_filter = ["mastered_at", "updated_at"]
    search_fields = ["concept__istartswith", "owner__username__istartswith", "session__id__exact"]
    list_select_related = ["owner", "session"]


@admin.register(models.ReviewCard)
class ReviewCardAdmin(OfLearner):
    """Questions that come back when they are due."""

    list_display = ["shown_question", "shown_owner", "shown_session", "due_at", "last_reviewed_at", "review_count"]
    list_display_links = ["due_at"]
    list_filter = ["due_at"]
    search_fields = ["owner__username__istartswith", "question__id__exact"]
    list_select_related = ["question", "owner", "session"]
