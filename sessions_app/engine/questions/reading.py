"""The material as the question writer sees it: tagged sentences, their clauses, the pool of things."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from documents_app.domain.analysis import Concept, Section, Sentence, Term
from documents_app.domain.material import Citation, Material
from sessions_app.domain.questions.text import clean, content_roots, root
from sessions_app.engine.questions import words as w
from sessions_app.engine.questions.clauses import Clause, read_clause, read_noun_phrase, without_parentheses
from sessions_app.engine.questions.entities import Embed, EntityPool
from sessions_app.engine.questions.standalone import whole_statement, why_not_standalone
from sessions_app.engine.questions.tagging import Token, tag_sentence

if TYPE_CHECKING:
    from sessions_app.engine.questions.drafts import Draft

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
    whole: tuple[int, int] | None = None
    """Token range that can be stated as it is: the sentence without a connective."""


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
    other_names: dict[str, set[str]] = field(default_factory=dict)
    definite: Counter[str] = field(default_factory=Counter)
    indefinite: Counter[str] = field(default_factory=Counter)
    drafts: dict[int, list[Draft]] | None = None
    """What can be asked of each sentence; found once, by the first writer."""

    def is_one_of_many(self, token: Token) -> bool:
        """Return whether the material hardly ever writes the noun in the singular with "the": "the disease" is one of many."""
        name = root(token.low)
        return self.indefinite[name] > 4 * self.definite[name]

    def is_unique(self, tokens: Sequence[Token]) -> bool:
        """Return whether the material writes the noun phrase (no article) with "the" and hardly otherwise, or defines it."""
        text = " ".join(token.text for token in tokens)
        if tokens[-1].tag in {"NNP", "NNPS"} or (len(tokens) > 1 and content_roots(text) in self.terms):
            return True
        if tokens[-1].low in w.SHELL_NOUNS or tokens[-1].tag == "NNS":
            return False
        name = " ".join(content_roots(text))
        return self.definite[name] >= max(2, 2 * self.indefinite[name] + 1)

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
    small_too = frozenset(word[0].upper() + word[1:] for word in lower)
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
        if tokens and tokens[0].text[0].isupper() and tokens[0].text in small_too:
            tokens[0].small = True
        clause, rejected = _clause(text, tokens, topic_roots, heads)
        subject_at = clause.subject.start if clause else None
        pool.read(tokens, section=section.index, sentence=index, subject_at=subject_at)
        whole = whole_statement(text, tokens) if tokens and rejected != _NOT_PLAIN else None
        sentences.append(
            ReadSentence(index, sentence, section, text, tokens, clause if not rejected else None, rejected, whole)
        )
    defined = [
        read.clause.slice(read.clause.subject.start, read.clause.subject.core_end)
        for read in sentences
        if read.clause is not None
        and read.clause.copula
        and read.clause.tokens[read.clause.verb_end].low in {"a", "an"}
    ]
    named = [match["name"] for text in cleaned for match in _NAMED.finditer(text)]
    pool.finish(
        [*(term.term for term in terms), *(concept.name for concept in concepts), *defined, *named], embed, frequency
    )
    return Reading(
        material,
        tuple(sections),
        sentences,
        pool,
        {content_roots(term.term): term for term in terms},
        topic_roots,
        frequency,
        _kinds_of(sentences),
        _other_names(sentence.text for _, sentence in rows),
        *_determined(sentences),
    )


_NOT_PLAIN = "not a plain sentence"


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
        return None, _NOT_PLAIN
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


def _determined(sentences: Sequence[ReadSentence]) -> tuple[Counter[str], Counter[str]]:
    """How often each noun phrase of one to three words is written in the singular with "the", and otherwise (plurals
    counted under the singular).
    """
    definite: Counter[str] = Counter()
    other: Counter[str] = Counter()
    for read in sentences:
        tokens = read.tokens
        for i, token in enumerate(tokens):
            if token.tag not in {"NN", "NNS"} or (i + 1 < len(tokens) and tokens[i + 1].tag in {"NN", "NNS"}):
                continue
            for size in (1, 2, 3):
                before = tokens[i - size] if i >= size else None
                if i - size + 1 < 0:
                    continue
                name = " ".join(root(part.low) for part in tokens[i - size + 1 : i + 1])
                if token.tag == "NN" and before is not None and before.low == "the":
                    definite[name] += 1
                elif token.tag == "NNS" or (
                    before is not None and before.low in {"a", "an", "each", "every", "another"}
                ):
                    other[name] += 1
    return definite, other


def _kinds_of(sentences: Sequence[ReadSentence]) -> dict[str, set[str]]:
    """What the material says is a kind of what: head of the subject → endings of "is a …" in roots (astrocyt → cel, glial cel)."""
    table: dict[str, set[str]] = {}
    for read in sentences:
        clause = read.clause
        if clause is None or not clause.copula or clause.negated:
            continue
        phrase = read_noun_phrase(clause.tokens, clause.verb_end, prepositions=False)
        if phrase is not None:
            name = root(clause.tokens[clause.subject.head].low)
            core = " ".join(token.text for token in clause.tokens[phrase.start : phrase.head + 1])
            table.setdefault(name, set()).update(_endings(content_roots(core)))
    for read in sentences:
        for match in _SORT_OF.finditer(read.text):
            for kind in filter(None, (match["kind"], match["name"])):
                table.setdefault(root(match["sort"].lower()), set()).update(_endings(content_roots(kind)))
        for match in _SUCH_AS.finditer(read.text):
            for member in re.findall(r"[\w-]+", match["members"]):
                table.setdefault(root(member.lower()), set()).update(_endings(content_roots(match["kind"])))
    return table


def _other_names(texts: Iterable[str]) -> dict[str, set[str]]:
    """Other names of things of one word: "a neuron (or nerve cell)", "neurons, also called nerve cells"."""
    table: dict[str, set[str]] = {}
    for text in texts:
        for match in _ALSO.finditer(text):
            names = [content_roots(match["one"]), content_roots(match["other"])]
            for mine, theirs in (names, names[::-1]):
                if len(mine) == 1 and theirs:
                    table.setdefault(mine[0], set()).add(" ".join(theirs))
    return table


def _endings(parts: tuple[str, ...]) -> set[str]:
    return {" ".join(parts[i:]) for i in range(len(parts))}


_ALSO = re.compile(
    r"(?P<one>[\w-]+)(?: \(| ?, )(?:or|also called|also known as|sometimes called|i\.e\.,?) "
    r"(?:an? |the )?(?P<other>[\w-]+(?: [\w-]+)?)[),;]"
)

_NAMED = re.compile(
    r"\b(?:called|known as|termed|named) (?:the |an? )?(?P<name>[\w-]+(?: [\w-]+)?)"
    r"(?=[,.;)]| (?:and|or|that|which|in|is|are)\b)"
)

_SORT_OF = re.compile(
    r"(?P<sort>[\w-]+) (?:is|are) (?:an? )?(?:[\w-]+ )?(?:type|kind|form|class|sort|group)s? of "
    r"(?P<kind>[\w-]+(?: (?!known|called|termed)[\w-]+)?)"
    r"(?: (?:known as|called|termed) (?:an? |the )?(?P<name>[\w-]+))?"
)

_SUCH_AS = re.compile(
    r"(?P<kind>(?:[\w-]+ )?[\w-]+),? (?:such as|including|like|called) (?P<members>[\w-]+(?:, [\w-]+)*(?:,? (?:and|or) [\w-]+)?)"
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
