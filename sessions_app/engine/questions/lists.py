"""Questions from lists: what belongs to one and what does not, which point is described, what comes next."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence

from documents_app.domain.matter.standing import addresses, is_exercise, is_plain_text, leans, without_asides
from documents_app.domain.matter.types import Entry, Listing, Matter, Span
from sessions_app.domain.questions.types import QuestionKind
from sessions_app.engine.questions.drafts import LEAST_WRONG, WRONG_OPTIONS, Draft, distinct, template
from sessions_app.engine.questions.siblings import Siblings
from tutor_project.language import fold

MAX_LABEL_WORDS, MAX_ITEM_WORDS = 8, 16
_WORD = re.compile(r"[^\W\d_]{3}")
_TITLED_WORDS = 5
_WORTH_LIST, _WORTH_ORDER, _WORTH_POINT = 0.85, 0.85, 0.25
_LEAST_TOLD, _POINT_WORDS, _LENGTHS, _LISTS_AROUND = 2, 20, 1.8, 8


def drafts(matter: Matter, siblings: Siblings, rng: random.Random) -> Iterator[Draft]:
    """Yield the questions that each list with a lead of its own gives."""
    usable = [
        listing for listing in matter.listings if not listing.states_objectives and _is_asked_about(listing, matter)
    ]
    for listing in usable:
        yield from _membership(listing, matter, rng)
        yield from _described(listing, matter)
    for at, listing in enumerate(matter.listings):
        if listing.ordered and (listing in usable or not listing.lead):
            yield from _order(listing, matter, rng)
        if _is_under_title(listing, matter):
            yield from _not_under_title(listing, matter, rng)
        yield from _of_title(listing, matter.listings[max(0, at - _LISTS_AROUND) : at + _LISTS_AROUND], matter)


def _is_asked_about(listing: Listing, matter: Matter) -> bool:
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


def _lead(listing: Listing, matter: Matter) -> str:
    return without_asides(listing.lead, matter.language)


def _goes_on(entry: Entry, matter: Matter) -> bool:
    """Tell whether an item breaks off in a sentence that its neighbour goes on with."""
    return entry.text.endswith(",") or matter.language.is_stop_word(entry.text.rsplit(" ", 1)[-1])


def _is_under_title(listing: Listing, matter: Matter) -> bool:
    """Tell whether a list of short names, without a lead, stands right under a heading that says what they are."""
    tongue = matter.language
    names = [name_of(entry) for entry in listing.entries]
    return (
        not listing.lead
        and not listing.states_objectives
        and len(tongue.content_stems(listing.title)) >= 2
        and is_plain_text(listing.title)
        and not is_exercise((listing.title,), tongue)
        and not any(entry.label for entry in listing.entries)
        and all(
            name and len(name.split()) <= _TITLED_WORDS and not entry.text.endswith((".", ":")) and is_plain_text(name)
            for name, entry in zip(names, listing.entries, strict=True)
        )
    )


def _not_under_title(listing: Listing, matter: Matter, rng: random.Random) -> Iterator[Draft]:
    names = distinct([name_of(entry) for entry in listing.entries])
    if len(names) >= WRONG_OPTIONS:
        stem = template(matter.language, "not_under_title", title=listing.title)
        yield from _not_one_of(listing, names, stem, matter, rng)


def _of_title(listing: Listing, around: Sequence[Listing], matter: Matter) -> Iterator[Draft]:
    """Yield for each point under a heading which of four points stands there; points of other lists are the choice."""
    tongue = matter.language
    if listing.states_objectives or len(tongue.content_stems(listing.title)) < _LEAST_TOLD:
        return
    heading = Span(listing.span.document, listing.span.char_start, listing.span.char_start + len(listing.title))
    for entry in listing.entries:
        if _is_point(entry, matter):
            others = _points_elsewhere(listing, entry, around, matter)
            if len(others) >= WRONG_OPTIONS:
                yield Draft(
                    pattern="under_title",
                    kind=QuestionKind.MULTIPLE_CHOICE,
                    stem=template(tongue, "under_title", title=listing.title),
                    key=entry.text.rstrip("."),
                    wrong=tuple(others[:WRONG_OPTIONS]),
                    evidence=(entry.span, heading),
                    section=listing.section,
                    worth=_WORTH_POINT,
                    concept=listing.title,
                )


def _is_point(entry: Entry, matter: Matter) -> bool:
    tongue = matter.language
    return (
        _LEAST_TOLD < len(entry.text.split()) <= _POINT_WORDS
        and entry.text[-1] not in ":?,"
        and is_plain_text(entry.text)
        and not leans(entry.text, tongue)
        and not addresses(entry.text, tongue)
    )


def _points_elsewhere(listing: Listing, entry: Entry, around: Sequence[Listing], matter: Matter) -> list[str]:
    """Return points of lists around one, the nearest first, that say nothing of what the heading or the point names."""
    own = {*matter.language.content_stems(f"{entry.text} {listing.title}")}
    others = sorted(
        (other for other in around if other.title != listing.title),
        key=lambda other: abs(other.section - listing.section),
    )
    return [
        point.text.rstrip(".")
        for other in others
        for point in other.entries
        if _is_point(point, matter)
        and 1 / _LENGTHS <= len(point.text) / len(entry.text) <= _LENGTHS
        and not own & set(matter.language.content_stems(point.text))
    ]


def _not_one_of(listing: Listing, names: list[str], stem: str, matter: Matter, rng: random.Random) -> Iterator[Draft]:
    """Yield the question which thing is not in a list, for the two nearest things: one may turn out to be named."""
    for stranger in _strangers(listing, names, matter)[:2]:
        yield Draft(
            pattern="not_one_of",
            kind=QuestionKind.MULTIPLE_CHOICE,
            stem=stem,
            key=stranger,
            wrong=tuple(_alike(stranger, names, rng)[:WRONG_OPTIONS]),
            evidence=(listing.span,),
            section=listing.section,
            worth=_WORTH_LIST,
            concept=stranger,
            absent=True,
        )


def name_of(entry: Entry) -> str:
    """Return the short name of an item: its label, or itself when it is short; '' for one that is neither."""
    name = (entry.label or entry.text).strip().rstrip(".;,:")
    is_short = len(name.split()) <= (MAX_LABEL_WORDS if entry.label else MAX_ITEM_WORDS)
    return name if is_short and _WORD.search(name) else ""


def _membership(listing: Listing, matter: Matter, rng: random.Random) -> Iterator[Draft]:
    names = distinct([name_of(entry) for entry in listing.entries])
    yield from _one_of(listing, names, matter)
    if len(names) >= WRONG_OPTIONS:
        stem = template(matter.language, "not_in_list", lead=_lead(listing, matter))
        yield from _not_one_of(listing, names, stem, matter, rng)


def _one_of(listing: Listing, names: list[str], matter: Matter) -> Iterator[Draft]:
    """Yield the question which thing is in a list, where it is too short to ask for the one that is not."""
    strangers = _strangers(listing, names, matter)[:WRONG_OPTIONS]
    if len(names) < WRONG_OPTIONS + 1 and len(strangers) >= LEAST_WRONG:
        yield Draft(
            pattern="one_of",
            kind=QuestionKind.MULTIPLE_CHOICE,
            stem=template(matter.language, "one_of", lead=_lead(listing, matter)),
            key=names[0],
            wrong=tuple(strangers),
            evidence=(listing.span,),
            section=listing.section,
            worth=_WORTH_LIST,
            concept=names[0],
        )


def _strangers(listing: Listing, names: list[str], matter: Matter) -> list[str]:
    """Return what could stand in the list and does not: items of lists of the same form, nearest section first."""
    text = fold(" ".join(entry.text for entry in listing.entries) + " " + listing.lead)
    inside = set(matter.language.content_stems(text))
    words = sorted(len(name.split()) for name in names)
    least, most = words[0], words[-1]
    labelled = bool(listing.entries[0].label)
    others = sorted(
        (other for other in matter.listings if other is not listing), key=lambda o: abs(o.section - listing.section)
    )
    pool = [
        name_of(entry)
        for other in others
        for entry in other.entries
        if bool(entry.label) == labelled and name_of(entry)
    ]
    if most <= 4:
        pool += [term.name for term in sorted(matter.terms, key=lambda t: abs(t.section - listing.section))]
    capital = names[0][:1].isupper()
    inner = {_has_inner_capital(name) for name in names}
    return [
        name
        for name in distinct(pool)
        if least <= len(name.split()) <= most + 1
        and name[:1].isupper() == capital
        and _has_inner_capital(name) in inner
        and not _shares(name, inside, matter)
        and not addresses(name, matter.language)
        and is_plain_text(name)
    ]


def _has_inner_capital(name: str) -> bool:
    """Tell whether a word behind the first is written with a capital, as in names of persons and countries."""
    return any(part[:1].isupper() for part in re.split(r"[\s/]", name)[1:])


def _shares(name: str, inside: set[str], matter: Matter) -> bool:
    stems = matter.language.content_stems(name)
    return not stems or sum(stem in inside for stem in stems) * 2 > len(stems)


def _alike(key: str, names: list[str], rng: random.Random) -> list[str]:
    shuffled = rng.sample(names, len(names))
    return sorted(shuffled, key=lambda name: abs(len(name) - len(key)))


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
            pattern="described",
            kind=QuestionKind.MULTIPLE_CHOICE,
            stem=template(
                matter.language, "item_of_description", lead=_lead(listing, matter), description=entry.description
            ),
            key=entry.label,
            wrong=tuple(other.label for other in labelled if other is not entry)[:WRONG_OPTIONS],
            evidence=(entry.span,),
            section=listing.section,
            worth=_WORTH_LIST,
            concept=entry.label,
            hardness=0.6,
        )


def _order(listing: Listing, matter: Matter, rng: random.Random) -> Iterator[Draft]:
    """Yield the questions what comes after each step, where the lead or the heading speaks of steps."""
    title = matter.titles.get(listing.section, "")
    said = {word.text.lower() for word in matter.language.words(f"{listing.lead} {title}")}
    form = "next_step" if listing.lead else "next_step_untold"
    steps = [_step(entry, matter) for entry in listing.entries]
    if not said & matter.language.phrase_set("sequence_words") or not all(steps) or len(set(steps)) <= WRONG_OPTIONS:
        return
    for at in range(len(steps) - 1):
        others = [step for place, step in enumerate(steps) if place not in {at, at + 1}]
        if len(others) < WRONG_OPTIONS:
            continue
        yield Draft(
            pattern="order",
            kind=QuestionKind.MULTIPLE_CHOICE,
            stem=template(matter.language, form, lead=listing.lead, item=steps[at]),
            key=steps[at + 1],
            wrong=tuple(rng.sample(others, WRONG_OPTIONS)),
            evidence=(_covering(listing.entries[at].span, listing.entries[at + 1].span),),
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
