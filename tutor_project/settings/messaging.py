"""Redis (broker, cache, pub/sub) and Celery. Without ``REDIS_URL`` it is the embedded Valkey in ``VAR_DIR``."""

from __future__ import annotations

from tutor_project.embedded import celery_url, redis_url
from tutor_project.environment import REDIS_URL as CONFIGURED_REDIS_URL
from tutor_project.environment import VAR_DIR, env

REDIS_URL = CONFIGURED_REDIS_URL or redis_url(VAR_DIR)

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "tutor",
        "TIMEOUT": 300,
    },
}

CELERY_BROKER_URL = celery_url(REDIS_URL)
CELERY_RESULT_BACKEND = None  # the job ledger keeps results
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_ENABLE_UTC = True

JOB_QUEUES = ("high", "default", "low", "model")
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_CREATE_MISSING_QUEUES = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = False  # the ledger's lease decides about a second run, not the broker
CELERY_TASK_ACKS_ON_FAILURE_OR_TIMEOUT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = env.int("WORKER_MAX_TASKS_PER_CHILD", default=2000)
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True

JOB_LEASE_SECONDS = env.int("JOB_LEASE_SECONDS", default=30)
"""A worker that is silent for so long has lost its job; living ones renew the lease four times as often."""

JOB_HARD_TIME_LIMIT_SECONDS = 12 * 3600
"""A last resort: each kind of job has limits of its own, which the worker watches; waiting for a slow model is in none."""
CELERY_TASK_TIME_LIMIT = JOB_HARD_TIME_LIMIT_SECONDS
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Above the longest hard limit, or Redis would deliver a running message a second time.
    "visibility_timeout": 2 * JOB_HARD_TIME_LIMIT_SECONDS,
    "queue_order_strategy": "priority",  # queues are served in the order they are given: high, default, low
    "socket_keepalive": True,
    # A request that creates a job waits a moment for a broker that restarts, and no longer: the sweeper sends it then.
    "max_retries": 3,
    "interval_start": 0.0,
    "interval_step": 0.2,
    "interval_max": 0.4,
    "health_check_interval": 30,
}
CELERY_BEAT_SCHEDULER = "jobs_app.beat:LedgerScheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 5
DJANGO_CELERY_BEAT_TZ_AWARE = True
