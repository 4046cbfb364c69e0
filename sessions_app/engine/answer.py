"""The built-in engine's answers: the sentences of the material that answer, or an honest decline."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from documents_app.domain.analysis import Term
from documents_app.domain.definitions import find_definitions
from documents_app.domain.keyphrases_words import WORD, is_content_word, key, reading_form, stem
from documents_app.domain.material import Citation, Material
from documents_app.domain.summarise import fitness, needs_antecedent
from sessions_app.domain.answers import (
    DECLINE_BELOW,
    HARD_KINDS,
    Answer,
    AskedTerm,
    Question,
    Support,
    answer_probability,
    kind_held,
    passage_rank,
    read_question,
    states_relation,
)
from sessions_app.engine.answer_passages import Candidate, Hit, SectionIndex, from_hits

Embed = Callable[[Sequence[str]], npt.NDArray[np.float32]]

DECLINED = "The material does not answer this question."
UNCLEAR = "It is not clear what the question is about. Name the topic in the question."
_MAX_PASSAGES = 3
_CLOSE_ENOUGH = 1.5
"""A further passage is added if its log odds are at most this far below the best."""
_LESS_ABOUT = 0.3
_OPENS_ONLY = 0.35
_TOLD_AT_LENGTH = frozenset({"manner", "reason"})
"""Kinds of question that one sentence seldom answers: the next one of the paragraph is quoted with it."""
_LONGEST_TOLD = 420
"""Characters of such a passage."""


@dataclass(frozen=True, slots=True)
class AnswerEvent:
    """One step of a streamed answer: a ``token`` (text), a ``citation``, or ``done`` with the whole answer."""

    kind: Literal["token", "citation", "done"]
    text: str = ""
    citation: Citation | None = None
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class _Judged:
    candidate: Candidate
    support: Support
    rank: float


def answer(
    question: str,
    material: Material,
    embed: Embed,
    *,
    hits: Sequence[Hit] = (),
    index: SectionIndex | None = None,
    terms: Sequence[Term] = (),
    context: Sequence[str] = (),
) -> Answer:
    """Answer ``question`` from ``material``: up to three passages, each cited, or a decline without citations.

    Candidates come from search ``hits`` (best first), from ``index``, and from the definitions among ``terms`` of what is
    asked for; any of them will do. ``context`` names what is being
    talked about (a section's title and concepts). Raises QuestionEmpty and QuestionTooLong. Text in the material that reads
    like an instruction is text like any other.
    """
    asked = read_question(question, corpus_text(material), context=context)
    if not asked.terms:
        return Answer(UNCLEAR, (), True, 0.0)
    defining = [term.citation for term in terms if _asked_for(term, asked)]
    candidates = from_hits([*defining, *hits], material)
    if index is not None:
        known = {(c.sentence.document, c.sentence.char_start) for c in candidates}
        query = f"{asked.text} {' '.join(context)}" if context else asked.text
        found = index.search(query)
        candidates += [c for c in found if (c.sentence.document, c.sentence.char_start) not in known]
    if not candidates:
        return Answer(DECLINED, (), True, 0.0)
    judged = judge(asked, candidates, embed)
    if asked.kind in HARD_KINDS:
        fitting = [item for item in judged if item.support.kind]
        if not fitting:
            return _decline(judged, 0.0)
        judged = fitting
    confidence = answer_probability(max(judged, key=lambda item: item.rank).support)
    if confidence < DECLINE_BELOW:
        return _decline(judged, confidence)
    return _compose(asked, judged, material, confidence)


def _asked_for(term: Term, asked: Question) -> bool:
    wanted = {key(item.word) for item in asked.terms}
    return {key(m[0]) for m in WORD.finditer(term.term)} <= wanted


_corpus_cache: dict[tuple[tuple[str, int], ...], str] = {}


def corpus_text(material: Material) -> str:
    """Return all stored text in lower case; the last material is remembered (questions come in series)."""
    identity = tuple((document.document_id, id(document.content)) for document in material)
    if identity not in _corpus_cache:
        _corpus_cache.clear()
        _corpus_cache[identity] = "\n".join(document.content.text for document in material).lower()
    return _corpus_cache[identity]


def answer_stream(reply: Answer) -> Iterator[AnswerEvent]:
    """Yield ``reply`` word by word, its citations behind the text, then ``done``."""
    for token in re.findall(r"\S+\s*", reply.text):
        yield AnswerEvent("token", text=token)
    for citation in reply.citations:
        yield AnswerEvent("citation", citation=citation)
    yield AnswerEvent("done", answer=reply)


def judge(asked: Question, candidates: Sequence[Candidate], embed: Embed) -> list[_Judged]:
    """Return all candidates with their support, in the order given."""
    written = {m[0].lower() for c in candidates for text in (c.text, c.before) for m in WORD.finditer(text)}
    words = sorted(word for word in written if len(word) > 2 and is_content_word(word))
    texts = [asked.text, *(c.text for c in candidates), *(term.word.lower() for term in asked.terms), *words]
    vectors = embed(texts)
    count, terms = len(candidates), len(asked.terms)
    similarity = vectors[1 : 1 + count] @ vectors[0]
    near = vectors[1 + count : 1 + count + terms] @ vectors[1 + count + terms :].T
    place = {word: at for at, word in enumerate(words)}
    matcher = _Matcher(asked.terms, near, place)
    weight = sum(term.weight for term in asked.terms) or 1.0
    absent = sum(term.weight * (1.5 if term.specific else 1.0) for term in asked.terms if not term.occurs) / weight
    return [
        _judge_one(asked, candidate, matcher, float(similarity[at]), min(1.0, absent))
        for at, candidate in enumerate(candidates)
    ]


class _Matcher:
    """How well a text carries each asked term: same stem 1, a near word by its vector up to 0.7."""

    def __init__(self, terms: Sequence[AskedTerm], near: npt.NDArray[np.float32], place: dict[str, int]) -> None:
        self.terms = terms
        self._near = np.clip((near - 0.45) / 0.35, 0.0, 0.7)
        self._place = place

    def exact(self, text: str) -> list[float]:
        stems = {stem(m[0]) for m in WORD.finditer(text)}
        return [1.0 if _same(term.stem, stems) else 0.0 for term in self.terms]

    def close(self, text: str) -> list[float]:
        columns = [self._place[m[0].lower()] for m in WORD.finditer(text) if m[0].lower() in self._place]
        exact = self.exact(text)
        if not columns:
            return exact
        best = self._near[:, columns].max(axis=1)
        return [
            max(same, 0.0 if term.specific else float(value))
            for same, value, term in zip(exact, best, self.terms, strict=True)
        ]


def _same(wanted: str, stems: set[str]) -> bool:
    if wanted in stems:
        return True
    if len(wanted) < 5:
        return False
    return any(len(s) >= 5 and (s.startswith(wanted) or wanted.startswith(s)) for s in stems)


def _judge_one(asked: Question, candidate: Candidate, matcher: _Matcher, similarity: float, absent: float) -> _Judged:
    own = matcher.close(candidate.text)
    before = matcher.close(candidate.before)
    above = matcher.exact(" ".join(candidate.headings))
    exact = matcher.exact(candidate.text)
    weights = [term.weight for term in asked.terms]
    total = sum(weights) or 1.0
    parts = [max(o, 0.8 * b, 0.8 * a) for o, b, a in zip(own, before, above, strict=True)]
    opening = matcher.exact(_opening(candidate.text))
    if _points_back(candidate.text):  # "It is made of …": the sentence before names the subject
        borrowed = matcher.exact(candidate.before)
        opening = [max(o, 0.8 * b) for o, b in zip(opening, matcher.exact(_opening(candidate.before)), strict=True)]
        exact = [max(x, 0.8 * b) for x, b in zip(exact, borrowed, strict=True)]
    defines = _defines(asked, candidate.text)
    merely_opens = asked.kind == "definition" and defines <= _OPENS_ONLY
    support = Support(
        coverage=sum(w * p for w, p in zip(weights, parts, strict=True)) / total,
        exact=sum(w * p for w, p in zip(weights, exact, strict=True)) / total,
        weakest=min(parts),
        similarity=max(0.0, similarity),
        kind=kind_held(asked, candidate.text),
        relation=max(states_relation(asked.text, text) for text in _said_together(candidate)),
        defines=defines,
        subject=max(opening) * (0.5 if merely_opens else 1.0),
        titled=sum(w * p for w, p in zip(weights, above, strict=True)) / total,
        fitness=fitness(candidate.text),
        absent=absent,
    )
    return _Judged(candidate, support, passage_rank(support))


def _said_together(candidate: Candidate) -> list[str]:
    """The sentence, and the one after it that is shown with it because it goes on about the same."""
    follows = candidate.after and _points_back(candidate.after)
    return [candidate.text, candidate.after] if follows else [candidate.text]


_PRONOUN_BEHIND_OPENING = re.compile(r"[A-Z][^,.;]{2,40}, (?:it|they|he|she|its|their|this|these)\b")


def _points_back(text: str) -> bool:
    """Tell whether a sentence speaks of what the one before it names: "It …", or "Under strong light, they …"."""
    return needs_antecedent(text) or bool(_PRONOUN_BEHIND_OPENING.match(text))


def _opening(text: str) -> str:
    return " ".join(text.split()[:6])


def _defines(asked: Question, text: str) -> float:
    """How well ``text`` defines the thing asked for; little if it merely opens with it."""
    if asked.kind != "definition" or not asked.focus:
        return 0.0
    wanted = set(asked.focus)
    best = max((found.quality for found in find_definitions([text]) if wanted == set(found.key)), default=0.0)
    if best:
        return min(1.0, 0.75 + 0.25 * best)
    opening = {key(m[0]) for m in WORD.finditer(text[:60])}
    return _OPENS_ONLY if wanted <= opening else 0.0


def _decline(judged: Sequence[_Judged], confidence: float) -> Answer:
    """Say no, and name the sections that come closest if they share anything specific with the question."""
    ranked = sorted(judged, key=lambda item: -item.support.exact)
    near = [item for item in ranked if item.support.exact >= 0.3]
    titles = list(dict.fromkeys(item.candidate.headings[-1] for item in near if item.candidate.headings))[:2]
    text = DECLINED
    if titles:
        text += f" The closest it comes is in the section “{titles[0]}”."
    return Answer(text, (), True, confidence, tuple(titles))


def _compose(asked: Question, judged: Sequence[_Judged], material: Material, confidence: float) -> Answer:
    ranked = sorted(judged, key=lambda item: -item.rank)
    best = ranked[0]
    chosen: list[tuple[int, int, int]] = []
    for item in ranked:
        if len(chosen) >= _MAX_PASSAGES or item.rank < best.rank - _CLOSE_ENOUGH:
            break
        if item is not best and not _adds_to(item.support, best.support):
            continue
        span = _span(item, judged, material)
        if item is best and asked.kind in _TOLD_AT_LENGTH:
            span = _going_on(item, span, material)
        if not any(span[0] == other[0] and span[1] < other[2] and other[1] < span[2] for other in chosen):
            chosen.append(span)
    merged = _merge_neighbours(chosen, material)
    citations = tuple(material[document].cite(start, end) for document, start, end in merged)
    text = "\n\n".join(f"{reading_form(citation.text)} [{number}]" for number, citation in enumerate(citations, 1))
    return Answer(text, citations, False, confidence)


def _adds_to(support: Support, best: Support) -> bool:
    """Tell whether a further passage is about what is asked as much as the best one is; a near miss only distracts."""
    about_all = support.weakest > 0.0 or best.weakest == 0.0
    return about_all and support.exact >= best.exact - _LESS_ABOUT and answer_probability(support) >= DECLINE_BELOW


def _going_on(item: _Judged, span: tuple[int, int, int], material: Material) -> tuple[int, int, int]:
    """The span with the sentence after it, if that stands in the same paragraph and both are short enough."""
    document, start, end = span
    sentence, text = item.candidate.sentence, material[document].content.text
    if end != sentence.char_end or not item.candidate.after:
        return span
    further = _adjoining_end(item.candidate.after, text, end)
    broken = "\n\n" in text[end:further].strip(" ") or "\f" in text[end:further]
    return (document, start, further) if not broken and further - start <= _LONGEST_TOLD else span


def _span(item: _Judged, judged: Sequence[_Judged], material: Material) -> tuple[int, int, int]:
    """The sentence, with the one before it if it points back, and the one after it if that points back to this one."""
    sentence = item.candidate.sentence
    start, end = sentence.char_start, sentence.char_end
    text = material[sentence.document].content.text
    if _points_back(item.candidate.text) and item.candidate.before:
        start = _adjoining_start(item.candidate.before, text, start)
    if item.candidate.after and _points_back(item.candidate.after):
        end = _adjoining_end(item.candidate.after, text, end)
    return sentence.document, start, end


def _flexible(reading: str) -> str:
    """A pattern for a text in reading form as it may stand over line ends."""
    return r"\s+".join(re.escape(part) for part in reading.split())


def _adjoining_start(before: str, text: str, start: int) -> int:
    """Where the sentence before begins, if only white space lies between; else ``start``."""
    low = max(0, start - 2 * len(before) - 40)
    found = re.search(_flexible(before) + r"\s*\Z", text[low:start])
    return low + found.start() if found else start


def _adjoining_end(after: str, text: str, end: int) -> int:
    found = re.match(r"\s*" + _flexible(after), text[end : end + 2 * len(after) + 40])
    return end + found.end() if found else end


def _merge_neighbours(spans: Sequence[tuple[int, int, int]], material: Material) -> list[tuple[int, int, int]]:
    """Join spans with only white space between them; the order stays that of the best part of each."""
    merged: list[tuple[int, int, int]] = []
    for document, start, end in spans:
        for at, (other, low, high) in enumerate(merged):
            text = material[document].content.text
            if other == document and (
                (0 <= start - high <= 4 and not text[high:start].strip())
                or (0 <= low - end <= 4 and not text[end:low].strip())
            ):
                merged[at] = (document, min(low, start), max(high, end))
                break
        else:
            merged.append((document, start, end))
    return merged
