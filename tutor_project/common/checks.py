"""System checks with stable ids for combinations of settings that must not start."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured

MINIMUM_SECRET_LENGTH = 40


@register(Tags.security)
def check_secret_key(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """tutor.E001: outside the embedded mode a weak or missing ``SECRET_KEY`` refuses to start."""
    try:
        secret = settings.SECRET_KEY
    except ImproperlyConfigured:  # Django's own answer to an empty key, which names no cure
        secret = ""
    if len(secret) >= MINIMUM_SECRET_LENGTH and not any(
        secret.startswith(weak) for weak in settings.WEAK_SECRETS if weak
    ):
        return []
    return [
        Error(
            "SECRET_KEY is missing or weak.",
            hint="Set SECRET_KEY to at least 40 random characters: "
            'python -c "import secrets; print(secrets.token_urlsafe(50))"',
            id="tutor.E001",
        )
    ]


@register(Tags.security)
def check_model_key_secrets(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """tutor.E007: a weak secret would make the stored keys of model profiles readable to whoever has a backup."""
    if all(len(secret) >= MINIMUM_SECRET_LENGTH for secret in settings.MODEL_KEY_SECRETS):
        return []
    hint = "Each of MODEL_KEY_SECRETS has to be at least 40 random characters, as SECRET_KEY."
    return [Error("MODEL_KEY_SECRETS holds a weak secret.", hint=hint, id="tutor.E007")]


@register(Tags.security)
def check_debug(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """tutor.E002: DEBUG with a configured database would show internals to its users."""
    if settings.DEBUG and not settings.EMBEDDED:
        return [Error("DEBUG is on with a configured server.", hint="Unset DEBUG.", id="tutor.E002")]
    return []


@register(Tags.security)
def check_hosts(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """tutor.E003: a wildcard host disables the Host header check."""
    if "*" in settings.ALLOWED_HOSTS:
        return [Error("ALLOWED_HOSTS holds '*'.", hint="Name the hosts that serve the API.", id="tutor.E003")]
    return []


@register(Tags.security)
def check_transport(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """tutor.W001: plain HTTP outside the embedded mode sends tokens in clear text."""
    if not settings.HTTPS and not settings.EMBEDDED:
        return [
            Warning(
                "HTTPS is off with a configured server.",
                hint="Serve behind TLS and leave HTTPS at its default.",
                id="tutor.W001",
            )
        ]
    return []


@register(Tags.compatibility)
def check_tracing(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """tutor.E005: traces were asked for and their packages are missing."""
    if settings.OTLP_ENDPOINT and find_spec("opentelemetry.sdk") is None:
        return [
            Error("OTLP_ENDPOINT is set without the SDK.", hint="pip install -r requirements-otel.in", id="tutor.E005")
        ]
    return []


@register(Tags.compatibility)
def check_model_settings(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """tutor.E004: ``LLM_MODEL`` names its provider."""
    model = settings.LLM_MODEL
    if model and ":" not in model and not settings.LLM_BASE_URL:
        return [
            Error(
                "LLM_MODEL names no provider.",
                hint="Write it as openai:NAME, anthropic:NAME or ollama:NAME, or set LLM_BASE_URL.",
                id="tutor.E004",
            )
        ]
    return []
