"""What a question consists of, whichever engine wrote it, and what the verifier says about it.

Everything here is a value: no question changes after it was made, and every id in it is derived from its
content, so the same question gets the same ids in every process.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import blake2s
from typing import Any

from documents_app.domain.material import Citation


class QuestionKind(StrEnum):
    """The kinds of questions; choice kinds carry options, the others a key to compare a text with."""

    MULTIPLE_CHOICE = "multiple_choice"
    TRUE_FALSE = "true_false"
    CLOZE = "cloze"
    SHORT_ANSWER = "short_answer"
    NUMERIC = "numeric"


class DifficultyLevel(StrEnum):
    """The label a learner may ask for; an estimate until enough answers were measured."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a choice question. ``id`` is opaque, stable and says nothing about the key."""

    id: str
    text: str


RECALL = "gist"
"""Pattern of the question for the main points of a section, which is asked in a lesson where nothing else is, never in a quiz."""
OWN_WORDS = frozenset(
    {"explain", "why", "condition", "purpose", "means", "consequence", "difference", "points", RECALL}
)
"""Patterns of open questions, which are answered in a learner's own words."""

TRUE_OPTION = Option("true", "True")
FALSE_OPTION = Option("false", "False")


@dataclass(frozen=True, slots=True)
class ChoiceKey:
    """The id of the one right option (multiple choice)."""

    option_id: str


@dataclass(frozen=True, slots=True)
class BooleanKey:
    """Whether the statement is true (true/false); option ids are ``true`` and ``false``."""

    value: bool


@dataclass(frozen=True, slots=True)
class TextKey:
    """Accepted answers of a cloze or short answer; the first one is shown as the right answer."""

    accepted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NumericKey:
    """A number: right when ``|answer - value| <= tolerance`` after conversion to ``unit`` ('' = none)."""

    value: float
    tolerance: float = 0.0
    unit: str = ""


@dataclass(frozen=True, slots=True)
class PartsKey:
    """Several parts, each worth the same share. Unordered parts may be given in any order."""

    parts: tuple[TextKey | NumericKey, ...]
    ordered: bool = False


Key = ChoiceKey | BooleanKey | TextKey | NumericKey | PartsKey


def key_as_dict(key: Key) -> dict[str, Any]:
    """Return the key as JSON-ready data; ``key_from_dict`` reads it back."""
    match key:
        case ChoiceKey(option_id):
            return {"type": "choice", "option_id": option_id}
        case BooleanKey(value):
            return {"type": "boolean", "value": value}
        case TextKey(accepted):
            return {"type": "text", "accepted": list(accepted)}
        case NumericKey(number, tolerance, unit):
            return {"type": "numeric", "value": number, "tolerance": tolerance, "unit": unit}
        case PartsKey(parts, ordered):
            return {"type": "parts", "parts": [key_as_dict(part) for part in parts], "ordered": ordered}


def key_from_dict(data: Mapping[str, Any]) -> Key:
    """Read a key written by ``key_as_dict``; raises ValueError on an unknown type."""
    match data.get("type"):
        case "choice":
            return ChoiceKey(str(data["option_id"]))
        case "boolean":
            return BooleanKey(bool(data["value"]))
        case "text":
            return TextKey(tuple(str(text) for text in data["accepted"]))
        case "numeric":
            return NumericKey(float(data["value"]), float(data.get("tolerance", 0.0)), str(data.get("unit", "")))
        case "parts":
            parts = tuple(key_from_dict(part) for part in data["parts"])
            if not all(isinstance(part, TextKey | NumericKey) for part in parts):
                raise ValueError("a part of a key is a text or a number")
            return PartsKey(parts, bool(data.get("ordered", False)))  # type: ignore[arg-type]
    raise ValueError(f"unknown type of key: {data.get('type')!r}")


def option_id(stem: str, text: str) -> str:
    """Return the stable id of an option: eight hex digits of a hash of the stem and the option's text."""
    return blake2s(f"{canonical(stem)}\x1f{canonical(text)}".encode(), digest_size=4).hexdigest()


def make_options(stem: str, texts: Sequence[str]) -> tuple[Option, ...]:
    """Return options with stable ids in the order given."""
    return tuple(Option(option_id(stem, text), text) for text in texts)


def canonical(text: str) -> str:
    """Return the text as compared for identity: NFKC, case folded, single spaces, no outer punctuation."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"\s+", " ", folded).strip(" .,;:!?\"'“”‘’")


def fingerprint(kind: str, stem: str, key_text: str) -> str:
    """Return the identity of a question in a bank: sixteen hex digits of kind, stem and right answer."""
    words = "\x1f".join((kind, canonical(stem), canonical(key_text)))
    return blake2s(words.encode(), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class CandidateQuestion:
    """A question an engine proposes. Nothing is shown before the verifier passed it.

    ``stem`` of a cloze holds exactly one gap written ``_____``. ``evidence`` is the passages that prove the
    key, the decisive one first. ``estimate`` holds the figures the difficulty was set from. ``pattern``
    names the kind of fact the question asks for (definition, number, cause …).
    """

    kind: QuestionKind
    stem: str
    key: Key
    explanation: str
    evidence: tuple[Citation, ...]
    options: tuple[Option, ...] = ()
    concept: str = ""
    section_title: str = ""
    topic: str = ""
    difficulty: DifficultyLevel = DifficultyLevel.MEDIUM
    estimate: Mapping[str, float] = field(default_factory=dict)
    points: int = 1
    pattern: str = ""
    engine: str = ""

    @property
    def key_text(self) -> str:
        """The right answer as a person would read it."""
        return key_text(self.key, self.options)

    @property
    def is_open(self) -> bool:
        """Whether it is answered in the learner's own words."""
        return self.pattern in OWN_WORDS

    @property
    def fingerprint(self) -> str:
        """Identity in a bank (kind, stem, right answer); independent of the order of the options."""
        return fingerprint(self.kind, self.stem, self.key_text)

    def rests_on(self, citation: Citation) -> bool:
        """Tell whether a citation is a part of the question's passages, or holds one."""
        return any(citation.overlaps(proof) for proof in self.evidence)

    def option(self, wanted: str) -> Option | None:
        """Return the option with that id, or None."""
        return next((option for option in self.options if option.id == wanted), None)


def key_text(key: Key, options: Sequence[Option] = ()) -> str:
    """Return the right answer as shown after an answer was submitted ('' for an unknown option id)."""
    match key:
        case ChoiceKey(wanted):
            return next((option.text for option in options if option.id == wanted), "")
        case BooleanKey(value):
            return (TRUE_OPTION if value else FALSE_OPTION).text
        case TextKey(accepted):
            return accepted[0] if accepted else ""
        case NumericKey(number, _, unit):
            return f"{number:.12g} {unit}".strip()
        case PartsKey(parts, _):
            return "; ".join(key_text(part) for part in parts)


@dataclass(frozen=True, slots=True)
class Failure:
    """One reason why a question is not shown: the rule's name and what it saw."""

    rule: str
    detail: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verifier's word on a question."""

    failures: tuple[Failure, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether every rule was satisfied."""
        return not self.failures

    @property
    def rules(self) -> tuple[str, ...]:
        """The names of the rules that failed, in order."""
        return tuple(failure.rule for failure in self.failures)


@dataclass(frozen=True, slots=True)
class VerifiedQuestion:
    """A question with the verdict on it; ``verdict.passed`` decides between verified and quarantined."""

    question: CandidateQuestion
    verdict: Verdict
