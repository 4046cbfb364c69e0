"""Measures of the question writer, the verifier and the grader.

Usage: ``python -m benchmarks.questions --data DIR [--examples FILE] [--seed N]`` where DIR holds ``textbook/*.pdf`` (or
``*.md``). Without DIR the four short texts beside this file are used and the output says so. Printed:

- yield: verified questions per 1,000 words; share with exact evidence; lint flaws and near-duplicates among them;
- time of a quiz of ten questions, everything included that is not the analysis (median of five);
- verifier: share of seeded mutations caught per class, share of clean items refused. Clean items are what passed
  from the writer, and sixty items written by hand for the texts beside this file;
- grader: false accepts and false rejects on the minimal pairs of the test suite.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from benchmarks.support.question_mutations import MUTATIONS, World
from documents_app.domain.analysis.types import Analysis
from documents_app.domain.material import SourceDocument
from documents_app.domain.study import Study
from documents_app.engine.analysis import analyse, study_material
from documents_app.extraction.registry import extract
from sessions_app.domain.grading.short_answer import grade_text
from sessions_app.domain.questions.duplicates import BankItem, near_duplicate
from sessions_app.domain.questions.lint import lint
from sessions_app.domain.questions.request import QuestionRequest
from sessions_app.domain.questions.selection import select
from sessions_app.domain.questions.sentences import SentenceStatistics
from sessions_app.domain.questions.types import (
    FALSE_OPTION,
    TRUE_OPTION,
    BooleanKey,
    CandidateQuestion,
    ChoiceKey,
    Key,
    NumericKey,
    Option,
    QuestionKind,
    TextKey,
    make_options,
)
from sessions_app.domain.questions.verifier import Verifier
from sessions_app.engine.questions.writing import write
from tutor_project.llm.embeddings import get_embedder

HERE = Path(__file__).parent / "questions_material"
PAIRS = Path(__file__).parent.parent / "tests" / "unit" / "sessions" / "fixtures" / "grading_pairs.txt"
ALL = 100_000


def load(paths: Sequence[Path]) -> list[SourceDocument]:
    """Return the files as documents."""
    return [SourceDocument(path.stem, path.name, extract(path, path.name)) for path in paths]


def spans_of(analysis: Analysis) -> list[tuple[int, int, int]]:
    """Return the sentences of an analysis as the verifier takes them."""
    return [(s.document, s.char_start, s.char_end) for section in analysis.sections for s in section.sentences]


def hand_written() -> tuple[list[SourceDocument], list[CandidateQuestion]]:
    """Return the short texts and the items written by hand for them."""
    rows = json.loads((HERE / "items.json").read_text())
    names = list(dict.fromkeys(row["doc"] for row in rows))
    material = dict(zip(names, load([HERE / f"{name}.md" for name in names]), strict=True))
    items = []
    for row in rows:
        document = material[row["doc"]]
        start = document.content.text.index(row["evidence"])
        kind = QuestionKind(row["kind"])
        options, key = _options_and_key(kind, row)
        items.append(
            CandidateQuestion(
                kind=kind,
                stem=row["stem"],
                key=key,
                explanation=row["explanation"],
                evidence=(document.cite(start, start + len(row["evidence"])),),
                options=options,
            )
        )
    return list(material.values()), items


def _options_and_key(kind: QuestionKind, row: dict[str, object]) -> tuple[tuple[Option, ...], Key]:
    if kind is QuestionKind.MULTIPLE_CHOICE:
        options = make_options(str(row["stem"]), list(row["options"]))  # type: ignore[call-overload]
        return options, ChoiceKey(options[int(row["key"])].id)  # type: ignore[call-overload]
    if kind is QuestionKind.TRUE_FALSE:
        return (TRUE_OPTION, FALSE_OPTION), BooleanKey(bool(row["key"]))
    if kind is QuestionKind.NUMERIC:
        return (), NumericKey(float(row["value"]), float(row.get("tolerance", 0)), str(row.get("unit", "")))  # type: ignore[arg-type]
    return (), TextKey(tuple(row["accepted"]))  # type: ignore[arg-type]


def measure_yield(material: list[SourceDocument], study: Study, seed: int) -> list[CandidateQuestion]:
    """Print the yield and return the verified questions."""
    embed = get_embedder().embed_documents
    analysis = study.analysis
    words = sum(len(s.text.split()) for section in analysis.sections for s in section.sentences)
    source = SentenceStatistics(material, spans_of(analysis))
    matter = study.matter
    request = QuestionRequest(count=ALL, seed=seed)
    quiz = select(lambda wish: write(matter, wish), Verifier(source, embed=embed), request)
    questions = list(quiz.questions)
    exact = sum(all(source.is_exact(citation) for citation in q.evidence) for q in questions)
    flawed = sum(bool(lint(q)) for q in questions)
    items = [BankItem.of(q) for q in questions]
    alike = sum(near_duplicate(q, items[:i], embed) is not None for i, q in enumerate(questions))
    refused = Counter(rule for verified in quiz.quarantined for rule in set(verified.verdict.rules))
    print(
        f"words of prose {words:,}; verified questions {len(questions)}; per 1,000 words {1000 * len(questions) / words:.1f}"
    )
    print(f"exact evidence {exact / max(1, len(questions)):.0%}; with lint flaws {flawed}; near-duplicates {alike}")
    print(
        "kinds",
        dict(Counter(q.kind.value for q in questions)),
        "difficulty",
        dict(Counter(q.difficulty.value for q in questions)),
    )
    positions = Counter(
        [o.id for o in q.options].index(q.key.option_id) for q in questions if isinstance(q.key, ChoiceKey)
    )
    print("key positions", dict(sorted(positions.items())), "quarantined", dict(refused.most_common()))
    return questions


def measure_time(material: list[SourceDocument], study: Study) -> None:
    """Print the time of a quiz of ten with nothing but the analysis given, and again with a kept reading."""
    embed = get_embedder().embed_documents
    fresh, kept, processor = [], [], []
    matter, analysis = study.matter, study.analysis
    source = SentenceStatistics(material, spans_of(analysis))
    for seed in range(5):
        request = QuestionRequest(count=10, seed=seed)
        begin, used = time.perf_counter(), time.process_time()
        select(
            lambda wish: write(matter, wish),
            Verifier(SentenceStatistics(material, spans_of(analysis)), embed=embed),
            request,
        )
        fresh.append(time.perf_counter() - begin)
        processor.append(time.process_time() - used)
        begin = time.perf_counter()
        select(lambda wish: write(matter, wish), Verifier(source, embed=embed), request)
        kept.append(time.perf_counter() - begin)
    pages = sum(len(document.content.pages) for document in material)
    print(
        f"quiz of 10 from {pages} pages: {statistics.median(fresh):.2f} s ({statistics.median(processor):.2f}"
        f" s of processor), with a kept reading {statistics.median(kept):.2f} s (medians of 5)"
    )


def measure_verifier(
    verifier: Verifier, clean: list[CandidateQuestion], terms: list[str], label: str, seed: int
) -> None:
    """Print the share of clean items refused and of each class of mutations caught."""
    rng = random.Random(seed)
    world = World(terms, clean)
    refused = sum(not verifier.verify(question).passed for question in clean)
    print(f"{label}: {len(clean)} clean items, refused {refused / max(1, len(clean)):.1%}")
    for name, mutate in MUTATIONS.items():
        mutants = [mutant for q in clean if (mutant := mutate(q, world, rng)) is not None and mutant != q]
        caught = sum(not verifier.verify(mutant).passed for mutant in mutants)
        print(f"  {name:20} {caught:4}/{len(mutants):<4} {caught / max(1, len(mutants)):.1%}")


def terms_of(analysis: Analysis, questions: Sequence[CandidateQuestion]) -> list[str]:
    """Return the names that mutations may put in place of one another."""
    names = [term.term for term in analysis.terms] + [concept.name for concept in analysis.concepts]
    names += [q.key_text for q in questions if isinstance(q.key, TextKey)]
    names += [q.concept for q in questions if q.concept and len(q.concept.split()) < 4]
    return list(dict.fromkeys(names))


def measure_grader() -> None:
    """Print false accepts and false rejects on the minimal pairs."""
    counts: Counter[tuple[str, str]] = Counter()
    for line in PAIRS.read_text().splitlines():
        if line.startswith("#") or not line.strip():
            continue
        answer, key, expected = line.split(" | ")
        counts[expected.strip(), grade_text(answer, [key]).verdict.value] += 1
    must_fail = sum(n for (expected, _), n in counts.items() if expected == "no")
    must_pass = sum(n for (expected, _), n in counts.items() if expected == "yes")
    print(
        f"grader: {sum(counts.values())} pairs; false accepts {counts['no', 'correct']}/{must_fail}; "
        f"false rejects {counts['yes', 'incorrect']}/{must_pass}; left to a person {counts['yes', 'needs_review']}/{must_pass}"
    )


def write_examples(questions: list[CandidateQuestion], path: Path, seed: int, count: int = 40) -> None:
    """Write ``count`` questions at random with their keys and passages."""
    lines = ["# Forty questions of the built-in writer, at random", ""]
    lines.append(
        "Written by `python -m benchmarks.questions --data DIR --examples FILE`; the key is marked, the passage follows."
    )
    for number, q in enumerate(random.Random(seed).sample(questions, min(count, len(questions))), 1):
        lines += ["", f"**{number}. {q.stem}** ({q.kind.value.replace('_', ' ')}, {q.difficulty.value})", ""]
        lines += [f"- {'**' + o.text + '** ✓' if o.text == q.key_text else o.text}" for o in q.options] or [
            f"- **{q.key_text}** ✓"
        ]
        passage = " ".join(q.evidence[0].text.split())
        lines += ["", f"> {passage} ({q.evidence[0].filename}, page {q.evidence[0].page_start})"]
    path.write_text("\n".join(lines) + "\n")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--examples", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    embed = get_embedder().embed_documents
    folder = arguments.data / "textbook" if arguments.data else None
    chapters = sorted(folder.glob("*.pdf")) or sorted(folder.glob("*.md")) if folder and folder.is_dir() else []
    if not chapters:
        print(
            f"no textbook under {arguments.data}: the yield is measured on the four short texts beside the benchmark only"
        )
        chapters = sorted(HERE.glob("*.md"))
    material = load(chapters)
    study = study_material(material, embed)
    analysis = study.analysis
    questions = measure_yield(material, study, arguments.seed)
    for document in material:
        measure_time([document], study_material([document], embed))
    verifier = Verifier(SentenceStatistics(material, spans_of(analysis)), embed=embed)
    measure_verifier(verifier, questions, terms_of(analysis, questions), "written by the engine", arguments.seed)
    texts, items = hand_written()
    own = analyse(texts, embed)
    measure_verifier(
        Verifier(SentenceStatistics(texts, spans_of(own)), embed=embed),
        items,
        terms_of(own, items),
        "written by hand",
        arguments.seed,
    )
    measure_grader()
    if arguments.examples:
        write_examples(questions, arguments.examples, arguments.seed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
