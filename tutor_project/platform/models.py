"""Sticky feature flags, versions of runtime settings, alerts, model profiles and the standing of their servers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, get_args

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from waffle.models import AbstractUserFlag

from tutor_project.common import flags
from tutor_project.common.models import TimeStampedModel
from tutor_project.llm.config import ReasoningEffort


class Flag(AbstractUserFlag):
    """A waffle flag whose percentage is sticky: decided by a hash of user and flag, never by a cookie or dice."""

    percent = models.DecimalField(
        max_digits=4,
        decimal_places=1,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))],
        help_text="Share of the signed-in users, 0 to 100. Sticky: raising it keeps everybody who has the flag.",
    )
    owner = models.CharField(max_length=100, blank=True, help_text="Who answers for the flag.")
    remove_after = models.DateField(null=True, blank=True, help_text="When the flag should be gone from the code.")

    class Meta(AbstractUserFlag.Meta):
        abstract = False
        verbose_name = "feature flag"  # type: ignore[assignment]
        verbose_name_plural = "feature flags"  # type: ignore[assignment]
        constraints = [
            models.CheckConstraint(
                condition=Q(percent__isnull=True) | Q(percent__gte=0, percent__lte=100), name="flag_percent_range"
            )
        ]

    def is_active_for_user(self, user: Any) -> bool | None:
        """Tell whether the flag is on for ``user``, as everybody else is told: never by dice."""
        return flags.is_enabled(self.name, user)

    def flush(self) -> None:
        """Forget what this process knows of flags; the others follow by the age of what they know."""
        flags.invalidate()


class DailyUse(models.Model):
    """How much of a quota one person has used on one day, by the clock of where they are."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    name = models.CharField(max_length=20)
    used = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "day", "name"], name="daily_use_unique")]
        indexes = [models.Index(fields=["day"], name="daily_use_day_idx")]

    def __str__(self) -> str:
        return f"{self.used} {self.name} on {self.day}"


class ConfigVersion(models.Model):
    """One change of a runtime setting: who, when, old, new, why."""

    key = models.CharField(max_length=100)
    version = models.PositiveIntegerField()
    old_value = models.JSONField(null=True)
    new_value = models.JSONField(null=True)
    reason = models.CharField(max_length=500, blank=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = "change of a setting"
        verbose_name_plural = "changes of settings"
        constraints = [models.UniqueConstraint(fields=["key", "version"], name="config_version_unique")]

    def __str__(self) -> str:
        return f"{self.key} v{self.version}"


class Alert(TimeStampedModel):
    """An incident: written once while it lasts, acknowledged by a person, resolved when it is over.

    ``telling_since`` is set while a process tells it without a job, ``told_ways`` are those by which it was told,
    ``told_at`` says that nothing is left to tell.
    """

    class State(models.TextChoices):
        OPEN = "open"
        ACKNOWLEDGED = "acknowledged"
        RESOLVED = "resolved"

    class Severity(models.TextChoices):
        WARNING = "warning"
        CRITICAL = "critical"

    code = models.CharField(max_length=100)
    severity = models.CharField(max_length=10, choices=Severity, default=Severity.WARNING)
    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    message = models.CharField(max_length=500)
    figures = models.JSONField(default=dict)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True, editable=False)
    told_ways = models.JSONField(default=list, db_default=[], editable=False)
    telling_since = models.DateTimeField(null=True, blank=True, editable=False)
    tellings = models.PositiveIntegerField(default=0, db_default=0, editable=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["code"], condition=~models.Q(state="resolved"), name="alert_unresolved_code_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} ({self.state})"


class ModelProfile(TimeStampedModel):
    """A model that serves some tasks: where it is, what it can read, what it costs. Written by services only."""

    class Provider(models.TextChoices):
        OPENAI = "openai", "OpenAI"
        ANTHROPIC = "anthropic", "Anthropic"
        OLLAMA = "ollama", "Ollama"
        COMPATIBLE = "openai_compatible", "another server that speaks the OpenAI protocol"

    name = models.CharField(max_length=80, unique=True)
    provider = models.CharField(max_length=20, choices=Provider)
    model = models.CharField(max_length=100, help_text="The name the server knows the model by.")
    base_url = models.CharField(max_length=500, blank=True, help_text="Empty: the provider's own address.")
    key_encrypted = models.TextField(blank=True, editable=False)
    tasks = models.JSONField(default=list, blank=True, help_text="Any of cheap, strong, judge, embedding.")
    context_tokens = models.PositiveIntegerField(default=32_000, help_text="Tokens of prompt and reply together.")
    timeout_seconds = models.FloatField(default=60.0, help_text="The time a call is given …")
    seconds_per_token = models.FloatField(default=0.04, help_text="… and beyond it for each token it may write.")
    reasoning_effort = models.CharField(
        max_length=10,
        blank=True,
        choices=[(effort, effort) for effort in get_args(ReasoningEffort)],
        help_text="For models that think before they write; empty for all others.",
    )
    prompt_usd = models.DecimalField(
        max_digits=14, decimal_places=6, null=True, blank=True, help_text="US dollars per million tokens; 0 for local."
    )
    completion_usd = models.DecimalField(max_digits=14, decimal_places=6, null=True, blank=True)
    enabled = models.BooleanField(default=True)

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.CheckConstraint(condition=Q(context_tokens__gte=1024), name="model_profile_context"),
            models.CheckConstraint(
                condition=Q(timeout_seconds__gt=0) & Q(seconds_per_token__gte=0), name="model_profile_times"
            ),
            models.CheckConstraint(
                condition=(Q(prompt_usd__isnull=True) & Q(completion_usd__isnull=True))
                | (Q(prompt_usd__gte=0) & Q(completion_usd__gte=0)),
                name="model_profile_prices",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ModelStanding(models.Model):
    """What is known of a model on a server: whether it answers, and what it can. Keyed as in ``llm.standing``."""

    key = models.CharField(max_length=32, primary_key=True)
    model = models.CharField(max_length=130)
    answers = models.BooleanField(null=True, help_text="Null: nobody has asked yet.")
    error_code = models.CharField(max_length=40, blank=True)
    since = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    capabilities = models.JSONField(default=dict)

    class Meta:
        ordering = ["model"]

    def __str__(self) -> str:
        return self.model
