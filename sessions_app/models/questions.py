"""The question bank: verified questions with evidence and sealed keys, and the history of their edits."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Upper

from sessions_app.models.learning import LearningSession
from tutor_project.common.models import TimeStampedModel
from tutor_project.common.words import WordsOf


class Question(TimeStampedModel):
    """A question and everything that proves it. ``key``, ``explanation`` and ``evidence`` never reach a learner early.

    ``document_ids`` are the documents that its evidence stands in, so that deleting one finds its questions.
    ``facility`` and ``discrimination`` are measured; ``difficulty`` starts as an estimate.
    """

    class State(models.TextChoices):
        DRAFT = "draft"
        VERIFIED = "verified"
        PUBLISHED = "published"
        RETIRED = "retired"
        QUARANTINED = "quarantined"

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    session = models.ForeignKey(LearningSession, on_delete=models.CASCADE, related_name="questions")
    document_ids = ArrayField(models.UUIDField(), default=list)
    kind = models.CharField(max_length=20)
    stem = models.TextField()
    options = models.JSONField(default=list)
    key = models.JSONField()
    explanation = models.TextField(blank=True)
    evidence = models.JSONField(default=list)
    concept = models.CharField(max_length=300, blank=True)
    related_section = models.CharField(max_length=300, blank=True)
    topic = models.CharField(max_length=300, blank=True)
    difficulty = models.CharField(max_length=6, default="medium")
    difficulty_measured = models.BooleanField(default=False)
    estimate = models.JSONField(default=dict)
    points = models.PositiveSmallIntegerField(default=1)
    pattern = models.CharField(max_length=50, blank=True)
    engine = models.CharField(max_length=100)
    fingerprint = models.CharField(max_length=16)
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT)
    failures = models.JSONField(default=list)
    answer_count = models.PositiveIntegerField(default=0)
    facility = models.FloatField(null=True)
    discrimination = models.FloatField(null=True)
    item_statistics = models.JSONField(default=dict)
    retired_reason = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["session", "fingerprint"], name="question_session_fingerprint_unique")
        ]
        indexes = [
            models.Index(fields=["owner", "state"], name="question_owner_state_idx"),
            models.Index(fields=["session", "state"], name="question_session_state_idx"),
            models.Index(fields=["state", "-id"], name="question_state_idx"),
            models.Index(  # the reviewer's queue shows one question of each family
                fields=["fingerprint", "id"],
                condition=models.Q(state__in=["quarantined", "draft", "verified"]),
                name="question_family_idx",
            ),
            GinIndex(fields=["document_ids"], name="question_documents_idx"),
            GinIndex(WordsOf("stem"), name="question_words_idx"),
            models.Index(OpClass(Upper("concept"), name="text_pattern_ops"), name="question_concept_idx"),
        ]

    def __str__(self) -> str:
        return self.stem[:80]


class QuestionRevision(models.Model):
    """One step in the history of a question: who changed what, and why."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="revisions")
    version = models.PositiveIntegerField()
    action = models.CharField(max_length=20)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    reason = models.CharField(max_length=500, blank=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["question", "-version"]
        constraints = [models.UniqueConstraint(fields=["question", "version"], name="question_revision_unique")]

    def __str__(self) -> str:
        return f"{self.action} v{self.version}"
