"""Whether a clause can be understood without its neighbours; only such clauses become questions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sessions_app.domain.questions.text import root
from sessions_app.engine.questions import words as w
from sessions_app.engine.questions.clauses import Clause
from sessions_app.engine.questions.tagging import Token

_POINTERS = frozenset(
    """this these those such former latter above below here aforementioned following above-mentioned""".split()
)
_PERSONAL = frozenset("i me you we us our your my ours myself yourself he she him his her".split())
_LOOSE = frozenset("others ones another respectively et al thereof therein hereafter herein so-called".split())
_POINTING_PHRASE = re.compile(
    r"\b(?:as (?:mentioned|described|noted|discussed|shown|seen|stated|explained)|see (?:figure|fig|table|section|chapter|also|below|above)"
    r"|figures? \d|fig\. ?\d|tables? \d|equations? \d|eq\. ?\d|chapters? \d|sections? \d|the (?:same|other"
    r"|others|rest|opposite|two|three|four|latter|former)\b(?! (?:of|part|kind))"
    r"|(?:both|all|each|some|many|most|one|none|either|neither|several) of (?:these|those|them|which)|this"
    r" (?:is|was|means)|in (?:this|these|that|those)"
    r"|another (?:example|way|type|kind|reason|form|important)|other (?:than|examples)|e\.g|i\.e|etc|at"
    r" (?:the )?(?:left|right)|on the (?:left|right)"
    r"|in the (?:figure|image|picture|diagram|table|text|previous|next|same|other|above|following)|for"
    r" (?:this|these|example|instance)|let us|we will|so far)\b",
    re.IGNORECASE,
)
_VAGUE_QUANTIFIERS = frozenset(
    """some many most several few other various certain numerous another different further additional""".split()
)


def why_not_standalone(clause: Clause, topic_roots: frozenset[str], concept_heads: frozenset[str]) -> str:
    """Return what ties the clause to its neighbours ('' = nothing). ``topic_roots``: roots of what the
    material is about; ``concept_heads``: roots that are a concept or term of it by themselves.

    Definite subjects need a reason to be definite: an "of …", a modifier, or being a concept of the material.
    """
    tokens = clause.tokens[: clause.rest_end]
    text = clause.text[: tokens[-1].end]
    if _POINTING_PHRASE.search(text):
        return "points elsewhere"
    for i, token in enumerate(tokens):
        if token.low in _PLACES and not _points(tokens, i):
            continue
        if token.low in _POINTERS and not (token.low == "such" and i + 1 < len(tokens) and tokens[i + 1].low == "as"):
            return f"pointer {token.text!r}"
        if token.low == "another" and i and tokens[i - 1].low == "one":
            continue
        if token.low in _PERSONAL | _LOOSE:
            return f"loose {token.text!r}"
        if token.low == "that" and (token.tag == "DT" or _is_pointer_that(tokens, i)):
            return "pointer 'that'"
        if token.low in {"it", "they", "them", "its", "their", "itself", "themselves"} and not _has_antecedent(
            clause, i
        ):
            return f"pronoun {token.text!r}"
    return _loose_subject(clause, topic_roots, concept_heads)


_COUNTING = frozenset("some many most several few".split())


def whole_statement(text: str, tokens: Sequence[Token]) -> tuple[int, int] | None:
    """Return the token range of a sentence that can be stated as it is, or None where it leans on its neighbours.

    For sentences with more than one clause; a connective at the start is left out of the range.
    """
    start = 0
    while start < len(tokens) and tokens[start].low in w.DISCOURSE and start < 2:
        start += 1
        if start < len(tokens) and tokens[start].tag == ",":
            start += 1
    if start == 0:
        low = text.lower()
        opener = next((phrase for phrase in w.DISCOURSE_PHRASES if low.startswith(phrase + ",")), "")
        start = next((i for i, token in enumerate(tokens) if token.start > len(opener)), 0) if opener else 0
    end = len(tokens)
    while end and tokens[end - 1].tag in {".", "SYM"}:
        end -= 1
    if not 7 <= end - start <= 32 or tokens[start].tag in {"PRP", "EX", "PRP$", "CC", "WDT"}:
        return None
    if tokens[start].low in _VAGUE_QUANTIFIERS - _COUNTING or _POINTING_PHRASE.search(text):
        return None
    if tokens[start].tag in {"VBG", "VBN", "VB", "RB", "VBZ", "VBP", "VBD", "MD"} or not any(
        token.tag in {"VBZ", "VBP", "VBD", "MD"} for token in tokens[start:end]
    ):
        return None
    for i in range(start, end):
        token = tokens[i]
        if token.tag in {";", ":", "(", "SYM"} or token.low in _PERSONAL | _LOOSE:
            return None
        if token.low in _POINTERS - _PLACES and not (token.low == "such" and tokens[i + 1].low == "as"):
            return None
        if token.low == "that" and (token.tag == "DT" or _is_pointer_that(tokens, i)):
            return None
        if token.low in {"it", "they", "them", "its", "their", "itself", "themselves"}:
            wanted = {"NNS", "NNPS"} if token.low.startswith("the") else {"NN", "NNP"}
            if not any(earlier.tag in wanted for earlier in tokens[start:i]):
                return None
    return start, end


_PLACES = frozenset({"above", "below"})


def _points(tokens: Sequence[Token], i: int) -> bool:
    """Whether "above" or "below" points in the text ("the above", "see below") rather than in space ("below the surface")."""
    return (
        i + 1 >= len(tokens) or tokens[i + 1].tag in {",", ".", ")", ";", "CC"} or tokens[i - 1].low in {"the", "see"}
    )


def _has_antecedent(clause: Clause, i: int) -> bool:
    """Whether a pronoun can be read inside the clause: "its" of the subject, "they" after because or that, "it" of a noun before."""
    token = clause.tokens[i]
    plural = token.low in {"they", "them", "their", "themselves"}
    if i < clause.subject.start:
        return clause.subject.plural == plural
    wanted = {"NNS", "NNPS"} if plural else {"NN", "NNP"}
    if token.low in {"it", "they", "them"} and not (i and clause.tokens[i - 1].low in _CLAUSE_OPENERS):
        return any(earlier.tag in wanted for earlier in clause.tokens[clause.verb_end : i])
    return any(earlier.tag in wanted for earlier in clause.tokens[clause.subject.start : i]) or (
        plural and clause.subject.conjoined
    )


_CLAUSE_OPENERS = frozenset(
    """because that when as since if while where although though until before after once which so and how""".split()
)


def _is_pointer_that(tokens: Sequence[Token], i: int) -> bool:
    """Whether "that" points ("across that ion") rather than opens a clause."""
    following = tokens[i + 1 : i + 3]
    if not following or following[0].tag not in {"NN", "NNP"} or tokens[i].low != "that":
        return False
    if i and tokens[i - 1].tag in {"NN", "NNS", "NNP", "NNPS"}:
        return False
    return len(following) == 1 or following[1].tag in {"IN", ",", ".", "CC", "TO", ";"}


def _loose_subject(clause: Clause, topic_roots: frozenset[str], concept_heads: frozenset[str]) -> str:
    subject = clause.subject
    tokens = clause.tokens
    first, head = tokens[subject.start], tokens[subject.head]
    if any(token.tag in {"PRP", "EX", "WDT"} for token in tokens[subject.start : subject.end]):
        return "pronoun subject"
    if first.tag == "PRP$" or first.low in {"any", "no", "either", "neither", "both", "such", "some", "another"}:
        return f"subject with {first.text!r}"
    core = [token for token in tokens[subject.start : subject.core_end] if token.tag not in {"DT", "RB"}]
    if core and core[0].low in _VAGUE_QUANTIFIERS:
        return f"vague subject {core[0].text!r}"
    if core and core[0].tag == "CD" and not head.low.isdigit():
        return "counted subject"
    has_of = subject.end > subject.core_end
    modifiers = [token for token in core[:-1] if token.tag in {"NN", "JJ", "NNP", "NNS", "NNPS", "VBN", "VBG", "CD"}]
    if (
        head.low in w.SHELL_NOUNS
        and not has_of
        and not any(token.tag in {"NN", "NNP"} or root(token.low) in topic_roots for token in modifiers)
    ):
        return f"shell noun {head.text!r}"
    if (
        first.low == "the"
        and not has_of
        and not modifiers
        and root(head.low) not in concept_heads
        and head.tag not in {"NNP", "NNPS"}
    ):
        return f"definite subject {head.text!r}"
    if (
        head.low in w.SHELL_NOUNS
        and first.low == "the"
        and not has_of
        and not any(root(token.low) in topic_roots for token in modifiers)
    ):
        return f"definite shell {head.text!r}"
    return ""


def is_pointing(tokens: list[Token]) -> bool:
    """Whether any of the tokens refers outside of itself (for short phrases used as options)."""
    return any(
        token.low in _POINTERS | _PERSONAL | _LOOSE
        or token.low in {"it", "they", "them", "its", "their", "this", "one", "ones"}
        for token in tokens
    )
