"""Learning objectives: what a learner should be able to do after each part of the material.

The verb follows what the text does in its evidence (Bloom's taxonomy, revised by Anderson and Krathwohl, 2001).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from documents_app.domain.analysis import Concept, Objective, Section
from documents_app.domain.definitions import find_definitions
from documents_app.domain.keyphrases_words import (
    ENGLISH_FUNCTION_WORDS,
    WORD,
    is_content_word,
    key,
    reading_form,
)
from documents_app.domain.matter.types import Matter
from documents_app.domain.outline_prose import is_vague, plain_title
from documents_app.engine.corpus import Corpus

_MAX_OBJECTIVES = 24


@dataclass(frozen=True, slots=True)
class _Move:
    """An objective's wording, its level in the taxonomy, and the sentences that call for it; ``X`` is the concept."""

    title: str
    level: str
    advice: str
    pattern: str


_KINDS = r"(?:types|kinds|classes|groups|forms|categories|varieties|branches|domains|subtypes)"
_MOVES = (
    _Move(
        "Distinguish the kinds of {bare}", "Analyse", "name the kinds and say what sets them apart",
        rf"\b(?:two|three|four|five|six|several|many|different|various|main|major|distinct|basic) (?:\w+ )?{_KINDS} of (?:\w+ ){{0,2}}X\b|"
        rf"\bX (?:can be |are |is |may be )(?:\w+ )?(?:divided|classified|subdivided|grouped|categori[sz]ed)\b",
    ),
    _Move(
        "List the steps of {first} in order", "Understand", "say what happens at each step and why it has to come there",
        r"\bX\b[^.]{0,60}\b(?:steps|stages|phases)\b|\b(?:steps|stages|phases) (?:of|in) (?:the )?X\b",
    ),
    _Move(
        "Compare {first} with {second}", "Analyse", "say what they share and where they differ",
        r"\b(?:whereas|unlike|in contrast to|compared (?:to|with)|differs? from|difference between)\b",
    ),
    _Move(
        "Use the relation for {first}", "Apply", "write it down, say what each quantity means, and work one case through",
        r"\bX\b[^.]{0,60}\b(?:equation|formula|is calculated|is given by|equals)\b|\b(?:equation|formula) (?:for|of) (?:the )?X\b",
    ),
    _Move(
        "Explain what brings about {first}", "Understand", "give the causes in your own words",
            r"\bX (?:is|are|was|were) (?:\w+ )?(?:caused|triggered|produced|generated|brought about|"
            r"driven) by\b|\b(?:causes?|cause of|leads? to|led to|results? in|resulted in) (?:the |an? )?X\b",
    ),
    _Move(
        "Explain what follows from {first}", "Understand", "give the consequences in your own words",
        r"\bX (?:\w+ )?(?:causes?|leads? to|led to|results? in|resulted in|allows?|enables?|prevents?)\b",
    ),
    _Move(
        "Explain the role of {first}", "Understand", "say what it does and what would be missing without it",
            r"\bX (?:\w+ ){0,2}(?:functions?|acts?|serves?|plays?|regulates?|controls?|helps?|is responsible|"
            r"are responsible|is used|are used|provides?|protects?)\b|\b(?:function|role|"
            r"purpose)s? of (?:the |an? )?X\b",
    ),
)  # fmt: skip
_SAYS_ROLE = re.compile(
    r"(?:functions?|roles?|purposes?|steps|stages|phases|types|kinds|causes?|comparison)\b", re.IGNORECASE
)
_DEFINE = _Move("Define {first}", "Remember", "say what it is and give an example from the text", "")
_EXPLAIN = _Move("Explain {first}", "Understand", "give the reasons in your own words", "")
_OUTLINE = _Move("Outline the main points on {first}", "Understand", "say each in a sentence of your own", "")
_DESCRIBE = _Move("Describe {first}", "Understand", "give the main features in your own words", "")


def stated_objectives(matter: Matter) -> tuple[Objective, ...]:
    """Return the objectives the material states itself, in its words and order; none where it states none."""
    return tuple(
        Objective(
            title=entry.text.rstrip(".;"),
            description=f"Stated in the material (section “{matter.titles.get(listing.section, '')}”).",
            priority="high",
            evidence=(matter.cite(entry.span),),
        )
        for listing in matter.listings
        if listing.states_objectives
        for entry in listing.entries
    )[:_MAX_OBJECTIVES]


def objectives(corpus: Corpus, concepts: Sequence[Concept]) -> tuple[Objective, ...]:
    """Return objectives in reading order, one for each section with enough text, with priority and evidence."""
    found: list[tuple[float, int, Objective]] = []
    used: set[str] = set()
    titles: set[str] = set()
    for section in corpus.sections:
        members = corpus.by_section.get(section.index, [])
        own = [concept for concept in concepts if section.index in concept.section_indexes]
        if len(members) < 3 or not own:
            continue
        lead = max(own, key=lambda concept: _fit(concept, section) - (0.6 if concept.name in used else 0.0))
        others = [concept for concept in concepts if concept is not lead]
        objective = _objective(corpus, members, lead, others)
        used.add(lead.name)
        if objective.title not in titles:
            titles.add(objective.title)
            found.append((lead.importance, section.index, objective))
    found.sort(key=lambda item: -item[0])
    kept = sorted(found[:_MAX_OBJECTIVES], key=lambda item: item[1])
    return tuple(objective for _, _, objective in kept)


def _fit(concept: Concept, section: Section) -> float:
    """A section is best described by the concept of its title, then by a concept that few other sections share."""
    title = _keys(plain_title(section.title)) - ENGLISH_FUNCTION_WORDS
    share = len(_keys(concept.name)) / len(title) if title and _keys(concept.name) <= title else 0.0
    return 2.0 * share + 0.3 * (share > 0) + concept.importance + 0.5 / len(concept.section_indexes)


def _keys(text: str) -> set[str]:
    return {key(m[0]) for m in WORD.finditer(text)}


def _objective(corpus: Corpus, members: Sequence[int], lead: Concept, others: Sequence[Concept]) -> Objective:
    section = corpus.sections[corpus.owners[members[0]]]
    subject = _subject(corpus, section, lead)
    name = subject or lead.name
    pattern_of_name = _name_pattern(name)
    about = [at for at in members if re.search(pattern_of_name, corpus.texts[at], re.IGNORECASE)]
    move, evidence, second = _move(corpus, about, name, others, pattern_of_name)
    if _OPEN_QUESTION.match(subject):
        move, shown = _EXPLAIN, subject.rstrip("?")
    elif _is_doing(subject, corpus, members):
        move, shown = _OUTLINE, subject
    else:
        shown = _named(corpus, name, subject, len(about), section.title)
    if not about:
        about = [at for at in members if re.search(_name_pattern(lead.name), corpus.texts[at], re.IGNORECASE)]
    parent = _shared_title(corpus, section) if subject else ""
    values = {"first": f"{shown} ({parent})" if parent else shown, "bare": name, "second": second}
    description = f"{move.level}: {move.advice} (section “{reading_form(section.title)}”)."
    priority = "high" if lead.importance >= 0.66 else "medium" if lead.importance >= 0.4 else "low"
    cited = evidence or _best(corpus, about, pattern_of_name) or [members[0]]
    return Objective(move.title.format(**values), description, priority, tuple(corpus.cite(at) for at in cited))


_LEADING_THE = re.compile(r"the\s", re.IGNORECASE)
_LEADING_ARTICLE = re.compile(r"^(?:the|an?)\s", re.IGNORECASE)
_OPEN_QUESTION = re.compile(r"(?:what|how|why|when|where|who|which)\b", re.IGNORECASE)


def _is_doing(subject: str, corpus: Corpus, members: Sequence[int]) -> bool:
    """Tell whether a title names an activity ("Using the tides") rather than a thing ("Programming")."""
    first = subject.split()[0] if subject else ""
    if not first.endswith("ing") or len(subject.split()) < 2:
        return False
    thing = re.compile(rf"\b{re.escape(first)} (?:is|was|can|of)\b", re.IGNORECASE)
    return not any(thing.search(corpus.texts[at]) for at in members)


def _named(corpus: Corpus, name: str, subject: str, mentions: int, title: str) -> str:
    """The name with its article, as far as the text or the section's title shows which one it takes."""
    if corpus.language != "en":
        return name
    shown = with_article(name, corpus.texts) if not subject or mentions > 1 else subject
    head = subject.split(" of ")[0]
    if not subject or shown != subject:
        return shown
    titled = _LEADING_THE.match(plain_title(reading_form(title)))
    return f"the {subject}" if titled or (" of " in subject and key(head) == head) else shown


def _subject(corpus: Corpus, section: Section, lead: Concept) -> str:
    """The section's title in running form where the concept does not name its head ("DNA repair" under DNA)."""
    title = _LEADING_ARTICLE.sub("", plain_title(reading_form(section.title)))
    tokens = title.split()
    if not section.path or is_vague(title) or not 1 <= len(tokens) <= 7 or corpus.language != "en":
        return ""
    links = [at for at, token in enumerate(tokens) if at and token.lower() in ENGLISH_FUNCTION_WORDS]
    head = tokens[(links[0] if links else len(tokens)) - 1]
    if key(head.strip(",;:()")) in _keys(lead.name):
        return ""
    known = corpus.vocabulary
    named = {token for token in known if token[:1].isupper() and token.lower() not in known}
    return " ".join(
        w if w.strip(",;:()") in named or w[1:2].isupper() or w.endswith(("'s", "’s")) else w.lower() for w in tokens
    )


def _shared_title(corpus: Corpus, section: Section) -> str:
    """The heading above, if another section has the same title."""
    same = sum(other.title.lower() == section.title.lower() for other in corpus.sections)
    return reading_form(section.path[-2]) if same > 1 and len(section.path) > 1 else ""


def _name_pattern(name: str) -> str:
    """A pattern for the name in either number."""
    *front, last = [m[0] for m in WORD.finditer(name)] or [name]
    singular = key(last)
    forms = sorted({re.escape(last), re.escape(singular), re.escape(singular) + "s"}, key=len, reverse=True)
    return r"\b" + r"\s+".join([*(re.escape(word) for word in front), f"(?:{'|'.join(forms)})"]) + r"\b"


def _move(
    corpus: Corpus, about: Sequence[int], lead: str, others: Sequence[Concept], name: str
) -> tuple[_Move, list[int], str]:
    sound = [at for at in about if corpus.fitness[at] >= 0.6]
    for move in _MOVES:
        pattern = re.compile(move.pattern.replace(r"\bX\b", name).replace("X", name), re.IGNORECASE)
        hits = [at for at in sound if pattern.search(corpus.texts[at])]
        if not hits or _SAYS_ROLE.match(lead):
            continue
        if "{second}" not in move.title:
            return move, hits[:2], ""
        if partner := _partner(corpus, hits, name, pattern, lead, others):
            at, second = partner
            return move, [at], with_article(second, corpus.texts)
    defined = [
        at
        for at in about
        if any(_keys(found.term) == _keys(lead) for found in find_definitions([corpus.texts[at]], corpus.language))
    ]
    return (_DEFINE, defined[:1], "") if defined else (_DESCRIBE, [], "")


def _partner(
    corpus: Corpus, hits: Sequence[int], name: str, comparing: re.Pattern[str], lead: str, others: Sequence[Concept]
) -> tuple[int, str] | None:
    """A second concept, unlike the first, on the other side of the comparing word."""
    for at in hits:
        text = corpus.texts[at]
        word = comparing.search(text)
        if word is None or not re.search(name, text[: word.start()], re.IGNORECASE):
            continue
        for other in others:
            after = re.search(_name_pattern(other.name), text[word.end() :], re.IGNORECASE)
            if after and after.start() < 50 and not _keys(other.name) & _keys(lead):
                return at, other.name
    return None


def _best(corpus: Corpus, about: Sequence[int], name: str) -> list[int]:
    def score(at: int) -> float:
        match = re.search(name, corpus.texts[at], re.IGNORECASE)
        early = 1 - (match.start() / max(1, len(corpus.texts[at])) if match else 1)
        return corpus.fitness[at] + 0.5 * early + 0.4 * float(corpus.centrality[at])

    return sorted(about, key=lambda at: (-score(at), at))[:1]


def with_article(name: str, texts: Sequence[str]) -> str:
    """Return ``name`` with the article the text itself mostly gives it ("the cytoskeleton", "a virus", "DNA")."""
    seen: Counter[str] = Counter()
    lowered, plural = name.lower(), 0
    size = len(lowered)
    for text in texts:
        low = text.lower()
        at = low.find(lowered)
        while at >= 0:
            end = at + size
            if (at == 0 or not low[at - 1].isalnum()) and not low[end : end + 1].isalnum():
                before = low[max(0, at - 16) : at].split()[-1:] or [""]
                after = low[end : end + 16].split()[:1] or [""]
                if not (is_content_word(before[0].strip("(,;:")) and low[at - 2 : at - 1].isalpha()) and not (
                    low[end : end + 1] == " " and is_content_word(after[0])
                ):
                    seen[before[0] if before[0] in {"the", "a", "an"} else ""] += 1
            elif low[end : end + 1] == "s":
                plural += 1
            at = low.find(lowered, end)
    total = sum(seen.values()) or 1
    indefinite = seen["a"] + seen["an"]
    countable = plural >= max(2, 0.15 * total)
    if indefinite >= max(2, 0.45 * total) or (countable and indefinite > seen["the"]):
        return f"{'an' if seen['an'] > seen['a'] else 'a'} {name}"
    return f"the {name}" if countable or seen["the"] >= 0.4 * total else name
