"""Values of a model's reply brought to the types of the schema, where they can mean only one thing.

Models write 18 where a text is asked for, "0.8" for a number, null for an empty list, "Medium" or "Multiple choice" for
one of several words. What could mean two things is left as it is, for the validation to refuse.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

Schema = Mapping[str, Any]

_SYNONYMS_FILE = Path(__file__).with_name("data") / "reply_words.txt"
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")
_TRUE, _FALSE = frozenset({"true", "yes"}), frozenset({"false", "no"})


def fitted(value: Any, schema: Schema) -> Any:
    """Return ``value`` (parsed JSON) fitted to a JSON Schema as Pydantic writes it; never raises."""
    return _fit(value, schema, schema.get("$defs", {}))


def _fit(value: Any, schema: Schema, definitions: Schema) -> Any:
    if "$ref" in schema:
        schema = definitions.get(str(schema["$ref"]).rpartition("/")[2], {})
    if "enum" in schema or "const" in schema:
        return _one_of(value, schema.get("enum") or [schema["const"]])
    kind = schema.get("type")
    if kind == "array":
        return _list(value, schema, definitions)
    if kind == "object":
        return _object(value, schema, definitions)
    fit = _SCALARS.get(str(kind))
    return value if fit is None else fit(value, schema)


def _list(value: Any, schema: Schema, definitions: Schema) -> Any:
    if value is None:
        return []
    if not isinstance(value, list):  # a single item where a list is asked for
        value = [value]
    return [_fit(item, schema.get("items", {}), definitions) for item in value]


def _object(value: Any, schema: Schema, definitions: Schema) -> Any:
    properties: Schema = schema.get("properties", {})
    if isinstance(value, list) and len(properties) == 1:  # the list itself, where an object holding it is asked for
        value = {next(iter(properties)): value}
    if not isinstance(value, dict):
        return value
    required = set(schema.get("required", ()))
    return {
        name: _fit(item, properties.get(name, {}), definitions)
        for name, item in value.items()
        if item is not None or name in required
    }


def _text(value: Any, schema: Schema) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) and value.is_integer() else str(value)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return " ".join(value)
    return "" if value is None else value


def _number(value: Any, schema: Schema) -> Any:
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = float(value)
    if schema.get("type") == "integer" and isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _truth(value: Any, schema: Schema) -> Any:
    word = value.strip().casefold() if isinstance(value, str) else value
    if word in _TRUE or (word == 1 and not isinstance(word, bool)):
        return True
    return False if word in _FALSE or (word == 0 and not isinstance(word, bool)) else value


_SCALARS: dict[str, Callable[[Any, Schema], Any]] = {
    "string": _text, "number": _number, "integer": _number, "boolean": _truth,
}  # fmt: skip


def _one_of(value: Any, allowed: list[Any]) -> Any:
    if value in allowed or not isinstance(value, str):
        return value
    word = _plain(value)
    by_word = {_plain(str(item)): item for item in allowed}
    return by_word.get(word, by_word.get(_synonyms().get(word, word), value))


def _plain(word: str) -> str:
    return re.sub(r"[\W_]+", "", word).casefold()


@lru_cache(maxsize=1)
def _synonyms() -> dict[str, str]:
    """Return what models write → what is asked for, both without spaces, signs and capitals."""
    found: dict[str, str] = {}
    for line in _SYNONYMS_FILE.read_text(encoding="utf-8").splitlines():
        meant, separator, written = line.partition(":")
        if separator and not line.startswith("#"):
            found |= {_plain(word): _plain(meant) for word in written.split(",")}
    return found
