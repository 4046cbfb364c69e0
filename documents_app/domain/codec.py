"""Values made of dataclasses as plain data and back, by their types alone: fields by position, so that it is small.

What was stored by types that are ``spelled`` otherwise cannot be read and has to be made anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

_SCALARS = (str, int, float, bool, NoneType)
Decode = Callable[[Any], Any]


def plain(value: Any) -> Any:
    """Return ``value`` as lists and scalars."""
    if is_dataclass(value) and not isinstance(value, type):
        return [plain(getattr(value, field.name)) for field in fields(value)]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return [[plain(key), plain(item)] for key, item in value.items()]
    if isinstance(value, frozenset | set):
        return sorted(map(plain, value))
    if isinstance(value, tuple | list):
        return list(map(plain, value))
    return value


@cache
def decoder(kind: Any) -> Decode:
    """Return what makes a value of the type ``kind`` from its plain form."""
    origin, arguments = get_origin(kind), get_args(kind)
    if kind in _SCALARS:
        return lambda data: data
    if is_dataclass(kind) and isinstance(kind, type):
        return _dataclass_decoder(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    if origin in (Union, UnionType):
        (inner,) = (decoder(each) for each in arguments if each is not NoneType)
        return lambda data: None if data is None else inner(data)
    return _container_decoder(kind, origin, arguments)


def _container_decoder(kind: Any, origin: Any, arguments: tuple[Any, ...]) -> Decode:
    """Return what makes a tuple, set or mapping from its plain form, each item by the decoder of its own type."""
    if origin is tuple and arguments[-1:] != (Ellipsis,):
        parts = tuple(map(decoder, arguments))
        return lambda data: tuple(part(item) for part, item in zip(parts, data, strict=True))
    if origin in (tuple, frozenset):
        item = decoder(arguments[0])
        made = tuple if origin is tuple else frozenset
        return lambda data: made(map(item, data))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        key, value = map(decoder, arguments)
        return lambda data: {key(one): value(other) for one, other in data}
    raise TypeError(f"{kind} has no stored form")


def _dataclass_decoder(kind: type[Any]) -> Decode:
    hints = get_type_hints(kind)
    parts = tuple(decoder(hints[field.name]) for field in fields(kind))
    return lambda data: kind(*[part(item) for part, item in zip(parts, data, strict=True)])


@cache
def spelled(kind: Any) -> str:
    """Return a type written out with the types of its fields: it changes with any field of any type in it."""
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        return f"{kind.__name__}({', '.join(f'{field.name}: {spelled(hints[field.name])}' for field in fields(kind))})"
    arguments = get_args(kind)
    name = getattr(get_origin(kind) or kind, "__name__", str(kind))
    return f"{name}[{', '.join(map(spelled, arguments))}]" if arguments else name
