"""A model's part in the dialogue: what it is told about the learner and the turn, and its words in place of the built-in ones."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from uuid import UUID

from documents_app.retrieval.passages import FoundPassages, find_passages
from documents_app.retrieval.scope import Scope
from documents_app.selectors.documents import documents_for_owner
from documents_app.services.analysis import analysis_terms
from sessions_app.domain.dialogue.machine import EffectKind
from sessions_app.domain.questions.types import CandidateQuestion
from sessions_app.engine.answer import shown as passage_shown
from sessions_app.engine.dialogue.content import Content, answers_question
from sessions_app.engine.dialogue.hints import hidden
from sessions_app.models import AnswerRecord, LearningSession, MasteryState
from sessions_app.services.answering import turns_told
from sessions_app.services.engines import caller_of
from tutor_project.language import Language
from tutor_project.llm.engines import gateway_for

PASSAGES = 6
HISTORY_TURNS = 8
MISTAKES = 3
_TURN_CHARACTERS = 400
_LEVELS = ((0.4, "a beginner here"), (0.75, "knows some of it"), (1.01, "knows it well"))
_TASKS = {
    EffectKind.HINT: "help",
    EffectKind.CORRECT: "praise",
    EffectKind.REVEAL: "reveal",
    EffectKind.ANSWER_QUESTION: "explain",
}


@dataclass(frozen=True, slots=True)
class Moment:
    """What the tutor is to answer: the words, what was made of them, and what the built-in tutor would say."""

    session: LearningSession
    effect: EffectKind
    said: str
    about: str
    question: CandidateQuestion | None
    is_open: bool
    content: Language
    spoken: Language
    built_in: Content
    tries: int


def is_tutored(effect: EffectKind) -> bool:
    """Tell whether a turn is one that a model has something to say to."""
    return effect in _TASKS


def tutor_events(moment: Moment) -> tuple[Any, AsyncGenerator[Any, None]]:
    """Return the passages that a search found, and a model's turn as it comes; raises LLMError."""
    from sessions_app.engine_model.tutor import TutorBrief, tutor_astream

    found = _passages(moment)
    material = documents_for_owner(
        owner_id=moment.session.owner_id,
        document_ids={UUID(passage.citation.document_id) for passage in found.passages},
    )
    _, data = moment.built_in
    task = "help" if moment.is_open else _TASKS[moment.effect]
    brief = TutorBrief(
        task=task,  # type: ignore[arg-type]
        said=moment.said,
        found=found,
        content=moment.content,
        spoken=moment.spoken,
        question=moment.question,
        is_open=moment.is_open,
        rung=str(data.get("hint_kind") or "place") if moment.is_open else "none",
        hint=str(data.get("hint") or ""),
        verdict=_verdict(moment),
        level=_level(moment),
        tries=moment.tries,
        mistakes=_mistakes(moment),
        history=_history(moment),
        terms=analysis_terms(session_id=moment.session.pk),
    )
    return found, tutor_astream(brief, material, gateway_for("answer"), caller_of(moment.session))


def _passages(moment: Moment) -> FoundPassages:
    """Return the passages on what is talked about; while a question is open none that answers it."""
    question = moment.question
    about = " ".join(part for part in (moment.said, moment.about, question.stem if question else "") if part)
    scope = Scope.of_session(moment.session.owner_id, moment.session.pk)
    found = find_passages(scope=scope, question=about, limit=PASSAGES)
    if question is None or not moment.is_open:
        return found
    safe = tuple(
        passage for passage in found.passages if not answers_question(passage_shown(passage), question, moment.content)
    )
    return replace(found, passages=safe)


def _verdict(moment: Moment) -> str:
    _, data = moment.built_in
    if moment.effect is EffectKind.CORRECT:
        return "right"
    if moment.effect is EffectKind.REVEAL:
        return "wrong, and the answer is shown now"
    if moment.effect is EffectKind.HINT:
        return f"wrong. {why['text']}" if (why := data.get("why_wrong")) else "wrong or asked for help"
    return ""


def _level(moment: Moment) -> str:
    """Return in words what the learner's answers say about the concept, or about the session."""
    states = MasteryState.objects.filter(session=moment.session, owner_id=moment.session.owner_id)
    concept = moment.question.concept if moment.question else ""
    own = list(states.filter(concept=concept).values_list("probability", flat=True)) if concept else []
    known = own or list(states.values_list("probability", flat=True))
    if not known:
        return "not known yet"
    mean = sum(known) / len(known)
    return next(word for limit, word in _LEVELS if mean < limit)


def _mistakes(moment: Moment) -> list[str]:
    """Return the learner's last wrong answers in the session, each with what was asked; never a key."""
    records = AnswerRecord.objects.filter(
        session=moment.session, owner_id=moment.session.owner_id, verdict=AnswerRecord.Verdict.INCORRECT
    ).select_related("question")
    found = []
    for record in records.order_by("-id")[:MISTAKES]:
        chosen = next((o["text"] for o in record.question.options if o["id"] == record.option_id), record.text)
        found.append(_sealed(moment, f"“{record.question.stem}” was answered with “{chosen}”"))
    return found


def _history(moment: Moment) -> str:
    """Return the last turns; what in them answers the open question is taken out."""
    return turns_told(
        moment.session.pk, turns=HISTORY_TURNS, characters=_TURN_CHARACTERS, seal=partial(_sealed, moment)
    )


def _sealed(moment: Moment, text: str) -> str:
    question = moment.question
    return hidden(text, question, moment.content) if question is not None and moment.is_open else text
