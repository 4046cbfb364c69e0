"""Quizzes, attempts and graded answers."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from sessions_app.models.learning import LearningSession
from sessions_app.models.questions import Question
from tutor_project.common.models import TimeStampedModel


class Quiz(TimeStampedModel):
    """A set of published questions, in order."""

    session = models.ForeignKey(LearningSession, on_delete=models.CASCADE, related_name="quizzes")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    title = models.CharField(max_length=300)
    description = models.TextField(blank=True)
    topic = models.CharField(max_length=300, blank=True)
    difficulty = models.CharField(max_length=6)
    passing_score = models.PositiveSmallIntegerField()
    total_points = models.PositiveIntegerField()
    estimated_completion_time_minutes = models.PositiveIntegerField()
    requested_count = models.PositiveSmallIntegerField()
    engine = models.CharField(max_length=100, default="builtin")
    statistics = models.JSONField(default=dict)
    generation_key = models.CharField(max_length=64, null=True, editable=False)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "quizzes"
        constraints = [models.UniqueConstraint(fields=["session", "generation_key"], name="quiz_generation_once")]
        indexes = [models.Index(fields=["session", "-id"], name="quiz_session_idx")]

    def __str__(self) -> str:
        return self.title


class QuizQuestion(models.Model):
    """A question's place in a quiz."""

    quiz = models.ForeignKey(Quiz, on_delete=models.CASCADE, related_name="items")
    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="placements")
    index = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["quiz", "index"]
        constraints = [
            models.UniqueConstraint(fields=["quiz", "index"], name="quiz_question_index_unique"),
            models.UniqueConstraint(fields=["quiz", "question"], name="quiz_question_once"),
        ]

    def __str__(self) -> str:
        return f"{self.index}"


class QuizAttempt(TimeStampedModel):
    """One try at a quiz. Answers in progress are kept in ``draft``; ``result`` is the feedback as first given.

    ``question_ids`` are the questions of an attempt at the missed ones; empty for all of the quiz. ``language`` is the one
    that the result is said in.
    """

    class Status(models.TextChoices):
        OPEN = "open"
        SUBMITTED = "submitted"

    quiz = models.ForeignKey(Quiz, on_delete=models.CASCADE, related_name="attempts")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    status = models.CharField(max_length=9, choices=Status, default=Status.OPEN)
    question_ids = ArrayField(models.UUIDField(), default=list, blank=True)
    draft = models.JSONField(default=dict, blank=True)
    submission_hash = models.CharField(max_length=64, blank=True)
    result = models.JSONField(null=True)
    language = models.CharField(max_length=8, default="en", db_default="en")
    score_percentage = models.FloatField(null=True)
    correct_answers = models.PositiveIntegerField(default=0)
    needs_review_count = models.PositiveIntegerField(default=0)
    passed = models.BooleanField(null=True)
    total_time_taken_seconds = models.FloatField(null=True)
    submitted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["quiz", "owner", "number"], name="attempt_number_unique"),
            models.UniqueConstraint(
                fields=["quiz", "owner"], condition=models.Q(status="open"), name="attempt_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"attempt {self.number} ({self.status})"


class AnswerRecord(TimeStampedModel):
    """One graded answer. ``verdict`` may be ``needs_review``: a person decides, nobody guesses.

    ``self_assessed``: what the learner said of an answer that waits, where no teacher reviews; it counts half for mastery and
    never for a score.
    """

    class Verdict(models.TextChoices):
        CORRECT = "correct"
        INCORRECT = "incorrect"
        PARTIAL = "partial"
        NEEDS_REVIEW = "needs_review"

    attempt = models.ForeignKey(QuizAttempt, null=True, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="answers")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    session = models.ForeignKey(LearningSession, on_delete=models.CASCADE, related_name="answers")
    source = models.CharField(max_length=10, default="quiz")
    option_id = models.CharField(max_length=64, blank=True)
    text = models.TextField(blank=True)
    verdict = models.CharField(max_length=12, choices=Verdict)
    credit = models.FloatField(default=0.0)
    reason = models.CharField(max_length=300, blank=True)
    self_assessed = models.BooleanField(null=True)
    hints_used = models.PositiveSmallIntegerField(default=0)
    time_taken_seconds = models.FloatField(null=True)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    reviewed_at = models.DateTimeField(null=True)
    review_note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["attempt", "question"], condition=models.Q(attempt__isnull=False), name="answer_once_an_attempt"
            )
        ]
        indexes = [
            models.Index(fields=["owner", "session", "id"], name="answer_owner_session_idx"),
            models.Index(fields=["question", "id"], name="answer_question_idx"),
            models.Index(  # right and wrong answers of all questions are counted from the index alone
                fields=["question"],
                include=["verdict"],
                condition=models.Q(verdict__in=["correct", "incorrect", "partial"]),
                name="answer_verdict_idx",
            ),
            models.Index(fields=["-id"], condition=models.Q(verdict="needs_review"), name="answer_review_queue_idx"),
        ]

    def __str__(self) -> str:
        return self.verdict
