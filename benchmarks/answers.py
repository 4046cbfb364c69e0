"""Whether what is shown answers: questions written by hand on course material of many fields, asked through the service.

    python -m benchmarks.answers [--data DIR] [--fit] [--show N]

DIR holds ``chapters/`` with its ``questions.json``; without it the ``course_material`` of the repository is used.
Each file is extracted, cut, embedded, indexed and read by the services the ingestion uses, in a session of its own in
a database that is made for this and dropped at the end. Per kind, language and chapter: the share of answerable
questions whose quote stands in the first passage and in what is shown, how many are called answered, how many of
these rightly, and how many unanswerable ones are claimed. Then where the missed ones are lost: no unit of them holds
the quote, its chunk stands far down in the search, or others rank above it. The other side of the comparison is
LangChain's usual splitter (1,000 characters, 150 overlap) with the same sentence encoder, its three nearest pieces.
``--fit`` fits weights and certainty with one chapter left out at a time, reports on the chapter left out, and prints both.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from benchmarks.support.environment import set_up

set_up()

import numpy as np  # noqa: E402
import numpy.typing as npt  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test.utils import setup_databases, teardown_databases  # noqa: E402

from benchmarks.support.material import COURSE_MATERIAL  # noqa: E402
from benchmarks.support.own_stack import ROOT, environment_of  # noqa: E402
from documents_app.domain.chunking import chunk  # noqa: E402
from documents_app.domain.search import evidence  # noqa: E402
from documents_app.domain.search.windows import UnitCandidate, chosen, within_words  # noqa: E402
from documents_app.extraction import registry  # noqa: E402
from documents_app.models import Document  # noqa: E402
from documents_app.retrieval import passages  # noqa: E402
from documents_app.retrieval.indexing import IndexChunk, document_prepare  # noqa: E402
from documents_app.retrieval.scope import Scope  # noqa: E402
from documents_app.retrieval.search import retrieve  # noqa: E402
from documents_app.services import ingestion  # noqa: E402
from documents_app.services.reading import reading_ensure  # noqa: E402
from sessions_app.domain.asking import leans_on  # noqa: E402
from tutor_project.language import language  # noqa: E402
from tutor_project.llm.sentence_encoder import ENGLISH, open_encoder  # noqa: E402

_NOISE = re.compile(r"[\s\-\u00ad\u2010|*`~^]")
_RAISED = re.compile(r"[\^_]\(([^()]*)\)")
REQUIREMENTS = ROOT / "benchmarks" / "rivals" / "requirements-answers.txt"
ENVIRONMENT = ROOT / "var" / "benchmarks" / "splitter"
PASSAGES = 3
_DEEP = 20
_PART_OF_QUOTE = 0.3


def plain(text: str) -> str:
    """Return a text as quotes are compared: without white space, hyphens and marks, raised and lowered signs on the line."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", _RAISED.sub(r"\1", text)))


@dataclass
class Outcome:
    """What became of a question: rank of the first passage that holds the quote (None: none does), certainty, figures.

    ``milliseconds`` passed, ``processor`` of them in this process: beside other work the second tells more.
    ``right``: whether a good part of the quote stands in a candidate, or of a candidate in the quote. ``chunk_rank``: place
    in the search of the first chunk that has such a candidate.
    """

    question: dict[str, Any]
    rank: int | None
    certainty: float
    milliseconds: float
    processor: float
    candidates: Sequence[UnitCandidate[Any]]
    figures: evidence.Figures
    right: npt.NDArray[np.bool_]
    chunk_rank: int | None

    @property
    def chapter(self) -> str:
        """The file the question was written on."""
        return str(self.question["file"])


def ingest(path: Path, owner: Any) -> Scope:
    """Take a file through extraction, chunks, index and reading; returns the scope of its session."""
    text = registry.extract(path, path.name)
    text = ingestion.with_language(text)
    chunks = chunk(text)
    pieces = [IndexChunk(0, part.ordinal, part.text, part.heading_path) for part in chunks]
    prepared = document_prepare(pieces, language=text.language)
    document = Document.objects.create(
        owner=owner, session_id=uuid4(), filename=path.name, mime_type="text/plain", size=len(text.text)
    )
    with transaction.atomic():
        ingestion.document_publish(document, text, chunks, prepared, ingestion.Clock())
    reading_ensure(document_id=document.pk)
    return Scope.of_session(owner.pk, document.session_id)


def ask(scope: Scope, question: dict[str, Any]) -> Outcome:
    """Ask one question as the service does and compare what is shown with the quote."""
    quote = plain(question["answer_quote"]) if question["answerable"] else ""
    words = language(question["language"])
    context = question.get("follows") or "" if leans_on(question["question"], words) else ""
    started, used = time.perf_counter(), time.process_time()
    weighed = passages.weigh(scope=scope, query=f"{question['question']} {context}".strip())
    found = passages.best_passages(weighed, scope.owner_id, limit=PASSAGES)
    spent, used = (time.perf_counter() - started) * 1000, (time.process_time() - used) * 1000
    shown = [plain(passage.citation.text) for passage in found.passages]
    rank = next((at for at, text in enumerate(shown) if quote and quote in text), None)
    right = holding(weighed.candidates, quote)
    return Outcome(
        question,
        rank,
        found.certainty,
        spent,
        used,
        weighed.candidates,
        weighed.figures,
        right,
        chunk_rank(scope, weighed, right, question),
    )


def chunk_rank(
    scope: Scope, weighed: passages.Weighed, right: npt.NDArray[np.bool_], question: dict[str, Any]
) -> int | None:
    """Return the place in the search of the first chunk that has a right candidate, None where there is none."""
    found = retrieve(scope=scope, query=question["question"], depth=passages.DEPTH, related=False).ranking.passages
    places = {key: at for at, key in enumerate(zip(found.document_uuids(), found.ordinals.tolist(), strict=True))}
    held = [weighed.candidates[at] for at in np.flatnonzero(right)]
    ranks = [places.get((one.document, one.ordinal), passages.DEPTH) for one in held]
    return min(ranks, default=None)


def holding(candidates: Sequence[UnitCandidate[Any]], quote: str) -> npt.NDArray[np.bool_]:
    """Tell which candidates hold a good part of a plain quote, or are part of it; all of them together are one text."""
    texts = [plain(candidate.text) for candidate in candidates]
    ends = np.cumsum([len(text) for text in texts])
    starts = ends - [len(text) for text in texts]
    right = np.zeros(len(texts), dtype=bool)
    joined, at = "".join(texts), -1
    while quote and (at := joined.find(quote, at + 1)) >= 0:
        shared = np.minimum(ends, at + len(quote)) - np.maximum(starts, at)
        right |= (shared > 0) & ((shared >= _PART_OF_QUOTE * len(quote)) | (shared >= (ends - starts) / 2))
    return right


def shares(outcomes: Sequence[Outcome]) -> str:
    """Return one line of figures for some answerable questions."""
    total = len(outcomes)
    first = sum(one.rank == 0 for one in outcomes) / total
    shown = sum(one.rank is not None for one in outcomes) / total
    sure = [one for one in outcomes if one.certainty >= evidence.ANSWERED_FROM]
    rightly = sum(one.rank is not None for one in sure) / len(sure) if sure else 0.0
    return f"first {first:.2f}  shown {shown:.2f}  answered {len(sure) / total:.2f}  of these rightly {rightly:.2f}"


def report(outcomes: Sequence[Outcome]) -> None:
    """Print the figures of all questions, by kind, language and chapter."""
    answerable = [one for one in outcomes if one.question["answerable"]]
    others = [one for one in outcomes if not one.question["answerable"]]
    claimed = sum(one.certainty >= evidence.ANSWERED_FROM for one in others)
    print(f"{'all':<34}{len(answerable):>4}  {shares(answerable)}")
    for name in ("kind", "language", "file"):
        groups: dict[str, list[Outcome]] = defaultdict(list)
        for one in answerable:
            groups[one.question[name]].append(one)
        for key, group in sorted(groups.items()):
            print(f"{key[:33]:<34}{len(group):>4}  {shares(group)}")
    print(f"unanswerable: {len(others)}, claimed as answered: {claimed} ({claimed / len(others):.3f})")
    losses(answerable)
    for name, times in (
        ("time of a question", [one.milliseconds for one in outcomes]),
        ("processor time of it, without the database", [one.processor for one in outcomes]),
    ):
        middle, most = np.percentile(times, [50, 95])
        print(f"{name}: p50 {middle:.0f} ms, p95 {most:.0f} ms")


def losses(answerable: Sequence[Outcome]) -> None:
    """Print at which depth the search has the right chunk, and where the questions are lost whose quote is not shown."""
    ranks = [one.chunk_rank for one in answerable]
    reached = "  ".join(
        f"{depth}: {sum(rank is not None and rank < depth for rank in ranks) / len(ranks):.2f}"
        for depth in (5, 10, 20, 40)
    )
    print(f"a right unit among the first chunks of the search: {reached}")
    kinds = sorted({str(one.question["kind"]) for one in answerable})
    print(f"{'lost':<34}{'missed':>7}{'no unit':>11}{'chunk > 20':>12}{'ranked low':>12}")
    for kind in [None, *kinds]:
        missed = [one for one in answerable if one.rank is None and kind in (None, one.question["kind"])]
        nowhere = sum(one.chunk_rank is None for one in missed)
        deep = sum(one.chunk_rank is not None and one.chunk_rank >= _DEEP for one in missed)
        print(f"{kind or 'all':<34}{len(missed):>7}{nowhere:>11}{deep:>12}{len(missed) - nowhere - deep:>12}")


def fit(outcomes: Sequence[Outcome]) -> None:
    """Fit weights and certainty without each chapter in turn, report on it, then print the fit on all."""
    for chapter in {one.chapter for one in outcomes}:
        others = [one for one in outcomes if one.chapter != chapter]
        own = [one for one in outcomes if one.chapter == chapter]
        weights = fitted_weights(others)
        model = fitted_certainty(others, weights)
        for one in own:
            one.rank = _rank(one, weights)
            one.certainty = model(one)
    print("\nweights and certainty fitted with each chapter left out in turn:")
    report(outcomes)
    weights = fitted_weights(outcomes)
    print("fitted on all:", dict(zip(evidence.FEATURES, np.round(weights, 2).tolist(), strict=True)))
    print("certainty (constant, similarity, coverage, reach):", fitted_certainty(outcomes, weights)(None))


def _rank(one: Outcome, weights: npt.NDArray[np.float64]) -> int | None:
    """Return the place of the first window that holds the quote, as the service would choose them by these weights."""
    quote = plain(one.question["answer_quote"]) if one.question["answerable"] else ""
    for at, window in enumerate(chosen(one.candidates, (one.figures.features @ weights).tolist(), PASSAGES)):
        text = " ".join(one.candidates[place].text for place in window.places)
        if quote and quote in plain(within_words(text, one.candidates[window.best].unit.kind)):
            return at
    return None


def fitted_weights(outcomes: Sequence[Outcome], *, decay: float = 2.0, steps: int = 300) -> npt.NDArray[np.float64]:
    """Return the weights of a softmax over the candidates of a question that makes right ones likely (listwise loss)."""
    lists = [(one.figures.features, one.right) for one in outcomes if one.right.any()]
    weights = np.zeros(len(evidence.FEATURES))
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, steps + 1):
        slope = decay * weights / len(lists)
        for features, right in lists:
            value = features @ weights
            likely = np.exp(value - value.max())
            likely /= likely.sum()
            wanted = likely * right
            slope += features.T @ (likely - wanted / wanted.sum()) / len(lists)
        mean, square = 0.9 * mean + 0.1 * slope, 0.99 * square + 0.01 * slope**2
        weights -= 0.05 * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.99**step)) + 1e-8)
    return weights


def fitted_certainty(outcomes: Sequence[Outcome], weights: npt.NDArray[np.float64]) -> Callable[[Outcome | None], Any]:
    """Return a logistic model of "what is shown holds the quote" over three signs; called with None, its constants."""

    def signs(one: Outcome) -> tuple[float, ...]:
        return (1.0, *evidence.signs(one.figures, one.figures.features @ weights))

    design = np.array([signs(one) for one in outcomes])
    shown = np.array(
        [one.question["answerable"] and _rank(one, weights) is not None for one in outcomes], dtype=np.float64
    )
    constants = np.zeros(4)
    for _ in range(4000):
        probability = 1 / (1 + np.exp(-design @ constants))
        constants -= 0.5 * (design.T @ (probability - shown) / len(shown) + 0.002 * np.array([0, *constants[1:]]))

    def model(one: Outcome | None) -> Any:
        return np.round(constants, 2).tolist() if one is None else 1 / (1 + np.exp(-np.dot(signs(one), constants)))

    return model


def other_side(files: Sequence[Path], questions: Sequence[dict[str, Any]]) -> None:
    """Print what LangChain's splitter and the same encoder show: the three nearest pieces of 1,000 characters."""
    encoder = open_encoder(ENGLISH)
    if encoder is None:
        sys.exit("the wheels of the sentence encoder are missing")
    first = shown = total = 0
    for path, pieces in zip(files, split([registry.extract(path, path.name).text for path in files]), strict=True):
        vectors = encoder.encode(pieces)
        for question in questions:
            if question["file"] == path.name and question["answerable"]:
                near = np.argsort(-(vectors @ encoder.encode([question["question"]])[0]))[:PASSAGES]
                held = [plain(question["answer_quote"]) in plain(pieces[at]) for at in near]
                total, first, shown = total + 1, first + held[0], shown + any(held)
    print(
        f"other side (splitter 1000/150 + encoder, 150 words each): first {first / total:.2f}  shown {shown / total:.2f}"
    )


def split(texts: Sequence[str]) -> list[list[str]]:
    """Return the pieces of each text, cut by LangChain's splitter in an environment of its own."""
    python = environment_of(REQUIREMENTS, ENVIRONMENT)
    done = subprocess.run(
        [str(python), "-m", "benchmarks.rivals.answers_langchain"],
        cwd=ROOT, input=json.dumps(texts), capture_output=True, text=True, check=True,
    )  # fmt: skip
    pieces: list[list[str]] = json.loads(done.stdout)
    return pieces


def chapters(folder: Path) -> Iterator[Path]:
    """Yield the files of course material."""
    return (path for path in sorted(folder.iterdir()) if path.suffix != ".json")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=COURSE_MATERIAL)
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--other", action="store_true", help="the other side too, in an environment made once")
    parser.add_argument("--show", type=int, default=0, help="print so many questions whose quote was not shown")
    asked = parser.parse_args()
    folder = asked.data / "chapters"
    if not (folder / "questions.json").is_file():
        sys.exit(f"there is no {folder}/questions.json")
    questions = json.loads((folder / "questions.json").read_text(encoding="utf-8"))
    names = setup_databases(verbosity=0, interactive=False)
    try:
        owner = get_user_model().objects.create_user(username="answers")
        scopes = {path.name: ingest(path, owner) for path in chapters(folder)}
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        outcomes = [ask(scopes[question["file"]], question) for question in questions]
    finally:
        teardown_databases(names, verbosity=0)
    report(outcomes)
    missed = [one for one in outcomes if one.question["answerable"] and one.rank is None]
    for one in missed[: asked.show]:
        print(f"missed: [{one.chapter}] {one.question['question']} -> {one.question['answer_quote'][:120]}")
    if asked.other:
        other_side(list(chapters(folder)), questions)
    if asked.fit:
        fit(outcomes)


if __name__ == "__main__":
    main()
