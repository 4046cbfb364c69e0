"""The entry point of the built-in question writer."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence

from documents_app.domain.matter.types import Matter
from sessions_app.domain.questions.lint_options import telling_words
from sessions_app.domain.questions.request import QuestionRequest
from sessions_app.domain.questions.types import RECALL, CandidateQuestion, QuestionKind
from sessions_app.engine.questions import (
    clauses,
    definitions,
    differences,
    explanations,
    gists,
    lists,
    points,
    quantities,
    rows,
    subjects,
    symbols,
)
from sessions_app.engine.questions.drafts import Draft, as_candidate, level_of
from sessions_app.engine.questions.gaps import Gaps
from sessions_app.engine.questions.siblings import Siblings
from sessions_app.engine.questions.worth import is_beside

OVERSHOOT = 3
LEAST_WORTH = 0.45
"""What is worth less is asked only of a section that has nothing better, or where its kind is asked for."""
_BEGUN = 2
"""Words at the beginning of an option that say what it tells of: an article and a noun."""
_SAME_PATTERN, _SAME_SECTION, _SAME_TERM = 0.15, 0.12, 1.0
"""What a draft loses for each earlier one of its pattern, its section, its term: a quiz is varied."""


def write(matter: Matter, request: QuestionRequest) -> list[CandidateQuestion]:
    """Return up to ``request.count * OVERSHOOT`` candidates, the best first, for the verifier to choose from.

    Fewer are returned when the material holds no more that is worth asking. None of two candidates that follow each
    other closely is about the same passage unless nothing else is left.
    """
    rng = random.Random(request.seed)
    wanted = [draft for draft in _drafts(matter, rng) if _is_wanted(draft, matter, request) and not _is_told(draft)]
    of_section = _SAME_SECTION if request.within is None else _SAME_TERM  # a lesson asks each section before one again
    chosen = _varied(wanted, request.count * OVERSHOOT, of_section, rng)
    candidates = [as_candidate(draft, matter, request.topic or "", rng) for draft in chosen]
    return [
        candidate
        for candidate in candidates
        if candidate.fingerprint not in request.avoid and candidate.stem not in request.avoid
    ]


def _drafts(matter: Matter, rng: random.Random) -> Iterable[Draft]:
    siblings = Siblings(matter)
    yield from definitions.drafts(matter, siblings)
    yield from explanations.drafts(matter)
    yield from lists.drafts(matter, rng)
    yield from points.drafts(matter)
    yield from rows.drafts(matter)
    yield from clauses.drafts(matter)
    yield from differences.drafts(matter)
    yield from gists.drafts(matter)
    yield from symbols.drafts(matter)
    yield from quantities.drafts(matter)
    yield from subjects.drafts(matter, siblings)
    yield from Gaps(matter, siblings, rng).drafts()


def _is_wanted(draft: Draft, matter: Matter, request: QuestionRequest) -> bool:
    if not request.wants(draft.kind) or draft.stem in request.avoid:
        return False
    if not request.kinds and draft.kind is QuestionKind.TRUE_FALSE:
        return False  # a guess is right half of the time: only where it is asked for
    if request.difficulty is not None and level_of(draft) != request.difficulty:
        return False
    if not _has_its_place(draft, request):
        return False
    if any(is_beside(matter.cite(span).text, matter.language) for span in draft.evidence):
        return False
    return not request.topic or _deals_with(draft, matter, request.topic)


def _has_its_place(draft: Draft, request: QuestionRequest) -> bool:
    """Tell whether a draft is about a section that is asked for; in a quiz, whether it is worth a place among all others."""
    if request.within is not None:
        return draft.section in request.within
    return draft.pattern != RECALL and (bool(request.kinds) or draft.worth >= LEAST_WORTH)


def _is_told(draft: Draft) -> bool:
    """Tell whether a word of the stem gives the key away: a choice that is refused must not stand in the way of the same typed."""
    others = [text for text in draft.wrong if text != draft.key]
    return bool(others) and (_begins_alone(draft.key, others) or bool(telling_words(draft.stem, draft.key, others)))


def _begins_alone(key: str, others: Sequence[str]) -> bool:
    """Tell whether all other options begin with the same words and the key does not: it tells of something else than they."""
    begun = {tuple(text.casefold().split()[:_BEGUN]) for text in (key, *others)}
    theirs = {tuple(text.casefold().split()[:_BEGUN]) for text in others}
    return len(theirs) == 1 < len(begun) and len(others) > 1 and len(min(theirs)) == _BEGUN


def _deals_with(draft: Draft, matter: Matter, topic: str) -> bool:
    wanted = set(matter.language.content_stems(topic))
    said = f"{draft.stem} {draft.key} {draft.concept} {matter.titles.get(draft.section, '')}"
    return bool(wanted) and wanted <= set(matter.language.content_stems(said))


def _varied(drafts: Sequence[Draft], limit: int, of_section: float, rng: random.Random) -> list[Draft]:
    """Return up to ``limit`` drafts, the worthiest first, each other pattern, section and term before the same again.

    ``of_section`` is what a draft loses for each earlier one of its section.
    """
    left = [(draft, draft.worth + 0.1 * rng.random()) for draft in drafts]
    patterns: Counter[str] = Counter()
    sections: Counter[int] = Counter()
    terms: Counter[str] = Counter()
    chosen: list[Draft] = []
    while left and len(chosen) < limit:
        at = max(
            range(len(left)),
            key=lambda i: (
                left[i][1]
                - _SAME_PATTERN * patterns[_group(left[i][0])]
                - of_section * sections[left[i][0].section]
                - _SAME_TERM * terms[left[i][0].concept]
            ),
        )
        draft = left.pop(at)[0]
        patterns[_group(draft)] += 1
        sections[draft.section] += 1
        terms[draft.concept] += 1
        chosen.append(draft)
    return chosen


def _group(draft: Draft) -> str:
    return f"{draft.pattern}:{draft.value}" if draft.kind is QuestionKind.TRUE_FALSE else draft.pattern
