"""The entry points of the built-in question writer."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from documents_app.domain.analysis import Concept, Section, Term
from documents_app.domain.material import Material
from sessions_app.domain.questions.text import content_roots
from sessions_app.domain.questions.types import CandidateQuestion, DifficultyLevel, QuestionKind
from sessions_app.engine.questions.assembly import Assembler
from sessions_app.engine.questions.distractors import PHRASES, DistractorFinder
from sessions_app.engine.questions.entities import Embed
from sessions_app.engine.questions.facts import drafts_of
from sessions_app.engine.questions.fitness import is_askable, is_statable
from sessions_app.engine.questions.reading import Reading, ReadSentence, read_material
from sessions_app.engine.questions.statements import statements_of
from sessions_app.engine.questions.topics import sentences_on

OVERSHOOT = 3
_SHARE = {
    QuestionKind.MULTIPLE_CHOICE: 0.55,
    QuestionKind.TRUE_FALSE: 0.12,
    QuestionKind.CLOZE: 0.1,
    QuestionKind.SHORT_ANSWER: 0.1,
    QuestionKind.NUMERIC: 0.1,
}


def generate(
    material: Material,
    sections: Sequence[Section],
    concepts: Sequence[Concept] = (),
    terms: Sequence[Term] = (),
    embed: Embed | None = None,
    *,
    count: int,
    topic: str | None = None,
    difficulty: DifficultyLevel | str | None = None,
    kinds: Collection[QuestionKind] | None = None,
    seed: int = 0,
    avoid: Collection[str] = (),
    reading: Reading | None = None,
    within: Collection[int] | None = None,
) -> list[CandidateQuestion]:
    """Return up to ``count * OVERSHOOT`` candidate questions, the best first, for the verifier to choose from.

    ``topic`` limits the questions to sentences about it (none → an empty list); ``difficulty`` keeps questions whose
    estimate has that label; ``avoid`` holds fingerprints and stems that exist already. The same arguments and ``seed`` give the same
    questions. Fewer are returned when the material does not hold more. Pass ``reading`` to reuse one; ``within`` limits
    the questions to sections by their indexes.
    """
    read = reading or read_material(material, sections, concepts, terms, embed)
    rng = random.Random(seed)
    wanted = frozenset(kinds) if kinds else frozenset(QuestionKind)
    sources = sentences_on(topic, read, embed) if topic else read.sentences
    if within is not None:
        sources = [source for source in sources if source.section.index in within]
    level = str(difficulty) if difficulty else "medium"
    writer = _Writer(read, embed, topic or "", level, rng)
    chosen: list[CandidateQuestion] = []
    reserve: list[CandidateQuestion] = []
    taken: Counter[QuestionKind] = Counter()
    seen = set(avoid)
    budget = count * OVERSHOOT
    for source in _spread(sources, read, rng):
        usable = [
            question
            for question in writer.questions(source, wanted)
            if (not difficulty or question.difficulty == difficulty)
            and question.fingerprint not in seen
            and question.stem not in seen
        ]
        if not usable:
            continue
        best = min(usable, key=lambda question: (taken[question.kind] + 1) / _SHARE[question.kind])
        taken[best.kind] += 1
        chosen.append(best)
        seen.add(best.fingerprint)
        reserve.extend(
            question for question in usable if question.key_text != best.key_text and question.kind != best.kind
        )
        if len(chosen) >= budget:
            break
    return (chosen + reserve)[:budget]


def _spread(sources: Sequence[ReadSentence], reading: Reading, rng: random.Random) -> list[ReadSentence]:
    """Order sentences so that sections take turns, the ones with key terms first inside a section."""
    by_section: dict[int, list[tuple[float, ReadSentence]]] = defaultdict(list)
    terms = {root for key in reading.terms for root in key}
    for source in sources:
        if source.clause is None and source.whole is None:
            continue
        subject = content_roots(source.clause.subject_text) if source.clause is not None else ()
        weight = sum(root in terms for root in subject) + rng.random() * 1.5
        by_section[source.section.index].append((-weight, source))
    queues = [
        [source for _, source in sorted(rows, key=lambda row: (row[0], row[1].index))] for rows in by_section.values()
    ]
    rng.shuffle(queues)
    ordered: list[ReadSentence] = []
    while queues:
        ordered.extend(queue.pop(0) for queue in queues)
        queues = [queue for queue in queues if queue]
    return ordered


class _Writer:
    """Writes the questions of one sentence; holds the pools of one reading."""

    def __init__(self, reading: Reading, embed: Embed | None, topic: str, level: str, rng: random.Random) -> None:
        self._reading = reading
        self._level = level
        self._rng = rng
        if reading.drafts is None:
            reading.drafts = {
                source.index: [d for d in drafts_of(source, reading.pool) if is_askable(d, reading)]
                for source in reading.sentences
            }
        # Copies: a definition may be cut to the length of its wrong options.
        self._drafts = {index: [replace(draft) for draft in drafts] for index, drafts in reading.drafts.items()}
        every = [draft for drafts in self._drafts.values() for draft in drafts]
        self._finder = DistractorFinder(reading, embed, [draft for draft in every if draft.answer_kind in PHRASES])
        self._assembler = Assembler(reading, self._finder, topic, rng)

    def questions(self, source: ReadSentence, wanted: Collection[QuestionKind]) -> Iterator[CandidateQuestion]:
        drafts = self._drafts.get(source.index, [])
        for draft in drafts:
            written = self._assembler.written(draft) if _WRITTEN.intersection(wanted) else None
            if written is not None and written.kind in wanted:
                yield written
            if QuestionKind.MULTIPLE_CHOICE in wanted:
                choice = self._assembler.multiple_choice(draft, self._level)
                if choice is not None:
                    yield choice
        if QuestionKind.TRUE_FALSE in wanted and is_statable(source, self._reading):
            for statement in statements_of(source, drafts, self._finder, self._rng):
                yield self._assembler.true_false(statement.draft, statement.text, statement.value, statement.contrast)


_WRITTEN = frozenset({QuestionKind.CLOZE, QuestionKind.SHORT_ANSWER, QuestionKind.NUMERIC})
