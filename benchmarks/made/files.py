"""Small files of each supported format, made byte for byte the same on every run."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_EPOCH = (1980, 1, 1, 0, 0, 0)
_TURNS = {90: b"0 1 -1 0 612 0 cm\n", 180: b"-1 0 0 -1 612 792 cm\n", 270: b"0 -1 1 0 0 792 cm\n"}
_PAD = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")


@dataclass(frozen=True)
class Run:
    """A piece of text on a PDF page: position of its baseline in points from the bottom left, size, weight."""

    x: float
    y: float
    text: str
    size: float = 10.0
    bold: bool = False


def paragraph(
    lines: Sequence[str], *, x: float = 72, top: float = 720, size: float = 10, step: float = 12
) -> list[Run]:
    """Return lines set below each other."""
    return [Run(x, top - place * step, line, size) for place, line in enumerate(lines)]


def pdf(pages: Sequence[Sequence[Run] | bytes], **options: Any) -> bytes:
    """Return a PDF; a page is a list of text runs or a raw content stream. Options: see ``pdf_objects``."""
    return serialise(pdf_objects(pages, **options))


def pdf_objects(
    pages: Sequence[Sequence[Run] | bytes],
    *,
    rotate: int = 0,
    upright: bool = True,
    rules: Iterable[tuple[float, float, float, float]] = (),
) -> list[bytes]:
    """Return the objects of a PDF: catalogue, page tree, two fonts, then page and content of each page.

    ``rotate`` turns the pages clockwise; their text is turned against it, unless not ``upright``. ``rules`` are lines.
    """
    count = len(pages)
    kids = " ".join(f"{5 + 2 * place} 0 R" for place in range(count))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {count} /Kids [{kids}] >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
    ]
    drawn = "".join(f"{x0} {y0} m {x1} {y1} l S\n" for x0, y0, x1, y1 in rules).encode()
    for place, page in enumerate(pages):
        content = page if isinstance(page, bytes) else drawn + _content(page)
        if upright and rotate:
            content = _TURNS[rotate] + content
        turn = f"/Rotate {rotate} " if rotate else ""
        objects.append(
            f"<< /Type /Page /Parent 2 0 R {turn}/MediaBox [0 0 612 792] /Contents {6 + 2 * place} 0 R "
            "/Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>".encode()
        )
        objects.append(stream(content))
    return objects


def stream(content: bytes, extra: str = "") -> bytes:
    """Return a stream object body."""
    return f"<< /Length {len(content)} {extra}>>\nstream\n".encode() + content + b"\nendstream"


def flate(content: bytes) -> bytes:
    """Return a compressed stream object body."""
    return stream(zlib.compress(content, 9), "/Filter /FlateDecode ")


def serialise(objects: Sequence[bytes], *, trailer: str = "", root: int = 1) -> bytes:
    """Return a PDF file of numbered objects with its cross-reference table."""
    out = io.BytesIO()
    out.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n" % number + body + b"\nendobj\n")
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % offset for offset in offsets)
    out.write(
        f"trailer\n<< /Size {len(objects) + 1} /Root {root} 0 R {trailer}>>\nstartxref\n{start}\n%%EOF\n".encode()
    )
    return out.getvalue()


def encrypted_pdf(password: bytes = b"secret") -> bytes:
    """Return a PDF under a user password (standard security handler, revision 2, RC4 40 bit; ISO 32000-1, 7.6)."""
    identity = b"0123456789abcdef"
    permissions = -4
    padded = (password + _PAD)[:32]
    owner = _rc4(hashlib.md5(padded, usedforsecurity=False).digest()[:5], padded)
    key = hashlib.md5(
        padded + owner + permissions.to_bytes(4, "little", signed=True) + identity, usedforsecurity=False
    ).digest()[:5]
    user = _rc4(key, _PAD)
    handler = f"<< /Filter /Standard /V 1 /R 2 /O <{owner.hex()}> /U <{user.hex()}> /P {permissions} >>".encode()
    objects = [*pdf_objects([[Run(72, 720, "Secret text")]]), handler]
    return serialise(objects, trailer=f"/Encrypt {len(objects)} 0 R /ID [<{identity.hex()}> <{identity.hex()}>] ")


def archive(entries: Mapping[str, bytes | str] | Sequence[tuple[str, bytes | str]]) -> bytes:
    """Return a ZIP archive with fixed dates."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in entries.items() if isinstance(entries, Mapping) else entries:
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            packed.writestr(entry, data)
    return out.getvalue()


def repacked(data: bytes, changes: Mapping[str, bytes | str | None]) -> bytes:
    """Return an archive with entries replaced, added, or (None) left out."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        entries: dict[str, bytes | str] = {name: packed.read(name) for name in packed.namelist()}
    for name, content in changes.items():
        entries.pop(name, None)
        if content is not None:
            entries[name] = content
    return archive(entries)


def entry(data: bytes, name: str) -> bytes:
    """Return one entry of an archive."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return packed.read(name)


def renamed(data: bytes, new_name: Callable[[str], str]) -> bytes:
    """Return an archive with other names for its entries."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return archive([(new_name(name), packed.read(name)) for name in packed.namelist()])


def docx(
    paragraphs: Sequence[str] = ("A paragraph about cells. It has two sentences.",), heading: str = "Cells"
) -> bytes:
    """Return a Word document with a heading, paragraphs, a list and a table."""
    from docx import Document

    document = Document()
    document.add_heading(heading, 1)
    for text in paragraphs:
        document.add_paragraph(text)
    document.add_paragraph("first item", style="List Bullet")
    table = document.add_table(2, 2)
    for row in range(2):
        for column in range(2):
            table.cell(row, column).text = f"cell {row}{column}"
    out = io.BytesIO()
    document.save(out)
    return repacked(out.getvalue(), {})


def pptx(titles: Sequence[str] = ("First slide", "Second slide")) -> bytes:
    """Return a presentation with a title and two bullets on each slide."""
    from pptx import Presentation

    presentation = Presentation()
    for title in titles:
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        slide.shapes.title.text = title
        frame = slide.placeholders[1].text_frame
        frame.text = "an upper point"
        frame.add_paragraph().text = "a lower point"
    out = io.BytesIO()
    presentation.save(out)
    return repacked(out.getvalue(), {})


def xlsx(rows: Sequence[Sequence[Any]] = (("name", "value"), ("a", 1.5)), sheets: Sequence[str] = ("Data",)) -> bytes:
    """Return a workbook with the same rows on each sheet."""
    from openpyxl import Workbook

    workbook = Workbook()
    workbook.remove(workbook.active)
    for name in sheets:
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    out = io.BytesIO()
    workbook.save(out)
    return repacked(out.getvalue(), {"docProps/core.xml": None})


def epub(
    chapters: Sequence[str] = ("<h1>One</h1><p>First chapter.</p>", "<h1>Two</h1><p>Second chapter.</p>"),
) -> bytes:
    """Return a book; chapters are given as the inside of their bodies."""
    items = "".join(
        f'<item id="c{n}" href="c{n}.xhtml" media-type="application/xhtml+xml"/>' for n in range(len(chapters))
    )
    spine = "".join(f'<itemref idref="c{n}"/>' for n in range(len(chapters)))
    entries = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
        '<rootfiles><rootfile full-path="book/content.opf" media-type="application/oebps-package+xml"/></rootfiles>'
        "</container>",
        "book/content.opf": '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>A book</dc:title></metadata>'
        f"<manifest>{items}</manifest><spine>{spine}</spine></package>",
    }
    for n, body in enumerate(chapters):
        entries[f"book/c{n}.xhtml"] = (
            '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml">'
            f"<head><title>c</title></head><body>{body}</body></html>"
        )
    return archive(entries)


def notebook(cells: Sequence[Mapping[str, Any]] | None = None) -> bytes:
    """Return a notebook of format 4.5."""
    default = [
        {"cell_type": "markdown", "id": "a", "metadata": {}, "source": ["# Title\n", "Some *text*."]},
        {
            "cell_type": "code",
            "id": "b",
            "metadata": {},
            "execution_count": 1,
            "source": "print(2)",
            "outputs": [{"output_type": "stream", "name": "stdout", "text": "2\n"}],
        },
    ]
    body = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": default if cells is None else list(cells)}
    return json.dumps(body).encode()


def _content(runs: Sequence[Run]) -> bytes:
    parts = []
    for run in runs:
        text = run.text.encode("cp1252", "replace").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
        font = "F2" if run.bold else "F1"
        parts.append(f"BT /{font} {run.size} Tf {run.x} {run.y} Td (".encode() + text + b") Tj ET\n")
    return b"".join(parts)


def _rc4(key: bytes, data: bytes) -> bytes:
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    i = j = 0
    out = bytearray()
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)
