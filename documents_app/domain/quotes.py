"""From a quotation back to the exact characters it came from.

A model (or a person) is shown text with line breaks, broken words and typographic characters evened out. What
it quotes is looked up in that same evened-out form; the way back to the stored offsets is kept for each
character, so a citation is always an exact slice of the stored text, and an invented quotation is never found. A quotation
in which a word was changed, left out or put in is aligned with the text: what is cited then is what really stands there.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from documents_app.domain.analysis.types import Section
from documents_app.domain.material import Citation, SourceDocument

MIN_QUOTE_CHARS = 12
MIN_ALIGNED_WORDS = 5
"""Words that a quotation needs to be aligned: of fewer too many sentences have most."""
ALIGNED = 0.8
"""Share of its words that must stand in the text, in their order and about as close together."""
_WORD = re.compile(r"\w+")

_UNEVEN = re.compile(
    r"(?P<broken>(?<=[^\W\d_])[-\u2010\u00ad]\n[ \t]*(?=[^\W\d_]))"
    r"|(?P<space>\s+)"
    r"|(?P<other>[\u00ad\u200b\u2060\ufeff\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u2010-\u2015\u2212\u2026\ufb00-\ufb06])"
)
_EVEN = {
    **dict.fromkeys("\u00ad\u200b\u2060\ufeff", ""),
    **dict.fromkeys("\u2018\u2019\u201a\u201b", "'"),
    **dict.fromkeys("\u201c\u201d\u201e", '"'),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    "\u2026": "...", "\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl",
    "\ufb05": "st", "\ufb06": "st",
}  # fmt: skip
_OUTSIDE = " \"'."


def even_out(text: str) -> str:
    """Return ``text`` on one line: white space single, words joined over line ends, quotes and dashes plain."""
    return _evened(text)[0].strip()


def _evened(text: str) -> tuple[str, list[int]]:
    """Return the evened-out text and, for each of its characters, the offset in ``text`` it stands for."""
    pieces: list[str] = []
    origins: list[int] = []
    position = 0
    for found in _UNEVEN.finditer(text):
        pieces.append(text[position : found.start()])
        origins.extend(range(position, found.start()))
        replacement = _replacement(found)
        pieces.append(replacement)
        origins.extend([found.start()] * len(replacement))
        position = found.end()
    pieces.append(text[position:])
    origins.extend(range(position, len(text)))
    return "".join(pieces), origins


def _replacement(found: re.Match[str]) -> str:
    if found["space"]:
        return " "
    if found["broken"]:
        return "" if found.string[found.end()].islower() else "-"
    return _EVEN[found["other"]]


def _nearest(text: str, quote: str) -> tuple[float, int, int] | None:
    """Return the stretch of an evened-out text that ``quote`` is a slip of: the share of its words there, start and end."""
    asked = [word.casefold() for word in _WORD.findall(even_out(quote))]
    if len(asked) < MIN_ALIGNED_WORDS:
        return None
    places = list(_WORD.finditer(text))
    words = [place[0].casefold() for place in places]
    whole = SequenceMatcher(None, words, asked, autojunk=False).find_longest_match()
    if not whole.size:
        return None
    slack = len(asked) // 5 + 1
    first = max(whole.a - whole.b - slack, 0)
    window = words[first : whole.a + len(asked) - whole.b + slack]
    blocks = [b for b in SequenceMatcher(None, window, asked, autojunk=False).get_matching_blocks() if b.size]
    share = sum(block.size for block in blocks) / len(asked)
    if share < ALIGNED:
        return None
    start, end = first + blocks[0].a, first + blocks[-1].a + blocks[-1].size - 1
    return share, places[start].start(), places[end].end()


def quoted(text: str, quote: str) -> str | None:
    """Return what really stands in ``text`` (evened out) where ``quote`` is taken from it, a slip in it forgiven; else None."""
    shown, wanted = even_out(text), even_out(quote).strip(_OUTSIDE)
    at = shown.lower().find(wanted.lower()) if wanted else -1
    if at >= 0:
        return shown[at : at + len(wanted)]
    near = _nearest(shown, wanted)
    return None if near is None else shown[near[1] : near[2]]


class QuotableText:
    """A stretch of a document as shown (``text``), in which quotations can be found again."""

    __slots__ = ("_document", "_origins", "_start", "text")

    def __init__(self, document: SourceDocument, char_start: int, char_end: int) -> None:
        self._document = document
        self._start = char_start
        self.text, self._origins = _evened(document.content.text[char_start:char_end])

    def find(self, quote: str) -> Citation | None:
        """Return the citation of ``quote``, or None when it does not stand here word for word.

        A quotation that is too short to prove anything, or that begins or ends inside a word, is not found.
        """
        wanted = even_out(quote).strip(_OUTSIDE)
        if len(wanted) < MIN_QUOTE_CHARS:
            return None
        at = self.text.find(wanted)
        while at >= 0:
            end = at + len(wanted)
            if not self._inside_word(at) and not self._inside_word(end):
                return self._cite(at, end)
            at = self.text.find(wanted, at + 1)
        return None

    def aligned(self, quote: str) -> tuple[float, Citation] | None:
        """Return the stretch that ``quote`` is a slip of, with the share of its words that stand there; None without one."""
        near = _nearest(self.text, quote)
        return None if near is None else (near[0], self._cite(near[1], near[2]))

    def _inside_word(self, border: int) -> bool:
        around = self.text[max(border - 1, 0) : border + 1]
        return len(around) == 2 and around.isalnum() and _is_spaced_script(around)

    def _cite(self, start: int, end: int) -> Citation:
        last = self._start + self._origins[end - 1]
        return self._document.cite(self._start + self._origins[start], last + 1)


def _is_spaced_script(text: str) -> bool:
    """Tell whether words of this script are set apart by spaces (CJK and kana are not)."""
    return not any("\u3040" <= char <= "\u30ff" or "\u3400" <= char <= "\u9fff" for char in text)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Part of a section as shown to a model under ``label``."""

    label: str
    section: Section
    document: SourceDocument
    shown: QuotableText


def touched_sentences(excerpt: Excerpt, citation: Citation) -> range:
    """Return the places, among the sentences of the section, of those that a citation touches."""
    sentences = excerpt.section.sentences
    first = bisect_right([sentence.char_end for sentence in sentences], citation.char_start)
    return range(first, max(first, bisect_left([sentence.char_start for sentence in sentences], citation.char_end)))


def whole_sentences(excerpt: Excerpt, citation: Citation) -> Citation:
    """Return the citation widened to the sentences of the section that it touches."""
    touched = touched_sentences(excerpt, citation)
    if not touched:
        return citation
    first, last = (excerpt.section.sentences[at] for at in (touched[0], touched[-1]))
    start = min(citation.char_start, first.char_start)
    return excerpt.document.cite(start, max(citation.char_end, last.char_end))


class Evidence:
    """Finds what a model quotes in the excerpts it was shown."""

    def __init__(self, excerpts: Sequence[Excerpt]) -> None:
        self.excerpts = tuple(excerpts)
        self._by_label = {excerpt.label: excerpt for excerpt in excerpts}

    def find(self, quote: str, label: str = "") -> tuple[Excerpt, Citation] | None:
        """Return where ``quote`` stands (whole sentences), looking under ``label`` first; None if nowhere.

        Where it stands nowhere word for word, the stretch is returned that it is most nearly.
        """
        named = self._by_label.get(label)
        ordered = [named, *self.excerpts] if named is not None else self.excerpts
        for excerpt in ordered:
            citation = excerpt.shown.find(quote)
            if citation is not None:
                return excerpt, whole_sentences(excerpt, citation)
        near = [(found, excerpt) for excerpt in ordered if (found := excerpt.shown.aligned(quote)) is not None]
        if not near:
            return None
        (_, citation), excerpt = max(near, key=lambda one: one[0][0])
        return excerpt, whole_sentences(excerpt, citation)
