"""What leans on the last answer is answered from the passages about its subject, in every language known in full."""

from __future__ import annotations

import pytest

from documents_app.domain.blocks import BlockKind
from documents_app.domain.material import Citation
from documents_app.retrieval.passages import FoundPassage, FoundPassages
from sessions_app.domain.answers import AnswerStatus
from sessions_app.domain.dialogue.saying import Wish
from sessions_app.engine.follow_ups import follow_up, nth_item
from tutor_project.language import language

TEXTS = {
    "en": (
        "neap tide",
        "A neap tide is a tide with a small difference between high and low water.",
        "For example, a neap tide at Brest leaves only two metres between high and low water.",
        "A neap tide is weak because the Sun pulls at a right angle to the Moon.",
    ),
    "de": (
        "Nipptide",
        "Eine Nipptide ist eine Tide mit kleinem Unterschied zwischen Hochwasser und Niedrigwasser.",
        "Zum Beispiel lässt eine Nipptide in Brest nur zwei Meter Unterschied.",
        "Eine Nipptide ist schwach, weil die Sonne im rechten Winkel zum Mond zieht.",
    ),
    "es": (
        "marea muerta",
        "Una marea muerta es una marea con poca diferencia entre pleamar y bajamar.",
        "Por ejemplo, una marea muerta en Brest deja solo dos metros de diferencia.",
        "Una marea muerta es débil porque el Sol tira en ángulo recto con la Luna.",
    ),
    "fr": (
        "morte-eau",
        "Une morte-eau est une marée avec une petite différence entre pleine mer et basse mer.",
        "Par exemple, une morte-eau à Brest ne laisse que deux mètres de différence.",
        "Une morte-eau est faible parce que le Soleil tire à angle droit avec la Lune.",
    ),
    "pt": (
        "maré morta",
        "Uma maré morta é uma maré com pequena diferença entre preia-mar e baixa-mar.",
        "Por exemplo, uma maré morta em Brest deixa apenas dois metros de diferença.",
        "Uma maré morta é fraca porque o Sol puxa em ângulo reto com a Lua.",
    ),
}


def found(text: str, tag: str) -> FoundPassages:
    cited = Citation("d1", "tides.md", 1, 1, 100, 100 + len(text), text)
    passage = FoundPassage(cited, (), BlockKind.PARAGRAPH, ("Tides",), 1.0)
    return FoundPassages((passage,), 0.7, tag, 1)


def test_a_heading_is_no_explanation() -> None:
    text = "Neap tides of the year\n\n" + TEXTS["en"][1]
    cited = Citation("d1", "tides.md", 1, 1, 100, 100 + len(text), text)
    passage = FoundPassage(cited, (), BlockKind.PARAGRAPH, ("Tides", "Neap tides of the year"), 1.0)
    said = follow_up(Wish.CONFUSED, "neap tides of the year", FoundPassages((passage,), 0.7, "en", 1))
    assert said.text == TEXTS["en"][1]


def test_a_reason_for_something_beside_the_subject_is_none() -> None:
    text = "The Mediterranean Sea has almost no tides, because its only opening to the ocean is narrow."
    assert follow_up(Wish.WHY, "neap tide", found(text, "en")).status is AnswerStatus.NOT_IN_MATERIAL
    assert follow_up(Wish.WHY, "tides", found(text, "en")).text == text


@pytest.mark.parametrize("tag", TEXTS)
@pytest.mark.parametrize(("wish", "at"), [(Wish.SIMPLER, 1), (Wish.CONFUSED, 1), (Wish.EXAMPLE, 2), (Wish.WHY, 3)])
def test_each_wish_finds_its_sentence(tag: str, wish: Wish, at: int) -> None:
    subject, *sentences = TEXTS[tag]
    text = " ".join(reversed(sentences))
    answer = follow_up(wish, subject, found(text, tag))
    assert answer.text == TEXTS[tag][at]
    (passage,) = answer.passages
    ((start, end),) = passage.highlights
    assert text[start - 100 : end - 100] == TEXTS[tag][at]


@pytest.mark.parametrize("tag", TEXTS)
def test_where_the_material_has_nothing_of_the_kind_it_says_so(tag: str) -> None:
    subject, definition, *_ = TEXTS[tag]
    answer = follow_up(Wish.EXAMPLE, subject, found(definition, tag))
    assert answer.status is AnswerStatus.NOT_IN_MATERIAL and not answer.passages
    assert answer.language == tag


def test_the_words_of_the_shortest_definition_are_explained() -> None:
    text = (
        "Osmosis is the movement of water across a membrane. It was long a riddle. "
        "A membrane is a layer around a cell. Diffusion is something else entirely."
    )
    answer = follow_up(Wish.SIMPLER, "What is osmosis?", found(text, "en"))
    assert answer.text.split("\n\n") == [
        "Osmosis is the movement of water across a membrane.",
        "A membrane is a layer around a cell.",
    ]


@pytest.mark.parametrize(
    ("text", "place", "tag", "item"),
    [
        ("Two kinds:\n- the spring tide\n- the neap tide", 2, "en", "the neap tide"),
        ("1. heat the water\n2. add the salt\n3. wait", -1, "en", "wait"),
        ("There are three states: solid, liquid and gaseous.", 2, "en", "liquid"),
        ("Es gibt drei Zustände: fest, flüssig und gasförmig.", 3, "de", "gasförmig"),
        ("Hay tres estados: sólido, líquido y gaseoso.", 1, "es", "sólido"),
        ("Il y a trois états : solide, liquide et gazeux.", 2, "fr", "liquide"),
        ("Há três estados: sólido, líquido e gasoso.", 3, "pt", "gasoso"),
        ("There is one state only.", 2, "en", None),
    ],
)
def test_the_second_one_is_a_member_of_what_was_listed(text: str, place: int, tag: str, item: str | None) -> None:
    assert nth_item(place, [text], language(tag)) == item
