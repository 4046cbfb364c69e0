"""Whether the right paragraph and sentence are found among 240 of all subjects, in three languages.

    python -m benchmarks.xquad --data DIR [--every N] [--languages de es]

DIR holds ``xquad/``: 1,190 questions on 240 paragraphs with exact answers, the same in English, German and Spanish (Artetxe and
others, 2020). All paragraphs of a language are one document in one session. Per language: how often the best marked sentence
stands in the paragraph the question was written on, how often it holds the answer, and how often one of the passages shown
does. The other side is BM25 over the same sentences, with the same stems and stop words. ``--every`` asks each Nth question.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.support.environment import set_up

set_up()

import numpy as np  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.db import connection  # noqa: E402
from django.test.utils import setup_databases, teardown_databases  # noqa: E402

from benchmarks.answers import PASSAGES, ingest, plain  # noqa: E402
from documents_app.domain.search.bm25 import inverse_document_frequency  # noqa: E402
from documents_app.retrieval.passages import FoundPassage, find_passages  # noqa: E402
from documents_app.retrieval.scope import Scope  # noqa: E402
from documents_app.retrieval.text import analyzer  # noqa: E402
from tutor_project.language import language  # noqa: E402

LANGUAGES = ("en", "de", "es")
_K1, _B = 1.2, 0.75


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the paragraph it was written on, and the words that answer it."""

    text: str
    paragraph: int
    answer: str


@dataclass(frozen=True, slots=True)
class Result:
    """Shares of the questions, and the milliseconds of a question at the 95th percentile (0: not measured)."""

    paragraph: float
    sentence: float
    shown: float
    p95: float

    def __str__(self) -> str:
        shares = f"paragraph first {self.paragraph:.3f}  sentence {self.sentence:.3f}  shown {self.shown:.3f}"
        return f"{shares}  p95 {self.p95:.0f} ms" if self.p95 else shares


def load(path: Path) -> tuple[list[str], list[Question]]:
    """Return the paragraphs and questions of a file."""
    data = json.loads(path.read_text(encoding="utf-8"))["data"]
    paragraphs = [paragraph for article in data for paragraph in article["paragraphs"]]
    questions = [
        Question(one["question"], at, one["answers"][0]["text"])
        for at, paragraph in enumerate(paragraphs)
        for one in paragraph["qas"]
    ]
    return [" ".join(paragraph["context"].split()) for paragraph in paragraphs], questions


def product(tag: str, paragraphs: Sequence[str], questions: Sequence[Question]) -> Result:
    """Ask the service all questions on one document that holds all paragraphs."""
    owner, _ = get_user_model().objects.get_or_create(username="xquad")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"paragraphs-{tag}.txt"
        path.write_text("\n\n".join(paragraphs), encoding="utf-8")
        scope = ingest(path, owner)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    rows, times = [], []
    for question in questions:
        began = time.perf_counter()
        found = _asked(scope, question.text)
        times.append((time.perf_counter() - began) * 1000)
        sentence = plain(_marked(found[0])) if found else ""
        answer = plain(question.answer)
        shown = any(answer in plain(passage.citation.text) for passage in found)
        own = bool(sentence) and sentence in plain(paragraphs[question.paragraph])
        rows.append((own, answer in sentence, shown))
    return _result(rows, float(np.percentile(times, 95)))


def _asked(scope: Scope, question: str) -> tuple[FoundPassage, ...]:
    return find_passages(scope=scope, question=question, limit=PASSAGES).passages


def _marked(passage: FoundPassage) -> str:
    """Return the sentence that is marked in a passage; offsets are those of the stored text, not of the file."""
    low, high = passage.highlights[0]
    return passage.citation.text[low - passage.citation.char_start : high - passage.citation.char_start]


def by_words(tag: str, paragraphs: Sequence[str], questions: Sequence[Question]) -> Result:
    """Rank all sentences by BM25 (k1 1.2, b .75); shown are the best three of them."""
    spoken, terms_of = language(tag), analyzer(tag)
    sentences = [(at, text[low:high]) for at, text in enumerate(paragraphs) for low, high in spoken.sentences(text)]
    lists = [terms_of.terms(sentence) for _, sentence in sentences]
    lengths = np.array([max(len(terms), 1) for terms in lists])
    postings: dict[int, list[tuple[int, int]]] = {}
    for at, terms in enumerate(lists):
        for term, count in zip(*np.unique(terms, return_counts=True), strict=True):
            postings.setdefault(int(term), []).append((at, int(count)))
    rows = []
    for question in questions:
        scores = np.zeros(len(sentences))
        for term in set(terms_of.terms(question.text).tolist()):
            found = postings.get(term, [])
            (idf,) = inverse_document_frequency(np.array([len(found)]), len(sentences))
            for at, count in found:
                scores[at] += idf * count * (_K1 + 1) / (count + _K1 * (1 - _B + _B * lengths[at] / lengths.mean()))
        best = [sentences[at] for at in np.argsort(-scores, kind="stable")[:PASSAGES]]
        held = [plain(question.answer) in plain(sentence) for _, sentence in best]
        rows.append((best[0][0] == question.paragraph, held[0], any(held)))
    return _result(rows)


def _result(rows: Sequence[tuple[bool, bool, bool]], p95: float = 0.0) -> Result:
    paragraph, sentence, shown = np.array(rows).mean(axis=0).tolist()
    return Result(paragraph, sentence, shown, p95)


def measured(data: Path, every: int = 1, languages: Sequence[str] = LANGUAGES) -> Iterator[tuple[str, Result, Result]]:
    """Yield for each language what the product and BM25 reach."""
    names = setup_databases(verbosity=0, interactive=False)
    try:
        for tag in languages:
            paragraphs, questions = load(data / "xquad" / f"xquad.{tag}.json")
            asked = questions[::every]
            yield tag, product(tag, paragraphs, asked), by_words(tag, paragraphs, asked)
    finally:
        teardown_databases(names, verbosity=0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--languages", nargs="+", choices=LANGUAGES, default=LANGUAGES)
    options = parser.parse_args()
    if not (options.data / "xquad").is_dir():
        print(f"there is no {options.data}/xquad: nothing is measured")
        return 0
    for tag, ours, words in measured(options.data, options.every, options.languages):
        print(f"{tag} the product  {ours}\n{tag} BM25         {words}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
