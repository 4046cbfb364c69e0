"""OpenDocument: texts, presentations and spreadsheets say what they say."""

from __future__ import annotations

import pytest

from benchmarks.made.files import archive
from documents_app.domain.blocks import BlockKind
from documents_app.domain.errors import CorruptFile, EncryptedFile, FormulasNotComputed, NoPages, UnsupportedType
from documents_app.extraction.formats import Format
from documents_app.extraction.sniff import sniff
from tests.support.office import only, read, texts
from tests.unit.documents.test_extraction_word import picture

_URN = "urn:oasis:names:tc:opendocument:xmlns:"
_PREFIXES = {
    "office": "office", "text": "text", "table": "table", "draw": "drawing", "style": "style", "fo": "xsl-fo-compatible",
    "svg": "svg-compatible", "presentation": "presentation", "chart": "chart",
}  # fmt: skip
NAMESPACES = " ".join(f'xmlns:{prefix}="{_URN}{name}:1.0"' for prefix, name in _PREFIXES.items())
NAMESPACES += ' xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:math="http://www.w3.org/1998/Math/MathML"'
KINDS = {"odt": "text", "odp": "presentation", "ods": "spreadsheet"}
STYLES = (
    '<style:style style:name="Up" style:family="text"><style:text-properties style:text-position="super 58%"/></style:style>'
    '<style:style style:name="Down" style:family="text"><style:text-properties style:text-position="-33% 58%"/></style:style>'
    '<style:style style:name="Gone" style:family="text"><style:text-properties text:display="none"/></style:style>'
    '<style:style style:name="Sym" style:family="text"><style:text-properties style:font-name="Symbol"/></style:style>'
    '<style:style style:name="Preformatted_20_Text" style:family="paragraph"/>'
    '<style:style style:name="P1" style:family="paragraph" style:parent-style-name="Preformatted_20_Text"/>'
    '<style:style style:name="Caption" style:family="paragraph"/>'
    '<style:style style:name="Hidden" style:family="table"><style:table-properties table:display="false"/></style:style>'
    '<text:list-style style:name="L1">'
    '<text:list-level-style-number text:level="1" style:num-format="1" style:num-suffix="."/>'
    '<text:list-level-style-number text:level="2" style:num-format="a" style:num-suffix=")" text:display-levels="2"/>'
    '<text:list-level-style-bullet text:level="3"/></text:list-style>'
)


def odf(kind: str, body: str, parts: dict[str, bytes | str] | None = None) -> bytes:
    inside = f"<office:body><office:{KINDS[kind]}>{body}</office:{KINDS[kind]}></office:body>"
    content = (
        f"<office:document-content {NAMESPACES}><office:automatic-styles>{STYLES}</office:automatic-styles>{inside}"
    )
    entries: dict[str, bytes | str] = {"mimetype": f"application/vnd.oasis.opendocument.{KINDS[kind]}"}
    return archive({**entries, "content.xml": content + "</office:document-content>", **(parts or {})})


def p(content: str, style: str = "") -> str:
    return f'<text:p text:style-name="{style}">{content}</text:p>'


def span(style: str, content: str) -> str:
    return f'<text:span text:style-name="{style}">{content}</text:span>'


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (p(f"10{span('Up', '23')} H{span('Down', '2')}O"), "10²³ H₂O"),
        (p(f"seen{span('Gone', 'hidden')} on"), "seen on"),
        (p(span("Sym", "a") + "<text:s text:c='2'/>b<text:line-break/>c"), "α  b\nc"),
        (p("kept") + "<text:tracked-changes><text:p>gone</text:p></text:tracked-changes>", "kept"),
        ('<text:h text:outline-level="2">Head</text:h>' + p("one<text:soft-page-break/>two"), "Head\n\none\n\ftwo"),
        (p("x = 1", "P1") + p("<text:s text:c='4'/>y", "P1"), "x = 1\n    y"),
    ],
)
def test_what_paragraphs_say_is_kept(content: str, text: str) -> None:
    assert read(odf("odt", content), "a.odt").text == text


def test_lists_are_numbered_as_they_are_shown() -> None:
    def items(*content: str) -> str:
        return "".join(f"<text:list-item>{entry}</text:list-item>" for entry in content)

    deepest = f"<text:list>{items(p('dot'))}</text:list>"
    inner = f"<text:list>{items(p('in'), p('in') + deepest)}</text:list>"
    first = f'<text:list text:style-name="L1">{items(p("one") + inner, p("two"))}</text:list>'
    goes_on = f'<text:list text:style-name="L1" text:continue-numbering="true">{items(p("three"))}</text:list>'
    again = f'<text:list text:style-name="L1">{items(p("anew"))}</text:list>'
    document = read(odf("odt", first + goes_on + again), "a.odt")
    assert texts(document) == ["1. one", "1.a) in", "1.b) in", "- dot", "2. two", "3. three", "1. anew"]
    assert [block.level for block in document.blocks] == [1, 2, 2, 3, 1, 1, 1]


def test_tables_notes_formulas_and_pictures() -> None:
    table = (
        '<table:table><table:table-header-rows><table:table-row><table:table-cell table:number-rows-spanned="2">' + p("Iron")
        + '</table:table-cell><table:table-cell table:number-columns-spanned="2">' + p("wide") + "</table:table-cell>"
        "<table:covered-table-cell/></table:table-row></table:table-header-rows><table:table-row><table:covered-table-cell/>"
        f"<table:table-cell>{p('1')}</table:table-cell><table:table-cell>{p('2')}</table:table-cell></table:table-row></table:table>"
    )  # fmt: skip
    note = f"<text:note><text:note-citation>1</text:note-citation><text:note-body>{p('The note.')}</text:note-body></text:note>"
    half = "<math:mfrac><math:mn>1</math:mn><math:mn>2</math:mn></math:mfrac>"
    formula = '<draw:frame><draw:object xlink:href="./Object 1"/></draw:frame>'
    image = '<draw:frame><draw:image xlink:href="Pictures/a.png"/><svg:desc>A cell</svg:desc></draw:frame>'
    boxed = f"<draw:frame><draw:text-box>{p('BOXED')}</draw:text-box></draw:frame>"
    body = (
        table
        + p(f"In 1900{note} at {formula} speed")
        + p(formula)
        + p(image)
        + p("Figure 1. A cell.", "Caption")
        + p(boxed)
    )
    parts = {"Object 1/content.xml": f"<math:math {NAMESPACES}>{half}</math:math>", "Pictures/a.png": picture(40, 50)}
    document = read(odf("odt", body, parts), "a.odt")
    assert document.tables[0].cells == (("Iron", "wide", "wide"), ("Iron", "1", "2"))
    assert texts(document)[1:] == [
        r"In 1900[1] at $\frac{1}{2}$ speed", r"$$\frac{1}{2}$$", "A cell", "Figure 1. A cell.", "BOXED", "[1] The note.",
    ]  # fmt: skip
    assert only(document, BlockKind.FORMULA).latex == r"\frac{1}{2}"
    assert [(f.caption, f.width, f.height) for f in document.figures] == [("Figure 1. A cell.", 40, 50)]


def test_slides_are_pages_read_from_the_top_left_with_their_notes() -> None:
    def frame(text: str, role: str, y: int) -> str:
        return f'<draw:frame presentation:class="{role}" svg:y="{y}cm" svg:x="1cm"><draw:text-box>{p(text)}</draw:text-box></draw:frame>'

    notes = f"<presentation:notes>{frame('Say more.', 'notes', 1)}</presentation:notes>"
    group = f'<draw:g><draw:custom-shape svg:y="5cm" svg:x="1cm">{p("grouped")}</draw:custom-shape></draw:g>'
    first = frame("last", "outline", 9) + group + frame("Title", "title", 3) + frame("7", "page-number", 20) + notes
    document = read(
        odf("odp", f"<draw:page>{first}</draw:page><draw:page>{frame('Two', 'title', 1)}</draw:page>"), "a.odp"
    )
    assert texts(document) == ["Title", "grouped", "last", "7", "Say more.", "Two"]
    assert (len(document.pages), [h.text for h in document.headings]) == (2, ["Title", "Two"])
    assert texts(document, BlockKind.FURNITURE) == ["7"]


def test_sheets_show_their_cells_and_say_what_was_never_computed() -> None:
    def row(*cells: str, attributes: str = "") -> str:
        return f"<table:table-row {attributes}>{''.join(cells)}</table:table-row>"

    def cell(text: str, attributes: str = "") -> str:
        return f"<table:table-cell {attributes}>{p(text) if text else ''}</table:table-cell>"

    blank = row(cell("", 'table:number-columns-repeated="1000"'), attributes='table:number-rows-repeated="1048000"')
    formula = cell("", 'table:formula="of:=1+1"')
    rows = row(cell("share"), cell("zip")) + row(cell("7.5%"), cell("02139"), formula) + blank + row(cell("far"))
    sheets = f'<table:table table:name="One">{rows}</table:table>'
    sheets += f'<table:table table:name="Two" table:style-name="Hidden">{row(cell("unseen"))}</table:table>'
    document = read(odf("ods", sheets), "a.ods")
    assert document.text == "One\n\nshare\tzip\n7.5%\t02139\n\nfar"
    assert [warning.code for warning in document.warnings] == ["formulas_not_computed"]
    with pytest.raises(FormulasNotComputed):
        read(odf("ods", f'<table:table table:name="One">{row(formula)}</table:table>'), "a.ods")


def test_kinds_are_told_and_what_is_not_read_is_named() -> None:
    assert [sniff(odf(kind, ""), "any") for kind in KINDS] == [Format.ODT, Format.ODP, Format.ODS]
    template = archive({"mimetype": "application/vnd.oasis.opendocument.text-template", "content.xml": "<x/>"})
    assert sniff(template, "a.ott") == Format.ODT
    with pytest.raises(UnsupportedType, match="formula"):
        sniff(archive({"mimetype": "application/vnd.oasis.opendocument.formula"}), "a.odf")
    manifest = '<m:manifest xmlns:m="urn:x"><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>'
    with pytest.raises(EncryptedFile):
        read(odf("odt", p("x"), {"META-INF/manifest.xml": manifest}), "a.odt")
    with pytest.raises(CorruptFile):
        read(archive({"mimetype": "application/vnd.oasis.opendocument.text"}), "a.odt")
    with pytest.raises(NoPages):
        read(odf("odp", ""), "a.odp")
