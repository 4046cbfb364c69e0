"""Candidate questions written by a model, in the shape the verifier takes: nothing here is shown before it passed.

A question whose quotation is not in the material, or whose parts do not fit together, is dropped at once. The
explanation is made from the evidence, not taken from the model.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

import structlog

from documents_app.domain.analysis.types import Section
from documents_app.domain.material import Material, language_of_material
from documents_app.domain.quotes import Evidence, even_out
from documents_app.domain.reading.form import reading_form
from documents_app.retrieval.excerpts import as_document, choose_excerpts
from sessions_app.domain.asking import language_of_question
from sessions_app.domain.questions.lint import CUES, lint
from sessions_app.domain.questions.sentences import checked_as
from sessions_app.domain.questions.types import (
    FALSE_OPTION,
    TRUE_OPTION,
    BooleanKey,
    CandidateQuestion,
    ChoiceKey,
    DifficultyLevel,
    Key,
    NumericKey,
    Option,
    QuestionKind,
    TextKey,
    canonical,
    make_options,
)
from sessions_app.engine_model.schemas import QuestionReply, QuestionsReply
from tutor_project.common.batch import ItemResult, process_batch
from tutor_project.language import Language
from tutor_project.language.quantities.finding import find_quantities
from tutor_project.language.quantities.units import parse_unit
from tutor_project.llm.errors import LLMError, LLMInvalidOutput
from tutor_project.llm.gateway import Gateway
from tutor_project.llm.types import Caller, CompletionRequest, UntrustedText
from tutor_project.llm.usage import truncate_to_tokens

log = structlog.get_logger(__name__)

ENGINE_NAME = "model"
OVERSHOOT = 1.6
MAX_CALLS = 8
_QUESTIONS_A_CALL = 12
_CALLS_AT_ONCE = 3
_CALL_SECONDS = 60.0
_TOKENS_A_QUESTION, _MOST_TOKENS_A_QUESTION, _TOKENS_A_CALL = 150, 350, 4000
"""Tokens of one question as models write it, the most that is allowed for one, and for all of a call."""
_EXISTING_TOKENS = 800
_MAX_STEM, _MAX_OPTION, _MAX_NAME = 400, 200, 120
_GAP = re.compile(r"_{3,}")
_LEVELS = {"easy": 0.3, "medium": 0.5, "hard": 0.7}


def generate(
    material: Material,
    sections: Sequence[Section],
    gateway: Gateway,
    caller: Caller,
    *,
    count: int,
    topic: str | None = None,
    difficulty: DifficultyLevel | str | None = None,
    kinds: Collection[QuestionKind] | None = None,
    seed: int = 0,
    avoid: Collection[str] = (),
) -> list[CandidateQuestion]:
    """Return candidate questions for the verifier to choose from, some more than ``count`` if the model gives them.

    ``topic`` limits them to sections about it (none → an empty list), ``avoid`` holds stems and fingerprints that
    exist already, ``seed`` decides the order of options. At most ``MAX_CALLS`` calls are made, over different parts of
    the material. Raises the ``LLMError`` of the first call when no call succeeds.
    """
    usable = _sections_about(sections, topic, language_of_material(material))
    if not usable or count < 1:
        return []
    wanted = frozenset(kinds) if kinds else frozenset(QuestionKind)
    a_call = gateway.pace.items_in(_CALL_SECONDS, _TOKENS_A_QUESTION, _QUESTIONS_A_CALL)
    slow = a_call < _QUESTIONS_A_CALL
    # What a slow model writes is precious: no more than is missing, and what falls is asked for again by who chooses.
    total = count if slow else math.ceil(count * OVERSHOOT)
    calls = min(MAX_CALLS, math.ceil(total / a_call))
    if slow:
        usable = usable[seed % len(usable) :] + usable[: seed % len(usable)]
    groups = [usable[at::calls] for at in range(min(calls, len(usable)))]
    writer = _Writer(material, gateway, caller, wanted, difficulty, avoid, topic or "")
    each = math.ceil(total / len(groups))
    results = process_batch(
        groups,
        lambda group: writer.write(group, min(each, 2 * a_call)),
        batch_size=len(groups),
        concurrency=1 if slow else min(_CALLS_AT_ONCE, len(groups)),
    )
    _raise_if_none_succeeded(results)
    written = [question for result in results for question in result.value or ()]
    return _least_flawed_first(_new(written, avoid, random.Random(seed)), checked_as(material))


def _raise_if_none_succeeded(results: Sequence[ItemResult[Any, Any]]) -> None:
    failures = [result.error for result in results if result.error is not None]
    for failure in failures:
        if len(failures) == len(results) or not isinstance(failure, LLMError):
            raise failure
        log.warning("questions_call_failed", code=failure.code)


def _new(written: Iterable[CandidateQuestion], avoid: Collection[str], rng: random.Random) -> list[CandidateQuestion]:
    """Return the questions that are not known yet, their options in another order."""
    known = set(avoid)
    shuffled = (_shuffled(question, rng) for question in written)
    return list({q.fingerprint: q for q in shuffled if q.fingerprint not in known and q.stem not in known}.values())


def _least_flawed_first(questions: Sequence[CandidateQuestion], tongue: Language) -> list[CandidateQuestion]:
    return sorted(questions, key=lambda question: sum(failure.rule in CUES for failure in lint(question, tongue)))


def _sections_about(sections: Sequence[Section], topic: str | None, tongue: Language) -> list[Section]:
    usable = [section for section in sections if section.sentences]
    wanted = set(tongue.content_stems(topic or ""))
    if not wanted:
        return usable if not (topic or "").strip() else []

    def named_in(texts: Iterable[str]) -> bool:
        return any(wanted <= set(tongue.content_stems(text)) for text in texts)

    titled = [one for one in usable if named_in((one.title, *one.path))]
    return titled or [one for one in usable if named_in(reading_form(sentence.text) for sentence in one.sentences)]


class _Writer:
    """Asks for the questions of one part of the material after another."""

    def __init__(
        self,
        material: Material,
        gateway: Gateway,
        caller: Caller,
        kinds: Collection[QuestionKind],
        difficulty: DifficultyLevel | str | None,
        avoid: Collection[str],
        topic: str,
    ) -> None:
        self._material = material
        self._gateway = gateway
        self._caller = caller
        self._kinds = kinds
        self._difficulty = str(difficulty) if difficulty else None
        self._avoid = avoid
        self._topic = topic

    def write(self, sections: Sequence[Section], count: int) -> list[CandidateQuestion]:
        """Return the questions on ``sections`` that are whole and have their evidence."""
        existing = self._existing()
        sketch = CompletionRequest(
            prompt_id="sessions.questions",
            schema=QuestionsReply,
            phase="generation",
            feature="quiz",
            max_output_tokens=min(_TOKENS_A_CALL, _MOST_TOKENS_A_QUESTION * count + 100),
            variables={
                "count": count,
                "kinds": ", ".join(sorted(kind.value for kind in self._kinds)),
                "difficulty": self._difficulty or "mixed",
            },
            **self._caller.ids(),
        )
        room = self._gateway.room_for_documents(replace(sketch, documents=existing), QuestionsReply)
        excerpts = choose_excerpts(self._material, sections, max_tokens=room - (_EXISTING_TOKENS if existing else 0))
        evidence = Evidence(excerpts)

        def accept(reply: QuestionsReply) -> None:
            if not self._kept(reply, evidence):
                raise LLMInvalidOutput(
                    "No question is whole and has a quote that is in the material word for word. Copy each quote "
                    "character by character, and make the answer one of the options."
                )

        documents = [as_document(excerpts), *existing]
        reply = self._gateway.complete(replace(sketch, documents=documents, accept=accept))
        return self._kept(reply.value, evidence)

    def _existing(self) -> list[UntrustedText]:
        stems = [text for text in self._avoid if " " in text][-40:]
        text = truncate_to_tokens("\n".join(stems), _EXISTING_TOKENS)
        return [UntrustedText("EXISTING QUESTIONS", text)] if text else []

    def _kept(self, reply: QuestionsReply, evidence: Evidence) -> list[CandidateQuestion]:
        """Return the whole ones of the difficulty asked for; the rest is dropped."""
        found = (candidate_of_reply(item, evidence, kinds=self._kinds, topic=self._topic) for item in reply.questions)
        whole = [question for question in found if question is not None]
        return [question for question in whole if not self._difficulty or question.difficulty.value == self._difficulty]


def candidate_of_reply(
    item: QuestionReply, evidence: Evidence, *, kinds: Collection[QuestionKind], topic: str = ""
) -> CandidateQuestion | None:
    """Return the question of one item of a reply, None when it is not whole or its quote is not in the material."""
    kind = QuestionKind(item.kind)
    if kind not in kinds:
        return None
    hit = evidence.find(item.quote, item.section)
    stem = _GAP.sub("_____", even_out(item.question))
    if hit is None or not stem or len(stem) > _MAX_STEM:
        return None
    parts = _key_and_options(kind, stem, item)
    if parts is None:
        return None
    key, options = parts
    excerpt, citation = hit
    title = reading_form(excerpt.section.title)
    question = CandidateQuestion(
        kind=kind,
        stem=stem,
        key=key,
        explanation="",
        evidence=(citation,),
        options=options,
        concept=even_out(item.concept)[:_MAX_NAME],
        section_title=title,
        topic=topic or title,
        difficulty=DifficultyLevel(item.difficulty),
        estimate={"model_label": _LEVELS[item.difficulty], "difficulty": _LEVELS[item.difficulty]},
        pattern="model",
        engine=ENGINE_NAME,
    )
    return replace(question, explanation=_explanation(question, reading_form(citation.text)))


def _key_and_options(kind: QuestionKind, stem: str, item: QuestionReply) -> tuple[Key, tuple[Option, ...]] | None:
    """Return the key and the options of a reply, or None when they do not make a question of this kind."""
    answer = even_out(item.answer)
    if not answer or len(answer) > _MAX_OPTION:
        return None
    if kind is QuestionKind.MULTIPLE_CHOICE:
        return _choice(stem, [even_out(option) for option in item.options], answer)
    if kind is QuestionKind.TRUE_FALSE:
        value = {"true": True, "false": False}.get(canonical(answer))
        return None if value is None else (BooleanKey(value), (TRUE_OPTION, FALSE_OPTION))
    if kind is QuestionKind.NUMERIC:
        quantities = find_quantities(answer)
        unit = even_out(item.unit)[:20] or unit_asked_for(stem, language_of_question(stem))
        return (NumericKey(quantities[0].value, 0.0, unit), ()) if len(quantities) == 1 else None
    if kind is QuestionKind.CLOZE and len(_GAP.findall(stem)) != 1:
        return None
    accepted = dict.fromkeys([answer, *(text for other in item.accepted if (text := even_out(other)))])
    return TextKey(tuple(accepted)), ()


def unit_asked_for(stem: str, tongue: Language) -> str:
    """Return the unit that a question names right behind "how many", '' where it names none ("How many millimeters …?")."""
    words = [word.text for word in tongue.words(stem)]
    folded = [word.casefold() for word in words]
    for opening in (phrase.split() for phrase in tongue.phrases("asked_numbers")):
        for at in range(len(words) - len(opening)):
            if folded[at : at + len(opening)] == opening:
                behind = (word for word in words[at + len(opening) :] if not tongue.is_stop_word(word))
                named = next(behind, "")
                unit = parse_unit(named)
                return named if unit is not None and not unit.doubtful else ""
    return ""


def _choice(stem: str, texts: Sequence[str], answer: str) -> tuple[Key, tuple[Option, ...]] | None:
    names = [canonical(text) for text in texts]
    if canonical(answer) not in names or len(set(names)) != len(names) or "" in names:
        return None
    if any(len(text) > _MAX_OPTION for text in texts):
        return None
    options = make_options(stem, texts)
    return ChoiceKey(options[names.index(canonical(answer))].id), options


def _explanation(question: CandidateQuestion, quote: str) -> str:
    place = f"The section “{question.section_title}” says" if question.section_title else "The material says"
    told = f"{place}: “{quote}”"
    if isinstance(question.key, BooleanKey):
        return f"{question.key_text}. {told}"
    return f"{told} The answer is therefore: {question.key_text}."


def _shuffled(question: CandidateQuestion, rng: random.Random) -> CandidateQuestion:
    """Put the options in an order of our own: models put the right one first. Numbers stay in their order."""
    if question.kind is not QuestionKind.MULTIPLE_CHOICE:
        return question
    options = list(question.options)
    numbers = [find_quantities(option.text) for option in options]
    if all(len(found) == 1 for found in numbers):
        options.sort(key=lambda option: find_quantities(option.text)[0].value)
    else:
        rng.shuffle(options)
    return replace(question, options=tuple(options))
