"""A file is what its name and its whole content say, not what its first bytes look like."""

from __future__ import annotations

import pytest

from benchmarks.made import files
from documents_app.domain.errors import CorruptFile, ExtractionError, UnsupportedType
from documents_app.extraction.formats import Format, code_language
from documents_app.extraction.registry import extract
from documents_app.extraction.sniff import sniff

PROSE = "\n\nThe thylakoid membrane holds the pigments that absorb light.\n" * 4


@pytest.mark.parametrize("name", ["about.md", "about.txt", "about", "about.rst"])
@pytest.mark.parametrize(
    "opening",
    [
        "%PDF-1.7 is how a PDF begins.",
        "# Formats\n\nA PDF file starts with `%PDF-1.4` and a GIF with GIF89a.",
        "GIF89a is the GIF with animation.",
        "GIF87a came first.",
        "Formats WEBP and AVIF are small.",
        "RIFF    WEBP are the first letters of a picture.",
        "BM stands at the head of a bitmap.",
        "{\\rtf1 is how an RTF file begins.",
        "{\\rtf1\\ansi is how an RTF file begins.",
        "%!PS-Adobe-3.0 opens a PostScript file.",
        "<svg> is an element.",
        '<?xml version="1.0"?> is a declaration.',
        "<!DOCTYPE html> is a declaration and <html> an element of it.",
        "<h1> is a heading in HTML.",
        "PK are the initials of the inventor of ZIP.",
    ],
)
def test_a_text_about_a_format_is_a_text(opening: str, name: str) -> None:
    document = extract((opening + PROSE).encode(), name)
    assert document.metadata["format"] == ("markdown" if name.endswith(".md") else "text")
    assert "thylakoid" in document.text


@pytest.mark.parametrize(
    "opening",
    [
        '<h1 align="center">Course</h1>\n<p align="center"><img src="logo.png" alt="logo"></p>\n\n# One\n\nText.',
        "<!-- generated -->\n<div align=center>\n\n# One\n\n</div>\n\nText.\n\n</div>",
        "<p>One</p>",
    ],
)
def test_a_readme_that_begins_with_markup_is_markdown(opening: str) -> None:
    assert sniff(opening.encode(), "README.md") == Format.MARKDOWN


@pytest.mark.parametrize(
    ("source", "name", "language"),
    [
        ("# one\n# two\n\n# three\nimport os\n# four\n- x\n# five\n", "script.py", "python"),
        ("# settings\n# second\nname: lab\nsteps:\n  - mix\n# third\n# fourth\n", "config.YAML", "yaml"),
        ("#!/usr/bin/env python3\nprint(1)\n", "run", "python"),
        ("#!/bin/bash -e\necho 1\n", "run", "shell"),
        ("all:\n\techo 1\n", "Makefile", "make"),
        ('{"cells": [1, 2]}', "data.json", "json"),
        ("<?php echo 1; ?>\n<html></html>\n", "index.php", "php"),
    ],
)
def test_source_code_is_code(source: str, name: str, language: str) -> None:
    assert sniff(source.encode(), name) == Format.CODE
    assert code_language(name, source.encode()) == language
    assert extract(source.encode(), name).text == source.strip()


@pytest.mark.parametrize("name", ["a.txt", "a", "a.md", "a.py"])
def test_a_page_of_markup_from_end_to_end_is_html(name: str) -> None:
    assert sniff(b"<!DOCTYPE html>\n<html><body><p>words</p></body></html>\n", name) == Format.HTML


def test_an_unknown_ending_needs_two_kinds_of_marks_to_be_markdown() -> None:
    assert sniff(b"# one\n\nSee [there](http://x.org).\n", "a.note") == Format.MARKDOWN
    assert sniff(b"# one\n# two\n# three\n# four\n# five\n", "a.note") == Format.TEXT


def test_a_pdf_is_told_with_junk_before_it_and_under_any_name() -> None:
    data = files.pdf([[]])
    for name in ("a.pdf", "a.txt", "a"):
        assert sniff(data, name) == Format.PDF
    assert sniff(b"junk" * 50 + data, "a.pdf") == Format.PDF
    assert sniff(b"\xff\x00\x01" * 50 + data, "a.bin") == Format.PDF
    assert sniff(b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n", "a") == Format.PDF


WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
SHOW = "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
BOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


def declared(data: bytes, main: str, other: str) -> bytes:
    """Return an office file whose main part is declared as of another type."""
    types = files.entry(data, "[Content_Types].xml").decode()
    assert main in types
    return files.repacked(data, {"[Content_Types].xml": types.replace(main, other)})


@pytest.mark.parametrize(
    ("data", "main", "other", "expected"),
    [
        (files.docx(), WORD, "application/vnd.ms-word.document.macroEnabled.main+xml", Format.DOCX),
        (files.docx(), WORD, "application/vnd.ms-word.template.macroEnabledTemplate.main+xml", Format.DOCX),
        (files.docx(), WORD, WORD.replace("document.main", "template.main"), Format.DOCX),
        (files.pptx(), SHOW, SHOW.replace("presentation.main", "slideshow.main"), Format.PPTX),
        (files.pptx(), SHOW, SHOW.replace("presentation.main", "template.main"), Format.PPTX),
        (files.pptx(), SHOW, "application/vnd.ms-powerpoint.slideshow.macroEnabled.main+xml", Format.PPTX),
        (files.xlsx(), BOOK, "application/vnd.ms-excel.sheet.macroEnabled.main+xml", Format.XLSX),
        (files.xlsx(), BOOK, BOOK.replace("sheet.main", "template.main"), Format.XLSX),
    ],
)
def test_templates_shows_and_files_with_macros_are_office_files(
    data: bytes, main: str, other: str, expected: Format
) -> None:
    assert sniff(declared(data, main, other), "any.bin") == expected


def test_an_archive_whose_entries_have_backslashes_is_told() -> None:
    data = files.renamed(files.xlsx(), lambda name: name.replace("/", "\\"))
    assert sniff(data, "a.xlsx") == Format.XLSX


XLSB = "application/vnd.ms-excel.sheet.binary.macroEnabled.main"
OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (declared(files.xlsx(), BOOK, XLSB), "a.xlsb", "XLSB"),
        (files.repacked(files.xlsx(), {"xl/workbook.xml": None}), "a.xlsb", "XLSB"),
        (files.archive({"Index/Document.iwa": "x"}), "a.pages", "Pages"),
        (files.archive({"visio/document.xml": "x"}), "a.vsdx", "ZIP"),
        (OLE2 + "WordDocument".encode("utf-16-le"), "a.doc", "DOC"),
        (OLE2 + "Workbook".encode("utf-16-le"), "a.xls", "XLS"),
        (OLE2 + "__substg1.0_001A001F".encode("utf-16-le"), "a.msg", "Outlook"),
        (b'<?xml version="1.0"?><lesson><p>x</p></lesson>', "a.xml", "XML"),
        (b'<?xml version="1.0"?><lesson><p>x</p></lesson>', "a.txt", "XML"),
        (b"<svg><text>x</text></svg>", "a.svg", "SVG"),
        (b"%!PS-Adobe-3.0\nshow\n%%EOF\n", "a", "PostScript"),
    ],
)
def test_what_is_not_read_is_refused_by_its_own_name(data: bytes, name: str, said: str) -> None:
    with pytest.raises(UnsupportedType, match=said):
        sniff(data, name)


@pytest.mark.parametrize(
    "data", [b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00;", b"RIFF\x24\x00\x00\x00WEBPVP8 "]
)
def test_a_picture_is_a_picture(data: bytes) -> None:
    assert sniff(data + bytes(range(256)), "a.txt") == Format.IMAGE


def test_a_named_notebook_that_is_none_is_corrupt() -> None:
    with pytest.raises(CorruptFile) as raised:
        sniff(b"plain words", "a.ipynb")
    assert isinstance(raised.value, ExtractionError)
