"""Questions from lists: which point is described, what comes next."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from documents_app.domain.matter.standing import addresses, is_imperative, is_plain_text, leans, without_asides
from documents_app.domain.matter.types import Entry, Listing, Matter, Span
from sessions_app.domain.questions.types import QuestionKind
from sessions_app.engine.questions.drafts import LEAST_WRONG, WRONG_OPTIONS, Draft, template

MAX_LABEL_WORDS, MAX_ITEM_WORDS = 8, 16
_WORD = re.compile(r"[^\W\d_]{3}")
_MARKER_AT_END = re.compile(r"\s+(?:\S{1,3}\s+)?$")
_SURE_OPENING = 20
"""Letters by which a sentence is found in its paragraph."""
_WORTH_LIST, _WORTH_ORDER = 0.85, 0.85


def drafts(matter: Matter, rng: random.Random) -> Iterator[Draft]:
    """Yield the questions that each list with a lead of its own gives."""
    usable = [
        listing for listing in matter.listings if not listing.states_objectives and is_asked_about(listing, matter)
    ]
    for listing in usable:
        yield from _described(listing, matter)
    for listing in matter.listings:
        if listing.ordered and (listing in usable or not listing.lead):
            yield from _order(listing, matter, rng)


def is_asked_about(listing: Listing, matter: Matter) -> bool:
    """Tell whether the lead says on its own what the list is a list of."""
    tongue = matter.language
    lead = without_asides(listing.lead.rstrip(":"), tongue)
    words = [word.text.lower() for word in tongue.words(lead)]
    return (
        3 <= len(words) <= 30
        and len(tongue.content_stems(lead)) >= 2
        and not leans(lead, tongue)
        and not addresses(lead, tongue)
        and is_plain_text(lead)
        and all(name_of(entry) and is_plain_text(name_of(entry)) for entry in listing.entries)
        and not any(_goes_on(entry, matter) for entry in listing.entries)
    )


def lead_of(listing: Listing, matter: Matter) -> str:
    """Return the sentence that leads into a list, without brackets that point elsewhere; one that ends with a colon goes on."""
    lead = without_asides(listing.lead, matter.language)
    return f"{lead.rstrip(' :')} …" if lead.endswith(":") else lead


def _goes_on(entry: Entry, matter: Matter) -> bool:
    """Tell whether an item breaks off in a sentence that its neighbour goes on with."""
    return entry.text.endswith(",") or matter.language.is_stop_word(entry.text.rsplit(" ", 1)[-1])


def name_of(entry: Entry) -> str:
    """Return the short name of an item: its label, or itself when it is short; '' for one that is neither."""
    name = (entry.label or entry.text).strip().rstrip(".;,:")
    is_short = len(name.split()) <= (MAX_LABEL_WORDS if entry.label else MAX_ITEM_WORDS)
    return name if is_short and _WORD.search(name) else ""


def _described(listing: Listing, matter: Matter) -> Iterator[Draft]:
    labelled = [entry for entry in listing.entries if entry.label]
    if len(labelled) < len(listing.entries) or len(labelled) <= LEAST_WRONG:
        return
    for entry in labelled:
        stems = matter.language.content_stems(entry.label)
        words = entry.description.split()
        inside = set(matter.language.content_stems(entry.description))
        if not 3 <= len(words) <= 30 or set(stems) & inside or addresses(entry.description, matter.language):
            continue
        yield Draft(
            pattern="definition",
            kind=QuestionKind.MULTIPLE_CHOICE,
            stem=template(matter.language, "term_of_definition", definition=entry.description),
            key=entry.label,
            wrong=tuple(other.label for other in labelled if other is not entry)[:WRONG_OPTIONS],
            evidence=(entry.span, _lead_span(listing, matter)),
            section=listing.section,
            worth=_WORTH_LIST,
            concept=entry.label,
            hardness=0.6,
        )


def _lead_span(listing: Listing, matter: Matter) -> Span:
    """Return where the sentence that leads into a list stands, or else the paragraph that ends with it."""
    document, start = listing.span.document, listing.span.char_start
    above = _MARKER_AT_END.sub("", matter.material[document].content.text[start : listing.entries[0].span.char_start])
    at = above.rfind(listing.lead[:_SURE_OPENING])
    return Span(document, start + max(at, 0), start + len(above))


def _order(listing: Listing, matter: Matter, rng: random.Random) -> Iterator[Draft]:
    """Yield the questions what comes after each step, where the lead or the heading speaks of steps, or most of them tell what to do."""
    title = matter.titles.get(listing.section, "")
    said = {word.text.lower() for word in matter.language.words(f"{listing.lead} {title}")}
    form = "next_step" if listing.lead else "next_step_untold"
    steps = [_step(entry, matter) for entry in listing.entries]
    told = sum(is_imperative(step, matter.language, matter.verbs) for step in steps)
    is_sequence = bool(said & matter.language.phrase_set("sequence_words")) or 2 * told > len(steps)
    if not is_sequence or not all(steps) or len(set(steps)) <= WRONG_OPTIONS:
        return
    for at in range(len(steps) - 1):
        others = [step for place, step in enumerate(steps) if place not in {at, at + 1}]
        if len(others) < WRONG_OPTIONS:
            continue
        yield Draft(
            pattern="order",
            kind=QuestionKind.MULTIPLE_CHOICE,
            stem=template(matter.language, form, lead=lead_of(listing, matter), item=steps[at]),
            key=steps[at + 1],
            wrong=tuple(rng.sample(others, WRONG_OPTIONS)),
            evidence=(
                _covering(listing.entries[at].span, listing.entries[at + 1].span),
                *([_lead_span(listing, matter)] if listing.lead else []),
            ),
            section=listing.section,
            worth=_WORTH_ORDER,
            concept=listing.lead or title,
            hardness=0.75,
        )


def _covering(first: Span, last: Span) -> Span:
    return Span(first.document, first.char_start, last.char_end)


def _step(entry: Entry, matter: Matter) -> str:
    """Return what a step asks one to do, its first sentence; '' for one that is long or leans on the others."""
    start, end = next(iter(matter.language.sentences(entry.text)), (0, len(entry.text)))
    step = entry.text[start:end].strip().rstrip(".;,:")
    return step if len(step.split()) <= MAX_ITEM_WORDS and is_plain_text(step) else ""
