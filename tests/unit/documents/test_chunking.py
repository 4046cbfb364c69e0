"""Chunks are exact slices, cover the text, follow its structure and keep to their size."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents_app.domain import chunking
from documents_app.domain.blocks import Block, BlockKind, tile
from documents_app.domain.chunking import DEFAULT_TARGET_TOKENS, HARD_LIMIT, TextChunk, chunk, estimate_tokens
from documents_app.domain.material import DocumentText, PageSpan

SENTENCE = "Cells are the smallest unit of life and divide often. "


def document(
    text: str, *, headings: tuple[str, ...] = (), furniture: tuple[str, ...] = (), known: tuple[Block, ...] = ()
) -> DocumentText:
    """Pages are parted by form feeds; each heading is given as ``#``-prefixed text found in ``text``."""
    starts = [0, *(found.end() for found in re.finditer("\f", text))]
    ends = [*(found.start() for found in re.finditer("\f", text)), len(text)]
    pages = tuple(PageSpan(n, a, b) for n, (a, b) in enumerate(zip(starts, ends, strict=True), 1))
    blocks = list(known)
    for entry in headings:
        title = entry.lstrip("#")
        level = len(entry) - len(title)
        blocks.append(Block(BlockKind.HEADING, 1, text.index(title), text.index(title) + len(title), level=level))
    blocks += [Block(BlockKind.FURNITURE, 1, text.index(piece), text.index(piece) + len(piece)) for piece in furniture]
    return DocumentText(text, pages, tile(text, starts, blocks))


def assert_sound(content: DocumentText, chunks: list[TextChunk], target: int) -> None:
    covered: set[int] = set()
    for place, part in enumerate(chunks):
        assert part.ordinal == place
        assert part.text == content.text[part.char_start : part.char_end] == part.text.strip() != ""
        assert part.token_count <= HARD_LIMIT * target + 2
        assert part.page_start == content.page_at(part.char_start) <= part.page_end
        covered.update(range(part.char_start, part.char_end))
    starts = [part.char_start for part in chunks]
    assert starts == sorted(starts)
    skipped = {index for start, end in content.furniture for index in range(start, end)}
    missing = [
        index
        for index, char in enumerate(content.text)
        if not char.isspace() and index not in covered and index not in skipped
    ]
    assert not missing


def test_a_document_without_text_has_no_chunks() -> None:
    assert chunk(DocumentText(" \n\f ", (PageSpan(1, 0, 1), PageSpan(2, 3, 4)))) == []


def test_a_chunk_never_crosses_a_section_and_carries_its_heading_path() -> None:
    text = f"Cells\n\n{SENTENCE * 3}\n\nMembranes\n\n{SENTENCE * 3}"
    chunks = chunk(document(text, headings=("#Cells", "##Membranes")))
    assert [part.heading_path for part in chunks] == [("Cells",), ("Cells", "Membranes")]
    assert chunks[1].text.startswith("Membranes")


def test_a_heading_without_text_goes_with_the_section_below_it() -> None:
    text = f"Biology\n\nCells\n\n{SENTENCE}"
    chunks = chunk(document(text, headings=("#Biology", "##Cells")))
    assert len(chunks) == 1
    assert chunks[0].text.startswith("Biology")
    assert chunks[0].heading_path == ("Biology", "Cells")


def test_neighbours_in_a_section_share_one_sentence() -> None:
    content = document(SENTENCE * 40)
    first, second = chunk(content, target_tokens=100)[:2]
    assert second.char_start < first.char_end
    assert first.text.endswith(content.text[second.char_start : first.char_end])
    assert content.text[second.char_start : first.char_end] == SENTENCE.strip()
    bare = chunk(content, target_tokens=100, overlap_sentences=0)
    assert all(a.char_end <= b.char_start for a, b in pairwise(bare))


def test_running_heads_are_in_no_chunk() -> None:
    text = f"{SENTENCE * 2}\n\nHEAD 1\f{SENTENCE * 2}"
    chunks = chunk(document(text, furniture=("HEAD 1",)))
    assert len(chunks) == 2
    assert not any("HEAD" in part.text for part in chunks)
    assert [part.page_start for part in chunks] == [1, 2]


def test_a_chunk_may_span_pages_and_names_both() -> None:
    (part,) = chunk(document("The cell\n\fmembrane is thin."))
    assert (part.page_start, part.page_end) == (1, 2)


def test_a_sentence_beyond_the_size_is_cut_between_words() -> None:
    content = document("word " * 2_000)
    chunks = chunk(content, target_tokens=64)
    assert_sound(content, chunks, 64)
    assert all(set(part.text.split()) == {"word"} for part in chunks)


@pytest.mark.parametrize("kind", [BlockKind.TABLE, BlockKind.CODE])
def test_a_table_or_code_stays_whole_if_it_fits_and_is_cut_between_lines_if_not(kind: BlockKind) -> None:
    rows = "\n".join(f"row {n}\tvalue {n}" for n in range(60))
    text = f"{SENTENCE}\n\n{rows}\n\n{SENTENCE}"
    start = len(SENTENCE) + 2
    content = document(text, known=(Block(kind, 1, start, start + len(rows)),))
    whole = chunk(content, target_tokens=250)
    assert any(rows in part.text for part in whole)
    cut = chunk(content, target_tokens=60)
    assert_sound(content, cut, 60)
    lines = set(text.split("\n"))
    assert all(line in lines for part in cut for line in part.text.split("\n") if "\t" in line)


def test_a_list_stays_whole_if_it_fits() -> None:
    items = [f"- {SENTENCE.strip()}" for _ in range(14)]
    text = f"{SENTENCE * 9}\n\n" + "\n".join(items) + f"\n\n{SENTENCE}"
    starts = [len(SENTENCE) * 9 + 2 + place * (len(items[0]) + 1) for place in range(len(items))]
    blocks = tuple(Block(BlockKind.LIST_ITEM, 1, start, start + len(items[0]), level=1) for start in starts)
    chunks = chunk(document(text, known=blocks))
    assert any("\n".join(items) in part.text for part in chunks)
    assert not any("\n".join(items) in part.text for part in chunk(document(text)))


def test_a_document_of_furniture_only_is_chunked_all_the_same() -> None:
    (part,) = chunk(document("HEAD 1", furniture=("HEAD 1",)))
    assert part.text == "HEAD 1"


def test_a_paragraph_border_is_preferred_to_a_full_chunk() -> None:
    text = f"{SENTENCE * 6}\n\n{SENTENCE * 6}"
    first = chunk(document(text), target_tokens=100, overlap_sentences=0)[0]
    assert first.text == (SENTENCE * 6).strip()


def test_the_given_counter_decides_the_size() -> None:
    content = document(SENTENCE * 30)
    chunks = chunk(content, target_tokens=30, count_tokens=lambda text: len(text.split()))
    assert max(len(part.text.split()) for part in chunks) <= 45
    assert [part.token_count for part in chunks] == [len(part.text.split()) for part in chunks]


def test_a_target_too_small_to_hold_a_sentence_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 8"):
        chunk(document(SENTENCE), target_tokens=2)


WORDS = st.text(alphabet="abcdefgh中é.", min_size=1, max_size=12)
LINES = st.lists(WORDS, min_size=1, max_size=30).map(" ".join)
TEXTS = st.lists(st.tuples(LINES, st.sampled_from(["\n", "\n\n", "\n\f", ". ", "\t"])), max_size=25).map(
    lambda pairs: "".join(f"{line}{end}" for line, end in pairs)
)


@given(TEXTS, st.integers(8, 120), st.integers(0, 3), st.data())
def test_chunks_cover_the_text_in_order_within_bounds(
    text: str, target: int, overlap: int, data: st.DataObject
) -> None:
    positions = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    pairs = list(zip(positions[::2], positions[1::2], strict=False))
    content = document(text, known=tuple(Block(BlockKind.FURNITURE, 1, *pair) for pair in pairs))
    chunks = chunk(content, target_tokens=target, overlap_sentences=overlap)
    assert_sound(content, chunks, target)
    assert chunks == chunk(content, target_tokens=target, overlap_sentences=overlap)


def test_the_estimate_counts_a_quarter_of_the_bytes() -> None:
    assert estimate_tokens("") == 1
    assert estimate_tokens("a" * 40) == 10
    assert estimate_tokens("細胞膜は" * 10) == 30


@pytest.mark.parametrize("piece", ["A. ", "1.\n", "x!\n\n"])
def test_a_very_long_run_of_stops_is_cut_by_size_and_never_taken_sentence_by_sentence(
    monkeypatch: pytest.MonkeyPatch, piece: str
) -> None:
    monkeypatch.setattr(chunking, "split_sentences", lambda *a, **k: pytest.fail("taken sentence by sentence"))
    text = piece * 80_000
    chunks = chunk(DocumentText(text, (PageSpan(1, 0, len(text)),)))
    assert all(text[part.char_start : part.char_end] == part.text for part in chunks)
    assert all(part.token_count <= DEFAULT_TARGET_TOKENS * HARD_LIMIT for part in chunks)
    covered = sum(not character.isspace() for part in chunks for character in part.text)
    assert covered >= sum(not character.isspace() for character in text)
