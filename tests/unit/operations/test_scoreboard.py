"""The table of the scoreboard: figures are read out of what the benchmarks print, and the worst line is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.scoreboard import LINES, YARDSTICKS, Line, figure, measured, page, shortfall, table

ANSWERS = """all                                232  first 0.70  shown 0.90  answered 0.70  of these rightly 0.90
other side (splitter 1000/150 + encoder, 150 words each): first 0.44  shown 0.66

weights and certainty fitted with each chapter left out in turn:
all                                232  first 0.61  shown 0.80  answered 0.66  of these rightly 0.91
fr                                  15  first 0.47  shown 0.60  answered 0.60  of these rightly 0.67
unanswerable: 49, claimed as answered: 2 (0.041)
"""
XQUAD = "de the product  paragraph first 0.812  sentence 0.700  shown 0.9\nde BM25         paragraph first 0.7  sentence 0.6\n"
GRADING = (
    "the grader by words alone  right called wrong  1.90%   false accepts  0.90%   right accepted 30.00%\n"
    "the grader     right called wrong  1.20%   false accepts  0.70%   right accepted 30.00%\n"
)


def outputs() -> dict[str, str]:
    return {one.module: "" for one in YARDSTICKS} | {"answers": ANSWERS, "xquad": XQUAD, "grading": GRADING}


def line(name: str) -> Line:
    return next(one for one in LINES if one.name == name)


def test_figures_are_those_of_chapters_left_out_and_per_cents_are_shares() -> None:
    shown = line("answers: quote in what is shown")
    assert (figure(shown.ours, ANSWERS), figure(shown.other, ANSWERS)) == (0.80, 0.66)
    assert figure(line("answers: unanswerable ones claimed").ours, ANSWERS) == 0.041
    assert figure(line("grading: wrong answers accepted").ours, GRADING) == pytest.approx(0.007)
    assert figure(line("XQuAD de: right paragraph first").other, XQUAD) == 0.7
    assert figure(shown.ours, "nothing") is None


def test_the_line_furthest_from_its_bar_is_named_whichever_way_the_bar_points() -> None:
    assert shortfall(Line("a", "m", "", 0.8), 0.6) > 0 > shortfall(Line("a", "m", "", 0.8), 0.9)
    assert shortfall(Line("a", "m", "", 0.05, at_most=True), 0.06) > 0
    *_, last = table(outputs())
    assert last == "Furthest below its bar: answers: French (60.0%, the bar is 75%)."


def test_what_was_not_measured_is_said() -> None:
    rows = list(table(outputs()))
    assert sum("not measured" in row for row in rows) == sum(
        figure(one.ours, outputs()[one.module]) is None for one in LINES
    )


def test_a_part_that_is_kept_is_not_measured_again_and_stands_on_the_page(tmp_path: Path) -> None:
    absent = YARDSTICKS[0]
    output, _ = measured(absent, tmp_path / "no data", tmp_path / "parts")
    assert output.startswith("not measured")
    (tmp_path / "parts" / f"{absent.module}.json").write_text('["kept", 90.0]')
    assert measured(absent, tmp_path / "no data", tmp_path / "parts") == ("kept", 90.0)
    written = page(outputs(), dict.fromkeys(outputs(), 90.0))
    assert "1.5 minutes" in written and ANSWERS in written
