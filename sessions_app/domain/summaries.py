"""What a judgement of a learner's summary is made of: the concepts it names, what it copies, what is found in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from documents_app.domain.material import Citation
from tutor_project.language import Language

_COPY_WINDOW = 6
_LINK_WORDS = 6
"""So many words may stand between two names of one thing ("also sometimes referred to as the")."""


@dataclass(frozen=True, slots=True)
class ConceptCoverage:
    """Whether the summary deals with a concept, and the passage where the material explains it."""

    name: str
    covered: bool
    citation: Citation


@dataclass(frozen=True, slots=True)
class SummaryFault:
    """A statement of the summary that the source contradicts or does not support.

    ``kind``: number, negation, opposite, contradiction or unsupported; ``citation`` is the passage it was compared with.
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
    findings: tuple[SummaryFault, ...]
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


def names_concept(stems: Sequence[str], name: Sequence[str]) -> bool:
    """Tell whether a concept's words stand in a text together, in any order within a window of twice their number.

    Both are stems, of the words of the text in order and of the words of the name.
    """
    size = 2 * len(name) + 1
    wanted = set(name)
    return any(wanted <= set(stems[at : at + size]) for at in range(len(stems)) if stems[at] in wanted)


def gives_another_name(text: str, name: str, other: str, tongue: Language) -> bool:
    """Tell whether a text gives ``other`` as another name of ``name``: "A, also commonly known as B", "A or B".

    Between them stand a word of the list ``other_name_links`` and otherwise small words, at most one other word among them;
    such a word may also stand right behind ("A, auch B genannt").
    """
    between = rf"\b{re.escape(name)}\W+((?:\w+\W+){{1,{_LINK_WORDS}}}?){re.escape(other)}\b(?:\W+(\w+))?"
    return any(
        _links(match[1].lower().split(), (match[2] or "").lower(), tongue)
        for match in re.finditer(between, text, re.IGNORECASE)
    )


def _links(words: Sequence[str], behind: str, tongue: Language) -> bool:
    links = tongue.phrase_set("other_name_links")
    others = [word for word in words if word not in links and not tongue.is_stop_word(word)]
    return len(others) <= 1 and tongue.negations.isdisjoint(words) and not links.isdisjoint({*words, behind})


def copied_share(summary: str, source: str, tongue: Language) -> float:
    """Share of the summary's words that stand in runs of at least six words taken over from the source, [0, 1].

    Runs inside quotation marks are the learner's honest quotation and do not count.
    """
    unquoted = re.sub(r"[\"“„«][^\"”“»]{0,600}[\"”“»]", " ", summary)
    own = [word.text.lower() for word in tongue.words(unquoted)]
    if not own:
        return 0.0
    theirs = [word.text.lower() for word in tongue.words(source)]
    runs = {tuple(theirs[at : at + _COPY_WINDOW]) for at in range(len(theirs) - _COPY_WINDOW + 1)}
    taken = [False] * len(own)
    for at in range(len(own) - _COPY_WINDOW + 1):
        if tuple(own[at : at + _COPY_WINDOW]) in runs:
            taken[at : at + _COPY_WINDOW] = [True] * _COPY_WINDOW
    return sum(taken) / len(own)
