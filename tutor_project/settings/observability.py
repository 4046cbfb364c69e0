"""Structured logs: JSON in production, readable lines in the embedded mode."""

from __future__ import annotations

from typing import Any

import structlog

from tutor_project.environment import EMBEDDED, env

SLOW_QUERY_MS = env.int("SLOW_QUERY_MS", default=500)
"""Statements slower than this are logged, without their parameters; 0 switches it off."""
ERROR_REPORTER = env.str("ERROR_REPORTER", default="")
"""Dotted path of ``report(error, context)``, called for every unexpected error."""
OTLP_ENDPOINT = env.str("OTLP_ENDPOINT", default="")
"""Where traces go, for example http://collector:4318/v1/traces; needs requirements-otel.in."""

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOG_FORMAT = env.str("LOG_FORMAT", default="console" if EMBEDDED else "json")

FACT_FLUSHER = env.bool("FACT_FLUSHER", default=True)
"""A thread of each process writes buffered facts; tests switch it off and flush by hand."""

METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
"""Who sends it as a bearer token may read ``/metrics``; without one only the machine itself may."""

ALERT_WEBHOOK_URL = env.str("ALERT_WEBHOOK_URL", default="")
"""Alerts are posted here as JSON when they open; redirects are not followed."""
ALERT_EMAILS = env.list("ALERT_EMAILS", default=[])
"""And sent to these addresses over the mail server of ``EMAIL_URL``, for example ``smtp+tls://user:password@host:587``."""
_mail = env.email_url("EMAIL_URL", default="consolemail://")
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
EMAIL_HOST = _mail.get("EMAIL_HOST") or "localhost"
EMAIL_PORT = _mail.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = _mail.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = _mail.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = bool(_mail.get("EMAIL_USE_TLS"))
EMAIL_USE_SSL = bool(_mail.get("EMAIL_USE_SSL"))
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default="tutor@localhost")

_shared_processors: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]
_renderer = structlog.processors.JSONRenderer() if LOG_FORMAT == "json" else structlog.dev.ConsoleRenderer(colors=False)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "structured": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, _renderer],
            "foreign_pre_chain": _shared_processors,
        },
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        # A line for each message sent, taken and done: the ledger's own lines and rows say it once and better.
        "celery.beat": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
        "django.server": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
        "httpx": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
        "pdfminer": {"level": "ERROR"},
    },
}

structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *_shared_processors,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
