"""Questions for what the symbols of formulas stand for: "where R is the gas constant"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from documents_app.domain.matter.standing import is_plain_text
from documents_app.domain.matter.types import Matter, Span, Statement
from sessions_app.domain.questions.types import QuestionKind
from sessions_app.engine.questions.drafts import LEAST_WRONG, WRONG_OPTIONS, Draft, template
from tutor_project.language import Language, fold

_WORTH = 0.7
_SYMBOL = r"(?P<symbol>[^\W\d_]{1,2}(?:_?\(?\w{1,3}\)?|[*′'])?)"
_LEAST_WORDS, _MOST_WORDS = 2, 16
_LONGEST = 600
_LEAST_SIGNS, _MOST_SIGNS = 3, 80
"""Characters of a formula that is shown."""
_OUTSIDE = str.maketrans("~", " ")
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_SPACE = re.compile(r"\\[,;:! ]|\\(?:quad|qquad|left|right)(?![a-zA-Z])")
_TEXT = re.compile(r"\\(?:text|mathrm|textit|mathit|mathbf|operatorname)\{([^{}\\]*)\}")
_NAMED = re.compile(r"\\(?!frac)([a-zA-Z]+)")
_FRACTION = re.compile(r"\\frac\{([^{}]*)\}\{([^{}]*)\}")
_SIGNS = {"cdot": "·", "times": "×", "approx": "≈", "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "pm": "±", "neq": "≠"}
_SIGNS |= {name: f"{name} " for name in ("sin", "cos", "tan", "log", "ln", "exp", "max", "min")}


@dataclass(frozen=True, slots=True)
class _Symbol:
    name: str
    meaning: str
    span: Span
    section: int


def drafts(matter: Matter) -> Iterator[Draft]:
    """Yield for each symbol of a formula that its legend explains what it stands for; the others of that formula are the choice."""
    for legend in matter.legends:
        if legend.naming is None:
            continue  # stored before formulas were
        formula = in_line(matter.cite(legend.naming).text)
        found = [symbol for symbol in _symbols(legend, matter) if _stands_in(symbol.name, formula)]
        for symbol in found if _LEAST_SIGNS <= len(formula) <= _MOST_SIGNS else ():
            wrong = _others(symbol, found, matter.language)
            if len(wrong) >= LEAST_WRONG and not _is_initial(symbol, wrong, matter.language):
                yield Draft(
                    pattern="symbol",
                    kind=QuestionKind.MULTIPLE_CHOICE,
                    stem=template(matter.language, "symbol_meaning", symbol=symbol.name, formula=formula),
                    key=symbol.meaning,
                    wrong=tuple(wrong),
                    evidence=(symbol.span, legend.naming),
                    section=symbol.section,
                    worth=_WORTH,
                    concept=symbol.meaning,
                )


def in_line(formula: str) -> str:
    """Return a formula in LaTeX as one line of plain text, '' where it holds more than fractions, powers, indices and letters."""
    text = _SPACE.sub(" ", formula.strip(" $").translate(_OUTSIDE))
    text = _TEXT.sub(r"\1", text)
    text = _NAMED.sub(lambda found: _sign(found[1]), text)
    text = re.sub(r"\^\{?(\d+)\}?", lambda found: found[1].translate(_RAISED), text)
    text = re.sub(r"_\{(\w+)\}", r"_\1 ", text)
    text = _FRACTION.sub(lambda found: f"{_grouped(found[1])}/{_grouped(found[2])}", text)
    text = " ".join(text.split()).rstrip(".,")
    return "" if re.search(r"[\\{}&^$]", text) else text


def _sign(name: str) -> str:
    """Return the sign that a command stands for: a Greek letter, an operator, the name of a function; the command where it is unknown."""
    if name in _SIGNS:
        return _SIGNS[name]
    size = "CAPITAL" if name[0].isupper() else "SMALL"
    try:
        return unicodedata.lookup(f"GREEK {size} LETTER {name.upper().replace('LAMBDA', 'LAMDA')}")
    except KeyError:
        return f"\\{name}"


def _grouped(part: str) -> str:
    return part if part.strip().isalnum() else f"({part.strip()})"


def _stands_in(symbol: str, formula: str) -> bool:
    return re.search(rf"(?<![^\W\d_]{{2}}){re.escape(symbol)}(?!_)", formula) is not None


def _others(symbol: _Symbol, found: Sequence[_Symbol], tongue: Language) -> list[str]:
    """Return what up to three other symbols of the formula mean, none like another."""
    taken = [symbol.meaning]
    for other in found:
        mine = set(tongue.content_stems(other.meaning))
        if other is not symbol and all(_differ(mine, set(tongue.content_stems(text))) for text in taken):
            taken.append(other.meaning)
    return taken[1 : WRONG_OPTIONS + 1]


def _is_initial(symbol: _Symbol, wrong: Sequence[str], tongue: Language) -> bool:
    """Tell whether a symbol is the first letter of a word of its meaning and of no other that is offered: P for the pressure."""

    def begins_one(meaning: str) -> bool:
        return any(fold(word.text)[:1] == fold(symbol.name)[:1] for word in tongue.content_words(meaning))

    return begins_one(symbol.meaning) and not any(map(begins_one, wrong))


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
            name = re.sub(r"_\((\w+)\)", r"_\1", part["symbol"])
            yield _Symbol(name, meaning, span, legend.section)
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
