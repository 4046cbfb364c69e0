"""What a learner seems to have mixed up, read by a model from wrong answers to questions that are closed.

A model's sentence is shown only with words of the answer as its proof, and where it brings no name and no number that the
question, its answers and its passage lack. An answer that speaks to whoever reads it is not read.
"""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from pydantic import BaseModel, Field

from documents_app.domain.quotes import even_out, quoted
from documents_app.domain.support import foreign_numbers
from sessions_app.domain.asking import addresses_the_marker
from sessions_app.domain.claims import foreign_names
from sessions_app.engine_model.marking import OpenAnswer, as_items
from tutor_project.language import Language
from tutor_project.llm.errors import LLMError
from tutor_project.llm.gateway import Gateway
from tutor_project.llm.types import Caller, CompletionRequest

log = structlog.get_logger(__name__)

MOST_READ = 8
"""Wrong answers that are read for one report, the latest ones."""
_MOST_WORDS, _MOST_ANSWER = 35, 600


class BeliefReply(BaseModel):
    """What a model reads from one answer."""

    number: int = Field(description="The number of the item")
    belief: str = Field(default="", description="One sentence to the learner; empty where nothing is shown")
    shows: str = Field(default="", description="The words of the answer that show it")


class BeliefsReply(BaseModel):
    """What a model reads from all answers."""

    items: list[BeliefReply]


def beliefs(missed: Sequence[OpenAnswer], spoken: Language, gateway: Gateway, caller: Caller) -> list[str]:
    """Return a sentence for each wrong answer in the language ``spoken``, empty where none may be shown or the model fails."""
    read = [at for at, one in enumerate(missed) if one.answer.strip() and not addresses_the_marker(one.answer)][
        -MOST_READ:
    ]
    found = [""] * len(missed)
    if read:
        replies = _ask([missed[at] for at in read], spoken, gateway, caller)
        for number, at in enumerate(read, 1):
            found[at] = _shown(replies[number], missed[at]) if number in replies else ""
    return found


def _ask(batch: Sequence[OpenAnswer], spoken: Language, gateway: Gateway, caller: Caller) -> dict[int, BeliefReply]:
    request = CompletionRequest(
        prompt_id="sessions.misconceptions", schema=BeliefsReply, phase="generation", feature="report",
        variables={"count": len(batch), "language": spoken.name},
        documents=[as_items(batch, _MOST_ANSWER)], **caller.ids(),
    )  # fmt: skip
    try:
        return {reply.number: reply for reply in gateway.complete(request).value.items}
    except LLMError as failure:
        log.warning("misconceptions_unread", code=failure.code, model=gateway.model)
        return {}


def _shown(reply: BeliefReply, missed: OpenAnswer) -> str:
    said = even_out(reply.belief)
    known = f"{missed.question} {missed.expected} {missed.passage} {missed.answer}"
    if not said or len(said.split()) > _MOST_WORDS or quoted(missed.answer, reply.shows) is None:
        return ""
    if foreign_numbers(said, known) or foreign_names(said, known):
        return ""
    return said if said.endswith((".", "!", "?")) else f"{said}."
