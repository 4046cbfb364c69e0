"""Export and erasure of one person's data, as a port: each app registers what it holds.

Erasers run from the top layer down, inside one transaction of the erasure job; the account goes last.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Any
from uuid import UUID

from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.serializers.json import DjangoJSONEncoder

PERSON_COLUMNS = ("user_id", "owner_id")

ExportedFile = tuple[str, Iterable[Any] | bytes]


@dataclass(frozen=True, slots=True)
class PersonalData:
    """What one app holds of people.

    ``export(user_id)`` yields ``(name, rows or bytes)``; ``erase(user_id)`` removes it and returns counts by name.
    ``layer`` orders erasure: higher layers first.
    """

    app: str
    layer: int
    export: Callable[[UUID], Iterator[ExportedFile]]
    erase: Callable[[UUID], dict[str, int]]


_registered: dict[str, PersonalData] = {}


def register_personal_data(data: PersonalData) -> None:
    """Add an app's part; called once at start-up."""
    _registered[data.app] = data


def person_export(*, user_id: UUID, target: IO[bytes]) -> list[str]:
    """Write the person's data as a zip of JSON-lines files and original uploads; returns the names inside."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in _ordered():
            for name, content in part.export(user_id):
                with archive.open(f"{part.app}/{name}", "w", force_zip64=True) as entry:
                    if isinstance(content, bytes):
                        entry.write(content)
                        continue
                    for row in content:
                        line = json.dumps(row, cls=_Encoder, ensure_ascii=False)
                        entry.write(line.encode() + b"\n")
        return archive.namelist()


def person_erase(*, user_id: UUID) -> dict[str, dict[str, int]]:
    """Remove everything of the person; returns what was removed, by app. Inside the caller's transaction."""
    return {part.app: part.erase(user_id) for part in _ordered()}


def person_scan(*, user_id: UUID) -> dict[str, int]:
    """Return how many rows still name the person, by ``table.column``: of every column that refers to an account."""
    account = get_user_model()
    found = {}
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            names_people = field.related_model is account or field.attname in PERSON_COLUMNS
            if not names_people and not (model is account and field.primary_key):
                continue
            if count := model._default_manager.filter(**{field.attname: user_id}).count():
                found[f"{model._meta.db_table}.{field.column}"] = count
    return found


def _ordered() -> list[PersonalData]:
    return sorted(_registered.values(), key=lambda part: -part.layer)


class _Encoder(DjangoJSONEncoder):
    """Also writes sets and memory views, which some columns hold."""

    def default(self, o: Any) -> Any:
        if isinstance(o, memoryview | bytes):
            return bytes(o).hex()
        if isinstance(o, set | frozenset):
            return sorted(o)
        return super().default(o)
