"""Definitions in sentences, by patterns that are data of each language."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from documents_app.domain.matter.standing import addresses, leans, without_speakers
from tutor_project.language import Language

MIN_WORDS, MAX_WORDS = 4, 32
LONGEST = 600
"""Characters of a sentence that is looked at."""
_WORD = r"[^\W\d_][\w'’\-‑–/+#]*"
_NO_PROSE = re.compile(r"[$=\\{}\[\]|@?“”„«]|\. [A-ZÄÖÜ]|[^\W\d_]{4,}\d{1,2}\b")
_TERM_WORDS = 6
_ONE_OF_MANY = 5
_OPENING, _LEAST_TOLD = 4, 3
"""Words that begin a definition, and content words of one that stands before its term."""
_SURE = "sure "
_OWN_OPENING = re.compile(r"\^[^\W\d_]")
"""A pattern that begins with words of its own leans on nothing: "On appelle X …"."""
_NO_TERM = re.compile(r"[$=(){}\[\]|@/:;,<>]|(?<![^\W\d_])\d")
_PARTS = {
    "term": rf"[\"“„«']?(?P<term>{_WORD}(?: {_WORD}){{0,4}}?)[\"”“»']?",
    "term_end": rf"[\"“„«']?(?P<term>{_WORD}(?: {_WORD}){{0,3}}?)[\"”“»']?(?=[.,;:(]|$)",
    "gloss": r"(?: \([^()]{1,60}\))?",
}


@dataclass(frozen=True, slots=True)
class Found:
    """A term and what it is said to be, both as written.

    ``is_sure`` where the words alone show a definition ("is called", "A … is a …"), whatever the rest of the text does.
    """

    term: str
    definition: str
    is_sure: bool


def definition_in(text: str, language: Language) -> Found | None:
    """Return the definition a sentence gives, None where it gives none that a reader could be asked for."""
    if len(text) > LONGEST:
        return None
    leaning = leans(text, language)
    for sure, pattern in _patterns(language):
        found = pattern.match(text)
        if found is None or (leaning and not _OWN_OPENING.match(pattern.pattern)):
            continue
        definition = without_second_verb(found["definition"], language)
        term = _first_name(found["term"], language)
        if "(?P<head>" in pattern.pattern and points_elsewhere(definition, language):
            continue
        if not language.phrase_set("conjunctions").isdisjoint(term.split()):
            continue  # "A and B are …": two things
        if is_term(term, language) and is_definition(definition, language):
            return Found(term, definition, sure or _is_general(text, term, language))
    return None


def without_second_verb(text: str, language: Language) -> str:
    """Return a definition without a second thing that is said of its term: "a polymer of actin and is 7 nm wide"."""
    joints, verbs = language.alternatives("conjunctions"), language.alternatives("auxiliaries")
    return re.split(rf",? (?:{joints}) (?=(?:{verbs}) )", text)[0].strip().rstrip(".").strip(" ,;:")


def _first_name(term: str, language: Language) -> str:
    """Return the first of two names of one thing: "vendor or seller" is the vendor."""
    links = language.phrase_set("conjunctions") & language.phrase_set("other_name_links")
    return re.split(rf" (?:{'|'.join(map(re.escape, links))}) ", term)[0] if links else term


def _is_general(text: str, term: str, language: Language) -> bool:
    """Tell whether a sentence speaks of a kind of thing, not of one: no article that points to one, no proper name."""
    pointing = language.phrase_set("determiners") - language.phrase_set("indefinite_articles")
    named = language.mapping("noun_shape").get("capitals") != "yes" and any(
        part[0].isupper() for part in term.split()[1:]
    )
    return not named and text.split(" ", 1)[0].split("'")[0].lower() not in {word.rstrip("'") for word in pointing}


def is_term(name: str, language: Language) -> bool:
    """Tell whether a phrase can be a term: content at both ends, a noun where nouns show, no relation such as "reason"."""
    words = [word.text.lower() for word in language.words(name)]
    return is_given_name(name, language) and not _is_relation(words, language)


def is_given_name(name: str, language: Language) -> bool:
    """Tell whether a phrase that its author gives as a name is built as one, whatever its first word is in other phrases."""
    words = [word.text.lower() for word in language.words(name)]
    if not 1 <= len(words) <= _TERM_WORDS or len(name) < 3 or _NO_TERM.search(name):
        return False
    if set(words) & (language.phrase_set("opinions") | language.phrase_set("weak_definitions")):
        return False
    return _is_built_as_a_name(name.split(), language)


def _is_built_as_a_name(written: Sequence[str], language: Language) -> bool:
    """Tell whether a phrase begins and ends with content, and holds only such small words inside as names do."""
    if language.mapping("noun_shape").get("capitals") == "yes" and written[-1][0].islower():
        return False
    if language.is_stop_word(written[0]) or language.is_stop_word(written[-1]):
        return False
    inner = {word.lower() for word in written[1:-1] if language.is_stop_word(word)}
    return inner <= language.phrase_set("inner_words")


def _is_relation(words: Sequence[str], language: Language) -> bool:
    """Tell whether words, in lower case, name a relation or an amount ("main reason", "large number"), not a thing."""
    relational = language.phrase_set("relational_nouns") | language.phrase_set("vague_titles")
    # "large number" says how much; "large intestine" is a term.
    if len(words) <= 2 and set(words) <= relational | language.phrase_set("generic_nouns"):
        return True
    # "main reason", "ejemplo importante": but "boiling point" and "punto de ebullición" are terms.
    return (len(words) < 3 or language.head_last) and words[0] in relational


def is_definition(text: str, language: Language) -> bool:
    """Tell whether a text says what something is, on its own and without naming it only as one of several."""
    words = text.split()
    if not MIN_WORDS <= len(words) <= MAX_WORDS or text.count("(") != text.count(")"):
        return False
    if _NO_PROSE.search(text) or _has_second_clause(text, language):
        return False
    if _opens_weakly([word.lower().strip(",;:.") for word in words[:_ONE_OF_MANY]], language):
        return False
    breaks_off = language.phrase_set("verb_leads") | language.phrase_set("conjunctions")
    return words[-1].lower() not in breaks_off and not addresses(without_speakers(text, language), language)


def _opens_weakly(words: Sequence[str], language: Language) -> bool:
    """Tell whether a text opens as no definition does: "also …", "a number of …", "a vital part of …", "it has …"."""
    determiners, weak = language.phrase_set("determiners"), language.phrase_set("weak_definitions")
    first = next((word for word in words if word not in determiners), "")
    if first in weak or " ".join(words[:2]) in weak or words[1] in language.phrase_set("auxiliaries"):
        return True
    one_of_many = words[0] in language.phrase_set("indefinite_articles") and any(
        word in weak and not language.is_stop_word(word) for word in words[1:]
    )
    return one_of_many or (language.is_stop_word(words[0]) and words[0] not in determiners)


def points_elsewhere(text: str, language: Language) -> bool:
    """Tell whether what stands before a name tells it only to who has read on: "the first three", "such fragments", "its end"."""
    words = [word.text.lower() for word in language.words(text)]
    pointing = language.mapping("demonstratives").keys() | language.phrase_set("such_words")
    pointing |= language.phrase_set("speaking_words") | language.mapping("subject_pronouns").keys()
    early = language.phrase_set("possessives") | language.phrase_set("weak_definitions")
    early |= language.mapping("ordinals").keys()
    return (
        not pointing.isdisjoint(words)
        or not early.isdisjoint(words[:_OPENING])
        or len(language.content_stems(text)) < _LEAST_TOLD
    )


def _has_second_clause(text: str, language: Language) -> bool:
    """Tell whether a comma and a conjunction lead on to something else that is said of the term."""
    if re.search(rf", (?:{language.alternatives('objecting_words', 'contrast_links')}) ", text):
        return True
    joints = language.alternatives("conjunctions", "objecting_words")
    return re.search(rf"^[^,]*[,;] (?:{joints}) (?!\S+$)[^,]*$", text) is not None


@lru_cache(maxsize=32)
def _patterns(language: Language) -> tuple[tuple[bool, re.Pattern[str]], ...]:
    determiners = "|".join(
        rf"{re.escape(word[:-1])}['’]" if word.endswith("'") else rf"{re.escape(word)} "
        for word in language.phrases("determiners")
    )
    parts = {**_PARTS, "det": rf"(?i:{determiners})?", "definition": r"(?P<definition>.+)"}
    compiled = []
    for line in language.phrases("definition_patterns"):
        sure = line.startswith(_SURE)
        line = line.removeprefix(_SURE)
        for name, pattern in parts.items():
            line = line.replace("{" + name + "}", pattern if name != "definition" else _bounded(line, pattern))
        compiled.append((sure, re.compile(line)))
    return tuple(compiled)


def _bounded(line: str, pattern: str) -> str:
    """A definition in front of its term is matched shortest first, behind it to the end."""
    return r"(?P<definition>.{12,200}?)" if "(?P<head>" in line else pattern
