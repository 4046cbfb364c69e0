"""Statements that begin with a word for what the sentence before named, written out with that name."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from documents_app.domain.material import Material
from documents_app.domain.matter.standing import is_whole, may_be_verb, stands_alone
from documents_app.domain.matter.types import Statement
from tutor_project.language import Language, Word

_LONGEST_NAME = 5
_LONGEST_PAIR = 45
"""Words of two sentences that are shown together."""
_LONGEST_CHAIN = 3
"""So many sentences at most are cited for one: the naming one and those that go on about it."""
_OPENING = 6
"""Words within which an expletive "it" is followed by what it stands for."""


@dataclass(frozen=True, slots=True)
class _Topic:
    """What a sentence begins with: ``opening`` is its text up to the end of its subject."""

    opening: str
    article: str
    naming: Statement
    depth: int = 1


def resolved(
    statements: Sequence[Statement], material: Material, tongue: Language, verbs: Collection[str]
) -> Iterator[Statement]:
    """Yield each statement that stands alone once its first word is written out: "It holds …" as "The cecum holds …".

    ``naming`` is the place of the sentence that names the thing, so that a citation can show both.
    """
    topic: _Topic | None = None
    before: Statement | None = None
    for statement in statements:
        if before is None or not _follows(statement, before, material):
            topic = None
        text, source = _written_out(statement, before, topic, tongue, verbs)
        if source is not None:
            place = source.naming.span
            if stands_alone(text, tongue, verbs):
                yield replace(
                    statement, text=text, stems=tuple(tongue.content_stems(text)), stands_alone=True, naming=place
                )
            deeper = _Topic(source.opening, source.article, source.naming, source.depth + 1)
            topic = deeper if deeper.depth < _LONGEST_CHAIN else None
        else:
            topic = _topic(statement, tongue, verbs)
            if before is not None and before.stands_alone and _follows(statement, before, material):
                yield from _with_context(statement, before, tongue, verbs)
        before = statement


def _with_context(
    statement: Statement, before: Statement, tongue: Language, verbs: Collection[str]
) -> Iterator[Statement]:
    """Yield a statement that points back together with the one before it, which stands alone."""
    text = f"{before.text} {statement.text}"
    if statement.stands_alone or len(text.split()) > _LONGEST_PAIR or not is_whole(statement.text, tongue, verbs):
        return
    stems = (*before.stems, *statement.stems)
    yield replace(
        statement, text=text, stems=stems, stands_alone=True, naming=before.span, context=len(before.text) + 1
    )


def _follows(statement: Statement, before: Statement, material: Material) -> bool:
    """Tell whether a statement stands right after another in one paragraph."""
    if statement.span.document != before.span.document or statement.section != before.section:
        return False
    text = material[statement.span.document].content.text
    between = text[before.span.char_end : statement.span.char_start]
    return not between.strip() and "\n\n" not in between


def _written_out(
    statement: Statement, before: Statement | None, topic: _Topic | None, tongue: Language, verbs: Collection[str]
) -> tuple[str, _Topic | None]:
    first, _, rest = statement.text.partition(" ")
    first = first.lower()
    articles = tongue.mapping("subject_pronouns").get(first)
    if articles is not None:
        fits = topic is not None and topic.article in articles.split() and _agrees(topic, first, tongue)
        if topic is None or not fits or _stands_for_what_follows(statement.text, tongue):
            return "", None
        return f"{topic.opening} {rest}", topic
    article = tongue.mapping("demonstratives").get(first)
    if article is None or before is None:
        return "", None
    return _named_again(rest, article, before, tongue, verbs)


def _agrees(topic: _Topic, pronoun: str, tongue: Language) -> bool:
    """Tell whether number fits where articles do not show it."""
    plural = topic.opening.endswith("s") and not topic.opening.endswith(("ss", "us", "is"))
    return tongue.tag != "en" or plural == (pronoun == "they")


def _stands_for_what_follows(text: str, tongue: Language) -> bool:
    lowered = text.lower()
    if not any(lowered.startswith(f"{phrase} ") for phrase in tongue.phrases("expletives")):
        return False
    following = {word.strip(",;:") for word in lowered.split()[2:_OPENING]}
    return bool(following & (tongue.phrase_set("that_words") | tongue.phrase_set("infinitive_words")))


def _named_again(
    rest: str, article: str, before: Statement, tongue: Language, verbs: Collection[str]
) -> tuple[str, _Topic | None]:
    """Return "The hepatic artery carries …" for "This artery carries …" behind a sentence that names the hepatic artery."""
    phrase = name_at_start(rest, tongue, verbs)
    if not phrase:
        return "", None
    head = phrase[0] if tongue.head_first else phrase[-1]
    name = name_with_head(before.text, tongue.stem(head.text), tongue, verbs)
    words = set(tongue.stems(name))
    if len(words) < 2 or not {tongue.stem(word.text) for word in phrase} <= words:
        return "", None
    joint = "" if article.endswith("'") else " "
    opening = f"{article[:1].upper()}{article[1:]}{joint}{name}"
    return opening + rest[phrase[-1].end :], _Topic(opening, article, before)


def name_at_start(text: str, tongue: Language, verbs: Collection[str]) -> list[Word]:
    """Return the words before the first verb of a text, none where it does not begin with a short name and a verb."""
    name: list[Word] = []
    for word in tongue.words(text)[: _LONGEST_NAME + 1]:
        lowered = word.text.lower()
        if name and may_be_verb(lowered, tongue, verbs):
            return name
        apart = bool(name) and text[name[-1].end : word.start] not in {" ", "-"}
        inner = tongue.head_first and bool(name) and lowered in tongue.phrase_set("inner_words")
        if apart or (tongue.is_stop_word(word.text) and not inner):
            return []
        name.append(word)
    return []


def name_with_head(text: str, head: str, tongue: Language, verbs: Collection[str]) -> str:
    """Return the longest name in a text whose head has the stem ``head``, '' where there is none or more than one."""
    words = tongue.words(text)
    places = [at for at, word in enumerate(words) if tongue.stem(word.text) == head]
    if len(places) != 1:
        return ""
    step = 1 if tongue.head_first else -1
    last = at = places[0]
    while 0 <= at + step < len(words) and abs(at + step - places[0]) < _LONGEST_NAME:
        left, right = sorted((at, at + step))
        other = words[at + step].text
        inner = tongue.head_first and other.lower() in tongue.phrase_set("inner_words")
        if text[words[left].end : words[right].start] not in {" ", "-"} or may_be_verb(other.lower(), tongue, verbs):
            break
        if tongue.is_stop_word(other) and not inner:
            break
        at += step
        last = last if inner else at
    begin, end = sorted((places[0], last))
    return text[words[begin].start : words[end].end]


def _topic(statement: Statement, tongue: Language, verbs: Collection[str]) -> _Topic | None:
    """Return what a statement begins with, None where it is no plain subject with its verb."""
    words = tongue.words(statement.text)
    if len(words) < 2:
        return None
    led = words[0].text.lower() in tongue.phrase_set("determiners")
    start = words[1].start if led else words[0].start
    name = name_at_start(statement.text[start:], tongue, verbs)
    if not name:
        return None
    article = words[0].text.lower() if led else "-"
    return _Topic(statement.text[: start + name[-1].end], article, statement)
