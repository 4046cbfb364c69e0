"""Enumerations that end a sentence: "It has three parts: the duodenum, the jejunum, and the ileum."."""

from __future__ import annotations

import re
from dataclasses import dataclass

from documents_app.domain.matter.types import Statement
from tutor_project.language import Language, fold

_LEAST_LEAD, _LEAST_ITEMS = 4, 3


@dataclass(frozen=True, slots=True)
class Enumeration:
    """A sentence up to what it names, and what it names."""

    statement: Statement
    lead: str
    items: tuple[str, ...]


def enumeration_in(statement: Statement, tongue: Language) -> Enumeration | None:
    """Return the enumeration that ends a statement, where it has three items or more of one to four words."""
    joined = "|".join(map(re.escape, tongue.phrases("conjunctions")))
    parts = re.split(rf",? (?:{joined}) |, ", statement.text.rstrip(".")) if joined else []
    # "The pore or conducting pathway, and the gate": one of the two joins names of one thing.
    if len(re.findall(rf" ({joined}) ", statement.text)) > 1:
        return None
    if len(parts) < _LEAST_ITEMS or not re.search(rf" (?:{joined}) \S+(?: \S+){{0,3}}\.$", statement.text):
        return None
    led = _leading(parts[0], tongue)
    named = [_bare(item, tongue) for item in (led[1], *parts[1:])] if led else []
    if led is None or not all(_is_item(item, tongue) for item in named) or len(set(map(fold, named))) < len(named):
        return None
    if len({_is_participle(item, tongue) for item in named}) > 1:
        return None  # "a list, a set, giving the order": the last says what the others do
    if len(led[0].split()) < _LEAST_LEAD or _is_open(led[0], tongue):
        return None
    return Enumeration(statement, led[0], tuple(named))


def _leading(text: str, tongue: Language) -> tuple[str, str] | None:
    """Return what leads into an enumeration and its first item: the border is a colon or words such as "consists of"."""
    before, colon, first = text.rpartition(": ")
    if colon:
        return f"{before}:", first
    words = "|".join(map(re.escape, sorted(tongue.phrases("enumeration_leads"), key=len, reverse=True)))
    found = re.match(rf"(?P<lead>.+ (?:{words})) (?P<first>.+)$", text) if words else None
    return (found["lead"], found["first"]) if found else None


def _bare(item: str, tongue: Language) -> str:
    first, _, rest = item.partition(" ")
    return rest if rest and first.lower() in tongue.phrase_set("determiners") else item


def _is_item(item: str, tongue: Language) -> bool:
    words = item.split()
    return (
        1 <= len(words) <= 4
        and not tongue.is_stop_word(words[0])
        and not tongue.is_stop_word(words[-1])
        and item[0].isalpha()
    )


def _is_participle(item: str, tongue: Language) -> bool:
    return " " in item and item.split(" ", 1)[0].endswith(tongue.phrases("present_participle_endings"))


def _is_open(lead: str, tongue: Language) -> bool:
    return any(lead.lower().rstrip(":").endswith(f" {word.lower()}") for word in tongue.phrases("open_lists"))
