"""What the model is asked to return. Every item that says something carries the quotation it rests on."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

LABEL = Field(default="", description="Label of the section or passage the quote stands in, such as S3 or P2")
QUOTE = Field(description="Copied word for word from there: the sentence that shows it")


class PointReply(BaseModel):
    """A sentence of explanation in the model's words and the quotation that carries it."""

    text: str = Field(description="One or two sentences that say nothing the quote does not say")
    quote: str = QUOTE


class SectionReply(BaseModel):
    """The explanation of one section."""

    section: str = Field(description="Label of the section, such as S3")
    points: list[PointReply] = []
    examples: list[PointReply] = []


class LessonReply(BaseModel):
    """The explanations of the sections that were given."""

    sections: list[SectionReply]


class PlanObjectiveReply(BaseModel):
    """An objective of the plan."""

    title: str = Field(description="Begins with a verb that can be tested: explain, compare, compute …")
    description: str
    priority: Literal["high", "medium", "low"]
    section: str = LABEL
    quote: str = QUOTE


class PlanReply(BaseModel):
    """The goal of a plan and its objectives."""

    learning_goal: str
    objectives: list[PlanObjectiveReply] = []


class QuestionReply(BaseModel):
    """A question with its right answer and the sentence that proves it."""

    kind: Literal["multiple_choice", "true_false", "cloze", "short_answer", "numeric"]
    question: str = Field(description="The stem; a cloze has one gap written _____; true_false is a statement")
    options: list[str] = Field(default=[], description="multiple_choice only: four options, one of them the answer")
    answer: str = Field(description="The right option, true or false, the missing words, or the number")
    accepted: list[str] = Field(default=[], description="Other spellings of the same answer")
    unit: str = Field(default="", description="numeric only: the unit of the number")
    concept: str = ""
    difficulty: Literal["easy", "medium", "hard"] = "medium"
    section: str = LABEL
    quote: str = QUOTE


class QuestionsReply(BaseModel):
    """Questions on the material."""

    questions: list[QuestionReply]


class AnswerSentence(BaseModel):
    """One sentence of an answer and the quotation that carries it."""

    text: str
    passage: str = LABEL
    quote: str = QUOTE


class AnswerReply(BaseModel):
    """An answer from the passages, or the statement that they do not answer."""

    declined: bool = Field(description="true if the passages do not answer the question")
    sentences: list[AnswerSentence] = Field(default=[], json_schema_extra={"maxItems": 6})


class JudgedReply(BaseModel):
    """What a judge says of one item."""

    number: int = Field(description="The number of the item")
    answer: str = Field(default="", description="For a question: the answer, for options its letter")
    others: list[str] = Field(default=[], description="Letters of further options that might be right")
    follows: Literal["yes", "no", "unsure"] = "unsure"


class JudgementReply(BaseModel):
    """What a judge says of all items."""

    items: list[JudgedReply]
