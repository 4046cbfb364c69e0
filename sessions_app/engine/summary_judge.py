"""The built-in judge of learners' summaries: coverage, faithfulness and copying, with citations."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from documents_app.domain.analysis.types import Analysis, Concept, Section
from documents_app.domain.material import Citation, Material
from documents_app.domain.reading.english import WORD, content_stems, key, reading_form, stem
from sessions_app.domain.summaries import (
    ConceptCoverage,
    Finding,
    SummaryJudgement,
    contradiction,
    copied_share,
    names_concept,
    numbers_in,
    opposed_words,
)
from sessions_app.engine.plan import section_concepts
from tutor_project.language import language

Embed = Callable[[Sequence[str]], npt.NDArray[np.float32]]

MAX_SUMMARY_CHARS = 20_000
_SUPPORTED = 0.55
"""A statement counts as supported from this mean of word overlap and cosine with its nearest source sentences."""
_SAME_SUBJECT = 0.5
_COPIED_TOO_MUCH = 0.5
_MOST_CONCEPTS = 7


def judge_summary(
    summary: str, section: Section, analysis: Analysis, material: Material, embed: Embed
) -> SummaryJudgement:
    """Judge ``summary`` of ``section``; an empty summary scores 0 and is told what the section holds.

    Text beyond 20,000 characters is not read. Instructions in the summary are words like any other.
    """
    text = reading_form(summary[:MAX_SUMMARY_CHARS])
    document = material[section.document]
    sources = [reading_form(sentence.text) for sentence in section.sentences]
    citations = [document.cite(sentence.char_start, sentence.char_end) for sentence in section.sentences]
    statements = [text[start:end] for start, end in language(None).sentences(text)]
    if len(summary) > MAX_SUMMARY_CHARS and len(statements) > 1:
        statements.pop()  # cut in the middle
    concepts = _coverage(text, section, analysis, sources, citations)
    coverage = sum(c.covered for c in concepts) / len(concepts) if concepts else float(bool(statements))
    faithfulness, findings = _faithfulness(statements, sources, citations, embed)
    copied = copied_share(text, " ".join(sources))
    score = coverage * faithfulness * (1.0 - 0.6 * max(0.0, copied - 0.2) / 0.8) if statements else 0.0
    feedback = _feedback(concepts, findings, copied, bool(statements))
    cited = [c.citation for c in concepts if not c.covered] + [f.citation for f in findings if f.citation]
    return SummaryJudgement(
        coverage=round(coverage, 3),
        faithfulness=round(faithfulness, 3),
        copied=round(copied, 3),
        score=round(score, 3),
        concepts=tuple(concepts),
        findings=tuple(findings),
        feedback=feedback,
        citations=tuple(dict.fromkeys(cited)),
    )


def _coverage(
    text: str, section: Section, analysis: Analysis, sources: Sequence[str], citations: Sequence[Citation]
) -> list[ConceptCoverage]:
    """The main concepts of the section, more for a longer one; another name the section gives one counts for it."""
    keys = [key(m[0]) for m in WORD.finditer(text)]
    concepts = section_concepts(analysis, section, max(3, min(_MOST_CONCEPTS, round(len(sources) ** 0.5))))
    named = {concept.name: names_concept(keys, concept.name) for concept in concepts}
    source = " ".join(sources)
    return [
        ConceptCoverage(
            concept.name,
            named[concept.name]
            or any(hit and _same_thing(concept.name, other, source) for other, hit in named.items()),
            _best_passage(concept, section, sources, citations),
        )
        for concept in concepts
    ]


def _same_thing(name: str, other: str, source: str) -> bool:
    """Tell whether ``other`` is the head of ``name``, or the section introduces one as another name of the other."""
    if name.lower().split()[-1:] == other.lower().split()[-1:] and len(other.split()) < len(name.split()):
        return True
    link = r"\W+(?:or|also(?: \w+)? (?:known|called|referred to|termed)(?: as)?|known as|called)\W+(?:the |an? )?"
    return any(
        re.search(re.escape(one) + link + re.escape(two), source, re.IGNORECASE)
        for one, two in ((name, other), (other, name))
    )


def _best_passage(
    concept: Concept, section: Section, sources: Sequence[str], citations: Sequence[Citation]
) -> Citation:
    """The concept's own evidence if it stands in this section, else the section's first sentence that names it."""
    own = {citation.char_start: citation for citation in citations}
    for evidence in concept.evidence:
        if citations and evidence.document_id == citations[0].document_id and evidence.char_start in own:
            return own[evidence.char_start]
    for source, citation in zip(sources, citations, strict=True):
        if names_concept([key(m[0]) for m in WORD.finditer(source)], concept.name):
            return citation
    return citations[0] if citations else concept.evidence[0]


def _faithfulness(
    statements: Sequence[str], sources: Sequence[str], citations: Sequence[Citation], embed: Embed
) -> tuple[float, list[Finding]]:
    """Return the share of statements that the section bears out, and what is wrong with the others."""
    if not statements or not sources:
        return 0.0, []
    vectors = embed([*statements, *sources])
    near = vectors[: len(statements)] @ vectors[len(statements) :].T
    stems = [set(content_stems(source)) for source in sources]
    findings: list[Finding] = []
    for at, statement in enumerate(statements):
        finding = _check(statement, near[at], stems, sources, citations)
        if finding is not None:
            findings.append(finding)
    return 1.0 - len(findings) / len(statements), findings


def _check(
    statement: str,
    near: npt.NDArray[np.float32],
    stems: Sequence[set[str]],
    sources: Sequence[str],
    citations: Sequence[Citation],
) -> Finding | None:
    own = set(content_stems(statement))
    if not own:
        return None
    overlap = np.asarray([len(own & other) / len(own) for other in stems], dtype=np.float32)
    likeness = 0.5 * overlap + 0.5 * np.clip(near, 0.0, 1.0)
    order = np.argsort(-likeness, kind="stable")[:3]
    best = int(order[0])
    opposed = [
        (int(at), found)
        for at in order
        if likeness[at] >= _SAME_SUBJECT
        and likeness[at] >= 0.85 * likeness[best]
        and (found := contradiction(statement, sources[int(at)]))
    ]
    agreed = any(likeness[at] >= _SAME_SUBJECT and contradiction(statement, sources[int(at)]) is None for at in order)
    if opposed and opposed[0][0] == best:
        kind, message = opposed[0][1]
        if kind != "number" or not _number_elsewhere(statement, sources):
            return Finding(kind, statement, message, citations[best])
    turned = _turned_round(statement, sources, stems)
    if turned is not None:
        at, message = turned
        return Finding("opposite", statement, message, citations[at])
    pooled = len(own & set().union(*(stems[int(at)] for at in order))) / len(own)
    support = max(float(likeness[best]), 0.5 * pooled + 0.5 * max(0.0, float(near[best])))
    if support < _SUPPORTED and not (agreed and pooled >= 0.8):
        return Finding(
            "unsupported", statement, "The section does not say this.", citations[best] if overlap[best] > 0.2 else None
        )
    return None


def _turned_round(statement: str, sources: Sequence[str], stems: Sequence[set[str]]) -> tuple[int, str] | None:
    """A sentence about the same thing that says the opposite of a word the section never uses."""
    own = set(content_stems(statement))
    section = " ".join(sources).lower()
    for at, source in enumerate(sources):
        for one, other in opposed_words(statement, source) if own & stems[at] else ():
            rest = own - {stem(one)}
            if rest and len(rest & stems[at]) >= 0.5 * len(rest) and not re.search(rf"\b{re.escape(one)}", section):
                return at, f"You write “{one}”; the material says “{other}”."
    return None


def _number_elsewhere(statement: str, sources: Sequence[str]) -> bool:
    """Tell whether another sentence of the section states the statement's numbers about the same subject."""
    stems = content_stems(statement)
    subject, numbers = stems[0], numbers_in(statement)
    return any(numbers <= numbers_in(source) and subject in set(content_stems(source)) for source in sources)


def _feedback(concepts: Sequence[ConceptCoverage], findings: Sequence[Finding], copied: float, written: bool) -> str:
    covered = [c.name for c in concepts if c.covered]
    missing = [c for c in concepts if not c.covered]
    if not written:
        names = ", ".join(c.name for c in concepts)
        return f"There is no summary yet. The section deals with {names}." if names else "There is no summary yet."
    parts: list[str] = []
    if covered:
        parts.append(f"Your summary covers {_listed(covered)}.")
    if missing:
        parts.append(f"It does not mention {_listed([c.name for c in missing])}; read the passages given and add them.")
    contradicted = [f for f in findings if f.kind != "unsupported"]
    parts += [f"Check “{_short(finding.statement)}”: {finding.message}" for finding in contradicted[:3]]
    unsupported = [f for f in findings if f.kind == "unsupported"]
    if unsupported:
        quoted = "; ".join(f"“{_short(f.statement)}”" for f in unsupported[:3])
        parts.append(f"The section does not bear out {quoted}.")
    if copied > _COPIED_TOO_MUCH:
        parts.append(f"About {round(100 * copied)} % is word for word from the text: say it in your own words.")
    if not missing and not findings and copied <= _COPIED_TOO_MUCH:
        parts.append("Nothing important is missing and nothing contradicts the text.")
    return " ".join(parts)


def _short(text: str, limit: int = 90) -> str:
    return text if len(text) <= limit else text[:limit].rsplit(" ", 1)[0] + " …"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
