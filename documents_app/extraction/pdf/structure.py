"""Structure across the pages of a PDF: running heads and feet, page numbers, headings with levels."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from documents_app.extraction.pdf.lines import Line

_DIGITS = re.compile(r"\d+")
_ROMAN = re.compile(r"\b[ivxlc]{1,7}\b", re.IGNORECASE)
_LETTERS = re.compile(r"[^\W_]+")
_PAGE_NUMBER = re.compile(
    r"\W*(?:(?:page|seite|p\.|s\.|pagina|página|стр\.?|第)\s*)?(?:\d{1,4}|[ivxlc]{1,7})"
    r"(?:\s*(?:of|von|de|di|/|sur|из|页|頁)\s*\d{0,4})?\W*$",
    re.IGNORECASE,
)
_FIGURE_CAPTION = re.compile(
    r"(?:fig(?:ure|\.)?|abb(?:ildung|\.)?|figura|scheme|plate)\s*\d",
    re.IGNORECASE,
)
_CAPTION = re.compile(
    r"(?:fig(?:ure|\.)?|tab(?:le|elle|\.)?|abb(?:ildung|\.)?|listing|algorithm|figura|tabla|scheme|plate)\s*\d",
    re.IGNORECASE,
)
_CAPTION_SIGN = re.compile(r"[^\W\d_]+\.?\s*\d+(?:[.\-–]\d+)*[a-z]?\s*(?:\.(?!\d)|[:|–—)]|$)")
_NUMBERED = re.compile(
    r"(?:(?:chapter|kapitel|part|teil|section|appendix|lesson|unit)\s+)?(?:\d{1,3}|[A-Z])(?:\.\d{1,3})*\.?\s+\S",
    re.IGNORECASE,
)
_LEADER = re.compile(r"\.{4,}|(?:\. ){4,}|…{2,}")
_WIDE_SCRIPT = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_EDGE_LINES = 3
_MAX_LABEL = 120
_MIN_STAMPED_PAGES = 4
_MAX_BOILERPLATE_SHARE = 0.4
_LARGER = 1.12
_MAX_HEADING_CHARS = 160
_MAX_HEADING_SHARE = 0.25
_MAX_LEVELS = 6
_MAX_HEADING_LINES = 3
_MAX_CLOSED_HEADING = 60
HEADING_PITCH = 2.3

Style = tuple[float, bool]


@dataclass(frozen=True, slots=True)
class OutlineEntry:
    """A bookmark: its 1-based depth, title, and 0-based page (None if it points nowhere)."""

    level: int
    title: str
    page: int | None


@dataclass(frozen=True, slots=True)
class _Edge:
    """A line near the top or bottom of a page: its text without digits, and the numbers at its ends."""

    page: int
    line: Line
    shape: str
    numbers: tuple[int, ...]


def _length_of(lines: Sequence[Line]) -> int:
    return sum(len(line.text) for line in lines)


def mark_boilerplate(pages: Sequence[Sequence[Line]], heights: Sequence[float]) -> None:
    """Mark running heads, feet and page numbers: edge lines that stand at one height on many pages.

    A line counts if, digits aside, it repeats at that height, or if the number in it grows with the pages.
    """
    if len(pages) < 2:
        return
    _mark_stamps(pages)
    edges = [_edges(lines) for lines in pages]
    running = _running_lines(edges, heights)
    for edge in (edge for both in edges for edge in both.values()):
        # A running line has nothing but running lines between itself and the edge of the page.
        for line in takewhile(lambda line: id(line) in running or line.boilerplate, edge):
            line.boilerplate = True
    everything = [line for lines in pages for line in lines]
    marked = [line for line in everything if line.boilerplate]
    if _length_of(marked) > _MAX_BOILERPLATE_SHARE * _length_of(everything):
        # Pages that are all alike are the document, not its decoration.
        for line in marked:
            line.boilerplate = False


def _edges(lines: Sequence[Line]) -> dict[str, list[Line]]:
    """Return the outermost lines of a page by side, from the edge inwards."""
    ordered = sorted(lines, key=lambda line: line.top)
    return {"top": ordered[:_EDGE_LINES], "bottom": ordered[: -_EDGE_LINES - 1 : -1]}


def _running_lines(edges: Sequence[dict[str, list[Line]]], heights: Sequence[float]) -> set[int]:
    """Return the ids of edge lines that repeat, or count pages, at one height."""
    groups: dict[tuple[str, int], list[_Edge]] = defaultdict(list)
    for page, both in enumerate(edges):
        for side, lines in both.items():
            for line in lines:
                if not line.rows and len(line.text) <= _MAX_LABEL:
                    bucket = round(100 * line.top / max(heights[page], 1.0))
                    groups[side, bucket].append(_Edge(page, line, _shape(line.text), _numbers(line.text)))
    running: set[int] = set()
    for (side, bucket), members in list(groups.items()):
        near = members + groups.get((side, bucket + 1), []) + groups.get((side, bucket - 1), [])
        running.update(id(line) for line in _running(members, near, len(edges)))
    return running


def _mark_stamps(pages: Sequence[Sequence[Line]]) -> None:
    """Mark lines that stand word for word at one place on at least half of the pages, such as marginal stamps."""
    if len(pages) < _MIN_STAMPED_PAGES:
        return
    seen = Counter(key for lines in pages for key in {_place(line) for line in lines})
    stamped = {key for key, count in seen.items() if count >= max(_MIN_STAMPED_PAGES, 0.5 * len(pages))}
    if stamped:
        for lines in pages:
            for line in lines:
                if _place(line) in stamped and not line.rows and len(line.text) <= _MAX_LABEL:
                    line.boilerplate = True


def _place(line: Line) -> tuple[str, int, int]:
    return line.text, round(line.x0 / 4), round(line.top / 4)


def _running(members: Sequence[_Edge], near: Sequence[_Edge], page_count: int) -> Iterator[Line]:
    """Yield the lines of a group that repeat or count pages."""
    repeated = Counter(edge.shape for edge in near)
    needed = 2 if page_count <= 3 else max(3, min(8, page_count // 10))
    offsets = Counter(number - edge.page for edge in near for number in edge.numbers)
    common = {offset for offset, count in offsets.items() if count >= max(needed, 0.15 * len(near))}
    for edge in members:
        text = edge.line.text
        counted = any(number - edge.page in common for number in edge.numbers)
        if (repeated[edge.shape] >= needed and _is_label(text)) or (
            counted and (page_count > 3 or _PAGE_NUMBER.match(text))
        ):
            yield edge.line


def _is_label(text: str) -> bool:
    """Whether a repeated line is one that is made to repeat, not a sentence or a row of figures."""
    return bool(_LETTERS.search(_DIGITS.sub("", text))) or bool(_PAGE_NUMBER.match(text))


def _shape(text: str) -> str:
    return _ROMAN.sub("#", _DIGITS.sub("#", text)).casefold().strip()


def _numbers(text: str) -> tuple[int, ...]:
    """Numbers at the ends of a line, where page numbers stand."""
    words = text.split()
    found = {word.strip("[]()-–—.|·•") for word in (*words[:2], *words[-1:])}
    return tuple(int(word) for word in found if word.isascii() and word.isdigit() and len(word) <= 4)


def body_size(pages: Sequence[Sequence[Line]]) -> float:
    """Return the font size most characters are set in, to half a point."""
    weights: Counter[float] = Counter()
    for lines in pages:
        for line in lines:
            weights[round(2 * line.size) / 2] += len(line.text)
    return weights.most_common(1)[0][0] if weights else 0.0


def mark_headings(pages: Sequence[Sequence[Line]], outline: Sequence[OutlineEntry]) -> None:
    """Set ``level`` on heading lines, from bookmarks where they match and from size and weight elsewhere."""
    body = body_size(pages)
    known = _levels_by_style(_match_outline(pages, outline))
    styles: dict[Style, list[Line]] = defaultdict(list)
    body_is_bold = _mostly_bold(pages, body)
    total = 0
    for lines in pages:
        total += sum(len(line.text) for line in lines)
        for run in _heading_runs(lines, body, body_is_bold):
            styles[_style(run[0])].extend(run)
    kept = [
        style
        for style, members in styles.items()
        if sum(len(line.text) for line in members) <= max(_MAX_HEADING_SHARE * total, 200)
    ]
    rank = 0
    recurred = True
    for style in sorted(kept, key=lambda style: (-style[0], not style[1])):
        # A style used once, such as a part of a title page, does not take a level of its own.
        rank += recurred
        recurred = len(styles[style]) > 1 or rank == 1
        level = known.get(style, min(rank, _MAX_LEVELS))
        for line in styles[style]:
            line.level = line.level or level


def is_caption(text: str) -> bool:
    """Whether a line begins like the caption of a figure or table."""
    return _CAPTION.match(text) is not None


def is_figure_caption(text: str) -> bool:
    """Whether a line begins like the caption of a figure, and not of a table, a listing or an algorithm."""
    return _FIGURE_CAPTION.match(text) is not None


def has_caption_sign(text: str) -> bool:
    """Whether the number of a caption is followed by a sign or by nothing, as in no sentence about the figure."""
    return _CAPTION_SIGN.match(text) is not None


def _style(line: Line) -> Style:
    return round(2 * line.size) / 2, line.bold


def _mostly_bold(pages: Sequence[Sequence[Line]], body: float) -> bool:
    at_body = [line for lines in pages for line in lines if abs(line.size - body) <= 0.5 and 25 < len(line.text) <= 118]
    return len(at_body) > 8 and sum(line.bold for line in at_body) > 0.4 * len(at_body)


def _heading_runs(lines: Sequence[Line], body: float, body_is_bold: bool) -> Iterator[list[Line]]:
    """Yield headings of one line, or of up to three lines of one style directly below each other."""
    run: list[Line] = []
    for line in [*lines, None]:
        if run and line is not None and _continues(run[-1], line):
            run.append(line)
            continue
        if run and len(run) <= _MAX_HEADING_LINES and _ends_like_heading(run[-1], body):
            yield run
        begins = (
            line is not None
            and (line.blank_before or _NUMBERED.match(line.text))
            and _is_prominent(line, body, body_is_bold)
        )
        run = [line] if begins and line is not None else []


def _continues(last: Line, line: Line) -> bool:
    close = 0 < line.top - last.top < HEADING_PITCH * max(line.size, last.size)
    return close and line.bold == last.bold and abs(line.size - last.size) < 0.3 and not line.boilerplate


def _is_prominent(line: Line, body: float, body_is_bold: bool) -> bool:
    """Whether a line stands out like a heading: larger, or bold in a text that is not, short, with words."""
    text = line.text
    if line.boilerplate or line.rows or len(text) > _MAX_HEADING_CHARS or "\t" in text or _LEADER.search(text):
        return False
    larger = line.size >= _LARGER * body
    bold = line.bold and not body_is_bold and line.size >= 0.95 * body and not line.monospaced
    if not (larger or bold) or text[:1].islower() or is_caption(text):
        return False
    letters = sum(map(str.isalpha, text))
    return letters >= (2 if _WIDE_SCRIPT.search(text) else 3) and letters >= 0.5 * len(text.replace(" ", ""))


def _ends_like_heading(line: Line, body: float) -> bool:
    if line.text[-1] not in ".;,。，；、":
        return True
    return line.text[-1] == "." and line.size >= 1.3 * body and len(line.text) <= _MAX_CLOSED_HEADING


def _match_outline(pages: Sequence[Sequence[Line]], outline: Sequence[OutlineEntry]) -> list[Line]:
    """Give the lines that bookmarks point at their bookmark's level; return them."""
    matched: list[Line] = []
    for entry in outline:
        wanted = _letters(entry.title)
        if entry.page is None or not 0 <= entry.page < len(pages) or len(wanted) < 2:
            continue
        lines = pages[entry.page]
        for place in range(len(lines)):
            length = _lines_with(lines, place, wanted)
            if length:
                for line in lines[place : place + length]:
                    line.level = min(entry.level, _MAX_LEVELS)
                    line.boilerplate = False
                    matched.append(line)
                break
    return matched


def _lines_with(lines: Sequence[Line], place: int, wanted: str) -> int:
    """Return how many lines from ``place`` on make up the title ``wanted`` (0: none)."""
    if lines[place].boilerplate or lines[place].rows or lines[place].level:
        return 0
    text = ""
    for length in range(1, 4):
        if place + length > len(lines):
            return 0
        text += _letters(lines[place + length - 1].text)
        bare = text.lstrip("0123456789")
        if wanted in (text, bare) or text == wanted.lstrip("0123456789"):
            return length
        if not (wanted.startswith(text) or wanted.startswith(bare)) or not bare:
            return 0 if bare else 0 if length > 1 else _number_alone(lines, place, wanted)
    return 0


def _number_alone(lines: Sequence[Line], place: int, wanted: str) -> int:
    following = lines[place + 1 : place + 2]
    return 2 if following and _letters(following[0].text) == wanted else 0


def _letters(text: str) -> str:
    return "".join(_LETTERS.findall(text)).casefold()


def _levels_by_style(matched: Sequence[Line]) -> dict[Style, int]:
    votes: dict[Style, Counter[int]] = defaultdict(Counter)
    for line in matched:
        votes[_style(line)][line.level] += 1
    return {style: counts.most_common(1)[0][0] for style, counts in votes.items()}
