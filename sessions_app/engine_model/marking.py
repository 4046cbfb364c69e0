"""Learners' answers that the rules leave open, judged by a model: a verdict, what shows it, and nothing in its own words.

What a model says counts only with its proof: "right" with words of the answer, "wrong" with a sentence of the passage that
says what is missing. An answer that speaks to whoever marks it goes to a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import structlog
from pydantic import BaseModel, Field

from documents_app.domain.quotes import quoted
from sessions_app.domain.asking import addresses_the_marker
from tutor_project.llm.errors import LLMError
from tutor_project.llm.gateway import Gateway
from tutor_project.llm.types import Caller, CompletionRequest, UntrustedText

log = structlog.get_logger(__name__)

ITEMS_A_CALL = 6
_MOST_ANSWER = 1500


@dataclass(frozen=True, slots=True)
class OpenAnswer:
    """What a model is shown of an answer: the question, what was expected, the passage that proves it, what was said."""

    question: str
    expected: str
    passage: str
    answer: str


@dataclass(frozen=True, slots=True)
class ProvedVerdict:
    """A verdict with its proof: ``missing`` is the sentence of the passage that a wrong answer lacks."""

    right: bool
    missing: str = ""


class MarkReply(BaseModel):
    """What a judge says of one answer."""

    number: int = Field(description="The number of the item")
    verdict: Literal["right", "wrong", "unsure"] = "unsure"
    shows: str = Field(default="", description="For right: the words of the answer that say what is expected")
    missing: str = Field(default="", description="For wrong: the sentence of the passage that says what is missing")


class MarkingReply(BaseModel):
    """What a judge says of all answers."""

    items: list[MarkReply]


def marked(answers: Sequence[OpenAnswer], gateway: Gateway, caller: Caller) -> list[ProvedVerdict | None]:
    """Return a mark for each answer, None where the judge is unsure, proves nothing, or fails: a person decides then."""
    judged = [at for at, one in enumerate(answers) if not addresses_the_marker(one.answer)]
    found: list[ProvedVerdict | None] = [None] * len(answers)
    for start in range(0, len(judged), ITEMS_A_CALL):
        places = judged[start : start + ITEMS_A_CALL]
        for at, reply in zip(places, _ask([answers[at] for at in places], gateway, caller), strict=True):
            found[at] = None if reply is None else _proved(reply, answers[at])
    return found


def as_items(batch: Sequence[OpenAnswer], longest: int) -> UntrustedText:
    """Return the answers, numbered from 1, as a model reads them; each is cut to ``longest`` characters."""
    items = (
        f"[{at}] QUESTION: {one.question}\nEXPECTED: {one.expected}\nPASSAGE: {one.passage}\n"
        f"ANSWER: {one.answer[:longest]}"
        for at, one in enumerate(batch, 1)
    )
    return UntrustedText("ITEMS", "\n\n".join(items))


def _ask(batch: Sequence[OpenAnswer], gateway: Gateway, caller: Caller) -> list[MarkReply | None]:
    request = CompletionRequest(
        prompt_id="sessions.marking", schema=MarkingReply, phase="generation", feature="judge",
        variables={"count": len(batch)}, documents=[as_items(batch, _MOST_ANSWER)], **caller.ids(),
    )  # fmt: skip
    try:
        replies = {reply.number: reply for reply in gateway.complete(request).value.items}
    except LLMError as failure:
        log.warning("judge_failed", code=failure.code, model=gateway.model)
        replies = {}
    return [replies.get(at) for at in range(1, len(batch) + 1)]


def _proved(reply: MarkReply, asked: OpenAnswer) -> ProvedVerdict | None:
    if reply.verdict == "right" and quoted(asked.answer, reply.shows):
        return ProvedVerdict(True)
    if reply.verdict == "wrong" and (missing := quoted(asked.passage, reply.missing)):
        return ProvedVerdict(False, missing)
    return None
