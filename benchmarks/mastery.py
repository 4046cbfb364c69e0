"""Mastery estimates measured by replaying learners' answer sequences; the fit of their published coefficients.

Usage: ``python -m benchmarks.mastery --data DIR [--folds] [--write] [--gate]`` where DIR holds
``learners/assistments_train.csv`` (three lines per learner: number of answers, skill ids, 1 right / 0 wrong).

Learners, never single answers, are held back: every fifth one. All answers of a held-back learner are predicted
one by one, each from the answers before it, by the functions the product calls. Skill means (the priors of both
sides) come from the learners that are not held back. The other sides: the decayed accuracy (.9 per answer) with
three pseudo-answers at the skill's mean, and the last-five rule with the weights .5 .7 .85 .95 1.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sessions_app.domain.gate import GateAnswer, first_pass, pass_chance
from sessions_app.domain.mastery import belief as mastery
from sessions_app.domain.mastery import parameters as mastery_parameters
from sessions_app.domain.mastery.belief import ConceptAnswer, LearnerState

Floats = NDArray[np.float64]
Learner = tuple[list[str], list[int]]

HELD_BACK_EVERY = 5
SKILL_PSEUDO_ANSWERS = 10.0
RIDGE = 10.0
RAISING_MARGIN = 0.03
RAISING_PENALTY = 2_000.0
LONGEST_GATE = 60
NEXT_ANSWERS = 10
NEXT_ANSWERS_LEAST = 5
PARAMETERS_FILE = Path(mastery_parameters.__file__)


def load_learners(path: Path) -> list[Learner]:
    """Return (skills, outcomes) of each learner, oldest answer first as far as the file tells."""
    lines = path.read_text().split("\n")
    learners = []
    for index in range(0, len(lines) - 2, 3):
        skills = [skill for skill in lines[index + 1].split(",") if skill]
        outcomes = [int(outcome) for outcome in lines[index + 2].split(",") if outcome]
        if not len(skills) == len(outcomes) == int(lines[index].rstrip(",")):
            raise ValueError(f"line {index + 1}: the three lines of a learner disagree about the number of answers")
        learners.append((skills, outcomes))
    return learners


def skill_means(learners: Iterable[Learner]) -> tuple[dict[str, float], float]:
    """Return each skill's share right, drawn to the overall share by pseudo-answers, and the overall share."""
    right: dict[str, int] = {}
    total: dict[str, int] = {}
    for skills, outcomes in learners:
        for skill, outcome in zip(skills, outcomes, strict=True):
            right[skill] = right.get(skill, 0) + outcome
            total[skill] = total.get(skill, 0) + 1
    overall = sum(right.values()) / sum(total.values())
    pull = SKILL_PSEUDO_ANSWERS
    return {s: (right[s] + pull * overall) / (total[s] + pull) for s in total}, overall


def design(learners: Iterable[Learner], priors: dict[str, float], overall: float) -> tuple[Floats, Floats, Floats]:
    """Replay; return inputs float64 [n, features], outcomes [n], and (n, others, next right, next total) [n, 4]."""
    rows: list[list[float]] = []
    outcomes_all: list[int] = []
    context: list[tuple[float, float, float, float]] = []
    for skills, outcomes in learners:
        known = {skill: priors.get(skill, overall) for skill in set(skills)}
        state = LearnerState()
        ahead = _next_answers(skills, outcomes)
        for skill, outcome, (right, total) in zip(skills, outcomes, ahead, strict=True):
            rows.append(mastery.features(state, skill, known))
            own = state.concepts.get(skill)
            n = own.n if own else 0
            context.append((n, state.n - n, right, total))
            mastery.observe(state, ConceptAnswer(skill, bool(outcome)), known)
        outcomes_all.extend(outcomes)
    return np.array(rows), np.array(outcomes_all, dtype=np.float64), np.array(context, dtype=np.float64)


def _next_answers(skills: Sequence[str], outcomes: Sequence[int]) -> list[tuple[int, int]]:
    """Return (right, total) among the next answers on the same skill, this one included, at most NEXT_ANSWERS."""
    by_skill: dict[str, list[int]] = {}
    for position, skill in enumerate(skills):
        by_skill.setdefault(skill, []).append(position)
    ahead = [(0, 0)] * len(skills)
    for positions in by_skill.values():
        results = [outcomes[position] for position in positions]
        for index, position in enumerate(positions):
            window = results[index : index + NEXT_ANSWERS]
            ahead[position] = (sum(window), len(window))
    return ahead


def fit_logistic(inputs: Floats, outcomes: Floats, raising: Floats) -> tuple[float, Floats]:
    """Return intercept and weights of the ridge-penalised maximum likelihood (Newton steps on scaled inputs).

    ``raising`` [m, features] holds differences of inputs that must raise the estimate (``right_minus_wrong``);
    falling short of the margin is penalised by its square, which keeps the problem convex.
    """
    scale = inputs.std(axis=0)
    matrix = np.column_stack([np.ones(len(inputs)), inputs / scale])
    demands = np.column_stack([np.zeros(len(raising)), raising / scale])
    penalty = np.diag([0.0] + [RIDGE] * inputs.shape[1])
    weights = np.zeros(matrix.shape[1])
    for _ in range(40):
        chance = 1.0 / (1.0 + np.exp(-matrix @ weights))
        short = demands[demands @ weights < RAISING_MARGIN]
        gradient = matrix.T @ (chance - outcomes) + penalty @ weights
        gradient -= RAISING_PENALTY * (RAISING_MARGIN - short @ weights) @ short
        hessian = (matrix * (chance * (1.0 - chance))[:, None]).T @ matrix + penalty
        hessian += RAISING_PENALTY * short.T @ short
        step = np.linalg.solve(hessian, gradient)
        weights -= step
        if np.abs(step).max() < 1e-8:
            break
    return float(weights[0]), weights[1:] / scale


def right_minus_wrong() -> Floats:
    """Return, for many histories, the inputs after one more right answer minus those after one more wrong one.

    All histories of up to eight answers on one concept, at three priors and three guess chances, and random longer
    ones among other concepts.
    """
    dice = random.Random(11)
    histories: list[tuple[list[ConceptAnswer], float, float]] = []
    for prior, guess in product((0.3, 0.67, 0.9), (0.0, 0.25, 0.5)):
        for n in range(9):
            every = product((True, False), repeat=n)
            histories += [
                ([ConceptAnswer("a", outcome, guess) for outcome in outcomes], prior, guess) for outcomes in every
            ]
    for _ in range(4000):
        ability, guess = dice.random(), dice.choice((0.0, 0.0, 0.25, 0.5))
        concepts = dice.choice(("a", "ab", "abcd"))
        longer = [
            ConceptAnswer(dice.choice(concepts), dice.random() < ability, dice.choice((0.0, guess)))
            for _ in range(dice.randint(9, 60))
        ]
        histories.append((longer, dice.choice((0.3, 0.5, 0.67, 0.9)), guess))
    rows = []
    for history, prior, guess in histories:
        priors = {"a": prior}
        after = []
        for correct in (True, False):
            state = mastery.replay(history, priors)
            mastery.observe(state, ConceptAnswer("a", correct, guess), priors)
            after.append(mastery.features(state, "a", priors))
        rows.append(np.subtract(*after))
    return np.array(rows)


def fit_spread(chance: Floats, context: Floats) -> tuple[float, ...]:
    """Return the coefficients of the log spread that maximise the likelihood of the next answers.

    The share right among the next answers is modelled as binomial around a chance whose logit is normal
    around the predicted one; the spread of that normal is what the interval states.
    """
    chosen = (context[:, 3] >= NEXT_ANSWERS_LEAST) & (np.arange(len(context)) % 11 == 0)
    centre, (n, others, right, total) = np.log(chance[chosen] / (1.0 - chance[chosen])), context[chosen].T

    def loss(c: Floats) -> float:
        terms = c[0] + c[1] * np.log1p(n) + c[2] * np.log1p(others) + c[3] * np.abs(centre)
        spread = np.exp(np.clip(terms, -4, 2))
        nodes, weights = _latent_chances(centre, spread)
        likelihood = (nodes ** right[:, None] * (1.0 - nodes) ** (total - right)[:, None]) @ weights
        return -float(np.log(likelihood).mean())

    best = np.zeros(4)
    best_loss = loss(best)
    step = 0.2
    while step > 0.004:
        moved = False
        for axis in range(len(best)):
            for sign in (1.0, -1.0):
                candidate = best.copy()
                candidate[axis] += sign * step
                value = loss(candidate)
                if value < best_loss:
                    best, best_loss, moved = candidate, value, True
        if not moved:
            step /= 2.0
    return tuple(float(value) for value in best)


def _latent_chances(centre: Floats, spread: Floats) -> tuple[Floats, Floats]:
    """Return Gauss-Hermite nodes [n, 15] of the latent chance and their weights [15]."""
    points, weights = np.polynomial.hermite_e.hermegauss(15)
    return 1.0 / (1.0 + np.exp(-(centre[:, None] + spread[:, None] * points))), weights / weights.sum()


def area_under_curve(outcomes: Floats, chance: Floats) -> float:
    """Return the area under the ROC curve by mid-ranks (Mann-Whitney)."""
    _, inverse, counts = np.unique(chance, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2.0)[inverse]
    positives = outcomes.sum()
    negatives = len(outcomes) - positives
    return float((ranks[outcomes == 1].sum() - positives * (positives + 1) / 2.0) / (positives * negatives))


def log_loss(outcomes: Floats, chance: Floats) -> float:
    """Return the mean negative log likelihood; chances are clipped to [.001, .999]."""
    p = np.clip(chance, 1e-3, 1.0 - 1e-3)
    return float(-np.mean(outcomes * np.log(p) + (1.0 - outcomes) * np.log(1.0 - p)))


def calibration(outcomes: Floats, chance: Floats, bins: int = 10) -> tuple[float, list[tuple[int, float, float]]]:
    """Return the expected calibration error over equal-width bins and (count, mean predicted, share right) each."""
    index = np.minimum((chance * bins).astype(int), bins - 1)
    rows, error = [], 0.0
    for b in range(bins):
        inside = index == b
        if inside.any():
            predicted, actual = float(chance[inside].mean()), float(outcomes[inside].mean())
            rows.append((int(inside.sum()), predicted, actual))
            error += inside.mean() * abs(predicted - actual)
    return float(error), rows


def decayed_accuracy(learners: Iterable[Learner], priors: dict[str, float], overall: float) -> Floats:
    """Return the anchor's prediction of every answer: decayed accuracy with three pseudo-answers at the mean."""
    chances = []
    for skills, outcomes in learners:
        kept: dict[str, tuple[float, float]] = {}
        for skill, outcome in zip(skills, outcomes, strict=True):
            right, total = kept.get(skill, (0.0, 0.0))
            chances.append((right + 3.0 * priors.get(skill, overall)) / (total + 3.0))
            kept[skill] = (0.9 * right + outcome, 0.9 * total + 1.0)
    return np.array(chances)


def last_five(learners: Iterable[Learner], *_: object) -> Floats:
    """Return the last-five rule's prediction of every answer (capped at .5 after one answer and .8 after two)."""
    weights, chances = (1.0, 0.95, 0.85, 0.7, 0.5), []
    for skills, outcomes in learners:
        kept: dict[str, list[int]] = {}
        for skill, outcome in zip(skills, outcomes, strict=True):
            recent = kept.setdefault(skill, [])[-5:][::-1]
            used = weights[: len(recent)]
            mean = sum(w * r for w, r in zip(used, recent, strict=True)) / sum(used) if recent else 0.5
            chances.append(min(mean, {1: 0.5, 2: 0.8}.get(len(recent), 1.0)))
            kept[skill].append(outcome)
    return np.array(chances)


def product_predictions(learners: Iterable[Learner], priors: dict[str, float]) -> tuple[Floats, Floats]:
    """Replay through the product's functions; return probabilities [n] and intervals [n, 2]."""
    chances, bounds = [], []
    for skills, outcomes in learners:
        state = LearnerState()
        for skill, outcome in zip(skills, outcomes, strict=True):
            now = mastery.estimate(state, skill, priors)
            chances.append(now.probability)
            bounds.append((now.low, now.high))
            mastery.observe(state, ConceptAnswer(skill, bool(outcome)), priors)
    return np.array(chances), np.array(bounds)


def interval_coverage(chance: Floats, bounds: Floats, context: Floats) -> list[tuple[str, int, float, float]]:
    """Return (answers before, windows, mean width, coverage): how often the 90 % interval holds what comes next.

    What comes next is a share among at most ten answers, so sampling is added to the interval before the
    comparison: the randomised predictive distribution function must lie in [.05, .95].
    """
    logit_low, logit_high = (np.log(bound / (1.0 - bound)) for bound in bounds.T)
    spread = (logit_high - logit_low) / (2.0 * mastery.INTERVAL_Z)
    nodes, weights = _latent_chances((logit_low + logit_high) / 2.0, spread)
    below, at = np.zeros(len(chance)), np.zeros(len(chance))
    n, _, right, total = context.T
    for r in range(NEXT_ANSWERS + 1):
        ways = np.array([math.comb(int(t), r) for t in range(NEXT_ANSWERS + 1)])[total.astype(int)]
        mass = ways * ((nodes**r * (1.0 - nodes) ** np.maximum(total - r, 0)[:, None]) @ weights)
        below += np.where(r < right, mass, 0.0)
        at += np.where(r == right, mass, 0.0)
    place = below + np.random.default_rng(0).random(len(chance)) * at
    rows = []
    groups = (("none", 0, 0), ("1-2", 1, 2), ("3-5", 3, 5), ("6-10", 6, 10), ("11+", 11, 10**9), ("any", 0, 10**9))
    for name, least, most in groups:
        chosen = (total >= NEXT_ANSWERS_LEAST) & (n >= least) & (n <= most)
        inside = (place[chosen] >= 0.05) & (place[chosen] <= 0.95)
        width = bounds[chosen, 1] - bounds[chosen, 0]
        rows.append((name, int(chosen.sum()), float(width.mean()), float(inside.mean())))
    return rows


def split(learners: Sequence[Learner], fold: int) -> tuple[list[Learner], list[Learner]]:
    """Return (fitted on, held back): every fifth learner, starting with number ``fold``, is held back."""
    held_back = [learner for i, learner in enumerate(learners) if i % HELD_BACK_EVERY == fold]
    rest = [learner for i, learner in enumerate(learners) if i % HELD_BACK_EVERY != fold]
    return rest, held_back


def report(name: str, outcomes: Floats, chance: Floats) -> None:
    """Print the figures of one side."""
    error, _ = calibration(outcomes, chance)
    auc, loss = area_under_curve(outcomes, chance), log_loss(outcomes, chance)
    print(f"  {name:<44} AUC {auc:.4f}  log loss {loss:.4f}  ECE {error:.4f}")


def evaluate_published(learners: Sequence[Learner]) -> None:
    """Print the published coefficients beside the anchors on the held-back fifth."""
    rest, held_back = split(learners, 0)
    priors, overall = skill_means(rest)
    outcomes = np.array([o for _, results in held_back for o in results], dtype=np.float64)
    started = time.perf_counter()
    chance, bounds = product_predictions(held_back, priors)
    seconds = time.perf_counter() - started
    print(f"held-back fifth: {len(held_back)} learners, {len(outcomes)} answers, all of them predicted")
    report("published model", outcomes, chance)
    report("published model, no skill means", outcomes, product_predictions(held_back, {})[0])
    report("decayed accuracy + 3 pseudo-answers", outcomes, decayed_accuracy(held_back, priors, overall))
    report("last five", outcomes, last_five(held_back))
    print("  calibration (answers, predicted, right):")
    for count, predicted, actual in calibration(outcomes, chance)[1]:
        print(f"    {count:>7} {predicted:.3f} {actual:.3f}")
    context = design(held_back, priors, overall)[2]
    print(f"  90 % interval against the next {NEXT_ANSWERS_LEAST}-{NEXT_ANSWERS} answers")
    print("    (answers before, cases, width, inside):")
    for name, count, width, covered in interval_coverage(chance, bounds, context):
        print(f"    {name:>5} {count:>7} {width:.3f} {covered:.3f}")
    print(f"  {seconds / len(outcomes) * 1e6:.0f} µs per answer (estimate and update)")


def cross_validate(learners: Sequence[Learner]) -> None:
    """Print five folds and their pool, each fitted on the other four, beside the decayed accuracy."""
    pooled: dict[str, list[Floats]] = {"right": [], "model": [], "decayed": [], "last": []}
    raising = right_minus_wrong()
    for fold in range(HELD_BACK_EVERY):
        rest, held_back = split(learners, fold)
        priors, overall = skill_means(rest)
        intercept, weights = fit_logistic(*design(rest, priors, overall)[:2], raising)
        inputs, outcomes, _ = design(held_back, priors, overall)
        chance = 1.0 / (1.0 + np.exp(-(inputs @ weights + intercept)))
        print(f"fold {fold}")
        report("model", outcomes, chance)
        pooled["right"].append(outcomes)
        pooled["model"].append(chance)
        pooled["decayed"].append(decayed_accuracy(held_back, priors, overall))
        pooled["last"].append(last_five(held_back))
        report("decayed accuracy + 3 pseudo-answers", outcomes, pooled["decayed"][-1])
    right = np.concatenate(pooled["right"])
    print(f"all folds together, {len(right)} answers")
    for key, name in (("model", "model"), ("decayed", "decayed accuracy"), ("last", "last five")):
        report(name, right, np.concatenate(pooled[key]))


def write_parameters(learners: Sequence[Learner]) -> None:
    """Fit on the learners that are not held back and write ``sessions_app/domain/mastery/parameters.py``."""
    rest, _ = split(learners, 0)
    priors, overall = skill_means(rest)
    inputs, outcomes, context = design(rest, priors, overall)
    intercept, weights = fit_logistic(inputs, outcomes, right_minus_wrong())
    chance = 1.0 / (1.0 + np.exp(-(inputs @ weights + intercept)))
    spread = fit_spread(np.clip(chance, 0.005, 0.995), context)
    rows = "\n".join(f"    {w:.6f},  # {name}" for name, w in zip(mastery.FEATURES, weights, strict=True))
    PARAMETERS_FILE.write_text(
        '"""Coefficients of the mastery model; generated by ``benchmarks/mastery.py --write``, not edited by hand.\n\n'
        f"Fitted by ridge-penalised logistic regression on {len(rest)} learners and {len(outcomes)} answers of the\n"
        "ASSISTments 2009-2010 skill-builder data (Feng, Heffernan & Koedinger 2009, as split for pyBKT); every fifth\n"
        "learner of the file was held back. Skills are unnamed to the model: it sees only their share of right\n"
        "answers, so the coefficients carry over to concepts that were never seen.\n"
        '"""\n\n'
        "from __future__ import annotations\n\n"
        f"INTERCEPT = {intercept:.6f}\n"
        f"WEIGHTS: tuple[float, ...] = (\n{rows}\n)\n"
        '"""One per name in ``belief.FEATURES``, in that order."""\n\n'
        f"SPREAD = ({', '.join(f'{value:.4f}' for value in spread)})\n"
        '"""Log standard deviation of the logit behind the interval: constant, per log1p(answers on the concept),\n'
        'per log1p(answers on other concepts), per unit of the logit itself."""\n\n'
        f"POPULATION_PRIOR = {overall:.4f}\n"
        '"""Share of right answers over all learners and skills; the prior of a concept nobody has measured."""\n'
    )
    print(f"wrote {PARAMETERS_FILE.name}")


def evaluate_gate(learners: Sequence[Learner]) -> None:
    """Print when learners first pass the gate and how their next answer turns out, beside the last-five rule."""
    print("exact chances of the gate (every question of two options):")
    for right, tries in ((0.25, 20), (0.5, 20), (0.8, 15), (0.9, 15)):
        print(f"  right with chance {right}: passes within {tries} answers {pass_chance(right, tries, 0.5):.5f}")
    sides: tuple[tuple[str, Callable[[Sequence[int]], int | None]], ...] = (
        ("this gate", _first_pass_gate),
        ("last-five rule at .9", _first_pass_last_five),
    )
    for name, passes in sides:
        firsts, following = _first_passes(learners, passes)
        print(
            f"  {name:<24} {len(firsts)} learner-skills pass, after {np.mean(firsts):.1f} answers; "
            f"of the next {NEXT_ANSWERS} answers {np.mean(following):.3f} are right"
        )


def _first_passes(
    learners: Iterable[Learner], passes: Callable[[Sequence[int]], int | None]
) -> tuple[list[int], list[int]]:
    """Return after how many answers each learner-skill first passes, and the outcomes that follow."""
    firsts: list[int] = []
    following: list[int] = []
    for skills, outcomes in learners:
        by_skill: dict[str, list[int]] = {}
        for skill, outcome in zip(skills, outcomes, strict=True):
            by_skill.setdefault(skill, []).append(outcome)
        for results in by_skill.values():
            first = passes(results)
            if first is not None:
                firsts.append(first)
                following += results[first : first + NEXT_ANSWERS]
    return firsts, following


def _first_pass_gate(results: Sequence[int]) -> int | None:
    return first_pass(GateAnswer(bool(outcome)) for outcome in results[:LONGEST_GATE])


def _first_pass_last_five(results: Sequence[int]) -> int | None:
    weights = (1.0, 0.95, 0.85, 0.7, 0.5)
    for index in range(3, min(len(results), LONGEST_GATE) + 1):
        recent = results[max(0, index - 5) : index][::-1]
        used = weights[: len(recent)]
        if math.fsum(w * r for w, r in zip(used, recent, strict=True)) / sum(used) >= 0.9:
            return index
    return None


def main(argv: Sequence[str] | None = None) -> int:
    """Run the parts asked for; exit 2 when the data is absent."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds learners/assistments_train.csv")
    parser.add_argument("--folds", action="store_true", help="five-fold cross-validation")
    parser.add_argument("--write", action="store_true", help="fit and write the published coefficients")
    parser.add_argument("--gate", action="store_true", help="when learners pass the gate, and what follows")
    options = parser.parse_args(argv)
    path = options.data / "learners" / "assistments_train.csv"
    if not path.is_file():
        print(f"data absent: {path.name} is not in the folder given by --data/learners; nothing was measured")
        return 2
    learners = load_learners(path)
    steps: list[tuple[bool, Callable[[Sequence[Learner]], None]]] = [
        (options.write, write_parameters),
        (options.folds, cross_validate),
        (options.gate, evaluate_gate),
        (not (options.write or options.folds or options.gate), evaluate_published),
    ]
    for wanted, step in steps:
        if wanted:
            step(learners)
    return 0


if __name__ == "__main__":
    sys.exit(main())
