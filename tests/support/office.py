"""Office files made part by part, for what no library writes: equations, symbols, Strict namespaces, broken links."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.made.files import archive
from documents_app.domain.blocks import Block, BlockKind
from documents_app.domain.material import DocumentText
from documents_app.extraction.limits import ExtractionLimits
from documents_app.extraction.registry import extract

OOXML = "http://schemas.openxmlformats.org"
NAMESPACES = " ".join(
    f'xmlns:{prefix}="{uri}"'
    for prefix, uri in {
        "w": f"{OOXML}/wordprocessingml/2006/main",
        "m": f"{OOXML}/officeDocument/2006/math",
        "a": f"{OOXML}/drawingml/2006/main",
        "p": f"{OOXML}/presentationml/2006/main",
        "r": f"{OOXML}/officeDocument/2006/relationships",
        "wp": f"{OOXML}/drawingml/2006/wordprocessingDrawing",
        "pic": f"{OOXML}/drawingml/2006/picture",
        "c": f"{OOXML}/drawingml/2006/chart",
        "dgm": f"{OOXML}/drawingml/2006/diagram",
        "mc": f"{OOXML}/markup-compatibility/2006",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
        "a14": "http://schemas.microsoft.com/office/drawing/2010/main",
        "v": "urn:schemas-microsoft-com:vml",
        "o": "urn:schemas-microsoft-com:office:office",
    }.items()
)
_TYPES = {"word": "wordprocessingml.document", "ppt": "presentationml.presentation", "xl": "spreadsheetml.sheet"}
_MAIN = {"word": "word/document.xml", "ppt": "ppt/presentation.xml", "xl": "xl/workbook.xml"}


def relations(entries: Mapping[str, tuple[str, str]], *, external: bool = False) -> str:
    """Return a relationships part: id -> (kind, target)."""
    mode = ' TargetMode="External"' if external else ""
    written = "".join(
        f'<Relationship Id="{key}" Type="{OOXML}/officeDocument/2006/relationships/{kind}" Target="{target}"{mode}/>'
        for key, (kind, target) in entries.items()
    )
    return f'<Relationships xmlns="{OOXML}/package/2006/relationships">{written}</Relationships>'


def package(folder: str, parts: Mapping[str, bytes | str]) -> bytes:
    """Return an office file of the parts given, with what every package has."""
    main = _MAIN[folder]
    content_type = f"application/vnd.openxmlformats-officedocument.{_TYPES[folder]}.main+xml"
    types = f'<Override PartName="/{main}" ContentType="{content_type}"/>'
    common = {
        "[Content_Types].xml": f'<Types xmlns="{OOXML}/package/2006/content-types">{types}</Types>',
        "_rels/.rels": relations({"r1": ("officeDocument", main)}),
    }
    return archive({**common, **parts})


def word(
    body: str, parts: Mapping[str, bytes | str] | None = None, related: Mapping[str, tuple[str, str]] | None = None
) -> bytes:
    """Return a Word document with this body."""
    given = {"word/document.xml": f"<w:document {NAMESPACES}><w:body>{body}</w:body></w:document>", **(parts or {})}
    names = {f"word/{kind}.xml": kind for kind in ("styles", "numbering", "footnotes", "endnotes")}
    links = {f"x{kind}": (kind, f"{kind}.xml") for name, kind in names.items() if name in given}
    return package("word", {**given, "word/_rels/document.xml.rels": relations({**links, **(related or {})})})


def paragraph(content: str, properties: str = "") -> str:
    """Return a Word paragraph; text without markup becomes a run."""
    inside = content if content.startswith("<") else f'<w:r><w:t xml:space="preserve">{content}</w:t></w:r>'
    return f"<w:p><w:pPr>{properties}</w:pPr>{inside}</w:p>"


def run(text: str, properties: str = "") -> str:
    """Return a Word run."""
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def drawing(content: str, description: str = "") -> str:
    """A drawing in a run, with what it holds and the description its author gave."""
    inside = f'<wp:inline><wp:docPr id="1" name="Object 1" descr="{description}"/><a:graphic><a:graphicData>{content}'
    return f"<w:r><w:drawing>{inside}</a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"


def read(data: bytes, name: str = "a.docx", limits: ExtractionLimits | None = None) -> DocumentText:
    """Return the stored form of a file."""
    return extract(data, name, limits or ExtractionLimits())


def texts(document: DocumentText, *kinds: BlockKind) -> list[str]:
    """Return the texts of the blocks of some kinds, or of all."""
    return [document.text[b.char_start : b.char_end] for b in document.blocks if not kinds or b.kind in kinds]


def only(document: DocumentText, kind: BlockKind) -> Block:
    """Return the one block of a kind."""
    (block,) = document.of_kind(kind)
    return block
