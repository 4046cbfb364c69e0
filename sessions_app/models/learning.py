"""Folders (courses), learning sessions, their messages and the learner's summaries."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models.functions import Upper

from tutor_project.common.models import TimeStampedModel


class Folder(TimeStampedModel):
    """A learner's folder, or a course when staff look at it."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=200)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["owner", "-id"], name="folder_owner_idx")]

    def __str__(self) -> str:
        return self.name


class LearningSession(TimeStampedModel):
    """One course of study: its documents, plan, lesson, quizzes and dialogue.

    The quiz figures are counters changed by single UPDATEs, so they are exact under concurrency.
    ``dialogue`` is the state of the tutoring dialogue; ``version`` guards it against concurrent turns. ``exam_on`` is the day in
    the learner's calendar for which reviews are planned.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    folder = models.ForeignKey(Folder, null=True, blank=True, on_delete=models.SET_NULL, related_name="sessions")
    title = models.CharField(max_length=200)
    ended_at = models.DateTimeField(null=True, blank=True)
    exam_on = models.DateField(null=True, blank=True)
    last_activity_at = models.DateTimeField(auto_now_add=True)
    quiz_attempt_count = models.PositiveIntegerField(default=0)
    quiz_correct_count = models.PositiveIntegerField(default=0)
    topics_covered = ArrayField(models.CharField(max_length=300), default=list, blank=True)
    message_count = models.PositiveIntegerField(default=0)
    dialogue = models.JSONField(default=dict, blank=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-id"]
        verbose_name = "session"
        indexes = [
            models.Index(fields=["owner", "-id"], name="session_owner_idx"),
            models.Index(fields=["folder", "-id"], name="session_folder_idx"),
            models.Index(fields=["-last_activity_at"], name="session_activity_idx"),
            models.Index(OpClass(Upper("title"), name="text_pattern_ops"), name="session_title_idx"),
        ]

    def __str__(self) -> str:
        return self.title


class Message(TimeStampedModel):
    """One turn of a session's conversation."""

    class Role(models.TextChoices):
        LEARNER = "user"
        TUTOR = "assistant"
        SYSTEM = "system"

    session = models.ForeignKey(LearningSession, on_delete=models.CASCADE, related_name="messages")
    turn_no = models.PositiveIntegerField()
    role = models.CharField(max_length=10, choices=Role)
    content = models.TextField()
    interaction = models.JSONField(null=True, blank=True)
    citations = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["session", "turn_no"]
        constraints = [models.UniqueConstraint(fields=["session", "turn_no"], name="message_turn_unique")]
        indexes = [models.Index(fields=["session"], condition=~models.Q(citations=[]), name="message_citing_idx")]

    def __str__(self) -> str:
        return f"{self.role} {self.turn_no}"


class Summary(TimeStampedModel):
    """A learner's own summary of a section and, once judged, what it covers and whether it is faithful."""

    session = models.ForeignKey(LearningSession, on_delete=models.CASCADE, related_name="summaries")
    section = models.CharField(max_length=300)
    topic = models.CharField(max_length=300, blank=True)
    summary = models.TextField()
    judgement = models.JSONField(null=True, blank=True)
    judged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "summaries"
        indexes = [models.Index(fields=["session", "-id"], name="summary_session_idx")]

    def __str__(self) -> str:
        return self.section
