"""Choosing what a lesson quotes from a section, so that it reads on without the rest.

Sentences are taken by centrality, concepts and place; one that points back brings along the sentence it points to;
neighbours are quoted as one passage.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

from documents_app.domain.analysis import Section
from documents_app.domain.keyphrases_words import reading_form
from documents_app.domain.material import SourceDocument
from documents_app.domain.summarise import centrality, fitness, needs_antecedent, points_elsewhere
from sessions_app.domain.lesson import Passage

_EXAMPLE = re.compile(
    r"(?:^|[.;,(]\s*)(?:for example|for instance|e\.g\.|as an example|an example (?:is|of this|would be)|consider (?:a|an|the|two|what)\b|"
    r"suppose\b|imagine\b|(?:worked )?example\s*\d*(?:\.\d+)*\s*[:.]|to illustrate)",
    re.IGNORECASE,
)
_IN_BRACKETS = re.compile(r"\([^()]*\)")
"""An "e.g." in brackets names members of a kind; it does not make the sentence an example."""
_STARTS_EXAMPLE = re.compile(
    r"^(?:for example|for instance|as an example|an example|consider\b|suppose\b|imagine\b|(?:worked )?example\b|to illustrate)",
    re.IGNORECASE,
)
_ABOUT_THE_TEXT = re.compile(
    r"^(?:this|the (?:present|following|next|last|previous)) (?:paper|article|chapter|section|text|book|unit|lecture|report) "
    r"(?:is (?:structured|organi[sz]ed)|describes?|introduces?|discusses?|presents?|gives?|explains?|covers?|begins|starts)\b|"
    r"^(?:in this (?:paper|article|chapter|section|unit|lecture),? (?:we|you|i)\b)|\bsections? [IVX]+\b.*\bsections? [IVX]+\b|"
    r"^(?:an? |the )?(?:\w+ )?(?:example|visuali[sz]ation|illustration|overview|diagram|schematic|depiction|sketch|photograph|"
    r"micrograph|comparison) (?:of|showing) (?:(?!\b(?:is|are|was|were|has|have|can|shows?)\b)[^.])*\.$",
    re.IGNORECASE,
)
"""Sentences that speak of the text itself, and captions: they teach nothing."""
_MAX_CHAIN = 3
_SHORT, _MOST, _SHARE = 5, 20, 0.5
"""Sentences of a section that is quoted whole, the most of any, and the share of those between."""


def explanation_indexes(
    section: Section,
    texts: Sequence[str],
    vectors: npt.NDArray[np.float32],
    names: Sequence[str],
    defining: Collection[int] = (),
) -> list[int]:
    """Return the sentences of ``section`` to quote, ascending; at least one if it has any.

    ``texts`` are their reading forms, ``vectors`` float32 [n, d], ``names`` the concepts of the section, ``defining`` the
    offsets of sentences that define its terms.
    """
    total = len(texts)
    if total == 0:
        return []
    budget = _budget(total)
    score = _scores(texts, vectors, names)
    for at, sentence in enumerate(section.sentences):
        score[at] += 0.35 * (sentence.char_start in defining)
    skipped = {at for at, text in enumerate(texts) if _ABOUT_THE_TEXT.search(text)}
    if len(skipped) == total:
        skipped = set()
    chosen: set[int] = set()
    for at in sorted(range(total), key=lambda i: (-score[i], i)):
        if len(chosen) >= budget:
            break
        chain = None if at in skipped else _with_antecedents(section, texts, at)
        if chain is not None and len(chosen | set(chain)) <= budget + 2:
            chosen.update(chain)
    if not chosen:
        chosen = set([at for at in range(total) if at not in skipped][:3])
    if total > budget:
        chosen = _joined_up(section, texts, chosen, score, budget)
    return sorted(_bridged(section, texts, chosen, budget + 3))


def _joined_up(
    section: Section, texts: Sequence[str], chosen: set[int], score: npt.NDArray[np.float64], budget: int
) -> set[int]:
    """Give room from the weakest lone sentences to what follows the strong ones: two sentences say more than one."""
    kept = set(chosen)
    lone = sorted(
        (at for at in kept if at and at - 1 not in kept and at + 1 not in kept), key=lambda at: (score[at], -at)
    )
    for at in lone[: len(lone) // 2]:
        kept.discard(at)
    for at in sorted(lone[len(lone) // 2 :], key=lambda at: -score[at]):
        if len(kept) >= budget:
            break
        after = at + 1
        if (
            after < len(texts)
            and _adjoining(section, at)
            and not _teaches_nothing(texts[after])
            and texts[after][-1:] != "?"
        ):
            kept.add(after)
    return kept


def _teaches_nothing(text: str) -> bool:
    """Tell whether a sentence leans on a figure or another place, or speaks of the text itself."""
    return points_elsewhere(text) or bool(_ABOUT_THE_TEXT.search(text))


def _budget(total: int) -> int:
    """How many sentences to quote: all of a very short section, about half of any other, and no more than are read at once."""
    return total if total <= _SHORT else min(_MOST, max(_SHORT, round(_SHARE * total)))


def _scores(texts: Sequence[str], vectors: npt.NDArray[np.float32], names: Sequence[str]) -> npt.NDArray[np.float64]:
    lowered = [name.lower().rstrip("s") for name in names]
    scores = np.zeros(len(texts))
    central = centrality(vectors)
    for at, text in enumerate(texts):
        low = text.lower()
        named = sum(name in low for name in lowered) / max(1, min(3, len(lowered)))
        place = 1.6 if at == 0 else 0.6 if at == 1 else 0.3 * (1 - at / len(texts))
        scores[at] = 0.35 * central[at] + 0.25 * min(1.0, named) + 0.25 * place + 0.3 * fitness(text)
        if _teaches_nothing(text) or text.endswith("?"):
            scores[at] -= 0.5
    return scores


def _with_antecedents(section: Section, texts: Sequence[str], at: int) -> list[int] | None:
    """The sentence and those before it that it points back to; None if the chain is too long or broken."""
    chain = [at]
    while needs_antecedent(texts[chain[0]]):
        before = chain[0] - 1
        if before < 0 or len(chain) >= _MAX_CHAIN or _teaches_nothing(texts[before]) or not _adjoining(section, before):
            return None
        chain.insert(0, before)
    return chain


def _adjoining(section: Section, at: int) -> bool:
    """Tell whether nothing of weight stands between sentence ``at`` and the next one (no dropped text)."""
    one, other = section.sentences[at], section.sentences[at + 1]
    return other.char_start - one.char_end <= 8


def _bridged(section: Section, texts: Sequence[str], chosen: set[int], limit: int) -> set[int]:
    """Fill gaps of one sentence, so that passages run on, as far as the limit allows."""
    filled = set(chosen)
    for at in sorted(chosen):
        gap = at + 1
        if len(filled) >= limit:
            break
        between = gap not in filled and gap + 1 in chosen and _adjoining(section, at) and _adjoining(section, gap)
        if between and not _teaches_nothing(texts[gap]):
            filled.add(gap)
    return filled


def passages(document: SourceDocument, section: Section, indexes: Sequence[int]) -> list[Passage]:
    """Return the chosen sentences as passages; neighbours with only white space between them are one."""
    text = document.content.text
    found: list[Passage] = []
    run: list[int] = []
    for at in [*indexes, -1]:
        if run and (at != run[-1] + 1 or not _same_paragraph(text, section, run[-1])):
            start, end = section.sentences[run[0]].char_start, section.sentences[run[-1]].char_end
            citation = document.cite(start, end)
            found.append(Passage(reading_form(citation.text), citation))
            run = []
        run.append(at)
    return found


def _same_paragraph(text: str, section: Section, at: int) -> bool:
    between = text[section.sentences[at].char_end : section.sentences[at + 1].char_start]
    return not between.strip() and not re.search(r"\n[ \t\r]*\n|\f", between)


def example_runs(section: Section, texts: Sequence[str], taken: Sequence[int], limit: int = 2) -> list[list[int]]:
    """Return runs of sentences that give an example, each with what it is an example of."""
    runs: list[list[int]] = []
    used = set(taken)
    for at, text in enumerate(texts):
        if len(runs) >= limit:
            break
        if at in used or not _EXAMPLE.search(_IN_BRACKETS.sub("", text)) or _teaches_nothing(text):
            continue
        run = [at]
        if (_STARTS_EXAMPLE.match(text) or needs_antecedent(text)) and at:
            chain = _with_antecedents(section, texts, at)
            if chain is None:
                continue
            run = chain
        after = at + 1
        while after < len(texts) and len(run) < 4 and needs_antecedent(texts[after]) and _adjoining(section, after - 1):
            run.append(after)
            after += 1
        if not used & set(run):
            runs.append(run)
            used.update(run)
    return runs
