"""A second look by a model at what a model wrote: it answers each question, and weighs each statement, from the evidence alone.

The key is not shown to it. Of questions the judge only refuses: what the rules refuse stays refused. A statement that it
finds to follow stands, whatever its words. Where it fails or is unsure the rules decide alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from string import ascii_uppercase

import structlog

from sessions_app.domain.claim_text import tongue_of
from sessions_app.domain.claims import claim_faults
from sessions_app.domain.grading.grade import grade
from sessions_app.domain.grading.types import GivenAnswer, GradeVerdict
from sessions_app.domain.questions.negation import denials
from sessions_app.domain.questions.paraphrase import Ground
from sessions_app.domain.questions.sentences import SentenceStatistics
from sessions_app.domain.questions.text import fold, words
from sessions_app.domain.questions.types import BooleanKey, CandidateQuestion, ChoiceKey, Option
from sessions_app.engine_model.schemas import JudgedReply, JudgementReply
from tutor_project.language import Language
from tutor_project.llm.errors import LLMError
from tutor_project.llm.gateway import Gateway
from tutor_project.llm.types import Caller, CompletionRequest, UntrustedText

log = structlog.get_logger(__name__)

ITEMS_A_CALL = 8
_LETTER = re.compile(r"\(?([A-Za-z])(?:[).:]|$)")
"""The letter by which an option is named, before its text or alone."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement, and the passage it rests on with what stands around it."""

    statement: str
    passage: str


def judged(
    questions: Sequence[CandidateQuestion], source: SentenceStatistics, gateway: Gateway, caller: Caller
) -> list[CandidateQuestion]:
    """Return the questions, those that the judge answers otherwise than their key marked ``refused_by_judge``."""
    replies = _replies([_shown(question, source) for question in questions], gateway, caller)
    return [_marked(question, reply) for question, reply in zip(questions, replies, strict=True)]


def contradicted(claims: Sequence[Claim], gateway: Gateway, caller: Caller) -> list[bool]:
    """Tell of each claim whether the judge finds that its passage says otherwise."""
    return [said == "no" for said in weighed(claims, gateway, caller)]


def upheld(claims: Sequence[Claim], carried: Sequence[bool], gateway: Gateway, caller: Caller) -> list[bool]:
    """Tell of each claim whether it may stand: the judge says that it follows, or is unsure and the rules carry it.

    Rules compare words, and a good explanation in words of its own shares few with its passage.
    """
    said = weighed(claims, gateway, caller)
    return [stands(word, by_rules) for word, by_rules in zip(said, carried, strict=True)]


def stands(word: str, by_rules: bool) -> bool:
    """Tell whether a claim may stand of which the judge says ``word`` and the rules whether it is carried."""
    return word == "yes" or (word != "no" and by_rules)


def weighed(claims: Sequence[Claim], gateway: Gateway, caller: Caller) -> list[str]:
    """Return of each claim whether it follows from its passage: "yes", "no" or "unsure", "" where the judge says nothing."""
    shown = [f"PASSAGE: {claim.passage}\nSTATEMENT: {claim.statement}" for claim in claims]
    return ["" if reply is None else reply.follows or "" for reply in _replies(shown, gateway, caller)]


def _replies(shown: Sequence[str], gateway: Gateway, caller: Caller) -> list[JudgedReply | None]:
    """Return what the judge says of each item, in as many calls as needed; None where it says nothing."""
    found: list[JudgedReply | None] = []
    for start in range(0, len(shown), ITEMS_A_CALL):
        batch = shown[start : start + ITEMS_A_CALL]
        try:
            replies = _ask(batch, gateway, caller)
        except LLMError as failure:
            log.warning("judge_failed", code=failure.code, model=gateway.model)
            replies = {}
        found += [replies.get(at) for at in range(1, len(batch) + 1)]
    return found


def _ask(batch: Sequence[str], gateway: Gateway, caller: Caller) -> dict[int, JudgedReply]:
    items = "\n\n".join(f"[{at}] {shown}" for at, shown in enumerate(batch, 1))
    request = CompletionRequest(
        prompt_id="sessions.judge", schema=JudgementReply, phase="generation", feature="judge",
        variables={"count": len(batch)}, documents=[UntrustedText("ITEMS", items)], **caller.ids(),
    )  # fmt: skip
    return {item.number: item for item in gateway.complete(request).value.items}


def _shown(question: CandidateQuestion, source: SentenceStatistics) -> str:
    """Return an item without its key: the section, the sentences around the quote, and what is asked."""
    ground = Ground.of(question, source)
    if isinstance(question.key, BooleanKey):
        return f"PASSAGE: {ground.context}\nSTATEMENT: {question.stem}"
    options = "".join(
        f"\n{letter}) {option.text}" for letter, option in zip(ascii_uppercase, question.options, strict=False)
    )
    return f"PASSAGE: {ground.context}\nQUESTION: {question.stem}{options}"


def _marked(question: CandidateQuestion, reply: JudgedReply | None) -> CandidateQuestion:
    if reply is None or agrees(question, reply) is not False:
        return question
    return replace(question, estimate={**question.estimate, "refused_by_judge": 1.0})


def agrees(question: CandidateQuestion, reply: JudgedReply) -> bool | None:
    """Say whether the judge's own answer is the key, None when it gave none that can be compared."""
    if isinstance(question.key, BooleanKey):
        if reply.follows == "unsure":
            return None if question.key.value else True
        return (reply.follows == "yes") is question.key.value
    if isinstance(question.key, ChoiceKey):
        chosen = _option_named(reply.answer, question.options)
        also = {_option_named(other, question.options) for other in reply.others} - {"", chosen}
        return chosen == question.key.option_id and not also
    if not reply.answer.strip():
        return False
    if claim_faults(reply.answer, [question.key_text], whole=False):
        return False
    given = grade(question.key, GivenAnswer(text=reply.answer), options=question.options, stem=question.stem)
    return given.verdict is GradeVerdict.CORRECT or _says_it(
        reply.answer, question.key_text, tongue_of(" ".join(cited.text for cited in question.evidence))
    )


def _option_named(said: str, options: Sequence[Option]) -> str:
    """Return the id of the option that a judge names by its letter or its text; empty for none, as where none follows."""
    letter = _LETTER.match(said.strip())
    for own, option in zip(ascii_uppercase, options, strict=False):
        if fold(said).strip(" .") == fold(option.text).strip(" .") or (letter and letter[1].upper() == own):
            return option.id
    return ""


def _says_it(said: str, key: str, tongue: Language) -> bool:
    """Tell whether an answer in more words, which rules may be unsure of, holds the key with nothing denied."""
    return f" {' '.join(words(key))} " in f" {' '.join(words(said))} " and not denials(said, tongue)
