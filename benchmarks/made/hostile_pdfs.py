"""PDF files that crash, hang or flood readers, generated the same on every run."""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator

from benchmarks.made import files
from benchmarks.made.files import Run

PROSE = "Cells are the smallest unit of life. They divide, and their daughters inherit their genes. "
_MEBIBYTE = 1024 * 1024


def entries() -> Iterator[tuple[str, bytes]]:
    """Yield ``(name, content)`` of every hostile PDF."""
    page = [Run(72, 720, PROSE)]
    yield "ten-thousand-pages.pdf", files.pdf([page] * 10_000)
    yield (
        "no-pages.pdf",
        files.serialise([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 0 /Kids [] >>"]),
    )
    yield "count-lies.pdf", files.pdf([page]).replace(b"/Count 1", b"/Count 2147483647")
    yield "password.pdf", files.encrypted_pdf()
    yield "blank-page.pdf", files.pdf([[]])
    yield "image-only.pdf", files.pdf([b"q 100 0 0 100 72 600 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x00 EI Q"])
    yield "header-only.pdf", b"%PDF-1.7\n"
    yield "leading-junk.pdf", b"\x00junk" * 100 + files.pdf([page])
    yield "junk-before-window.pdf", b"junk text " * 1000 + files.pdf([page])
    yield "random-bytes.pdf", random.Random("pdf").randbytes(50_000)
    yield "random-after-header.pdf", b"%PDF-1.4\n" + random.Random("body").randbytes(50_000)
    yield (
        "page-tree-loop.pdf",
        files.serialise([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 3 /Kids [2 0 R 2 0 R] >>"]),
    )
    yield "page-tree-deep.pdf", _deep_page_tree(5_000)
    yield "form-recursion.pdf", _form_recursion()
    yield "content-bomb.pdf", compressed_page(b" " * (400 * _MEBIBYTE))
    yield "content-bomb-twice.pdf", _twice_compressed(300 * _MEBIBYTE)
    yield "text-flood.pdf", compressed_page(b"BT /F1 1 Tf 10 10 Td " + b"(flood of text ) Tj " * 1_500_000 + b"ET")
    yield "state-nesting.pdf", compressed_page(b"q " * 2_000_000)
    yield "array-nesting.pdf", files.pdf([b"[" * 500_000 + b"] TJ"])
    yield "dictionary-nesting.pdf", files.pdf([page]).replace(b"/Type /Catalog", b"/Type /Catalog /X " + b"<<" * 50_000)
    yield "path-flood.pdf", compressed_page(b"".join(b"%d 0 m %d 700 l S\n" % (n, n) for n in range(200_000)))
    yield (
        "grid-flood.pdf",
        compressed_page(
            b"".join(b"%d 0 m %d 700 l S 0 %d m 600 %d l S\n" % (n, n, n, n) for n in range(2, 600, 2))
            + b"BT /F1 5 Tf 10 10 Td (in a grid) Tj ET"
        ),
    )
    yield "huge-page.pdf", files.pdf([page]).replace(b"[0 0 612 792]", b"[0 0 1e30 1e30]")
    yield "negative-length.pdf", files.pdf([page]).replace(b"/Length 1", b"/Length -")
    yield "length-lies.pdf", files.pdf([page]).replace(b"/Length 1", b"/Length 99999991")
    yield "xref-loop.pdf", files.serialise(files.pdf_objects([page]), trailer="/Prev 9 ")
    yield "startxref-wrong.pdf", files.pdf([page]).replace(b"startxref\n", b"startxref\n99999")
    yield "root-missing.pdf", files.serialise(files.pdf_objects([page]), root=99)
    yield "control-characters.pdf", files.pdf([[Run(72, 720, "nul\x00bell\x07esc\x1b end " + PROSE)]])
    yield "many-outlines.pdf", outline_loop()
    yield (
        "script.pdf",
        files.pdf([page]).replace(
            b"/Type /Catalog", b"/Type /Catalog /OpenAction << /S /JavaScript /JS (while(1){}) >>"
        ),
    )
    yield "tiny-text.pdf", files.pdf([[Run(72, 720, PROSE, size=1e-6)]])
    yield "giant-text.pdf", files.pdf([[Run(72, 720, PROSE, size=1e9)]])
    yield "all-at-one-point.pdf", files.pdf([[Run(72, 720, f"piece {n}") for n in range(3_000)]])


def _deep_page_tree(depth: int) -> bytes:
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>"]
    objects += [b"<< /Type /Pages /Count 1 /Kids [%d 0 R] >>" % (number + 1) for number in range(2, depth)]
    objects.append(b"<< /Type /Page /MediaBox [0 0 612 792] >>")
    return files.serialise(objects)


def _form_recursion() -> bytes:
    objects = files.pdf_objects([b"/X Do"])
    objects[4] = objects[4].replace(b"/Resources <<", b"/Resources << /XObject << /X 7 0 R >>")
    form = "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 7 0 R >> >> "
    return files.serialise([*objects, files.stream(b"/X Do /X Do /X Do", form)])


def compressed_page(content: bytes) -> bytes:
    """Return a PDF of one page with compressed content."""
    objects = files.pdf_objects([b""])
    objects[5] = files.flate(content)
    return files.serialise(objects)


def _twice_compressed(size: int) -> bytes:
    once = zlib.compress(b" " * size, 9)
    objects = files.pdf_objects([b""])
    objects[5] = files.stream(zlib.compress(once, 9), "/Filter [/FlateDecode /FlateDecode] ")
    return files.serialise(objects)


def outline_loop() -> bytes:
    """Return a PDF whose one bookmark is its own child and neighbour."""
    objects = files.pdf_objects([[Run(72, 720, PROSE)]])
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R /Outlines 7 0 R >>"
    objects += [
        b"<< /Type /Outlines /First 8 0 R /Last 8 0 R >>",
        b"<< /Title (Loop) /Parent 7 0 R /Next 8 0 R /First 8 0 R /Dest [5 0 R /Fit] >>",
    ]
    return files.serialise(objects)
