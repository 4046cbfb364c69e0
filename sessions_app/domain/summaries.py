"""Judging a learner's summary of a section: what it covers, what it gets wrong, how much of it is copied.

Pure rules on texts. Meaning is compared by the caller, who hands in the similarity of sentences.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from documents_app.domain.material import Citation
from documents_app.domain.reading.english import WORD, content_stems, is_content_word, key, stem
from sessions_app.domain.grading.opposites import are_opposites

_COPY_WINDOW = 6
_NUMBER = re.compile(
    r"(?<![\w.])(\d+(?:[.,]\d+)*)(?!\w*\d)(?:[\s-](thousand|million|billion|trillion|hundred)\b)?", re.IGNORECASE
)
_SCALES = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_NUMBER_WORDS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
    "twelve": 12, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "double": 2, "triple": 3,
    "quadruple": 4,
}  # fmt: skip
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|neither|nor|without|lacks?|lacking|cannot|can't|doesn't|don't|isn't|aren't|wasn't|weren't|didn't|"
    r"absent|hardly|unable|fails? to)\b|n[’']t\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ConceptCoverage:
    """Whether the summary deals with a concept, and the passage where the material explains it."""

    name: str
    covered: bool
    citation: Citation


@dataclass(frozen=True, slots=True)
class Finding:
    """A statement of the summary that the source contradicts or does not support.

    ``kind``: number, negation, opposite or unsupported; ``citation`` is the passage it was compared with.
    """

    kind: str
    statement: str
    message: str
    citation: Citation | None


@dataclass(frozen=True, slots=True)
class SummaryJudgement:
    """Figures in [0, 1]; ``score`` joins them; ``feedback`` is for the learner."""

    coverage: float
    faithfulness: float
    copied: float
    score: float
    concepts: tuple[ConceptCoverage, ...]
    findings: tuple[Finding, ...]
    feedback: str
    citations: tuple[Citation, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the judgement as JSON types."""
        return {
            "coverage": self.coverage,
            "faithfulness": self.faithfulness,
            "copied": self.copied,
            "score": self.score,
            "covered": [c.name for c in self.concepts if c.covered],
            "missing": [{"concept": c.name, "citation": c.citation.as_dict()} for c in self.concepts if not c.covered],
            "findings": [
                {
                    "kind": f.kind,
                    "statement": f.statement,
                    "message": f.message,
                    "citation": f.citation.as_dict() if f.citation else None,
                }
                for f in self.findings
            ],
            "feedback": self.feedback,
            "citations": [citation.as_dict() for citation in self.citations],
        }


def names_concept(text_keys: Sequence[str], name: str) -> bool:
    """Tell whether a concept's words stand in a text together (in any order within a window of twice their number)."""
    wanted = [key(m[0]) for m in WORD.finditer(name)]
    size = 2 * len(wanted) + 1
    stems = {stem(word) for word in wanted}
    for at in range(len(text_keys)):
        window = {stem(word) for word in text_keys[at : at + size]}
        if stems <= window:
            return True
    return False


def copied_share(summary: str, source: str) -> float:
    """Share of the summary's words that stand in runs of at least six words taken over from the source, [0, 1].

    Runs inside quotation marks are the learner's honest quotation and do not count.
    """
    unquoted = re.sub(r"[\"“„«][^\"”“»]{0,600}[\"”“»]", " ", summary)
    own = [m[0].lower() for m in WORD.finditer(unquoted)]
    if not own:
        return 0.0
    theirs = [m[0].lower() for m in WORD.finditer(source)]
    runs = {tuple(theirs[at : at + _COPY_WINDOW]) for at in range(len(theirs) - _COPY_WINDOW + 1)}
    taken = [False] * len(own)
    for at in range(len(own) - _COPY_WINDOW + 1):
        if tuple(own[at : at + _COPY_WINDOW]) in runs:
            taken[at : at + _COPY_WINDOW] = [True] * _COPY_WINDOW
    return sum(taken) / len(own)


def numbers_in(text: str) -> set[float]:
    """Return the numbers of a text, digits and number words alike ("one" alone is too common to count)."""
    found = set()
    for match in _NUMBER.finditer(text):
        plain = (
            match[1].replace(",", "")
            if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", match[1])
            else match[1].replace(",", ".")
        )
        try:
            value = float(plain)
        except ValueError:
            continue
        found.add(value * _SCALES.get((match[2] or "").lower(), 1))
    without = _NUMBER.sub(" ", text)
    lowered = (m[0].lower() for m in WORD.finditer(without))
    found.update(float(_NUMBER_WORDS[word]) for word in lowered if word in _NUMBER_WORDS)
    return found


def contradiction(statement: str, source: str) -> tuple[str, str] | None:
    """Return (kind, message) if ``statement`` contradicts the ``source`` sentence on the same subject, else None.

    The caller makes sure that both speak of the same thing.
    """
    said, given = numbers_in(statement), numbers_in(source)
    wrong = sorted(said - given)
    if wrong and given:
        return "number", f"You write {_shown(wrong)}; the material gives {_shown(sorted(given))}."
    if flipped := opposed_words(statement, source):
        one, other = flipped[0]
        return "opposite", f"You write “{one}”; the material says “{other}”."
    if _polarity_differs(statement, source, content_stems(statement), content_stems(source)):
        return "negation", "Your statement and the material disagree on whether this is so."
    return None


def _shown(numbers: Sequence[float]) -> str:
    return ", ".join(f"{number:,.10g}" for number in numbers)


def opposed_words(statement: str, source: str) -> list[tuple[str, str]]:
    """Return pairs (word of the statement, word of the source) that are opposites, where neither text has both."""
    said, given = _content(statement), _content(source)
    return sorted((one, other) for one in said - given for other in given - said if _oppose(one, other))


def _oppose(one: str, other: str) -> bool:
    return any(are_opposites(base, counter) for base in _positive(one) for counter in _positive(other))


def _positive(word: str) -> set[str]:
    """The word, and what it may be the comparative or superlative of ("larger" → "large")."""
    for ending in ("est", "er"):
        if word.endswith(ending) and len(word) > len(ending) + 3:
            root = word[: -len(ending)]
            return {word, root, root + "e", root[:-1] if root[-1] == root[-2] else root}
    return {word}


def _content(text: str) -> set[str]:
    found = {key(m[0]) for m in WORD.finditer(text) if is_content_word(m[0])}
    return found | {part for word in found if "-" in word for part in word.split("-") if len(part) > 2}


def _polarity_differs(statement: str, source: str, said: Sequence[str], given: Sequence[str]) -> bool:
    """Tell whether one of two like claims denies what the other states."""
    shared = set(said) & set(given)
    if len(shared) < 2 or len(shared) < 0.6 * len(set(said)):
        return False
    denied_here, denied_there = _denied(statement), _denied(source)
    if bool(denied_here) == bool(denied_there):
        return False
    return bool((denied_here | denied_there) & shared)


def _denied(text: str) -> set[str]:
    """Stems of the first content words behind each plain negation ("not only", "or not" and the like do not deny)."""
    found: set[str] = set()
    for match in _NEGATION.finditer(text):
        before, after = text[: match.start()].rstrip().lower(), text[match.end() :]
        if before.endswith((" or", "whether", "if")) or re.match(
            r"\s+(?:only|just|merely|necessarily|always|all|every|matter|longer)\b", after
        ):
            continue
        clause = re.split(r"[,;:.]|\b(?:but|and|which|that|although|while|except)\b", after)[0]
        found.update(content_stems(clause)[:3])
    return found
