"""A message as events: its words, its citations, and where in it a lost stream goes on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tutor_project.common.api.sse import StreamEvent


@dataclass(slots=True)
class Sending:
    """A message under way. The id of an event is ``<message>:<characters sent>``, so a stream resumes at the exact place."""

    message_id: Any
    sent: int = 0

    def token(self, text: str) -> StreamEvent:
        """Return the next piece of the text."""
        self.sent += len(text)
        return StreamEvent("token", {"text": text}, self._place)

    def words(self, text: str) -> Iterator[StreamEvent]:
        """Yield what is left of the whole ``text``, word by word."""
        for word in re.finditer(r"\S+\s*|^\s+", text[self.sent :]):
            yield self.token(word.group())

    def citation(self, cited: dict[str, Any]) -> StreamEvent:
        """Return a citation of what was sent so far."""
        return StreamEvent("citation", cited, self._place)

    def done(self, shown: dict[str, Any]) -> StreamEvent:
        """Return the end: the whole message as it is shown in one piece."""
        return StreamEvent("done", shown, self._place)

    @property
    def _place(self) -> str:
        return f"{self.message_id}:{self.sent}"
