"""What the writer makes of odd material: slides, tables, steps, and what no quiz should be made of."""

from __future__ import annotations

import time

import pytest

from documents_app.domain.blocks import Block, BlockKind, Mark, MarkKind, tile
from documents_app.domain.material import DocumentText, PageSpan, SourceDocument
from documents_app.domain.matter.reading import citable_spans, read_matter
from documents_app.domain.reading.outline import outline
from sessions_app.domain.questions.request import QuestionRequest
from sessions_app.domain.questions.selection import select
from sessions_app.domain.questions.sentences import SentenceStatistics
from sessions_app.domain.questions.types import CandidateQuestion, QuestionKind
from sessions_app.domain.questions.verifier import Verifier
from sessions_app.engine.questions.writing import write


def document(*parts: tuple[BlockKind, str], marked: tuple[str, ...] = (), tag: str | None = None) -> SourceDocument:
    """Return a document of blocks one below the other; the first place of each marked phrase is emphasised."""
    text = ""
    blocks = []
    for kind, content in parts:
        start = len(text)
        text += f"{content}\n\n"
        end = start + len(content)
        places = [(text.find(name, start, end), len(name)) for name in marked]
        marks = tuple(Mark(MarkKind.EMPHASIS, at, at + size) for at, size in sorted(places) if at >= 0)
        rows = tuple(tuple(line.split("\t")) for line in content.split("\n")) if kind is BlockKind.TABLE else None
        blocks.append(Block(kind, 1, start, end, level=1, rows=rows, marks=marks))
    stored = DocumentText(text, (PageSpan(1, 0, len(text)),), tile(text, [0], blocks), language=tag)
    return SourceDocument("d", "page.txt", stored)


def quiz(source: SourceDocument, count: int = 10) -> tuple[CandidateQuestion, ...]:
    """Return the quiz a learner would get."""
    matter = read_matter([source], outline([source]))
    verifier = Verifier(SentenceStatistics([source], citable_spans(matter)))
    return select(lambda wish: write(matter, wish), verifier, QuestionRequest(count=count)).questions


P, H, LI, T = BlockKind.PARAGRAPH, BlockKind.HEADING, BlockKind.LIST_ITEM, BlockKind.TABLE


def test_a_row_of_a_table_is_asked_for_by_what_only_it_says() -> None:
    table = (
        "Clef\tUsual voice\n"
        "Treble\thigh voices and most woodwind instruments\n"
        "Bass\tlow male voices and the left hand\n"
        "Alto\tthe viola throughout its range\n"
        "Tenor\thigh passages of the cello"
    )
    asked = quiz(document((H, "Clefs of a score"), (P, "A clef fixes the pitch of a line."), (T, table)))
    rows = {question.key_text for question in asked if question.pattern == "row"}
    assert rows
    assert rows <= {"Treble", "Bass", "Alto", "Tenor"}
    assert all("clef" in question.stem for question in asked if question.pattern == "row")


def test_what_only_stands_under_a_heading_is_not_asked_for_as_points() -> None:
    items = [(LI, f"- {item}") for item in ("Written statutes", "Judicial precedent", "Local custom", "Legal writing")]
    before = (P, "Courts find the law in several places, and they grant several kinds of relief to a party.")
    gathered = document(before, (H, "Sources of law"), *items)
    assert [question for question in quiz(gathered) if question.pattern == "points"] == []


def test_an_item_that_ends_with_a_colon_leads_into_the_items_below_it() -> None:
    source = document(
        (H, "Harmony"),
        (P, "Chords of a key have functions that a listener hears without knowing their names."),
        (LI, "- Chords are built in thirds"),
        *((LI, f"- {item}") for item in ("Some functions of harmony:", "Tonic", "Dominant", "Subdominant")),
    )
    matter = read_matter([source], outline([source]))
    led = [listing for listing in matter.listings if listing.lead]
    assert [listing.lead for listing in led] == ["Some functions of harmony:"]
    assert [entry.text for entry in led[0].entries] == ["Tonic", "Dominant", "Subdominant"]


def test_a_term_marked_over_a_line_end_is_one_term_and_a_caption_is_none() -> None:
    text = "The food passes through the pyloric\nsphincter into the gut, where it is mixed with bile."
    caption = "Sketch of the stomach wall"
    source = document((P, text), (P, caption), marked=("pyloric", "sphincter", caption))
    names = {term.name for term in read_matter([source], outline([source])).terms}
    assert "pyloric sphincter" in names
    assert not names & {"pyloric", "sphincter", caption}


def test_a_gap_takes_in_the_article_where_it_would_tell_the_gender() -> None:
    text = (
        "La erosión lineal es el desgaste que produce el agua en un cauce. El viento fuerte mueve la arena fina. "
        "El glaciar alpino es una masa de hielo que baja por un valle. La morrena lateral es un depósito de piedras. "
        "La erosión lineal y el glaciar alpino forman los valles, y la morrena lateral y el delta fluvial los cierran. "
        "El delta fluvial es un depósito de arena que crece en la boca de un río."
    )
    asked = quiz(document((H, "Formas del relieve"), (P, text), tag="es"))
    gaps = [question for question in asked if question.pattern == "gap"]
    for question in gaps:
        with_article = [option.text.split()[0] in {"el", "la"} for option in question.options]
        assert all(with_article) or not any(with_article)
        assert not with_article[0] or " el _" not in question.stem


EXERCISES = "Compute the mean of the sample. Find the slope. Which line fits best? Draw a graph. Explain your answer."
POEM = "Die Nacht ist still,\nder Mond geht auf,\nund keiner will\nden Berg hinauf.\nSchlaf, Kind, schlaf ein."
TRANSCRIPT = (
    "ANNA: So, what did you do there? BEN: I went, you know, to the shop. ANNA: And then? BEN: Then I saw him again, "
    "and he told me that it was over. ANNA: Really? BEN: Yes, really, it was."
)
PRICES = "Bread\t2.40\nMilk\t1.20\nButter\t3.10\nEggs\t2.95\nSalt\t0.80"


@pytest.mark.parametrize(
    "source",
    [
        document((H, "Exercises"), (P, EXERCISES)),
        document((P, POEM), tag="de"),
        document((P, TRANSCRIPT)),
        document((H, "Prices"), (T, PRICES)),
        document((P, "Bread is baked from flour and water. It is eaten in many countries at breakfast.")),
        document((P, "")),
    ],
    ids=["exercises", "poem", "transcript", "prices", "thirty words", "nothing"],
)
def test_what_teaches_nothing_gives_no_quiz(source: SourceDocument) -> None:
    assert quiz(source) == ()


def test_two_languages_in_one_text_give_questions_in_the_words_of_one() -> None:
    english = "A moraine is a ridge of debris that a glacier leaves behind. A cirque is a hollow that ice has cut out."
    german = "Ein Fjord ist ein Tal, das vom Meer überflutet wurde. Ein Kar ist eine Mulde im Hang."
    for question in quiz(document((P, f"{english} {english}"), (P, german))):
        assert not question.stem.startswith(("Welcher", "Was"))


def test_a_language_without_word_lists_gives_gaps_of_terms_or_nothing() -> None:
    text = (
        "Een morene is een wal van puin die een gletsjer achterlaat. Een fjord is een dal dat door de zee is "
        "overstroomd. Een kaar is een kom die het ijs in een helling heeft uitgesleten."
    )
    asked = quiz(document((H, "Gletsjers"), (P, text), marked=("morene", "fjord", "kaar"), tag="nl"))
    assert {question.pattern for question in asked} <= {"gap", "cloze"}
    assert {question.kind for question in asked} <= {
        QuestionKind.MULTIPLE_CHOICE,
        QuestionKind.CLOZE,
        QuestionKind.SHORT_ANSWER,
    }


def test_five_hundred_slides_are_read_in_time() -> None:
    parts: list[tuple[BlockKind, str]] = []
    for number in range(500):
        parts += [
            (H, f"Topic {number} of the course"),
            (LI, f"- cause {number} of the change → result {number} seen later"),
        ]
        parts += [(LI, f"- Point {number} names a thing: what it is"), (LI, "- A short line")]
    source = document(*parts)
    sections = outline([source])
    begun = time.process_time()
    matter = read_matter([source], sections)
    write(matter, QuestionRequest(count=10))
    assert time.process_time() - begun < 3.0
