"""Questions a learner asks of the material: what is asked, and whether a passage can be the answer (row B15).

Pure rules. A question is answered only by passages of the material that carry its terms and the kind of thing it asks
for; otherwise it is declined.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log
from typing import Any

from documents_app.domain.keyphrases_words import (
    ENGLISH_FUNCTION_WORDS,
    WORD,
    is_everyday_verb,
    key,
    reading_form,
    stem,
)
from documents_app.domain.material import Citation
from tutor_project.common.errors import DomainError

MAX_QUESTION_CHARS = 4000


class QuestionEmpty(DomainError):
    """The question holds no word."""

    code = "question_empty"
    status = 400
    detail = "The question is empty. Write what you want to know."


class QuestionTooLong(DomainError):
    """The question is longer than anything a person asks."""

    code = "question_too_long"
    status = 400
    detail = "The question has {length} characters, the limit is {limit}. Shorten it, or upload the text as a document."


@dataclass(frozen=True, slots=True)
class AskedTerm:
    """A word the answer should be about. ``weight`` grows with rarity; ``specific``: a name, acronym or number."""

    word: str
    stem: str
    weight: float
    specific: bool
    occurs: int


@dataclass(frozen=True, slots=True)
class Question:
    """``kind``: definition, person, time, number, place, reason, manner, yes_no, list or other."""

    text: str
    kind: str
    terms: tuple[AskedTerm, ...]
    focus: tuple[str, ...]
    """Word keys of the thing a definition is asked of."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An extractive answer. ``declined`` answers carry no citation; ``confidence`` is a probability in [0, 1]."""

    text: str
    citations: tuple[Citation, ...]
    declined: bool
    confidence: float
    related_sections: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the answer as JSON types."""
        return {
            "text": self.text,
            "citations": [citation.as_dict() for citation in self.citations],
            "declined": self.declined,
            "confidence": round(self.confidence, 3),
            "related_sections": list(self.related_sections),
        }


_SCAFFOLD = frozenset(
    """explain describe tell define definition meaning mean means meant say says said give name state list discuss summarize
    summarise outline show know understand learn teach help please thanks thank hello hi text material chapter document book
    section page lecture notes author passage according mentioned called term word words example examples briefly detail
    details kindly question answer anything something exactly actually basically thing things stuff sort kind kinds type
    types way ways part parts component components symptom symptoms function functions role roles job jobs purpose task
    tasks reason reasons groups classes forms categories steps stages see seen sees look looks find finds want
    like need wonder curious happen happens happened occur occurs exist exists work works working
    involve involved consist consists contain contains include includes mainly main much many long often far big large
    known roughly approximately typically usually normally commonly generally really ever today respond useful
important difference differences differ compare comparison similar versus use used uses using make makes made let get
    gets got go goes take takes took come comes done people person someone""".split()
)
_UNITS = (
    r"(?:nm|mm|cm|km|[µμ]m|m|kg|g|mg|[µμ]g|l|ml|s|ms|h|V|mV|W|kW|Hz|kHz|MHz|K|J|kJ|Pa|kPa|mol|nano\w+|micro\w+|milli\w+|centi\w+|kilo\w+|"
    r"met(?:er|re)s?|gram\w*|lit(?:er|re)s?|volts?|watts?|daltons?|degrees?|°\s?[CFK]?|%|per\s?cent|percent|times|fold|bits?|bytes?|"
    r"inch(?:es)?|feet|foot|miles?|pounds?|tons?|tonnes?|acres?|hectares?|seconds?|minutes?|hours?|"
    r"days?|weeks?|months?|years?|dollars?|euros?|"
    r"pairs?|bases?|million|billion|trillion)\b"
)
_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "measure",
        re.compile(
            r"\bhow (?:large|big|long|small|tall|thick|wide|heavy|fast|slow|quickly|far|high|deep|hot|cold|"
            r"strong|old|thin|short)\b",
            re.I,
        ),
    ),
    ("colour", re.compile(r"\b(?:what|which) colou?r\b", re.I)),
    (
        "number",
        re.compile(
            r"\bhow (?:many|much|often)\b|\bwhat (?:is the )?(?:percentage|percent|proportion|fraction|"
            r"number|size|length|weight|mass|diameter|temperature|speed|rate|voltage|ratio|cost|price|"
            r"population|distance|charge|ph)\b|\bat what\b",
            re.I,
        ),
    ),
    (
        "time",
        re.compile(
            r"\bwhen (?:was|were|did|is|do|does|has|had|will)\b|\b(?:what|which|in what|in which) (?:year|"
            r"date|century|decade|day|month|period|era)\b",
            re.I,
        ),
    ),
    (
        "person",
        re.compile(
            r"^\W*(?:who|whose|whom|by whom)\b|\b(?:which|what) (?:scientist|person|researcher|biologist|"
            r"physicist|author|king|queen|president|philosopher|mathematician|chemist|historian|judge|leader|"
            r"general|engineer)s?\b|\bwho (?:first|was|were|is|discovered|invented|proposed|wrote|won)\b",
            re.I,
        ),
    ),
    (
        "place",
        re.compile(
            r"^\W*(?:where|in (?:what|which) (?:place|country|city|part|region|organ|cell|area))\b|"
            r"\bwhere (?:is|are|do|does|did|was|were|can)\b",
            re.I,
        ),
    ),
    (
        "reason",
        re.compile(
            r"^\W*(?:why|for what reason|how come)\b|\bwhy (?:is|are|do|does|did|was|were|can)\b|"
            r"\bwhat (?:is|was|are|were) the (?:reason|cause|purpose)\b",
            re.I,
        ),
    ),
    (
        "definition",
        re.compile(
            r"^\W*(?:(?:can|could|would) you (?:please )?)?(?:tell me )?(?:what(?:'s|’s| is| are| was| were)|"
            r"define|what does .{2,60} mean|what do(?:es)? (?:we|you|one) (?:mean|call)|(?:the )?(?:meaning|"
            r"definition) of|explain what)\b",
            re.I,
        ),
    ),
    ("manner", re.compile(r"^\W*(?:how|in what way|by what means|explain how|describe how)\b", re.I)),
    ("list", re.compile(r"^\W*(?:which|list|name|what (?:types?|kinds?|are the))\b", re.I)),
    ("yes_no", re.compile(r"^\W*(?:is|are|was|were|do|does|did|can|could|has|have|had|will|would|should|may)\b", re.I)),
)
_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|"
    r"forty|fifty|hundreds?|thousands?|millions?|"
    r"billions?|trillions?|dozens?|half|third|quarter|twice|double|triple|percent|tenth)\b",
    re.IGNORECASE,
)
_MEASURE = re.compile(
    rf"\d[\d.,\s–\-]*\s?{_UNITS}|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|several|half|few|many|within|a|hundreds? of|"
    r"thousands? of)(?:\s(?:an?|of|the|hundred|thousand))?\s(?:nano|micro|milli|centi|"
    r"kilo)?(?:met(?:er|re)s?|seconds?|minutes?|hours?|days?|weeks?|months?|"
    r"years?|centuries|decades?|grams?|miles?|feet|inches|times)\b|\bone-\w+th\b|\b(?:larger|smaller|"
    r"longer|faster|bigger|slower|taller) than\b",
    re.IGNORECASE,
)
_COLOUR = re.compile(
    r"\b(?:colou?r\w*|red|orange|yellow|green|blue|purple|violet|pink|brown|black|white|gr[ae]y|colou?rless|transparent)\b",
    re.IGNORECASE,
)
_HOW_MUCH = re.compile(
    r"\bhow (\w+)\b|\b(?:what|which) (?:is the |are the )?(colou?r|percentage|percent|proportion|fraction|share|number|amount)\b",
    re.IGNORECASE,
)
HARD_KINDS = frozenset({"number", "measure", "time", "person", "colour"})
"""Kinds that a passage must hold to be an answer at all."""
_TIME = re.compile(
    r"\b(?:1\d{3}|20\d{2})(?:s|\b)|\b\d{1,2}(?:st|nd|rd|th)\s+century|\bcentury\b|"
    r"\b\d+(?:\.\d+)?\s+(?:million|billion|thousand)?\s*years\s+ago|"
    r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December)\b|\b\d+\s*(?:BC|BCE|AD|CE)\b|"
    r"\b(?:during|after|before|when|whenever|once|until|while|if|only where|where|as soon as)\b",
)
_DATE = re.compile(
    r"\b(?:1\d{3}|20\d{2})(?:s|\b)|\bcentury\b|\b\d+(?:\.\d+)?\s+(?:million|billion|thousand)?\s*years\s+ago|\b\d+\s*(?:BC|BCE|AD|CE)\b"
)
_PERSON = re.compile(
    r"(?<!^)(?<![.!?]\s)\b[A-Z][a-zà-ÿ'’\-]+(?:\s(?:van|von|de|der|da|di|la|le|"
    r"[A-Z]\.)){0,3}\s[A-Z][a-zà-ÿ'’\-]+|\b[A-Z][a-zà-ÿ]+\s[A-Z][a-zà-ÿ]+\b|(?<=\s)[A-Z][a-z]+(?='s|"
    r"’s)|\bby [A-Z][a-z]+"
)
_REASON = re.compile(
    r"\b(?:because|due to|since|so that|arises? from|fact that|so \w+ that|as a result|therefore|"
    r"thus|hence|in order to|owing to|reason|purpose|allow(?:s|ing)?|enabl\w+|"
    r"lead(?:s|ing)? to|caus\w+|prevent\w*|result\w*|to (?:protect|avoid|ensure|keep|make|help|give|"
    r"provide|allow|increase|reduce|maintain)|"
    r"for (?:the )?\w+ing|means that|consequen\w+|explain\w*|makes?|serves?|role|function|important|required|necessary|need(?:ed|s)?)\b",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"\b(?:in|on|at|within|inside|near|between|around|outside|above|below|along|found|located|surround\w*|throughout|from)\b",
    re.IGNORECASE,
)
# What a question relates its subject to, and the words by which texts state that relation.
_RELATIONS: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = tuple(
    (re.compile(asked, re.IGNORECASE), re.compile(stated, re.IGNORECASE))
    for asked, stated in (
        (
            r"\bdiffer(?:s|ent|ence|ences)?\b|\bcompare|\bversus\b|\bdistinguish",
            r"\b(?:whereas|while|unlike|in contrast|differ\w*|but|compared|than|on the other hand|instead|distin\w+|both)\b",
        ),
        (
            r"\b(?:consists?|made (?:up )?of|composed|composition|contains?|parts?|components?|structure|built)\b",
            r"\b(?:consists?|consisting|composed|made (?:up |mostly |mainly |primarily )*(?:of|from)|"
            r"contain\w*|compris\w+|includ\w+|formed (?:of|from|by))\b",
        ),
        (
            r"\bwhat (?:do|does|did) .{2,60} do\b|\b(?:functions?|roles?|jobs?|purpose|task|used for|"
            r"good for|for)\s*\W*$|\b(?:functions?|roles?|jobs?|purpose|tasks?)\b|\bwhat is .{2,60} for\b",
            r"\b(?:functions?|roles?|serv\w+|responsible|involved in|acts?|used (?:for|to|in)|allow\w*|"
            r"help\w*|provid\w+|maintain\w*|support\w*|produc\w+|control\w*|regulat\w+|carr(?:y|ies) out|"
            r"process\w*|coordinat\w+|protect\w*|enabl\w+|transmit\w*|store\w*|form)\b",
        ),
        (
            r"\b(?:word|name|term)\b.*\b(?:come|from|origin|mean)|\betymology\b",
            r"\b(?:word|name[ds]?|Latin|Greek|French|German|Arabic|derive[sd]?|meaning|term)\b",
        ),
        (
            r"\b(?:types?|kinds?|groups?|classes|forms|categories|steps?|stages|phases)\b|\b(?:which|"
            r"what) \w+s (?:are|make|do|cause|belong)\b",
            r"\b(?:two|three|four|five|six|seven|types?|kinds?|groups?|classes|forms|categor\w+|includ\w+|"
            r"such as|steps?|stages?|phases?|divided|classified|first|these are)\b",
        ),
        (
            r"\b(?:symptoms?|signs|characteristics|features|properties)\b",
            r"\b(?:characteri[sz]\w+|symptoms?|signs?|features?|feelings?|includ\w+|such as|propert\w+|marked by)\b",
        ),
        (
            r"\b(?:cause[sd]?|lead to|bring about|trigger)\b",
            r"\b(?:caus\w+|due to|because|leads?|led|result\w*|trigger\w*|produc\w+|induc\w+)\b",
        ),
        (
            r"\bhow (?:do|does|did|is|are|can|was|were)\b",
            r"\b(?:by|through|via|using|when|with|into|process|first,|then|during|means|mechanism|mechanisms|so that)(?!\w)",
        ),
    )
)
_PRONOUN_ONLY = re.compile(r"\b(?:it|this|that|they|them|these|those|he|she|its|their)\b", re.IGNORECASE)


def read_question(text: str, corpus_text: str, *, context: Sequence[str] = ()) -> Question:
    """Return what is asked. ``corpus_text`` is all stored text in lower case; rarity of terms is counted in it.

    ``context`` names what is being talked about; it stands in where the question has only pronouns. Raises QuestionEmpty
    and QuestionTooLong.
    """
    clean = reading_form(text)
    if len(text) > MAX_QUESTION_CHARS:
        raise QuestionTooLong(length=len(text), limit=MAX_QUESTION_CHARS, attr="question")
    if not any(map(str.isalnum, clean)):
        raise QuestionEmpty(attr="question")
    kind = next((name for name, pattern in _KINDS if pattern.search(clean)), "other")
    asked_measure = (
        {m[1] or m[2] for m in _HOW_MUCH.finditer(clean)} if kind in {"measure", "colour", "number"} else set()
    )
    terms = tuple(term for term in _terms(clean, corpus_text) if term.word not in asked_measure)
    if context and (not terms or (_PRONOUN_ONLY.search(clean) and len(terms) <= 1)):
        terms = (*terms, *_terms(" ".join(context), corpus_text))
    focus = tuple(term_key for term_key in (key(term.word) for term in terms)) if kind == "definition" else ()
    return Question(clean, kind, terms, focus)


def _terms(text: str, corpus_text: str) -> tuple[AskedTerm, ...]:
    found: dict[str, AskedTerm] = {}
    total = max(1000, len(corpus_text) // 6)
    for position, match in enumerate(WORD.finditer(text)):
        word = match[0]
        lowered = word.lower().replace("’", "'").removesuffix("'s")
        if lowered in ENGLISH_FUNCTION_WORDS or lowered in _SCAFFOLD:
            continue
        word_stem = stem(word) if not word[0].isdigit() else word
        occurs = count_word(word_stem, corpus_text)
        weight = 0.4 + 0.6 * min(1.0, log(1 + total / (1 + occurs)) / log(1 + total / 2))
        specific = (
            word[0].isdigit()
            or (word[0].isupper() and (position > 0 or word[1:].isupper()))
            or any(map(str.isdigit, word))
        )
        if is_everyday_verb(word):
            weight *= 0.3
        if word_stem not in found:
            found[word_stem] = AskedTerm(word, word_stem, weight, specific, occurs)
    return tuple(found.values())


def count_word(word_stem: str, corpus_text: str) -> int:
    """How often words beginning with the stem occur in lower-case text (a stem of three letters must be the whole word)."""
    if len(word_stem) <= 3:
        return len(re.findall(rf"(?<!\w){re.escape(word_stem.lower())}s?(?!\w)", corpus_text))
    count, at = 0, corpus_text.find(word_stem.lower())
    while at >= 0 and count < 400:
        count += at == 0 or not corpus_text[at - 1].isalnum()
        at = corpus_text.find(word_stem.lower(), at + 1)
    return count


def fits_kind(kind: str, sentence: str, *, strict: bool = False) -> bool:
    """Tell whether ``sentence`` holds the kind of thing asked for; ``strict`` wants a date, not just a "when"."""
    if kind == "number":
        return bool(_NUMBER.search(sentence))
    if kind == "measure":
        return bool(_MEASURE.search(sentence))
    if kind == "colour":
        return bool(_COLOUR.search(sentence))
    if kind == "time":
        return bool((_DATE if strict else _TIME).search(sentence))
    if kind == "person":
        return bool(_PERSON.search(sentence))
    if kind == "reason":
        return bool(_REASON.search(sentence))
    if kind == "place":
        return bool(_PLACE.search(sentence))
    return True


_COUNTED = re.compile(r"\bhow many (?:\w+ )??(\w{3,})\b", re.IGNORECASE)
_FAR_FROM_COUNT = 0.6


def kind_held(question: Question, sentence: str) -> float:
    """Return 0 if ``sentence`` lacks the kind of thing asked for, 1 if it has it; less if its numbers count other things.

    "How many cells …" is answered by "40 trillion cells" rather than by "one or more functions".
    """
    if not fits_kind(question.kind, sentence):
        return 0.0
    counted = _COUNTED.search(question.text) if question.kind == "number" else None
    if counted is None:
        return 1.0
    noun = re.escape(stem(counted[1]))
    near = rf"(?:{_NUMBER.pattern})\S*(?:\W+\w+){{0,3}}?\W+{noun}|{noun}\w*(?:\W+\w+){{0,3}}?\W+(?:{_NUMBER.pattern})"
    return 1.0 if re.search(near, sentence, re.IGNORECASE) else _FAR_FROM_COUNT


def states_relation(question: str, sentence: str) -> float:
    """1 if ``sentence`` states the relation ``question`` asks for, 0 if not, 0.5 if it asks for none in particular."""
    for asked, stated in _RELATIONS:
        if asked.search(question):
            return 1.0 if stated.search(sentence) else 0.0
    return 0.5


@dataclass(frozen=True, slots=True)
class Support:
    """How well a passage supports an answer; all figures in [0, 1] but ``missing`` (a weight)."""

    coverage: float
    """Weighted share of the question's terms in the passage and its headings, near-synonyms in part."""
    exact: float
    """The same for exact terms of the sentence itself."""
    weakest: float
    """The match of the term that the passage carries least."""
    similarity: float
    """Cosine of question and sentence."""
    kind: float
    """1 if the sentence holds the kind of thing asked for."""
    relation: float
    """1 if it states the relation asked for, 0.5 if none is."""
    defines: float
    """1 if the sentence defines what is asked for."""
    subject: float
    """1 if the sentence opens with what is asked about."""
    titled: float
    """Share of the question's terms in the headings."""
    fitness: float
    """How well the sentence stands alone."""
    absent: float
    """Weighted share of the question's terms that occur nowhere in the material."""

    def values(self) -> tuple[float, ...]:
        """The figures in the order of the weights below."""
        return (
            self.coverage, self.exact, self.weakest, self.similarity, self.kind, self.relation, self.defines,
            self.subject, self.titled, self.fitness, self.absent,
        )  # fmt: skip


# Weights of passages against each other and of the best passage against declining (bias first), fitted by logistic
# regression on benchmarks/tutoring_questions.json; each chapter's questions were predicted by the other chapters' weights.
RANK_WEIGHTS = (2.0, 2.6, 1.6, 2.9, 2.4, 2.4, 3.0, 0.9, 1.5, 0.5, 0.0)
ANSWER_WEIGHTS = (-6.8, 2.9, 3.1, 2.3, 2.2, 1.25, 0.0, 0.4, 0.0, 1.6, 0.0, -2.2)
DECLINE_BELOW = 0.58


def passage_rank(support: Support) -> float:
    """Return how much a passage is to be preferred to others for the same question (a log odds)."""
    return sum(weight * value for weight, value in zip(RANK_WEIGHTS, support.values(), strict=True))


def answer_probability(support: Support) -> float:
    """Return the probability that the best passage, having this support, answers the question."""
    bias, *weights = ANSWER_WEIGHTS
    return 1 / (1 + exp(-bias - sum(weight * value for weight, value in zip(weights, support.values(), strict=True))))
