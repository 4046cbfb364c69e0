"""The outline of course material: its sections in reading order, each with its sentences of prose.

Headings come from the extractor. Where a document has none, lines that look like headings are taken; where
there are none of those either, long text is cut into parts of about equal length named by their own words.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import log
from operator import itemgetter

from documents_app.domain.analysis.types import Section, Sentence
from documents_app.domain.material import DocumentText, Heading, Material, SourceDocument, language_of_text
from documents_app.domain.reading.form import reading_form
from documents_app.domain.reading.keyphrases import Stems, find_phrases
from documents_app.domain.reading.prose import (
    Span,
    furniture,
    is_back_matter,
    is_exercises,
    is_prose,
    is_vague,
    merge_spans,
    subtract_spans,
)
from tutor_project.language import Language, either, wording, words_of_all

_OPEN_ENDS = words_of_all("open_ends")
_PART_SENTENCES = 28
_LONG_WITHOUT_HEADINGS = 45
_TERMINAL_END = re.compile(r"[.!?…:;。！？][\"'”’»)\]]*\s*$")
_LIST_MARKER_BEFORE = re.compile(r"(?:^|\n)[ \t]*(?:[-*+•‣◦▪●○■–—·→⇒➔➢✓]|\(?(?:\d{1,3}|[a-zA-Z])[.)])[ \t]+$")
_LISTED_LINE = re.compile(r"^[ \t]*(?:[-*+•‣◦▪●○■–—·→⇒➔➢✓]|\(?\d{1,3}[.)])[ \t]+\S", re.MULTILINE)
_LINE = re.compile(r"^[^\S\n]*\S.*$", re.MULTILINE)
_MOSTLY = 0.5
"""A text with so large a share of its lines listed is notes or slides: its items need no full stop and no verb."""
# Lists that the layout ran together: "… cells 2. The cell is …", "… cell wall. * Inside the cell …".
_INNER_MARKER = re.compile(r"(?:[*•▪◦●‣]|\(?\d{1,2}[.)])\s+(?=[\"“'(]?[A-Z])")
_NEXT_MARKER = re.compile(r"(?<=[^\W\d_)\].])\s+(?:(?P<number>\d{1,2})\.|[*•▪◦●‣])\s*\Z")
_LIST_REACH = 1500
"""Characters in which the number before or after it must stand for a number at the end of a sentence to belong to a list."""
_NUMBERED = re.compile(r"^(\d{1,2}(?:\.\d{1,2}){0,3})\.?\s+[^\W\d_]")
_CHAPTER = re.compile(rf"^(?:{either(words_of_all('division_names'))})\s+(?:\d+|[ivxlc]+)\b", re.IGNORECASE)


_MANY_SECTIONS, _SHORT_SECTION, _PART_WORDS = 20, 60, 120
"""From so many sections on, with fewer words than this on average, neighbours are joined up to about so many words."""


def outline(material: Material) -> tuple[Section, ...]:
    """Return the sections of ``material`` in reading order, over all documents.

    Contents pages, references, credits and exercises are left out with everything under them; a heading directly
    followed by a deeper one keeps its place as a section without sentences. Offsets point into the stored text.
    """
    sections: list[Section] = []
    for index, document in enumerate(material):
        sections.extend(_document_sections(index, document))
    return tuple(replace(section, index=position) for position, section in enumerate(sections))


def _document_sections(index: int, document: SourceDocument) -> list[Section]:
    content = document.content
    tongue = language_of_text(content)
    notes = _is_notes(content.text)
    holes = _holes(content)
    headings = _usable_headings(content, holes) or _lines_like_headings(content.text, holes, notes)
    title = document_title(document)
    found = [
        _section(index, document, heading, end, path, holes, tongue, notes)
        for heading, end, path in _bodies(content.text, headings, title, tongue)
    ]
    parents = {section.path[:depth] for section in found if section.sentences for depth in range(1, len(section.path))}
    kept = [section for section in found if section.sentences or section.path in parents]
    if not any(section.path for section in kept):
        kept = [part for section in kept for part in _parts(section, content.text, tongue)]
    return _grouped(kept, tongue)


def _is_notes(text: str) -> bool:
    """Tell whether most lines of a text are items of lists, as in slides and notes."""
    lines = sum(1 for _ in _LINE.finditer(text))
    return lines > 0 and sum(1 for _ in _LISTED_LINE.finditer(text)) > _MOSTLY * lines


def _grouped(sections: list[Section], tongue: Language) -> list[Section]:
    """Join the neighbours of a long row of very short sections, as the slides of a deck are, into parts of some length."""
    taught = [section for section in sections if section.sentences]
    if len(taught) < _MANY_SECTIONS or sum(map(_words, taught)) > _SHORT_SECTION * len(taught):
        return sections
    groups: list[list[Section]] = []
    for section in taught:
        last = groups[-1] if groups else []
        if last and sum(map(_words, last)) < _PART_WORDS and last[-1].path[:-1] == section.path[:-1]:
            last.append(section)
        else:
            groups.append([section])
    return [_joined(group, tongue) for group in groups]


def _joined(group: Sequence[Section], tongue: Language) -> Section:
    every = list(dict.fromkeys(section.title for section in group))
    titles = [title for title in every if not is_vague(title, tongue)] or every
    title = titles[0] if len(titles) == 1 else f"{titles[0]} – {titles[-1]}"
    return replace(
        group[0],
        title=title,
        path=(*group[0].path[:-1], title) if group[0].path else (),
        char_end=group[-1].char_end,
        sentences=tuple(sentence for section in group for sentence in section.sentences),
    )


def _words(section: Section) -> int:
    return sum(sentence.text.count(" ") + 1 for sentence in section.sentences)


def _holes(content: DocumentText) -> list[Span]:
    spans = furniture(content.text)
    spans += [(table.char_start, table.char_end) for table in content.tables]
    spans += content.furniture
    return merge_spans(spans)


def document_title(document: SourceDocument) -> str:
    """Return the title a document states, else one made of its file name."""
    stated = str(document.content.metadata.get("title") or "").strip()
    if (
        3 <= len(stated) <= 120
        and " " in stated
        and not re.search(r"\.\w{2,4}$|untitled|microsoft word|powerpoint", stated, re.I)
    ):
        return stated
    stem = document.filename.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    return re.sub(r"[_\-]+", " ", stem).strip().capitalize() or document.filename


def _usable_headings(content: DocumentText, holes: Sequence[Span]) -> list[Heading]:
    headings = []
    for heading in sorted(content.headings, key=lambda item: item.char_start):
        title = reading_form(heading.text).strip("#*_ ")
        at = bisect_right(holes, heading.char_start, key=itemgetter(0)) - 1
        in_prose = at < 0 or holes[at][1] <= heading.char_start
        if in_prose and any(map(str.isalpha, title)) and len(title) <= 200:
            headings.append(replace(heading, text=title))
    return headings


def _lines_like_headings(text: str, holes: Sequence[Span], notes: bool) -> list[Heading]:
    """Headings by the look of their lines; the page is not known here and stays 0."""
    found: list[Heading] = []
    for start, end in subtract_spans(0, len(text), holes):
        for line in re.finditer(r"[^\n\r\f]+", text[start:end]):
            level = _heading_level(text, start + line.start(), start + line.end())
            if level and not (notes and _LISTED_LINE.match(line[0])):
                stripped = line[0].strip(" \t#*_")
                found.append(Heading(level, stripped, 0, start + line.start(), start + line.end()))
    return found


_NEAR = 2000
"""Characters around a line by which it is told whether it is a heading."""


def _heading_level(text: str, start: int, end: int) -> int:
    """Level of the line as a heading, 0 if it does not look like one."""
    line = text[start:end].strip()
    if not _may_be_heading(line):
        return 0
    if match := re.match(r"^(#{1,6})\s+\S", line):
        return len(match[1])
    if _CHAPTER.match(line):
        return 1
    before, after = text[max(0, start - _NEAR) : start].rstrip(" \t"), text[end : end + _NEAR].lstrip(" \t\r")
    apart = not before.strip() or before.endswith(("\n\n", "\n\r\n", "\f"))
    following = after.lstrip().split("\n", 1)[0]
    if not (apart or _TERMINAL_END.search(before[-4:])) or len(following) < 40 or not line[0].isalnum():
        return 0
    if numbered := _NUMBERED.match(line):
        return 1 + numbered[1].count(".")
    alone = apart and after.startswith(("\n\n", "\n\r\n"))
    return 2 if (alone and _reads_as_title(line)) or _is_in_capitals(line) else 0


def _may_be_heading(line: str) -> bool:
    """Tell whether a line is short, ends like no sentence and holds letters."""
    short = 3 <= len(line) <= 90 and len(line.split()) <= 12
    return short and not _TERMINAL_END.search(line) and any(map(str.isalpha, line))


def _reads_as_title(line: str) -> bool:
    """Tell whether a line is a few words, nearly all letters, that begin with a capital."""
    letters = sum(map(str.isalpha, line))
    return line[0].isupper() and len(line.split()) <= 10 and letters > 0.7 * len(line.replace(" ", ""))


def _is_in_capitals(line: str) -> bool:
    """Tell whether a line is two words or more in nothing but capitals."""
    letters = [c for c in line if c.isalpha()]
    return len(line.split()) >= 2 and len(letters) >= 6 and all(map(str.isupper, letters))


def _bodies(
    text: str, headings: Sequence[Heading], title: str, tongue: Language
) -> Iterator[tuple[Heading, int, tuple[str, ...]]]:
    """Yield (heading, end of its section, heading path), front matter first, without back matter."""
    first = headings[0].char_start if headings else len(text)
    yield Heading(1, title, 1, 0, 0), first, ()
    stack: list[Heading] = []
    skip_level = 0
    for position, heading in enumerate(headings):
        end = headings[position + 1].char_start if position + 1 < len(headings) else len(text)
        while stack and stack[-1].level >= heading.level:
            stack.pop()
        if skip_level and heading.level > skip_level:
            continue
        untaught = is_back_matter(heading.text, tongue) or is_exercises(heading.text, tongue)
        skip_level = heading.level if untaught else 0
        if skip_level:
            continue
        stack.append(heading)
        yield heading, end, tuple(item.text for item in stack)


def _section(
    index: int,
    document: SourceDocument,
    heading: Heading,
    end: int,
    path: tuple[str, ...],
    holes: Sequence[Span],
    tongue: Language,
    notes: bool,
) -> Section:
    sentences = tuple(_prose(index, document.content.text, heading.char_end, end, holes, tongue, notes))
    title = heading.text
    return Section(0, index, title, heading.level, path, heading.char_start, end, sentences)


def _prose(
    index: int, text: str, start: int, end: int, holes: Sequence[Span], tongue: Language, notes: bool
) -> Iterator[Sentence]:
    for piece_start, piece_end in subtract_spans(start, end, holes):
        for sentence_start, sentence_end in _rejoined(text, tongue.sentences(text, piece_start, piece_end)):
            sentence_start = _after_glued_title(text, sentence_start, sentence_end)
            marked = _INNER_MARKER.match(text, sentence_start, sentence_end)
            sentence_start = marked.end() if marked else sentence_start
            next_marker = _NEXT_MARKER.search(text, sentence_start, sentence_end)
            if next_marker and not _counts(text, next_marker, piece_start, piece_end):
                next_marker = None
            sentence_end = next_marker.start() if next_marker else sentence_end
            raw = text[sentence_start:sentence_end]
            if "\t" in raw:
                continue
            listed = bool(marked or next_marker) or bool(
                _LIST_MARKER_BEFORE.search(text, max(0, sentence_start - 12), sentence_start)
            )
            if is_prose(reading_form(raw), tongue, listed=listed, notes=notes):
                yield Sentence(index, sentence_start, sentence_end, raw)


def _counts(text: str, marker: re.Match[str], start: int, end: int) -> bool:
    """Tell whether a marker of a list is one: a bullet, or a number next to the one before or after it ("is below 1." is none)."""
    if marker["number"] is None:
        return True
    number, at = int(marker["number"]), marker.start()
    before = re.compile(rf"(?<!\S)\(?{number - 1}[.)]\s").search(text, max(start, at - _LIST_REACH), at)
    return bool(
        before or re.compile(rf"\s\(?{number + 1}[.)]\s").search(text, marker.end(), min(end, at + _LIST_REACH))
    )


def _after_glued_title(text: str, start: int, end: int) -> int:
    """Return where the sentence begins behind short lines that some layouts glue to it (a title nobody marked)."""
    while start == 0 or text[start - 1] in "\n\f":
        line_end = text.find("\n", start, end)
        next_end = text.find("\n", line_end + 1, end)
        if line_end < 0 or next_end < 0:
            return start
        line, following = text[start:line_end].rstrip(), text[line_end + 1 : next_end].strip()
        glued = len(line) < 0.6 * len(following) and following[:1].isupper() and line[-1:] not in ",;-–"
        if not glued or line.rsplit(" ", 1)[-1].islower() and line.rsplit(" ", 1)[-1] in _OPEN_ENDS:
            return start
        start = line_end + 1 + len(text[line_end + 1 : next_end]) - len(text[line_end + 1 : next_end].lstrip())
    return start


def _rejoined(text: str, spans: Sequence[Span]) -> Iterator[Span]:
    """Join a sentence that a page border cut in two: no stop before, a small letter after, only space between."""
    pending: Span | None = None
    for start, end in spans:
        open_end = pending and not _TERMINAL_END.search(text[pending[1] - 3 : pending[1]])
        if pending and open_end and text[start].islower() and not text[pending[1] : start].strip():
            pending = (pending[0], end)
            continue
        if pending:
            yield pending
        pending = (start, end)
    if pending:
        yield pending


def _parts(section: Section, text: str, tongue: Language) -> list[Section]:
    """Cut a long document without headings into parts at paragraph borders, named by their own words."""
    if len(section.sentences) <= _LONG_WITHOUT_HEADINGS:
        return [section]
    groups: list[list[Sentence]] = [[]]
    for sentence in section.sentences:
        last = groups[-1]
        at_border = bool(last) and bool(re.search(r"\n\s*\n|\f", text[last[-1].char_end : sentence.char_start]))
        if len(last) >= 2 * _PART_SENTENCES or (len(last) >= _PART_SENTENCES and at_border):
            groups.append([])
        groups[-1].append(sentence)
    if len(groups) > 1 and len(groups[-1]) < _PART_SENTENCES // 3:
        groups[-2].extend(groups.pop())
    titles = _characteristic_titles(groups, tongue)
    starts = [group[0].char_start for group in groups] + [section.char_end]
    return [
        replace(
            section,
            title=title,
            level=2,
            path=(title,),
            char_start=starts[i],
            char_end=starts[i + 1],
            sentences=tuple(group),
        )
        for i, (group, title) in enumerate(zip(groups, titles, strict=True))
    ]


def _characteristic_titles(groups: Sequence[Sequence[Sentence]], tongue: Language) -> list[str]:
    """Name each group by the phrase that sets it apart (tf · idf over the groups)."""
    texts = [reading_form(sentence.text) for group in groups for sentence in group]
    phrases = find_phrases(texts, tongue).by_stems
    owners = [number for number, group in enumerate(groups) for _ in group]
    counts: list[Counter[Stems]] = [Counter() for _ in groups]
    for phrase in phrases.values():
        for at in phrase.sentences:
            counts[owners[at]][phrase.stems] += 1
    spread = Counter(stems for count in counts for stems in count)
    part = wording(tongue, "lesson_phrases")["part"]
    titles = []
    for number, count in enumerate(counts, 1):
        ranked = sorted(
            (stems for stems in count if count[stems] >= 2),
            key=lambda s: (-count[s] * log(1 + len(groups) / spread[s]) * len(s) ** 0.5, s),
        )
        name = part.format(number=number)
        titles.append(f"{name}: {phrases[ranked[0]].name}" if ranked else name)
    return titles
