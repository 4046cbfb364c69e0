"""Questions for what the symbols of formulas stand for: "where R is the gas constant"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from documents_app.domain.matter.standing import is_plain_text
from documents_app.domain.matter.types import Matter, Span, Statement
from documents_app.domain.reading.prose import plain_title
from sessions_app.domain.questions.types import QuestionKind
from sessions_app.engine.questions.drafts import LEAST_WRONG, WRONG_OPTIONS, Draft, template
from tutor_project.language import Language

_WORTH = 0.7
_SYMBOL = r"(?P<symbol>[^\W\d_]{1,2}(?:_?\(?\w{1,3}\)?|[*′'])?)"
_LEAST_WORDS, _MOST_WORDS = 2, 16
_LONGEST, _LOOKED_AT = 600, 20


@dataclass(frozen=True, slots=True)
class _Symbol:
    name: str
    meaning: str
    span: Span
    section: int


def drafts(matter: Matter) -> Iterator[Draft]:
    """Yield for each symbol that a sentence behind a formula explains what it stands for; others' meanings are the choice."""
    found = [symbol for legend in matter.legends for symbol in _symbols(legend, matter)]
    for at, symbol in enumerate(found):
        near = sorted(_around(found, at), key=lambda other: abs(other.section - symbol.section))
        wrong: list[str] = []
        for other in near:
            taken = [set(matter.language.content_stems(text)) for text in (symbol.meaning, *wrong)]
            if all(_differ(set(matter.language.content_stems(other.meaning)), stems) for stems in taken):
                wrong.append(other.meaning)
        if len(wrong) >= LEAST_WRONG:
            yield Draft(
                pattern="symbol",
                kind=QuestionKind.MULTIPLE_CHOICE,
                stem=_stem(symbol, matter),
                key=symbol.meaning,
                wrong=tuple(wrong[:WRONG_OPTIONS]),
                evidence=(symbol.span,),
                section=symbol.section,
                worth=_WORTH,
                concept=symbol.meaning,
            )


def _stem(symbol: _Symbol, matter: Matter) -> str:
    title, tongue = plain_title(matter.titles.get(symbol.section, "")), matter.language
    told = set(tongue.content_stems(title)) & set(tongue.content_stems(symbol.meaning))
    if title and is_plain_text(title) and not told:
        return template(matter.language, "symbol_meaning_in", symbol=symbol.name, title=title)
    return template(matter.language, "symbol_meaning", symbol=symbol.name)


def _around(found: Sequence[_Symbol], at: int) -> list[_Symbol]:
    return [*found[max(0, at - _LOOKED_AT) : at], *found[at + 1 : at + _LOOKED_AT]]


def _symbols(legend: Statement, matter: Matter) -> Iterator[_Symbol]:
    """Yield the symbols of a legend, each with the place of its own clause alone."""
    tongue = matter.language
    leads = "|".join(map(re.escape, tongue.phrases("symbol_leads")))
    opened = re.match(rf"(?:{leads}),? (?P<rest>.+)$", legend.text[:_LONGEST], re.IGNORECASE) if leads else None
    if opened is None:
        return
    stored = matter.material[legend.span.document].content.text
    start = legend.span.char_start
    first = next(iter(tongue.sentences(opened["rest"])), (0, len(opened["rest"])))
    for part in _clause(tongue).finditer(opened["rest"][: first[1]].rstrip(".:")):
        meaning = part["meaning"].strip()
        if tongue.is_stop_word(part["symbol"]):
            continue
        at = stored.find(meaning, start, legend.span.char_end)
        if at >= 0 and _LEAST_WORDS <= len(meaning.split()) <= _MOST_WORDS and is_plain_text(meaning):
            named = max(start, stored.rfind(part["symbol"], start, at))
            named -= stored[named - 1 : named] == "$"
            span = Span(legend.span.document, named, at + len(meaning))
            yield _Symbol(part["symbol"], meaning, span, legend.section)
            start = at + len(meaning)


@lru_cache(maxsize=32)
def _clause(tongue: Language) -> re.Pattern[str]:
    joined = "|".join(map(re.escape, tongue.phrases("conjunctions")))
    verbs = "|".join(map(re.escape, tongue.phrases("auxiliaries")))
    articles = "|".join(map(re.escape, tongue.phrases("determiners")))
    return re.compile(
        rf"(?:^|,? (?:{joined}) |[,;] ){_SYMBOL} (?:(?:{verbs}) )?(?P<meaning>(?:{articles})(?: |(?<='))[^,;=]+?)"
        rf"(?=$|[.,;(]|,? (?:{joined}) \S{{1,8}} (?:(?:{verbs})|(?:{articles})) )"
    )


def _differ(mine: set[str], theirs: set[str]) -> bool:
    return 2 * len(mine & theirs) <= min(len(mine), len(theirs))
