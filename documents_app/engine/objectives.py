"""Learning objectives: those the material states, else what a learner should be able to do after each of its parts.

The verb follows what the text does (Bloom's taxonomy, revised by Anderson and Krathwohl, 2001): it defines, gives steps,
formulas, kinds, a comparison or reasons. The wording is data of the language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from documents_app.domain.analysis.types import Concept, Objective, Section
from documents_app.domain.blocks import Block, BlockKind
from documents_app.domain.material import DocumentText
from documents_app.domain.matter.standing import is_imperative
from documents_app.domain.matter.types import Matter, Span
from documents_app.domain.reading.english import reading_form
from documents_app.domain.reading.prose import plain_title
from documents_app.engine.corpus import Corpus
from tutor_project.language import wording

_MAX_OBJECTIVES = 24
_LEAST_SENTENCES = 3
_USED = 1.5
"""What a concept loses that an earlier section was led by."""
_LEAD_LENGTH, _LONGEST = 200, 300
"""Characters of a line that announces objectives, and of an objective."""
_MARKER = re.compile(r"^[\s•▪◦●‣*+\-–]*(?:\(?(?:\d{1,2}|[a-z])[.)]\s+)?")


def stated_objectives(corpus: Corpus) -> tuple[Objective, ...]:
    """Return the objectives the material states itself, in its words and order; none where it states none."""
    matter = corpus.matter
    stated = wording(matter.language, "objective_templates")["stated"]
    found: list[Objective] = []
    for document, source in enumerate(matter.material):
        for start, end in _stated_spans(source.content, matter):
            title = reading_form(source.content.text[start:end]).rstrip(".;")
            section = _title_at(corpus, document, start)
            found.append(
                Objective(title, stated.format(section=section), "high", (matter.cite(Span(document, start, end)),))
            )
    return tuple(found[:_MAX_OBJECTIVES])


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


def _title_at(corpus: Corpus, document: int, offset: int) -> str:
    own = [s for s in corpus.sections if s.document == document and s.char_start <= offset]
    return reading_form(own[-1].title) if own else ""


def objectives(corpus: Corpus, concepts: Sequence[Concept]) -> tuple[Objective, ...]:
    """Return objectives in reading order, one for each section with enough text, with priority and evidence."""
    found: list[tuple[float, int, Objective]] = []
    used: set[str] = set()
    for section in corpus.sections:
        members = corpus.by_section.get(section.index, [])
        own = [concept for concept in concepts if section.index in concept.section_indexes]
        if len(members) < _LEAST_SENTENCES or not own:
            continue
        lead = max(own, key=lambda concept: _fit(concept, section, corpus) - (_USED if concept.name in used else 0.0))
        objective = _objective(corpus, section, members, lead, [one for one in own if one is not lead])
        used.add(lead.name)
        if all(objective.title != known.title for _, _, known in found):
            found.append((lead.importance, section.index, objective))
    found.sort(key=lambda item: -item[0])
    kept = sorted(found[:_MAX_OBJECTIVES], key=lambda item: item[1])
    return tuple(objective for _, _, objective in kept)


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
    spans = {term.span for term in corpus.matter.terms if term.definition and frozenset(term.stems) == wanted}
    for at in corpus.by_section.get(section.index, []):
        sentence = corpus.sentences[at]
        if Span(sentence.document, sentence.char_start, sentence.char_end) in spans:
            return at
    return None


def _listed(corpus: Corpus, section: Section, wanted: frozenset[str]) -> str:
    """Return ``steps`` or ``points`` where a list of the section is announced as one on the lead, else ''."""
    tongue = corpus.language
    steps = tongue.phrase_set("step_words")
    for listing in corpus.matter.listings:
        announced = f"{listing.lead} {plain_title(section.title)}"
        if listing.section != section.index or not wanted <= set(tongue.content_stems(announced)):
            continue
        is_stepwise = listing.ordered and any(f" {word} " in f" {announced.lower()} " for word in steps)
        return "steps" if is_stepwise else "points"
    return ""


def _has_formula(corpus: Corpus, section: Section) -> bool:
    blocks = corpus.material[section.document].content.of_kind(BlockKind.FORMULA)
    return any(section.char_start <= block.char_start < section.char_end for block in blocks)


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
