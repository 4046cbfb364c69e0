"""PDF: a drawing without an image is a figure where a caption names it."""

from __future__ import annotations

import pytest

from benchmarks.made.files import Run, paragraph, pdf
from documents_app.domain.material import Figure
from documents_app.extraction.limits import ExtractionLimits
from documents_app.extraction.pdf.reading import extract_pdf
from documents_app.extraction.pdf.structure import has_caption_sign

PROSE = [
    "Cells are the smallest units of life, and most of them are far too",
    "small to be seen without a microscope. They were first described in",
    "1665, when thin slices of cork were looked at through simple lenses.",
]
PLOT = [(100, 400, 300, 400), (100, 400, 100, 550)] + [
    (100 + 40 * n, 400, 140 + 40 * n, 430 + 20 * n) for n in range(5)
]
AXES = [Run(180, 385, "temperature", 8), Run(80, 470, "rate", 8)]


def figures(runs: list[Run], rules: list[tuple[float, float, float, float]]) -> tuple[Figure, ...]:
    return extract_pdf(pdf([[*paragraph(PROSE), *runs]], rules=rules), ExtractionLimits(use_ocr=False)).figures


@pytest.mark.parametrize("height", [370.0, 565.0])
def test_what_is_drawn_above_or_below_a_caption_is_its_figure_with_its_labels(height: float) -> None:
    caption = Run(100, height, "Figure 3: Rate by temperature.", 9)
    (figure,) = figures([*AXES, caption], PLOT)
    assert (figure.page, figure.caption) == (1, caption.text)
    assert figure.place is not None
    left, top, right, bottom = figure.place
    assert left <= 80 / 612
    assert right >= 300 / 612
    assert top <= 1 - 550 / 792
    assert bottom > 1 - 400 / 792
    assert figure.width == pytest.approx(2 * 612 * (right - left), abs=2)


def test_a_drawing_that_no_caption_names_is_none() -> None:
    assert figures(AXES, PLOT) == ()
    assert figures([*AXES, Run(100, 100, "Figure 3: Far away from it.", 9)], PLOT) == ()
    assert figures([*AXES, Run(100, 370, "Table 3: Rates.", 9)], PLOT) == ()


def test_a_sentence_about_a_figure_takes_it_from_no_caption() -> None:
    sentence = Run(100, 560, "Figure 3 shows the rate.", 10)
    (figure,) = figures([*AXES, sentence, Run(100, 370, "Figure 3: Rate by temperature.", 9)], PLOT)
    assert figure.caption == "Figure 3: Rate by temperature."


def test_a_frame_around_text_and_a_few_strokes_are_no_figure() -> None:
    frame = [(72, 400, 500, 400), (72, 550, 500, 550), (72, 400, 72, 550), (500, 400, 500, 550), (72, 500, 500, 500)]
    caption = Run(100, 370, "Figure 3: A box of text.", 9)
    assert figures([*paragraph(PROSE, x=80, top=480), caption], frame) == ()
    assert figures([caption], PLOT[:3]) == ()


@pytest.mark.parametrize(
    "text", ["Figure 4.2: Rates", "Figure 4. Rates", "Fig. 4.2", "Abb. 3a – Zelle", "Figure 4.2. Rates"]
)
def test_the_number_of_a_caption_is_followed_by_a_sign(text: str) -> None:
    assert has_caption_sign(text)


@pytest.mark.parametrize(
    "text", ["Figure 4.22a and Figure 4.22b show it.", "Figure 3 shows the rate.", "Figures of speech."]
)
def test_the_number_in_a_sentence_is_not(text: str) -> None:
    assert not has_caption_sign(text)
