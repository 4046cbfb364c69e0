"""Facts that say why, how, when and what for; their answers are phrases with a beginning of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sessions_app.domain.questions.text import content_roots
from sessions_app.engine.questions import words as w
from sessions_app.engine.questions.clauses import Clause
from sessions_app.engine.questions.drafts import BAD_END, Draft, asked_subject, shares, with_opener, word_count
from sessions_app.engine.questions.reading import ReadSentence
from sessions_app.engine.questions.standalone import is_pointing
from sessions_app.engine.questions.tagging import Token
from sessions_app.engine.questions.wording import inverted, strip_determiner

_EVENT_VERBS = frozenset(
    """occurs occur happens happen arises arise forms form begins begin starts start ends end develops develop
    occurred happened arose formed began started ended developed appears appear takes""".split()
)
_MAX_WORDS = 22


def reasons_of(source: ReadSentence, clause: Clause) -> Iterator[Draft]:
    """ "Wages are sticky because employers fear …" → why; "… by adding a condenser" → how; "occurs when …" → when."""
    if clause.subordinate_opener or clause.opener.lower() in w.HEDGES:
        return
    made = _because(source, clause) or _purpose(source, clause) or _manner(source, clause) or _occasion(source, clause)
    if made is not None:
        yield made


def _because(source: ReadSentence, clause: Clause) -> Draft | None:
    at = _find(clause, "because")
    if (
        at is None
        or clause.tokens[at + 1].low == "of"
        or clause.tokens[at - 1].low in {"partly", "only", "just", "not"}
    ):
        return None
    end = _end_of_sentence(clause)
    return _draft(source, clause, at, end, asked="why", kind="reason", lead="because")


def _purpose(source: ReadSentence, clause: Clause) -> Draft | None:
    for at in range(clause.verb_end + 1, clause.rest_end - 3):
        if [token.low for token in clause.tokens[at : at + 3]] == ["in", "order", "to"]:
            return _draft(source, clause, at, clause.rest_end, asked="why", kind="purpose", lead="in order to")
    return None


def _manner(source: ReadSentence, clause: Clause) -> Draft | None:
    for at in range(clause.verb_end, clause.rest_end - 2):
        if clause.tokens[at].low == "by" and clause.tokens[at + 1].tag == "VBG":
            following = clause.tokens[at + 2] if at + 2 < clause.rest_end else None
            if clause.passive and (following is None or following.tag not in {"DT", "PRP$", "IN", "TO", "JJ"}):
                return None  # "by firing patterns": a thing that does it, not a way
            return _draft(source, clause, at, clause.rest_end, asked="how", kind="manner", lead="by")
    return None


def _occasion(source: ReadSentence, clause: Clause) -> Draft | None:
    at = clause.verb_end
    if clause.tokens[clause.main].low not in _EVENT_VERBS or at + 3 >= clause.rest_end:
        return None
    if clause.tokens[at].low != "when":
        return None
    return _draft(source, clause, at, clause.rest_end, asked="when", kind="occasion", lead="when")


def _draft(
    source: ReadSentence, clause: Clause, at: int, end: int, *, asked: str, kind: str, lead: str
) -> Draft | None:
    answer = clause.slice(at, end)
    own = clause.tokens[at:end]
    before = clause.slice(clause.verb_end, at).rstrip(" ,")
    if not 3 <= word_count(answer) <= _MAX_WORDS or own[-1].tag in BAD_END or len(content_roots(answer)) < 2:
        return None
    if any(token.tag in {";", ":", "("} or token.low in {"this", "these", "those", "such"} for token in own):
        return None
    if any(token.low in {"he", "she", "his", "her", "we", "our"} for token in own) or _points_out(clause, own):
        return None
    question = inverted(clause, asked_subject(clause))
    if (
        "," in before
        or before.endswith((" only", " also", " just"))
        or before in {"only", "also", "just"}
        or (asked == "how" and clause.tokens[at - 1].tag in {"JJ", ","})
    ):
        return None
    if question is None or (before and clause.tokens[at - 1].tag in BAD_END - {"RB"}):
        return None
    if is_pointing(list(clause.tokens[clause.verb_end : at])):
        return None
    asked_of = f"{clause.subject_text} {before} {clause.opener}"
    if len(content_roots(f"{asked_of} {clause.tokens[clause.main].low}")) < (3 if asked != "when" else 1):
        return None
    if shares(answer, clause.subject_text) and len(content_roots(answer)) < 5:
        return None
    stem = with_opener(clause, f"{asked} {question} {before}".strip() + "?")
    return Draft(kind, stem, answer, kind, source, strip_determiner(clause.subject_text), clause.subject.plural, 0.55)


def _points_out(clause: Clause, own: tuple[Token, ...]) -> bool:
    """Whether a pronoun of the answer cannot stand for the subject of the question."""
    plural = {"they", "them", "their"}
    for position, token in enumerate(own):
        if token.low not in plural | {"it", "its"}:
            continue
        wanted = {"NNS", "NNPS"} if token.low in plural else {"NN", "NNP"}
        if any(earlier.tag in wanted for earlier in own[:position]):
            continue
        if clause.subject.plural != (token.low in plural):
            return True
    return False


def _find(clause: Clause, word: str) -> int | None:
    """Where the word opens a clause that belongs to this one: inside the rest or right after its comma."""
    last = min(len(clause.tokens) - 3, clause.rest_end + 1)
    for at in range(clause.verb_end, last + 1):
        if clause.tokens[at].low == word:
            return at
    return None


def _end_of_sentence(clause: Clause) -> int:
    """The end of a closing subordinate clause: before the full stop, or a comma that opens another thought."""
    end = len(clause.tokens)
    while end and clause.tokens[end - 1].tag in {".", "SYM", ":"}:
        end -= 1
    for at in range(clause.verb_end, end):
        if clause.tokens[at].tag == ";" or (
            clause.tokens[at].tag == ","
            and at > clause.rest_end + 2
            and re.match(r"(?:and|but|so|which|while|whereas|although|thus|making|thereby)$", clause.tokens[at + 1].low)
        ):
            return at
    return end
