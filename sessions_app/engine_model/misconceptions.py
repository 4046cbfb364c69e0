"""What a learner seems to have mixed up, read by a model from wrong answers to questions that are closed.

A model's sentence is shown only with words of the answer as its proof, and where it brings no name and no number that the
question, its answers and its passage lack. An answer that speaks to whoever reads it is not read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from pydantic import BaseModel, Field

from documents_app.domain.quotes import even_out, quoted
from sessions_app.domain.asking import addresses_the_marker
from sessions_app.domain.claims import foreign_names
from tutor_project.language import Language
from tutor_project.llm.errors import LLMError
from tutor_project.llm.gateway import Gateway
from tutor_project.llm.types import Caller, CompletionRequest, UntrustedText

log = structlog.get_logger(__name__)

MOST_READ = 8
"""Wrong answers that are read for one report, the latest ones."""
_MOST_WORDS, _MOST_ANSWER = 35, 600
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class Missed:
    """A wrong answer to a closed question: what was asked and expected, the passage that proves it, what was said."""

    question: str
    expected: str
    passage: str
    said: str


class BeliefReply(BaseModel):
    """What a model reads from one answer."""

    number: int = Field(description="The number of the item")
    belief: str = Field(default="", description="One sentence to the learner; empty where nothing is shown")
    shows: str = Field(default="", description="The words of the answer that show it")


class BeliefsReply(BaseModel):
    """What a model reads from all answers."""

    items: list[BeliefReply]


def beliefs(missed: Sequence[Missed], spoken: Language, gateway: Gateway, caller: Caller) -> list[str]:
    """Return a sentence for each answer in the language ``spoken``, empty where none may be shown or the model fails."""
    read = [at for at, one in enumerate(missed) if one.said.strip() and not addresses_the_marker(one.said)][-MOST_READ:]
    found = [""] * len(missed)
    if read:
        replies = _ask([missed[at] for at in read], spoken, gateway, caller)
        for number, at in enumerate(read, 1):
            found[at] = _shown(replies[number], missed[at]) if number in replies else ""
    return found


def _ask(batch: Sequence[Missed], spoken: Language, gateway: Gateway, caller: Caller) -> dict[int, BeliefReply]:
    items = "\n\n".join(
        f"[{at}] QUESTION: {one.question}\nEXPECTED: {one.expected}\nPASSAGE: {one.passage}\n"
        f"ANSWER: {one.said[:_MOST_ANSWER]}"
        for at, one in enumerate(batch, 1)
    )
    request = CompletionRequest(
        prompt_id="sessions.misconceptions", schema=BeliefsReply, phase="generation", feature="report",
        variables={"count": len(batch), "language": spoken.name},
        documents=[UntrustedText("ITEMS", items)], **caller.ids(),
    )  # fmt: skip
    try:
        return {reply.number: reply for reply in gateway.complete(request).value.items}
    except LLMError as failure:
        log.warning("misconceptions_unread", code=failure.code, model=gateway.model)
        return {}


def _shown(reply: BeliefReply, missed: Missed) -> str:
    said = even_out(reply.belief)
    known = f"{missed.question} {missed.expected} {missed.passage} {missed.said}"
    if not said or len(said.split()) > _MOST_WORDS or quoted(missed.said, reply.shows) is None:
        return ""
    if set(_NUMBER.findall(said)) - set(_NUMBER.findall(known)) or foreign_names(said, known):
        return ""
    return said if said.endswith((".", "!", "?")) else f"{said}."
