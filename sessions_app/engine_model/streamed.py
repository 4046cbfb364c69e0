"""What a model streams: JSON objects, one for each sentence.

They are asked for one a line, but models wrap them: in a list, in an object around it, in a code fence, over several
lines. What is read is every object that holds no other one, as soon as it is closed. A model that goes round in a circle,
or writes on without an object, is not listened to any longer.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field

from tutor_project.llm.gateway import Gateway
from tutor_project.llm.types import PromptCall, StreamDelta

MAX_REPEATED = 2
"""How often an object may come again before the model is taken to go round in a circle."""
MAX_SILENCE = 4000
"""Characters without a whole object after which nothing more is expected."""


async def json_objects(gateway: Gateway, call: PromptCall) -> AsyncGenerator[str, None]:
    """Yield each object of the reply as soon as it is whole; ends early, and ends the call, when no more is to come.

    Raises ``LLMError``.
    """
    reader = ObjectReader()
    async with aclosing(gateway.astream(call)) as items:
        async for item in items:
            if isinstance(item, StreamDelta):
                for found in reader.feed(item.text):
                    yield found
                if reader.exhausted:
                    return


@dataclass
class ObjectReader:
    """Finds the objects that hold no other object in text that arrives in pieces; linear in its length."""

    exhausted: bool = False
    _open: list[tuple[list[str], bool]] = field(default_factory=list)
    _in_string: bool = False
    _escaped: bool = False
    _silent: int = 0
    _seen: dict[str, int] = field(default_factory=dict)

    def feed(self, text: str) -> Iterator[str]:
        """Yield the objects that ``text`` completes."""
        for char in text:
            found = self._take(char)
            self._silent = 0 if found else self._silent + 1
            if found:
                self._seen[found] = self._seen.get(found, 0) + 1
                self.exhausted |= self._seen[found] > MAX_REPEATED
                if self._seen[found] == 1:
                    yield found
        self.exhausted |= self._silent > MAX_SILENCE

    def _take(self, char: str) -> str:
        """Take one character; the object that it closes, or an empty text."""
        if char == "{" and not self._in_string:
            self._open = [(letters, True) for letters, _ in self._open[-1:]]
            self._open.append(([], False))
        if not self._open:
            return ""
        letters, holds_another = self._open[-1]
        letters.append(char)
        if self._in_string:
            self._in_string = self._escaped or char != '"'
            self._escaped = char == "\\" and not self._escaped
        elif char == '"':
            self._in_string = True
        elif char == "}":
            self._open.pop()
            return "" if holds_another else "".join(letters)
        return ""
