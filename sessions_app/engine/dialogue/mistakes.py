"""Why an answer is wrong: where in the material the thing that the learner named belongs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from documents_app.domain.material import Citation
from documents_app.domain.reading.form import reading_form
from sessions_app.domain.lesson.types import LessonContent
from sessions_app.domain.questions.types import BooleanKey, CandidateQuestion
from sessions_app.domain.speech import Speech
from sessions_app.engine.dialogue.hints import sentences_of, tells
from tutor_project.language import Language

_MOST_WORDS = 12
"""Words of an answer that can be the name of something; a longer one is looked up as a description."""
_SAME_DESCRIPTION = 0.8
_SENTENCE_WORDS = range(5, 60)


@dataclass(frozen=True, slots=True)
class RightPlace:
    """What the material says of the thing a learner named by mistake."""

    text: str
    citation: Citation


def right_place(
    question: CandidateQuestion, named: str, lesson: LessonContent, say: Speech, content: Language
) -> RightPlace | None:
    """Return where ``named`` belongs, None where the lesson does not say it without telling the answer."""
    if isinstance(question.key, BooleanKey) or not named.strip():
        return None
    found = _defined(named, lesson, say, content) or _described(named, lesson, say, content)
    if found is None or tells(question, found.text, content):
        found = _standing(question, named, lesson, say, content)
    return found


def _defined(named: str, lesson: LessonContent, say: Speech, content: Language) -> RightPlace | None:
    wanted = set(content.content_stems(named))
    for section in lesson.sections:
        for term in section.key_terms:
            if wanted and set(content.content_stems(term.term)) == wanted:
                text = say("chosen_is", chosen=named, text=reading_form(term.definition).rstrip(".") + ".")
                return RightPlace(text, term.citation)
    return None


def _described(named: str, lesson: LessonContent, say: Speech, content: Language) -> RightPlace | None:
    """A description that was chosen wrongly describes another term."""
    wanted = set(content.content_stems(named))
    for section in lesson.sections:
        for term in section.key_terms:
            stems = set(content.content_stems(term.definition))
            if stems and len(stems & wanted) >= _SAME_DESCRIPTION * len(stems | wanted):
                return RightPlace(say("chosen_describes", term=term.term), term.citation)
    return None


def _standing(
    question: CandidateQuestion, named: str, lesson: LessonContent, say: Speech, content: Language
) -> RightPlace | None:
    """Return the shortest sentence of the lesson in which the words stand, apart from the one that answers."""
    if len(named.split()) > _MOST_WORDS:
        return None
    words = r"\s+".join(map(re.escape, named.split()))
    pattern = re.compile(rf"(?<!\w){words}(?:e?[sn])?(?!\w)", re.IGNORECASE)
    fit = [
        sentence
        for sentence in _sentences(lesson, content)
        if len(sentence.text.split()) in _SENTENCE_WORDS
        and pattern.search(sentence.text)
        and not question.rests_on(sentence)
        and not tells(question, sentence.text, content)
    ]
    if not fit:
        return None
    best = min(fit, key=lambda sentence: len(sentence.text))
    return RightPlace(say("chosen_stands", chosen=named, text=reading_form(best.text)), best)


def _sentences(lesson: LessonContent, content: Language) -> Iterator[Citation]:
    for section in lesson.sections:
        for passage in section.explanation:
            if passage.kind == "prose":
                yield from sentences_of(passage.citation, content)
