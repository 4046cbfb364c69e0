"""What plan and lesson make of material that is no chapter: sensible or honest, never junk."""

from __future__ import annotations

import pytest

from documents_app.domain.analysis.types import Analysis
from documents_app.domain.blocks import Block, BlockKind, tile
from documents_app.domain.material import DocumentText, PageSpan, SourceDocument
from documents_app.engine import analyse
from sessions_app.domain.plan import MaterialEmpty
from sessions_app.engine.lesson.writing import make_lesson
from sessions_app.engine.plan import make_plan
from tests.unit.documents.engine_material import document, embed

POEM = """# The Brook

I wind about, and in and out,
With here a blossom sailing,
And here and there a lusty trout,
And here and there a grayling.

And draw them all along, and flow
To join the brimming river,
For men may come and men may go,
But I go on for ever.
"""
PRICES = "# Prices\n\n" + "\n".join(f"Bolt M{n} zinc\t{n}.40\t{n * 3}.20" for n in range(3, 30)) + "\n"
EXERCISES = "# Exercises\n\n" + "\n".join(f"{n}. Compute the area of a circle of radius {n} cm." for n in range(1, 20))
TRANSCRIPT = "\n\n".join(
    f"SPEAKER {1 + n % 2}: So, um, the tide rises {n} times and the moon pulls the water of the sea." for n in range(14)
)
TWO_LANGUAGES = (
    "# Winkel\n\nEin Winkel ist eine Figur aus zwei Halbgeraden. Der Winkel hat einen Scheitel. Ein rechter Winkel hat neunzig Grad.\n\n"
    "# Angles\n\nAn angle is a figure formed by two rays. The angle has a vertex. A right angle has ninety degrees.\n"
)
DUTCH = (
    "# De cel\n\nDe cel is de kleinste eenheid van het leven. Elke cel heeft een membraan dat de cel omgeeft. Het membraan regelt "
    "wat de cel binnenkomt. Een plant heeft ook een celwand. De celwand geeft de plant stevigheid en beschermt het membraan.\n"
)
SHORT = "A lever is a rigid bar that turns about a fixed point. A small force on a long arm lifts a heavy load on a short one."


def _analysis(text: str) -> tuple[Analysis, list[SourceDocument]]:
    material = [document(text)]
    return analyse(material, embed), material


def _deck(slides: int) -> SourceDocument:
    """A deck of ``slides`` slides with a title and three items each."""
    text, blocks, pages = "", [], []
    for number in range(1, slides + 1):
        first = len(text)
        topic = ("pump", "valve", "filter", "boiler")[number * 4 // (slides + 1)]
        for kind, line in (
            (BlockKind.HEADING, f"The {topic}, part {number}"),
            (BlockKind.LIST_ITEM, f"- The {topic} stands in room {number}."),
            (BlockKind.LIST_ITEM, f"- Checks of the {topic} every day"),
            (BlockKind.LIST_ITEM, f"- Colour of the {topic} in the plan"),
        ):
            start = len(text)
            text += line
            blocks.append(Block(kind, number, start, len(text), level=1))
            text += "\n"
        pages.append(PageSpan(number, first, len(text)))
        text += "\f"
    tiles = tile(text, [page.char_start for page in pages], blocks)
    return SourceDocument("d1", "deck.pptx", DocumentText(text, tuple(pages), tiles, language="en"))


@pytest.mark.parametrize("text", [PRICES, EXERCISES, "12\n\n13\n"], ids=["prices", "exercises", "numbers"])
def test_what_teaches_nothing_is_said_to_be_empty(text: str) -> None:
    analysis, material = _analysis(text)
    assert (analysis.summary, analysis.terms, analysis.objectives) == ((), (), ())
    for make in (lambda: make_plan(analysis, material), lambda: make_lesson(analysis, material, embed)):
        with pytest.raises(MaterialEmpty):
            make()


@pytest.mark.parametrize("text", [POEM, TRANSCRIPT, TWO_LANGUAGES, DUTCH, SHORT])
def test_other_odd_material_gives_a_lesson_that_only_quotes_it(text: str) -> None:
    analysis, material = _analysis(text)
    stored = material[0].content.text
    lesson = make_lesson(analysis, material, embed)
    for section in lesson.sections:
        assert section.explanation
        assert all(stored[c.char_start : c.char_end] == c.text for c in section.citations)


def test_a_poem_and_a_transcript_have_no_invented_terms() -> None:
    for text in (POEM, TRANSCRIPT):
        assert _analysis(text)[0].terms == ()


def test_a_language_without_word_lists_still_has_its_names_and_small_words_are_none() -> None:
    analysis, material = _analysis(DUTCH)
    names = {concept.name for concept in analysis.concepts}
    assert "membraan" in names
    assert not names & {"de", "het", "een", "van", "is"}
    assert make_plan(analysis, material).suggested_approach


def test_thirty_words_are_one_part_and_quoted_whole() -> None:
    analysis, material = _analysis(SHORT)
    lesson = make_lesson(analysis, material, embed)
    assert [section.explanation[0].text for section in lesson.sections] == [SHORT]


def test_five_hundred_slides_are_not_five_hundred_parts() -> None:
    material = [_deck(500)]
    analysis = analyse(material, embed)
    plan = make_plan(analysis, material)
    assert 4 <= len(plan.sections) <= 120
    lesson = make_lesson(analysis, material, embed)
    assert all(f"room {number}." in "".join(s.text for s in lesson.sections) for number in (1, 250, 500))
