"""Which drafts are worth asking: particular enough, about something a reader can place, no claim that fits many things."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sessions_app.domain.questions.text import content_roots, root
from sessions_app.engine.questions import words as w
from sessions_app.engine.questions.drafts import Draft
from sessions_app.engine.questions.reading import Reading, ReadSentence
from sessions_app.engine.questions.tagging import Token

_NEEDED = {"subject": 16.5, "object": 10.0, "relation": 9.0, "place": 7.0, "gap": 11.0, "statement": 12.0}
_LONG_ENOUGH = 200
"""Sentences from which on the material itself tells what is unique or common in it."""

_VAGUE_CLAIM = re.compile(
    r"\b(?:several|various|many|numerous|different|diverse|certain|lots of)\b"
    r"|\ba (?:wide |large |great )?(?:variety|range|number|lot|host) of\b"
    r"|\b(?:play|plays|played|has|have|had)\b[^.?]{0,40}"
    r"\b(?:role|part|influence|impact|significance|importance|effects?|consequences)\b"
    r"|\b(?:is|are|was|were|be|become|became|remain|remains)\b[^.?]{0,25}"
    r"\b(?:important|major|vital|crucial|essential|significant|fundamental|interesting|common|famous|well[- ]known"
    r"|remarkable|complex|relevant|useful|popular|difficult|possible|likely|similar|diverse|part of)\b"
    r"|\b(?:great|considerable|wide|enormous|remarkable|high degree of|much)\b[^.?]{0,30}"
    r"\b(?:diversity|variety|complexity|variation|range|flexibility)\b"
    r"|\b(?:vary|varies|varied|differ|differs|exist|exists) (?:in|from|with|between|among|greatly|widely)\b",
    re.IGNORECASE,
)
_HEDGED = re.compile(
    r"\b(?:it is|are|is|was|were) (?:thought|believed|assumed|said|considered|debated|estimated)\b"
    r"|\b(?:opinions?|debate|unclear|unknown|perhaps|possibly|probably|presumably|arguably)\b"
    r"|\b(?:now|today|recent(?:ly)?|currently|nowadays|so far|yet)\b",
    re.IGNORECASE,
)
_META = re.compile(
    r"\b(?:in|of) this (?:chapter|section|book|module|unit|article|lesson|course)\b"
    r"|\bthis (?:chapter|section|book|module|article|lesson|course)\b|\bthe reader\b|\bstudents? (?:will|should|can)\b"
    r"|\byou (?:will|should|have|can|may|are|learn)|\ball rights reserved\b|\blicen[sc]ed under\b|\b(?:isbn|doi)\b"
    r"|\bretrieved (?:on|from)\b|https?:|\bwww\.|\bexercises? \d|\breview questions?\b|\blearning objectives?\b|\bkey terms?\b"
    r"|\bfurther reading\b|\bthe following (?:table|figure|list|example)\b|[©®]",
    re.IGNORECASE,
)
_LINKED = re.compile(
    r"\b(?:instead(?! of)|however|therefore|thus|hence|likewise|similarly|conversely|otherwise|in turn|as well(?! as)"
    r"|accordingly|consequently|too)\b",
    re.IGNORECASE,
)
_SHELLS = "|".join(sorted(w.SHELL_NOUNS))
_BESIDES = re.compile(
    r"^(?:[Aa]n? |[Tt]he )?(?:different|another|second|third|fourth|further|additional|similar)\b"
    r"|(?<!\band )(?<!\bor )(?<!\beach )(?<!\bany )(?<!\ball )(?<!\bno )\bother\b(?! than| hand)|\bin (?:many|several|various) ways\b"
    rf"|^(?:[Ee]ach|[Ee]very|[Aa]ll) (?:{_SHELLS})\b"
)
_LOOSE_CLAIM = re.compile(r"\b(?:tends?|seems?|appears?) ", re.IGNORECASE)
_UNSURE = re.compile(r"\b(?:may|might|could|tends?|seems?|appears?) ", re.IGNORECASE)
_ACRONYM = re.compile(r"(?<![\w-])[A-Z][A-Z0-9]{1,5}s?(?!\w)")
_ROMAN = re.compile(r"^[IVXLC]+$")
_KNOWN_ACRONYMS = frozenset(
    "DNA RNA ATP USA UK US EU UN GDP HIV AIDS NASA UV BC AD CE BCE TV AM PM NATO WHO FBI CIA UNESCO II".split()
)
_NOUN = frozenset({"NN", "NNS", "NNP", "NNPS"})
_FAMILIAR = 10
"""Sentences that name an acronym before a question may use it without spelling it out."""


def is_askable(draft: Draft, reading: Reading) -> bool:
    """Whether the draft asks for something particular that can be understood and answered without its page."""
    scale = max(0.5, reading.idf("") / 7.8)
    weight = sum(sorted((reading.idf(part) for part in set(content_roots(draft.stem))), reverse=True)[:6])
    if weight < _NEEDED.get(draft.pattern, 5.0) * scale:
        return False
    if (
        _META.search(draft.source.text)
        or _LINKED.search(draft.stem)
        or _BESIDES.search(draft.stem)
        or _one_quote(draft.stem)
        or obscure(draft.stem, reading)
        or obscure(draft.answer, reading)
    ):
        return False
    if draft.pattern in {"subject", "member"} and (
        _VAGUE_CLAIM.search(draft.stem) or _HEDGED.search(draft.stem) or _LOOSE_CLAIM.search(draft.stem)
    ):
        return False
    if not _answer_weighs(draft, reading, scale):
        return False
    if draft.pattern not in {"definition", "meaning", "naming"} and not stands_firm(draft.source, reading):
        return False
    return not re.search(r"\b(?:which|that) (?:is|are|was|were|can|may)?\s*\?$", draft.stem)


def is_statable(source: ReadSentence, reading: Reading) -> bool:
    """Whether the sentence makes a claim that is true or false by itself, for true/false."""
    if source.clause is None:
        return False
    text = source.clause.statement
    return not (
        _META.search(source.text)
        or _LINKED.search(text)
        or _BESIDES.search(text)
        or _one_quote(text)
        or _HEDGED.search(text)
        or _UNSURE.search(text)
        or _VAGUE_CLAIM.search(text)
        or obscure(text, reading)
        or not stands_firm(source, reading)
    )


def _one_quote(text: str) -> bool:
    """Whether a single quotation mark is opened or closed alone."""
    return len(re.findall(r"(?<!\w)['‘]\w", text)) != len(
        re.findall(r"(?<![sS\W])['’](?!\w)|[.,]['’]|s['’](?=[,.;]|$)", text)
    )


def obscure(text: str, reading: Reading) -> bool:
    """Whether the text has an acronym that neither everybody knows nor the material uses all the time."""
    familiar = max(_FAMILIAR, len(reading.sentences) // 60)
    for found in _ACRONYM.findall(text):
        bare = found.rstrip("s")
        if bare in _KNOWN_ACRONYMS or _ROMAN.match(bare) or any(c.isdigit() for c in bare[1:]):
            continue
        if reading.document_frequency[root(bare.lower())] < familiar:
            return True
    return False


def _answer_weighs(draft: Draft, reading: Reading, scale: float) -> bool:
    """Whether the answer is a word of the subject rather than of the whole language."""
    if draft.answer_kind != "thing" or draft.pattern not in {"subject", "object", "relation", "definition", "gap"}:
        return True
    roots = content_roots(draft.answer)
    rare = max((reading.idf(part) for part in roots), default=0.0)
    if not roots or rare <= (3.6 if draft.pattern == "gap" else 3.0) * scale:
        return False
    if draft.pattern == "subject" and len(roots) == 1 and draft.answer[:1].islower():
        entity = reading.pool.find(draft.answer, draft.plural)
        return entity is not None and (entity.is_term or entity.count >= 3)
    return True


def stands_firm(source: ReadSentence, reading: Reading) -> bool:
    """Whether every "the N" of the clause is the only one of its kind, explained, or a term: nothing points back to a
    sentence the learner does not see. Only where there is enough material to tell.
    """
    clause = source.clause
    if len(reading.sentences) < _LONG_ENOUGH:
        return True
    first = clause.subject.start if clause is not None else (source.whole or (0, 0))[0]
    if source.tokens and source.tokens[first].tag in {"JJR", "RBR"}:
        return False  # "Smaller pieces are found in …": smaller than what?
    if clause is not None and clause.rest_end - clause.verb_end > 1:
        noun, last = clause.tokens[clause.rest_end - 2 : clause.rest_end]
        if last.tag in {"VBN", "VBD"} and noun.tag in _NOUN:
            return False  # "changes to the lenses used": used where?
    if len(source.tokens) > 2 and source.tokens[0].low in {"each", "every"} and source.tokens[2].tag not in _NOUN:
        return False  # "Each domain contains …": of what?
    if clause is None:
        if source.whole is None:
            return False
        start, end = source.whole
        return _explained(source.tokens, start, end, reading, strict_until=start + 1)
    return _explained(
        clause.tokens, clause.subject.start, clause.rest_end, reading, strict_until=clause.subject.start + 1
    ) and (source.whole is None or _explained(source.tokens, *source.whole, reading, strict_until=0))


def _named_before(tokens: Sequence[Token], end: int, word: str) -> bool:
    return any(root(token.low) == word for token in tokens[:end])


def _explained(tokens: Sequence[Token], start: int, end: int, reading: Reading, *, strict_until: int) -> bool:
    """Whether each "the N" names the only one there is; before ``strict_until`` a common noun of the material is no excuse."""
    i = start
    while i < end - 1:
        if tokens[i].low != "the":
            i += 1
            continue
        begin = i
        i += 1
        while i < end and tokens[i].tag in {"JJ", "NN", "NNS", "NNP", "NNPS", "VBN", "VBG", "CD"}:
            i += 1
        phrase = tokens[begin + 1 : i]
        while phrase and phrase[-1].tag not in {"NN", "NNS", "NNP", "NNPS"}:
            phrase = phrase[:-1]
        after = tokens[i] if i < end else None
        if not phrase or (
            after is not None
            and (
                after.tag in {"WDT", "POS"}
                or after.low in {"of", "that", "which", "in", "for", "to", "between", "where"}
            )
        ):
            continue
        if len(phrase) > 1 and begin >= strict_until and phrase[-1].low not in w.SHELL_NOUNS:
            continue
        strict = begin < strict_until or phrase[-1].low in w.SHELL_NOUNS
        word = root(phrase[-1].low)
        known = (reading.document_frequency[word] >= 8 or (word,) in reading.terms) and not (
            len(phrase) == 1 and reading.is_one_of_many(phrase[-1]) and not _named_before(tokens, begin, word)
        )
        if not reading.is_unique(phrase) and (strict or not known):
            return False
    return True
