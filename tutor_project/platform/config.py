"""Runtime settings with versions (row E7): validated, audited, reversible."""

from __future__ import annotations

import math
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


@transaction.atomic
def setting_set(
    *, key: str, value: Any, user: Any, reason: str = "", expected_version: int | None = None
) -> ConfigVersion:
    """Change a setting and keep the change as a version; raises UnknownSetting, SettingInvalid or SettingChanged."""
    from constance.models import Constance

    value = setting_validated(key=key, value=value)
    lock_text("setting", key)
    present = ConfigVersion.objects.filter(key=key).order_by("-version").values_list("version", flat=True).first() or 0
    if expected_version is not None and expected_version != present:
        raise SettingChanged(key=key, present=present, expected=expected_version)
    runtime.invalidate()
    version = ConfigVersion.objects.create(
        key=key, version=present + 1, old_value=runtime.get(key), new_value=value, reason=reason, changed_by=user
    )
    Constance.objects.update_or_create(key=key, defaults={"value": runtime.encode(value)})
    runtime.invalidate()
    transaction.on_commit(runtime.invalidate)  # again: another thread may have read the old value meanwhile
    return version


def setting_rollback(*, key: str, version: int, user: Any, reason: str = "") -> ConfigVersion:
    """Set the value that ``version`` set; it is validated again. Raises VersionNotFound and what setting_set raises."""
    if key not in settings.RUNTIME_SETTINGS:
        raise UnknownSetting(key=key)
    wanted = ConfigVersion.objects.filter(key=key, version=version).first()
    if wanted is None:
        raise VersionNotFound(key=key, version=version)
    return setting_set(key=key, value=wanted.new_value, user=user, reason=reason or f"Rollback to version {version}.")


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
