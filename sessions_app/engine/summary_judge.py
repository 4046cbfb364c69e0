"""The built-in judge of learners' summaries: what they cover, what they get wrong, what is copied, with citations.

The score is monotone: a summary that contradicts the section is below one that says nothing of it, that one below a
partial summary, and that below a full one. Rewording costs nothing: a sentence counts against the learner only where it
contradicts a sentence of the section in a word or number that can be named.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from documents_app.domain.analysis.types import Analysis, Concept, Section
from documents_app.domain.material import Citation, Material
from documents_app.domain.reading.form import reading_form
from sessions_app.domain.asking import language_of_question
from sessions_app.domain.contradictions import Pair, contradiction, names_pairs
from sessions_app.domain.speech import Speech
from sessions_app.domain.summaries import (
    ConceptCoverage,
    SummaryFault,
    SummaryJudgement,
    copied_share,
    gives_another_name,
    names_concept,
)
from sessions_app.engine.plan import section_concepts
from tutor_project.language import Language, language

Vectors = npt.NDArray[np.float32]
Embed = Callable[[Sequence[str]], Vectors]

Contradicted = Callable[[Sequence[tuple[str, str]]], Sequence[bool]]
"""Tells of each (statement, passage) whether the passage says otherwise."""

MAX_SUMMARY_CHARS = 20_000
TEXTS = "summary_texts"
_NOTHING_FALSE = 0.1
"""The score of a summary that says nothing of the section, and nothing false of it either."""
_WEIGHTY_WORDS = 25
"""As many of a section's weightiest words as would make a full summary."""
_ALIKE_FROM, _ALIKE_TO = 0.3, 0.7
"""The cosine from which a sentence of the section is said in part, and from which it is said."""
_FULL = 0.35
"""The smaller, the sooner a summary is nearly full: there the score has won two thirds of what can be won."""
_FALSE_COSTS = 2.0
"""A false sentence takes away what it and another one could have won: half of them false leave hardly anything."""
_LEAST_LEFT = 0.1
"""What is left of the score at least: less than a summary that says nothing gets, and never nothing, since a finding may err."""
_COMPARED = 6
_COMPARABLE = 0.4
"""A sentence is compared with those of the section that are nearest to it, from this cosine on."""
_FOREIGN_WORDS, _FOREIGN_MEANING = 0.25, 0.25
"""Below both, share of its words and cosine, a sentence speaks of something else than the section. Of faithful sentences in
words of one's own 6 % lie below, of those on another section of the same field 64 %."""
_COPIED_TOO_MUCH = 0.5
_MOST_CONCEPTS = 7


@dataclass(frozen=True)
class _Sources:
    """The sentences of a section with their citations and vectors; how much each of its words weighs; names in it."""

    texts: list[str]
    citations: list[Citation]
    vectors: Vectors
    tongue: Language
    weights: dict[str, float]
    names: frozenset[Pair]


def judge_summary(
    summary: str,
    section: Section,
    analysis: Analysis,
    material: Material,
    embed: Embed,
    contradicted: Contradicted | None = None,
    *,
    spoken: Language | None = None,
) -> SummaryJudgement:
    """Judge ``summary`` of ``section`` in the language ``spoken`` (English); an empty summary scores 0 and is told what
    the section holds.

    ``contradicted`` is a second reader, asked about the statements in which the rules find nothing: it can add to what is
    found and take nothing away.
    Text beyond 20,000 characters is not read. Instructions in the summary are words like any other.
    """
    say = Speech(spoken or language("en"), TEXTS)
    sources = _sources(section, analysis, material, embed)
    text = reading_form(summary[:MAX_SUMMARY_CHARS])
    statements = _statements(text, sources.tongue, is_cut=len(summary) > MAX_SUMMARY_CHARS)
    near = _likeness(statements, sources, embed)
    concepts = _coverage(text, section, analysis, sources)
    coverage = sum(c.covered for c in concepts) / len(concepts) if concepts else float(bool(statements))
    findings = _findings(statements, near, sources, contradicted, say)
    copied = copied_share(text, " ".join(sources.texts), sources.tongue)
    cited = [c.citation for c in concepts if not c.covered] + [f.citation for f in findings if f.citation]
    false = sum(finding.kind != "unsupported" for finding in findings)
    return SummaryJudgement(
        coverage=round(coverage, 3),
        faithfulness=round(1.0 - len(findings) / len(statements), 3) if statements else 0.0,
        copied=round(copied, 3),
        score=round(_score(_said(statements, near, sources), copied, false / len(statements)), 3)
        if statements
        else 0.0,
        concepts=tuple(concepts),
        findings=tuple(findings),
        feedback=_feedback(concepts, findings, copied, bool(statements), say),
        citations=tuple(dict.fromkeys(cited)),
    )


def _statements(text: str, tongue: Language, *, is_cut: bool) -> list[str]:
    """Return the sentences of a text that say something; the last one of a text that is cut stands for no whole one."""
    spans = tongue.sentences(text)
    found = [text[start:end] for start, end in spans if any(map(str.isalpha, text[start:end]))]
    return found[:-1] if is_cut and len(found) > 1 else found


def _findings(
    statements: Sequence[str], near: Vectors, sources: _Sources, contradicted: Contradicted | None, say: Speech
) -> list[SummaryFault]:
    """Return what is wrong with the statements, by the rules and then by the second reader."""
    checked = [_finding(statement, near[at], sources, say) for at, statement in enumerate(statements)]
    if contradicted is not None:
        checked = _read_again(checked, statements, near, sources, contradicted, say)
    return [finding for finding in checked if finding is not None]


def _read_again(
    checked: Sequence[SummaryFault | None],
    statements: Sequence[str],
    near: Vectors,
    sources: _Sources,
    contradicted: Contradicted,
    say: Speech,
) -> list[SummaryFault | None]:
    """Return the findings with those of the second reader, who is shown the nearest sentences in their order."""
    if not sources.texts:
        return list(checked)
    nearest = {at: sorted(np.argsort(-near[at])[:_COMPARED]) for at, finding in enumerate(checked) if finding is None}
    shown = [(statements[at], " ".join(sources.texts[place] for place in places)) for at, places in nearest.items()]
    found = list(checked)
    for at, refuted in zip(nearest, contradicted(shown), strict=True):
        if refuted:
            citation = sources.citations[int(np.argmax(near[at]))]
            found[at] = SummaryFault("contradiction", statements[at], say("contradiction"), citation)
    return found


def _sources(section: Section, analysis: Analysis, material: Material, embed: Embed) -> _Sources:
    document = material[section.document]
    texts = [reading_form(sentence.text) for sentence in section.sentences]
    tongue = language_of_question(" ".join(texts))
    names = [concept.name for concept in analysis.concepts] + [one.title for one in analysis.sections]
    return _Sources(
        texts,
        [document.cite(sentence.char_start, sentence.char_end) for sentence in section.sentences],
        embed(texts),
        tongue,
        _weights(section, analysis, tongue),
        names_pairs(names, tongue),
    )


def _weights(section: Section, analysis: Analysis, tongue: Language) -> dict[str, float]:
    """Map the words of a section to their weight: in how many of its sentences, and in how few other sections, they stand."""

    def words(one: Section) -> Counter[str]:
        return Counter(stem for sentence in one.sentences for stem in set(tongue.content_stems(sentence.text)))

    spread = Counter(stem for one in analysis.sections for stem in words(one))
    total = len(analysis.sections)
    return {stem: count**0.5 * math.log(1 + total / spread[stem]) for stem, count in words(section).items()}


def _likeness(statements: Sequence[str], sources: _Sources, embed: Embed) -> Vectors:
    """Return the cosine of each statement with each sentence of the section."""
    if not statements or not sources.texts:
        return np.zeros((len(statements), len(sources.texts)), dtype=np.float32)
    return np.asarray(embed(statements) @ sources.vectors.T, dtype=np.float32)


def _said(statements: Sequence[str], near: Vectors, sources: _Sources) -> float:
    """Return how much of the section a summary says: the mean of its words' weight and its sentences' meaning, [0, 1]."""
    if not sources.weights:
        return 0.0
    own = {stem for statement in statements for stem in sources.tongue.content_stems(statement)}
    full = sum(sorted(sources.weights.values(), reverse=True)[:_WEIGHTY_WORDS])
    words = sum(weight for stem, weight in sources.weights.items() if stem in own) / full
    meaning = np.clip((near.max(axis=0) - _ALIKE_FROM) / (_ALIKE_TO - _ALIKE_FROM), 0.0, 1.0).mean()
    return (min(1.0, words) + float(meaning)) / 2


def _score(said: float, copied: float, false: float) -> float:
    own_words = 1.0 - 0.6 * max(0.0, copied - 0.2) / 0.8
    won = (1.0 - math.exp(-said / _FULL)) * own_words
    return (_NOTHING_FALSE + (1.0 - _NOTHING_FALSE) * won) * max(_LEAST_LEFT, 1.0 - _FALSE_COSTS * false)


def _finding(statement: str, near: Vectors, sources: _Sources, say: Speech) -> SummaryFault | None:
    """Return what is wrong with a statement: it contradicts a sentence near to it, or speaks of something else."""
    order = [int(at) for at in np.argsort(-near, kind="stable")[:_COMPARED]]
    comparable = [at for at in order if near[at] >= _COMPARABLE]
    if found := contradiction(statement, sources.texts, comparable, sources.tongue, sources.names):
        message = say(found.kind, mine=found.mine, theirs=found.theirs)
        return SummaryFault(found.kind, statement, message, sources.citations[found.source])
    own = set(sources.tongue.content_stems(statement))
    shared = sum(stem in sources.weights for stem in own)
    if own and order and shared < _FOREIGN_WORDS * len(own) and near[order[0]] < _FOREIGN_MEANING:
        place = sources.citations[order[0]] if shared else None
        return SummaryFault("unsupported", statement, say("unsupported"), place)
    return None


def _coverage(text: str, section: Section, analysis: Analysis, sources: _Sources) -> list[ConceptCoverage]:
    """The main concepts of the section, more for a longer one; another name the section gives one counts for it."""
    said = sources.tongue.stems(text)
    concepts = section_concepts(analysis, section, max(3, min(_MOST_CONCEPTS, round(len(sources.texts) ** 0.5))))
    named = {concept.name: names_concept(said, sources.tongue.stems(concept.name)) for concept in concepts}
    source = " ".join(sources.texts)
    return [
        ConceptCoverage(
            concept.name,
            named[concept.name]
            or any(hit and _same_thing(concept.name, other, source, sources.tongue) for other, hit in named.items()),
            _best_passage(concept, sources),
        )
        for concept in concepts
    ]


def _same_thing(name: str, other: str, source: str, tongue: Language) -> bool:
    """Tell whether ``other`` is the head of ``name``, or the section gives one as another name of the other."""
    if name.lower().split()[-1:] == other.lower().split()[-1:] and len(other.split()) < len(name.split()):
        return True
    return any(gives_another_name(source, one, two, tongue) for one, two in ((name, other), (other, name)))


def _best_passage(concept: Concept, sources: _Sources) -> Citation:
    """The concept's own evidence if it stands in this section, else the section's first sentence that names it."""
    citations = sources.citations
    own = {citation.char_start: citation for citation in citations}
    name = sources.tongue.stems(concept.name)
    for evidence in concept.evidence:
        if citations and evidence.document_id == citations[0].document_id and evidence.char_start in own:
            return own[evidence.char_start]
    for source, citation in zip(sources.texts, citations, strict=True):
        if names_concept(sources.tongue.stems(source), name):
            return citation
    return citations[0] if citations else concept.evidence[0]


def _feedback(
    concepts: Sequence[ConceptCoverage], findings: Sequence[SummaryFault], copied: float, written: bool, say: Speech
) -> str:
    if not written:
        names = ", ".join(c.name for c in concepts)
        return say("nothing_written_of", names=names) if names else say("nothing_written")
    said = [*_covered(concepts, say), *_contradicted(findings, say), *_unsupported(findings, say)]
    if copied > _COPIED_TOO_MUCH:
        said.append(say("copied", percent=round(100 * copied)))
    elif not findings and all(c.covered for c in concepts):
        said.append(say("all_good"))
    return say.joined(*said)


def _covered(concepts: Sequence[ConceptCoverage], say: Speech) -> Iterator[str]:
    for code, is_covered in (("covers", True), ("leaves_out", False)):
        if names := [c.name for c in concepts if c.covered is is_covered]:
            yield say(code, names=say.listed(names))


def _unsupported(findings: Sequence[SummaryFault], say: Speech) -> Iterator[str]:
    quoted = [say("statement", text=_short(f.statement)) for f in findings if f.kind == "unsupported"]
    if quoted:
        yield say("not_borne_out", statements="; ".join(quoted[:3]))


def _contradicted(findings: Sequence[SummaryFault], say: Speech) -> list[str]:
    found = [finding for finding in findings if finding.kind != "unsupported"]
    return [say("check", statement=_short(finding.statement), message=finding.message) for finding in found[:3]]


def _short(text: str, limit: int = 90) -> str:
    return text if len(text) <= limit else text[:limit].rsplit(" ", 1)[0] + " …"
