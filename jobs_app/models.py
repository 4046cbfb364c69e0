"""The job ledger: rows are the truth, Celery messages only carry an id."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from jobs_app.domain.lifecycle import JobStatus
from tutor_project.common.models import TimeStampedModel, new_id
from tutor_project.common.readable import name_words


class Job(TimeStampedModel):
    """One unit of background work with its whole history.

    ``progress`` is per cent. ``lease_token`` fences the run that owns the job: every write of a run names it.
    ``queue`` is where it waits, ``turn`` orders what waits there: owners take turns by it (``services/turns.py``).
    ``dedupe_key`` makes creating twice the same as creating once while the first is active; ``exclusive_key`` lets one
    job of that key run at a time. A group job has children and never runs itself.
    """

    class Status(models.TextChoices):
        PENDING = JobStatus.PENDING.value
        RUNNING = JobStatus.RUNNING.value
        COMPLETED = JobStatus.COMPLETED.value
        FAILED = JobStatus.FAILED.value
        CANCELLED = JobStatus.CANCELLED.value

    class Priority(models.TextChoices):
        LOW = "low"
        MEDIUM = "medium"
        HIGH = "high"

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    parent = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="children")
    job_type = models.CharField(max_length=100)
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    priority = models.CharField(max_length=6, choices=Priority, default=Priority.MEDIUM)
    queue = models.CharField(max_length=10, default="default", db_default="default")
    is_group = models.BooleanField(default=False)
    input = models.JSONField(default=dict)
    result = models.JSONField(null=True)
    metadata = models.JSONField(default=dict)
    trigger = models.CharField(max_length=20, default="system")
    dedupe_key = models.CharField(max_length=200, null=True)
    exclusive_key = models.CharField(max_length=200, null=True)

    turn = models.BigIntegerField(default=0, db_default=0)
    progress = models.FloatField(default=0.0)
    stage = models.CharField(max_length=50, default="", blank=True)
    attempts = models.PositiveIntegerField(default=0)
    max_attempts = models.PositiveIntegerField(default=3)
    quarantined = models.BooleanField(default=False)

    scheduled_for = models.DateTimeField(null=True)
    dispatched_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    cancel_requested_at = models.DateTimeField(null=True)

    worker = models.CharField(max_length=200, default="", blank=True)
    lease_token = models.UUIDField(null=True)
    lease_expires_at = models.DateTimeField(null=True)
    error_code = models.CharField(max_length=100, null=True)
    error_message = models.TextField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(progress__gte=0, progress__lte=100), name="job_progress_percent"),
            models.UniqueConstraint(
                fields=["dedupe_key"], condition=Q(status__in=["pending", "running"]), name="job_active_dedupe_unique"
            ),
            models.UniqueConstraint(
                fields=["exclusive_key"],
                condition=Q(status="running", is_group=False),
                name="job_running_exclusive_unique",
            ),
        ]
        indexes = [
            models.Index(fields=["priority", "scheduled_for"], condition=Q(status="pending"), name="job_pending_idx"),
            models.Index(
                fields=["queue", "turn", "id"],
                condition=Q(status="pending", is_group=False, dispatched_at__isnull=False),
                name="job_queue_turn_idx",
            ),
            models.Index(
                fields=["owner", "queue", "turn"],
                condition=Q(status="pending", is_group=False),
                name="job_owner_queue_idx",
            ),
            models.Index(fields=["lease_expires_at"], condition=Q(status="running"), name="job_running_lease_idx"),
            models.Index(fields=["owner", "-id"], name="job_owner_idx"),
            models.Index(
                fields=["owner", "-id"],
                condition=Q(status__in=["failed", "cancelled"]),
                name="job_owner_unsuccessful_idx",
            ),
            models.Index(fields=["job_type", "status", "-id"], name="job_type_status_idx"),
            models.Index(  # outcomes of a month are counted from the index alone
                fields=["status", "completed_at"], include=["job_type", "is_group"], name="job_ended_idx"
            ),
            models.Index(fields=["error_code", "-id"], condition=Q(error_code__isnull=False), name="job_error_idx"),
        ]

    def __str__(self) -> str:
        return f"{name_words(self.job_type)} ({self.get_status_display().lower()})"


class JobAttempt(models.Model):
    """One run of a job: who ran it, when, and how it ended. The traceback is for staff only."""

    class Outcome(models.TextChoices):
        RUNNING = "running"
        COMPLETED = "completed"
        FAILED = "failed"
        RETRIED = "retried"
        CANCELLED = "cancelled"
        LOST = "lost"

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="attempt_rows")
    number = models.PositiveIntegerField()
    lease_token = models.UUIDField(default=new_id)
    worker = models.CharField(max_length=200)
    claimed_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.RUNNING)
    expected = models.BooleanField(null=True)
    error_code = models.CharField(max_length=100, null=True)
    error_detail = models.TextField(null=True)

    class Meta:
        ordering = ["job", "number"]
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="job_attempt_number_unique")]

    def __str__(self) -> str:
        return f"attempt {self.number}: {self.outcome}"


class JobHour(models.Model):
    """How many jobs of a kind ended in which way within an hour; kept long after the jobs themselves."""

    hour = models.DateTimeField()
    job_type = models.CharField(max_length=100)
    status = models.CharField(max_length=10, choices=Job.Status)
    number = models.PositiveIntegerField()

    class Meta:
        ordering = ["hour", "job_type", "status"]
        constraints = [models.UniqueConstraint(fields=["hour", "job_type", "status"], name="job_hour_unique")]

    def __str__(self) -> str:
        return f"{self.number} {self.job_type} {self.status} from {self.hour:%Y-%m-%d %H:%M}"


class ProcessHeartbeat(models.Model):
    """A living worker or beat process; health reads these rows instead of a broadcast ping.

    ``kinds`` are the job kinds its version knows, so that no other version calls a job of them unknown.
    """

    class Role(models.TextChoices):
        WORKER = "worker"
        BEAT = "beat"

    name = models.CharField(max_length=200, primary_key=True)
    role = models.CharField(max_length=6, choices=Role)
    pid = models.PositiveIntegerField()
    concurrency = models.PositiveIntegerField(default=1)
    queues = models.JSONField(default=list)
    kinds = ArrayField(models.CharField(max_length=100), null=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ["role", "name"]

    def __str__(self) -> str:
        return f"{self.role} {self.name}"


class SystemStatus(models.Model):
    """One health picture, kept for the history of the last hundred."""

    status = models.CharField(max_length=10)
    picture = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "system statuses"
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["-created_at"], name="system_status_created_idx")]

    def __str__(self) -> str:
        return f"{self.status} at {self.created_at:%Y-%m-%d %H:%M}"
