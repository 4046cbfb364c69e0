"""Learning in the console."""

from __future__ import annotations

from django.contrib import admin
from unfold.admin import ModelAdmin

from sessions_app import models


@admin.register(models.Folder)
class FolderAdmin(ModelAdmin):
    """Folders."""

    list_display = ["name", "owner", "created_at"]
    search_fields = ["name", "owner__username"]
    list_select_related = ["owner"]
    show_full_result_count = False


@admin.register(models.LearningSession)
class LearningSessionAdmin(ModelAdmin):
    """Sessions."""

    list_display = [
        "title",
        "owner",
        "folder",
        "quiz_attempt_count",
        "quiz_correct_count",
        "last_activity_at",
        "ended_at",
    ]
    list_filter = ["ended_at", "created_at"]
    search_fields = ["title", "owner__username", "id"]
    list_select_related = ["owner", "folder"]
    show_full_result_count = False


@admin.register(models.Question)
class QuestionAdmin(ModelAdmin):
    """The question bank."""

    list_display = ["stem", "kind", "state", "difficulty", "concept", "facility", "discrimination", "answer_count"]
    list_filter = ["state", "kind", "difficulty", "engine"]
    search_fields = ["stem", "concept", "id"]
    show_full_result_count = False


@admin.register(models.Quiz)
class QuizAdmin(ModelAdmin):
    """Quizzes."""

    list_display = ["title", "owner", "difficulty", "total_points", "created_at"]
    search_fields = ["title", "owner__username"]
    list_select_related = ["owner"]
    show_full_result_count = False


@admin.register(models.QuizAttempt)
class QuizAttemptAdmin(ModelAdmin):
    """Attempts."""

    list_display = ["quiz", "owner", "number", "status", "score_percentage", "passed", "submitted_at"]
    list_filter = ["status", "passed"]
    list_select_related = ["quiz", "owner"]
    show_full_result_count = False


@admin.register(models.AnswerRecord)
class AnswerRecordAdmin(ModelAdmin):
    """Graded answers."""

    list_display = ["question", "owner", "verdict", "credit", "reason", "created_at"]
    list_filter = ["verdict", "source"]
    list_select_related = ["question", "owner"]
    show_full_result_count = False


for model in (
    models.Message,
    models.Summary,
    models.Plan,
    models.Lesson,
    models.SessionReport,
    models.QuestionRevision,
    models.MasteryState,
    models.ReviewCard,
):
    admin.site.register(model, ModelAdmin)
