"""A corpus of files that crash, hang or flood readers, generated the same on every run."""

from __future__ import annotations

import io
import json
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator

from benchmarks.made import files, hostile_pdfs
from benchmarks.made.files import Run

Entry = tuple[str, bytes]

_MEBIBYTE = 1024 * 1024
_PROSE = hostile_pdfs.PROSE
BILLION_LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY a "lol">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]>"
)
_EXTERNAL = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def corpus() -> Iterator[Entry]:
    """Yield ``(name, content)`` of every hostile file; the order and every byte are fixed."""
    for family in (hostile_pdfs.entries, _office, _books, _texts, _tables, _markup, _notebooks, _images, _others):
        yield from family()
    yield from _truncated()
    yield from _mutated()


def _samples() -> dict[str, bytes]:
    prose = [_PROSE * 1 for _ in range(40)]
    return {
        "sample.pdf": files.pdf([files.paragraph(prose)] * 5),
        "sample.docx": files.docx([_PROSE * 5] * 20),
        "sample.pptx": files.pptx(),
        "sample.xlsx": files.xlsx([("name", "value"), *((f"row {n}", n) for n in range(200))]),
        "sample.epub": files.epub([f"<h1>{n}</h1><p>{_PROSE * 20}</p>" for n in range(5)]),
        "sample.ipynb": files.notebook(),
    }


def _truncated() -> Iterator[Entry]:
    for name, data in _samples().items():
        stem, suffix = name.rsplit(".", 1)
        for tenth in range(1, 10):
            yield f"truncated-{stem}-{tenth}0.{suffix}", data[: len(data) * tenth // 10]


def _mutated() -> Iterator[Entry]:
    samples = _samples()
    for name, data in samples.items():
        stem, suffix = name.rsplit(".", 1)
        for seed in range(12 if suffix == "pdf" else 6):
            chance = random.Random(f"{name}-{seed}")
            changed = bytearray(data)
            _scramble(changed, chance, max(4, len(changed) // (2000 >> (seed % 4))))
            yield f"mutated-{stem}-{seed:02}.{suffix}", bytes(changed)
    # A changed byte mostly breaks an archive's checksum; these are whole archives with a changed part.
    parts = {
        "sample.docx": ("word/document.xml", "word/styles.xml"),
        "sample.pptx": ("ppt/slides/slide1.xml", "ppt/presentation.xml"),
        "sample.xlsx": ("xl/worksheets/sheet1.xml", "xl/workbook.xml"),
        "sample.epub": ("book/c0.xhtml", "book/content.opf"),
    }
    for name, members in parts.items():
        stem, suffix = name.rsplit(".", 1)
        for seed in range(12):
            chance = random.Random(f"inside-{name}-{seed}")
            member = members[seed % 2]
            with zipfile.ZipFile(io.BytesIO(samples[name])) as packed:
                changed = bytearray(packed.read(member))
            _scramble(changed, chance, 1 + seed // 2)
            yield f"mutated-inside-{stem}-{seed:02}.{suffix}", files.repacked(samples[name], {member: bytes(changed)})


def _scramble(data: bytearray, chance: random.Random, count: int) -> None:
    for _ in range(count):
        data[chance.randrange(len(data))] = chance.choice(b"<>&\"' =/\x00aZ09\xff\xc3")


def _office() -> Iterator[Entry]:
    docx, xlsx, pptx = files.docx(), files.xlsx(), files.pptx()
    body = "word/document.xml"
    paragraph = "<w:p><w:r><w:t>&i;</w:t></w:r></w:p>"
    laughing = f'<?xml version="1.0"?>{BILLION_LAUGHS}<w:document {_W}><w:body>{paragraph}</w:body></w:document>'
    yield "zip-bomb.docx", files.repacked(docx, {body: b"a" * (400 * _MEBIBYTE)})
    yield "zip-bomb-in-image.docx", files.repacked(docx, {"word/media/image1.png": bytes(400 * _MEBIBYTE)})
    yield "ratio-bomb.docx", files.repacked(docx, {"word/media/a.bin": bytes(60 * _MEBIBYTE)})
    yield "entity-bomb.docx", files.repacked(docx, {body: laughing})
    yield "entity-bomb-utf16.docx", files.repacked(docx, {body: laughing.replace("1.0?", "1.0").encode("utf-16")})
    yield (
        "external-entity.docx",
        files.repacked(docx, {body: f'<?xml version="1.0"?>{_EXTERNAL}<w:document {_W}>&e;</w:document>'}),
    )
    deep = "<w:sdt><w:sdtContent>" * 50_000 + "</w:sdtContent></w:sdt>" * 50_000
    yield "deep-nesting.docx", files.repacked(docx, {body: f"<w:document {_W}><w:body>{deep}</w:body></w:document>"})
    deep = "<w:tbl><w:tr><w:tc>" * 200 + "</w:tc></w:tr></w:tbl>" * 200
    yield "nested-tables.docx", files.repacked(docx, {body: f"<w:document {_W}><w:body>{deep}</w:body></w:document>"})
    text = "<w:p><w:r><w:t>word </w:t></w:r></w:p>" * 300_000
    yield "many-paragraphs.docx", files.repacked(docx, {body: f"<w:document {_W}><w:body>{text}</w:body></w:document>"})
    yield "no-document-part.docx", files.repacked(docx, {body: None})
    yield "not-xml.docx", files.repacked(docx, {body: b"\x00\x01\x02 not markup"})
    yield "empty-body.docx", files.repacked(docx, {body: f"<w:document {_W}><w:body/></w:document>"})
    yield "no-content-types.docx", files.repacked(docx, {"[Content_Types].xml": None})
    yield "path-traversal.docx", files.repacked(docx, {"../../../../tmp/evil.txt": "evil", "/etc/evil": "evil"})
    yield "many-entries.docx", files.repacked(docx, {f"word/x{n}.bin": b"" for n in range(30_000)})
    yield "two-entries-one-name.docx", duplicated(docx, body)
    yield "overlapping-entries.docx", overlapping(docx)
    yield "encrypted-entry.docx", flagged(docx)
    yield (
        "entity-bomb.xlsx",
        files.repacked(
            xlsx, {"xl/worksheets/sheet1.xml": f'<?xml version="1.0"?>{BILLION_LAUGHS}<worksheet {_S}>&i;</worksheet>'}
        ),
    )
    yield (
        "dimension-lies.xlsx",
        files.repacked(
            xlsx,
            {
                "xl/worksheets/sheet1.xml": f'<worksheet {_S}><dimension ref="A1:XFD1048576"/><sheetData>'
                '<row r="1048576">'
                '<c r="XFD1048576" t="inlineStr"><is><t>far away</t></is></c></row></sheetData></worksheet>'
            },
        ),
    )
    cells = "".join(f'<row r="{n}">' + '<c t="n"><v>1</v></c>' * 20 + "</row>" for n in range(1, 40_001))
    yield (
        "too-many-cells.xlsx",
        files.repacked(
            xlsx, {"xl/worksheets/sheet1.xml": f"<worksheet {_S}><sheetData>{cells}</sheetData></worksheet>"}
        ),
    )
    yield (
        "giant-cell.xlsx",
        files.repacked(
            xlsx,
            {
                "xl/worksheets/sheet1.xml": f'<worksheet {_S}><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>'
                f"{'giant ' * 5_000_000}</t></is></c></row></sheetData></worksheet>"
            },
        ),
    )
    yield "no-workbook-part.xlsx", files.repacked(xlsx, {"xl/workbook.xml": None})
    yield (
        "bad-reference.xlsx",
        files.repacked(
            xlsx,
            {
                "xl/worksheets/sheet1.xml": f'<worksheet {_S}><sheetData><row r="x"><c r="??" t="s">'
                "<v>999</v></c></row>"
                "</sheetData></worksheet>"
            },
        ),
    )
    yield "many-sheets.xlsx", files.xlsx([("a", 1)], [f"s{n}" for n in range(2_100)])
    yield "no-slides.pptx", files.pptx(())
    yield "missing-slide.pptx", files.repacked(pptx, {"ppt/slides/slide1.xml": None})
    yield (
        "entity-bomb.pptx",
        files.repacked(pptx, {"ppt/slides/slide1.xml": f'<?xml version="1.0"?>{BILLION_LAUGHS}<p>&i;</p>'}),
    )
    yield "wrong-root.pptx", files.repacked(pptx, {"ppt/presentation.xml": "<nothing/>"})


def duplicated(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        entries: list[tuple[str, bytes | str]] = [(entry, packed.read(entry)) for entry in packed.namelist()]
    return files.archive([*entries, (name.replace("document", "documenu"), b"<x/>")]).replace(b"documenu", b"document")


def overlapping(data: bytes) -> bytes:
    """Point every entry of the central directory at the first local header."""
    changed = bytearray(data)
    position = changed.find(b"PK\x01\x02")
    while position >= 0:
        changed[position + 42 : position + 46] = struct.pack("<I", 0)
        position = changed.find(b"PK\x01\x02", position + 4)
    return bytes(changed)


def flagged(data: bytes) -> bytes:
    changed = bytearray(data)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        position = changed.find(mark)
        while position >= 0:
            changed[position + offset] |= 1
            position = changed.find(mark, position + 4)
    return bytes(changed)


def _books() -> Iterator[Entry]:
    book = files.epub()
    opf = "book/content.opf"
    yield "zip-bomb.epub", files.repacked(book, {"book/c0.xhtml": b"<p>" + b"b" * (400 * _MEBIBYTE)})
    yield (
        "entity-bomb.epub",
        files.repacked(book, {opf: f'<?xml version="1.0"?>{BILLION_LAUGHS}<package>&i;</package>'}),
    )
    yield (
        "entity-bomb-in-chapter.epub",
        files.repacked(
            book, {"book/c0.xhtml": f'<?xml version="1.0"?>{BILLION_LAUGHS}<html><body><p>&i;</p></body></html>'}
        ),
    )
    yield (
        "external-entity.epub",
        files.repacked(book, {"META-INF/container.xml": f'<?xml version="1.0"?>{_EXTERNAL}<container>&e;</container>'}),
    )
    yield "no-container.epub", files.repacked(book, {"META-INF/container.xml": None})
    yield "no-package.epub", files.repacked(book, {opf: None})
    yield "no-chapters.epub", files.epub(())
    yield "missing-chapter.epub", files.repacked(book, {"book/c1.xhtml": None})
    yield "all-chapters-missing.epub", files.repacked(book, {"book/c0.xhtml": None, "book/c1.xhtml": None})
    yield (
        "rights-managed.epub",
        files.repacked(
            book,
            {
                "META-INF/encryption.xml": "<encryption><EncryptedData><CipherData>"
                '<CipherReference URI="book/c0.xhtml"/>'
                "</CipherData></EncryptedData></encryption>"
            },
        ),
    )
    yield (
        "chapter-outside.epub",
        files.repacked(
            book,
            {
                opf: '<package><manifest><item id="a" href="../../../../etc/passwd" media-type="text/html"/></manifest>'
                '<spine><itemref idref="a"/></spine></package>'
            },
        ),
    )
    yield "many-chapters.epub", files.epub(["<p>x</p>"] * 2_100)


def _texts() -> Iterator[Entry]:
    chance = random.Random("texts")
    yield "empty.txt", b""
    yield "spaces.txt", b" " * (40 * _MEBIBYTE)
    yield "spaces-100-mb.txt", b" " * (100 * _MEBIBYTE)
    yield "newlines.txt", b"\n" * 1_000_000
    yield "form-feeds.txt", b"a\x0c" * 200_000
    yield "nul-bytes.txt", b"\x00" * 10_000
    yield "nul-between.txt", (_PROSE * 50).encode().replace(b". ", b".\x00 ")
    yield "one-character.txt", b"x"
    yield "one-line-30-mb.txt", b"word " * (6 * _MEBIBYTE)
    yield "one-word-15-mb.txt", b"w" * (15 * _MEBIBYTE)
    yield "full-stops.txt", b"." * 2_000_000
    yield "brackets-and-stops.txt", b'.")' * 500_000
    yield "capitals-and-stops.txt", b"A. " * 500_000
    yield "numbers-at-lines.txt", b"1. \n" * 300_000
    yield "utf-16-le.txt", (_PROSE * 20).encode("utf-16-le")
    yield "utf-16-be-bom.txt", b"\xfe\xff" + (_PROSE * 20).encode("utf-16-be")
    yield "utf-32.txt", (_PROSE * 20).encode("utf-32")
    yield "odd-utf-16.txt", b"\xff\xfe" + (_PROSE * 20).encode("utf-16-le")[:-1]
    yield "latin-1.txt", ("Größe, Maß und Köpfe. " * 100).encode("latin-1")
    yield "shift-jis.txt", ("これは日本語の文章です。" * 100).encode("shift_jis")
    yield (
        "mixed-encodings.txt",
        b"" + "\n".join(["Grüße"] * 50).encode() + b"\n" + "Größe\n".encode("latin-1") * 20,
    )
    yield "surrogates.txt", b"text \xed\xa0\x80 and \xed\xbf\xbf end. " * 50
    yield "overlong.txt", b"text \xc0\xaf and \xe0\x80\xaf end. " * 50
    yield "control-characters.txt", bytes(range(1, 32)) + _PROSE.encode() * 100
    yield "non-characters.txt", "a\ufffeb\uffffc\U0001ffff text. ".encode() * 50
    yield "right-to-left-override.txt", ("abc\u202etxt.exe\u202c " * 100).encode()
    yield "stacked-marks.txt", ("a" + "\u0301" * 5_000 + " ").encode() * 100
    yield "old-line-ends.txt", (_PROSE + "\r").encode() * 100
    yield "byte-order-mark-only.txt", b"\xef\xbb\xbf"
    yield "random-bytes.txt", chance.randbytes(100_000)
    yield "high-bytes.txt", bytes(chance.randrange(128, 256) for _ in range(50_000))


def _tables() -> Iterator[Entry]:
    yield "one-giant-line.csv", b'"' + b"cell, " * 4_000_000 + b'"'
    yield "open-quote.csv", b'a,b\n"never closed,1\n' + b"x,y\n" * 100_000
    yield "too-many-cells.csv", b"1,2,3,4,5,6,7,8,9,10\n" * 60_000
    yield "one-row-many-columns.csv", b"a," * 600_000
    yield "ragged.csv", b"".join(b"x," * (n % 40) + b"end\n" for n in range(5_000))
    yield "nul-bytes.csv", b"a,b\x00,c\n1,\x002,3\n" * 100
    yield "no-delimiter.csv", b"only one column\n" * 1_000
    yield "quotes-only.csv", b'"' * 1_000_001
    yield "formula.csv", b"=cmd|' /C calc'!A0,1\n" * 10


def _markup() -> Iterator[Entry]:
    yield "deep-nesting.html", b"<div>" * 200_000 + b"deep" + b"</div>" * 200_000
    yield "deep-inline.html", b"<p>" + b"<b>" * 200_000 + b"deep"
    yield "deep-lists.html", b"<ul><li>item" * 20_000
    yield "deep-tables.html", b"<table><tr><td>cell" * 5_000
    yield "angle-brackets.html", b"<html>" + b"<" * 1_000_000
    yield "open-comment.html", b"<html><!-- " + b"- " * 1_000_000
    yield "entity-bomb.html", b'<?xml version="1.0"?>' + BILLION_LAUGHS.encode() + b"<html><body>&i;</body></html>"
    yield "giant-attribute.html", b'<html><body><p title="' + b"x" * (20 * _MEBIBYTE) + b'">text</p></body></html>'
    yield "script-only.html", b"<html><script>while(true){}</script></html>"
    yield "many-cells.html", b"<html><table>" + b"<tr>" + b"<td>c</td>" * 600_000 + b"</tr><tr><td>a<td>b</table>"
    yield "wrong-charset.html", '<html><meta charset="utf-16"><body><p>Größe</p></body></html>'.encode("latin-1")
    yield "unknown-charset.html", '<html><meta charset="klingon"><body><p>Größe</p></body></html>'.encode("latin-1")
    yield "nul-bytes.html", b"<html><body><p>te\x00xt</p></body></html>"
    yield "quotations.md", b">" * 100_000 + b" text"
    yield "nested-lists.md", b"".join(b" " * (2 * (n % 200)) + b"- item\n" for n in range(5_000))
    yield "open-brackets.md", b"[" * 100_000 + b"text"
    yield "links.md", b"[a](" * 50_000 + b"text"
    yield "emphasis.md", b"*a_ " * 100_000
    yield "backticks.md", b"".join(b"`" * n + b" " for n in range(1_500))
    yield "references.md", b"".join(b"[r%d]: /x\n" % n for n in range(50_000)) + b"text"
    yield "wide-table.md", b"|a" * 20_000 + b"|\n" + b"|-" * 20_000 + b"|\n" + b"|b" * 20_000 + b"|\n"
    yield "long-table.md", b"|a|b|\n|-|-|\n" + b"|c|d|\n" * 50_000
    yield "open-front-matter.md", b"---\ntitle: " + b"x: y\n" * 100_000
    yield "open-comment.md", b"text <!-- " * 50_000
    yield "dollars.md", b"$a" * 200_000
    yield "carets.md", b"a^b" * 200_000
    yield "braces.md", b"a{.b " * 100_000
    yield "entities.md", b"&#x1F600;&amp;&nosuch; " * 20_000


def _notebooks() -> Iterator[Entry]:
    yield "wrong-json.ipynb", b'{"cells": [}'
    yield "not-an-object.ipynb", b"[1, 2, 3]"
    yield "cells-not-a-list.ipynb", b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": {"a": 1}}'
    yield "cells-of-numbers.ipynb", b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [1, 2, null]}'
    yield "no-cells.ipynb", files.notebook([])
    yield "deep-json.ipynb", b'{"nbformat": 4, "cells": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    yield "huge-number.ipynb", b'{"nbformat": ' + b"9" * 10_000 + b', "cells": []}'
    yield (
        "format-3.ipynb",
        json.dumps(
            {
                "nbformat": 3,
                "nbformat_minor": 0,
                "metadata": {},
                "worksheets": [
                    {"cells": [{"cell_type": "markdown", "metadata": {}, "source": "Old text of a notebook."}]}
                ],
            }
        ).encode(),
    )
    yield "format-99.ipynb", b'{"nbformat": 99, "nbformat_minor": 0, "metadata": {}, "cells": []}'
    yield (
        "source-missing.ipynb",
        b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "markdown"}]}',
    )
    image = {"output_type": "display_data", "metadata": {}, "data": {"image/png": "A" * (20 * _MEBIBYTE)}}
    yield (
        "image-output.ipynb",
        files.notebook(
            [
                {
                    "cell_type": "code",
                    "id": "a",
                    "metadata": {},
                    "execution_count": 1,
                    "source": "plot()",
                    "outputs": [image],
                }
            ]
        ),
    )


def _images() -> Iterator[Entry]:
    yield "pixel-bomb.png", png(60_000, 60_000, zlib.compress(bytes(1_000_000), 9))
    yield "one-pixel.png", png(1, 1, zlib.compress(b"\x00\x00"))
    yield "no-data.png", png(100, 100, b"")
    yield (
        "text-bomb.png",
        png(1, 1, zlib.compress(b"\x00\x00"), [(b"zTXt", b"k\x00\x00" + zlib.compress(bytes(100 * _MEBIBYTE), 9))]),
    )
    yield "signature-only.png", b"\x89PNG\r\n\x1a\n"
    yield "signature-only.jpg", b"\xff\xd8\xff\xe0"
    yield "random.jpg", b"\xff\xd8\xff\xe0" + random.Random("jpg").randbytes(20_000)
    yield "zero-size.gif", b"GIF89a" + b"\x00" * 20
    yield "directory-loop.tif", b"II*\x00\x08\x00\x00\x00\x00\x00\x08\x00\x00\x00"
    yield "drawing.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><text>drawn words</text></svg>'


def png(width: int, height: int, data: bytes, more: list[tuple[bytes, bytes]] | None = None) -> bytes:
    def block(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    blocks = [(b"IHDR", header), *(more or []), (b"IDAT", data), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(block(kind, body) for kind, body in blocks)


def _others() -> Iterator[Entry]:
    samples: dict[str, Callable[[], bytes]] = {
        "program.exe": lambda: b"MZ\x90\x00" + bytes(1_000),
        "program.pdf": lambda: b"\x7fELF\x02\x01\x01" + bytes(1_000),
        "archive.zip": lambda: files.archive({"a.txt": "text"}),
        "archive.gz": lambda: b"\x1f\x8b\x08" + bytes(200),
        "archive.7z": lambda: b"7z\xbc\xaf\x27\x1c" + bytes(200),
        "nested-archives.zip": lambda: _nested(12),
        "empty-archive.docx": lambda: files.archive({}),
        "old-word.doc": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2_000),
        "password.docx": lambda: (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "EncryptedPackage".encode("utf-16-le")
        ),
        "open-document.odt": lambda: files.archive({"mimetype": "application/vnd.oasis.opendocument.text"}),
        "sound.mp3": lambda: b"ID3\x03\x00" + bytes(1_000),
        "database.sqlite": lambda: b"SQLite format 3\x00" + bytes(1_000),
        "word-named-pdf.pdf": files.docx,
        "pdf-named-word.docx": lambda: files.pdf([[Run(72, 720, _PROSE)]]),
        "pdf-named-text.txt": lambda: files.pdf([[Run(72, 720, _PROSE)]]),
        "book-named-slides.pptx": files.epub,
        "text-named-pdf.pdf": lambda: (_PROSE * 20).encode(),
        "page-named-word.docx": lambda: b"<html><body><p>Saved as a web page.</p></body></html>",
        "notebook-named-text.txt": files.notebook,
        "../../../etc/traversal.txt": lambda: _PROSE.encode(),
        "name-with-\x00-nul.txt": lambda: _PROSE.encode(),
        "no-name-suffix": lambda: (_PROSE * 5).encode(),
        f"{'long' * 100}.txt": lambda: _PROSE.encode(),
    }
    for name, make in samples.items():
        yield name, make()


def _nested(depth: int) -> bytes:
    data = bytes(_MEBIBYTE)
    for level in range(depth):
        data = files.archive({f"{level}-{copy}.zip": data for copy in range(4)})
    return data
