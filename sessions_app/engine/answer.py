"""The built-in engine's answers: the passages of the material that answer, quoted, with how sure it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from documents_app.domain.material import Citation
from documents_app.domain.normalise import search_form
from documents_app.domain.search.evidence import ANSWERED_FROM, RELATED_FROM
from documents_app.retrieval.passages import FoundPassage, FoundPassages
from sessions_app.domain.answers import Answer, AnswerPassage, AnswerStatus
from sessions_app.domain.asking import language_of_question
from sessions_app.domain.dialogue.saying import Wish, wish_in
from sessions_app.domain.speech import Speech
from tutor_project.language import Language, language

_COURTESIES = {
    Wish.GREETING: ("greeting", "ask_away"),
    Wish.THANKS: ("thanks",),
    Wish.FAREWELL: ("farewell",),
    Wish.NEXT: ("next_in_lesson", "ask_away"),
    Wish.WHATS_NEXT: ("next_in_lesson", "ask_away"),
}
"""What is said to a word of courtesy, by the codes of the tutor's sentences."""


@dataclass(frozen=True, slots=True)
class AnswerEvent:
    """One step of a streamed answer: a ``token`` (text), a ``citation``, or ``done`` with the whole answer."""

    kind: Literal["token", "citation", "done"]
    text: str = ""
    citation: Citation | None = None
    answer: Answer | None = None


def answer(question: str, found: FoundPassages) -> Answer:
    """Answer ``question`` by the passages a search found: answered, the closest passage, or not in the material.

    Passages are quoted as they stand; text in the material that reads like an instruction is text like any other.
    """
    asked = language_of_question(question)
    if not asked.content_words(question):
        return declined(asked, "answer_unclear")
    if not found.passages or found.certainty < RELATED_FROM:
        return declined(asked, "answer_not_in_material", found.certainty)
    status = AnswerStatus.ANSWERED if found.certainty >= ANSWERED_FROM else AnswerStatus.CLOSEST
    return Answer(
        text=_text(found.passages, status, language(found.language)),
        passages=tuple(shown(passage) for passage in found.passages),
        status=status,
        confidence=found.certainty,
        related_sections=related(found.passages),
        language=found.language,
    )


def courtesy(said: str) -> Answer:
    """Return the reply to words that name nothing in the material: a greeting, thanks, "what next?", "an example" of nothing."""
    heard = wish_in(said)
    if heard is None or heard.wish not in _COURTESIES:
        return declined(heard.language if heard else language_of_question(said), "answer_unclear")
    speech = Speech(heard.language)
    text = speech.joined(*(speech(code) for code in _COURTESIES[heard.wish]))
    return Answer(text, (), AnswerStatus.NOT_IN_MATERIAL, 0.0, language=heard.language.tag)


def told_where(reply: Answer) -> Answer:
    """Return an answer that says nothing but where to look: for a question that a quiz has open."""
    speech = Speech(language(reply.language))
    texts = [speech("open_in_quiz")]
    if reply.passages:
        place, section = reply.passages[0].citation.page_start, next(iter(reply.related_sections), "")
        texts.append(speech("place_section_page" if section else "place_page", section=section, page=place))
    unmarked = tuple(replace(passage, highlights=()) for passage in reply.passages)
    return replace(reply, text=speech.joined(*texts), passages=unmarked)


def events_of(reply: Answer) -> Iterator[AnswerEvent]:
    """Yield a whole answer as the events of a stream."""
    yield from (AnswerEvent("token", text=token) for token in re.findall(r"\s*\S+", reply.text))
    yield from (AnswerEvent("citation", citation=citation) for citation in reply.citations)
    yield AnswerEvent("done", answer=reply)


def declined(asked: Language, reason: str, certainty: float = 0.0) -> Answer:
    """Return the answer that nothing is said about a question; ``reason`` names the phrase of the learner's language."""
    (text,) = asked.phrases(reason)
    return Answer(text, (), AnswerStatus.NOT_IN_MATERIAL, certainty, language=asked.tag)


def shown(passage: FoundPassage) -> AnswerPassage:
    """Return a passage as it is shown."""
    return AnswerPassage(passage.citation, passage.highlights, passage.block_kind.value)


def related(passages: Sequence[FoundPassage]) -> tuple[str, ...]:
    """Return the titles of the sections that passages stand in, each once."""
    return tuple(dict.fromkeys(search_form(passage.headings[-1]) for passage in passages if passage.headings))


def _text(passages: Sequence[FoundPassage], status: AnswerStatus, spoken: Language) -> str:
    """Return the passages one below the other; of a closest one only the first, with a sentence that says so."""
    if status is AnswerStatus.ANSWERED:
        return "\n\n".join(_reading(passage) for passage in passages)
    (lead,) = spoken.phrases("answer_closest") or language("en").phrases("answer_closest")
    return f"{lead}\n\n{_reading(passages[0])}"


def _reading(passage: FoundPassage) -> str:
    """Return a passage without the line ends of its page and the headings it begins with; tables, lists and code keep theirs."""
    if passage.block_kind.value in {"table", "code", "list_item", "formula"}:
        return passage.citation.text
    return search_form(without_headings(passage))


def without_headings(passage: FoundPassage) -> str:
    """Return the text of a passage from its first line on that is none of the headings it stands under."""
    text, titles = passage.citation.text, {search_form(title) for title in passage.headings}
    while titles and search_form(text.split("\n\n", 1)[0]) in titles and "\n\n" in text:
        text = text.split("\n\n", 1)[1].lstrip()
    return text
