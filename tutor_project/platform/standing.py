"""The standing of model servers in the database: one row a server, written when something changed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import structlog
from django.db import DatabaseError, transaction
from django.utils import timezone

from tutor_project.common.snapshots import Snapshot
from tutor_project.llm.standing import register_standing_store
from tutor_project.platform.models import ModelStanding

log = structlog.get_logger(__name__)

SAME_AGAIN_SECONDS = 60.0
"""How long a process says nothing about a server that stands as it stood."""


def _load() -> dict[str, ModelStanding]:
    return {row.key: row for row in ModelStanding.objects.all()}


_snapshot: Snapshot[dict[str, ModelStanding]] = Snapshot("model standing", _load, {})


def standing_of(key: str) -> ModelStanding | None:
    """Return what is known of a server, at most a few seconds old; None when nobody has asked it."""
    return _snapshot.read().get(key)


def standings_forget() -> None:
    """Make the next read of this process load the rows again."""
    _snapshot.invalidate()


class DatabaseStanding:
    """The store of ``llm.standing`` in the table."""

    def __init__(self) -> None:
        self._said: dict[str, tuple[str | None, float]] = {}

    def capabilities(self, key: str) -> Mapping[str, Any]:
        """Return what was remembered."""
        row = standing_of(key)
        return {} if row is None else row.capabilities

    def remember(self, key: str, model: str, found: Mapping[str, Any]) -> None:
        """Add to what the server can."""
        try:
            standing_remember(key=key, model=model, found=found)
        except DatabaseError as error:
            log.warning("model_standing_not_kept", model=model, error=type(error).__name__)

    def note(self, key: str, model: str, error: str | None) -> None:
        """Note whether the server answers."""
        said, at = self._said.get(key, (None, float("-inf")))
        if said == error and time.monotonic() - at < SAME_AGAIN_SECONDS:
            return
        try:
            standing_note(key=key, model=model, error=error)
        except DatabaseError as failure:
            log.warning("model_standing_not_kept", model=model, error=type(failure).__name__)
            return
        self._said[key] = (error, time.monotonic())


@transaction.atomic
def standing_remember(*, key: str, model: str, found: Mapping[str, Any]) -> None:
    """Add to what is known the server can."""
    ModelStanding.objects.get_or_create(key=key, defaults={"model": model})
    row = ModelStanding.objects.select_for_update().get(key=key)
    row.capabilities = {**row.capabilities, **found}
    row.save(update_fields=["capabilities"])
    transaction.on_commit(standings_forget)


@transaction.atomic
def standing_note(*, key: str, model: str, error: str | None) -> None:
    """Note that the server answers (``error`` None), or with which code it does not."""
    now = timezone.now()
    ModelStanding.objects.get_or_create(key=key, defaults={"model": model})
    row = ModelStanding.objects.select_for_update().get(key=key)
    answers = error is None
    if row.answers != answers:
        row.since = now
        log.log(20 if answers else 30, "model_standing", model=model, answers=answers, code=error or "")
    row.answers, row.error_code, row.seen_at = answers, error or "", now
    row.save(update_fields=["answers", "error_code", "since", "seen_at"])
    transaction.on_commit(standings_forget)


def register() -> None:
    """Use the table in this process."""
    register_standing_store(DatabaseStanding())
