"""Runtime settings with versions: validated, audited, reversible."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction

from tutor_project.common import runtime
from tutor_project.common.errors import Conflict, InvalidInput, NotFound
from tutor_project.common.locks import lock_text
from tutor_project.common.runtime import UnknownSetting
from tutor_project.platform.models import ConfigVersion


class SettingInvalid(InvalidInput):
    """400: the value does not fit the setting."""

    code = "setting_invalid"
    detail = "{key} {reason}"


class VersionNotFound(NotFound):
    """404: the setting has no such version."""

    code = "setting_version_not_found"
    detail = "{key} has no version {version}. GET /api/v1/config/{key}/versions lists them."


class SettingChanged(Conflict):
    """409: somebody else changed the setting meanwhile."""

    code = "setting_changed"
    detail = "{key} is at version {present} now, not {expected}. Look at the change, then decide again."


def setting_validated(*, key: str, value: Any) -> Any:
    """Return ``value`` in the setting's type; raises UnknownSetting or SettingInvalid."""
    declared = settings.RUNTIME_SETTINGS.get(key)
    if declared is None:
        raise UnknownSetting(key=key)
    expected = type(declared.default)
    if expected is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if type(value) is not expected or (expected is float and not math.isfinite(value)):
        raise SettingInvalid(key=key, reason=f"must be of type {expected.__name__}.", attr="value")
    if declared.choices and value not in declared.choices:
        raise SettingInvalid(key=key, reason=f"must be one of {', '.join(declared.choices)}.", attr="value")
    if declared.minimum is not None and value < declared.minimum:
        raise SettingInvalid(key=key, reason=f"must be at least {declared.minimum:g}.", attr="value")
    if declared.maximum is not None and value > declared.maximum:
        raise SettingInvalid(key=key, reason=f"must be at most {declared.maximum:g}.", attr="value")
    return value


@dataclass(frozen=True, slots=True)
class Rule:
    """What several settings must satisfy together; ``cure`` is a sentence for the person who breaks it."""

    keys: tuple[str, ...]
    holds: Callable[..., bool]
    cure: str


def _within_cap(smaller: float, cap: float) -> bool:
    return not cap or smaller <= cap


RULES = (
    Rule(
        ("SPEND_CAP_USER_DAY", "SPEND_CAP_DAY"),
        _within_cap,
        "must not exceed SPEND_CAP_DAY, the cap of everybody together. Lower this one or raise that one.",
    ),
    Rule(
        ("SPEND_CAP_FOLDER_DAY", "SPEND_CAP_DAY"),
        _within_cap,
        "must not exceed SPEND_CAP_DAY, the cap of everybody together. Lower this one or raise that one.",
    ),
    Rule(
        ("SPEND_CAP_USER_DAY", "SPEND_CAP_FOLDER_DAY"),
        _within_cap,
        "must not exceed SPEND_CAP_FOLDER_DAY, the cap of a whole folder. Lower this one or raise that one.",
    ),
)


def _ensure_rules(changes: Mapping[str, Any]) -> None:
    """Check the rules that a change touches, on the values as they would be; raises SettingInvalid."""
    for rule in RULES:
        touched = any(key in changes for key in rule.keys)
        if touched and not rule.holds(*(changes.get(key, runtime.get(key)) for key in rule.keys)):
            raise SettingInvalid(key=rule.keys[0], reason=rule.cure, attr="value")


@transaction.atomic
def settings_set(
    *, values: Mapping[str, Any], user: Any, reason: str = "", expected: Mapping[str, int | None] | None = None
) -> list[ConfigVersion]:
    """Change several settings together, all or none, each as a version of its own.

    ``expected`` names the version a setting must be at. Raises UnknownSetting, SettingInvalid or SettingChanged.
    """
    checked = {key: setting_validated(key=key, value=value) for key, value in values.items()}
    # The rules look at several settings, so changes are made one after another; settings change rarely.
    lock_text("settings", "all")
    runtime.invalidate()
    _ensure_rules(checked)
    versions = [
        _version_add(key, value, user, reason, (expected or {}).get(key)) for key, value in sorted(checked.items())
    ]
    runtime.invalidate()
    transaction.on_commit(runtime.invalidate)  # again: another thread may have read the old value meanwhile
    return versions


def _version_add(key: str, value: Any, user: Any, reason: str, expected: int | None) -> ConfigVersion:
    from constance.models import Constance

    present = setting_version(key)
    if expected is not None and expected != present:
        raise SettingChanged(key=key, present=present, expected=expected)
    version = ConfigVersion.objects.create(
        key=key, version=present + 1, old_value=runtime.get(key), new_value=value, reason=reason, changed_by=user
    )
    Constance.objects.update_or_create(key=key, defaults={"value": runtime.encode(value)})
    return version


def setting_version(key: str) -> int:
    """Return the number of the setting's latest version, 0 while it has its default."""
    return ConfigVersion.objects.filter(key=key).order_by("-version").values_list("version", flat=True).first() or 0


def setting_set(
    *, key: str, value: Any, user: Any, reason: str = "", expected_version: int | None = None
) -> ConfigVersion:
    """Change a setting and keep the change as a version; raises UnknownSetting, SettingInvalid or SettingChanged."""
    return settings_set(values={key: value}, user=user, reason=reason, expected={key: expected_version})[0]


def setting_rollback(*, key: str, version: int, user: Any, reason: str = "") -> ConfigVersion:
    """Set the value that ``version`` set, or the one from before any change for version 0; it is validated again.

    Raises UnknownSetting, VersionNotFound and what setting_set raises.
    """
    return setting_set(
        key=key,
        value=setting_at_version(key, version),
        user=user,
        reason=reason or f"Rollback to version {version}.",
    )


def setting_at_version(key: str, version: int) -> Any:
    """Return the value that ``version`` set; 0 is the value before any change. Raises UnknownSetting or VersionNotFound."""
    declared = settings.RUNTIME_SETTINGS.get(key)
    if declared is None:
        raise UnknownSetting(key=key)
    changes = ConfigVersion.objects.filter(key=key)
    if version == 0:
        first = changes.filter(version=1).first()
        return declared.default if first is None else first.old_value
    wanted = changes.filter(version=version).first()
    if wanted is None:
        raise VersionNotFound(key=key, version=version)
    return wanted.new_value


def setting_shown(key: str) -> dict[str, Any]:
    """Return a setting with its bounds; raises UnknownSetting."""
    declared = settings.RUNTIME_SETTINGS.get(key)
    if declared is None:
        raise UnknownSetting(key=key)
    return {
        "key": key,
        "value": runtime.get(key),
        "default": declared.default,
        "type": type(declared.default).__name__,
        "help": declared.help,
        "group": declared.group,
        "minimum": declared.minimum,
        "maximum": declared.maximum,
        "choices": list(declared.choices),
    }


def setting_versions(key: str) -> list[ConfigVersion]:
    """Return the versions of a setting, newest first; raises UnknownSetting."""
    if key not in settings.RUNTIME_SETTINGS:
        raise UnknownSetting(key=key)
    return list(ConfigVersion.objects.filter(key=key).select_related("changed_by").order_by("-version")[:200])
