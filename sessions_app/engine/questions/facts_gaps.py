"""Statements with one key term left out, for choice among terms of the same kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sessions_app.domain.questions.text import content_roots
from sessions_app.engine.questions.clauses import read_noun_phrase
from sessions_app.engine.questions.drafts import Draft, shares
from sessions_app.engine.questions.entities import EntityPool, is_hollow
from sessions_app.engine.questions.reading import ReadSentence
from sessions_app.engine.questions.tagging import Token
from sessions_app.engine.questions.wording import strip_determiner, upper_first

_MIN_WORDS, _MAX_WORDS = 7, 28
_OFTEN = 3


def gaps_of(source: ReadSentence, pool: EntityPool) -> Iterator[Draft]:
    """ "The axon leaves the soma at a swelling called the _____." for each key term that comes late enough."""
    seen: set[str] = set()
    for tokens, i, end, statement in _stated(source):
        if not _MIN_WORDS <= len(statement.split()) <= _MAX_WORDS:
            continue
        while i < end:
            phrase = read_noun_phrase(tokens, i, prepositions=False)
            if phrase is None or phrase.core_end > end:
                i += 1
                continue
            i = max(phrase.core_end, i + 1)
            after = tokens[phrase.core_end] if phrase.core_end < end else None
            if phrase.conjoined or _beside_and(tokens, phrase.start, after) or _inside_name(tokens, phrase.start):
                continue
            if after is not None and (after.tag in {"NN", "NNS", "POS", "NNP", "VBG"} or after.low == "of"):
                continue
            for draft in _gap(source, tokens, phrase.start, phrase.core_end, phrase.plural, pool, statement):
                if draft.answer not in seen:
                    seen.add(draft.answer)
                    yield draft


def _stated(source: ReadSentence) -> Iterator[tuple[Sequence[Token], int, int, str]]:
    """Tokens, range where a gap may be, and the statement: the clause's, and the whole sentence where that stands alone."""
    clause = source.clause
    if clause is not None and not clause.subordinate_opener and not clause.negated:
        yield clause.tokens, clause.verb_end, clause.rest_end, clause.statement
    if source.whole is None:
        return
    start, end = source.whole
    tokens = source.tokens
    if any(token.low in {"not", "no", "never", "nor", "neither"} for token in tokens[start:end]):
        return
    text = upper_first(source.text[tokens[start].start : tokens[end - 1].end]) + "."
    yield tokens, start + 3, end, text


def _beside_and(tokens: Sequence[Token], start: int, after: Token | None) -> bool:
    """Whether the phrase is one item of a list: any other item could stand there too."""
    if tokens[start - 1].low in {"and", "or", ",", "nor"}:
        return True
    return after is not None and after.low in {"and", "or", "nor", ","}


def _inside_name(tokens: Sequence[Token], start: int) -> bool:
    """Whether the word before belongs to the name: "reverse transcription", "the two hemispheres"."""
    before = tokens[start - 1]
    if tokens[start].tag == "DT":
        return False
    if before.tag == "VB" and tokens[start - 2].tag == "IN":
        return True
    return before.tag in {"JJ", "JJR", "JJS", "NN", "NNP", "NNS", "CD", "POS", "PRP$"}


def _gap(
    source: ReadSentence,
    clause_tokens: Sequence[Token],
    start: int,
    end: int,
    plural: bool,
    pool: EntityPool,
    statement: str,
) -> Iterator[Draft]:
    tokens = [token for token in clause_tokens[start:end] if token.tag not in {"DT"}]
    if not 1 <= len(tokens) <= 3 or tokens[0].tag in {"CD", "RB", "JJR", "JJS", "PRP$"} or is_hollow(tokens):
        return
    text = source.clause.text if source.clause is not None else source.text
    phrase = text[clause_tokens[start].start : clause_tokens[end - 1].end]
    name = strip_determiner(phrase)
    entity = pool.find(name, plural)
    named = clause_tokens[start - 1].low in {"called", "termed", "named"} or (
        clause_tokens[start - 1].low == "as" and clause_tokens[start - 2].low in {"known", "to"}
    )
    if entity is None and not named:
        return
    if entity is not None and not (named or entity.is_term or (entity.count >= _OFTEN and entity.names_something)):
        return
    if statement.count(phrase) != 1:
        return
    rest = statement.replace(phrase, "")
    if shares(name, rest) or len(content_roots(rest)) < 4:
        return
    lead = clause_tokens[start].low if clause_tokens[start].tag == "DT" else ""
    gap = {"a": "a(n) _____", "an": "a(n) _____", "the": "the _____", "": "_____"}.get(lead)
    if gap is not None:
        stem = statement.replace(phrase, gap)
        pattern, basis = ("naming", 0.4) if named else ("gap", 0.45)
        yield Draft(pattern, stem, name, "thing", source, name, plural, basis, gap=True)
