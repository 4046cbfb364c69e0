"""Rules of the outline: sections in order, prose only, exact spans."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents_app.domain.blocks import Block, BlockKind, tile
from documents_app.domain.material import DocumentText, PageSpan, SourceDocument
from documents_app.domain.reading.outline import outline
from documents_app.domain.reading.prose import furniture, is_back_matter, merge_spans, plain_title, subtract_spans
from tests.unit.documents.engine_material import HISTORY, PHYSICS, document
from tutor_project.language import language

LONG = "Rivers carry water from the hills to the sea. They shape the land on their way. "


def _plain(text: str, *known: Block) -> SourceDocument:
    return SourceDocument("d", "notes.txt", DocumentText(text, (PageSpan(1, 0, len(text)),), tile(text, [0], known)))


def _texts(source: SourceDocument) -> list[str]:
    return [sentence.text for section in outline([source]) for sentence in section.sentences]


def test_sections_follow_the_headings_in_reading_order() -> None:
    sections = outline([document(HISTORY)])
    assert [s.title for s in sections] == ["The Congress of Vienna", "The great powers", "The settlement"]
    assert sections[1].path == ("The Congress of Vienna", "The great powers")


def test_every_sentence_slices_back_exactly() -> None:
    source = document(HISTORY)
    for section in outline([source]):
        for sentence in section.sentences:
            assert source.content.text[sentence.char_start : sentence.char_end] == sentence.text
            assert section.char_start <= sentence.char_start < sentence.char_end <= section.char_end


def test_references_and_exercises_are_left_out_with_all_under_them() -> None:
    assert not any("Kissinger" in text for text in _texts(document(HISTORY)))
    assert not any("State the first law" in text for text in _texts(document(PHYSICS)))


def test_captions_and_credits_are_no_prose() -> None:
    assert not any("Isabey" in text for text in _texts(document(HISTORY)))
    text = f"{LONG}\n\nDiagram of a river delta. Sand is shown in yellow.\n\nPhoto by A. Walker, CC BY-SA.\n\n{LONG}"
    joined = " ".join(_texts(_plain(text)))
    assert "delta" not in joined and "Walker" not in joined and "shape the land" in joined


def test_captions_go_as_whole_blocks_even_if_their_sentences_could_stand() -> None:
    numbered = "Figure 3. The delta of the river Po. The river brings a lot of sand to the sea every year."
    unnumbered = "Satellite image of the Po delta. The river brings a lot of sand to the sea every year."
    for caption in (numbered, unnumbered):
        assert not any("sand to the sea" in text for text in _texts(_plain(f"{LONG}\n\n{caption}\n\n{LONG}")))


def test_words_that_begin_like_a_caption_label_are_prose() -> None:
    text = "Tablet computers are used by many pupils. Boxer dogs are strong and friendly. Box is the name of a shrub."
    assert len(_texts(_plain(text))) == 3
    alone = "Map reading is a skill that takes a long time to learn."
    assert _texts(_plain(f"{LONG}\n\n{alone}\n\n{LONG}"))[2] == alone


def test_a_short_first_sentence_with_a_verb_is_no_caption() -> None:
    text = "Bacterial growth follows four phases. The first phase is slow (A) and the last one is shown below."
    assert "Bacterial growth follows four phases." in _texts(_plain(text))


@pytest.mark.parametrize("kind", [BlockKind.FURNITURE, BlockKind.TABLE])
def test_furniture_and_tables_of_the_extractor_are_left_out(kind: BlockKind) -> None:
    text = f"{LONG}Annual report of the water board, page nine. {LONG}"
    at = text.index("Annual")
    assert any("Annual" in t for t in _texts(_plain(text)))
    block = Block(kind, 1, at, at + len("Annual report of the water board, page nine."))
    assert not any("Annual" in t for t in _texts(_plain(text, block)))


def test_code_contents_lines_and_table_rows_are_no_prose() -> None:
    text = (
        f"{LONG}\n\n```python\nprint('The river is long and wide today.')\n```\n\n"
        f"Rivers and lakes . . . . . . . . 12\n\n| name | length |\n| Rhine | 1230 km |\n\n{LONG}"
    )
    joined = " ".join(_texts(_plain(text)))
    assert "print" not in joined and "Rhine" not in joined and ". . ." not in joined


def test_a_sentence_over_a_page_border_is_kept_whole() -> None:
    text = "Rivers carry sand and\n\fmud to the sea. They shape the land."
    assert _texts(_plain(text))[0] == "Rivers carry sand and\n\fmud to the sea."


def test_a_run_together_list_loses_its_markers() -> None:
    text = "1. All living things are made of cells 2. The cell is the smallest unit of life."
    assert _texts(_plain(text)) == ["All living things are made of cells", "The cell is the smallest unit of life."]


def test_headings_are_found_by_their_look_where_the_extractor_gave_none() -> None:
    text = f"Introduction to rivers\n\n{LONG * 2}\n\n2 Deltas and mouths\n\n{LONG * 2}"
    titles = [section.title for section in outline([_plain(text)])]
    assert titles == ["Introduction to rivers", "2 Deltas and mouths"]


def test_long_text_without_headings_is_cut_into_named_parts() -> None:
    text = "\n\n".join(LONG * 5 for _ in range(12))
    sections = outline([_plain(text)])
    assert len(sections) > 2
    assert all(section.title.startswith("Part ") for section in sections)
    assert sum(len(section.sentences) for section in sections) == 120


def test_a_heading_without_text_of_its_own_keeps_its_place_only_above_one_with_text() -> None:
    source = document("# Book\n\n## Empty part\n\n### Rivers\n\n" + LONG + "\n\n## Nothing here\n")
    assert [s.title for s in outline([source])] == ["Book", "Empty part", "Rivers"]


def test_items_of_slides_are_taught_though_they_are_no_whole_sentences() -> None:
    slide = "LA PERESTROIKA\n\n→ Gorbachov y el equipo → sin una estrategia definida\n\n→ la reforma de la economía de base estatal\n"
    section = outline([_plain(slide)])[-1]
    assert section.title == "LA PERESTROIKA"
    assert [sentence.text.split()[0] for sentence in section.sentences] == ["Gorbachov", "la"]


def test_fragments_of_a_list_inside_prose_are_no_sentences() -> None:
    text = LONG + "\n\n- Corollaries to much older antiquity\n\n" + LONG
    assert not any("Corollaries" in s.text for section in outline([_plain(text)]) for s in section.sentences)


def test_material_without_text_gives_no_sections() -> None:
    assert outline([]) == ()
    assert outline([_plain("")]) == ()
    assert outline([_plain("12\n\n13\n\n14")]) == ()


def test_titles_lose_their_numbers_and_shouting() -> None:
    assert plain_title("2.1 Ion channels") == "Ion channels"
    assert plain_title("II. BASICS OF MACHINE LEARNING") == "Basics of machine learning"
    assert plain_title("A history of Rome") == "A history of Rome"


@pytest.mark.parametrize(
    ("title", "tag"),
    [("References", "de"), ("Literaturverzeichnis", "de"), ("Table of Contents", "en"), ("Índice", "es"),
     ("7. Bibliography", "en"), ("Related posts", "en"), ("Voir aussi", "fr"), ("Referências", "pt")],
)  # fmt: skip
def test_back_matter_is_known_in_the_language_and_in_english(title: str, tag: str) -> None:
    assert is_back_matter(title, language(tag))
    assert not is_back_matter("Reference frames in physics", language(tag))


@given(st.text(alphabet=st.sampled_from("Ab c.\n\f#*1|`\u00e9漢。-"), max_size=400))
def test_any_text_gives_ordered_disjoint_exact_spans(text: str) -> None:
    last = 0
    for section in outline([_plain(text)]):
        for sentence in section.sentences:
            assert last <= sentence.char_start < sentence.char_end
            assert text[sentence.char_start : sentence.char_end] == sentence.text
            last = sentence.char_end
    assert furniture(text) == merge_spans(furniture(text))


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=8))
def test_spans_and_what_is_left_of_them_cover_everything_once(pairs: list[tuple[int, int]]) -> None:
    holes = merge_spans((min(p), max(p)) for p in pairs)
    kept = subtract_spans(0, 60, holes)
    covered = [at for start, end in [*holes, *kept] for at in range(start, end)]
    assert sorted(covered) == list(range(60))


def test_a_number_ends_a_sentence_where_no_list_counts() -> None:
    said = "Demand is called inelastic when the elasticity is below 1."
    assert said in _texts(_plain(f"{said} Salt has an inelastic demand because nothing replaces it."))
    listed = "1. The cell copies its whole genome. 2. The cell divides into two halves. 3. Each half grows again."
    run_together = listed.replace(". 2.", " 2.").replace(". 3.", " 3.")
    assert not any(text.rstrip(".")[-1].isdigit() for text in _texts(_plain(f"{LONG}{run_together}")))
