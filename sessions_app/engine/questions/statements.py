"""Statements for true/false: the material's own, or the same made false in one provable place."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

from sessions_app.domain.grading.numbers import find_quantities
from sessions_app.domain.questions.text import content_roots
from sessions_app.engine.questions.distractors import DistractorFinder, numbers
from sessions_app.engine.questions.drafts import Draft
from sessions_app.engine.questions.reading import ReadSentence
from sessions_app.engine.questions.tagging import can_be_verb, lexicon_tag
from sessions_app.engine.questions.wording import article, strip_determiner, upper_first

# Opposites that turn a sentence round wherever they stand; the rest of the list depends on the subject.
_TURNS = {
    "increases": "decreases", "decreases": "increases", "increase": "decrease", "decrease": "increase",
    "increased": "decreased", "decreased": "increased", "increasing": "decreasing", "decreasing": "increasing",
    "higher": "lower", "larger": "smaller", "smaller": "larger", "longer": "shorter", "shorter": "longer",
    "greater": "smaller", "faster": "slower", "slower": "faster", "largest": "smallest", "smallest": "largest",
    "highest": "lowest", "lowest": "highest", "before": "after", "after": "before", "above": "below", "below": "above",
    "inside": "outside", "outside": "inside", "inner": "outer", "outer": "inner", "internal": "external",
    "external": "internal", "positive": "negative", "negative": "positive", "positively": "negatively",
    "negatively": "positively", "anterior": "posterior", "posterior": "anterior", "dorsal": "ventral",
    "ventral": "dorsal", "upper": "lower", "excitatory": "inhibitory", "inhibitory": "excitatory",
    "thicker": "thinner", "thinner": "thicker", "aerobic": "anaerobic", "anaerobic": "aerobic",
    "unicellular": "multicellular", "multicellular": "unicellular", "single-stranded": "double-stranded",
    "double-stranded": "single-stranded", "stronger": "weaker", "weaker": "stronger", "earlier": "later",
    "later": "earlier", "prevents": "causes", "northern": "southern", "southern": "northern", "eastern": "western",
    "western": "eastern", "constitutional": "unconstitutional", "rejected": "accepted",
    "accepted": "rejected", "present": "absent", "absent": "present", "heavier": "lighter", "lighter": "heavier",
    "hydrophilic": "hydrophobic", "hydrophobic": "hydrophilic", "stimulates": "inhibits", "inhibits": "stimulates",
    "sexual": "asexual",
    "won": "lost", "lost": "won", "permits": "forbids", "forbids": "permits", "upheld": "overturned", "overturned": "upheld",
    "guilty": "innocent", "vertical": "horizontal", "horizontal": "vertical", "perpendicular": "parallel", "parallel": "perpendicular",
    "directly": "inversely", "inversely": "directly", "attracts": "repels", "repels": "attracts", "absorbs": "emits", "emits": "absorbs",
}  # fmt: skip
for _pair in """high/low
    large/small long/short thick/thin wide/narrow strong/weak hot/cold warm/cool wet/dry fast/slow rich/poor male/female
    active/inactive open/closed opens/closes public/private domestic/foreign urban/rural formal/informal legal/illegal direct/indirect
    dependent/independent organic/inorganic
    soluble/insoluble permeable/impermeable polar/nonpolar stable/unstable reversible/irreversible voluntary/involuntary
    permanent/temporary linear/circular
    intracellular/extracellular presynaptic/postsynaptic prokaryotic/eukaryotic haploid/diploid dominant/recessive anode/cathode
    cation/anion cations/anions
    gains/loses gain/lose gained/lost rises/falls rise/fall raises/lowers raise/lower raising/lowering expands/contracts
    expand/contract strengthens/weakens strengthened/weakened
    maximum/minimum first/last top/bottom begins/ends enters/leaves enter/leave contains/lacks contain/lack victory/defeat
    surplus/deficit buys/sells
    borrowers/lenders afferent/efferent sympathetic/parasympathetic smooth/rough simplest/complex oldest/youngest easier/harder
    deeper/shallower
    depolarizes/hyperpolarizes endothermic/exothermic convex/concave enriched/depleted abolished/introduced joined/separated
    export/import exports/imports
    consumers/producers plaintiff/defendant major/minor finite/infinite equal/unequal symmetric/asymmetric regular/irregular
    monophonic/polyphonic
    minimizes/maximizes encourages/discourages encourage/discourage encouraging/discouraging appeared/disappeared appears/disappears
    legalized/banned
    winning/losing heavy/light deep/shallow steep/gentle rapidly/slowly quickly/slowly slowly/rapidly rapid/slow coarse/fine
    natural/artificial
    within/outside upward/downward upwards/downwards clockwise/anticlockwise eastward/westward northward/southward""".split():
    _one, _other = _pair.split("/")
    _TURNS.setdefault(_one, _other)
    _TURNS.setdefault(_other, _one)
_NOT_GENERAL = re.compile(
    r"\b(?:some|can|could|may|might|often|sometimes|many|several|typically|generally|usually|other|certain|most|few|both"
    r"|either|another|for example)\b",
    re.IGNORECASE,
)
"""Claims about a part of the things only: the opposite may be as true of the rest."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A true/false statement; ``contrast`` names what was changed when it is false."""

    draft: Draft
    text: str
    value: bool
    contrast: str = ""


def statements_of(
    source: ReadSentence, drafts: list[Draft], finder: DistractorFinder, rng: random.Random
) -> Iterator[Statement]:
    """Yield one statement of a sentence: made false where that can be done safely (every other time), else true."""
    clause = source.clause
    if clause is None or clause.subordinate_opener or not drafts:
        return
    text = clause.statement
    if not 7 <= len(text.split()) <= 28 or len(content_roots(text)) < 5:
        return
    base = Draft("statement", text, "True", "statement", source, drafts[0].concept, basis=0.42)
    makers = (_changed_number, _changed_name, _turned, _changed_subject)
    false = next((made for maker in makers if (made := maker(base, drafts, finder, rng)) is not None), None)
    if false is not None and rng.random() < 0.85:
        yield false
    elif rng.random() < 0.6:
        yield Statement(base, text, True)


def _changed_subject(
    base: Draft, drafts: list[Draft], finder: DistractorFinder, rng: random.Random
) -> Statement | None:
    """A definition said of another thing that the material defines otherwise, or what one person did said of another."""
    clause = base.source.clause
    if clause is None or clause.opener:
        return None
    for draft in drafts:
        if (
            draft.pattern not in {"definition", "person"}
            or draft.gap
            or clause.subject.determiner in {"each", "every", "all"}
        ):
            continue
        found = finder.find(draft, "hard", rng)
        if found is None:
            return None
        defined = [
            text
            for text in found.texts
            if draft.pattern == "person" or finder.is_defined(text, draft.plural, clause.subject.determiner)
        ]
        if not defined:
            return None
        wrong = rng.choice(defined)
        right = strip_determiner(draft.answer)
        lead = clause.tokens[clause.subject.start].text if clause.tokens[clause.subject.start].tag == "DT" else ""
        if lead.lower() in {"a", "an"}:
            lead = article(wrong)
        subject = upper_first(f"{lead} {wrong}".strip())
        text = subject + base.stem[len(clause.subject_text) :]
        return Statement(base, text, False, f"False. This is true of {right}, not of {wrong}.")
    return None


def _changed_name(base: Draft, drafts: list[Draft], finder: DistractorFinder, rng: random.Random) -> Statement | None:
    """ "The study of viruses is known as virology" with another name of the same kind."""
    for draft in drafts:
        if draft.pattern != "naming" or not draft.gap or not base.stem.rstrip(".").endswith(draft.answer):
            continue
        found = finder.find(draft, "hard", rng)
        if found is None:
            return None
        wrong = rng.choice(found.texts)
        head = base.stem.rstrip(".")[: -len(draft.answer)]
        if head.endswith((" a ", " an ")):
            return None
        return Statement(
            base, f"{head}{wrong}.", False, f"False. The name is {strip_determiner(draft.answer)}, not {wrong}."
        )
    return None


def _changed_number(base: Draft, drafts: list[Draft], finder: DistractorFinder, rng: random.Random) -> Statement | None:
    for draft in drafts:
        if draft.pattern == "number" and draft.quantity is not None:
            found = numbers(draft, rng)
        elif draft.pattern == "year":
            step = rng.choice((-30, -20, -12, 11, 18, 24))
            return _replaced(base, draft.answer, str(int(draft.answer) + step))
        else:
            continue
        if found is not None:
            return _replaced(base, draft.answer, rng.choice(found.texts))
    return None


def _replaced(base: Draft, right: str, wrong: str) -> Statement | None:
    pattern = re.compile(rf"(?<![\w.,]){re.escape(right)}(?![\w,]|\.\d)")
    if len(pattern.findall(base.stem)) != 1:
        return None
    return Statement(base, pattern.sub(wrong, base.stem), False, f"False. The figure is {right}, not {wrong}.")


def _turned(base: Draft, drafts: list[Draft], finder: DistractorFinder, rng: random.Random) -> Statement | None:
    """Replace the one word that has a safe opposite."""
    if _NOT_GENERAL.search(base.stem):
        return None
    hits = [match for match in re.finditer(r"[A-Za-z-]+", base.stem) if match[0] in _TURNS]
    if len(hits) != 1 or (
        re.search(r"\b(?:not|no|never|rather|than|instead|from|to|both|or|and)\b.{0,18}$", base.stem[: hits[0].start()])
        and hits[0][0] in {"before", "after"}
    ):
        return None
    hit = hits[0]
    opposite = _TURNS[hit[0]]
    tags = {token.tag for token in base.source.tokens if token.text == hit[0]}
    if _is_attribute(base, hit[0]) and (hit[0].endswith(opposite) or opposite.endswith(hit[0]) or hit[0] in _PASTS):
        return None  # "legal equality", "lost output": the opposite of such a word makes no sense of its own
    if can_be_verb(hit[0]) and not all(tag.startswith("V") for tag in tags):
        return None  # "a contract" has no opposite, "muscles contract" has
    if can_be_verb(hit[0]) and not (can_be_verb(opposite) or (lexicon_tag(opposite) or "").startswith("V")):
        return None  # "cells direct the migration" has, "a direct route" would be another word
    if lexicon_tag(opposite) == "JJ" and tags <= {"NN", "NNS"} and not _is_attribute(base, hit[0]):
        return None  # "a light stone" has an opposite, "touch, sound, or light" has none
    if opposite in base.source.text or find_quantities(base.stem[hit.end() : hit.end() + 12]):
        return None
    before = base.stem[: hit.start()]
    if re.search(r"\ban? $", before, re.IGNORECASE) and (opposite[0] in "aeiou") != (hit[0][0] in "aeiou"):
        return None
    text = before + opposite + base.stem[hit.end() :]
    return Statement(base, text, False, f"False. The material has “{hit[0]}” where the statement has “{opposite}”.")


_PASTS = frozenset("won lost gained rejected accepted joined separated abolished introduced".split())


def _is_attribute(base: Draft, word: str) -> bool:
    """Whether the word stands right before a noun."""
    tokens = base.source.tokens
    return any(
        token.text == word and i + 1 < len(tokens) and tokens[i + 1].tag in {"NN", "NNS", "NNP", "NNPS", "JJ"}
        for i, token in enumerate(tokens)
    )
