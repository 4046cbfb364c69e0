"""How well the gates, and a model that judges, tell good replies from bad ones, on collections whose verdicts are known.

A collection is JSON: ``material`` (a file beside it, or below a folder given), ``good_questions`` and ``bad_questions`` (as in
``QuestionReply``), ``false_sentences`` and ``good_lesson_points``, each with the ``evidence`` it cites.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from documents_app.domain.material import SourceDocument
from documents_app.domain.quotes import Evidence
from documents_app.extraction import registry
from documents_app.retrieval.excerpts import choose_excerpts
from documents_app.services.studying import study_unstored
from sessions_app.domain.claims import is_carried
from sessions_app.domain.questions.types import CandidateQuestion, QuestionKind
from sessions_app.engine_model.judging import Claim, judged, stands, weighed
from sessions_app.engine_model.questions import candidate_of_reply
from sessions_app.engine_model.schemas import QuestionReply
from sessions_app.services.question_writing import question_verifier
from tutor_project.llm.config import ModelConfig
from tutor_project.llm.gateway import Gateway
from tutor_project.llm.standing import remember
from tutor_project.llm.types import Caller

FOLDER = Path(__file__).resolve().parents[1] / "evaluation"
"""The collections that ship: two short chapters."""
MOST_REFUSED, MOST_PASSED = 0.10, 0.05
"""Shares of good questions refused and of bad questions or false sentences passed, beside the rules, up to which a model
may judge."""
MOST_UNNOTICED = 0.5
"""The share of bad questions and false sentences that it may pass by itself: one that says nothing leaves all to the rules."""
PARTS = ("good_questions", "bad_questions", "false_sentences", "good_lesson_points")
BAD = ("bad_questions", "false_sentences")


class JudgedReplies:
    """Replies of known worth about one document."""

    def __init__(self, path: Path, folders: Sequence[Path] = ()) -> None:
        self.name = path.stem
        self.items: dict[str, Any] = json.loads(path.read_text("utf-8"))
        named = self.items["material"].split()[0]
        place = next(folder / named for folder in (path.parent, *folders) if (folder / named).is_file())
        study = study_unstored(SourceDocument("d1", place.name, registry.extract(place, place.name)))
        self.evidence = Evidence(choose_excerpts(study.material, study.analysis.sections, max_tokens=10**7))
        self.verifier = question_verifier(study)
        self.source = self.verifier.source

    def question(self, item: dict[str, Any]) -> CandidateQuestion | None:
        """Return the question of an item, None when it is not whole."""
        reply = QuestionReply(**{name: value for name, value in item.items() if name in QuestionReply.model_fields})
        return candidate_of_reply(reply, self.evidence, kinds=frozenset(QuestionKind))

    def claim(self, item: dict[str, Any]) -> tuple[Claim, str] | None:
        """Return the claim of an item and the sentence it cites, None when that is not in the material."""
        found = self.evidence.find(item["evidence"])
        if found is None:
            return None
        return Claim(item.get("sentence") or item["text"], found[0].shown.text), found[1].text


@dataclass(frozen=True, slots=True)
class ExaminedItem:
    """An item, why it was refused (empty: it passed), and whether the judge, apart from the rules, refuses it."""

    shown: str
    reasons: Sequence[str]
    judge_refuses: bool = False


@dataclass(slots=True)
class Findings:
    """How many items of each part there are, how many were judged wrongly, and which, each with the reasons.

    ``unnoticed`` counts the bad ones to which the judge itself said nothing, whatever the rules said.
    """

    total: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    unnoticed: Counter[str] = field(default_factory=Counter)
    misses: list[str] = field(default_factory=list)

    def add(self, part: str, item: ExaminedItem) -> None:
        """Count an item."""
        self.total[part] += 1
        self.unnoticed[part] += not item.judge_refuses
        if bool(item.reasons) is part.startswith("good"):
            self.wrong[part] += 1
            self.misses.append(f"{part}: {item.shown} | {'; '.join(item.reasons)}")

    def merge(self, other: Findings) -> None:
        """Add the counts of another collection."""
        self.total += other.total
        self.wrong += other.wrong
        self.unnoticed += other.unnoticed
        self.misses += other.misses

    def share(self, *parts: str) -> float:
        """Return the share of items judged wrongly."""
        return self._share(self.wrong, parts)

    @property
    def may_judge(self) -> bool:
        """Whether a judge that comes to these findings may judge."""
        return (
            self.total.total() > 0
            and self.share("good_questions") <= MOST_REFUSED
            and self.share(*BAD) <= MOST_PASSED
            and self._share(self.unnoticed, BAD) <= MOST_UNNOTICED
        )

    def _share(self, counted: Counter[str], parts: Sequence[str]) -> float:
        total = sum(self.total[part] for part in parts)
        return sum(counted[part] for part in parts) / total if total else 0.0

    def __str__(self) -> str:
        said = ("good questions refused", "bad questions passed", "false sentences passed", "lesson points dropped")
        return ", ".join(
            f"{words} {self.wrong[part]} of {self.total[part]}"
            for part, words in zip(PARTS, said, strict=True)
            if self.total[part]
        )


def evaluated(collection: JudgedReplies, gateway: Gateway | None = None) -> Findings:
    """Return the findings of the rules, beside a model as judge where there is one."""
    found = Findings()
    for part, item in (*_questions(collection, gateway), *_claims(collection, gateway)):
        found.add(part, item)
    return found


def _questions(collection: JudgedReplies, gateway: Gateway | None) -> Iterator[tuple[str, ExaminedItem]]:
    for part in PARTS[:2]:
        items = [(item, collection.question(item)) for item in collection.items.get(part, ())]
        whole = [question for _, question in items if question is not None]
        if gateway is not None:
            whole = judged(whole, collection.source, gateway, Caller())
        left = iter(whole)
        for item, question in items:
            shown = f"{item['question']} → {item['answer']}"
            if question is None:
                yield part, ExaminedItem(shown, ["not_whole"])
                continue
            read = next(left)
            faults = collection.verifier.verify(read).failures
            reasons = [f"{fault.rule}: {fault.detail}" for fault in faults]
            yield part, ExaminedItem(shown, reasons, judge_refuses=bool(read.estimate.get("refused_by_judge")))


def _claims(collection: JudgedReplies, gateway: Gateway | None) -> Iterator[tuple[str, ExaminedItem]]:
    for part in PARTS[2:]:
        items = [collection.claim(item) for item in collection.items.get(part, ())]
        found = [item for item in items if item is not None]
        by_rules = [is_carried(claim.statement, [cited], claim.passage) for claim, cited in found]
        said = weighed([claim for claim, _ in found], gateway, Caller()) if gateway else [""] * len(found)
        verdicts = zip(said, by_rules, strict=True)
        for original, item in zip(collection.items.get(part, ()), items, strict=True):
            shown = original.get("sentence") or original["text"]
            if item is None:
                yield part, ExaminedItem(shown, ["its evidence is not in the material"])
                continue
            word, carried = next(verdicts)
            reasons = [] if stands(word, carried) else ["the judge" if gateway else "the rules"]
            yield part, ExaminedItem(shown, reasons, judge_refuses=word == "no")


def collections_shipped() -> list[JudgedReplies]:
    """Return the collections that ship."""
    return [JudgedReplies(path) for path in sorted(FOLDER.glob("*.json"))]


def judge_examined(config: ModelConfig, gateway: Gateway) -> Findings:
    """Have a model judge the collections that ship, beside the rules, and remember whether it may judge."""
    found = Findings()
    for collection in collections_shipped():
        found.merge(evaluated(collection, gateway))
    remember(config, judges=found.may_judge)
    return found
