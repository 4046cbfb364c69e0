"""What was read of a material comes back as it was stored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

import pytest

from documents_app.domain.codec import decoder, plain, spelled
from documents_app.domain.material import DocumentText, PageSpan, SourceDocument
from documents_app.domain.study import pack_digest, pack_matter, unpack_digest, unpack_matter
from documents_app.engine.analysis import study_document
from documents_app.extraction.registry import extract
from tests.unit.documents.engine_material import embed


class Colour(Enum):
    RED = "red"


@dataclass(frozen=True)
class Inner:
    name: str
    share: float


@dataclass(frozen=True)
class Outer:
    items: tuple[Inner, ...]
    colours: Mapping[int, frozenset[str]]
    pair: tuple[str, int]
    colour: Colour
    maybe: Inner | None = None


VALUE = Outer((Inner("a", 0.5), Inner("ü", 1.0)), {1: frozenset({"x", "y"}), 2: frozenset()}, ("p", 3), Colour.RED)
TEXT = """# Cells

A cell is the smallest unit of life. The nucleus holds the genetic material of a cell. Cells divide by mitosis.

## Parts of a cell

The parts of a cell are:

1. Nucleus: the part that holds the genetic material
2. Membrane: the border that separates the cell from its surroundings
3. Cytoplasm: the fluid in which the other parts lie

However, plant cells also have a wall. Mitosis is the division of one cell into two equal cells.
"""


@pytest.mark.parametrize("value", [VALUE, Outer((), {}, ("", 0), Colour.RED, Inner("z", 0.0))])
def test_a_value_comes_back_as_it_was(value: Outer) -> None:
    assert decoder(Outer)(json.loads(json.dumps(plain(value)))) == value


def test_a_type_without_a_stored_form_is_named() -> None:
    with pytest.raises(TypeError, match="bytes"):
        decoder(tuple[bytes, ...])


def test_another_field_anywhere_is_another_spelling() -> None:
    @dataclass(frozen=True)
    class Holder:
        items: tuple[Inner, ...]

    assert "share: float" in spelled(Holder)
    assert spelled(tuple[Inner, ...]) != spelled(tuple[Outer, ...])


def material() -> list[SourceDocument]:
    texts = {"cells.md": TEXT, "shells.md": TEXT.replace("ell", "hell")}
    return [SourceDocument(name, name, extract(text.encode(), name)) for name, text in texts.items()]


def test_what_was_read_of_a_document_comes_back_as_it_was() -> None:
    source = material()[0]
    study = study_document(source, embed)
    assert study.matter.matter.listings
    assert study.matter.matter.terms
    assert unpack_matter(pack_matter(study.matter), source) == study.matter
    assert study.digest.concepts
    assert unpack_digest(pack_digest(study.digest)) == study.digest


def test_a_document_without_prose_has_a_stored_form_too() -> None:
    empty = SourceDocument("1", "empty.txt", DocumentText("", (PageSpan(1, 0, 0),)))
    study = study_document(empty, embed)
    assert unpack_matter(pack_matter(study.matter), empty) == study.matter
    assert unpack_digest(pack_digest(study.digest)) == study.digest
