"""The material as the verifier sees it: sentences, what they say in folded words, where words occur, other names."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from documents_app.domain.material import Citation, Material, language_of_material
from sessions_app.domain.questions.text import ENGLISH, STOP_WORDS, clean, content_roots, fold
from tutor_project.language import Language, language

_LAST_WORDS = re.compile(r"[\w'-]+")


@dataclass(frozen=True, slots=True)
class SourceSentence:
    """A sentence of the material: document, span, running text, and its content roots in order."""

    document: int
    char_start: int
    char_end: int
    text: str
    roots: tuple[str, ...]
    root_set: frozenset[str]


def checked_as(material: Material) -> Language:
    """Return the language by whose rules questions about a material are checked: English where its own is not known in full."""
    found = language_of_material(material)
    return found if found.is_full else ENGLISH


class SentenceStatistics:
    """Which words stand in which sentences of a material, as far as checks of questions count them.

    No search: passages for a question are found by ``documents_app.retrieval.passages`` alone. Built once and shared.

    ``spans`` are the sentences per document as half-open ranges (from an outline); without them the stored text is
    split here. Cost is linear in the text, about 30 ms for a chapter of 10,000 words.
    """

    def __init__(self, material: Material, spans: Sequence[tuple[int, int, int]] | None = None) -> None:
        self.material = material
        self._documents = {document.document_id: index for index, document in enumerate(material)}
        rows = list(spans) if spans is not None else self._split()
        self.sentences: list[SourceSentence] = []
        for document, start, end in rows:
            text = clean(material[document].content.text[start:end])
            roots = content_roots(text)
            self.sentences.append(SourceSentence(document, start, end, text, roots, frozenset(roots)))
        self._where: dict[str, list[int]] = defaultdict(list)
        for index, sentence in enumerate(self.sentences):
            for root in sentence.root_set:
                self._where[root].append(index)
        self._by_document: dict[int, list[int]] = defaultdict(list)
        for index, sentence in enumerate(self.sentences):
            self._by_document[sentence.document].append(index)

    def _split(self) -> list[tuple[int, int, int]]:
        return [
            (index, start, end)
            for index, document in enumerate(self.material)
            for start, end in language(None).sentences(document.content.text)
        ]

    @cached_property
    def tongue(self) -> Language:
        """The language by whose rules its questions are checked."""
        return checked_as(self.material)

    def idf(self, root: str) -> float:
        """Return ln((n + 1) / (df + ½)) over sentences, never below 0.1; words that never occur get the most."""
        return max(0.1, math.log((len(self.sentences) + 1) / (len(self._where.get(root, ())) + 0.5)))

    def knows(self, root: str) -> bool:
        """Return whether the root occurs anywhere in the material."""
        return root in self._where

    def is_exact(self, citation: Citation) -> bool:
        """Return whether the citation is a real span of a document of the material, text and pages included."""
        index = self._documents.get(citation.document_id)
        if index is None:
            return False
        content = self.material[index].content
        if not 0 <= citation.char_start < citation.char_end <= len(content.text):
            return False
        return (
            content.text[citation.char_start : citation.char_end] == citation.text
            and content.page_at(citation.char_start) == citation.page_start
            and content.page_at(citation.char_end - 1) == citation.page_end
        )

    def sentences_in(self, citation: Citation) -> list[int]:
        """Return the indexes of the sentences a citation touches, in order."""
        document = self._documents.get(citation.document_id, -1)
        return [
            index
            for index in self._by_document.get(document, ())
            if self.sentences[index].char_start < citation.char_end
            and citation.char_start < self.sentences[index].char_end
        ]

    def before(self, index: int, count: int) -> list[int]:
        """Return up to ``count`` sentences before ``index`` in the same document, nearest first."""
        found = []
        for other in range(index - 1, max(-1, index - 1 - count), -1):
            if self.sentences[other].document != self.sentences[index].document:
                break
            found.append(other)
        return found

    def holding(self, roots: Iterable[str]) -> list[int]:
        """Return the sentences that hold every root."""
        lists = sorted((self._where.get(root, []) for root in roots), key=len)
        if not lists:
            return []
        found = set(lists[0])
        for other in lists[1:]:
            found &= set(other)
        return sorted(found)

    def sharing(self, text: str, share: float) -> list[int]:
        """Return the sentences that hold at least ``share`` of a text's content words, rare ones counting more, most first."""
        weights = {root: self.idf(root) for root in set(content_roots(text))}
        held: dict[int, float] = defaultdict(float)
        for root, weight in weights.items():
            for index in self._where.get(root, ()):
                held[index] += weight
        least = share * sum(weights.values())
        return sorted(
            (index for index, weight in held.items() if weight >= least), key=lambda index: (-held[index], index)
        )

    def headings_at(self, citation: Citation) -> frozenset[str]:
        """Return the content roots of the headings the citation stands under (each level's last one before it) and of the title."""
        index = self._documents.get(citation.document_id, -1)
        if index < 0:
            return frozenset()
        current: dict[int, str] = {}
        content = self.material[index].content
        for heading in content.headings:
            if heading.char_start > citation.char_start:
                break
            current = {level: text for level, text in current.items() if level < heading.level}
            current[heading.level] = heading.text
        title = str(content.metadata.get("title") or "")
        return frozenset(root for text in (*current.values(), title) for root in content_roots(text))

    @cached_property
    def terms(self) -> frozenset[str]:
        """Roots of the things the material defines ("A watt is a …", "Offers are …"): they have a meaning of their own here."""
        found: set[str] = set()
        defined = self.tongue.pattern("defined_thing_patterns")
        for sentence in self.sentences:
            match = defined.match(sentence.text)
            if match:
                found |= set(content_roots(match["name"]))
        return frozenset(found)

    def is_phrase(self, a: str, b: str) -> bool:
        """Return whether the two roots stand side by side anywhere in the material."""
        return (a, b) in self._pairs

    @cached_property
    def _pairs(self) -> frozenset[tuple[str, str]]:
        return frozenset(
            pair for sentence in self.sentences for pair in zip(sentence.roots, sentence.roots[1:], strict=False)
        )

    def together(self, a: Iterable[str], b: Iterable[str]) -> bool:
        """Return whether one sentence holds a root of ``a`` and one of ``b``."""
        first = {index for root in a for index in self._where.get(root, ())}
        return any(index in first for root in b for index in self._where.get(root, ()))

    @cached_property
    def aliases(self) -> dict[frozenset[str], set[frozenset[str]]]:
        """Other names the material gives: "X (also called Y)", "ribosomal RNA (rRNA)", "X, or Y,"."""
        table: dict[frozenset[str], set[frozenset[str]]] = defaultdict(set)
        for sentence in self.sentences:
            for pattern in self.tongue.patterns("alias_patterns"):
                for match in pattern.finditer(sentence.text):
                    end = match.start("cut" if "cut" in pattern.groupindex else 0)
                    self._note_alias(table, sentence.text[:end], match)
        return dict(table)

    @staticmethod
    def _note_alias(table: dict[frozenset[str], set[frozenset[str]]], before: str, match: re.Match[str]) -> None:
        right = match["right"]
        names = frozenset(content_roots(right))
        left_words = _LAST_WORDS.findall(re.split(r"[,;:()]", before)[-1][-120:])
        left_words = (
            _spelled_out(left_words, right)
            if "also" in match.groupdict() and match["also"] is None
            else _last_phrase(left_words)
        )
        left = frozenset(content_roots(" ".join(left_words)))
        if names and left and left != names:
            table[left].add(names)
            table[names].add(left)

    def same_thing(self, a: str, b: str) -> bool:
        """Return whether the material gives two phrases as names of one thing."""
        one, two = frozenset(content_roots(a)), frozenset(content_roots(b))
        if not one or not two:
            return fold(a) == fold(b)
        return one == two or two in self.aliases.get(one, ())


def _spelled_out(left: list[str], short: str) -> list[str]:
    """The words before a bracket that an abbreviation in it stands for ([] when it is none)."""
    letters = re.sub(r"(?<=[A-Z])s$", "", short)
    if " " in short or sum(c.isupper() for c in letters) < 2:
        return []
    for size in range(1, min(6, len(left)) + 1):
        initials = "".join(
            word[0] for part in left[-size:] if part not in STOP_WORDS for word in part.split("-") if word
        )
        if initials.casefold() == letters.casefold():
            return left[-size:]
    return []


def _last_phrase(left: list[str]) -> list[str]:
    """Up to three words before, back to the last article or other small word."""
    phrase: list[str] = []
    for word in reversed(left):
        if fold(word) in STOP_WORDS or len(phrase) == 3:
            break
        phrase.insert(0, word)
    return phrase
