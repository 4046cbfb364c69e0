"""Definitions around a name: what a sentence says a thing is, before it gives the name or right behind it.

Where the name stands is known, because its authors set it apart or the material names it elsewhere; what defines it
is found by patterns that are data of each language.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache

from documents_app.domain.matter.defining import (
    LONGEST,
    MAX_WORDS,
    is_definition,
    points_elsewhere,
    without_second_verb,
)
from documents_app.domain.matter.standing import may_be_verb
from tutor_project.language import Language

_NAME = "\x00"
"""Stands for the name while a sentence is compared with patterns."""
_GIVEN = r"(?P<given>[^\W\d_][\w'’‑-]*(?: [^\W\d_][\w'’‑-]*){0,3}?)(?=$|[.,;:)’”\"»]| (?:{small})[ ,.;])"
"""A name that is given: up to four words before a sign or a small word."""
_LEAST_TOLD = 3
"""Content words that describe a thing before it is named."""
_OPENING = 3
"""Words at the beginning of a phrase among which a participle describes what it names."""
_MOST_NAMES, _NAME_WORDS = 3, 4
_BEHIND = frozenset(".,;:)")


def definition_around(text: str, start: int, end: int, language: Language, verbs: Collection[str]) -> str:
    """Return what a sentence says the name at ``start:end`` is, as written; '' where it says nothing a reader could know it by.

    ``verbs`` are stems of words known to be verbs.
    """
    if len(text) > LONGEST or not _is_whole(text, end, language):
        return ""
    marked = f"{text[:start]}{_NAME}{text[end:]}"
    for pattern in _patterns(language, "definitions_around"):
        found = pattern.search(marked)
        if found is None:
            continue
        before = marked[: found.start("definition")]
        definition = without_second_verb(_bounded(found["definition"], before, language, verbs), language)
        if not is_definition(definition, language) or not _is_phrase(definition, language):
            continue
        if _NAME in before:
            return definition
        is_inside = bool(language.content_stems(before))
        if not _holds_a_clause(definition, language, verbs) and not (
            is_inside and _is_cut_badly(definition, text[start:end], language)
        ):
            return definition
    return ""


def is_named_at(text: str, start: int, end: int, language: Language) -> bool:
    """Tell whether a sentence gives the name at ``start:end`` to what it described before: "a record known as X"."""
    marked = f"{text[:start]}{_NAME}{text[end:]}"
    named = (pattern.search(marked) for pattern in _patterns(language, "naming_patterns"))
    return _is_whole(text, end, language) and any(
        found is not None and _describes(marked[: found.start()], language) for found in named
    )


def names_given(text: str, language: Language) -> Iterator[tuple[int, int]]:
    """Yield where a sentence gives a name of its own making: "X" of "a record known as X"; no proper names where capitals tell them."""
    nouns_are_capital = language.mapping("noun_shape").get("capitals") == "yes"
    small = language.stop_words - language.phrase_set("inner_words") | language.phrase_set("auxiliaries")
    given = _GIVEN.replace("{small}", "|".join(map(re.escape, sorted(small))))
    for pattern in _patterns(language, "naming_patterns", name=given):
        for found in pattern.finditer(text):
            start, end = found.span("given")
            end -= len(text[start:end]) - len(text[start:end].rstrip("'’"))
            if (nouns_are_capital or not text[start].isupper() or text[start:end].isupper()) and is_named_at(
                text, start, end, language
            ):
                yield start, end


def _describes(text: str, language: Language) -> bool:
    """Tell whether what stands before a naming describes what is named: its last part with a word of content does.

    A part such as "a condition" sums up the one before it.
    """
    parts = [part.strip() for part in re.split(r"[,;:()]", text) if language.content_stems(part)]
    if any(
        word.text.lower() in language.phrase_set("such_words") for part in parts[-1:] for word in language.words(part)
    ):
        return False
    sums_up = len(parts) > 1 and parts[-1].split(" ", 1)[0].lower() in language.phrase_set("indefinite_articles")
    told = parts[-2:] if sums_up else parts[-1:]
    return sum(len(language.content_stems(part)) for part in told) >= _LEAST_TOLD


def other_names(text: str, start: int, end: int, language: Language) -> tuple[str, ...]:
    """Return the other names a sentence gives the name at ``start:end``: "X (Y)", "X, also called Y", "X or Y"."""
    marked = f"{text[:start]}{_NAME}{text[end:]}"
    found = (pattern.search(marked) for pattern in _patterns(language, "other_names"))
    named = (match["other"].strip(" ,") for match in found if match is not None)
    names = [name for name in named if _is_name(name, language) and name.casefold() != text[start:end].casefold()]
    return tuple(dict.fromkeys(names))[:_MOST_NAMES]


def _is_whole(text: str, end: int, language: Language) -> bool:
    """Tell whether a name ends where it seems to: no further word of content belongs to it."""
    following = text[end:]
    word = following.strip().split(" ", 1)[0].strip("".join(_BEHIND))
    return not word or following[0] in _BEHIND or (following[0] in ' ’”"»“' and _is_small(word, language))


def _is_small(word: str, language: Language) -> bool:
    return not word[:1].isalnum() or language.is_stop_word(word) or word in language.phrase_set("auxiliaries")


def _bounded(definition: str, before: str, language: Language, verbs: Collection[str]) -> str:
    """Return what was found up to where it ends: of what stands beside a name that is a subject, up to the verb of the sentence.

    '' where it stands beside no name but begins the sentence: "In France, the line …".
    """
    text = definition.strip().rstrip(".").strip(" ,;:")
    opening, named, between = before.partition(_NAME)
    if not named or between.lstrip(' ’”»"')[:1] not in {",", "–", "—"}:
        return text
    parts = text.split(", ")
    words = [word.text.lower() for word in language.words(opening)]
    if not any(may_be_verb(word, language, verbs) for word in words[1:]):
        if not set(words) <= language.phrase_set("determiners"):
            return ""
        goes_on = (at for at, part in enumerate(parts) if at and _begins_with_verb(part, language, verbs))
        parts = parts[: next(goes_on, 1)]
    while len(parts) > 1 and len(" ".join(parts).split()) > MAX_WORDS:
        parts.pop()
    return ", ".join(parts)


def _begins_with_verb(text: str, language: Language, verbs: Collection[str]) -> bool:
    return may_be_verb(text.split(" ", 1)[0].lower(), language, verbs)


def _is_phrase(definition: str, language: Language) -> bool:
    """Tell whether a definition is one noun phrase that points to nothing around it."""
    words = _before_clause(definition, language)
    return not points_elsewhere(definition, language) and language.phrase_set("auxiliaries").isdisjoint(words)


def _holds_a_clause(definition: str, language: Language, verbs: Collection[str]) -> bool:
    """Tell whether what stands before a name holds the verb of the sentence, where endings show it, or another naming."""
    third = tuple(language.mapping("verb_shape").get("singular_endings", "").split())
    words = _before_clause(definition, language)[2:]
    if third and any(word.endswith(third) and may_be_verb(word, language, verbs) for word in words):
        return True
    return any(pattern.search(definition) for pattern in _patterns(language, "naming_patterns", name=r"\w+"))


def _is_cut_badly(definition: str, name: str, language: Language) -> bool:
    """Tell whether what was cut from within a sentence says little, or may belong to something else than the name.

    A clause or a participle inside, another noun phrase behind a comma, and a plural name for one thing show it.
    """
    words = language.words(definition)
    articles, participles = language.alternatives("determiners"), language.phrases("present_participle_endings")
    is_plural = name.endswith("s") and not name.endswith(("ss", "us", "is"))
    return (
        len(language.content_stems(definition)) <= _LEAST_TOLD
        or len(_before_clause(definition, language)) < len(words)
        or any(word.text.endswith(participles) for word in words[_OPENING:])
        or re.search(rf", (?:{articles}) ", definition) is not None
        or (is_plural and words[0].text.lower() in language.phrase_set("indefinite_articles"))
    )


def _before_clause(text: str, language: Language) -> list[str]:
    """Return the words of a phrase, in lower case, up to the first clause inside it."""
    words = [word.text.lower() for word in language.words(text)]
    inner = language.phrase_set("relative_words") | language.phrase_set("that_words")
    return words[: next((at for at, word in enumerate(words) if word in inner), len(words))]


def _is_name(name: str, language: Language) -> bool:
    words = name.split()
    small = (words[0], words[-1]) if words else ()
    return (
        1 <= len(words) <= _NAME_WORDS
        and len(name) > 1
        and not any(map(language.is_stop_word, small))
        and not any(sign.isdigit() for sign in name)
        and language.phrase_set("words_of_words").isdisjoint(map(str.lower, words))
        and re.search(r"[=$<>{}\[\]|@/:;]", name) is None
    )


@lru_cache(maxsize=32)
def _patterns(language: Language, listed: str, name: str = _NAME) -> tuple[re.Pattern[str], ...]:
    articles = "|".join(map(re.escape, language.phrases("determiners")))
    owners = "|".join(map(re.escape, language.phrases("possessives")))
    parts = {
        "name": rf"(?:(?:{articles}|{owners})(?: |(?<=['’])))?[‘“\"„«]?{name}[’”\"“»]?",
        "gloss": r"(?: \([^()]{1,60}\))?",
        "definition": r"(?P<definition>.+)",
        "before": r"(?P<definition>.{12,240}?)",
        "other": r"[‘“\"„«]?(?P<other>[^\W\d_][^,;:()‘’“”\"„«»]{0,50}?)[’”\"“»]?",
        "end": r"(?=[.,;:)]|$)",
    }
    compiled = []
    for line in language.phrases(listed):
        for part, pattern in parts.items():
            line = line.replace("{" + part + "}", pattern)
        compiled.append(re.compile(line))
    return tuple(compiled)
