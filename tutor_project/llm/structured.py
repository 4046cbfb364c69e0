"""From what a model wrote to a validated object: tolerant about form, strict about content.

Accepted around the JSON: a code fence, prose before and after, reasoning tags, trailing commas, raw line breaks inside
strings. Accepted in it: a value of another type that can mean only one thing (18 for "18", null for nothing, "Medium"
for medium). Of a list that was cut off, or has unusable items, the usable items are kept. Not accepted: missing fields,
duplicate keys, NaN.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from pydantic import BaseModel, ValidationError

from tutor_project.common.text import sanitize
from tutor_project.llm.errors import LLMInvalidOutput, LLMRefused
from tutor_project.llm.fitting import fitted
from tutor_project.llm.types import ChatReply, ReplyT

MAX_REPLY_CHARS = 300_000
_EMPTY = "The reply was empty: all of it was thinking. Think briefly, then reply."
_INCOMPLETE = "The JSON is not complete: it ends before its last bracket."
_MAX_CANDIDATES = 8
_MAX_REPORTED_PROBLEMS = 6

_REASONING = re.compile(r"\s*<(think|thinking|reasoning|reflection|analysis)>.*?</\1>", re.DOTALL | re.IGNORECASE)
_REASONING_OPEN = re.compile(r"\s*<(think|thinking|reasoning|reflection|analysis)>", re.IGNORECASE)
_REASONING_CLOSE = re.compile(
    r"^[^{\[]*?</(?:think|thinking|reasoning|reflection|analysis)>", re.DOTALL | re.IGNORECASE
)
_REFUSAL = re.compile(
    r"\s*(?:i['\u2019]?m sorry|sorry[,. ]|i (?:cannot|can['\u2019]?t|can not|won['\u2019]?t|am unable|am not able)\b"
    r"|i['\u2019]m (?:unable|not able)\b|as an ai\b|unfortunately,? i\b)",
    re.IGNORECASE,
)
# A string is one token, so brackets inside it do not count; one that never closes swallows the rest.
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*+"?|[{}\[\]]', re.DOTALL)
_STRING_OR_BRACKET_OR_COMMA = re.compile(r'"(?:[^"\\]|\\.)*+"?|[{}\[\],]', re.DOTALL)
_SALVAGE_DEPTH = 2
"""How deep the lists lie whose whole items are kept: ``{"questions": [ … ]}``."""
_OPENERS = {"{": "}", "[": "]"}


class _NotJSON(ValueError):
    """The candidate is not acceptable JSON; the message is fit for the model."""


def strip_reasoning(text: str) -> str:
    """Return ``text`` without leading reasoning blocks; empty when the reasoning never ended."""
    while match := _REASONING.match(text):
        text = text[match.end() :]
    if close := _REASONING_CLOSE.match(text):
        return text[close.end() :]
    return "" if _REASONING_OPEN.match(text) else text


def parse_chat_reply(reply: ChatReply, schema: type[ReplyT]) -> ReplyT:
    """Return the validated object of a provider's reply.

    Raises ``LLMRefused`` for a refusal and ``LLMInvalidOutput`` (with the problem in words for the model)
    for everything else that cannot be used.
    """
    if reply.refusal or reply.finish_reason == "content_filter":
        raise LLMRefused(reply=reply.refusal or reply.text)
    try:
        return parse_text(reply.text, schema)
    except LLMInvalidOutput as failure:
        if reply.finish_reason != "length":
            raise
        cut = failure
    said = strip_reasoning(cut.reply).strip()
    problem = "The reply was cut off at its length limit. Give a shorter one." if said else _EMPTY
    raise LLMInvalidOutput(problem, reply=cut.reply)


def parse_text(text: str, schema: type[ReplyT]) -> ReplyT:
    """Return the last JSON value in ``text`` that fits ``schema``; raises as ``parse_chat_reply``.

    A value that only fits after unusable list items are left out counts less than one that fits as it is.
    """
    if len(text) > MAX_REPLY_CHARS:
        raise LLMInvalidOutput("The reply is far too long.", reply=text[:1000])
    body = strip_reasoning(text.lstrip("\ufeff")).strip()
    if not body:
        raise LLMInvalidOutput(_EMPTY if text.strip() else "The reply was empty.", reply=text)
    found, problem = _last_that_fits(body, schema)
    if found is not None:
        return found
    if not problem and _REFUSAL.match(body):
        raise LLMRefused(reply=text)
    raise LLMInvalidOutput(problem or "There is no JSON object in the reply.", reply=text)


def _last_that_fits(body: str, schema: type[ReplyT]) -> tuple[ReplyT | None, str]:
    """Return the value to use, and what is wrong with the longest one that cannot be used ("" where there is none)."""
    problem = ""
    whole: ReplyT | None = None
    salvaged: ReplyT | None = None
    longest = -1
    for candidate, complete in _candidates(body):
        try:
            value = _loads(candidate if complete else _closed(candidate))
            found, fault = _validated(value, schema)
            if complete and fault is None:
                whole = found
            elif not _is_hollow(found):
                salvaged = salvaged or found
            else:
                raise fault or _NotJSON(_INCOMPLETE)
        except (_NotJSON, ValidationError) as failure:
            if len(candidate) > longest:
                longest, problem = len(candidate), _in_words(failure) if complete else _INCOMPLETE
    return (whole if whole is not None else salvaged), problem


def _is_hollow(value: BaseModel) -> bool:
    """Say whether nothing is left of a salvaged reply: all its lists are empty, or it has none."""
    lists = [item for item in dict(value).values() if isinstance(item, (list, tuple))]
    return not any(lists)


def schema_instructions(schema: type[BaseModel]) -> str:
    """Return the sentences that ask for JSON of this schema (they go to the system prompt)."""
    rendered = json.dumps(schema.model_json_schema(), ensure_ascii=False, separators=(",", ":"))
    return (
        "Reply with one JSON object and nothing else: no code fence, no explanation before or after it. "
        f"It has to fit this JSON Schema: {rendered}"
    )


def _candidates(text: str) -> Iterator[tuple[str, bool]]:
    """Yield (value text, is complete) for each outermost JSON-looking value, at most ``_MAX_CANDIDATES``."""
    position, found = 0, 0
    while found < _MAX_CANDIDATES:
        start = _next_opener(text, position)
        if start < 0:
            return
        end = _end_of_value(text, start)
        found += 1
        yield text[start : end if end > 0 else len(text)], end > 0
        # A value that never closes may be prose with a stray bracket: look again behind the bracket.
        position = end if end > 0 else start + 1


def _next_opener(text: str, position: int) -> int:
    found = [index for opener in _OPENERS if (index := text.find(opener, position)) >= 0]
    return min(found, default=-1)


def _end_of_value(text: str, start: int) -> int:
    """Return the index behind the value that opens at ``start``, or -1 if it does not close."""
    expected: list[str] = []
    for token in _STRING_OR_BRACKET.finditer(text, start):
        bracket = token.group() if token.end() - token.start() == 1 else ""
        if bracket in _OPENERS:
            expected.append(_OPENERS[bracket])
        elif bracket in ("}", "]"):
            if not expected or expected.pop() != bracket:
                return -1
            if not expected:
                return token.end()
    return -1


def _closed(text: str) -> str:
    """Return JSON that was cut off, ended behind its last whole item of the outermost list or object.

    Raises ``_NotJSON`` when there is no whole item.
    """
    expected: list[str] = []
    end, closers = -1, ""
    for token in _STRING_OR_BRACKET_OR_COMMA.finditer(text):
        mark = token.group()
        if mark in _OPENERS:
            expected.append(_OPENERS[mark])
        elif mark in ("}", "]"):
            if not expected or expected.pop() != mark:
                break
            if 0 < len(expected) <= _SALVAGE_DEPTH:
                end, closers = token.end(), "".join(reversed(expected))
        elif mark == "," and 0 < len(expected) <= _SALVAGE_DEPTH:
            end, closers = token.start(), "".join(reversed(expected))
    if end < 0:
        raise _NotJSON(_INCOMPLETE)
    return text[:end] + closers


def _loads(text: str) -> Any:
    try:
        return _strict_loads(text)
    except _NotJSON as failure:
        relaxed = _without_trailing_commas(text)
        if relaxed == text:
            raise failure
    return _strict_loads(relaxed)


def _strict_loads(text: str) -> Any:
    try:
        return json.loads(text, strict=False, parse_constant=_no_constant, object_pairs_hook=_unique_keys)
    except _NotJSON:
        raise
    except RecursionError:
        raise _NotJSON("The JSON is nested too deeply.") from None
    except ValueError as failure:
        raise _NotJSON(f"The JSON is malformed: {failure}.") from None


def _no_constant(name: str) -> NoReturn:
    raise _NotJSON(f"{name} is not a JSON number.")


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise _NotJSON("A key occurs twice in one object.")
    return result


def _without_trailing_commas(text: str) -> str:
    """Return ``text`` without commas that stand before a closing bracket, strings untouched."""
    kept: list[str] = []
    in_string = escaped = False
    for char in text:
        if in_string:
            in_string = escaped or char != '"'
            escaped = char == "\\" and not escaped
        elif char == '"':
            in_string = True
        elif char in "}]":
            tail = len(kept) - 1
            while tail >= 0 and kept[tail].isspace():
                tail -= 1
            if tail >= 0 and kept[tail] == ",":
                del kept[tail]
        kept.append(char)
    return "".join(kept)


def _validated(value: Any, schema: type[ReplyT]) -> tuple[ReplyT, ValidationError | None]:
    """Return the object, and why list items were left out of it, None when none was; raises ValidationError."""
    meant = fitted(_storable(value), schema.model_json_schema())
    fault: ValidationError | None = None
    while True:
        try:
            # JSON strict mode: arrays may fill tuples and strings may fill enums and dates, nothing else is bent.
            return schema.model_validate_json(json.dumps(meant), strict=True), fault
        except ValidationError as failure:
            unusable = _unusable_items(failure)
            if not unusable or not isinstance(meant, dict):
                raise
            fault = fault or failure
            for name, positions in unusable.items():
                meant[name] = [item for at, item in enumerate(meant[name]) if at not in positions]


def _unusable_items(failure: ValidationError) -> dict[str, set[int]]:
    """Return, by field, the items of lists that are at fault; empty when anything else is at fault too."""
    found: dict[str, set[int]] = {}
    for error in failure.errors(include_url=False, include_input=False, include_context=False):
        place = error["loc"]
        if len(place) < 2 or not isinstance(place[0], str) or not isinstance(place[1], int):
            return {}
        found.setdefault(place[0], set()).add(place[1])
    return found


def _storable(value: Any) -> Any:
    """Drop characters that cannot be stored or shown (NUL, other controls, lone surrogates) from all strings."""
    if isinstance(value, str):
        return sanitize(value)
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, Mapping):
        return {_storable(key): _storable(item) for key, item in value.items()}
    return value


def _in_words(failure: _NotJSON | ValidationError) -> str:
    if isinstance(failure, _NotJSON):
        return str(failure)
    problems = [
        f"{'.'.join(str(part) for part in error['loc']) or 'the object'}: {error['msg']}"
        for error in failure.errors(include_url=False, include_input=False, include_context=False)
    ]
    shown = "; ".join(problems[:_MAX_REPORTED_PROBLEMS])
    more = f"; and {len(problems) - _MAX_REPORTED_PROBLEMS} more" if len(problems) > _MAX_REPORTED_PROBLEMS else ""
    return f"The JSON does not fit the schema: {shown}{more}."
