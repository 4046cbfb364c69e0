"""Definitions in running text, by the sentence patterns in which textbooks give them.

A definition is a stretch of its sentence as a reader would quote it: "a membrane-bound organelle that …". The
patterns follow work on definitional questions (Hearst, 1992; Xu, Licuanan and Weischedel, 2003); each hit carries
a quality in (0, 1] so that the best of several sentences can be taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from documents_app.domain.keyphrases_words import (
    ENGLISH_FUNCTION_WORDS,
    GENERIC_WORDS,
    WORD,
    is_everyday_verb,
    key,
)

MAX_DEFINITION_WORDS = 45


@dataclass(frozen=True, slots=True)
class Definition:
    """A term, its definition as it stands in the sentence (reading form), the sentence's index and a quality."""

    term: str
    definition: str
    sentence: int
    quality: float
    pattern: str

    @property
    def key(self) -> tuple[str, ...]:
        """The key under which phrases of the same name are found."""
        return tuple(key(m[0]) for m in WORD.finditer(self.term))


_T = r"(?P<t>[^\W\d_][\w'’\-‑–/.+]*(?:\s(?!is\b|are\b|was\b|were\b)[\w'’\-‑–/+]+){0,4}?)"
_GLOSS = r"(?:\s*\([^()]{1,90}\))?"
_ASIDE = (
    r"(?:,?\s(?:also|sometimes|often|commonly|formerly|more)?\s?(?:formally\s)?(?:called|known as|referred to as|termed|"
    r"abbreviated(?: as)?|or)\s[^,;.]{2,70}?,?|,\s[^,;.]{2,60},)?"
)
_LEAD = r"^(?:(?:In|Within|For)\s[^,]{3,40},\s)?[\"“']?(?:(?:An?|The|a|an|the|One|Each)\s)?"
_COPULA = (
    r"\s(?:is|are)\s(?:(?:therefore|thus|basically|essentially|simply|generally|usually|typically|normally|often)\s)?"
)
_DETERMINER = r"(?:an?|the|any|one of the|one of|every|all)\s"
_RELATIVE = (
    r"(?:that|which|who|whose|where|of|in|made|consisting|composed|used|found|with|containing|for|between|from|formed|"
    r"designed|capable|responsible|having|produced|located|involved|by which|on|to|who|within|along|surrounded)\b"
)

_PATTERNS: tuple[tuple[str, float, re.Pattern[str]], ...] = (
    (
        "refers",
        1.0,
        re.compile(
            _LEAD
            + _T
            + _GLOSS
            + _ASIDE
            + r"[\"”']?\s(?:refers? to|means|denotes?|(?:is|are|can be|may be) (?:formally |usually |generally |best )?"
            r"(?:defined (?:as|to be)|understood as|described as)|is the (?:term|name|word) (?:for|given to|used for))\s"
            r"(?P<d>.{12,})$"
        ),
    ),
    ("is a", 0.95, re.compile(_LEAD + _T + _GLOSS + _ASIDE + r"[\"”']?" + _COPULA + rf"(?P<d>{_DETERMINER}.{{12,}})$")),
    (
        "was a",
        0.85,
        re.compile(_LEAD + _T + _GLOSS + _ASIDE + rf"[\"”']?\s(?:was|were)\s(?P<d>{_DETERMINER}.{{12,}})$"),
    ),
    (
        "are those",
        0.85,
        re.compile(
            _LEAD + _T + _GLOSS + _ASIDE + r"[\"”']?\sare\s"
            rf"(?P<d>(?!\w+ed\b|{_DETERMINER})(?:[\w\-]+(?:,\s|,?\sand\s|\s)){{0,5}}?"
            rf"(?:[\w\-]{{2,}}(?<![suio])s|cells|bacteria|organisms|people)\s{_RELATIVE}.{{8,}})$"
        ),
    ),
    (
        "is called",
        0.85,
        re.compile(
            r"^(?P<d>(?:An?|The|Any|Every|All|[A-Z][\w\-]+)\s[^,;:()]{8,160}?)\s(?:is|are)\s(?:\w+ly\s|also\s|often\s|then\s)?"
            r"(?:called|termed|named|known as|referred to as)\s(?:an?\s|the\s)?[\"“'*]?"
            r"(?P<t>[^\W\d_][\w'’\-‑]*(?:\s[\w'’\-‑]+){0,4}?)[\"”'*]?(?=[.,;:(]|\s(?:or|and|because|which|that|by|in|as)\b|$)"
        ),
    ),
    (
        "called",
        0.5,
        re.compile(
            r"(?P<d>\b(?:an?|the|of|by|in|through|into|as|with|are|is|have|has|via|contains?)\s(?:[\w'’\-]+\s){1,7}?[\w'’\-]+),?\s"
            r"(?:that (?:is|are)\s|(?:which|that) (?:is|are)\s)?(?:called|known as|termed|referred to as)\s(?:an?\s|the\s)?[\"“'*]?"
            r"(?P<t>[^\W\d_][\w'’\-‑]*(?:\s[\w'’\-‑]+){0,3}?)[\"”'*]?(?=[.,;:(]|\s(?:or|and|because|which|that|by|in|to|are|is)\b|$)"
        ),
    ),
    (
        "apposition",
        0.75,
        re.compile(_LEAD + _T + _GLOSS + r",\s(?P<d>(?:an?|the)\s[^,]{12,140}),\s(?!and\b|or\b)"),
    ),
    (
        "which is",
        0.7,
        re.compile(
            r"(?:^|[\s\"“(])(?P<t>[^\W\d_][\w'’\-‑]*(?:\s[^\W\d_][\w'’\-‑]*){0,3})"
            + _GLOSS
            + r",\swhich\s(?:is|are)\s(?P<d>(?:an?|the)\s[^;]{12,}?)(?=[.;]|,\s(?:and|but|so|is|are|was|were|has|have|can|may|will)\b|$)"
        ),
    ),
    (
        "in which",
        0.65,
        re.compile(
            r"(?:^|[\s\"“(])(?P<t>[^\W\d_][\w'’\-‑]*(?:\s[^\W\d_][\w'’\-‑]*){0,2})"
            + _GLOSS
            + r",\s(?P<d>(?:in|by|through) which\s[^;]{16,}?)(?=[.;]|,\s(?:and|but|so)\b|$)"
        ),
    ),
    (
        "colon",
        0.8,
        re.compile(
            r"^[\"“'*]*(?P<t>[^\W\d_][\w'’\-‑/]*(?:\s[\w'’\-‑/]+){0,4})[\"”'*]*"
            + _GLOSS
            + r"(?:\s?:\s?[*]*\s*(?=[^\W\d_])|(?:\s[–—-]{1,2}|—)\s?(?=(?:an?|the|any|"
            r"those)\s)(?!.*(?:\s[–—-]{1,2}|—)\s?(?:is|are|was|were)\b))"
            r"(?P<d>.{18,})$"
        ),
    ),
    (
        "gloss",
        0.45,
        re.compile(
            r"(?:^|\s)(?P<t>[^\W\d_][\w'’\-‑]+(?:\s[^\W\d_][\w'’\-‑]+){0,2})\s\((?:i\.e\.,?\s|that is,\s|meaning\s)?"
            r"(?P<d>(?:(?:an?|the|any)\s(?:[\w\-]+\s){1,5}(?:that|which|who|of|used|by|for)\s|consisting of\s)[^()]{8,120})\)"
        ),
    ),
    (
        "called if",
        0.8,
        re.compile(
            r"^(?P<d>An?\s.{4,120}?\s(?:is|are)\s(?:called|said to be)\s(?:an?\s|the\s)?[\"“'*]?(?P<t>[^\W\d_][\w'’\-‑]*"
            r"(?:\s[\w'’\-‑]+){0,2}?)[\"”'*]?\s(?:if|when|provided|whenever)\s.{10,})$"
        ),
    ),
)

_FOREIGN: dict[str, re.Pattern[str]] = {
    "de": re.compile(
        r"^(?:Eine?|Der|Die|Das)\s(?P<t>[A-ZÄÖÜ][\w\-]+(?:\s[A-ZÄÖÜ][\w\-]+)?)\s(?:ist|sind|"
        r"bezeichnet)\s(?P<d>(?:eine?|der|die|das)\s.{14,})$"
    ),
    "fr": re.compile(
        r"^(?:Une?|Les?|La|L['’])\s?(?P<t>[\w\-]+(?:\s(?:de\s|du\s|des\s)?[\w\-]+){0,2})\s(?:est|sont|"
        r"désigne)\s(?P<d>(?:une?|les?|la|l['’]|des)\s?.{14,})$"
    ),
    "es": re.compile(
        r"^(?:Una?|El|La|Los|Las)\s(?P<t>[\w\-]+(?:\s(?:de\s|del\s)?[\w\-]+){0,2})\s(?:es|"
        r"son)\s(?P<d>(?:una?|el|la|los|las)\s.{14,})$"
    ),
    "it": re.compile(
        r"^(?:Una?|Il|La|Lo|L['’]|I|Le|Gli)\s?(?P<t>[\w\-]+(?:\s(?:di\s|del\s)?[\w\-]+){0,2})\s(?:è|"
        r"sono)\s(?P<d>(?:una?|un['’]|il|la|lo|i|le)\s?.{14,})$"
    ),
    "pt": re.compile(
        r"^(?:Uma?|O|A|Os|As)\s(?P<t>[\w\-]+(?:\s(?:de\s|do\s|da\s)?[\w\-]+){0,2})\s(?:é|"
        r"são)\s(?P<d>(?:uma?|o|a|os|as)\s.{14,})$"
    ),
    "nl": re.compile(r"^(?:Een|De|Het)\s(?P<t>[\w\-]+(?:\s[\w\-]+)?)\s(?:is|zijn)\s(?P<d>(?:een|de|het)\s.{14,})$"),
}

_WEAK_START = re.compile(
    r"^(?:an?|the|one of(?: the)?|all|any)\s(?:\w+ly\s)?(?:[\w\-]+\s(?=example|result|question|"
    r"problem|reason|cause|part|way|source))?(?:few|lot|number|good|great|common|useful|important|"
    r"main|major|key|result|consequence|"
    r"matter|case|same|only|first|second|third|last|next|other|latter|former|following|example|reason|reasons|way|ways|"
    r"subject|topic|question|problem|most|best|largest|smallest|oldest|more|less|perfect|classic|typical|"
    r"members?|part|parts|essential|vital|critical|possible|likely|opposite|exception|cause|causes|bit|little|focus)\b",
    re.IGNORECASE,
)
_WEAK_PREDICATE = re.compile(
    r"^(?:\w+ed\s(?:by|in|into|with|to|as|from)|\w+\s\w+ed\s(?:by|in|into|with|to|as|from)|among|"
    r"about|\d|not|no|now|further|also|still|very|more|less|most|only|so|too|often|usually|found|"
    r"known|called|used|located|made|"
    r"able|likely|important|present|similar|different|\w+ly)\b",
    re.IGNORECASE,
)
_BAD_GLOSS_WORDS = frozenset(
    "however therefore thus moreover furthermore then finally instead note also because".split()
)
_RELATIONAL = frozenset(
    """idea ideas advantage advantages disadvantage goal goals aim aims cause causes consequence importance example examples
    focus benefit benefits limitation discovery theme conclusion result results reason reasons purpose task tasks challenge
    problem problems question answer difference differences similarity objective step steps way ways approach factor
    factors issue issues point points topic name term word feature features characteristic function role number effect
    part parts thing things case kind type types kinds amount majority lot rest one ones""".split()
)
_ORDINALS = frozenset(
    "first second third fourth fifth last next other another additional further final main major common key such".split()
)
_TERM_BANNED = (ENGLISH_FUNCTION_WORDS - {"of"}) | _BAD_GLOSS_WORDS
_DETERMINERS = re.compile(r"^(?:an?|the|of|by|in|through|into|as|with|are|is|have|has|via|contains?)\s", re.IGNORECASE)
_HEADLESS = re.compile(
    r"^(?:[\w\-]+(?:ous|ive|able|ible|al|ent|ant|ed|ic|ful|ary|asexual))[\s,](?:in|to|for|on|by|with|from|of|that)\b"
)
_CLAUSE = re.compile(
    r"(?<!that)(?<!which)(?<!who)(?<!where)\s(?:is|are|has|have|had|was|were|can|may)\b|\b(?:and|or|of|with|by)$"
)
_SHARED_HEAD = re.compile(r"[\"”']?\s(?:or|and)\s\w+\s\w+")
_ANAPHOR = re.compile(
    r"^(?:this|these|those|that|it|they|such|he|she|its|their|his|her|some|most|many|several|here|there)\b",
    re.IGNORECASE,
)


def find_definitions(sentences: Sequence[str], language: str = "en") -> Iterator[Definition]:
    """Yield the definitions in ``sentences`` (reading form); ``language`` as given by ``language_of``."""
    for index, sentence in enumerate(sentences):
        if sentence.endswith("?") or len(sentence) > 700:
            continue
        if language == "en":
            yield from _english(index, sentence)
        elif language in _FOREIGN and (match := _FOREIGN[language].search(sentence)):
            yield Definition(match["t"], _trim(match["d"]), index, 0.7, "is a")


def _english(index: int, sentence: str) -> Iterator[Definition]:
    for name, quality, pattern in _PATTERNS:
        for match in pattern.finditer(sentence):
            term = _clean_term(match["t"], from_end=name in {"which is", "in which", "gloss"})
            if not term or (name not in {"which is", "in which", "called", "gloss"} and _ANAPHOR.match(sentence)):
                continue
            if term.lower() in GENERIC_WORDS and not _names_generic(name, match):
                continue  # "The process is …" points back, "A process is …" defines
            text = _definiens(name, term, match["d"])
            if name in {"is called", "called"} and " " not in term and _SHARED_HEAD.match(sentence, match.end("t")):
                continue
            judged = _judge(name, quality, term, text, sentence)
            if judged > 0:
                yield Definition(term, _trim(text), index, judged, name)


def _names_generic(name: str, match: re.Match[str]) -> bool:
    """Tell whether an everyday word ("work", "group") is the subject of a definition rather than a mention."""
    opening = match[0][: match.start("t") - match.start()].strip(" \"“‘'").lower()
    return name in {"is a", "refers", "called if"} and not opening.endswith(("the", "one", "each"))


def _definiens(name: str, term: str, text: str) -> str:
    """Narrow what a pattern caught to the words that define."""
    if name == "colon":
        again = re.match(rf"(?:An?\s|The\s)?{re.escape(term)}\s(?:is|are)\s", text, re.IGNORECASE)
        return text[again.end() :] if again else text
    if name != "called":
        return text
    tokens = text.split()
    start = len(tokens)
    while start and (tokens[start - 1].lower() == "of" or tokens[start - 1].lower() not in _TERM_BANNED):
        if is_everyday_verb(tokens[start - 1]) and not tokens[start - 1].endswith("ed"):
            break
        start -= 1
    while start < len(tokens) and tokens[start].lower() == "of":
        start += 1
    return " ".join(tokens[start:])


def _clean_term(text: str, *, from_end: bool) -> str:
    """Return the noun phrase a pattern caught, "" if it cannot be a term."""
    tokens = text.split()
    if from_end:
        kept: list[str] = []
        for token in reversed(tokens):
            if token.lower() in _TERM_BANNED or token.lower() == "of" or is_everyday_verb(token):
                break
            kept.insert(0, token)
        tokens = kept
    while tokens and tokens[0].lower() in {"a", "an", "the", "one", "each", "of"}:
        tokens = tokens[1:]
    if (
        not tokens
        or len(tokens) > 5
        or any(t.lower().strip(".") in _TERM_BANNED or is_everyday_verb(t) for t in tokens)
    ):
        return ""
    first, last = tokens[0].lower(), tokens[-1].lower()
    head = tokens[tokens.index("of") - 1].lower() if "of" in tokens[1:] else last
    if head in _RELATIONAL or first in _ORDINALS or last == "of":
        return ""
    if "of" in tokens and head in GENERIC_WORDS or len(tokens) == 2 and all(t.lower() in GENERIC_WORDS for t in tokens):
        return ""
    if tokens[0].rstrip(".").lower() in {"dr", "mr", "mrs", "ms", "prof", "professor"}:
        return ""
    if len(tokens) > 2 and tokens[0].isupper() and tokens[1].isupper() and not tokens[-1].isupper():
        return ""
    if len(tokens) == 1 and (len(first) < 3 and not tokens[0].isupper() or first.endswith("ly")):
        return ""
    return " ".join(tokens).strip("\"“”'*.,")


def _judge(name: str, quality: float, term: str, definition: str, sentence: str) -> float:
    """Lower or refuse a definition that merely looks like one."""
    count = len(definition.split())
    if name != "called if" and _ANAPHOR.match(definition):
        return 0.0
    if name == "colon" and (term.isupper() and len(term) > 4 or len(re.findall(r"\d", definition)) > 4):
        return 0.0
    if name == "colon" and not re.search(r":", sentence[: len(term) + 100]):
        quality -= 0.35
    if name == "colon" and definition.lower().startswith(term.lower()):
        return 0.0
    if (
        count < 3
        and not (name == "called" and count == 2)
        or term.lower() in definition.lower().split(",")[0].split()[:3]
        and name != "colon"
    ):
        return 0.0
    if name in {"is a", "was a", "apposition", "which is", "refers", "is called", "called"} and _WEAK_START.match(
        definition
    ):
        quality -= 0.45
    if name == "was a" and not (
        any(word[:1].isupper() for word in term.split()[-1:]) and re.search(_RELATIVE, definition)
    ):
        return 0.0
    if name == "are those" and _WEAK_PREDICATE.match(definition):
        return 0.0
    if name == "are those" and _HEADLESS.match(definition):
        return 0.0
    if name in {"is called", "called"}:
        if _ANAPHOR.match(definition) or count > 25 or _CLAUSE.search(definition):
            return 0.0
        quality -= (
            0.3 if count < 4 or re.match(r"(?:Two|Three|Four|Some|Many|Several|Other|Most)\b", definition) else 0.0
        )
    if name == "colon" and re.match(r"(?:[^\s]+\s){0,8}?(?:is|are|was|were|can|may|has|have)\b", definition):
        quality -= 0.19
    if name == "colon" and (sentence.count(":") > 1 or is_everyday_verb(term.split()[-1])):
        return 0.0
    if re.search(r"\b(?:this|these|he|she|we|I|our|us|above|below|you)\b", definition[:80]):
        quality -= 0.25
    if re.search(r"\b(?:that|which|who|where|used|by|in which|consisting|made|composed|formed)\b", definition):
        quality += 0.05
    if len(term.split()) > 3:
        quality -= 0.1
    return round(max(0.0, quality - 0.006 * max(0, count - 28)), 3)


_CLAUSE_CUT = re.compile(
    r";\s|,\s(?:but|although|though|while|whereas|however|so|and (?:it|they|is|are|has|have)|because)\b|\sand there (?:is|are)\b"
)


def _trim(definition: str) -> str:
    """Cut a definition at the end of its first clause and at ``MAX_DEFINITION_WORDS``; it stays a verbatim stretch."""
    text = definition.strip().rstrip(".").rstrip()
    cut = _CLAUSE_CUT.search(text, 14)
    if cut and cut.start() > 14:
        text = text[: cut.start()]
    if len(text.split()) > MAX_DEFINITION_WORDS:
        head = " ".join(text.split()[:MAX_DEFINITION_WORDS])
        comma = max(head.rfind(","), head.rfind(";"))
        text = head[:comma] if comma > 40 else head
    if text.count("(") > text.count(")"):
        text = text[: text.rfind("(")]
    return text.strip(' ,;:–—-"“”*' if text.count('"') % 2 else " ,;:–—-*")
