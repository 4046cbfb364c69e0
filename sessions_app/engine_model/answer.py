"""Answers written by a model from passages of the material: every sentence with the passage that says it.

A sentence is shown once its quotation was found and carries it; the others never leave the server. Streamed
answers therefore come sentence by sentence.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing, closing
from dataclasses import replace

from pydantic import BaseModel, ValidationError

from documents_app.domain.analysis import Section, Sentence
from documents_app.domain.material import Citation, DocumentText, Material
from documents_app.domain.outline import prose_between
from documents_app.domain.quotes import Evidence, Excerpt, QuotableText, even_out
from documents_app.engine_model.excerpts import as_document
from sessions_app.domain.answers import Answer, read_question
from sessions_app.domain.claims import is_carried
from sessions_app.engine.answer import DECLINED, UNCLEAR, AnswerEvent, corpus_text
from sessions_app.engine.answer_passages import Candidate, Hit, SectionIndex, headings_at
from sessions_app.engine_model.schemas import AnswerReply, AnswerSentence
from tutor_project.llm.errors import LLMInvalidOutput
from tutor_project.llm.gateway import Gateway
from tutor_project.llm.types import Caller, CompletionRequest, PromptCall, StreamDelta, UntrustedText
from tutor_project.llm.usage import estimate_tokens, truncate_to_tokens

_MAX_PASSAGES = 12
_MAX_SENTENCES = 6
_MAX_TEXT = 600
_AROUND = 350
"""Characters of context on each side of a sentence that a search found."""
_QUESTION_TOKENS = 1200


def answer(
    question: str,
    material: Material,
    gateway: Gateway,
    caller: Caller,
    *,
    hits: Sequence[Hit] = (),
    index: SectionIndex | None = None,
    context: Sequence[str] = (),
) -> Answer:
    """Answer ``question`` from the passages around ``hits`` and what ``index`` finds, or decline.

    Raises QuestionEmpty, QuestionTooLong and ``LLMError``. Without a passage the model is not asked.
    """
    task = _Task(question, material, gateway, caller, hits, index, context)
    return task.declined_before or task.complete()


def answer_stream(
    question: str,
    material: Material,
    gateway: Gateway,
    caller: Caller,
    *,
    hits: Sequence[Hit] = (),
    index: SectionIndex | None = None,
    context: Sequence[str] = (),
) -> Iterator[AnswerEvent]:
    """Yield the answer as ``answer`` gives it, sentence by sentence as the model writes; raises the same.

    Nothing is sent before the first item is asked for. If nothing the model wrote could be shown, it is asked once
    more, with the repair tries of ``answer``.
    """
    task = _Task(question, material, gateway, caller, hits, index, context)
    if task.declined_before:
        yield from _events_of(task.declined_before)
        return
    lines = _Lines(task.evidence)
    with closing(gateway.stream(task.stream_call)) as items:
        for item in items:
            if isinstance(item, StreamDelta):
                yield from lines.feed(item.text)
    yield from lines.finish()
    yield from _events_of(task.complete()) if lines.empty else lines.ending()


async def answer_astream(
    question: str,
    material: Material,
    gateway: Gateway,
    caller: Caller,
    *,
    hits: Sequence[Hit] = (),
    index: SectionIndex | None = None,
    context: Sequence[str] = (),
) -> AsyncGenerator[AnswerEvent, None]:
    """Do what ``answer_stream`` does without holding a thread while the model thinks."""
    from asgiref.sync import sync_to_async

    task = await sync_to_async(_Task)(question, material, gateway, caller, hits, index, context)
    if task.declined_before:
        for event in _events_of(task.declined_before):
            yield event
        return
    lines = _Lines(task.evidence)
    async with aclosing(gateway.astream(task.stream_call)) as items:
        async for item in items:
            if isinstance(item, StreamDelta):
                for event in lines.feed(item.text):
                    yield event
    for event in lines.finish():
        yield event
    rest = _events_of(await sync_to_async(task.complete)()) if lines.empty else lines.ending()
    for event in rest:
        yield event


class _Task:
    """One question: the passages that may answer it and the calls that ask for the answer."""

    def __init__(
        self,
        question: str,
        material: Material,
        gateway: Gateway,
        caller: Caller,
        hits: Sequence[Hit],
        index: SectionIndex | None,
        context: Sequence[str],
    ) -> None:
        asked = read_question(question, corpus_text(material), context=context)
        self._gateway = gateway
        self._sketch = CompletionRequest(
            prompt_id="sessions.answer",
            schema=AnswerReply,
            phase="interaction",
            feature="answer",
            variables={"sentence_count": _MAX_SENTENCES},
            **caller.ids(),
        )
        self._question = UntrustedText("QUESTION", truncate_to_tokens(asked.text, _QUESTION_TOKENS))
        excerpts: list[Excerpt] = []
        if asked.terms:
            query = f"{asked.text} {' '.join(context)}" if context else asked.text
            excerpts = self._fitting(_passages(material, hits, index.search(query) if index else ()))
        self.evidence = Evidence(excerpts)
        unclear = Answer(UNCLEAR, (), True, 0.0) if not asked.terms else None
        self.declined_before = unclear or (Answer(DECLINED, (), True, 0.0) if not excerpts else None)

    def _fitting(self, passages: Iterator[Excerpt]) -> list[Excerpt]:
        room = self._gateway.room_for_documents(self._sketch, AnswerReply) - estimate_tokens(self._question.text) - 60
        chosen: list[Excerpt] = []
        for passage in passages:
            cost = estimate_tokens(as_document([passage]).text) + 4
            if cost <= room:
                chosen.append(passage)
                room -= cost
            if len(chosen) == _MAX_PASSAGES:
                break
        return chosen

    @property
    def stream_call(self) -> PromptCall:
        """The call that asks for the answer line by line."""
        sketch = self._sketch
        return PromptCall(
            prompt_id="sessions.answer_stream", phase=sketch.phase, feature=sketch.feature,
            variables=sketch.variables, documents=self._documents(),
            user_id=sketch.user_id, session_id=sketch.session_id, folder_id=sketch.folder_id,
        )  # fmt: skip

    def complete(self) -> Answer:
        """Ask for the whole answer at once, with repair tries."""
        request = replace(self._sketch, documents=self._documents(), accept=self._accept)
        return self._as_answer(self._gateway.complete(request).value)

    def _documents(self) -> list[UntrustedText]:
        return [self._question, replace(as_document(self.evidence.excerpts), label="PASSAGES")]

    def _accept(self, reply: AnswerReply) -> None:
        if not reply.declined and not self._as_answer(reply).citations:
            raise LLMInvalidOutput(
                "No sentence has a quote that is in the passages word for word and says what the sentence says. Copy "
                "each quote character by character, or decline if the passages do not answer the question."
            )

    def _as_answer(self, reply: AnswerReply) -> Answer:
        composer = _Composer(self.evidence)
        if not reply.declined:
            for sentence in reply.sentences:
                composer.add(sentence)
        return composer.answer()


def _carried(text: str, found: tuple[Excerpt, Citation]) -> bool:
    excerpt, citation = found
    return is_carried(text, [citation.text], f"{excerpt.section.title}. {excerpt.shown.text}")


def _passages(material: Material, hits: Sequence[Hit], found: Sequence[Candidate]) -> Iterator[Excerpt]:
    """Yield passages for what a search found, best first, overlapping ones once, each with its heading."""
    places = {document.document_id: at for at, document in enumerate(material)}
    wanted = [(places[hit.document_id], hit.char_start, hit.char_end) for hit in hits if hit.document_id in places]
    wanted += [(c.sentence.document, *_around(c.sentence, material[c.sentence.document].content)) for c in found]
    taken: list[tuple[int, int, int]] = []
    for document, low, high in wanted:
        content = material[document].content
        sentences = prose_between(document, content, low, high)
        if not sentences:
            continue
        start, end = sentences[0].char_start, sentences[-1].char_end
        if any(document == other and start < there and here < end for other, here, there in taken):
            continue
        taken.append((document, start, end))
        label = f"P{len(taken)}"
        path = headings_at(content, start) or (material[document].filename,)
        section = Section(len(taken), document, path[-1], len(path), path, start, end, sentences)
        yield Excerpt(label, section, material[document], QuotableText(material[document], start, end))


def _around(sentence: Sentence, content: DocumentText) -> tuple[int, int]:
    """Return the stretch around a sentence that is shown with it; it does not cross a heading."""
    low, high = max(sentence.char_start - _AROUND, 0), min(sentence.char_end + _AROUND, len(content.text))
    for heading in content.headings:
        if low < heading.char_end <= sentence.char_start:
            low = heading.char_end
        elif sentence.char_end <= heading.char_start < high:
            high = heading.char_start
    return low, high


class _Composer:
    """Puts an answer together from the sentences that are carried by what they quote."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._texts: list[str] = []
        self._citations: list[Citation] = []
        self._sections: list[str] = []
        self._offered = 0

    def add(self, sentence: AnswerSentence) -> tuple[str, Citation | None] | None:
        """Return the sentence with its citation's number, and the citation if it is new; None if it is dropped."""
        self._offered += 1
        text = even_out(sentence.text)[:_MAX_TEXT]
        found = self._evidence.find(sentence.quote, sentence.passage.strip("[] "))
        if len(self._texts) >= _MAX_SENTENCES or found is None or not _carried(text, found):
            return None
        excerpt, citation = found
        new = citation not in self._citations
        if new:
            self._citations.append(citation)
        title = (headings_at(excerpt.document.content, citation.char_start) or (excerpt.section.title,))[-1]
        if title not in self._sections:
            self._sections.append(title)
        self._texts.append(f"{text} [{self._citations.index(citation) + 1}]")
        return self._texts[-1], citation if new else None

    def answer(self) -> Answer:
        """Return the answer, declined when no sentence was kept; confidence is the share of sentences kept."""
        if not self._texts:
            return Answer(DECLINED, (), True, 0.0)
        confidence = len(self._texts) / self._offered
        return Answer(" ".join(self._texts), tuple(self._citations), False, confidence, tuple(self._sections))


class _Declining(BaseModel):
    declined: bool


class _Lines:
    """Reads the lines of a streamed answer and turns those that may be shown into events."""

    def __init__(self, evidence: Evidence) -> None:
        self._composer = _Composer(evidence)
        self._rest = ""
        self._shown = False
        self._declined = False

    @property
    def empty(self) -> bool:
        """True if there is nothing to show, and the model did not say that there is nothing to say."""
        return not self._shown and not self._declined

    def feed(self, text: str) -> Iterator[AnswerEvent]:
        """Yield the events of the lines that are complete now."""
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            yield from self._line(line)

    def finish(self) -> Iterator[AnswerEvent]:
        """Yield the events of the last line."""
        line, self._rest = self._rest, ""
        yield from self._line(line)

    def ending(self) -> Iterator[AnswerEvent]:
        """Yield what ends the stream: the final event, after the words of the decline if that is the answer."""
        reply = self._composer.answer()
        yield from [AnswerEvent("done", answer=reply)] if self._shown else _events_of(reply)

    def _line(self, line: str) -> Iterator[AnswerEvent]:
        found = re.search(r"\{.*\}", line)
        if found is None:
            return
        try:
            self._declined |= _Declining.model_validate_json(found.group()).declined and not self._shown
            return
        except ValidationError:
            pass  # not the line that declines
        try:
            sentence = AnswerSentence.model_validate_json(found.group())
        except ValidationError:
            return  # a line that says nothing usable is not shown
        shown = None if self._declined else self._composer.add(sentence)
        if shown is not None:
            text, citation = shown
            lead = " " if self._shown else ""
            self._shown = True
            yield from (AnswerEvent("token", text=token) for token in re.findall(r"\s*\S+", lead + text))
            if citation is not None:
                yield AnswerEvent("citation", citation=citation)


def _events_of(reply: Answer) -> Iterator[AnswerEvent]:
    yield from (AnswerEvent("token", text=token) for token in re.findall(r"\s*\S+", reply.text))
    yield from (AnswerEvent("citation", citation=citation) for citation in reply.citations)
    yield AnswerEvent("done", answer=reply)
