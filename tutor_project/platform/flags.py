"""Every feature flag of the code, declared once: who answers for it, until when, and how it starts.

A flag that is not declared here cannot be stored, and a test refuses code that asks for one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from tutor_project.llm.engines import ENGINE_FEATURES, builtin_flag, model_flag
from tutor_project.platform.models import Flag


@dataclass(frozen=True, slots=True)
class DeclaredFlag:
    """A flag in the code; ``default`` is its first state for everybody (None: nobody until operators say so)."""

    name: str
    owner: str
    remove_after: date
    note: str
    default: bool | None = None


def _engine_flags(feature: str) -> tuple[DeclaredFlag, DeclaredFlag]:
    return (
        DeclaredFlag(
            model_flag(feature), "learning", date(2027, 12, 31), f"Its users get {feature} from the configured model."
        ),
        DeclaredFlag(
            builtin_flag(feature),
            "learning",
            date(2027, 12, 31),
            f"Its users get {feature} from the built-in engine, whatever the setting ENGINE says.",
        ),
    )


FLAGS: dict[str, DeclaredFlag] = {flag.name: flag for feature in ENGINE_FEATURES for flag in _engine_flags(feature)}


@transaction.atomic
def flags_seed() -> list[str]:
    """Create the declared flags that have no row yet; returns their names. Existing rows are never touched."""
    created = []
    for flag in FLAGS.values():
        first_state: dict[str, Any] = {
            "owner": flag.owner,
            "remove_after": flag.remove_after,
            "note": flag.note,
            "everyone": flag.default,
            "superusers": False,
        }
        _, made = Flag.objects.get_or_create(name=flag.name, defaults=first_state)
        if made:
            created.append(flag.name)
    return created
