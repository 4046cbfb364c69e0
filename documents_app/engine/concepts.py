"""Key concepts and key terms: which noun phrases matter, what they mean, and the sentence that shows it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log1p, sqrt

import numpy as np

from documents_app.domain.analysis import Concept, Term
from documents_app.domain.definitions import Definition, find_definitions
from documents_app.domain.keyphrases import MAX_WORDS, Key, Phrase, acronyms, noun_phrases, tokenise
from documents_app.domain.keyphrases_words import (
    ENGLISH_FUNCTION_WORDS,
    EVERYDAY_NOUNS,
    GENERIC_WORDS,
    function_words,
    reading_form,
)
from documents_app.domain.matter.defining import is_definition, is_term
from documents_app.domain.matter.types import Matter
from documents_app.domain.outline_prose import plain_title
from documents_app.engine.corpus import Corpus

_YAKE_WORDS = 6_000
_MAX_CONCEPTS = 45
_MAX_TERMS = 80
_TERM_QUALITY = 0.6
_FRAME_WORDS = frozenset(
    """definition satz beweis bemerkung beispiel lemma korollar aufgabe lösung abbildung tabelle kapitel abschnitt seite
    heißt ist sind théorème preuve démonstration remarque exemple définition exercice figure tableau chapitre page teorema
    demostración ejemplo definición ejercicio figura tabla capítulo página esempio dimostrazione definizione devrait doit
    peut mise place bzgl bzw""".split()
)
"""Words that number the parts of a text or run through it in other languages; no concept holds one."""


@dataclass(slots=True)
class Candidate:
    """A phrase with the signals it is ranked by, each in [0, 1]."""

    phrase: Phrase
    name: str
    score: float = 0.0
    definition: Definition | None = None
    in_heading: float = 0.0


def rank_candidates(corpus: Corpus) -> list[Candidate]:
    """Return the concept candidates of the corpus, best first."""
    definitions = best_definitions(corpus)
    shares = _heading_shares(corpus.title_keys)
    phrases = _phrases(corpus)
    for phrase_key, definition in definitions.items():
        if phrase_key not in phrases and definition.quality >= 0.8:
            phrases[phrase_key] = _phrase_of(phrase_key, definition, corpus)
    _add_titles(phrases, corpus)
    candidates = [
        Candidate(phrase, phrase.name, definition=definitions.get(phrase.key), in_heading=shares.get(phrase.key, 0.0))
        for phrase in phrases.values()
        if _worth_ranking(phrase, phrase.key in definitions, shares.get(phrase.key, 0.0))
    ]
    for candidate in candidates:
        if len(candidate.phrase.key) == 1 and candidate.phrase.alone < 0.3 * candidate.phrase.count:
            candidate.in_heading *= 0.3
    candidates.sort(key=lambda c: (-c.phrase.c_value, c.name))
    candidates = candidates[:600]
    _score(candidates, corpus)
    candidates.sort(key=lambda c: (-c.score, c.name))
    return candidates


def _add_titles(phrases: dict[Key, Phrase], corpus: Corpus) -> None:
    """Titles of two to five words that the text itself uses as a name are candidates, whatever their shape."""
    for section, title_key in zip(corpus.sections, corpus.title_keys, strict=True):
        title = re.sub(r"^(?:the|an?)\s", "", plain_title(reading_form(section.title)), flags=re.IGNORECASE)
        name_key = tuple(token.key for token in tokenise(title))
        if not title_key or not 2 <= len(name_key) <= 5 or name_key in phrases or {"and", "or"} & set(name_key):
            continue
        pattern = re.compile(rf"(?<!\w){re.escape(title)}(?!\w)", re.IGNORECASE)
        found = [(at, match[0]) for at, text in enumerate(corpus.texts) for match in pattern.finditer(text)]
        if len(found) >= 2 or (found and title.istitle()):
            phrase = Phrase(name_key, count=len(found), alone=len(found), c_value=2.0 * len(found))
            phrase.surfaces.update(form for _, form in found)
            phrase.sentences = sorted({at for at, _ in found})
            phrases[name_key] = phrase


def _phrases(corpus: Corpus) -> dict[Key, Phrase]:
    if corpus.language == "en":
        phrases = noun_phrases(corpus.texts, (section.title for section in corpus.sections))
        _fold_acronyms(phrases, acronyms(corpus.texts))
        return phrases
    return _foreign_phrases(corpus)


def _fold_acronyms(phrases: dict[Key, Phrase], long_forms: dict[str, Key]) -> None:
    """Count "CNS" with "central nervous system" once the text has introduced it."""
    for acronym, long_key in long_forms.items():
        for short_key in ((acronym.lower(),), (acronym.lower() + "s",)):
            short = phrases.pop(short_key, None)
            long_form = phrases.get(long_key)
            if short and long_form:
                long_form.count += short.count
                long_form.alone += short.alone
                long_form.c_value += 0.5 * short.c_value
                long_form.sentences = sorted({*long_form.sentences, *short.sentences})


def _foreign_phrases(corpus: Corpus) -> dict[Key, Phrase]:
    """Candidates for languages without rules for noun phrases: what yake proposes, found again in the sentences."""
    proposals = _yake(corpus, top=80)
    stop = function_words(corpus.language)
    wanted = {tuple(name.lower().split()): name for name in proposals}
    phrases: dict[Key, Phrase] = {}
    for index, text in enumerate(corpus.texts):
        lowered = [token.text.lower() for token in tokenise(text)]
        originals = [token.text for token in tokenise(text)]
        for size in (1, 2, 3):
            for first in range(len(lowered) - size + 1):
                part = tuple(lowered[first : first + size])
                if part not in wanted or part[0] in stop or part[-1] in stop or len("".join(part)) < 4:
                    continue
                if corpus.language == "de" and not originals[first + size - 1][:1].isupper():
                    continue
                phrase = phrases.setdefault(part, Phrase(part))
                phrase.count += 1
                phrase.alone += 1
                phrase.c_value += size
                phrase.surfaces[" ".join(originals[first : first + size])] += 1
                if not phrase.sentences or phrase.sentences[-1] != index:
                    phrase.sentences.append(index)
    for longer in list(phrases.values()):
        for part in _parts(longer.key):
            if part in phrases:
                phrases[part].alone = max(0, phrases[part].alone - longer.count)
    return {phrase_key: phrase for phrase_key, phrase in phrases.items() if not _FRAME_WORDS & set(phrase_key)}


def _parts(phrase_key: Key) -> list[Key]:
    size = len(phrase_key)
    return [phrase_key[first : first + n] for n in range(1, size) for first in range(size - n + 1)]


def _phrase_of(phrase_key: Key, definition: Definition, corpus: Corpus) -> Phrase:
    """A defined term that the phrase finder did not see as a noun phrase."""
    pattern = re.compile(rf"\b{re.escape(definition.term)}", re.IGNORECASE)
    at = [index for index, text in enumerate(corpus.texts) if pattern.search(text)] or [definition.sentence]
    phrase = Phrase(phrase_key, count=len(at), alone=len(at), c_value=float(len(at)), sentences=at)
    phrase.surfaces[_own_case(definition.term, "")] = len(at)
    return phrase


def _own_case(term: str, known: str) -> str:
    """Take the capital of a sentence's first word off a term, unless it is the term's own."""
    first, *rest = term.split()
    keeps = not (first[:1].isupper() and first[1:].islower()) or any(word[:1].isupper() for word in rest)
    return term if keeps or known[:1].isupper() else term[0].lower() + term[1:]


def _heading_shares(titles: Iterable[Key]) -> dict[Key, float]:
    """Return for each run of words in a title which share of the title's content words it makes up."""
    shares: dict[Key, float] = {}
    for title in titles:
        content = sum(word not in ENGLISH_FUNCTION_WORDS and not word[0].isdigit() for word in title)
        for size in range(1, min(len(title), MAX_WORDS) + 1):
            for first in range(len(title) - size + 1):
                run = title[first : first + size]
                shares[run] = max(shares.get(run, 0.0), size / max(size, content))
    return shares


def _worth_ranking(phrase: Phrase, defined: bool, in_heading: float) -> bool:
    if phrase.cited * 2 >= phrase.count:
        return False
    if all(word in GENERIC_WORDS for word in phrase.key) and not in_heading:
        return False
    return phrase.count >= 3 or (phrase.count >= 2 and len(phrase.key) > 1) or defined or in_heading >= 0.5


def _score(candidates: list[Candidate], corpus: Corpus) -> None:
    if not candidates:
        return
    vectors = corpus.embed([candidate.name for candidate in candidates])
    centroid = corpus.vectors.mean(axis=0)
    likeness = vectors @ (centroid / max(1e-9, float(np.linalg.norm(centroid))))
    likeness = (likeness - likeness.min()) / max(1e-9, float(likeness.max() - likeness.min()))
    most = log1p(max(candidate.phrase.c_value for candidate in candidates)) or 1.0
    proposals = (
        {name.lower(): rank for rank, name in enumerate(_yake(corpus, top=120))} if corpus.language == "en" else {}
    )
    sections = max(1, len(corpus.by_section))
    total = max(1, len(corpus.texts))
    for candidate, near in zip(candidates, likeness, strict=True):
        phrase = candidate.phrase
        rank = proposals.get(candidate.name.lower())
        spread = sqrt(len({corpus.owners[at] for at in phrase.sentences}) / sections)
        quality = candidate.definition.quality if candidate.definition else 0.0
        candidate.score = (
            0.34 * log1p(phrase.c_value) / most
            + 0.20 * candidate.in_heading
            + 0.16 * quality
            + 0.12 * float(near)
            + 0.08 * spread
            + 0.06 * (1 - rank / 120 if rank is not None else 0.0)
            + 0.04 * (1 - phrase.sentences[0] / total)
        ) * _shape_factor(candidate)


_MOST_OF_HEADING = 0.6
_OF_AUTHORS = 0.4
"""What a name gains that the authors themselves set apart."""
_MARKED, _MOST_MARKED = 0.8, 60
"""The weight from which a term counts as set apart, and how many of them are named beside the concepts."""


def _shape_factor(candidate: Candidate) -> float:
    """Single words need a heading of their own or a definition behind them, or to stand mostly alone.

    A word that a heading merely holds ("Role in human disease") is no concept for that.
    """
    phrase = candidate.phrase
    if len(phrase.key) > 1:
        return 0.75 if phrase.key[0] in GENERIC_WORDS or (phrase.key[-1] in GENERIC_WORDS and phrase.count < 4) else 1.0
    factor = 0.35 + 0.65 * min(1.0, phrase.alone / (0.5 * phrase.count))
    named = candidate.in_heading >= _MOST_OF_HEADING or (candidate.in_heading and candidate.name.isupper())
    if not named and (candidate.definition is None or candidate.definition.quality < _TERM_QUALITY):
        factor *= 0.55 if phrase.key[0] in EVERYDAY_NOUNS else 0.68
    return factor


def _yake(corpus: Corpus, top: int) -> list[str]:
    """YAKE's key phrases over an even sample of the sentences (its cost grows faster than the text)."""
    words = sum(text.count(" ") + 1 for text in corpus.texts)
    step = max(1, round(words / _YAKE_WORDS))
    sample = "\n".join(corpus.texts[::step])
    if not sample.strip():
        return []
    import yake  # brings a graph library of 40 MB, which no process should hold before it extracts

    extractor = yake.KeywordExtractor(lan=corpus.language or "en", n=3, top=top, dedupLim=0.95)
    return [name for name, _ in extractor.extract_keywords(sample)]


def best_definitions(corpus: Corpus) -> dict[Key, Definition]:
    """Return the best definition of each defined phrase; the earlier one wins a draw."""
    best: dict[Key, Definition] = {}
    for found in find_definitions(corpus.texts, corpus.language):
        known = best.get(found.key)
        if found.key and (known is None or found.quality > known.quality):
            best[found.key] = found
    return best


def prefer_authors(candidates: Sequence[Candidate], matter: Matter) -> list[Candidate]:
    """Return the candidates that can be terms, the best first: what authors marked or defined counts more."""
    tongue = matter.language
    weights = {term.stems: term.weight for term in matter.terms}
    kept = []
    for candidate in candidates:
        if not is_term(candidate.name, tongue):
            continue
        weight = weights.get(tuple(tongue.content_stems(candidate.name)), 0.0)
        candidate.score += _OF_AUTHORS * max(0.0, weight - 0.5)
        kept.append(candidate)
    return sorted(kept, key=lambda candidate: -candidate.score)


def choose_concepts(candidates: Sequence[Candidate], corpus: Corpus) -> list[Candidate]:
    """Return the concepts worth showing: the best overall, and the best of each section of some length."""
    words = sum(text.count(" ") + 1 for text in corpus.texts)
    wanted = min(_MAX_CONCEPTS, max(5, round(words / 400)))
    chosen: list[Candidate] = []
    for candidate in candidates:
        if len(chosen) >= wanted:
            break
        if _speaks_for_itself(candidate) and not _repeats(candidate, chosen):
            chosen.append(candidate)
    covered = Counter(index for candidate in chosen for index in home_sections(candidate, corpus))
    for section, members in corpus.by_section.items():
        if len(members) < 4 or covered[section] >= 2 or len(chosen) >= wanted + 25:
            continue
        local = [
            c for c in candidates if c not in chosen and _speaks_for_itself(c) and section in home_sections(c, corpus)
        ]
        for candidate in local[: 2 - covered[section]]:
            if not _repeats(candidate, chosen):
                chosen.append(candidate)
    return sorted(chosen, key=lambda c: (-c.score, c.name))


def _speaks_for_itself(candidate: Candidate) -> bool:
    word = candidate.phrase.key[-1]
    return len(candidate.phrase.key) > 1 or candidate.in_heading > 0 or word not in EVERYDAY_NOUNS


def _repeats(candidate: Candidate, chosen: Sequence[Candidate]) -> bool:
    """Tell whether a chosen concept already says it: same words, or a longer name nearly always used instead."""
    own = candidate.phrase
    for other in (c.phrase for c in chosen):
        if sorted(own.key) == sorted(other.key):
            return True
        if set(own.key) < set(other.key) and own.alone < 0.3 * own.count and len(own.key) < len(other.key):
            return True
        if (
            set(other.key) < set(own.key)
            and len(own.key) - len(other.key) == 1
            and own.count < 0.12 * other.count
            and not candidate.definition
            and not candidate.in_heading
        ):
            return True
    return False


def home_sections(candidate: Candidate, corpus: Corpus) -> tuple[int, ...]:
    """Return the sections that deal with the phrase: named in the title, or at least two of its sentences."""
    counts = Counter(corpus.owners[at] for at in candidate.phrase.sentences)
    titled = {index for index, title in enumerate(corpus.title_keys) if set(candidate.phrase.key) <= set(title)}
    floor = 2 if max(counts.values(), default=0) >= 2 else 1
    return tuple(sorted({*(index for index, count in counts.items() if count >= floor), *(titled & set(counts))}))


def evidence_of(candidate: Candidate, corpus: Corpus, limit: int = 2) -> list[int]:
    """Return the sentences that best show the concept, its definition first; each contains the phrase."""
    chosen: list[int] = []
    if candidate.definition and candidate.definition.quality >= _TERM_QUALITY:
        chosen.append(candidate.definition.sentence)
    name_vector = corpus.embed([candidate.name])[0]
    ranked = sorted(
        candidate.phrase.sentences, key=lambda at: (-_evidence_score(candidate, corpus, at, name_vector), at)
    )
    for at in ranked:
        if len(chosen) >= limit:
            break
        if at not in chosen and (not chosen or corpus.fitness[at] >= 0.7):
            chosen.append(at)
    return chosen


def _evidence_score(candidate: Candidate, corpus: Corpus, at: int, name_vector: np.ndarray) -> float:
    text = corpus.texts[at]
    place = text.lower().find(candidate.name.lower())
    subject = 1.0 if 0 <= place <= 6 else 0.6 if 0 <= place < 0.35 * len(text) else 0.0
    near = float(corpus.vectors[at] @ name_vector)
    section = corpus.owners[at]
    titled = set(corpus.title_keys[section]) >= set(candidate.phrase.key)
    opening = max(0.0, 1 - 0.25 * corpus.by_section[section].index(at)) if titled or section == 0 else 0.0
    return 0.5 * opening + 1.2 * corpus.fitness[at] + 0.6 * subject + near + 0.3 * float(corpus.centrality[at])


def as_concepts(chosen: Sequence[Candidate], corpus: Corpus) -> tuple[Concept, ...]:
    """Return the concepts with importance relative to the best, evidence and sections."""
    top = max((candidate.score for candidate in chosen), default=1.0) or 1.0
    concepts = []
    for candidate in chosen:
        evidence = tuple(corpus.cite(at) for at in evidence_of(candidate, corpus))
        if evidence:
            importance = round(candidate.score / top, 3)
            concepts.append(Concept(candidate.name, importance, evidence, home_sections(candidate, corpus)))
    return tuple(concepts)


def with_marked(concepts: Sequence[Concept], matter: Matter) -> tuple[Concept, ...]:
    """Return the concepts, and behind them what the authors set apart as terms that is not among them."""
    known = {tuple(matter.language.content_stems(concept.name)) for concept in concepts}
    least = min((concept.importance for concept in concepts), default=1.0)
    added: list[Concept] = []
    for term in sorted(matter.terms, key=lambda term: -term.weight):
        if term.weight < _MARKED or len(added) >= _MOST_MARKED:
            break
        statement = matter.first_naming(term)
        span = term.span or (statement.span if statement is not None else None)
        if term.stems not in known and span is not None:
            importance = round(least * term.weight, 3)
            added.append(Concept(term.name, importance, (matter.cite(span),), (term.section,)))
    return (*concepts, *added)


def authors_terms(matter: Matter) -> tuple[Term, ...]:
    """Return the terms the material defines, the ones its authors made most of first."""
    defined = [term for term in matter.terms if term.definition and term.span is not None]
    return tuple(
        Term(term.name, term.definition, matter.cite(term.span))
        for term in sorted(defined, key=lambda term: -term.weight)
        if term.span is not None
    )


def joined_terms(first: Sequence[Term], others: Sequence[Term], matter: Matter) -> tuple[Term, ...]:
    """Return the terms of both, each once; those of ``others`` only where term and definition hold on their own."""
    known = {tuple(matter.language.content_stems(term.term)) for term in first}
    sound = [
        term
        for term in others
        if tuple(matter.language.content_stems(term.term)) not in known
        and is_term(term.term, matter.language)
        and is_definition(term.definition, matter.language)
    ]
    return (*first, *sound)[:_MAX_TERMS]


def as_terms(candidates: Sequence[Candidate], corpus: Corpus) -> tuple[Term, ...]:
    """Return the defined terms by importance; the definition stands in the citation (white space aside)."""
    terms = []
    for candidate in candidates:
        definition = candidate.definition
        if definition is None or definition.quality < _TERM_QUALITY:
            continue
        if candidate.phrase.count < 2 and not candidate.in_heading and definition.quality < 0.85:
            continue
        term = (
            candidate.name
            if candidate.name.lower() == definition.term.lower()
            else _own_case(definition.term, candidate.name)
        )
        terms.append(Term(term, definition.definition, corpus.cite(definition.sentence)))
    return tuple(terms[:_MAX_TERMS])
