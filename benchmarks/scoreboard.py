"""Every yardstick with material of other people in one run, written to a page.

    python -m benchmarks.scoreboard --data DIR [--out docs/scoreboard.md] [--parts DIR]

Each yardstick is a benchmark of its own, run as a user would run it, and its whole output stands on the page. The table above
picks out the figures that have a bar, says what the other side of the comparison reaches in the same run, and names the
line that is furthest below its bar. With ``--parts`` what each yardstick printed is kept in a folder, and one that is there
is not run again: delete its file to measure it anew.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Yardstick:
    """A benchmark: its module, the folder of the data it needs, its arguments, and what it compares."""

    title: str
    module: str
    folder: str
    arguments: tuple[str, ...]
    compares: str


@dataclass(frozen=True, slots=True)
class Line:
    """A figure with a bar. ``ours`` and ``other`` match the output of a yardstick; their group is a share or per cent.

    ``at_most``: whether the figure must stay below the bar instead of reaching it; ``plain``: whether it is no share.
    """

    name: str
    module: str
    ours: str
    bar: float
    other: str = ""
    other_name: str = ""
    at_most: bool = False
    plain: bool = False

    def shown(self, value: float) -> str:
        """Return a figure as the page writes it."""
        return f"{value:.3f}" if self.plain else f"{value:.1%}"


YARDSTICKS = (
    Yardstick(
        "Answers on course material", "answers", "chapters", ("--fit", "--other"),
        "281 questions written by hand on 16 pieces in as many fields and five languages, formulated while looking at the text. "
        "The first report is the service as it ships; its weights were fitted on these questions. The second fits them with "
        "each chapter left out and reports on that chapter. The other side: LangChain's splitter, the three nearest pieces by "
        "the same sentence encoder (150 words each).",
    ),
    Yardstick(
        "Answers among 240 paragraphs", "xquad", "xquad", ("--every", "5"),
        "XQuAD in three languages, each fifth question; nothing was fitted on it. The other side: BM25 over the same sentences.",
    ),
    Yardstick(
        "Grading of short answers", "grading", "grading/semeval3way_train", (),
        "SemEval-2013 task 7, each question graded by a model that never saw it. The other sides: the majority, word overlap.",
    ),
    Yardstick(
        "Retrieval", "retrieval_quality", "", (),
        "Cranfield and questions on a textbook. The other sides: BM25, PostgreSQL's text search, vectors alone.",
    ),
    Yardstick(
        "Mastery", "mastery", "learners", (),
        "The next answer of learners held back. The other sides: decayed accuracy, the last five answers.",
    ),
    Yardstick(
        "Concepts and terms", "analysis", "chapters", (),
        "What the analysis names against what the authors marked as terms and objectives, and against what a strict reader "
        "found worth teaching (the author of the rules, no fresh judge); no other side.",
    ),
    Yardstick(
        "Lessons", "lessons", "chapters", (),
        "What a lesson quotes and keeps of the sections it teaches, and where it asks; no other side.",
    ),
    Yardstick(
        "Summaries", "summaries", "chapters", (),
        "Four summaries of each of 60 sections, from false to good: in how many the judge puts all four in order. The rules "
        "were made on the half called tuned; no other side.",
    ),
)  # fmt: skip
_FITTED = r"(?s:each chapter left out.*?)"
LINES = (
    Line(
        "answers: quote in what is shown",
        "answers",
        _FITTED + r"^all .*?shown ([\d.]+)",
        0.80,
        r"^other side.*shown ([\d.]+)",
        "splitter + encoder",
    ),
    Line(
        "answers: quote in the first passage",
        "answers",
        _FITTED + r"^all .*?first ([\d.]+)",
        0.60,
        r"^other side.*first ([\d.]+)",
        "splitter + encoder",
    ),
    Line("answers: everyday words", "answers", _FITTED + r"^everyday_words.*?shown ([\d.]+)", 0.50),
    Line("answers: table, formula, code, list", "answers", _FITTED + r"^table_formula_code.*?shown ([\d.]+)", 0.70),
    *(
        Line(f"answers: {name}", "answers", _FITTED + rf"^{tag} .*?shown ([\d.]+)", 0.75)
        for tag, name in (("de", "German"), ("es", "Spanish"), ("fr", "French"), ("pt", "Portuguese"))
    ),
    Line("answers: answerable ones called answered", "answers", _FITTED + r"^all .*?answered ([\d.]+)", 0.60),
    Line("answers: of these rightly", "answers", _FITTED + r"^all .*?rightly ([\d.]+)", 0.85),
    Line(
        "answers: unanswerable ones claimed",
        "answers",
        _FITTED + r"claimed as answered: .*?\(([\d.]+)\)",
        0.05,
        at_most=True,
    ),
    *(
        Line(
            f"XQuAD {tag}: right paragraph first",
            "xquad",
            rf"^{tag} the product .*?paragraph first ([\d.]+)",
            0.80,
            rf"^{tag} BM25 .*?paragraph first ([\d.]+)",
            "BM25",
        )
        for tag in ("en", "de", "es")
    ),
    *(
        Line(
            f"XQuAD {tag}: marked sentence holds the answer",
            "xquad",
            rf"^{tag} the product .*?sentence ([\d.]+)",
            0.65,
            rf"^{tag} BM25 .*?sentence ([\d.]+)",
            "BM25",
        )
        for tag in ("en", "de", "es")
    ),
    Line(
        "grading: wrong answers accepted",
        "grading",
        r"^the grader  +.*?false accepts +([\d.]+)%",
        0.01,
        r"^word overlap, right from.*?false accepts +([\d.]+)%",
        "word overlap at one half",
        at_most=True,
    ),
    Line(
        "grading: right answers called wrong",
        "grading",
        r"^the grader  +.*?called wrong +([\d.]+)%",
        0.02,
        r"^word overlap, right from.*?called wrong +([\d.]+)%",
        "word overlap at one half",
        at_most=True,
    ),
    Line("grading: decided without a person", "grading", r"^the grader  +.*?decided +([\d.]+)%", 0.40),
    Line(
        "retrieval: nDCG@10 on Cranfield",
        "retrieval_quality",
        r"(?s:Cranfield:.*?)search service, hybrid +([\d.]+)",
        0.42,
        r"(?s:Cranfield:.*?)search service, lexical +([\d.]+)",
        "BM25",
        plain=True,
    ),
    Line(
        "mastery: AUC of the next answer",
        "mastery",
        r"published model +AUC ([\d.]+)",
        0.83,
        r"decayed accuracy.*?AUC ([\d.]+)",
        "decayed accuracy",
        plain=True,
    ),
    Line(
        "mastery: log loss of the next answer",
        "mastery",
        r"published model +AUC [\d.]+ +log loss ([\d.]+)",
        0.455,
        r"decayed accuracy.*?log loss ([\d.]+)",
        "decayed accuracy",
        at_most=True,
        plain=True,
    ),
    Line("terms: the authors' found", "analysis", r"^found: mean +([\d.]+)%", 0.60),
    Line("terms: first ten among the authors'", "analysis", r"^first ten among.*?mean +([\d.]+)%", 0.90),
    Line("terms: first ten worth teaching, by eye", "analysis", r"^first ten worth.*?mean +([\d.]+)%", 0.90),
    Line("lessons: running prose quoted", "lessons", r"^prose: mean +([\d.]+)%", 0.60, at_most=True),
    Line("lessons: formulas, code, tables, lists kept", "lessons", r"^kept: mean +([\d.]+)%", 1.00),
    Line("lessons: authors' terms kept", "lessons", r"^terms: mean +([\d.]+)%", 0.90),
    Line("lessons: sections with a check question", "lessons", r"^checks: mean +([\d.]+)%", 0.80),
    Line("summaries: all four in order (kept half)", "summaries", r"^kept: order.*?\(([\d.]+) %", 0.95),
)


def run(yardstick: Yardstick, data: Path) -> str:
    """Return what a benchmark prints, or why it was not run."""
    folder = data / yardstick.folder
    if not folder.exists():
        return f"not measured: there is no {yardstick.folder} in the folder given by --data"
    given = folder if yardstick.module == "grading" else data
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{yardstick.module}", "--data", str(given), *yardstick.arguments],
        capture_output=True, text=True, check=False, env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )  # fmt: skip
    if done.returncode:
        return f"not measured: it ended with {done.returncode}\n{done.stderr[-500:]}"
    return done.stdout.replace(str(data), "DATA").strip()


def figure(pattern: str, output: str) -> float | None:
    """Return the share that a pattern finds, None where it finds none; a figure before "%" is per cent."""
    found = re.search(pattern, output, re.MULTILINE) if pattern else None
    if found is None:
        return None
    return float(found[1]) / (100 if pattern.endswith("%") else 1)


def shortfall(line: Line, value: float) -> float:
    """Return how far a figure is from its bar as a share of the bar; negative beyond it."""
    return (value - line.bar if line.at_most else line.bar - value) / line.bar


def table(outputs: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines of the summary; the one furthest from its bar is named below it."""
    yield "| line | bar | the product | the other side |"
    yield "|---|---|---|---|"
    worst: tuple[float, str] = (0.0, "")
    for line in LINES:
        value = figure(line.ours, outputs[line.module])
        other = figure(line.other, outputs[line.module])
        shown = "not measured" if value is None else line.shown(value)
        beside = "" if other is None else f"{line.shown(other)} ({line.other_name})"
        bar = f"{line.bar:g}" if line.plain else f"{line.bar:.0%}"
        yield f"| {line.name} | {'at most' if line.at_most else 'at least'} {bar} | {shown} | {beside} |"
        if value is not None:
            worst = max(worst, (shortfall(line, value), f"{line.name} ({line.shown(value)}, the bar is {bar})"))
    yield ""
    yield f"Furthest below its bar: {worst[1]}." if worst[1] else "Every line that was measured reaches its bar."


def measured(yardstick: Yardstick, data: Path, parts: Path | None) -> tuple[str, float]:
    """Return what a benchmark prints and the seconds it took, from ``parts`` if it is there, and keep it there."""
    kept = parts / f"{yardstick.module}.json" if parts else None
    if kept is not None and kept.is_file():
        output, seconds = json.loads(kept.read_text(encoding="utf-8"))
        return output, seconds
    began = time.monotonic()
    output = run(yardstick, data)
    seconds = time.monotonic() - began
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps([output, seconds]), encoding="utf-8")
    return output, seconds


def page(outputs: Mapping[str, str], seconds: Mapping[str, float]) -> str:
    """Return the page."""
    parts = [
        "# Scoreboard",
        "",
        f"Written by `make scoreboard DATA=…` on {datetime.now(UTC):%d %B %Y}; the yardsticks took "
        f"{sum(seconds.values()) / 60:.0f} minutes. All material is other people's; where something was fitted on it, the "
        "line says what was left out.",
        "",
        *table(outputs),
    ]
    for yardstick in YARDSTICKS:
        taken = f"`python -m benchmarks.{yardstick.module}`, {seconds[yardstick.module] / 60:.1f} minutes."
        compares = f"{yardstick.compares} {taken}"
        parts += ["", f"## {yardstick.title}", "", compares, "", "```", outputs[yardstick.module], "```"]
    return "\n".join(parts) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("docs/scoreboard.md"))
    parser.add_argument("--parts", type=Path, help="a folder that keeps what each yardstick printed")
    options = parser.parse_args(arguments)
    outputs, seconds = {}, {}
    for yardstick in YARDSTICKS:
        print(f"{yardstick.title} …", flush=True)
        outputs[yardstick.module], seconds[yardstick.module] = measured(yardstick, options.data, options.parts)
    options.out.write_text(page(outputs, seconds), encoding="utf-8")
    print("\n".join(table(outputs)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
