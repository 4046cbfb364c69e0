"""What is read of a material for teaching: glossaries, stated objectives, authors' terms, lists."""

from __future__ import annotations

import pytest

from documents_app.domain.blocks import Block, BlockKind, Mark, MarkKind
from documents_app.domain.material import DocumentText, PageSpan, SourceDocument
from documents_app.domain.matter.reading import citable_spans, read_matter
from documents_app.domain.matter.types import Matter
from documents_app.domain.reading.outline import outline
from documents_app.engine import analyse
from tests.unit.documents.engine_material import embed

P, ITEM, HEADING, CAPTION = BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.HEADING, BlockKind.CAPTION
PROSE = "A glacier is a large mass of ice that moves slowly over land. A moraine is a ridge of debris that a glacier leaves."


def source(*lines: tuple[BlockKind, str], emphasis: str = "") -> SourceDocument:
    text, blocks = "", []
    for kind, line in lines:
        start = len(text)
        text += line
        at = line.find(emphasis) if emphasis else -1
        marks = (Mark(MarkKind.TERM, start + at, start + at + len(emphasis)),) if at >= 0 else ()
        blocks.append(Block(kind, 1, start, len(text), level=1 if kind in {HEADING, ITEM} else None, marks=marks))
        text += "\n\n"
    return SourceDocument("d", "ice.md", DocumentText(text, (PageSpan(1, 0, len(text)),), tuple(blocks)))


def read(*lines: tuple[BlockKind, str], emphasis: str = "") -> Matter:
    material = [source(*lines, emphasis=emphasis)]
    return read_matter(material, outline(material))


def test_a_glossary_of_paragraphs_gives_terms_with_their_first_sentence_as_definition() -> None:
    matter = read(
        (HEADING, "Ice"),
        (P, PROSE),
        (P, "firn: Granular snow that has survived one summer. It is not yet ice."),
        (P, "cirque: A bowl that ice has carved into a mountainside."),
        (P, "esker: A winding ridge of sand that a stream leaves under the ice."),
    )
    terms = {term.name: term.definition for term in matter.terms}
    assert terms["firn"] == "Granular snow that has survived one summer"
    assert {"cirque", "esker"} <= set(terms)
    text = matter.material[0].content.text
    assert any(text[start:end].startswith("cirque: A bowl") for _, start, end in citable_spans(matter))


@pytest.mark.parametrize(
    "lead",
    [
        "By the end of this section, you will be able to:",
        "Learning objectives",
    ],
)
def test_stated_objectives_are_taken_in_their_words_and_order(lead: str) -> None:
    goals = ("Describe how ice moves.", "Explain how moraines form.", "Name three kinds of ice.")
    material = [source((HEADING, "Ice"), (P, PROSE), (P, lead), *((ITEM, goal) for goal in goals))]
    found = analyse(material, embed).objectives
    assert [objective.title for objective in found] == [goal.rstrip(".") for goal in goals]
    assert all(objective.evidence[0].text == goal for objective, goal in zip(found, goals, strict=True))


def test_any_other_list_states_no_objectives() -> None:
    matter = read((P, PROSE), (P, "There are three kinds of ice:"), (ITEM, "firn"), (ITEM, "sea ice"), (ITEM, "rime"))
    assert [listing.states_objectives for listing in matter.listings] == [False]
    assert matter.listings[0].lead == "There are three kinds of ice:"


def test_captions_are_no_statements_to_ask_about() -> None:
    caption = "The large glacier is shown as a mass of ice in a valley of the mountains."
    matter = read((HEADING, "Ice"), (P, PROSE), (CAPTION, caption))
    assert not [statement for statement in matter.statements if statement.stands_alone and statement.text == caption]


def test_what_authors_set_apart_weighs_most() -> None:
    text = "Rock below the ice is polished by basal sliding over many years of slow and steady movement."
    matter = read((HEADING, "Ice"), (P, PROSE), (P, text), emphasis="basal sliding")
    weights = {term.name: term.weight for term in matter.terms}
    assert weights["basal sliding"] == max(weights.values())


def test_terms_the_authors_set_apart_are_concepts_with_the_sentence_that_names_them() -> None:
    text = "Rock below the ice is polished by basal sliding over many years of slow and steady movement."
    material = [source((HEADING, "Ice"), (P, PROSE), (P, text), emphasis="basal sliding")]
    found = {concept.name: concept.evidence[0].text for concept in analyse(material, embed).concepts}
    assert found["basal sliding"] == text


def test_a_deck_of_many_short_slides_is_grouped_into_parts() -> None:
    syllables = ["Ka", "lo", "mi", "ne", "su", "ta", "ve", "zu"]
    names = [f"{one}{other}" for one in syllables for other in syllables][:40]
    slides = [
        line
        for name in names
        for line in (
            (HEADING, f"The {name} valley"),
            (P, f"People of {name} say that ice once covered all of {name} and more."),
        )
    ]
    parts = outline([source(*slides)])
    assert 3 <= len(parts) <= 10
    assert sum(len(part.sentences) for part in parts) == 40
    assert len(outline([source(*slides[:20])])) == 10
