"""Objects are read from a stream however the model wraps them, and a model that goes in a circle is left."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sessions_app.engine_model.streamed import MAX_SILENCE, ObjectReader

ONE: dict[str, Any] = {"text": 'A brace } and a "quote" inside.', "passage": "P1", "quote": "a { b"}
TWO = {"text": "Second.", "passage": "P2", "quote": ""}


def read(text: str, piece: int = 3) -> list[Any]:
    reader = ObjectReader()
    pieces = [text[at : at + piece] for at in range(0, len(text), piece)]
    return [json.loads(found) for part in pieces for found in reader.feed(part)]


@pytest.mark.parametrize(
    "text",
    [
        f"{json.dumps(ONE)}\n{json.dumps(TWO)}",
        f"{json.dumps(ONE)} {json.dumps(TWO)}",
        json.dumps([ONE, TWO], indent=2),
        "Sure:\n```json\n" + json.dumps({"declined": False, "sentences": [ONE, TWO]}, indent=1) + "\n```",
    ],
)
@pytest.mark.parametrize("piece", [1, 7, 10_000])
def test_objects_are_read_from_lines_lists_and_fences(text: str, piece: int) -> None:
    assert read(text, piece) == [ONE, TWO]


def test_what_is_cut_off_gives_its_whole_objects() -> None:
    assert read(json.dumps({"sentences": [ONE, TWO]})[:-20]) == [ONE]


def test_an_object_is_read_once_and_a_circle_ends_the_reading() -> None:
    reader = ObjectReader()
    assert len(list(reader.feed(json.dumps(ONE) + "\n" + json.dumps(ONE)))) == 1
    assert not reader.exhausted
    assert list(reader.feed("\n" + json.dumps(ONE))) == []
    assert reader.exhausted


def test_endless_prose_ends_the_reading() -> None:
    reader = ObjectReader()
    assert list(reader.feed("word " * MAX_SILENCE)) == []
    assert reader.exhausted
