"""A page of course material of one's own, and good questions about it, for the tests of questions."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from documents_app.domain.blocks import Block, BlockKind, tile
from documents_app.domain.material import Citation, DocumentText, PageSpan, SourceDocument
from documents_app.domain.reading.outline import outline
from sessions_app.domain.questions.sentences import SentenceStatistics
from sessions_app.domain.questions.types import (
    FALSE_OPTION,
    TRUE_OPTION,
    BooleanKey,
    CandidateQuestion,
    ChoiceKey,
    NumericKey,
    QuestionKind,
    TextKey,
    make_options,
)
from sessions_app.domain.questions.verifier import Verifier

TEXT = "\n\n".join(
    (
        "Glaciers and Ice",
        "How glaciers form",
        "A glacier is a large mass of ice that moves slowly over land. Firn is granular snow that has "
        "survived one summer without melting. A moraine is a ridge of rock debris that a glacier leaves "
        "behind. A cirque is a bowl- shaped hollow that ice has carved into a mountainside. An esker is a "
        "winding ridge of sand that a meltwater stream deposits under the ice. A crevasse is a deep crack "
        "that opens where the ice is stretched. Glaciers contain about 69 percent of the fresh water of the "
        "Earth. The density of glacier ice is about 917 kilograms per cubic metre. Continental glaciers "
        "spread outward from the centre of an ice sheet. Valley glaciers are confined by the walls of a "
        "mountain valley. Louis Agassiz proposed the theory of an ice age in 1837. The lower part of a "
        "glacier is called the ablation zone. The upper part of a glacier is known as the accumulation zone.",
        "How glaciers move",
        "Basal sliding is the movement of a glacier over a film of meltwater at its bed. Internal deformation "
        "occurs when ice crystals slip past one another under pressure. The ice at the surface of a glacier "
        "moves faster than the ice at its bed. Surging glaciers can advance by more than 100 metres in a day. "
        "Rock flour gives the lakes below a glacier their turquoise colour. Striations are scratches that "
        "stones in the ice leave on bedrock. Moulins carry meltwater from the surface to the bed of the "
        "glacier. Icebergs break off from glaciers that end in the sea. Sea ice does not raise the sea level "
        "when it melts. James Forbes measured the speed of the Mer de Glace in 1842. John Tyndall studied the "
        "banding of glacier ice in the Alps. Fjords are drowned valleys that glaciers have deepened below sea "
        "level.",
    )
)


@lru_cache(maxsize=1)
def document() -> SourceDocument:
    """Return the page as a stored document."""
    headings = tuple(
        Block(BlockKind.HEADING, 1, TEXT.index(title), TEXT.index(title) + len(title), level=level)
        for level, title in ((1, "Glaciers and Ice"), (2, "How glaciers form"), (2, "How glaciers move"))
    )
    return SourceDocument(
        "doc-1", "glaciers.md", DocumentText(TEXT, (PageSpan(1, 0, len(TEXT)),), tile(TEXT, [0], headings))
    )


@lru_cache(maxsize=1)
def source() -> SentenceStatistics:
    """Return the index of the page."""
    return SentenceStatistics([document()])


def verifier() -> Verifier:
    """Return a verifier for the page."""
    return Verifier(source())


@lru_cache(maxsize=1)
def sections() -> tuple[object, ...]:
    """Return the outline of the page."""
    return outline([document()])


def cite(quote: str) -> Citation:
    """Return the citation of a quote of the page."""
    start = TEXT.index(quote)
    return document().cite(start, start + len(quote))


def embed(texts: object) -> npt.NDArray[np.float32]:
    """Return unit vectors from letter triples: enough to tell like from unlike."""
    rows = []
    for text in texts:  # type: ignore[attr-defined]
        vector = np.zeros(64, dtype=np.float32)
        for i in range(len(text) - 2):
            vector[sum(map(ord, text[i : i + 3].lower())) % 64] += 1
        rows.append(vector / max(1e-6, float(np.linalg.norm(vector))))
    return np.array(rows, dtype=np.float32)


def choice(stem: str, key: str, others: list[str], quote: str, explanation: str | None = None) -> CandidateQuestion:
    """Return a multiple-choice question with the key first."""
    options = make_options(stem, [key, *others])
    return CandidateQuestion(
        kind=QuestionKind.MULTIPLE_CHOICE,
        stem=stem,
        key=ChoiceKey(options[0].id),
        explanation=explanation or f"The material says: “{quote}” The answer is: {key}.",
        evidence=(cite(quote),),
        options=options,
        concept=key,
        section_title="How glaciers form",
    )


def statement(text: str, value: bool, quote: str) -> CandidateQuestion:
    """Return a true/false question."""
    return CandidateQuestion(
        kind=QuestionKind.TRUE_FALSE,
        stem=text,
        key=BooleanKey(value),
        explanation=f"{value}. The material says: “{quote}”",
        evidence=(cite(quote),),
        options=(TRUE_OPTION, FALSE_OPTION),
    )


MORAINE = choice(
    "What is a ridge of rock debris that a glacier leaves behind called?",
    "A moraine",
    ["A cirque", "An esker", "A crevasse"],
    "A moraine is a ridge of rock debris that a glacier leaves behind.",
)
SHARE = choice(
    "What share of the fresh water of the Earth do glaciers contain?",
    "69 percent",
    ["75 percent", "85 percent", "95 percent"],
    "Glaciers contain about 69 percent of the fresh water of the Earth.",
)
FASTER = statement(
    "The ice at the surface of a glacier moves faster than the ice at its bed.",
    True,
    "The ice at the surface of a glacier moves faster than the ice at its bed.",
)
CLOZE = CandidateQuestion(
    kind=QuestionKind.CLOZE,
    stem="The lower part of a glacier is called the _____ zone.",
    key=TextKey(("ablation",)),
    explanation="The lower part is the ablation zone.",
    evidence=(cite("The lower part of a glacier is called the ablation zone."),),
)
DENSITY = CandidateQuestion(
    kind=QuestionKind.NUMERIC,
    stem="The density of glacier ice is about _____ kilograms per cubic metre.",
    key=NumericKey(917.0, 5.0, "kg/m3"),
    explanation="The density of glacier ice is about 917 kilograms per cubic metre.",
    evidence=(cite("The density of glacier ice is about 917 kilograms per cubic metre."),),
)
GOOD = (MORAINE, SHARE, FASTER, CLOZE, DENSITY)


def with_key(question: CandidateQuestion, text: str) -> CandidateQuestion:
    """Return the question with another of its options as the key, and the explanation to match."""
    option = next(option for option in question.options if option.text == text)
    return replace(question, key=ChoiceKey(option.id), explanation=f"The material says that the answer is: {text}.")


def with_stem(question: CandidateQuestion, old: str, new: str) -> CandidateQuestion:
    """Return the question with words of the stem replaced."""
    assert old in question.stem
    return replace(question, stem=question.stem.replace(old, new))
