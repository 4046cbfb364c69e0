"""What the model is asked to return for an analysis. Every item carries the quotation it rests on."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

SECTION = Field(default="", description="Label of the section the quote stands in, such as S3")
QUOTE = Field(description="Copied word for word from that section: the sentence that shows it")


class StatementReply(BaseModel):
    """A sentence in the model's words and the quotation that carries it."""

    text: str = Field(description="One sentence that says nothing the quote does not say")
    section: str = SECTION
    quote: str = QUOTE


class ConceptReply(BaseModel):
    """A key concept."""

    name: str = Field(description="Two or three words, as the material writes them")
    importance: float = Field(ge=0, le=1, description="1 = the material is about it, 0 = mentioned in passing")
    section: str = SECTION
    quote: str = QUOTE


class TermReply(BaseModel):
    """A term the material defines."""

    term: str
    definition: str = Field(description="The defining words, copied from the quote")
    section: str = SECTION
    quote: str = QUOTE


class ObjectiveReply(BaseModel):
    """Something a learner should be able to do afterwards."""

    title: str = Field(description="Begins with a verb that can be tested: explain, compare, compute …")
    description: str
    priority: Literal["high", "medium", "low"]
    section: str = SECTION
    quote: str = QUOTE


class AnalysisReply(BaseModel):
    """The analysis of the material."""

    summary: list[StatementReply] = []
    concepts: list[ConceptReply] = []
    terms: list[TermReply] = []
    objectives: list[ObjectiveReply] = []
