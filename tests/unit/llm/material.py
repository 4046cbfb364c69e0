"""A small course and a gateway whose model is scripted, for tests of the model-backed engines."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from documents_app.domain.blocks import Block, BlockKind, tile
from documents_app.domain.material import DocumentText, Material, PageSpan, SourceDocument
from documents_app.retrieval.passages import FoundPassage, FoundPassages
from sessions_app.engine.answer import AnswerEvent
from sessions_app.engine_model.answer import answer_astream
from tests.support.course_model import course_model
from tests.unit.llm.fakes import Bench, ScriptedClient
from tutor_project.llm.gateway import Gateway
from tutor_project.llm.types import Caller

CALLER = Caller(user_id="u1", session_id="s1", folder_id="f1")
HEADINGS = ("Rocks", "Igneous rocks", "Sedimentary rocks", "Metamorphic rocks")
PARTS = (
    "Geologists sort the rocks of the crust into three groups. The groups differ in how the rocks were made. Each "
    "group can turn into another one over millions of years.",
    "Igneous rocks form when magma cools and becomes solid. Granite is an igneous rock that cooled slowly deep in the "
    "crust, and its crystals are large. Basalt cooled quickly at the surface, so its crystals are small.",
    "Sedimentary rocks form from layers of sediment that are pressed together. Sandstone is made of grains of sand "
    "that were cemented by minerals. Fossils are found mostly in sedimentary rocks.",
    "Metamorphic rocks form when heat and pressure change an older rock without melting it. Marble is limestone that "
    "was changed by heat. Slate splits into thin sheets because its minerals lie parallel.",
)


def course(parts: tuple[str, ...] = PARTS, headings: tuple[str, ...] = HEADINGS) -> Material:
    """Return one document with a chapter heading and sections."""
    text, found = "", []
    for at, (title, body) in enumerate(zip(headings, parts, strict=True)):
        level = 1 if at == 0 else 2
        found.append(Block(BlockKind.HEADING, 1, len(text), len(text) + len(title), level=level))
        text += f"{title}\n\n{body}\n\n"
    return (
        SourceDocument("doc-1", "rocks.txt", DocumentText(text, (PageSpan(1, 0, len(text)),), tile(text, [0], found))),
    )


def found(material: Material, certainty: float = 0.9) -> FoundPassages:
    """Return every paragraph of a course as a search would find it, those about granite first."""
    passages = []
    for document in material:
        title = ""
        for block in document.content.blocks:
            if block.kind is BlockKind.HEADING:
                title = document.content.text[block.char_start : block.char_end]
                continue
            cited = document.cite(block.char_start, block.char_end)
            marked = ((block.char_start, block.char_end),)
            passages.append(FoundPassage(cited, marked, block.kind, (HEADINGS[0], title), 1.0))
    passages.sort(key=lambda passage: "Granite" not in passage.citation.text)
    return FoundPassages(tuple(passages[:12]), certainty, "en", len(passages))


def streamed(question: str, material: Material, gateway: Gateway) -> list[AnswerEvent]:
    """Return all events of a model's answer."""

    async def collect() -> list[AnswerEvent]:
        return [event async for event in answer_astream(question, found(material), material, gateway, CALLER)]

    return asyncio.run(collect())


def embed(texts: Any) -> npt.NDArray[np.float32]:
    """Return hashed bag-of-words vectors, float32 [n, 32] of length 1."""
    vectors = np.zeros((len(texts), 32), dtype=np.float32)
    for row, text in enumerate(texts):
        for word in text.lower().split():
            vectors[row, sum(map(ord, word)) % 32] += 1
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


def model_saying(*replies: Any) -> tuple[Gateway, Bench]:
    """Return a gateway that knows the project's prompts, whose model says ``replies`` (objects as JSON)."""
    setup = Bench(ScriptedClient([reply if isinstance(reply, (str, list)) else json.dumps(reply) for reply in replies]))
    gateway = Gateway(
        setup.client,
        spend=lambda: setup.ledger,
        facts=lambda kind, **fields: setup.facts.append({"kind": kind, **fields}),
        sleep=setup.pauses.append,
        release_connections=lambda: None,
    )
    return gateway, setup


class ReadingClient(ScriptedClient):
    """A model that answers each request by a function of it: ``course_model``, or ``answer`` where it is set."""

    answer: Callable[[dict[str, Any]], Any] = staticmethod(course_model)

    def _next(self, messages: Any, options: Any) -> Any:
        self.calls.append({"messages": tuple(messages), **options})
        payload = {"messages": [{"role": message.role, "content": message.text} for message in messages]}
        said = self.answer(payload)
        return said if isinstance(said, str) else json.dumps(said)


def model_reading() -> tuple[Gateway, Bench]:
    """Return a gateway whose model answers any prompt of the project from the material in it."""
    gateway, setup = model_saying()
    setup.client = gateway._client = ReadingClient([])
    return gateway, setup


def model_answering(answer: Callable[[dict[str, Any]], Any]) -> Gateway:
    """Return a gateway whose model says what ``answer`` makes of the request."""
    gateway, _ = model_saying()
    client = ReadingClient([])
    client.answer = answer  # type: ignore[method-assign]
    gateway._client = client
    return gateway


def assert_exact(citations: Any, material: Material) -> None:
    """Check that every citation is the exact slice of its document."""
    texts = {document.document_id: document.content.text for document in material}
    for citation in citations:
        assert texts[citation.document_id][citation.char_start : citation.char_end] == citation.text
