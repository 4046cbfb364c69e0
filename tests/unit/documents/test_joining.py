"""The matter of several documents as one: everything that has a place has it in its own document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from documents_app.domain.material import SourceDocument
from documents_app.domain.matter.joining import join_matters
from documents_app.domain.matter.types import Span
from documents_app.engine.analysis import study_document
from documents_app.extraction.registry import extract
from tests.unit.documents.engine_material import embed

CHAPTER = """# Ice

A **glacier** is a large mass of ice that moves slowly over land. It carries debris with it because its base is rough.

There are three kinds of glacier:

- valley glaciers
- ice sheets
- ice caps

| Glacier | Where it lies | How it moves |
|---|---|---|
| valley glacier | between mountains | downhill |
| ice sheet | on a continent | to all sides |
| ice cap | on a plateau | to all sides |
"""


def spans(value: Any) -> Iterator[Span]:
    """Yield the spans that are anywhere in a value, beside those of the text itself."""
    if isinstance(value, Span):
        yield value
    elif isinstance(value, SourceDocument):
        return
    elif is_dataclass(value):
        for field in fields(value):
            yield from spans(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from spans(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from spans(one)


def test_each_place_is_moved_to_its_document() -> None:
    material = [SourceDocument(name, f"{name}.md", extract(CHAPTER.encode(), f"{name}.md")) for name in ("a", "b")]
    parts = [study_document(document, embed).matter for document in material]
    joined = join_matters(material, parts).matter
    assert joined.rows
    assert joined.listings
    for name in ("statements", "listings", "lines", "rows", "resolved"):
        own = getattr(parts[0].matter, name)
        found = getattr(joined, name)
        assert {span.document for one in found[: len(own)] for span in spans(one)} <= {0}, name
        assert {span.document for one in found[len(own) :] for span in spans(one)} <= {1}, name
