"""From drafts to candidate questions of each kind: options in order, key, explanation, evidence, difficulty."""

from __future__ import annotations

import random
import re

from sessions_app.domain.questions.text import clean, content_roots
from sessions_app.domain.questions.types import (
    FALSE_OPTION,
    TRUE_OPTION,
    BooleanKey,
    CandidateQuestion,
    ChoiceKey,
    Key,
    NumericKey,
    Option,
    QuestionKind,
    TextKey,
    make_options,
)
from sessions_app.engine.questions.difficulty import estimate, level_of
from sessions_app.engine.questions.distractors import DistractorFinder, Distractors
from sessions_app.engine.questions.drafts import Draft
from sessions_app.engine.questions.reading import Reading
from sessions_app.engine.questions.wording import article, strip_determiner, upper_first

ENGINE = "built-in"


class Assembler:
    """Builds candidate questions from drafts of one reading."""

    def __init__(self, reading: Reading, finder: DistractorFinder, topic: str, rng: random.Random) -> None:
        self._reading = reading
        self._finder = finder
        self._topic = topic
        self._rng = rng

    def multiple_choice(self, draft: Draft, level: str) -> CandidateQuestion | None:
        """Four options of one kind; numbers in order, others in the order of a seeded shuffle."""
        if draft.gap and draft.answer_kind != "number" and draft.pattern not in {"gap", "naming"}:
            return None
        found = self._finder.find(draft, level, self._rng)
        if found is None:
            return None
        bare = draft.answer_kind in {"thing", "person"}
        right, wrong = (strip_determiner(draft.answer) if bare else draft.answer), found.texts
        if bare and draft.answer.lower().startswith(("a ", "an ")):
            right, *rest = [f"{article(text)} {text}" for text in (right, *found.texts)]
            wrong = tuple(rest)
        texts = [upper_first(text) for text in (right, *wrong)]
        if draft.answer_kind in {"number", "year"}:
            texts = sorted({*texts}, key=_order)
        else:
            self._rng.shuffle(texts)
        stem = draft.stem
        options = make_options(stem, texts)
        key = next(option for option in options if option.text == upper_first(right))
        if len({option.id for option in options}) != len(options):
            return None
        return self._finish(draft, QuestionKind.MULTIPLE_CHOICE, stem, ChoiceKey(key.id), options, found)

    def written(self, draft: Draft) -> CandidateQuestion | None:
        """Cloze for a stem with a gap, numeric for numbers, else short answer."""
        if draft.answer_kind == "number":
            return self._numeric(draft)
        if draft.answer_kind not in {"thing", "person"} or len(draft.answer.split()) > 4:
            return None
        accepted = tuple(dict.fromkeys((strip_determiner(draft.answer), *draft.accepted)))
        if draft.gap:
            if draft.pattern != "naming" and not self._is_telling_term(draft):
                return None
            return self._finish(draft, QuestionKind.CLOZE, draft.stem, TextKey(accepted), (), None)
        if draft.pattern in {"naming", "definition", "person"}:
            return self._finish(draft, QuestionKind.SHORT_ANSWER, draft.stem, TextKey(accepted), (), None)
        return None

    def _is_telling_term(self, draft: Draft) -> bool:
        """A term of several words that hardly any other word could replace."""
        entity = self._reading.pool.find(draft.answer, draft.plural)
        return entity is not None and entity.is_term and len(content_roots(draft.answer)) > 1

    def _numeric(self, draft: Draft) -> CandidateQuestion | None:
        quantity = draft.quantity
        if quantity is None:
            return None
        rough = re.search(
            r"\b(?:about|approximately|around|roughly|nearly|almost|some|typically|over|under|than|up to)\b[^_]*_____|^(?:about )",
            draft.stem,
            re.I,
        )
        tolerance = abs(quantity.value) * (0.05 if rough else 0.0)
        unit = quantity.unit.symbol if quantity.unit else ""
        key = NumericKey(quantity.value, tolerance, unit)
        return self._finish(draft, QuestionKind.NUMERIC, draft.stem, key, (), None)

    def true_false(self, draft: Draft, statement: str, value: bool, contrast: str) -> CandidateQuestion:
        """A statement, true as the material has it or made false in one word (``contrast`` explains it)."""
        return self._finish(
            draft, QuestionKind.TRUE_FALSE, statement, BooleanKey(value), (TRUE_OPTION, FALSE_OPTION), None, contrast
        )  # fmt: skip

    def _finish(
        self,
        draft: Draft,
        kind: QuestionKind,
        stem: str,
        key: Key,
        options: tuple[Option, ...],
        found: Distractors | None,
        contrast: str = "",
    ) -> CandidateQuestion:
        reading = self._reading
        seen = max((reading.document_frequency[root] for root in content_roots(draft.concept)), default=1)
        figures = estimate(
            basis=draft.basis,
            kind=kind,
            closeness=found.closeness if found else 0.35,
            rarity=1.0 / (1.0 + max(0, seen - 1) / 6),
            stem_words=len(stem.split()),
        )
        return CandidateQuestion(
            kind=kind,
            stem=stem,
            key=key,
            explanation=self._explanation(draft, kind, contrast),
            evidence=(reading.cite(draft.source.sentence),),
            options=options,
            concept=draft.concept,
            section_title=draft.source.section.title,
            topic=self._topic or draft.source.section.title,
            difficulty=level_of(figures),
            estimate=figures,
            points=1,
            pattern=draft.pattern,
            engine=ENGINE,
        )

    def _explanation(self, draft: Draft, kind: QuestionKind, contrast: str) -> str:
        quote = clean(draft.source.sentence.text)
        title = draft.source.section.title
        place = f"The section “{title}” says" if title else "The material says"
        told = f"{place}: “{quote}”"
        if contrast:
            return f"{contrast} {told}"
        if kind is QuestionKind.TRUE_FALSE:
            return f"True. {told}"
        answer = draft.answer if draft.answer_kind not in {"thing", "person"} else strip_determiner(draft.answer)
        return f"{upper_first(answer)}. {told}"


def _order(text: str) -> float:
    from sessions_app.domain.grading.numbers import find_quantities

    found = find_quantities(text)
    return found[0].value if found else 0.0
