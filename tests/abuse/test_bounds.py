"""Whatever a request holds is bounded where it is read, and so is every number an operator may set."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from documents_app.domain.errors import HostileArchive
from documents_app.extraction import archive as archive_module
from documents_app.extraction.limits import ExtractionLimits
from documents_app.extraction.sniff import sniff
from tutor_project.stack.layout import Stack

ROOT = Path(__file__).resolve().parents[2]
CONTRACT = yaml.safe_load((ROOT / "docs" / "openapi.yaml").read_text(encoding="utf-8"))
BOUNDED = {"maxLength", "enum", "const", "format"}
READ_IN_PIECES = {"files[].filename", "files[].content", "files[].mime_type", "files[].mimeType"}
"""Files of an upload: what is wrong with one is said of it, and the body as a whole has its limit."""
COMBINED = ("allOf", "oneOf", "anyOf")


def unbounded(schema: dict[str, Any], path: str = "") -> Iterator[str]:
    """Return the paths of the texts and lists of a body that may be of any length."""
    if "$ref" in schema:
        schema = CONTRACT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    kinds = schema.get("type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    for part in (part for name in COMBINED for part in schema.get(name, ())):
        yield from unbounded(part, path)
    if "string" in kinds and not BOUNDED & set(schema):
        yield path
    if "array" in kinds:
        if "maxItems" not in schema:
            yield path
        yield from unbounded(schema.get("items", {}), f"{path}[]")
    for name, part in schema.get("properties", {}).items():
        if not part.get("readOnly"):
            yield from unbounded(part, f"{path}.{name}" if path else name)


def test_every_text_and_list_of_every_body_has_a_limit() -> None:
    found, bodies = {}, 0
    for route, methods in CONTRACT["paths"].items():
        for method, described in methods.items():
            body = described.get("requestBody") if isinstance(described, dict) else None
            if body is None:
                continue
            bodies += 1
            for content in body["content"].values():
                if without := set(unbounded(content["schema"])) - READ_IN_PIECES:
                    found[f"{method} {route}"] = without
    assert bodies > 30
    assert found == {}


def test_every_number_that_may_be_set_has_bounds_and_a_default_within_them() -> None:
    numbers = {
        name: one
        for name, one in settings.RUNTIME_SETTINGS.items()
        if isinstance(one.default, (int, float)) and not isinstance(one.default, bool)
    }
    assert len(numbers) > 20
    for name, one in numbers.items():
        assert one.minimum is not None, name
        assert one.maximum is not None, name
        assert one.minimum <= one.default <= one.maximum, name


def test_the_web_lists_no_archive_without_end() -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(50_000):
            archive.writestr(f"word/media/{number:090d}.png", "")
    for look in (sniff, lambda source, name: archive_module.check(source, ExtractionLimits())):
        began = time.process_time()
        with pytest.raises(HostileArchive):
            look(packed.getvalue(), "chapter.docx")
        refused = time.process_time() - began
        began = time.process_time()
        zipfile.ZipFile(packed)
        assert refused < (time.process_time() - began) / 4


def test_the_web_speaks_no_protocol_with_larger_headers() -> None:
    web = next(program for program in Stack.configured().programs() if program.name == "web")
    assert "--http 1 --no-ws" in " ".join(web.command)
    assert "--http 1 --no-ws" in (ROOT / "docker" / "entrypoint.sh").read_text(encoding="utf-8")
