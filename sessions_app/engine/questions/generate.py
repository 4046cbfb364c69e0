"""The entry points of the built-in question writer."""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence

from documents_app.domain.analysis import Concept, Section, Term
from documents_app.domain.material import Material
from sessions_app.domain.questions.text import content_roots, root
from sessions_app.domain.questions.types import CandidateQuestion, DifficultyLevel, QuestionKind
from sessions_app.engine.questions.assembly import Assembler
from sessions_app.engine.questions.distractors import DistractorFinder
from sessions_app.engine.questions.drafts import Draft
from sessions_app.engine.questions.entities import Embed
from sessions_app.engine.questions.facts import drafts_of
from sessions_app.engine.questions.reading import Reading, ReadSentence, read_material
from sessions_app.engine.questions.statements import statements_of
from sessions_app.engine.questions.topics import sentences_on

OVERSHOOT = 3
_SHARE = {
    QuestionKind.MULTIPLE_CHOICE: 0.5,
    QuestionKind.TRUE_FALSE: 0.16,
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
) -> list[CandidateQuestion]:
    """Return up to ``count * OVERSHOOT`` candidate questions, the best first, for the verifier to choose from.

    ``topic`` limits the questions to sentences about it (none → an empty list); ``difficulty`` keeps questions whose
    estimate has that label; ``avoid`` holds fingerprints and stems that exist already. The same arguments and ``seed`` give the same
    questions. Fewer are returned when the material does not hold more. Pass ``reading`` to reuse one.
    """
    read = reading or read_material(material, sections, concepts, terms, embed)
    rng = random.Random(seed)
    wanted = frozenset(kinds) if kinds else frozenset(QuestionKind)
    sources = sentences_on(topic, read, embed) if topic else read.sentences
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
        if source.clause is None:
            continue
        subject = content_roots(source.clause.subject_text)
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
        self._drafts = {
            source.index: [d for d in drafts_of(source, reading.pool) if _specific(d, reading)]
            for source in reading.sentences
        }
        every = [draft for drafts in self._drafts.values() for draft in drafts]
        predicates = [draft for draft in every if draft.answer_kind == "predicate"]
        places = [draft for draft in every if draft.answer_kind == "place"]
        self._finder = DistractorFinder(reading, embed, predicates, places)
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
        if QuestionKind.TRUE_FALSE in wanted:
            for statement in statements_of(source, drafts, self._finder, self._rng):
                yield self._assembler.true_false(statement.draft, statement.text, statement.value, statement.contrast)


_WRITTEN = frozenset({QuestionKind.CLOZE, QuestionKind.SHORT_ANSWER, QuestionKind.NUMERIC})


def _specific(draft: Draft, reading: Reading) -> bool:
    """Whether the stem names enough that is particular, and the answer is not a word the whole material is about."""
    weight = sum(sorted((reading.idf(root) for root in set(content_roots(draft.stem))), reverse=True)[:6])
    needed = {"subject": 15.0, "object": 10.0, "relation": 8.0, "place": 7.0}.get(draft.pattern, 5.0)
    scale = max(0.5, reading.idf("") / 7.8)
    if weight < needed * scale:
        return False
    if draft.pattern in {"subject", "object", "relation", "definition"} and draft.answer_kind == "thing":
        roots = content_roots(draft.answer)
        rare = max((reading.idf(root) for root in roots), default=0.0)
        if not roots or rare <= 2.6 * scale:
            return False
        if draft.pattern == "subject" and len(roots) == 1 and draft.answer[:1].islower():
            entity = reading.pool.find(draft.answer, draft.plural)
            return entity is not None and (entity.is_term or entity.count >= 3)
    if draft.pattern in {"subject", "object", "relation", "place", "statement"} and _bare_definite(draft, reading):
        return False
    return not re.search(r"\b(?:which|that) (?:is|are|was|were|can|may)?\s*\?$", draft.stem)


def _bare_definite(draft: Draft, reading: Reading) -> bool:
    """Whether the rest of the clause has a "the N" that nothing explains and that the material hardly speaks of: it points
    back to a sentence the learner does not see. Only where there is enough material to tell.
    """
    clause = draft.source.clause
    if clause is None or len(reading.sentences) < 300:
        return False
    tokens = clause.tokens
    for i in range(clause.verb_end, clause.rest_end - 1):
        if tokens[i].low != "the" or tokens[i + 1].tag not in {"NN", "NNS"}:
            continue
        after = tokens[i + 2] if i + 2 < len(tokens) else None
        if after is not None and (
            after.tag in {"NN", "NNS", "NNP", "JJ", "VBG", "VBN", "VBD", "WDT"}
            or after.low in {"of", "that", "which", "in", "for", "to", "between"}
        ):
            continue
        word = root(tokens[i + 1].low)
        if reading.document_frequency[word] < 8 and word not in {key[0] for key in reading.terms if len(key) == 1}:
            return True
    return False
