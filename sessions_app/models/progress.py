"""What is believed about a learner: mastery a concept, and the review cards of FSRS."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from sessions_app.models.learning import LearningSession
from sessions_app.models.questions import Question
from tutor_project.common.models import TimeStampedModel


class MasteryState(TimeStampedModel):
    """The mastery model's state for one learner and one concept of a session."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    session = models.ForeignKey(LearningSession, on_delete=models.CASCADE, related_name="mastery_states")
    concept = models.CharField(max_length=300)
    state = models.JSONField(default=dict)
    probability = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()
    answer_count = models.PositiveIntegerField(default=0)
    mastered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["session", "concept"]
        constraints = [models.UniqueConstraint(fields=["owner", "session", "concept"], name="mastery_concept_unique")]
        indexes = [
            models.Index(fields=["updated_at"], include=["probability", "mastered_at"], name="mastery_updated_idx")
        ]

    def __str__(self) -> str:
        return f"{self.concept}: {self.probability:.2f}"


class ReviewCard(TimeStampedModel):
    """A question that comes back when it is due; ``state`` is the scheduler's card."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="review_cards")
    session = models.ForeignKey(LearningSession, on_delete=models.CASCADE, related_name="review_cards")
    state = models.JSONField()
    due_at = models.DateTimeField()
    last_reviewed_at = models.DateTimeField(null=True)
    review_count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["due_at"]
        constraints = [models.UniqueConstraint(fields=["owner", "question"], name="review_card_unique")]
        indexes = [
            models.Index(fields=["owner", "due_at"], name="review_due_idx"),
            models.Index(fields=["due_at"], name="review_workload_idx"),  # of all learners, for staff
        ]

    def __str__(self) -> str:
        return f"due {self.due_at:%Y-%m-%d}"
