"""What was made to teach a session's material: plan, lesson, and the report on how the session went."""

from __future__ import annotations

from django.db import models

from sessions_app.models.learning import LearningSession
from tutor_project.common.models import TimeStampedModel


class Plan(TimeStampedModel):
    """The study plan of a session; ``content`` is the reply of ``POST /sessions/{id}/plan``."""

    session = models.OneToOneField(LearningSession, on_delete=models.CASCADE, related_name="plan")
    content = models.JSONField()
    engine = models.CharField(max_length=100)
    source_fingerprint = models.CharField(max_length=64, default="")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"plan of {self.session_id}"


class Lesson(TimeStampedModel):
    """The lesson of a session; ``content`` has the lesson shape of the contract."""

    session = models.OneToOneField(LearningSession, on_delete=models.CASCADE, related_name="lesson")
    title = models.CharField(max_length=300)
    content = models.JSONField()
    engine = models.CharField(max_length=100)
    source_fingerprint = models.CharField(max_length=64, default="")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.title


class SessionReport(TimeStampedModel):
    """How the lesson went: strengths, gaps and what to review, with evidence."""

    session = models.OneToOneField(LearningSession, on_delete=models.CASCADE, related_name="report")
    content = models.JSONField()
    engine = models.CharField(max_length=100)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"report of {self.session_id}"
