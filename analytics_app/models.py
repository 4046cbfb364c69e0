"""Analytics tables.

Facts live in tables partitioned by day whose schema is written in SQL (migration 0002), because partitioning is not
something the ORM describes; their models here are for reading.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q

from tutor_project.common.models import TimeStampedModel


class FactRow(models.Model):
    """Columns every fact has. Ids point nowhere by constraint: facts outlive what they are about."""

    pk = models.CompositePrimaryKey("occurred_at", "id")
    id = models.UUIDField()
    occurred_at = models.DateTimeField()
    user_id = models.UUIDField(null=True)
    session_id = models.UUIDField(null=True)
    metadata = models.JSONField(null=True)

    class Meta:
        abstract = True


class InteractionFact(FactRow):
    """Something a learner did. ``ok`` is the verdict on one answer; ``answers`` and ``correct_answers`` those on many."""

    interaction_type = models.TextField()
    duration_us = models.BigIntegerField(null=True)
    ok = models.BooleanField(null=True)
    answers = models.SmallIntegerField(null=True)
    correct_answers = models.SmallIntegerField(null=True)
    object_id = models.UUIDField(null=True)

    class Meta:
        db_table = "analytics_fact_interaction"


class ToolInvocationFact(FactRow):
    """One call of a tool."""

    tool_name = models.TextField()
    duration_us = models.BigIntegerField()
    ok = models.BooleanField()
    agent_version = models.TextField(null=True)
    error_code = models.TextField(null=True)
    error_message = models.TextField(null=True)
    retry_count = models.SmallIntegerField(default=0)
    reported = models.BooleanField(default=False, db_default=False)

    class Meta:
        db_table = "analytics_fact_tool_invocation"


class TokenUsageFact(FactRow):
    """One model call; ``cost_usd`` is null when the model had no price."""

    model = models.TextField()
    phase = models.TextField()
    prompt_tokens = models.BigIntegerField()
    completion_tokens = models.BigIntegerField()
    cost_usd = models.DecimalField(max_digits=24, decimal_places=12, null=True)
    duration_us = models.BigIntegerField(null=True)
    ok = models.BooleanField(null=True)
    measured = models.BooleanField(default=True)
    outcome = models.TextField(null=True)
    call_id = models.UUIDField(null=True)
    feature = models.TextField(null=True)
    folder_id = models.UUIDField(null=True)
    prompt_id = models.TextField(null=True)
    prompt_version = models.TextField(null=True)
    prompt_hash = models.TextField(null=True)
    reported = models.BooleanField(default=False, db_default=False)

    class Meta:
        db_table = "analytics_fact_token_usage"


class PerformanceFact(FactRow):
    """One timed operation; requests have the category ``request``."""

    operation = models.TextField()
    category = models.TextField(default="operation")
    duration_us = models.BigIntegerField()
    ok = models.BooleanField()
    status = models.SmallIntegerField(null=True)

    class Meta:
        db_table = "analytics_fact_performance"


class EventFact(FactRow):
    """A generic event."""

    event_type = models.TextField()
    object_id = models.UUIDField(null=True)
    reported = models.BooleanField(default=False, db_default=False)

    class Meta:
        db_table = "analytics_fact_event"


class Grain(models.TextChoices):
    HOUR = "hour"
    DAY = "day"


class MeasureColumns(models.Model):
    """Sums over the facts of one window (see ``analytics_app.domain.rollups.Measures``)."""

    fact = models.CharField(max_length=20)
    grain = models.CharField(max_length=4, choices=Grain)
    bucket = models.DateTimeField()
    key1 = models.TextField()
    key2 = models.TextField()
    count = models.BigIntegerField()
    timed = models.BigIntegerField()
    judged = models.BigIntegerField()
    ok = models.BigIntegerField()
    total_us = models.BigIntegerField()
    low_us = models.BigIntegerField(null=True)
    high_us = models.BigIntegerField(null=True)
    prompt_tokens = models.BigIntegerField()
    completion_tokens = models.BigIntegerField()
    cost_usd = models.DecimalField(max_digits=24, decimal_places=12)
    unpriced = models.BigIntegerField()
    estimated = models.BigIntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        abstract = True


class Rollup(MeasureColumns):
    """Everybody's figures by hour and day, with the latency histogram."""

    pk = models.CompositePrimaryKey("fact", "dimension", "grain", "bucket", "key1", "key2")
    dimension = models.CharField(max_length=12)
    histogram_indexes = ArrayField(models.SmallIntegerField(), null=True)
    histogram_counts = ArrayField(models.IntegerField(), null=True)

    class Meta:
        db_table = "analytics_rollup"


class UserRollup(MeasureColumns):
    """One user's figures by hour and day; days carry the histogram, hours are short enough to read the facts."""

    pk = models.CompositePrimaryKey("fact", "grain", "bucket", "user_id", "key1", "key2")
    user_id = models.UUIDField()
    histogram_indexes = ArrayField(models.SmallIntegerField(), null=True)
    histogram_counts = ArrayField(models.IntegerField(), null=True)

    class Meta:
        db_table = "analytics_rollup_user"
        indexes = [
            models.Index(fields=["user_id", "fact", "grain", "bucket"], name="rollup_user_idx"),
            models.Index(  # who spent most is answered from the index alone
                fields=["grain", "bucket"],
                include=["user_id", "count", "prompt_tokens", "completion_tokens", "cost_usd", "unpriced"],
                condition=Q(fact="token_usage"),
                name="rollup_user_spent_idx",
            ),
        ]


class SessionRollup(MeasureColumns):
    """One session's figures by hour."""

    pk = models.CompositePrimaryKey("fact", "grain", "bucket", "session_id", "key1", "key2")
    session_id = models.UUIDField()

    class Meta:
        db_table = "analytics_rollup_session"
        indexes = [models.Index(fields=["session_id", "fact", "bucket"], name="rollup_session_idx")]


class EntityNumber(models.Model):
    """A small number for each entity in the order it is first seen, so that sets of them are short and merge fast."""

    number = models.AutoField(primary_key=True)
    entity_id = models.UUIDField(unique=True)

    class Meta:
        abstract = True


class UserNumber(EntityNumber):
    """Numbers of users."""

    class Meta:
        db_table = "analytics_user_number"


class SessionNumber(EntityNumber):
    """Numbers of sessions."""

    class Meta:
        db_table = "analytics_session_number"


class Presence(models.Model):
    """Who was there: the sets of users and sessions with facts in a window (``analytics_app.domain.presence``).

    ``fact`` is a kind of fact, or ``any`` for all kinds together (days only).
    """

    pk = models.CompositePrimaryKey("fact", "grain", "bucket")
    fact = models.CharField(max_length=20)
    grain = models.CharField(max_length=4, choices=Grain)
    bucket = models.DateTimeField()
    users = models.BinaryField()
    sessions = models.BinaryField()

    class Meta:
        db_table = "analytics_presence"


class StaleWindow(models.Model):
    """A window whose facts changed since it was rolled up; written in the transaction that writes the facts.

    Marks are appended, never updated, so writers never wait for each other.
    """

    id = models.BigAutoField(primary_key=True)
    fact = models.CharField(max_length=20)
    grain = models.CharField(max_length=4, choices=Grain)
    bucket = models.DateTimeField()

    class Meta:
        db_table = "analytics_stale_window"
        indexes = [models.Index(fields=["fact", "grain", "bucket"], name="stale_window_idx")]


class StaleSession(models.Model):
    """A session with facts newer than its analytics; appended with the facts like ``StaleWindow``."""

    id = models.BigAutoField(primary_key=True)
    session_id = models.UUIDField()

    class Meta:
        db_table = "analytics_stale_session"
        indexes = [models.Index(fields=["session_id"], name="stale_session_idx")]


class FactState(models.Model):
    """Per fact kind: hours before ``closed_until`` are rolled up, days before ``dropped_before`` are dropped.

    ``revision`` is drawn anew by each transaction that changes a rollup of that kind.
    """

    fact = models.CharField(max_length=20, primary_key=True)
    closed_until = models.DateTimeField(null=True)
    dropped_before = models.DateField(null=True)
    revision = models.UUIDField(db_default=RandomUUID())

    class Meta:
        db_table = "analytics_fact_state"


class SessionAnalytics(models.Model):
    """What one session came to, kept when its facts are gone. Times are in seconds, response times in microseconds."""

    session = models.OneToOneField(
        "sessions_app.LearningSession", primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    total_interactions = models.BigIntegerField(default=0)
    total_tokens_used = models.BigIntegerField(default=0)
    response_count = models.BigIntegerField(default=0)
    response_total_us = models.BigIntegerField(default=0)
    documents_uploaded = models.BigIntegerField(default=0)
    quiz_attempts = models.BigIntegerField(default=0)
    correct_answers = models.BigIntegerField(default=0)
    summaries_created = models.BigIntegerField(default=0)
    session_duration = models.FloatField(default=0)
    engagement_score = models.FloatField(default=0)
    started_at = models.DateTimeField()
    last_activity = models.DateTimeField(null=True)
    computed_at = models.DateTimeField()

    class Meta:
        db_table = "analytics_session"
        indexes = [
            models.Index(fields=["user", "started_at"], name="session_analytics_user_idx"),
            models.Index(fields=["last_activity"], include=["engagement_score"], name="session_analytics_active_idx"),
        ]

    def __str__(self) -> str:
        return f"analytics of {self.session_id}"


class ErasedEntity(models.Model):
    """An erased person or one of their sessions, known by the MD5 of the id: facts of theirs still under way are dropped.

    Kept for some days. An id is random enough that nobody finds it by its hash, so the table names nobody.
    """

    entity = models.CharField(max_length=32, primary_key=True)
    person = models.CharField(max_length=32)
    erased_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "analytics_erased_entity"
        indexes = [models.Index(fields=["person"], name="erased_person_idx")]


class FactLoss(models.Model):
    """Facts that could not be stored, with the reason; written as soon as the database answers again."""

    id = models.BigAutoField(primary_key=True)
    recorded_at = models.DateTimeField(auto_now_add=True)
    process = models.CharField(max_length=100)
    reason = models.CharField(max_length=60)
    count = models.BigIntegerField()

    class Meta:
        db_table = "analytics_fact_loss"
        indexes = [models.Index(fields=["recorded_at"], name="fact_loss_recorded_idx")]


class ModelPrice(TimeStampedModel):
    """Price of a model from a day on, in US dollars per million tokens; exact name, never guessed."""

    model = models.CharField(max_length=120, help_text="Exact name calls are booked under, e.g. openai:gpt-4o.")
    valid_from = models.DateField()
    prompt_usd = models.DecimalField(max_digits=14, decimal_places=6, default=0)
    completion_usd = models.DecimalField(max_digits=14, decimal_places=6, default=0)
    local = models.BooleanField(default=False, help_text="Runs on own machines and costs nothing per token.")
    source = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "analytics_model_price"
        ordering = ["model", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["model", "valid_from"], name="model_price_dated_unique"),
            models.CheckConstraint(
                condition=Q(prompt_usd__gte=0) & Q(completion_usd__gte=0), name="model_price_positive"
            ),
            models.CheckConstraint(
                condition=Q(local=False) | (Q(prompt_usd=0) & Q(completion_usd=0)), name="model_price_local_free"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model} from {self.valid_from}"


class SpendCounter(models.Model):
    """What one scope spent and reserved on one UTC day, in US dollars; its row lock serialises reservations."""

    pk = models.CompositePrimaryKey("day", "scope", "scope_id")
    day = models.DateField()
    scope = models.CharField(max_length=6)
    scope_id = models.CharField(max_length=64)
    spent_usd = models.DecimalField(max_digits=24, decimal_places=12, default=0)
    reserved_usd = models.DecimalField(max_digits=24, decimal_places=12, default=0)

    class Meta:
        db_table = "analytics_spend_counter"
        constraints = [
            models.CheckConstraint(
                condition=Q(spent_usd__gte=0) & Q(reserved_usd__gte=0), name="spend_counter_positive"
            )
        ]


class SpendReservation(models.Model):
    """One model call in the ledger: reserved before, settled after, expired when nobody settled it."""

    class State(models.TextChoices):
        RESERVED = "reserved"
        SETTLED = "settled"
        EXPIRED = "expired"

    id = models.UUIDField(primary_key=True, editable=False, help_text="The id of the call.")
    day = models.DateField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    folder_id = models.UUIDField(null=True)
    session_id = models.UUIDField(null=True)
    model = models.CharField(max_length=120)
    phase = models.CharField(max_length=20)
    feature = models.CharField(max_length=60)
    state = models.CharField(max_length=8, choices=State, default=State.RESERVED)
    reserved_usd = models.DecimalField(max_digits=24, decimal_places=12, null=True)
    settled_usd = models.DecimalField(max_digits=24, decimal_places=12, null=True)
    prompt_tokens = models.BigIntegerField(null=True)
    completion_tokens = models.BigIntegerField(null=True)
    measured = models.BooleanField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "analytics_spend_reservation"
        indexes = [
            models.Index(fields=["created_at"], name="spend_open_idx", condition=Q(state="reserved")),
            models.Index(fields=["user", "day"], name="spend_user_day_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.state}"
