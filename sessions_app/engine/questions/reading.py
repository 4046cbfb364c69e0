"""The material as the question writer sees it: tagged sentences, their clauses, the pool of things."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from documents_app.domain.analysis import Concept, Section, Sentence, Term
from documents_app.domain.material import Citation, Material
from sessions_app.domain.questions.text import clean, content_roots, root
from sessions_app.engine.questions.clauses import Clause, read_clause, read_noun_phrase, without_parentheses
from sessions_app.engine.questions.entities import Embed, EntityPool
from sessions_app.engine.questions.standalone import why_not_standalone
from sessions_app.engine.questions.tagging import Token, tag_sentence

_LOWER_WORD = re.compile(r"(?<![\w-])[a-z][\w-]+(?![\w-])")
_CAPITAL_INSIDE = re.compile(r"(?<=[a-z0-9,;)] )[A-Z][\w-]+")
_LOST_POWER = re.compile(r"[x×] ?10\d{1,2}\b|\d ?[x×] ?10\b(?! ?[\^⁰¹²³⁴⁵⁶⁷⁸⁹⁻-])")
_ODD = re.compile(r"[^\x00-\x7f\u00a0-\u024f\u0370-\u03ff\u2010-\u2026\u2030\u2212\u00b0\u2200-\u22ff\u2070-\u209f]")


@dataclass(slots=True)
class ReadSentence:
    """A sentence with its place, its running text, tokens, and the main clause if that is certain and stands alone."""

    index: int
    sentence: Sentence
    section: Section
    text: str
    tokens: list[Token]
    clause: Clause | None
    rejected: str = ""


@dataclass(slots=True)
class Reading:
    """Everything read once per material; questions of any number can be written from it."""

    material: Material
    sections: tuple[Section, ...]
    sentences: list[ReadSentence]
    pool: EntityPool
    terms: dict[tuple[str, ...], Term]
    topic_roots: frozenset[str]
    document_frequency: Counter[str] = field(default_factory=Counter)
    kinds_of: dict[str, set[str]] = field(default_factory=dict)

    def idf(self, root: str) -> float:
        """Return the inverse document frequency of a root over sentences (natural logarithm, ≥ 0)."""
        return math.log((len(self.sentences) + 1) / (self.document_frequency[root] + 0.5))

    def cite(self, sentence: Sentence) -> Citation:
        """Return the citation of a sentence."""
        return self.material[sentence.document].cite(sentence.char_start, sentence.char_end)


def read_material(
    material: Material,
    sections: Sequence[Section],
    concepts: Sequence[Concept],
    terms: Sequence[Term],
    embed: Embed | None,
) -> Reading:
    """Read the prose of the material once. ``embed``: texts → float32 [n, d] of length-1 rows, or None."""
    rows = [(section, sentence) for section in sections for sentence in section.sentences]
    cleaned = [_readable(clean(sentence.text)) for _, sentence in rows]
    lower = frozenset(word for text in cleaned for word in _LOWER_WORD.findall(text))
    names = frozenset(word for text in cleaned for word in _CAPITAL_INSIDE.findall(text) if word.lower() not in lower)
    frequency: Counter[str] = Counter()
    for text in cleaned:
        frequency.update(set(content_roots(text)))
    topic_roots = _topic_roots(sections, concepts, terms, frequency, len(rows))
    heads = frozenset(
        roots[0]
        for name in (*(c.name for c in concepts), *(t.term for t in terms), *(x.title for x in sections))
        if len(roots := content_roots(name)) == 1
    )
    pool = EntityPool()
    sentences: list[ReadSentence] = []
    for index, ((section, sentence), text) in enumerate(zip(rows, cleaned, strict=True)):
        tokens = tag_sentence(text, names)
        clause, rejected = _clause(text, tokens, topic_roots, heads)
        subject_at = clause.subject.start if clause else None
        pool.read(tokens, section=section.index, sentence=index, subject_at=subject_at)
        sentences.append(
            ReadSentence(index, sentence, section, text, tokens, clause if not rejected else None, rejected)
        )
    defined = [
        read.clause.slice(read.clause.subject.start, read.clause.subject.core_end)
        for read in sentences
        if read.clause is not None
        and read.clause.copula
        and read.clause.tokens[read.clause.verb_end].low in {"a", "an"}
    ]
    pool.finish([*(term.term for term in terms), *(concept.name for concept in concepts), *defined], embed)
    return Reading(
        material,
        tuple(sections),
        sentences,
        pool,
        {content_roots(term.term): term for term in terms},
        topic_roots,
        frequency,
        _kinds_of(sentences),
    )


def _clause(
    text: str, tokens: list[Token], topic_roots: frozenset[str], heads: frozenset[str]
) -> tuple[Clause | None, str]:
    if (
        not text
        or not (text[0].isupper() or text[0].isdigit())
        or text[-1] not in '.”"'
        or _ODD.search(text)
        or _LOST_POWER.search(text)
    ):
        return None, "not a plain sentence"
    if not 5 <= len(tokens) <= 60:
        return None, "too short or too long"
    clause = read_clause(text, tokens)
    if clause is None:
        return None, "no certain main clause"
    return clause, why_not_standalone(clause, topic_roots, heads)


def _readable(text: str) -> str:
    """The text without brackets; '' where a bracket splits a noun phrase that does not hold without it."""
    if re.search(
        rf"\([^()]*(?:,| and | or )[^()]*\) (?!(?:{_AFTER_BRACKET})\b)[A-Za-z-]+(?<!s) (?:receptors?|types?|[a-z]+s)\b",
        text,
    ):
        return ""
    return without_parentheses(text)


_AFTER_BRACKET = (
    "is|are|was|were|and|or|but|in|on|of|to|for|with|by|at|from|as|that|which|who|can|may|has|have|had|will|would|do|does|not|also|the|a|an|into|"
    "than|when|while|where|because|if|such|through|between|within|during|after|before|under|over|about|contains?|consists?|includes?|forms?|produces?"
)


def _kinds_of(sentences: Sequence[ReadSentence]) -> dict[str, set[str]]:
    """What the material says is a kind of what: head of the subject → heads of "is a …" (dopamine → neurotransmitter)."""
    table: dict[str, set[str]] = {}
    for read in sentences:
        clause = read.clause
        if clause is None or not clause.copula or clause.negated:
            continue
        phrase = read_noun_phrase(clause.tokens, clause.verb_end, prepositions=False)
        if phrase is not None:
            name = root(clause.tokens[clause.subject.head].low)
            table.setdefault(name, set()).add(root(clause.tokens[phrase.head].low))
    for read in sentences:
        for match in _SUCH_AS.finditer(read.text):
            for member in re.findall(r"[\w-]+", match["members"]):
                table.setdefault(root(member.lower()), set()).add(root(match["kind"].lower()))
    return table


_SUCH_AS = re.compile(
    r"(?P<kind>[\w-]+),? (?:such as|including|like|called) (?P<members>[\w-]+(?:, [\w-]+)*(?:,? (?:and|or) [\w-]+)?)"
)


def _topic_roots(
    sections: Sequence[Section], concepts: Sequence[Concept], terms: Sequence[Term], frequency: Counter[str], count: int
) -> frozenset[str]:
    """Roots a reader of the material takes as known: concepts, terms, titles, and words of every tenth sentence."""
    roots = {root for concept in concepts for root in content_roots(concept.name)}
    roots |= {root for term in terms for root in content_roots(term.term)}
    roots |= {root for section in sections for root in content_roots(section.title)}
    roots |= {root for root, seen in frequency.items() if seen >= max(5, count / 25)}
    return frozenset(roots)
