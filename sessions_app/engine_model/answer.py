"""Answers written by a model from passages of the material: every sentence with the passage that says it.

A sentence is shown once its quotation was found and carries it; the others never leave the server. Streamed
answers therefore come sentence by sentence.
"""

from __future__ import annotations

import re
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import replace

from pydantic import BaseModel, ValidationError

from documents_app.domain.analysis.types import Section, Sentence
from documents_app.domain.blocks import BlockKind
from documents_app.domain.material import Citation, Material
from documents_app.domain.quotes import Evidence, Excerpt, QuotableText, even_out, touched_sentences
from documents_app.retrieval.excerpts import as_document
from documents_app.retrieval.passages import FoundPassage, FoundPassages
from sessions_app.domain.answers import Answer, AnswerPassage, AnswerStatus
from sessions_app.domain.asking import is_polar, language_of_question, tells_of_no_answer
from sessions_app.domain.claims import foreign_names, is_carried
from sessions_app.domain.relevance import AnswerPlace, Relevance
from sessions_app.engine.answer import AnswerEvent, declined, events_of
from sessions_app.engine.answer import answer as builtin_answer
from sessions_app.engine_model.schemas import AnswerReply, AnswerSentence
from sessions_app.engine_model.streamed import json_objects
from tutor_project.language import Language, language
from tutor_project.llm.errors import LLMInvalidOutput
from tutor_project.llm.gateway import Gateway
from tutor_project.llm.retries import LEARNERS_PATIENCE
from tutor_project.llm.types import Caller, CompletionRequest, PromptCall, UntrustedText
from tutor_project.llm.usage import estimate_tokens, truncate_to_tokens

_MAX_PASSAGES = 12
_MAX_SENTENCES = 6
_MAX_TEXT = 600
_QUESTION_TOKENS = 1200
_HISTORY_TOKENS = 1000
_MOSTLY = 0.5
_FIRST_PATIENCE = LEARNERS_PATIENCE / 3
"""Seconds of a stream that gave nothing after which a whole further answer is not waited for."""


async def answer_astream(
    question: str, found: FoundPassages, material: Material, gateway: Gateway, caller: Caller, history: str = ""
) -> AsyncGenerator[AnswerEvent, None]:
    """Yield the answer to ``question`` from the passages a search found in the documents of ``material``.

    It comes sentence by sentence as the model writes, and no thread is held. ``history``: the turns before it, which it
    may lean on. Without a passage the model is not asked, and nobody is before the first event is asked for. If nothing
    that the model wrote could be shown, it is asked once more for the whole answer, with repair tries; a slow one is not,
    since somebody waits: LLMInvalidOutput. Raises ``LLMError``.
    """
    from asgiref.sync import sync_to_async

    task = await sync_to_async(_Task)(question, found, material, gateway, caller, history)
    if task.settled:
        for event in events_of(task.settled):
            yield event
        return
    lines, began = await sync_to_async(_Lines)(task), time.monotonic()
    async with aclosing(json_objects(gateway, task.stream_call)) as items:
        async for item in items:
            for event in lines.read(item):
                yield event
            if lines.full:
                break
    if lines.empty and time.monotonic() - began > _FIRST_PATIENCE:
        raise LLMInvalidOutput("Nothing of the reply can be proved.")
    task.was_refused = lines.is_refused
    rest = events_of(await sync_to_async(task.complete)()) if lines.empty else lines.ending()
    for event in rest:
        yield event


class _Task:
    """One question: the passages that may answer it and the calls that ask for the answer."""

    def __init__(
        self,
        question: str,
        found: FoundPassages,
        material: Material,
        gateway: Gateway,
        caller: Caller,
        history: str = "",
    ) -> None:
        self.question, self.found = question, found
        self._gateway = gateway
        self._sketch = CompletionRequest(
            prompt_id="sessions.answer",
            schema=AnswerReply,
            phase="interaction",
            feature="answer",
            variables={"sentence_count": _MAX_SENTENCES},
            **caller.ids(),
        )
        self._question = UntrustedText("QUESTION", truncate_to_tokens(question, _QUESTION_TOKENS))
        before = UntrustedText("CONVERSATION", truncate_to_tokens(history, _HISTORY_TOKENS))
        self._before = [before] if history else []
        # "Why?" alone asks nothing; after something was said it does.
        asks = bool(history) or bool(language_of_question(question).content_words(question))
        excerpts = self._fitting(passage_excerpts(material, found)) if asks else []
        self.evidence = Evidence(excerpts)
        self.was_refused = False
        """Whether the model answered and nothing of it could be shown."""
        self.settled = None if excerpts else builtin_answer(question, found)

    def _fitting(self, passages: Iterator[Excerpt]) -> list[Excerpt]:
        said = sum(estimate_tokens(text.text) + 30 for text in (self._question, *self._before))
        room = self._gateway.room_for_documents(self._sketch, AnswerReply) - said - 30
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
        """Ask for the whole answer at once, with repair tries; raises LLMInvalidOutput when nothing of it can be proved."""
        request = replace(self._sketch, documents=self._documents(), accept=self._accept)
        return self._as_answer(self._gateway.complete(request).value)

    def _documents(self) -> list[UntrustedText]:
        return [*self._before, self._question, replace(as_document(self.evidence.excerpts), label="PASSAGES")]

    def _accept(self, reply: AnswerReply) -> None:
        self._as_answer(reply)

    def _as_answer(self, reply: AnswerReply) -> Answer:
        if reply.declined:
            return self.declined()
        composer = self.composer()
        for sentence in reply.sentences:
            composer.add(sentence)
        self.was_refused = composer.is_refused
        return composer.answer(self.found)

    def composer(self) -> _Composer:
        """Return what puts an answer to this question together."""
        return _Composer(self.evidence, self.question, language(self.found.language))

    def declined(self) -> Answer:
        """Return the answer that the material does not say.

        Raises LLMInvalidOutput where the model had answered before and was refused: it gives up then, which says nothing
        about the material.
        """
        if self.was_refused:
            raise LLMInvalidOutput("The model declines what it answered before.")
        return declined(language_of_question(self.question), "answer_not_in_material")


def _carried(text: str, found: tuple[Excerpt, Citation]) -> bool:
    excerpt, citation = found
    return is_carried(text, [citation.text], f"{excerpt.section.title}. {excerpt.shown.text}")


def _place(excerpt: Excerpt) -> AnswerPlace:
    said = (*excerpt.section.path, excerpt.document.filename)
    return AnswerPlace(" ".join(said), tuple(sentence.text for sentence in excerpt.section.sentences))


def passage_excerpts(material: Material, found: FoundPassages) -> Iterator[Excerpt]:
    """Yield the passages of a search, best first, each with its heading."""
    places = {document.document_id: at for at, document in enumerate(material)}
    for number, passage in enumerate(found.passages, 1):
        cited, at = passage.citation, places.get(passage.citation.document_id)
        if at is None:
            continue
        path = passage.headings or (cited.filename,)
        section = Section(
            number, at, path[-1], len(path), path, cited.char_start, cited.char_end, _sentences(at, passage, found)
        )
        yield Excerpt(f"P{number}", section, material[at], QuotableText(material[at], cited.char_start, cited.char_end))


def _sentences(document: int, passage: FoundPassage, found: FoundPassages) -> tuple[Sentence, ...]:
    cited = passage.citation
    spans = language(found.language).sentences(cited.text)
    return tuple(
        Sentence(document, cited.char_start + start, cited.char_start + end, cited.text[start:end])
        for start, end in spans
    )


class _Composer:
    """Puts an answer together from the sentences that are carried by what they quote."""

    def __init__(self, evidence: Evidence, question: str, tongue: Language) -> None:
        self._evidence, self._tongue = evidence, tongue
        self._places = {excerpt.label: at for at, excerpt in enumerate(evidence.excerpts)}
        self._relevance = Relevance(question, [_place(excerpt) for excerpt in evidence.excerpts], tongue)
        self._question, self._asked = question, language_of_question(question)
        self._shown = " ".join(f"{' '.join(one.section.path)} {one.shown.text}" for one in evidence.excerpts)
        self._shown_stems = set(self._asked.content_stems(self._shown))
        self._told: set[str] = set()
        self._texts: list[str] = []
        self._citations: list[Citation] = []
        self._sections: list[str] = []
        self._offered = 0

    def add(self, sentence: AnswerSentence) -> tuple[str, Citation | None] | None:
        """Return the sentence with its citation's number, and the citation if it is new; None if it is dropped."""
        self._offered += 1
        text = even_out(sentence.text)[:_MAX_TEXT]
        label = sentence.passage.strip("[] ")
        found = self._evidence.find(sentence.quote, label) or self._said_in(text, label)
        if self.full or found is None or not self._is_told(text, found) or self._is_off_the_point(found):
            return None
        excerpt, citation = found
        new = citation not in self._citations
        if new:
            self._citations.append(citation)
        title = excerpt.section.title
        if title not in self._sections:
            self._sections.append(title)
        self._texts.append(f"{text} [{self._citations.index(citation) + 1}]")
        return self._texts[-1], citation if new else None

    def _is_told(self, text: str, found: tuple[Excerpt, Citation]) -> bool:
        """Say whether a sentence tells something, once, that its passage carries.

        A heading, the question said again, and that there is no answer tell nothing.
        """
        said = self._asked.content_stems(text)
        heading = any(self._asked.content_stems(part) == said for part in found[0].section.path)
        again = not is_polar(self._question, self._asked) and set(said) <= set(
            self._asked.content_stems(self._question)
        )
        if again or heading or text in self._told:
            return False
        self._told.add(text)
        return not tells_of_no_answer(text, self._asked) and self._subject_is_shown(text) and _carried(text, found)

    def _said_in(self, text: str, label: str) -> tuple[Excerpt, Citation] | None:
        """Return the sentence of the named passage that has most of the words of a text, where its quotation is none."""
        excerpt = next((one for one in self._evidence.excerpts if one.label == label), None)
        said = set(self._tongue.content_stems(text))
        if excerpt is None or not said:
            return None
        shares = [
            (len(said & set(self._tongue.content_stems(sentence.text))) / len(said), sentence)
            for sentence in excerpt.section.sentences
        ]
        share, sentence = max(shares, key=lambda one: one[0], default=(0.0, None))
        if sentence is None or share < _MOSTLY:
            return None
        return excerpt, excerpt.document.cite(sentence.char_start, sentence.char_end)

    def _is_off_the_point(self, found: tuple[Excerpt, Citation]) -> bool:
        excerpt, cited = found
        touched = touched_sentences(excerpt, cited)
        return self._relevance.is_off_the_point(self._places[excerpt.label], touched)

    def _subject_is_shown(self, text: str) -> bool:
        """Say whether what a sentence takes from the question, and the names it adds, stand in the passages.

        Words of the question prove nothing: a model that does not find an answer repeats them and makes one up.
        """
        taken = set(self._asked.content_stems(text)) & set(self._asked.content_stems(self._question))
        missing = taken - self._shown_stems
        if missing and len(missing) >= _MOSTLY * len(taken):
            return False
        return not foreign_names(text, f"{self._shown} {self._question}")

    @property
    def is_refused(self) -> bool:
        """Whether sentences were offered and none of them was taken."""
        return bool(self._offered) and not self._texts

    @property
    def full(self) -> bool:
        """True when no further sentence is taken."""
        return len(self._texts) >= _MAX_SENTENCES

    def answer(self, found: FoundPassages) -> Answer:
        """Return the answer, its confidence the share of sentences kept; raises LLMInvalidOutput when none was."""
        if not self._texts:
            raise LLMInvalidOutput(
                "No sentence has a quote that is in the passages word for word and says what the sentence says. Copy "
                "each quote character by character, or decline if the passages do not answer the question."
            )
        passages = tuple(
            AnswerPassage(citation, ((citation.char_start, citation.char_end),), BlockKind.PARAGRAPH.value)
            for citation in self._citations
        )
        confidence = len(self._texts) / self._offered
        return Answer(
            text=" ".join(self._texts),
            passages=passages,
            status=AnswerStatus.ANSWERED,
            confidence=confidence,
            related_sections=tuple(self._sections),
            language=found.language,
        )


class _Declining(BaseModel):
    declined: bool


class _Lines:
    """Reads the lines of a streamed answer and turns those that may be shown into events."""

    def __init__(self, task: _Task) -> None:
        self._task = task
        self._composer = task.composer()
        self._shown = False
        self._declined = False

    @property
    def is_refused(self) -> bool:
        """Whether the model answered and nothing of it could be shown."""
        return self._composer.is_refused

    @property
    def empty(self) -> bool:
        """True if there is nothing to show, and the model did not say that there is nothing to say."""
        return not self._shown and not self._declined

    @property
    def full(self) -> bool:
        """True when nothing more can be shown: the model need not write on."""
        return self._declined or self._composer.full

    def ending(self) -> Iterator[AnswerEvent]:
        """Yield what ends the stream: the final event, after the words of the decline if that is the answer."""
        if self._shown:
            yield AnswerEvent("done", answer=self._composer.answer(self._task.found))
        else:
            yield from events_of(self._task.declined())

    def read(self, item: str) -> Iterator[AnswerEvent]:
        """Yield the events of the JSON of one line."""
        try:
            self._declined |= _Declining.model_validate_json(item).declined and not self._shown
            return
        except ValidationError:
            pass  # not the line that declines
        try:
            sentence = AnswerSentence.model_validate_json(item)
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
