"""Cuts a document into passages for search: structure first, then sentences, to a size in tokens.

A chunk never crosses a section border, a running head or foot, and holds whole sentences where they fit.
Its text is an exact slice of the stored text. The same document always gives the same chunks.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from documents_app.domain.blocks import Block, BlockKind
from documents_app.domain.material import DocumentText, Heading
from tutor_project.language import language

split_sentences = language(None).sentences
"""As ``Language.sentences``, by the rules of all languages at once: documents are cut before their language is asked for."""

DEFAULT_TARGET_TOKENS = 250
HARD_LIMIT = 1.5
_OVERLAP_SHARE = 0.25
_SMALL_SHARE = 0.25
_BACK_OFF_SHARE = 0.5
_VERY_LONG = 200_000
_SHORTEST_MEAN_SENTENCE = 6
_WHOLE = frozenset({BlockKind.TABLE, BlockKind.CODE, BlockKind.FORMULA})
_STOPS = ".!?\u2026\u3002\uff01\uff1f"


@dataclass(frozen=True, slots=True)
class TextChunk:
    """A passage: ``text`` equals ``document.text[char_start:char_end]``; pages are 1-based and inclusive."""

    ordinal: int
    char_start: int
    char_end: int
    page_start: int
    page_end: int
    heading_path: tuple[str, ...]
    text: str
    token_count: int


@dataclass(frozen=True, slots=True)
class _Unit:
    """A piece that is not cut any further; ``paragraph`` if a paragraph begins with it, ``fixed`` for what is no prose."""

    start: int
    end: int
    tokens: int
    paragraph: bool
    fixed: bool


def estimate_tokens(text: str) -> int:
    """Return about how many tokens a subword tokenizer makes of ``text``: a quarter of its UTF-8 bytes, at least 1.

    The byte count serves scripts whose characters are tokens of their own (CJK: three bytes a character).
    """
    return max(1, len(text.encode("utf-8", "replace")) // 4)


def chunk(
    document: DocumentText,
    *,
    target_tokens: int = DEFAULT_TARGET_TOKENS,
    overlap_sentences: int = 1,
    count_tokens: Callable[[str], int] = estimate_tokens,
) -> list[TextChunk]:
    """Return the chunks of ``document`` in order; none for a document without text.

    Chunks aim at ``target_tokens`` and stay below ``HARD_LIMIT`` times it (for a counter that is additive up to
    rounding). Neighbours in one section share up to ``overlap_sentences`` sentences. Every character that is
    neither white space nor furniture lies in at least one chunk; a table, a list or a piece of code is in one chunk
    where it fits. Of a document that is all furniture, furniture is chunked.
    """
    if target_tokens < 8:
        raise ValueError("target_tokens must be at least 8")
    cutter = _Cutter(document, target_tokens, overlap_sentences, count_tokens)
    chunks: list[TextChunk] = []
    for start, end, path in _sections(document):
        for units in cutter.groups(start, end):
            chunks.append(cutter.chunk(len(chunks), units, path))
    return chunks


def _sections(document: DocumentText) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Yield ``(start, end, heading path)``; a heading with nothing of its own goes with the section after it."""
    headings = sorted(document.headings, key=lambda heading: heading.char_start)
    end_of_text = len(document.text)
    stack: list[Heading] = []
    start = 0
    path: tuple[str, ...] = ()
    if not headings or headings[0].char_start > 0:
        yield 0, headings[0].char_start if headings else end_of_text, ()
        start = headings[0].char_start if headings else end_of_text
    for place, heading in enumerate(headings):
        while stack and stack[-1].level >= heading.level:
            stack.pop()
        stack.append(heading)
        path = tuple(entry.text for entry in stack)
        end = headings[place + 1].char_start if place + 1 < len(headings) else end_of_text
        bare = not document.text[heading.char_end : end].strip()
        following_is_deeper = place + 1 < len(headings) and headings[place + 1].level > heading.level
        if bare and following_is_deeper:
            continue
        yield start, end, path
        start = end


class _Cutter:
    def __init__(self, document: DocumentText, target: int, overlap: int, count_tokens: Callable[[str], int]) -> None:
        self._document = document
        self._text = document.text
        self._target = target
        self._overlap = overlap
        self._count = count_tokens
        only_furniture = all(block.kind is BlockKind.FURNITURE for block in document.blocks)
        self._skipped = () if only_furniture else document.furniture
        self._skip_ends = [b for _, b in self._skipped]
        self._kept = list(_kept_together(document.blocks))
        self._kept_ends = [b for _, b in self._kept]
        self._page_starts = [page.char_start for page in document.pages]
        self._heading_ends = sorted(heading.char_end for heading in document.headings)

    def chunk(self, ordinal: int, units: Sequence[_Unit], path: tuple[str, ...]) -> TextChunk:
        """Make the chunk that covers ``units``."""
        start, end = units[0].start, units[-1].end
        text = self._text[start:end]
        return TextChunk(ordinal, start, end, self._page(start), self._page(end - 1), path, text, self._count(text))

    def groups(self, start: int, end: int) -> Iterator[list[_Unit]]:
        """Yield the units of each chunk of a section, overlap included."""
        for part_start, part_end in _without(start, end, self._skipped, self._skip_ends):
            yield from self._pack(list(self._units(part_start, part_end)))

    def _page(self, offset: int) -> int:
        return self._document.pages[max(bisect_right(self._page_starts, offset) - 1, 0)].page

    def _units(self, start: int, end: int) -> Iterator[_Unit]:
        position = start
        for place in range(bisect_right(self._kept_ends, start), len(self._kept)):
            kept_start, kept_end = self._kept[place]
            if kept_start >= end:
                break
            yield from self._prose(position, max(kept_start, position))
            yield from self._lines(max(kept_start, position), min(kept_end, end))
            position = min(kept_end, end)
        yield from self._prose(position, end)

    def _prose(self, start: int, end: int) -> Iterator[_Unit]:
        text = self._text
        if _is_no_prose(text, start, end):
            yield from self._unit(start, end, fixed=False)
            return
        low, high = bisect_left(self._heading_ends, start), bisect_right(self._heading_ends, end)
        position = start
        for _, sentence_end in split_sentences(text, start, end, breaks=self._heading_ends[low:high]):
            yield from self._unit(position, sentence_end, fixed=False)
            position = sentence_end
        # What holds no letter or digit (a lone formula sign) is no sentence, yet part of the text.
        yield from self._unit(position, end, fixed=False)

    def _lines(self, start: int, end: int) -> Iterator[_Unit]:
        whole = list(self._unit(start, end, fixed=True))
        if len(whole) <= 1:
            yield from whole
            return
        position = start
        while position < end:
            line_end = self._text.find("\n", position, end)
            line_end = end if line_end < 0 else line_end
            yield from self._unit(position, line_end, fixed=True)
            position = line_end + 1

    def _unit(self, start: int, end: int, *, fixed: bool) -> Iterator[_Unit]:
        """Yield the stripped range as one unit, or as several cut between words if it is too long."""
        piece = self._text[start:end]
        left = piece.lstrip()
        if not left:
            return
        paragraph = "\n\n" in piece[: len(piece) - len(left)] or start == 0
        start += len(piece) - len(left)
        text = left.rstrip()
        end = start + len(text)
        tokens = self._count(text)
        if tokens <= self._target or (fixed and tokens <= HARD_LIMIT * self._target):
            yield _Unit(start, end, tokens, paragraph, fixed)
            return
        for cut_start, cut_end in self._cut(start, end, tokens):
            yield _Unit(cut_start, cut_end, self._count(self._text[cut_start:cut_end]), paragraph, fixed)
            paragraph = False

    def _cut(self, start: int, end: int, tokens: int) -> Iterator[tuple[int, int]]:
        """Cut a long stretch into pieces of at most the target, after white space where there is some."""
        size = max(1, (end - start) * self._target // (tokens + 1))
        position = start
        while position < end:
            stop = min(position + size, end)
            while stop - position > 1 and self._count(self._text[position:stop]) > self._target:
                stop = position + max(1, (stop - position) * 3 // 4)
            if stop < end and not self._text[stop].isspace():
                stop = _last_space(self._text, position, stop)
            piece = self._text[position:stop]
            if piece.strip():
                lead = len(piece) - len(piece.lstrip())
                yield position + lead, position + len(piece.rstrip())
            position = stop

    def _pack(self, units: list[_Unit]) -> Iterator[list[_Unit]]:
        first = 0
        total = len(units)
        while first < total:
            last, tokens = first, units[first].tokens
            while last + 1 < total and tokens + units[last + 1].tokens <= self._target:
                last += 1
                tokens += units[last].tokens
            last = self._rounded(units, first, last)
            tokens = sum(unit.tokens for unit in units[first : last + 1])
            rest = sum(unit.tokens for unit in units[last + 1 : last + 12])
            small = rest <= _SMALL_SHARE * self._target and tokens <= self._target
            if last + 11 >= total and small:
                last = total - 1
                tokens += rest
            yield units[self._with_overlap(units, first, tokens) : last + 1]
            first = last + 1

    def _rounded(self, units: list[_Unit], first: int, last: int) -> int:
        """Step back to the end of a paragraph if that leaves at least half a chunk."""
        if last + 1 >= len(units) or units[last + 1].paragraph:
            return last
        tokens = 0
        best = last
        for place in range(first, last + 1):
            if units[place].paragraph and place > first and tokens >= _BACK_OFF_SHARE * self._target:
                best = place - 1
            tokens += units[place].tokens
        return best

    def _with_overlap(self, units: list[_Unit], first: int, tokens: int) -> int:
        room = min(_OVERLAP_SHARE * self._target, HARD_LIMIT * self._target - tokens)
        place = first
        while place > 0 and first - place < self._overlap:
            unit = units[place - 1]
            room -= unit.tokens
            if room < 0 or unit.fixed:
                break
            place -= 1
        return place


def _kept_together(blocks: Sequence[Block]) -> Iterator[tuple[int, int]]:
    """Yield the ranges of tables, code, formulas and whole lists."""
    list_start = list_end = -1
    for block in blocks:
        if block.kind is BlockKind.LIST_ITEM:
            list_start = block.char_start if list_start < 0 else list_start
            list_end = block.char_end
            continue
        if list_start >= 0:
            yield list_start, list_end
            list_start = -1
        if block.kind in _WHOLE:
            yield block.char_start, block.char_end
    if list_start >= 0:
        yield list_start, list_end


def _without(
    start: int, end: int, skipped: Sequence[tuple[int, int]], ends: Sequence[int]
) -> Iterator[tuple[int, int]]:
    position = start
    for place in range(bisect_right(ends, start), len(skipped)):
        skip_start, skip_end = skipped[place]
        if skip_start >= end:
            break
        if skip_start > position:
            yield position, skip_start
        position = max(position, skip_end)
    if position < end:
        yield position, end


def _is_no_prose(text: str, start: int, end: int) -> bool:
    """Whether a very long stretch has a stop every few characters: millions of "sentences" would take a minute."""
    if end - start < _VERY_LONG:
        return False
    return sum(text.count(stop, start, end) for stop in _STOPS) * _SHORTEST_MEAN_SENTENCE > end - start


def _last_space(text: str, start: int, stop: int) -> int:
    """Return the offset just after the last white space in ``text[start:stop]``, or ``stop`` if there is none."""
    place = max(text.rfind(space, start + 1, stop) for space in " \n\t")
    return place + 1 if place > start + (stop - start) // 2 else stop
