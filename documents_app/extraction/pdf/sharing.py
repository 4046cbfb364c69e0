"""Lets a second process read part of the pages of a PDF that takes long, so that both cores of a small machine work.

Pages are handed out through a pipe, a few at a time, to whoever is free. What the second process could not read (or
all of it, if it died) is read by the first one, so the result and every failure are those of one process alone.
"""

from __future__ import annotations

import marshal
import os
import signal
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, NoReturn

from documents_app.extraction import progress
from documents_app.extraction.lifetime import end_with_parent
from documents_app.extraction.pdf.figures import PageFigures, Region
from documents_app.extraction.pdf.lines import Line

_WORTH_SECONDS = 0.1
_MIN_SEEN = 4
_BLOCK = 2
_MAX_BLOCKS = 16_384  # so many tokens lie in a pipe without waiting for a reader
_TOKEN = struct.Struct("<H")
_AS_TUPLE = attrgetter(*(entry.name for entry in fields(Line)))
_REGION_AS_TUPLE = attrgetter(*(entry.name for entry in fields(Region)))


@dataclass(slots=True)
class PageLines:
    """The lines of one page in reading order, its height in points, and whether it could be loaded.

    ``blank`` is set where something is drawn but no text stands. ``notes`` are codes of what was left out, ``fields``
    the number of form fields.
    """

    lines: list[Line]
    height: float
    failed: bool = False
    blank: bool = False
    figures: PageFigures = field(default_factory=lambda: PageFigures([]))
    notes: list[str] = field(default_factory=list)
    fields: int = 0


ReadPage = Callable[[int], PageLines]
Opened = Callable[[], AbstractContextManager[ReadPage]]


def read_pages(count: int, read: ReadPage, opened: Opened, *, readers: int) -> list[PageLines]:
    """Return all pages in order, read by this process and, if that is worth it and allowed, by a forked one.

    ``opened`` opens the same document for the other process. More than one of ``readers`` needs a process without
    threads. Pages without text are not reported as done: they may be read in another way. Raises what ``read`` raises.
    """
    pages: list[PageLines] = []
    blank = 0
    began = time.process_time()
    for index in range(count):
        if readers > 1 and index >= _MIN_SEEN:
            rest = (time.process_time() - began) / index * (count - index)
            if rest > _WORTH_SECONDS:
                shared = _read_shared(index, count, read, opened, blank)
                return [*pages, *(shared[place] for place in range(index, count))]
        pages.append(read(index))
        blank += pages[-1].blank
        progress.report(index + 1 - blank, count)
    return pages


def _read_shared(first: int, count: int, read: ReadPage, opened: Opened, blank: int) -> dict[int, PageLines]:
    """Return the pages from ``first`` on; ``blank`` of those before have no text."""
    block = max(_BLOCK, -(-(count - first) // _MAX_BLOCKS))
    tokens = _filled_pipe((count - first + block - 1) // block)
    answer, reply = os.pipe()
    parent = os.getpid()
    helper = os.fork()
    if helper == 0:
        end_with_parent(parent)
        os.close(answer)
        _help(tokens, first, count, block, opened, reply)
    os.close(reply)
    try:
        found: dict[int, PageLines] = {}
        seen_blank = blank
        for index in _handed_out(tokens, first, count, block):
            found[index] = read(index)
            seen_blank += found[index].blank
            progress.report(index + 1 - seen_blank, count)
        with os.fdopen(answer, "rb", closefd=False) as pipe:
            found |= _unpack(pipe.read())
    finally:
        os.kill(helper, signal.SIGKILL)
        os.waitpid(helper, 0)
        os.close(answer)
        os.close(tokens)
    for index in range(first, count):
        if index not in found:
            found[index] = read(index)
    progress.report(count - blank - sum(page.blank for page in found.values()), count)
    return found


def _filled_pipe(count: int) -> int:
    """Return the reading end of a pipe that holds the numbers below ``count``."""
    reading, writing = os.pipe()
    os.write(writing, b"".join(map(_TOKEN.pack, range(count))))
    os.close(writing)
    return reading


def _handed_out(tokens: int, first: int, count: int, block: int) -> Iterator[int]:
    while token := os.read(tokens, _TOKEN.size):
        start = first + block * int(_TOKEN.unpack(token)[0])
        yield from range(start, min(start + block, count))


def _help(tokens: int, first: int, count: int, block: int, opened: Opened, reply: int) -> NoReturn:
    """Read pages in the forked process and answer with them; ends the process."""
    try:
        with opened() as read, progress.listening(None):
            found = {index: _pack(read(index)) for index in _handed_out(tokens, first, count, block)}
        with os.fdopen(reply, "wb") as pipe:
            pipe.write(marshal.dumps(found))
    finally:
        # No clean-up of the process it was forked from may run here; an answer that is missing says that it failed.
        os._exit(0)


def _pack(page: PageLines) -> tuple[Any, ...]:
    regions = [_REGION_AS_TUPLE(region) for region in page.figures.regions]
    return (
        [_AS_TUPLE(line) for line in page.lines],
        page.height,
        page.failed,
        page.blank,
        (regions, page.figures.oversized),
        [str(note) for note in page.notes],
        page.fields,
    )


def _unpack(data: bytes) -> dict[int, PageLines]:
    """Return the pages of an answer; none of one that was cut off.

    Both ends are the same program confined in the same way, so the format need not guard against the other.
    """
    try:
        found = marshal.loads(data)  # noqa: S302
        return {
            index: PageLines(
                [Line(*line) for line in lines],
                height,
                failed,
                blank,
                PageFigures([Region(*region) for region in regions], oversized),
                notes,
                form_fields,
            )
            for index, (lines, height, failed, blank, (regions, oversized), notes, form_fields) in found.items()
        }
    except (EOFError, ValueError, TypeError):
        return {}
