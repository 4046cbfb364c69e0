"""What a file is is told by its content; archives are checked before any library opens them."""

from __future__ import annotations

import zlib

import pytest

from benchmarks.made import files, hostile_files
from documents_app.domain import errors
from documents_app.domain.errors import (
    CorruptFile,
    EncryptedFile,
    ExpandedTooLarge,
    ExtractionError,
    FileTooLarge,
    HostileArchive,
    NoPages,
    NoTextLayer,
    TooManyPages,
    TypeMismatch,
    UnsafeMarkup,
    UnsupportedType,
)
from documents_app.extraction.formats import Format
from documents_app.extraction.limits import ExtractionLimits
from documents_app.extraction.registry import extract
from documents_app.extraction.sniff import sniff


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        (files.pdf([[]]), "renamed.docx", Format.PDF),
        (files.docx(), "renamed.pdf", Format.DOCX),
        (files.pptx(), "renamed.txt", Format.PPTX),
        (files.xlsx(), "renamed", Format.XLSX),
        (files.epub(), "renamed.zip", Format.EPUB),
        (files.notebook(), "renamed.txt", Format.NOTEBOOK),
        (b"<!DOCTYPE html><html><body>x</body></html>", "renamed.txt", Format.HTML),
        (b"# Title\n\ntext", "a.md", Format.MARKDOWN),
        (b"a,b\nc,d\n", "a.csv", Format.CSV),
        (b"a,b\nc,d\n", "a.txt", Format.TEXT),
        (b"\x89PNG\r\n\x1a\n", "a.txt", Format.IMAGE),
        (b"plain words", "claims.pdf", Format.TEXT),
    ],
)
def test_the_content_decides_the_format(data: bytes, name: str, expected: Format) -> None:
    assert sniff(data, name) == expected


@pytest.mark.parametrize(
    ("data", "name", "error"),
    [
        (b"\x7fELF\x02\x01\x01" + bytes(500), "a.bin", UnsupportedType),
        (files.archive({"a.txt": "x"}), "a.docx", UnsupportedType),
        (b'<?xml version="1.0"?><data/>', "a.xml", UnsupportedType),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "a.doc", UnsupportedType),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "a.docx", EncryptedFile),
        (b"\x01\x02\x03\x04" * 200, "a.pdf", TypeMismatch),
        (b"PK\x03\x04 cut off", "a.docx", CorruptFile),
    ],
)
def test_content_without_an_extractor_is_refused_by_name(data: bytes, name: str, error: type[ExtractionError]) -> None:
    with pytest.raises(error):
        sniff(data, name)


def test_office_files_and_books_give_text_headings_tables_and_pages() -> None:
    word = extract(files.docx(["One paragraph."]), "a.docx")
    assert word.text == "Cells\n\nOne paragraph.\n\n- first item\n\ncell 00\tcell 01\ncell 10\tcell 11"
    assert [(h.level, h.text) for h in word.headings] == [(1, "Cells")]
    assert word.tables[0].cells == (("cell 00", "cell 01"), ("cell 10", "cell 11"))
    slides = extract(files.pptx(["First", "Second"]), "a.pptx")
    assert [slides.text[p.char_start : p.char_end].split("\n")[0] for p in slides.pages] == ["First", "Second"]
    sheets = extract(files.xlsx([("a", 1.5), ("b", True)], ["One", "Two"]), "a.xlsx")
    assert len(sheets.pages) == 2
    assert sheets.tables[1].cells == (("a", "1.5"), ("b", "TRUE"))
    book = extract(files.epub(), "a.epub")
    assert [(h.text, h.page) for h in book.headings] == [("One", 1), ("Two", 2)]
    assert book.metadata["title"] == "A book"


DOCX, XLSX, PPTX, EPUB = files.docx(), files.xlsx(), files.pptx(), files.epub()
LAUGHS = f'<?xml version="1.0"?>{hostile_files.BILLION_LAUGHS}<x>&i;</x>'


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (files.repacked(DOCX, {"word/document.xml": b"a" * 30_000_000}), ExpandedTooLarge),
        (files.repacked(DOCX, {f"word/{n}.bin": b"" for n in range(300)}), HostileArchive),
        (files.repacked(DOCX, {"word/document.xml": LAUGHS}), UnsafeMarkup),
        (files.repacked(DOCX, {"word/document.xml": LAUGHS.encode("utf-16")}), UnsafeMarkup),
        (files.repacked(XLSX, {"xl/worksheets/sheet1.xml": LAUGHS}), UnsafeMarkup),
        (files.repacked(EPUB, {"book/content.opf": LAUGHS}), UnsafeMarkup),
        (hostile_files.duplicated(DOCX, "word/document.xml"), HostileArchive),
        (hostile_files.flagged(DOCX), EncryptedFile),
        (hostile_files.overlapping(DOCX), CorruptFile),
        (files.repacked(DOCX, {"word/document.xml": None}), CorruptFile),
        (files.repacked(DOCX, {"word/document.xml": b"\x00 not markup"}), CorruptFile),
        (files.repacked(XLSX, {"xl/workbook.xml": None}), CorruptFile),
        (files.repacked(PPTX, {"ppt/slides/slide1.xml": None}), CorruptFile),
        (files.repacked(EPUB, {"META-INF/container.xml": None}), CorruptFile),
        (files.pptx(()), NoPages),
        (files.epub(()), NoPages),
        (DOCX[: len(DOCX) // 2], CorruptFile),
    ],
)
def test_a_hostile_or_broken_archive_has_its_named_error(data: bytes, error: type[ExtractionError]) -> None:
    with pytest.raises(error):
        extract(data, "any.bin", ExtractionLimits(max_expanded_bytes=10_000_000, max_entries=250))


def test_a_book_of_too_many_chapters_is_refused_by_name() -> None:
    with pytest.raises(TooManyPages):
        extract(files.epub(["<p>x</p>"] * 12), "a.epub", ExtractionLimits(max_pages=10))


def test_absurd_compression_is_told_from_mere_size() -> None:
    bomb = files.repacked(DOCX, {"word/media/a.bin": bytes(12_000_000)})
    with pytest.raises(HostileArchive):
        extract(bomb, "a.docx")


def test_entities_in_a_chapter_are_not_expanded() -> None:
    book = files.epub(["<p>safe text</p>"])
    laughing = LAUGHS.replace("<x>&i;</x>", "<html><body><p>words &i;</p></body></html>")
    document = extract(files.repacked(book, {"book/c0.xhtml": laughing}), "a.epub")
    assert len(document.text) < 100


def test_a_sheet_that_claims_a_million_rows_costs_only_its_cells() -> None:
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:XFD1048576"/>'
        '<sheetData><row r="9"><c r="C9" t="inlineStr"><is><t>far</t></is></c></row></sheetData></worksheet>'
    )
    document = extract(files.repacked(XLSX, {"xl/worksheets/sheet1.xml": sheet}), "a.xlsx")
    assert document.text == "Data\n\nfar"


def test_an_image_without_recognition_names_the_cure() -> None:
    data = hostile_files.png(1, 1, zlib.compress(b"\x00\x00"))
    with pytest.raises(NoTextLayer, match="OCR"):
        extract(data, "a.png", ExtractionLimits(use_ocr=False))
    with pytest.raises(ExpandedTooLarge):
        extract(hostile_files.png(60_000, 60_000, b""), "a.png")


def test_a_file_over_the_byte_limit_is_refused_before_it_is_read() -> None:
    with pytest.raises(FileTooLarge, match="at most 10"):
        extract(b"x" * 11, "a.txt", ExtractionLimits(max_bytes=10))


def test_every_error_has_a_code_of_its_own_and_names_a_cure() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ExtractionError)]
    assert len({kind.code for kind in kinds}) == len(kinds) >= 15
    cures = ("upload", "remove", "split", "run", "save", "check")
    assert all(any(cure in kind.detail.lower() for cure in cures) and 400 <= kind.status < 500 for kind in kinds)
    assert {kind.code for kind in kinds if kind.retryable} == {
        "extraction_timeout",
        "extraction_memory",
        "extraction_crashed",
    }
