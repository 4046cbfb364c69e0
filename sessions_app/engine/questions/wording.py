"""Turning statements into questions: base forms, inversion, capitals, articles."""

from __future__ import annotations

import re

from sessions_app.engine.questions import words as w
from sessions_app.engine.questions.clauses import Clause
from sessions_app.engine.questions.tagging import Token, lexicon_tag

_VOWEL_SOUND = re.compile(
    r"^(?:[aeio]|u(?!ni|se|su|ti|ra|re|bi|ro|k)|hour|honest|heir|[FHLMNRSX](?=[A-Z0-9]|$))", re.IGNORECASE
)


def base_form(token: Token) -> str | None:
    """Return the infinitive of a finite verb form, or None where it is not certain."""
    low = token.low
    if low in w.HAVE | w.DO:
        return "have" if low in w.HAVE else "do"
    if token.tag in {"VB", "VBP"}:
        return low if low not in w.FINITE_AUX else None
    if token.tag == "VBZ":
        return _base_of_s(low)
    if token.tag in {"VBD", "VBN"}:
        return w.IRREGULAR_PAST.get(low) or _base_of_ed(low)
    return None


def _base_of_s(low: str) -> str | None:
    if low.endswith("ies") and len(low) > 4:
        return low[:-3] + "y"
    if low.endswith(("ches", "shes", "sses", "xes", "zzes", "oes")):
        return low[:-2]
    return low[:-1] if low.endswith("s") and not low.endswith("ss") else None


def _is_verb(word: str) -> bool:
    return word in w.VERB_BASES or (lexicon_tag(word) or "").startswith("VB")


def _base_of_ed(low: str) -> str | None:
    if not low.endswith("ed"):
        return None
    if low.endswith("ied"):
        return low[:-3] + "y"
    stem = low[:-2]
    for candidate in (stem + "e", stem, stem[:-1] if len(stem) > 3 and stem[-1] == stem[-2] else stem):
        if _is_verb(candidate):
            return candidate
    if re.search(r"(?:at|iz|is|uc|ut|id|iv|ur|ag|ibl|ov|in|as|os|us)$", stem):
        return stem + "e"
    return None


def verb_phrase(clause: Clause) -> str:
    """Return the verb group without adverbs that only link to the sentence before."""
    return clause.bare_verbs


def first_auxiliary(clause: Clause) -> tuple[str, str] | None:
    """Return (auxiliary, rest of the verb group) for inversion; None for a plain verb."""
    naming = clause.tokens[clause.main].low in w.NAMING_VERBS
    group = [
        token
        for token in clause.tokens[clause.verb_start : clause.verb_end]
        if token.low not in w.LINKING_ADVERBS or (naming and token.low == "also")
    ]
    lead = 0
    while lead < len(group) and group[lead].tag == "RB":
        lead += 1
    if (
        lead >= len(group)
        or group[lead].low not in w.FINITE_AUX
        or (group[lead].low in w.HAVE | w.DO and len(group) - lead == 1)
    ):
        return None
    rest = [token.text for token in (*group[:lead], *group[lead + 1 :])]
    return group[lead].low, " ".join(rest)


def inverted(clause: Clause, subject: str) -> str | None:
    """Return "does X use", "is X made", "can X form" for the clause, or None where the base form is not certain."""
    auxiliary = first_auxiliary(clause)
    if auxiliary:
        return f"{auxiliary[0]} {subject} {auxiliary[1]}".strip()
    main = clause.tokens[clause.main]
    base = base_form(main)
    if base is None:
        return None
    helper = "did" if main.tag in {"VBD", "VBN"} else ("do" if clause.subject.plural else "does")
    if (main.tag == "VBZ" and clause.subject.plural) or (main.tag == "VBP" and not clause.subject.plural):
        return None
    adverbs = " ".join(
        token.text
        for token in clause.tokens[clause.verb_start : clause.main]
        if token.tag == "RB" and token.low not in w.LINKING_ADVERBS
    )
    return " ".join(filter(None, (helper, subject, adverbs, base)))


def lower_first(text: str, tokens: tuple[Token, ...] | list[Token], start: int = 0) -> str:
    """Return the text with a small first letter unless its first token is a name or an abbreviation."""
    token = tokens[start]
    if token.small and token.tag not in {"NNP", "NNPS"}:
        return text[:1].lower() + text[1:]
    if (
        token.tag in {"NNP", "NNPS"}
        or sum(c.isupper() for c in token.text) > 1
        or (token.tag == "JJ" and lexicon_tag(token.low) is None)
    ):
        return text
    if token.tag == "NN" and start == 0 and lexicon_tag(token.low) is None and token.text.isalpha():
        return text  # a word that neither the language nor the rest of the material writes small: a name
    if token.tag == "JJ" and lexicon_tag(token.text) == "JJ" and lexicon_tag(token.low) is None:
        return text
    return text[:1].lower() + text[1:]


def upper_first(text: str) -> str:
    """Return the text with a capital first letter; "mRNA", "pH" and "x-axis" stay as they are."""
    if re.match(r"[a-z]{1,2}(?:[A-Z\d]|-)", text):
        return text
    return text[:1].upper() + text[1:]


def article(word: str) -> str:
    """Return "an" before a vowel sound, else "a"."""
    return "an" if _VOWEL_SOUND.match(word) else "a"


def strip_determiner(text: str) -> str:
    """Return a noun phrase without a leading article."""
    return re.sub(r"^(?:the|an?)\s+", "", text, flags=re.IGNORECASE)
