"""Learning objectives: those the material states, else what a learner should be able to do after each of its parts.

The verb follows what the text does (Bloom's taxonomy, revised by Anderson and Krathwohl, 2001): it defines, gives steps,
formulas, kinds, a comparison or reasons. The wording is data of the language.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice

from documents_app.domain.analysis.types import Concept, Objective, Section
from documents_app.domain.blocks import Block, BlockKind
from documents_app.domain.material import DocumentText
from documents_app.domain.matter.standing import is_imperative
from documents_app.domain.matter.types import Matter, Span
from documents_app.domain.reading.form import reading_form
from documents_app.domain.reading.prose import plain_title
from documents_app.engine.corpus import Corpus
from documents_app.engine.joining import MOST_OBJECTIVES
from tutor_project.language import wording

_LEAST_SENTENCES = 3
_USED = 1.5
"""What a concept loses that an earlier section was led by."""
_LEAD_LENGTH, _LONGEST = 200, 300
"""Characters of a line that announces objectives, and of an objective."""
_MARKER = re.compile(r"^[\s•▪◦●‣*+\-–]*(?:\(?(?:\d{1,2}|[a-z])[.)]\s+)?")


def stated_objectives(corpus: Corpus) -> tuple[Objective, ...]:
    """Return the objectives the document states itself, in its words and order; none where it states none."""
    matter = corpus.matter
    stated = wording(matter.language, "objective_templates")["stated"]
    starts = [section.char_start for section in corpus.sections]
    found: list[Objective] = []
    for start, end in islice(_stated_spans(corpus.source.content, matter), MOST_OBJECTIVES):
        title = reading_form(corpus.source.content.text[start:end]).rstrip(".;")
        at = bisect_right(starts, start) - 1
        section = reading_form(corpus.sections[at].title) if at >= 0 else ""
        found.append(Objective(title, stated.format(section=section), "high", (corpus.source.cite(start, end),)))
    return tuple(found)


def _stated_spans(content: DocumentText, matter: Matter) -> Iterator[tuple[int, int]]:
    """Yield the spans of the items and lines that follow the announcement of objectives, up to what is none of them."""
    leads = matter.language.phrases("objective_leads")
    open_ = any_found = False
    for block in content.blocks:
        if block.kind is BlockKind.FURNITURE:
            continue
        opening = content.text[block.char_start : min(block.char_end, block.char_start + _LEAD_LENGTH)].lower()
        if block.char_end - block.char_start < _LEAD_LENGTH and any(lead in opening for lead in leads):
            open_, any_found = True, False
            continue
        if not open_:
            continue
        own = list(_objectives_in(block, content, matter))
        any_found = any_found or bool(own)
        # A line of greeting may stand between the announcement and the first objective, nothing after them.
        open_ = bool(own) or (not any_found and block.kind is BlockKind.PARAGRAPH and len(opening) < _LEAD_LENGTH)
        yield from own


def _objectives_in(block: Block, content: DocumentText, matter: Matter) -> Iterator[tuple[int, int]]:
    """Yield the objectives of a block: a list item, or the sentences of a paragraph of which each tells what to do."""
    text = content.text
    if block.kind is BlockKind.LIST_ITEM:
        marker = _MARKER.match(text[block.char_start : block.char_end])
        yield block.char_start + (marker.end() if marker else 0), block.char_end
        return
    if block.kind is not BlockKind.PARAGRAPH:
        return
    spans = [
        (start, end)
        for start, end in matter.language.sentences(text, block.char_start, block.char_end)
        if any(map(str.isalpha, text[start:end]))
    ]
    if all(
        end - start < _LONGEST and is_imperative(text[start:end], matter.language, matter.verbs) for start, end in spans
    ):
        yield from spans


def objectives(corpus: Corpus, concepts: Sequence[Concept]) -> tuple[Objective, ...]:
    """Return objectives, the most important first, one for each section with enough text, with priority and evidence."""
    found: dict[str, tuple[float, Objective]] = {}
    used: set[str] = set()
    at_home: dict[int, list[Concept]] = defaultdict(list)
    for concept in concepts:
        for index in concept.section_indexes:
            at_home[index].append(concept)
    for section in corpus.sections:
        members, own = corpus.by_section.get(section.index, []), at_home[section.index]
        if len(members) < _LEAST_SENTENCES or not own:
            continue
        lead = max(own, key=lambda concept: _fit(concept, section, corpus) - (_USED if concept.name in used else 0.0))
        objective = _objective(corpus, section, members, lead, [one for one in own if one is not lead])
        used.add(lead.name)
        found.setdefault(objective.title, (lead.importance, objective))
    ranked = sorted(found.values(), key=lambda item: -item[0])
    return tuple(objective for _, objective in ranked[:MOST_OBJECTIVES])


def _fit(concept: Concept, section: Section, corpus: Corpus) -> float:
    """A section is best described by the concept of its title, then by a concept that few other sections share."""
    title = set(corpus.language.content_stems(plain_title(section.title)))
    own = set(corpus.language.content_stems(concept.name))
    share = len(own) / len(title) if title and own <= title else 0.0
    return 2.0 * share + 0.3 * (share > 0) + concept.importance + 0.5 / len(concept.section_indexes)


def _objective(
    corpus: Corpus, section: Section, members: Sequence[int], lead: Concept, others: Sequence[Concept]
) -> Objective:
    wanted = frozenset(corpus.language.content_stems(lead.name))
    about = [at for at in members if wanted <= corpus.stems[at]] or list(members[:1])
    title = plain_title(reading_form(section.title))
    if _asks(title, corpus):
        move, second, evidence, name = "answer", "", about[0], title
    else:
        move, second, evidence = _move(corpus, section, about, wanted, others)
        name = lead.name
    said = wording(corpus.language, "objective_templates")
    priority = "high" if lead.importance >= 0.66 else "medium" if lead.importance >= 0.4 else "low"
    return Objective(
        said[f"{move}.title"].format(x=name, y=second),
        said["describes"].format(advice=said[f"{move}.advice"], section=reading_form(section.title)),
        priority,
        (corpus.cite(evidence),),
    )


def _asks(title: str, corpus: Corpus) -> bool:
    """Tell whether a heading is a question: it ends with its mark, or begins with a word that asks."""
    words = title.lower().split()
    return title.endswith("?") or (len(words) > 2 and words[0] in corpus.language.question_words)


def _move(
    corpus: Corpus, section: Section, about: Sequence[int], wanted: frozenset[str], others: Sequence[Concept]
) -> tuple[str, str, int]:
    """Return what the section does with its lead: the name of the move, a second concept, the sentence that shows it."""
    tongue = corpus.language
    best = max(about, key=lambda at: (corpus.fitness[at] + 0.4 * float(corpus.centrality[at]), -at))
    defining = _defining(corpus, section, wanted)
    if defining is not None:
        return "define", "", defining
    listed = _listed(corpus, section, wanted)
    if listed:
        return listed, "", best
    for at in about:
        text = corpus.texts[at].lower()
        if any(f"{kinds} " in text for kinds in tongue.phrases("kind_words")) and text.count(",") > 0:
            return "kinds", "", at
        partner = _partner(corpus, at, wanted, others)
        if partner:
            return "compare", partner, at
    if _has_formula(corpus, section):
        return "relation", "", best
    for at in about:
        if any(f" {cause} " in corpus.texts[at].lower() for cause in tongue.phrases("causes")):
            return "reasons", "", at
    return "describe", "", best


def _defining(corpus: Corpus, section: Section, wanted: frozenset[str]) -> int | None:
    spans = corpus.defining.get(wanted, frozenset())
    for at in corpus.by_section.get(section.index, []):
        sentence = corpus.sentences[at]
        if Span(sentence.document, sentence.char_start, sentence.char_end) in spans:
            return at
    return None


def _listed(corpus: Corpus, section: Section, wanted: frozenset[str]) -> str:
    """Return ``steps`` or ``points`` where a list of the section is announced as one on the lead, else ''."""
    tongue = corpus.language
    steps = tongue.phrase_set("step_words")
    for listing in corpus.listings_of.get(section.index, ()):
        announced = f"{listing.lead} {plain_title(section.title)}"
        if not wanted <= set(tongue.content_stems(announced)):
            continue
        is_stepwise = listing.ordered and any(f" {word} " in f" {announced.lower()} " for word in steps)
        return "steps" if is_stepwise else "points"
    return ""


def _has_formula(corpus: Corpus, section: Section) -> bool:
    at = bisect_left(corpus.formulas, section.char_start)
    return at < len(corpus.formulas) and corpus.formulas[at] < section.char_end


def _partner(corpus: Corpus, at: int, wanted: frozenset[str], others: Sequence[Concept]) -> str:
    """Return a second concept of a sentence that sets two things against each other, '' where there is none."""
    text = corpus.texts[at].lower()
    if not any(re.search(rf"(?<!\w){re.escape(cue)}(?!\w)", text) for cue in corpus.language.phrases("contrasts")):
        return ""
    for other in others:
        stems = frozenset(corpus.language.content_stems(other.name))
        if stems and not stems & wanted and stems <= corpus.stems[at]:
            return other.name
    return ""
