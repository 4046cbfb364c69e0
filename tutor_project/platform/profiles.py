"""Model profiles: the environment's first, then those of the console. Keys are written, never read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import structlog
from django.db import transaction

from tutor_project.common import runtime
from tutor_project.common.errors import Conflict, InvalidInput, NotFound
from tutor_project.common.locks import lock_text
from tutor_project.common.snapshots import Snapshot
from tutor_project.llm.addresses import AddressForbidden, ensure_public
from tutor_project.llm.config import DEFAULT_URLS, ModelConfig, Provider, ReasoningEffort, checked_url
from tutor_project.llm.errors import LLMMisconfigured
from tutor_project.llm.ports import price_note
from tutor_project.llm.profiles import (
    ENVIRONMENT,
    TASKS,
    Profile,
    Task,
    environment_profile,
    profile_serving,
    register_profile_source,
)
from tutor_project.llm.standing import standing_key
from tutor_project.platform.keys import KeySecretMissing, KeyUnreadable, key_decrypt, key_encrypt, key_rotate
from tutor_project.platform.models import ModelProfile
from tutor_project.platform.standing import standing_of

log = structlog.get_logger(__name__)

FIELDS = (
    "name", "provider", "model", "base_url", "tasks", "context_tokens", "timeout_seconds", "seconds_per_token",
    "reasoning_effort", "prompt_usd", "completion_usd", "enabled",
)  # fmt: skip


class ProfileNotFound(NotFound):
    """404: there is no such profile."""

    code = "model_profile_not_found"
    detail = "There is no such model profile. GET /api/v1/system/models lists them."


class ProfileOfEnvironment(Conflict):
    """409: the profile is made of environment variables."""

    code = "model_profile_of_environment"
    detail = "This profile comes from the environment. Change LLM_MODEL and its companions there, and start again."


class ProfileNameTaken(Conflict):
    """409: two profiles cannot have one name."""

    code = "model_profile_name_taken"
    detail = "There is a model profile of this name already. Choose another name."


class ProfileInvalid(InvalidInput):
    """400: the profile cannot be used as it is."""

    code = "model_profile_invalid"
    detail = "{reason}"


# Reading ------------------------------------------------------------------------------------------------


def config_of(row: ModelProfile, *, key: str) -> ModelConfig:
    """Return the configuration of a row with its key in clear; raises ``LLMMisconfigured``."""
    provider = cast(Provider, row.provider)
    return ModelConfig(
        provider=provider,
        name=row.model,
        base_url=checked_url(row.base_url or DEFAULT_URLS.get(provider, "")),
        api_key=key,
        timeout_seconds=row.timeout_seconds,
        context_tokens=row.context_tokens,
        seconds_per_token=row.seconds_per_token,
        reasoning_effort=cast(ReasoningEffort, row.reasoning_effort) if row.reasoning_effort else None,
        private_addresses=False,
    )


def _profile(row: ModelProfile) -> Profile | None:
    """Return the usable profile of a row; None, and a line in the log, when its key or address is of no use."""
    try:
        config = config_of(row, key=key_decrypt(row.key_encrypted))
    except (KeyUnreadable, KeySecretMissing, LLMMisconfigured) as error:
        log.error("model_profile_unusable", profile=row.name, code=error.code)
        return None
    return Profile(str(row.pk), row.name, config, frozenset(cast(Sequence[Task], row.tasks)))


def _load() -> tuple[Profile, ...]:
    return tuple(profile for row in ModelProfile.objects.filter(enabled=True) if (profile := _profile(row)))


_snapshot: Snapshot[tuple[Profile, ...]] = Snapshot("model profiles", _load, ())


def profiles_stored() -> tuple[Profile, ...]:
    """Return the usable profiles of the console, oldest first; safe on an event loop."""
    allowed = runtime.get_bool("MODEL_PRIVATE_ADDRESSES")
    return tuple(
        replace(profile, config=replace(profile.config, private_addresses=allowed)) for profile in _snapshot.read()
    )


def profiles_forget() -> None:
    """Make the next read of this process load the profiles again."""
    _snapshot.invalidate()


def register() -> None:
    """Make the table this process's source of further profiles."""
    register_profile_source(profiles_stored)


def profiles_in_use() -> list[Profile]:
    """Return every usable profile, the environment's first; one that cannot be read is left out."""
    try:
        own = environment_profile()
    except LLMMisconfigured:
        own = None
    return [*([own] if own else []), *profiles_stored()]


def profile_usable(profile_id: str) -> Profile:
    """Return a profile by id, enabled or not, to be tested; raises ProfileNotFound, ``LLMMisconfigured``, key errors."""
    if profile_id == ENVIRONMENT:
        own = environment_profile()
        if own is None:
            raise ProfileNotFound
        return own
    row = profile_get(profile_id)
    config = config_of(row, key=key_decrypt(row.key_encrypted))
    config = replace(config, private_addresses=runtime.get_bool("MODEL_PRIVATE_ADDRESSES"))
    return Profile(str(row.pk), row.name, config, frozenset(cast(Sequence[Task], row.tasks)))


def profile_get(profile_id: str) -> ModelProfile:
    """Return a row; raises ProfileNotFound, or ProfileOfEnvironment for the one that is no row."""
    if profile_id == ENVIRONMENT:
        raise ProfileOfEnvironment
    try:
        return ModelProfile.objects.get(pk=UUID(profile_id))
    except (ModelProfile.DoesNotExist, ValueError):
        raise ProfileNotFound from None


def profiles_shown() -> dict[str, Any]:
    """Return all profiles, and which of them serves which task (its id, or null)."""
    shown = []
    try:
        if (own := environment_profile()) is not None:
            shown.append(_environment_shown(own))
    except LLMMisconfigured as error:
        shown.append({**_EMPTY, "id": ENVIRONMENT, "name": "Environment", "problem": error.for_operators})
    shown += [profile_shown(row) for row in ModelProfile.objects.all()]
    return {"results": shown, "next": None, "previous": None, "tasks": tasks_served()}


def tasks_served() -> dict[str, str | None]:
    """Return the id of the profile that serves each task."""
    served: dict[str, str | None] = {}
    for task in TASKS:
        try:
            profile = profile_serving(task)
        except LLMMisconfigured:
            profile = None
        served[task] = profile.id if profile else None
    return served


_EMPTY: dict[str, Any] = {
    **dict.fromkeys(FIELDS), "tasks": [], "enabled": True, "has_key": False, "source": ENVIRONMENT, "problem": None,
    "standing": {"answers": None, "error_code": "", "since": None, "seen_at": None, "capabilities": {}},
    "created_at": None, "updated_at": None,
}  # fmt: skip


def _environment_shown(own: Profile) -> dict[str, Any]:
    config = own.config
    return {
        **_EMPTY, "id": own.id, "name": own.name, "provider": config.provider, "model": config.name,
        "base_url": config.base_url, "context_tokens": config.context_tokens, "timeout_seconds": config.timeout_seconds,
        "seconds_per_token": config.seconds_per_token, "reasoning_effort": config.reasoning_effort or "",
        "has_key": bool(config.api_key), "standing": _standing_shown(config),
    }  # fmt: skip


def profile_shown(row: ModelProfile) -> dict[str, Any]:
    """Return a row as the API shows it: everything but the key."""
    shown = {"id": str(row.pk), **{name: getattr(row, name) for name in FIELDS}}
    problem = None
    try:
        config = config_of(row, key=key_decrypt(row.key_encrypted))
    except (KeyUnreadable, KeySecretMissing, LLMMisconfigured) as error:
        problem = error.for_operators if isinstance(error, LLMMisconfigured) else error.message
        config = None
    return {
        **_EMPTY, **shown, "has_key": bool(row.key_encrypted), "source": "console", "problem": problem,
        "standing": _standing_shown(config), "created_at": row.created_at, "updated_at": row.updated_at,
    }  # fmt: skip


def _standing_shown(config: ModelConfig | None) -> dict[str, Any]:
    row = standing_of(standing_key(config)) if config is not None else None
    if row is None:
        return dict(_EMPTY["standing"])
    return {name: getattr(row, name) for name in _EMPTY["standing"]}


# Writing ------------------------------------------------------------------------------------------------


@transaction.atomic
def profile_create(*, values: Mapping[str, Any], api_key: str = "") -> ModelProfile:
    """Add a profile; a task it claims is taken from whoever had it. Raises ProfileInvalid and its kin."""
    return _store(ModelProfile(), values, api_key)


@transaction.atomic
def profile_update(*, profile_id: str, values: Mapping[str, Any], api_key: str | None = None) -> ModelProfile:
    """Change a profile; ``api_key`` None keeps the key, an empty one removes it. Raises as ``profile_create``.

    A key is not carried along to another server: whoever changes where it is sent says it again.
    """
    lock_text("model_profiles", "all")
    row = profile_get(profile_id)
    moved = any(name in values and values[name] != getattr(row, name) for name in ("base_url", "provider"))
    if moved and api_key is None and row.key_encrypted:
        raise ProfileInvalid(reason="Send api_key again: the stored one was meant for another server.", attr="api_key")
    return _store(row, values, api_key)


@transaction.atomic
def profile_delete(*, profile_id: str) -> None:
    """Remove a profile; raises ProfileNotFound or ProfileOfEnvironment."""
    profile_get(profile_id).delete()
    transaction.on_commit(profiles_forget)


@transaction.atomic
def keys_rotate() -> int:
    """Encrypt every stored key with the first secret; returns how many. Raises KeyUnreadable, and then changes none."""
    rows = list(ModelProfile.objects.select_for_update().exclude(key_encrypted=""))
    for row in rows:
        row.key_encrypted = key_rotate(row.key_encrypted)
        row.save(update_fields=["key_encrypted", "updated_at"])
    return len(rows)


def _store(row: ModelProfile, values: Mapping[str, Any], api_key: str | None) -> ModelProfile:
    lock_text("model_profiles", "all")
    for name, value in values.items():
        setattr(row, name, value)
    if api_key is not None:
        row.key_encrypted = key_encrypt(api_key)
    _ensure_usable(row)
    row.save()
    if row.enabled:
        _take_tasks(row)
    if row.prompt_usd is not None:
        price_note(config_of(row, key="").model, row.prompt_usd, row.completion_usd or Decimal(0))
    transaction.on_commit(profiles_forget)
    return row


def _take_tasks(row: ModelProfile) -> None:
    """Leave each task with one profile: the one that was given it last."""
    for other in ModelProfile.objects.exclude(pk=row.pk):
        left = [task for task in other.tasks if task not in row.tasks]
        if left != other.tasks:
            other.tasks = left
            other.save(update_fields=["tasks", "updated_at"])


def _ensure_usable(row: ModelProfile) -> None:
    """Raise ProfileInvalid, ProfileNameTaken for what would make the profile useless or dangerous."""
    if ModelProfile.objects.filter(name=row.name).exclude(pk=row.pk).exists():
        raise ProfileNameTaken(attr="name")
    if row.provider == "openai_compatible" and not row.base_url:
        raise ProfileInvalid(reason="Name the server's base_url.", attr="base_url")
    if row.provider in ("openai", "anthropic") and row.enabled and not row.key_encrypted:
        raise ProfileInvalid(reason="This provider needs an api_key.", attr="api_key")
    if "embedding" in row.tasks and row.provider == "anthropic":
        raise ProfileInvalid(reason="This provider has no embeddings.", attr="tasks")
    if (row.prompt_usd is None) != (row.completion_usd is None):
        raise ProfileInvalid(reason="Give both prices, or neither; 0 for a model of your own.", attr="completion_usd")
    try:
        url = config_of(row, key="").base_url
    except LLMMisconfigured:
        reason = "base_url must be an http or https address without credentials in it."
        raise ProfileInvalid(reason=reason, attr="base_url") from None
    if row.base_url or row.provider == "ollama":
        _ensure_address(url)


def _ensure_address(url: str) -> None:
    try:
        ensure_public(url, private_allowed=runtime.get_bool("MODEL_PRIVATE_ADDRESSES"))
    except AddressForbidden as refused:
        cure = " Set MODEL_PRIVATE_ADDRESSES (an operator may) to use a server on this machine or in this network."
        reason = str(refused) + (cure if "private" in str(refused) else "")
        raise ProfileInvalid(reason=reason, attr="base_url") from None
