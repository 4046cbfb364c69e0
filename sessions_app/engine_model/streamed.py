"""What a model streams: JSON, one object a line."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing

from tutor_project.llm.gateway import Gateway
from tutor_project.llm.types import PromptCall, StreamDelta

_OBJECT = re.compile(r"\{.*\}")


async def json_lines(gateway: Gateway, call: PromptCall) -> AsyncGenerator[str, None]:
    """Yield the JSON object of each line as soon as the line is complete, the last one when the stream has ended.

    Lines without one are left out. Raises ``LLMError``.
    """
    rest = ""
    async with aclosing(gateway.astream(call)) as items:
        async for item in items:
            if isinstance(item, StreamDelta):
                *lines, rest = (rest + item.text).split("\n")
                for found in _objects(lines):
                    yield found
    for found in _objects([rest]):
        yield found


def _objects(lines: list[str]) -> Iterator[str]:
    return (found.group() for line in lines if (found := _OBJECT.search(line)))
