"""Measures of the grader of texts, beside two simple ones.

Usage: ``python -m benchmarks.grading --data DIR [--write]`` where DIR holds ``semeval3way_train`` (SemEval-2013 task 7:
answers of students, judged correct, contradictory or incorrect). Printed:

- the minimal pairs and the quantity pairs of the test suite: wrong verdicts and the share left to a person;
- on the students' answers, five times a fifth of the questions held back: right answers called wrong, wrong answers
  accepted, the share decided; the same for word overlap at the thresholds that do as well, and for the majority;
- the curve of the decided share against the errors allowed;
- with ``--judge-url`` (a server that speaks OpenAI's protocol): what becomes of ``--judged`` answers that the grader leaves to
  a person when the product's judge weighs each against the right answers.

``--write`` fits the model of statements on all answers and writes its data file.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sessions_app.domain.grading import statements
from sessions_app.domain.grading.short_answer import Similar, grade_text
from sessions_app.domain.grading.statements import MODEL, StatementModel, statement_features
from sessions_app.domain.grading.types import Grade, GradeVerdict
from tutor_project.llm.sentence_encoder import ENGLISH, question_encoder

FIXTURES = Path(__file__).parent.parent / "tests" / "unit" / "sessions" / "fixtures"
FOLDS = 5
FALSE_ACCEPTS, RIGHT_CALLED_WRONG = 0.008, 0.007
"""The errors allowed on the answers fitted on; a little less than what may happen on others."""
CURVE = ((0.0025, 0.005), (0.005, 0.01), (0.01, 0.02), (0.02, 0.04), (0.04, 0.08), (0.08, 0.16))
RIDGE = 5.0
Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class StudentAnswer:
    """An answer with the right ones of its question and the judge's verdict."""

    question: str
    asked: str
    text: str
    accepted: tuple[str, ...]
    right: bool


def load(data: Path) -> list[StudentAnswer]:
    """Return the students' answers that carry a verdict, in a fixed order."""
    found = []
    for path in sorted(data.rglob("*.xml")):
        root = ElementTree.parse(path).getroot()
        asked = " ".join((root.findtext("questionText") or "").split())
        accepted = tuple((node.text or "").strip() for node in root.iter("referenceAnswer"))
        found += [
            StudentAnswer(path.stem, asked, (node.text or "").strip(), accepted, node.get("accuracy") == "correct")
            for node in root.iter("studentAnswer")
            if node.get("accuracy")  # other collections beside it write their verdict and text elsewhere
        ]
    return found


def logistic(values: Array, right: npt.NDArray[np.bool_]) -> tuple[Array, float]:
    """Return weights and bias of a ridge-penalised logistic regression (Newton's method)."""
    inputs = np.hstack([values, np.ones((len(values), 1))])
    penalty = np.eye(inputs.shape[1]) * RIDGE
    penalty[-1, -1] = 0
    weights = np.zeros(inputs.shape[1])
    for _ in range(30):
        chance = 1 / (1 + np.exp(-inputs @ weights))
        gradient = inputs.T @ (chance - right) + penalty @ weights
        hessian = (inputs * (chance * (1 - chance))[:, None]).T @ inputs + penalty
        weights -= np.linalg.solve(hessian, gradient)
    return weights[:-1], float(weights[-1])


def fit(values: Array, right: npt.NDArray[np.bool_]) -> StatementModel:
    """Return the model fitted on the answers, with thresholds for the errors allowed."""
    mean, scale = values.mean(0), values.std(0) + 1e-9
    weights, bias = logistic((values - mean) / scale, right)
    scores = (values - mean) / scale @ weights + bias
    low, high = _thresholds(scores, right, FALSE_ACCEPTS, RIGHT_CALLED_WRONG)
    rounded = [tuple(round(float(value), 6) for value in part) for part in (mean, scale, weights)]
    return StatementModel(rounded[0], rounded[1], rounded[2], round(bias, 6), round(low, 4), round(high, 4))


def _thresholds(scores: Array, right: npt.NDArray[np.bool_], accepts: float, refusals: float) -> tuple[float, float]:
    return float(np.quantile(scores[right], refusals)), float(np.quantile(scores[~right], 1 - accepts))


def _folds(answers: Sequence[StudentAnswer]) -> list[set[str]]:
    questions = sorted({answer.question for answer in answers})
    random.Random(0).shuffle(questions)
    return [set(questions[fold::FOLDS]) for fold in range(FOLDS)]


def near_in_meaning(answer: str, accepted: str) -> float:
    """Return the nearness in meaning as the product gives it to the grader for English."""
    encoder = question_encoder(ENGLISH)
    assert encoder is not None
    return float(encoder.similarity(answer, encoder.encode([accepted]))[0])


def held_back(
    answers: Sequence[StudentAnswer], values: Array, similar: Similar | None
) -> tuple[list[Grade], Array, Array]:
    """Return grades, scores and word overlap of every answer, each by a model that never saw its question."""
    right = np.array([answer.right for answer in answers])
    grades: list[Grade | None] = [None] * len(answers)
    scores = np.zeros(len(answers))
    for fold in _folds(answers):
        outside = np.array([answer.question not in fold for answer in answers])
        model = fit(values[outside], right[outside])
        statements.fitted_model = lambda model=model: model  # type: ignore[assignment, misc]
        for place in map(int, np.flatnonzero(~outside)):
            scores[place] = model.score(values[place])
            grades[place] = grade_text(answers[place].text, answers[place].accepted, (), similar)
    return [grade for grade in grades if grade is not None], scores, values[:, statements.FEATURES.index("best_f1")]


def report(name: str, verdicts: Sequence[GradeVerdict], right: npt.NDArray[np.bool_]) -> None:
    """Print the two errors and the decided share."""
    said_right = np.array([verdict is GradeVerdict.CORRECT for verdict in verdicts])
    said_wrong = np.array([verdict is GradeVerdict.INCORRECT for verdict in verdicts])
    print(
        f"{name:44s} right called wrong {said_wrong[right].mean():6.2%}   false accepts {said_right[~right].mean():6.2%}   "
        f"right accepted {said_right[right].mean():6.2%}   wrong refused {said_wrong[~right].mean():6.2%}   "
        f"decided {(said_right | said_wrong).mean():6.2%}"
    )


def by_thresholds(scores: Array, low: float, high: float) -> list[GradeVerdict]:
    """Return the verdicts of a scale with two thresholds."""
    return [
        GradeVerdict.CORRECT if s >= high else GradeVerdict.INCORRECT if s < low else GradeVerdict.NEEDS_REVIEW
        for s in scores
    ]


def with_judge(answers: Sequence[StudentAnswer], grades: Sequence[Grade], url: str, count: int) -> None:
    """Print what the grader decides of some answers, chosen by chance, and what it decides with a judge for the others."""
    from benchmarks.gates import judge
    from sessions_app.engine_model.judging import Claim, weighed
    from tutor_project.llm.types import Caller

    chosen = random.Random(1).sample(range(len(answers)), min(count, len(answers)))
    verdicts = {at: grades[at].verdict for at in chosen}
    report(
        f"the grader, {len(chosen)} of them", list(verdicts.values()), np.array([answers[at].right for at in chosen])
    )
    waiting = [at for at in chosen if verdicts[at] is GradeVerdict.NEEDS_REVIEW]
    claims = [
        Claim(answers[at].text, f"Asked: {answers[at].asked} Right answers: {' / '.join(answers[at].accepted)}")
        for at in waiting
    ]
    said = {"yes": GradeVerdict.CORRECT, "no": GradeVerdict.INCORRECT}
    with judge([], url) as gateway:
        for at, reading in zip(waiting, weighed(claims, gateway, Caller()), strict=True):
            verdicts[at] = said.get(reading, GradeVerdict.NEEDS_REVIEW)
    report("the grader, then the judge", list(verdicts.values()), np.array([answers[at].right for at in chosen]))


def pairs() -> None:
    """Print what becomes of the pairs of the test suite."""
    from tests.unit.sessions.grading_fixtures import minimal_pairs, quantity_pairs

    rows = [
        ("minimal pairs", [(a, k, {"yes": "right", "no": "wrong"}.get(e, "either")) for a, k, e in minimal_pairs()])
    ]
    rows += [("quantity pairs, all", [(p.answer, p.key, p.expected) for p in quantity_pairs()])]
    for language in ("en", "de", "es", "fr", "pt"):
        chosen = [(p.answer, p.key, p.expected) for p in quantity_pairs() if p.language == language]
        rows.append((f"quantity pairs, {language}", chosen))
    for name, cases in rows:
        verdicts = [(expected, grade_text(answer, [key]).verdict) for answer, key, expected in cases]
        accepted = sum(e != "right" and v is GradeVerdict.CORRECT for e, v in verdicts)
        refused = sum(e != "wrong" and v is GradeVerdict.INCORRECT for e, v in verdicts)
        review = sum(e != "either" and v is GradeVerdict.NEEDS_REVIEW for e, v in verdicts)
        print(
            f"{name:24s} {len(cases):5d} pairs   false accepts {accepted}   right refused {refused}   to a person {review}"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the measures; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--write", action="store_true", help="fit on all answers and write the model")
    parser.add_argument("--judge-url")
    parser.add_argument("--judged", type=int, default=100)
    options = parser.parse_args(arguments)
    pairs()
    answers = load(options.data) if options.data else []
    if not answers:
        print("No answers of students: give --data DIR with semeval3way_train.")
        return 0
    values = np.array([statement_features(answer.text, answer.accepted) for answer in answers])
    right = np.array([answer.right for answer in answers])
    if options.write:
        MODEL.write_text(json.dumps(asdict(fit(values, right)), indent=1) + "\n")
    print(f"\n{len(answers)} answers of students, each graded by a model that never saw its question")
    for name, similar in (("the grader by words alone", None), ("the grader", near_in_meaning)):
        grades, scores, overlap = held_back(answers, values, similar)
        report(name, [grade.verdict for grade in grades], right)
    report("majority (all wrong)", [GradeVerdict.INCORRECT] * len(answers), right)
    low, high = _thresholds(overlap, right, 0.01, 0.02)
    report("word overlap at the same errors", by_thresholds(overlap, low, high + 1e-9), right)
    report("word overlap, right from one half", by_thresholds(overlap, 0.5, 0.5), right)
    print("\nThe curve: errors allowed, and the share of all answers decided without a person")
    for accepts, refusals in CURVE:
        verdicts = by_thresholds(scores, *_thresholds(scores, right, accepts, refusals))
        report(f"accepts {accepts:.2%}, refusals {refusals:.2%}", verdicts, right)
    if options.judge_url:
        with_judge(answers, grades, options.judge_url, options.judged)
    return 0


if __name__ == "__main__":
    sys.exit(main())
