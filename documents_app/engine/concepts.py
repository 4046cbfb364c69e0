"""Key concepts and key terms: what the authors set apart, define or put into headings, and what they name again and again."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import log1p, sqrt

import numpy as np

from documents_app.domain.analysis.digest import WeightedTerm
from documents_app.domain.analysis.types import Concept, Term
from documents_app.domain.matter.defining import is_term
from documents_app.domain.matter.standing import is_imperative
from documents_app.domain.matter.types import KeyTerm
from documents_app.domain.reading.keyphrases import MAX_WORDS, Phrase, Phrases, Stems, parts_of
from documents_app.domain.reading.prose import is_vague
from documents_app.engine.corpus import Corpus
from documents_app.engine.joining import MOST_TERMS
from tutor_project.language import Language

_MAX_CONCEPTS, _WORDS_PER_CONCEPT = 45, 400
_FIRST = 12
"""As many concepts a text of some length has, however short it is."""
_MOST_RANKED = 600
_SET_APART = 0.8
"""The weight from which the authors themselves set a term apart; each of these is a concept."""
_MOST_SET_APART = 60
_WORDLIKE = re.compile(r"[\w'’.,+#\-–/()]*\w[\w'’.,+#\-–/()]*")
_SPELLED = re.compile(r"[^\W\d_]{2}")
"""Letters and numbers alone ("T1–D7") are signs for something, no names."""
_NUMERAL = re.compile(r"(?:(?=[IVX])X{0,3}(?:IX|IV|V?I{0,3})|\d+)(?:[a-zº°ª]{1,3}|\.)?")
"""An Arabic number, or a Roman one up to 39, with the ending of an ordinal."""
_GENERAL = ("generic_nouns", "relational_nouns", "vague_titles", "everyday_nouns")
_INSIDE = 0.3
"""A phrase that stands alone in fewer than this share of its places belongs to the longer one around it."""


@dataclass(frozen=True, slots=True)
class ConceptCandidate:
    """A possible concept: its stems, its name, where it is named, and how much speaks for it."""

    stems: Stems
    name: str
    sentences: tuple[int, ...]
    count: int
    alone: int
    c_value: float
    in_heading: float
    authors: float
    """What the authors made of it, 0 to 1: a glossary entry most, a mere phrase nothing."""
    titled: int = 0
    """In how many titles it stands."""
    around: int = 0
    """How often the longer name is used in which it stands most."""
    is_set_apart: bool = False
    """Whether the authors themselves set it apart."""
    definition: KeyTerm | None = None
    score: float = 0.0

    @property
    def named(self) -> int:
        """How often it is named, in titles too."""
        return self.count + self.titled

    @property
    def alone_share(self) -> float:
        """The share of its places in which it is no part of a longer name."""
        return min(self.alone, self.count - self.around) / self.count if self.count else 1.0


def rank_candidates(corpus: Corpus) -> list[ConceptCandidate]:
    """Return the candidates for concepts of the corpus, best first."""
    shares, titled = _heading_shares(corpus)
    inside = _around(corpus.phrases)
    terms = {term.stems: term for term in corpus.matter.terms}
    short_forms = _short_forms(corpus)
    shorts: dict[Stems, list[Stems]] = defaultdict(list)
    for short, long in short_forms.items():
        shorts[long].append(short)
    found = []
    for stems in dict.fromkeys([*corpus.phrases.by_stems, *terms]):
        if stems in short_forms:
            continue
        candidate = _candidate(
            stems, corpus, terms.get(stems), shares.get(stems, 0.0), titled[stems], inside.get(stems, 0)
        )
        for short in shorts.get(stems, ()):
            candidate = _with_short_form(candidate, corpus.phrases.by_stems[short])
        if _is_worth_ranking(candidate, corpus):
            found.append(candidate)
    found.sort(key=lambda c: (-c.authors, -c.c_value, c.name))
    return sorted(_scored(found[:_MOST_RANKED], corpus), key=lambda c: (-c.score, c.name))


def _candidate(
    stems: Stems, corpus: Corpus, term: KeyTerm | None, in_heading: float, titled: int, around: int
) -> ConceptCandidate:
    phrase = corpus.phrases.by_stems.get(stems)
    sentences = corpus.naming(stems)
    count = phrase.count if phrase else len(sentences)
    alone = phrase.alone if phrase else len(sentences)
    mostly_inside = len(stems) == 1 and alone < _INSIDE * count
    return ConceptCandidate(
        stems=stems,
        name=_name(term, phrase, corpus),
        sentences=sentences,
        count=count,
        alone=alone,
        c_value=phrase.c_value if phrase else float(count),
        in_heading=in_heading * (_INSIDE if mostly_inside else 1.0),
        authors=_set_apart(term, count + titled),
        titled=titled,
        around=around,
        is_set_apart=term is not None and term.weight >= _SET_APART,
        definition=term if term and term.definition and term.span else None,
    )


def _set_apart(term: KeyTerm | None, count: int) -> float:
    """Return what authors made of a term; what they emphasise once and name nowhere else may be a mere stress."""
    if term is None:
        return 0.0
    return max(0.0, 2 * (term.weight - 0.5)) * (0.5 if count < 2 and not term.definition else 1.0)


def _name(term: KeyTerm | None, phrase: Phrase | None, corpus: Corpus) -> str:
    """Return a name as the authors set it apart, unless that is a verb of the same stem; else as it mostly stands."""
    if term and (not phrase or (term.weight >= _SET_APART and corpus.phrases.may_name(term.name))):
        return term.name
    return phrase.name if phrase else ""


def _with_short_form(candidate: ConceptCandidate, short: Phrase) -> ConceptCandidate:
    """Count an abbreviation with the name that the text gives it for."""
    return replace(
        candidate,
        sentences=tuple(sorted({*candidate.sentences, *short.sentences})),
        count=candidate.count + short.count,
        alone=candidate.alone + short.alone,
        c_value=candidate.c_value + 0.5 * short.c_value,
    )


_BRACKETED = re.compile(r"\(([A-Z][A-Za-z]{1,7}s?)\)")


def _short_forms(corpus: Corpus) -> dict[Stems, Stems]:
    """Return the stems of abbreviations, each with those of the name that stands before it: "central nervous system (CNS)"."""
    found: dict[Stems, Stems] = {}
    tongue = corpus.language
    for text in corpus.texts:
        brackets = list(_BRACKETED.finditer(text))
        words = tongue.content_words(text) if brackets else []
        for bracket in brackets:
            letters = bracket[1].rstrip("s").lower()
            end = bisect_left(words, (bracket.start(),))
            full = [word.text for word in words[max(0, end - len(letters)) : end]]
            if len(letters) > 1 and "".join(word[0].lower() for word in full) == letters:
                long_form = tuple(map(tongue.stem, full))
                if long_form in corpus.phrases.by_stems:
                    found |= {
                        short: long_form for short in ((letters,), (letters + "s",)) if short in corpus.phrases.by_stems
                    }
    return found


def _heading_shares(corpus: Corpus) -> tuple[dict[Stems, float], Counter[Stems]]:
    """Return for each run of words in a title which share of the title's content words it makes up, and in how many it stands.

    No name goes on over a stop in a title, nor over a small word that joins no names.
    """
    shares: dict[Stems, float] = defaultdict(float)
    titled: Counter[Stems] = Counter()
    for title, all_stems in zip(corpus.titles, corpus.title_stems, strict=True):
        runs = {
            run[first : first + size]
            for run in _title_runs(title, corpus.language)
            for size in range(1, min(len(run), MAX_WORDS) + 1)
            for first in range(len(run) - size + 1)
        }
        titled.update(runs)
        for run in runs if all_stems else ():
            shares[run] = max(shares[run], len(run) / len(all_stems))
    return dict(shares), titled


def _title_runs(title: str, tongue: Language) -> Iterator[Stems]:
    """Yield the stems of the runs of a title in which a name may stand."""
    joining = {word.rstrip("'’") for word in tongue.phrase_set("joining_words") | tongue.phrase_set("determiners")}
    run: list[str] = []
    end = 0
    for word in tongue.content_words(title):
        between = title[end : word.start].lower().replace("’", "'").replace("'", " ").split()
        if run and not (set(between) <= joining or title[end : word.start] in {"-", "‑"}):
            yield tuple(run)
            run = []
        run.append(tongue.stem(word.text))
        end = word.end
    if run:
        yield tuple(run)


def _around(phrases: Phrases) -> dict[Stems, int]:
    """Return how often the longer phrase is named that holds a phrase most often."""
    found: dict[Stems, int] = {}
    for stems, phrase in phrases.by_stems.items():
        for part in parts_of(stems) if phrase.count > 1 else ():
            found[part] = max(found.get(part, 0), phrase.count)
    return found


def _is_worth_ranking(candidate: ConceptCandidate, corpus: Corpus) -> bool:
    if not candidate.sentences or not _reads_as_a_name(candidate, corpus):
        return False
    # Words are emphasised and put into headings for many reasons: a verb or a lone adjective is no term for that.
    if candidate.stems not in corpus.phrases.by_stems and not candidate.definition:
        return corpus.phrases.may_name(candidate.name) and candidate.authors > 0
    if candidate.authors:
        return True
    if is_imperative(candidate.name, corpus.language, corpus.matter.verbs):
        return False
    return candidate.named >= (2 if len(candidate.stems) > 1 else 3)


def _reads_as_a_name(candidate: ConceptCandidate, corpus: Corpus) -> bool:
    """Tell whether a name is spelled in words and names one thing: no relation said once, no two things as one."""
    name, tongue = candidate.name, corpus.language
    if not is_term(name, tongue) or is_vague(name, tongue) or not _SPELLED.search(name):
        return False
    if not all(_WORDLIKE.fullmatch(part) for part in name.split()):
        return False
    if _is_a_count(name, tongue):
        return False
    if candidate.named < 2 and _says_a_relation(candidate, corpus):
        return False
    # "lists and dictionaries"
    return candidate.definition is not None or not tongue.phrase_set("conjunctions") & set(name.lower().split()[1:-1])


def _is_a_count(name: str, tongue: Language) -> bool:
    """Tell whether a name is a number with a general noun: "XVIIIe siècle", "19th century", "phase 2"."""
    parts = [word.text for word in tongue.content_words(name)]
    numbers = [part for part in parts if _NUMERAL.fullmatch(part)]
    general = {word for group in _GENERAL for word in tongue.phrase_set(group)}
    return bool(numbers) and all(part in numbers or part.lower() in general for part in parts)


def _says_a_relation(candidate: ConceptCandidate, corpus: Corpus) -> bool:
    """Tell whether a name of several words is one of an argument, a step, a result and the like."""
    shape = corpus.phrases.shape
    content = corpus.language.content_words(candidate.name)
    head = content[-1 if shape.head_last else 0] if len(content) > 1 else None
    return head is not None and head.text.lower() in corpus.language.phrase_set("relational_nouns")


def _scored(candidates: Sequence[ConceptCandidate], corpus: Corpus) -> list[ConceptCandidate]:
    if not candidates:
        return []
    vectors = corpus.embed([candidate.name for candidate in candidates])
    centroid = corpus.vectors.mean(axis=0)
    likeness = vectors @ (centroid / max(1e-9, float(np.linalg.norm(centroid))))
    likeness = (likeness - likeness.min()) / max(1e-9, float(likeness.max() - likeness.min()))
    most = log1p(max(candidate.c_value for candidate in candidates)) or 1.0
    sections = max(1, len(corpus.by_section))
    total = max(1, len(corpus.texts))
    return [
        replace(
            candidate,
            score=_shape_factor(candidate, corpus)
            * (
                0.40 * log1p(candidate.c_value) / most
                + 0.20 * candidate.in_heading
                + 0.20 * candidate.authors
                + 0.16 * (candidate.definition is not None)
                + 0.12 * float(near)
                + _wording(candidate, corpus.language)
                + 0.08 * sqrt(len({corpus.owners[at] for at in candidate.sentences}) / sections)
                + 0.04 * (1 - candidate.sentences[0] / total)
            ),
        )
        for candidate, near in zip(candidates, likeness, strict=True)
    ]


_LONG_WORD = 12


def _wording(candidate: ConceptCandidate, tongue: Language) -> float:
    """What the words speak for or against a name: common words are short (Zipf 1935), and words of any subject name none."""
    words = [word.text.lower() for word in tongue.content_words(candidate.name)]
    general = sum(any(word in tongue.phrase_set(name) for name in _GENERAL) for word in words)
    longest = max(map(len, words), default=0)
    return 0.08 * min(1.0, longest / _LONG_WORD) - 0.10 * general / max(1, len(words))


def _shape_factor(candidate: ConceptCandidate, corpus: Corpus) -> float:
    """A lone word counts fully only where a heading, a definition or the authors' marks name it, or a capital does."""
    if len(candidate.stems) > 1:
        return 1.0
    everyday = candidate.stems[0] in map(corpus.language.stem, corpus.language.phrase_set("everyday_nouns"))
    named = candidate.in_heading >= 0.6 or candidate.definition or candidate.authors >= 0.4 or candidate.name.isupper()
    factor = 0.35 + 0.65 * min(1.0, 2 * candidate.alone_share)
    return factor if named and not everyday else factor * (0.5 if everyday else 0.68)


def choose_concepts(candidates: Sequence[ConceptCandidate], corpus: Corpus) -> list[ConceptCandidate]:
    """Return the concepts worth showing: the best overall, the best of each longer section, what the authors set apart."""
    words = sum(text.count(" ") + 1 for text in corpus.texts)
    wanted = min(_MAX_CONCEPTS, max(5, min(_FIRST, words // 100), round(words / _WORDS_PER_CONCEPT)))
    chosen: list[ConceptCandidate] = []

    def take(offered: Iterable[ConceptCandidate], limit: int) -> None:
        for candidate in offered:
            if limit <= 0:
                return
            if not _repeats(candidate, chosen, corpus):
                chosen.append(candidate)
                limit -= 1

    take(candidates, wanted)
    at_home: dict[int, list[ConceptCandidate]] = defaultdict(list)
    for candidate in candidates:
        for index in home_sections(candidate, corpus):
            at_home[index].append(candidate)
    covered = Counter(index for candidate in chosen for index in home_sections(candidate, corpus))
    for section, members in corpus.by_section.items():
        missing = 2 - covered[section]
        if len(members) >= 4 and missing > 0 and len(chosen) < wanted + 25:
            take(at_home[section], missing)
    marked = sorted((c for c in candidates if c.is_set_apart), key=lambda c: -c.authors)
    take(marked, _MOST_SET_APART)
    return sorted(chosen, key=lambda c: (-c.score, c.name))


def _repeats(candidate: ConceptCandidate, chosen: Sequence[ConceptCandidate], corpus: Corpus) -> bool:
    """Tell whether a chosen concept already says it: the same words, a longer name mostly used instead, or a mere variant."""
    own = set(candidate.stems)
    if candidate.definition is None and _is_put_together(candidate, chosen, corpus):
        return True
    for other in chosen:
        theirs = set(other.stems)
        if own == theirs or candidate is other:
            return True
        if own < theirs and candidate.alone_share < _INSIDE and not candidate.definition:
            return True
        grown_by_one = theirs < own and len(own) == len(theirs) + 1
        if grown_by_one and candidate.count < 0.12 * other.count and not (candidate.authors or candidate.in_heading):
            return True
    return False


def _is_put_together(candidate: ConceptCandidate, chosen: Sequence[ConceptCandidate], corpus: Corpus) -> bool:
    """Tell whether a name only says of a chosen concept of what it is one, or of what kind.

    "Calibration of ages" is no concept beside calibration where ages are spoken of anyway, nor are "types of frames" one
    beside frames.
    """
    tongue, shape = corpus.language, corpus.phrases.shape
    own = set(candidate.stems)
    parts = {stem for other in chosen if own > set(other.stems) for stem in other.stems}
    content = [word.text for word in tongue.content_words(candidate.name)]
    rest = [word for word in content if tongue.stem(word) not in parts]
    if not parts or {word.lower() for word in rest} <= _general_words(tongue):
        return bool(parts)
    # Only "A of B" says no more than that A, which is chosen, has to do with B.
    if len(candidate.name.split()) == len(content) or (shape.known and content[0] in rest):
        return False
    return all(corpus.phrases.count((tongue.stem(word),)) > candidate.count for word in rest)


def _general_words(tongue: Language) -> frozenset[str]:
    return tongue.phrase_set("generic_nouns") | tongue.phrase_set("relational_nouns")


def home_sections(candidate: ConceptCandidate, corpus: Corpus) -> tuple[int, ...]:
    """Return the sections that deal with a concept: it stands in the title, or in at least two of the sentences."""
    counts = Counter(corpus.owners[at] for at in candidate.sentences)
    titled = corpus.titled_by(candidate.stems)
    floor = min(2, max(counts.values(), default=0))
    return tuple(sorted({*(index for index, count in counts.items() if count >= floor), *(titled & set(counts))}))


def as_concepts(chosen: Sequence[ConceptCandidate], corpus: Corpus) -> tuple[Concept, ...]:
    """Return the concepts with importance relative to the best, evidence and sections."""
    top = max((candidate.score for candidate in chosen), default=1.0) or 1.0
    return tuple(
        Concept(
            candidate.name,
            round(candidate.score / top, 3),
            tuple(corpus.cite(at) for at in _evidence(candidate, corpus)),
            home_sections(candidate, corpus),
        )
        for candidate in chosen
    )


def _evidence(candidate: ConceptCandidate, corpus: Corpus, limit: int = 2) -> list[int]:
    """Return the sentences that best show the concept, its definition first; each names it."""
    near = corpus.vectors @ corpus.embed([candidate.name])[0]
    titled_by, defining = corpus.titled_by(candidate.stems), _defining(candidate, corpus)

    def worth(at: int) -> float:
        text = corpus.texts[at]
        place = text.lower().find(candidate.name.lower())
        subject = 1.0 if 0 <= place <= 6 else 0.6 if 0 <= place < 0.35 * len(text) else 0.0
        section = corpus.owners[at]
        leads = section == 0 or section in titled_by
        opening = max(0.0, 1 - 0.25 * corpus.place_in_section[at]) if leads else 0.0
        return (
            2.0 * (at == defining)
            + 0.5 * opening
            + 1.2 * corpus.fitness[at]
            + 0.6 * subject
            + float(near[at])
            + 0.3 * float(corpus.centrality[at])
        )

    ranked = sorted(candidate.sentences, key=lambda at: (-worth(at), at))
    return [ranked[0], *(at for at in ranked[1:limit] if corpus.fitness[at] >= 0.7)]


def _defining(candidate: ConceptCandidate, corpus: Corpus) -> int | None:
    """The sentence that defines a candidate, None where none of the prose does."""
    span = candidate.definition.span if candidate.definition else None
    if span is None:
        return None
    return next(
        (
            at
            for at in candidate.sentences
            if corpus.sentences[at].document == span.document and corpus.sentences[at].char_start == span.char_start
        ),
        None,
    )


def defined_terms(corpus: Corpus) -> tuple[WeightedTerm, ...]:
    """Return the terms the material defines, the ones its authors made most of first.

    A term that the authors set apart without a definition is given with the statement that brings it in.
    """
    matter = corpus.matter
    found: list[WeightedTerm] = []
    for term in sorted(matter.terms, key=lambda term: -term.weight):
        if term.definition and term.span is not None:
            found.append(WeightedTerm(Term(term.name, term.definition, matter.cite(term.span)), term.weight))
        elif term.weight >= _SET_APART and corpus.phrases.may_name(term.name):
            statement = matter.first_naming(term)
            if statement is not None and statement.stands_alone:
                found.append(WeightedTerm(Term(term.name, statement.text, matter.cite(statement.span)), term.weight))
    return tuple(found[:MOST_TERMS])
