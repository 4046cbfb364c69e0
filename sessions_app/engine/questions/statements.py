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
    if false is not None and rng.random() < 0.8:
        yield false
    elif rng.random() < 0.45:
        yield Statement(base, text, True)


def _changed_subject(
    base: Draft, drafts: list[Draft], finder: DistractorFinder, rng: random.Random
) -> Statement | None:
    """A definition, or what one person did, said of another thing or person of the same kind."""
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
        wrong = rng.choice(found.texts)
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
    hits = [match for match in re.finditer(r"[A-Za-z-]+", base.stem) if match[0] in _TURNS]
    if len(hits) != 1 or (
        re.search(r"\b(?:not|no|never|rather|than|instead|from|to|both|or|and)\b.{0,18}$", base.stem[: hits[0].start()])
        and hits[0][0] in {"before", "after"}
    ):
        return None
    hit = hits[0]
    opposite = _TURNS[hit[0]]
    if opposite in base.source.text or find_quantities(base.stem[hit.end() : hit.end() + 12]):
        return None
    before = base.stem[: hit.start()]
    if re.search(r"\ban? $", before) and (opposite[0] in "aeiou") != (hit[0][0] in "aeiou"):
        return None
    text = before + opposite + base.stem[hit.end() :]
    return Statement(base, text, False, f"False. The material has “{hit[0]}” where the statement has “{opposite}”.")
