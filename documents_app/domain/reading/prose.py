"""What in a document's text is running prose, and what is furniture around it.

Captions, credits, references, contents lines, code, table rows and page numbers are recognised by their
shape, so that nothing built on the sentences of a section has to look out for them again.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from operator import itemgetter

from tutor_project.language import Language, either, pattern_of_all, words_of_all
from tutor_project.language import language as language_of_tag
from tutor_project.language.lines import short_lines

Span = tuple[int, int]

_FENCE = re.compile(r"^[ \t]*(```+|~~~+)[^\n]*\n.*?(?:^[ \t]*\1[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_LABELLED = (
    rf"[*_(\[]*(?:{either(words_of_all('caption_labels'))})"
    r"(?:\s*\d+|\s+(?-i:[A-Z]|[IVXL]+))(?:[.\-–:]\s?\d+)*(?-i:[a-z])?\b[)\]]*"
)
_CAPTION = re.compile(
    rf"\s*(?:\(ref:[\w\-]+\)|!\[|{_LABELLED}(?!\s+(?:{either(words_of_all('caption_verbs'))})\b))", re.IGNORECASE
)
# Captions that lost their number: a block that opens with a picture word and no verb, or a verbless title over picture talk.
_PICTURE = pattern_of_all("picture_patterns")
_PICTURE_TALK = re.compile(
    rf"{pattern_of_all('picture_talk_patterns').pattern}|(?:^|\s)\(?[A-Da-d]\)\s?[A-Z(]", re.IGNORECASE
)
_FINITE = re.compile(rf"\b(?:{either(words_of_all('sure_verbs'))})\b", re.IGNORECASE)
_CREDIT = re.compile(rf"\s*[\[(*_]*(?:©|{pattern_of_all('credit_patterns').pattern})", re.IGNORECASE)
LONGEST_LINE = 400
"""No entry of a table of contents, page number or line of code is longer."""
_CONTENTS_LINE = re.compile(r"^[^\n]*(?:\.\s?){4,}\s*(?:\d+|[ivxlc]+)[ \t]*$", re.MULTILINE)
_NUMBER_LINE = re.compile(
    rf"^[ \t]*(?:(?:{either(words_of_all('page_words'))})\s*)?[-–—|]?\s*(?:\d{{1,4}}|[ivxlc]{{1,7}})"
    rf"(?:\s*(?:/|{either(words_of_all('page_total_words'))})\s*\d+)?\s*[-–—|]?[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
_TABLE_LINE = re.compile(
    r"^[ \t]*\|[^\n]*\|[ \t]*$|^[^\n\t]*\t[^\n]*\t[^\n]*$|^[^\n|]*\|[^\n|]*\|[^\n]*$", re.MULTILINE
)
_CODE_LINE = re.compile(
    r"^[^\n]*(?:[{};]|\w\(\)|=>|::\w+\(|\b(?:def|import|return|var|const|echo=)\b[^\n]*[=(:])[ \t]*$|"
    r"^[ \t]*(?:[$>]{1,3}|In \[\d+\]:|#include|<\?|</?\w+[^>\n]*>[ \t]*$)[^\n]*$",
    re.MULTILINE,
)
_BLOCK = re.compile(r"\S(?:(?!\n[ \t\r]*\n|\f).)*", re.DOTALL)
_REFERENCE = re.compile(
    r"(?:^\[?\d{1,3}[\].]?\s*[A-Z][\w'’\-]+,?\s+(?:[A-Z]\.\s?)+)|(?:^[A-Z][\w'’\-]+,\s+(?:[A-Z]\.[\s,\-]*){1,3}(?:\(|,|&|and\b))|"
    r"[\w.]+@[\w\-]+\.\w+|\bdoi:|https?://\S{20}|\bISBN\b|\bISSN\b|"
    rf"(?i:{pattern_of_all('reference_patterns').pattern})|\bpp?\.\s?\d+\s?[-–]\s?\d+|\b\d{{1,4}}\(\d{{1,3}}\):\s?\d+"
)
_TERMINAL = re.compile(r"[.!?…。！？｡۔।॥؟][\"'”’»›)\]}」』）*_]*(?:\[\d+(?:[,\-–]\s?\d+)*\])*[\"'”’»)*_]*$")
_LETTER = re.compile(r"[^\W\d_]")
_SYMBOL = re.compile(r"[{}\[\]<>=;|\\$#@_~`^]")
_INLINE_MARKER = re.compile(r"[a-zà-ÿ)]\s+(?:\d{1,2}\.|[•▪◦*])\s+[A-Z]")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")


def is_back_matter(title: str, language: Language) -> bool:
    """Tell whether a heading opens contents, references, credits and the like."""
    return plain_title(title).lower() in _titles(language, "back_matter_titles")


def is_exercises(title: str, language: Language) -> bool:
    """Tell whether a heading opens exercises: a learner works on them, they explain nothing."""
    words = [word.text.lower() for word in language.words(title)]
    endings = _titles(language, "practice_titles")
    return any(" ".join(words[at:]) in endings for at in range(len(words)))


def is_vague(title: str, language: Language) -> bool:
    """Tell whether a heading names a part of any text rather than a topic."""
    vague = _titles(language, "vague_titles") | _titles(language, "part_titles")
    return all(
        word.text.lower() in vague or not word.text[0].isalpha() or _ROMAN.fullmatch(word.text)
        for word in language.content_words(title)
    )


def _titles(language: Language, name: str) -> frozenset[str]:
    """Return a list of titles in the language; course material of any language has English headings too."""
    return language.phrase_set(name) | language_of_tag("en").phrase_set(name)


_ROMAN = re.compile(r"[IVXLC]+")
_NUMBERING = re.compile(
    rf"^(?:(?:{either(words_of_all('division_names'))})\s+)?(?:\d+(?:\.\d+)*|[IVXL]+|[A-Z])[.):]?\s+(?=\S)",
    re.IGNORECASE,
)


def without_number(title: str) -> str:
    """Return a heading without its number."""
    stripped = title.strip()
    numbered = _NUMBERING.match(stripped)
    number = numbered[0].strip() if numbered else ""
    if numbered and (number[-1] in ".):" or number[0].isdigit() or " " in number):
        return stripped[numbered.end() :]
    return stripped


def plain_title(title: str) -> str:
    """Return a heading without its number; a heading in capitals in small letters, acronyms aside."""
    stripped = without_number(title)
    letters = [c for c in stripped if c.isalpha()]
    if len(letters) > 6 and all(map(str.isupper, letters)) and " " in stripped:
        stripped = stripped.capitalize()
    return stripped.rstrip(" .:")


def furniture(text: str) -> list[Span]:
    """Return the spans of ``text`` that no sentence of prose may touch, merged and in order."""
    spans: list[Span] = []
    if "```" in text or "~~~" in text:
        spans += [m.span() for m in _FENCE.finditer(text)]
    spans += [m.span() for m in _TABLE_LINE.finditer(text) if m.end() > m.start()]
    for start, line in short_lines(text, LONGEST_LINE):
        if line.strip() and any(pattern.match(line) for pattern in (_CONTENTS_LINE, _NUMBER_LINE, _CODE_LINE)):
            spans.append((start, start + len(line)))
    for block in _BLOCK.finditer(text):
        if _CREDIT.match(text, block.start()) or _CAPTION.match(text, block.start()) or _looks_like_caption(block[0]):
            spans.append(_caption_span(text, block))
    return merge_spans(spans)


def _looks_like_caption(block: str) -> bool:
    """Tell a caption without a number from prose by its opening: a title without a verb, then what can be seen."""
    if len(block) > 1500 or block[0].islower():
        return False
    first = re.split(r"(?<=[.!?])\s", block, maxsplit=1)[0]
    if _has_verb(first) or first.rstrip()[-1:] in ":,;":
        return False
    if len(block) <= 70 and first.rstrip() == block.rstrip() and re.match(r"(?:A|An|The|Some|Two)\s", block):
        return block.rstrip().endswith(".")
    if _PICTURE.match(first):
        return first.rstrip()[-1:] in '.)”"' or len(first) > 60
    return len(first.split()) <= 12 and first.rstrip().endswith(".") and bool(_PICTURE_TALK.search(block, len(first)))


_MAYBE_VERB = re.compile(rf"\b\w*[^s\W]\s+\w{{2,}}[^s\W]s\s+(?!(?:{either(words_of_all('never_after_verbs'))})\b)\w")
_NOT_SUBJECT = re.compile(rf"\b(?:{either(words_of_all('before_plurals'))})\s+\w+s\s", re.IGNORECASE)
_RELATIVE = re.compile(rf"\b(?:{either(words_of_all('relative_pronouns'))})\b")


def _has_verb(sentence: str) -> bool:
    """Tell whether a sentence has a finite verb, or a word that may be one ("growth follows four phases")."""
    clause: str = _RELATIVE.split(sentence)[0]
    if _FINITE.search(clause):
        return True
    found = _MAYBE_VERB.search(clause)
    return found is not None and not _NOT_SUBJECT.match(found[0])


def _caption_span(text: str, block: re.Match[str]) -> Span:
    """A caption is its block; in text without blank lines only the line it begins on is certain."""
    if len(block[0]) <= 1500:
        return block.span()
    line_end = text.find("\n", block.start(), block.end())
    return block.start(), line_end if line_end > 0 else block.end()


def merge_spans(spans: Iterable[Span]) -> list[Span]:
    """Return the union of half-open spans as disjoint spans in order."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif end > start:
            merged.append((start, end))
    return merged


def subtract_spans(start: int, end: int, holes: Sequence[Span]) -> list[Span]:
    """Return what is left of ``start:end`` outside the disjoint, ordered ``holes``."""
    pieces: list[Span] = []
    for at in range(bisect_right(holes, start, key=itemgetter(1)), len(holes)):
        hole_start, hole_end = holes[at]
        if hole_start >= end:
            break
        if hole_start > start:
            pieces.append((start, hole_start))
        start = max(start, hole_end)
    if start < end:
        pieces.append((start, end))
    return pieces


def is_prose(sentence: str, language: Language, *, listed: bool = False, notes: bool = False) -> bool:
    """Tell whether ``sentence`` (in reading form) is a whole sentence of running prose.

    ``listed`` says that it is a list item, which may lack its full stop; in ``notes`` it may lack its verb too.
    """
    if _WIDE.search(sentence):
        return len(sentence) >= 6 and bool(_TERMINAL.search(sentence))
    count = sentence.count(" ") + 1
    if not 4 <= count <= 90 or len(sentence) < 18:
        return False
    letters = len(_LETTER.findall(sentence))
    if letters < 0.55 * len(sentence) or len(_SYMBOL.findall(sentence)) > max(2, 0.04 * len(sentence)):
        return False
    if not _TERMINAL.search(sentence) and not (
        listed and count >= 5 and (notes or _names_an_auxiliary(sentence, language))
    ):
        return False
    return (notes and listed or _starts_well(sentence)) and not _is_furniture_sentence(sentence)


def _names_an_auxiliary(sentence: str, language: Language) -> bool:
    known = language.phrase_set("auxiliaries")
    return not known or any(word.text.lower() in known for word in language.words(sentence))


def _starts_well(sentence: str) -> bool:
    first = sentence.lstrip("\"'“‘„«‹([{¿¡*_–—- ")[:1]
    return bool(first) and (first.isupper() or first.isdigit() or not first.islower())


def _is_furniture_sentence(sentence: str) -> bool:
    return bool(
        _CAPTION.match(sentence)
        or _CREDIT.match(sentence)
        or _REFERENCE.search(sentence)
        or _INLINE_MARKER.search(sentence)
        or _mostly_capitals(sentence)
        or "\ufffd" in sentence
    )


def _mostly_capitals(sentence: str) -> bool:
    upper = sum(map(str.isupper, sentence))
    return upper > 0.6 * max(1, sum(map(str.isalpha, sentence)))
