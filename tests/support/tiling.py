"""What holds of the blocks of every document, whatever it was read from."""

from __future__ import annotations

from documents_app.domain.blocks import check_tiling
from documents_app.domain.material import DocumentText


def assert_tiled(document: DocumentText) -> None:
    """Every character but white space and page breaks is in exactly one block, on the page the block names."""
    check_tiling(document.blocks, len(document.text))
    position = 0
    for block in document.blocks:
        assert not document.text[position : block.char_start].strip()
        page = document.pages[block.page - 1]
        assert page.char_start <= block.char_start < block.char_end <= page.char_end
        position = block.char_end
    assert not document.text[position:].strip()
