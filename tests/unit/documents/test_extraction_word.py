"""What a Word document says survives: scripts, equations, symbols, numbers of lists, cells, notes, boxes, pictures."""

from __future__ import annotations

import io
import struct

import pytest
from docx import Document
from docx.shared import Inches
from PIL import Image

from benchmarks.made import files
from documents_app.domain.blocks import BlockKind, MarkKind
from documents_app.domain.errors import CorruptFile, ExpandedTooLarge, UnsafeMarkup
from documents_app.extraction.builder import TextBuilder
from documents_app.extraction.embedded_pictures import EmbeddedFigures
from documents_app.extraction.limits import ExtractionLimits
from tests.support.office import NAMESPACES, drawing, only, paragraph, read, relations, run, texts, word


def saved(document: object) -> bytes:
    out = io.BytesIO()
    document.save(out)  # type: ignore[attr-defined]
    return out.getvalue()


def picture(width: int, height: int, colour: tuple[int, int, int] = (200, 10, 10)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, "PNG")
    return out.getvalue()


def vertical(kind: str) -> str:
    return f'<w:vertAlign w:val="{kind}"/>'


def fraction(above: str, below: str) -> str:
    return f"<m:f><m:num><m:r><m:t>{above}</m:t></m:r></m:num><m:den><m:r><m:t>{below}</m:t></m:r></m:den></m:f>"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (run("10") + run("23", vertical("superscript")) + run(" per mole"), "10²³ per mole"),
        (run("H") + run("2", vertical("subscript")) + run("O"), "H₂O"),
        (run("x") + run("n+k/2", vertical("superscript")), "x^(n+k/2)"),
        (run("10") + run("5", '<w:position w:val="6"/><w:sz w:val="14"/>'), "10⁵"),
        (run("seen ") + run("unseen", "<w:vanish/>") + run("again"), "seen again"),
        (run("a ") + '<w:r><w:sym w:font="Symbol" w:char="F061"/></w:r>' + run(" b"), "a α b"),
        (run("x ") + '<w:r><w:sym w:font="Symbol" w:char="F0B3"/></w:r>' + run(" 7.0"), "x ≥ 7.0"),
        (run("\uf0a3", '<w:rFonts w:ascii="Symbol" w:hAnsi="Symbol"/>') + run(" 5"), "≤ 5"),
        (run("go ") + '<w:r><w:sym w:font="Wingdings" w:char="F0E0"/></w:r>' + run(" there"), "go → there"),
        (f"{run('kept ')}<w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:ins>{run('new')}</w:ins>", "kept new"),
        (f"<w:hyperlink w:anchor='_top'>{run('LINK')}</w:hyperlink>{run(' after')}", "LINK after"),
        (f"{run('at ')}<m:oMath>{fraction('1', '2')}</m:oMath>{run(' speed')}", r"at $\frac{1}{2}$ speed"),
        (
            '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>DATE</w:instrText></w:r>'
            + run("hidden")
            + '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
            + run("shown")
            + '<w:r><w:fldChar w:fldCharType="end"/></w:r>',
            "shown",
        ),
        (
            f"<w:sdt><w:sdtPr/><w:sdtContent>{run('filled')}</w:sdtContent></w:sdt>"
            f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{run('Click here')}</w:sdtContent></w:sdt>",
            "filled",
        ),
        (
            "<w:r><w:ruby><w:rt><w:r><w:t>かん</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>漢</w:t></w:r></w:rubyBase></w:ruby></w:r>",
            "漢(かん)",
        ),
    ],
)
def test_what_runs_say_is_kept(content: str, text: str) -> None:
    assert read(word(paragraph(content))).text == text


@pytest.mark.parametrize(
    ("instruction", "latex"),
    [
        (r"EQ \F(1,2)", r"\frac{1}{2}"),
        (r" eq \f(a+b;\r(3,x))", r"\frac{a+b}{\sqrt[3]{x}}"),
        (r"EQ x\s\up5(2) + \R(,16)", r"x^{2} + \sqrt{16}"),
        (r"EQ \I(0,1,x)", r"\int_{0}^{1} x"),
    ],
)
def test_equation_fields_are_formulas(instruction: str, latex: str) -> None:
    begin, end = ('<w:r><w:fldChar w:fldCharType="' + kind + '"/></w:r>' for kind in ("begin", "end"))
    field = f"{begin}<w:r><w:instrText>{instruction}</w:instrText></w:r>{end}"
    assert only(read(word(paragraph(run("so ")) + paragraph(field))), BlockKind.FORMULA).latex == latex


def test_a_sign_without_a_meaning_and_documents_inside_are_said() -> None:
    sign = '<w:r><w:sym w:font="Odd Dingbats" w:char="F041"/></w:r>'
    parts = {"word/a.html": "<p>From a <b>page</b></p>", "word/b.docx": "x"}
    related = {"a": ("aFChunk", "a.html"), "b": ("aFChunk", "b.docx")}
    body = paragraph(run("sign ") + sign) + '<w:altChunk r:id="a"/><w:altChunk r:id="b"/><w:altChunk r:id="c"/>'
    document = read(word(body, parts, related))
    assert document.text == "sign \ufffd\n\nFrom a page"
    assert [warning.code for warning in document.warnings] == ["symbol_not_read", "embedded_object_not_read"]


def test_scripts_and_links_are_marks_that_point_at_their_text() -> None:
    body = paragraph(run("10") + run("5", vertical("superscript")) + f"<w:hyperlink>{run(' see')}</w:hyperlink>")
    document = read(word(body))
    marks = {(mark.kind, document.text[mark.char_start : mark.char_end]) for mark in document.blocks[0].marks}
    assert marks == {(MarkKind.SUPERSCRIPT, "⁵"), (MarkKind.LINK, "see")}


def test_scripts_hidden_text_and_fonts_come_from_styles_too() -> None:
    styles = (
        f"<w:styles {NAMESPACES}>"
        '<w:style w:type="character" w:styleId="Up"><w:rPr><w:vertAlign w:val="superscript"/></w:rPr></w:style>'
        '<w:style w:type="character" w:styleId="Up2"><w:basedOn w:val="Up"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="Secret"><w:rPr><w:vanish/></w:rPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="H"><w:name w:val="Überschrift 2"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="C"><w:name w:val="caption"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="Q"><w:name w:val="Quote"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="T"><w:name w:val="toc 1"/></w:style></w:styles>'
    )
    body = paragraph(run("m") + run("2", '<w:rStyle w:val="Up2"/>')) + paragraph("hidden", '<w:pStyle w:val="Secret"/>')
    body += "".join(paragraph(name, f'<w:pStyle w:val="{name}"/>') for name in "HCQT")
    document = read(word(body, {"word/styles.xml": styles}))
    assert [(block.kind, document.text[block.char_start : block.char_end]) for block in document.blocks] == [
        (BlockKind.PARAGRAPH, "m²"),
        (BlockKind.HEADING, "H"),
        (BlockKind.CAPTION, "C"),
        (BlockKind.QUOTE, "Q"),
        (BlockKind.FURNITURE, "T"),
    ]


def test_equations_alone_are_formula_blocks() -> None:
    equation = f"<m:oMath>{fraction('a', 'b')}</m:oMath>"
    body = paragraph(equation) + paragraph(f"{run('Before')}<m:oMathPara>{equation}</m:oMathPara>{run('after')}")
    document = read(word(body))
    assert [block.kind for block in document.blocks] == ["formula", "paragraph", "formula", "paragraph"]
    assert document.blocks[0].latex == r"\frac{a}{b}"


def test_a_formula_too_deep_is_said_and_the_rest_is_read() -> None:
    deep = "<m:f><m:num>" * 200 + "<m:r><m:t>DEEP</m:t></m:r>" + "</m:num></m:f>" * 200
    document = read(word(paragraph(f"<m:oMath>{deep}</m:oMath>") + paragraph("neighbour")))
    assert "DEEP" in document.text
    assert "neighbour" in document.text
    assert [warning.code for warning in document.warnings] == ["formula_too_deep"]
    with pytest.raises(UnsafeMarkup):
        read(word("<w:sdt>" * 3_000 + "</w:sdt>" * 3_000))


LEVELS = "".join(
    f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
    for level, (form, text) in enumerate(
        (("decimal", "%1."), ("lowerLetter", "%2)"), ("decimal", "%1.%2.%3"), ("upperRoman", "§ %4"))
    )
)
NUMBERING = (
    f'<w:numbering {NAMESPACES}><w:abstractNum w:abstractNumId="0">{LEVELS}</w:abstractNum>'
    '<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="·"/></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>'
    '<w:num w:numId="3"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride></w:num>'
    "</w:numbering>"
)


def item(text: str, level: int = 0, number: int = 1) -> str:
    return paragraph(text, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')


def test_list_numbers_are_those_that_word_shows() -> None:
    body = item("one") + item("inner", 1) + item("inner", 1) + item("deep", 2) + item("two") + item("new", 1)
    body += item("dot", 0, 2) + item("three") + item("again", 0, 3) + item("on", 0, 3) + item("roman", 3)
    document = read(word(body, {"word/numbering.xml": NUMBERING}))
    assert texts(document) == [
        "1. one", "a) inner", "b) inner", "1.b.1 deep", "2. two", "a) new", "- dot", "3. three", "5. again", "6. on", "§ I roman",
    ]  # fmt: skip
    assert [block.level for block in document.blocks][:4] == [1, 2, 2, 3]


def test_cells_over_rows_and_columns_stay_in_their_places() -> None:
    def cell(text: str, properties: str = "") -> str:
        return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraph(text)}</w:tc>"

    rows = (
        cell("Element", '<w:vMerge w:val="restart"/>') + cell("Points", '<w:gridSpan w:val="2"/>') + cell("Density"),
        cell("", "<w:vMerge/>") + cell("Melting") + cell("Boiling") + cell("g/cm3"),
        cell("Iron", '<w:vMerge w:val="restart"/>') + cell("1538") + cell("2862") + cell("7.9"),
        cell("", "<w:vMerge/>") + cell("x") + cell("y") + cell("z"),
    )
    document = read(word("<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>"))
    assert only(document, BlockKind.TABLE).rows == (
        ("Element", "Points", "Points", "Density"),
        ("Element", "Melting", "Boiling", "g/cm3"),
        ("Iron", "1538", "2862", "7.9"),
        ("Iron", "x", "y", "z"),
    )


def test_a_table_in_a_table_is_written_once_and_one_cell_is_no_table() -> None:
    def table(*rows: tuple[str, ...]) -> str:
        cells = ("".join(f"<w:tc>{cell}</w:tc>" for cell in row) for row in rows)
        return "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in cells) + "</w:tbl>"

    inner = table((paragraph("I1"), paragraph("I2")), (paragraph("I3"), paragraph("I4")))
    document = read(word(table((paragraph("A"), inner + paragraph("")), (paragraph("B"), paragraph("C")))))
    assert document.text == "A\tI1, I2; I3, I4\nB\tC"
    document = read(word(table((paragraph("boxed") + inner,))))
    assert document.text == "boxed\n\nI1\tI2\nI3\tI4"


def test_more_cells_than_the_limit_are_named() -> None:
    row = "<w:tr>" + "".join(f"<w:tc>{paragraph('x')}</w:tc>" for _ in range(50)) + "</w:tr>"
    with pytest.raises(ExpandedTooLarge, match="400 table cells"):
        read(word(f"<w:tbl>{row * 10}</w:tbl>"), limits=ExtractionLimits(max_table_cells=400))


BOX = "<w:txbxContent>{}</w:txbxContent>"


def box(content: str) -> str:
    inside = BOX.format(content)
    return (
        f"<w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wps:txbx>{inside}</wps:txbx></w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict><v:textbox>{inside}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )


def test_text_boxes_are_read_once_also_in_cells_and_with_equations() -> None:
    equation = f"<m:oMath>{fraction('1', '2')}</m:oMath>"
    boxed = box(paragraph("BOXED") + paragraph(equation))
    old = f"<w:r><w:pict><v:textbox>{BOX.format(paragraph('OLD'))}</v:textbox></w:pict></w:r>"
    cells = f"<w:tbl><w:tr><w:tc>{paragraph(run('cell') + box(paragraph('INCELL')))}</w:tc><w:tc>{paragraph('y')}</w:tc></w:tr></w:tbl>"
    document = read(word(paragraph(run("anchor") + boxed) + paragraph(old) + cells))
    assert texts(document) == ["anchor", "BOXED", r"$$\frac{1}{2}$$", "OLD", "cell INCELL\ty"]


def test_note_marks_are_apart_from_numbers_and_notes_follow_their_page() -> None:
    def notes(kind: str) -> str:
        written = f'<w:{kind} w:id="7">{paragraph(f"The {kind}.")}</w:{kind}>'
        return f'<w:{kind}s {NAMESPACES}><w:{kind} w:id="0" w:type="separator"/>{written}</w:{kind}s>'

    body = paragraph(
        run("In 1900")
        + '<w:r><w:footnoteReference w:id="7"/></w:r>'
        + run(" and")
        + '<w:r><w:endnoteReference w:id="7"/></w:r>'
    )
    body += paragraph('<w:r><w:br w:type="page"/></w:r>') + paragraph(
        "<w:r><w:lastRenderedPageBreak/><w:t>next page</w:t></w:r>"
    )
    document = read(word(body, {"word/footnotes.xml": notes("footnote"), "word/endnotes.xml": notes("endnote")}))
    assert document.text == "In 1900[1] and[i]\n\n[1] The footnote.\n\fnext page\n\n[i] The endnote."
    assert [(b.kind, b.page) for b in document.blocks][1] == (BlockKind.FOOTNOTE, 1)
    assert len(document.pages) == 2


def test_lines_of_code_are_one_block_with_their_indentation() -> None:
    mono = '<w:rFonts w:ascii="Courier New"/>'
    body = (
        paragraph("Before")
        + "".join(paragraph(run(line, mono)) for line in ("def f(x):", "    return x"))
        + paragraph("After")
    )
    document = read(word(body + paragraph(run("call ") + run("f(2)", mono) + run(" now"))))
    assert texts(document) == ["Before", "def f(x):\n    return x", "After", "call f(2) now"]
    assert document.blocks[1].kind is BlockKind.CODE
    assert document.blocks[3].marks[0].kind is MarkKind.CODE


def test_charts_and_diagrams_say_what_is_in_them() -> None:
    chart = (
        f"<c:chartSpace {NAMESPACES}><c:chart><c:title><c:tx><c:rich><a:p><a:r><a:t>Growth</a:t></a:r></a:p></c:rich></c:tx></c:title>"
        "<c:plotArea><c:barChart><c:ser><c:tx><c:strRef><c:strCache><c:pt idx='0'><c:v>Sales</c:v></c:pt></c:strCache></c:strRef></c:tx>"
        "<c:cat><c:strRef><c:strCache><c:pt idx='0'><c:v>East</c:v></c:pt></c:strCache></c:strRef></c:cat>"
        "<c:val><c:numRef><c:numCache><c:formatCode>0.0%</c:formatCode><c:pt idx='0'><c:v>0.192</c:v></c:pt></c:numCache>"
        "</c:numRef></c:val>"
        "</c:ser></c:barChart></c:plotArea></c:chart></c:chartSpace>"
    )
    points = "".join(
        f'<dgm:pt modelId="{key}" type="{kind}"><dgm:t><a:p><a:r><a:t>{text}</a:t></a:r></a:p></dgm:t></dgm:pt>'
        for key, kind, text in (
            ("d", "doc", ""),
            ("2", "node", "Second"),
            ("1", "node", "First"),
            ("3", "node", "Inner"),
        )
    )
    links = "".join(
        f'<dgm:cxn modelId="c{n}" srcId="{src}" destId="{dest}" srcOrd="{order}"/>'
        for n, (src, dest, order) in enumerate((("d", "1", 0), ("d", "2", 1), ("1", "3", 0)))
    )
    data = (
        f"<dgm:dataModel {NAMESPACES}><dgm:ptLst>{points}</dgm:ptLst><dgm:cxnLst>{links}</dgm:cxnLst></dgm:dataModel>"
    )
    body = paragraph(drawing('<c:chart r:id="chart"/>')) + paragraph(drawing('<dgm:relIds r:dm="data"/>'))
    body += paragraph(drawing('<dgm:relIds r:dm="nothing"/>'))
    related = {"chart": ("chart", "charts/chart1.xml"), "data": ("diagramData", "diagrams/data1.xml")}
    document = read(word(body, {"word/charts/chart1.xml": chart, "word/diagrams/data1.xml": data}, related))
    assert texts(document) == [
        "Growth",
        "Sales\nEast\t19.2%".replace("Sales", "\tSales"),
        "- First",
        "- Inner",
        "- Second",
    ]
    assert [warning.code for warning in document.warnings] == ["diagram_not_read"]


def test_pictures_are_figures_with_their_captions() -> None:
    made = Document()
    for colour in ((1, 2, 3), (1, 2, 3), (9, 9, 9)):
        made.add_picture(io.BytesIO(picture(64, 48, colour)), width=Inches(1))
        made.add_paragraph("Figure 1. A cell.", style="Caption")
    made.add_picture(io.BytesIO(picture(8, 8)), width=Inches(1))
    document = read(saved(made))
    assert [(f.caption, f.width, f.height, f.media_type) for f in document.figures] == [
        ("Figure 1. A cell.", 64, 48, "image/png")
    ] * 2
    assert document.figures[0].data == picture(64, 48, (1, 2, 3))
    few = read(saved(made), limits=ExtractionLimits(max_figures=1))
    assert (len(few.figures), few.warnings[0].code) == (1, "figures_left_out")
    large = read(saved(made), limits=ExtractionLimits(max_image_pixels=1_000))
    assert (len(large.figures), large.warnings[0].code) == (0, "figure_too_large")


def drawing_of_windows(ending: str, size: int) -> bytes:
    """The head of an EMF or WMF drawing of ``size`` by ``size`` pixels, or a TIFF picture."""
    if ending == "tiff":
        file = io.BytesIO()
        Image.new("L", (size, size)).save(file, "TIFF")
        return file.getvalue()
    if ending == "wmf":
        return struct.pack("<IHhhhhHIH", 0x9AC6CDD7, 0, 0, 0, size, size, 72, 0, 0) + struct.pack("<HHH", 1, 9, 0x300)
    bounds = struct.pack("<4i4i", 0, 0, size, size, 0, 0, 25 * size, 25 * size)
    return struct.pack("<II", 1, 88) + bounds + b" EMF" + bytes(44)


@pytest.mark.parametrize("ending", ["emf", "wmf", "tiff"])
def test_a_picture_that_nothing_here_draws_is_named_with_the_cure(ending: str) -> None:
    """What a browser does not show is not kept in silence; a decoration in such a form is no loss."""
    large, small = (drawing_of_windows(ending, size) for size in (200, 8))
    for data, expected in ((large, [("figure_not_shown", 1)]), (small, [])):
        builder = TextBuilder(ExtractionLimits())
        figures = EmbeddedFigures(builder, ExtractionLimits())
        figures.add(data)
        builder.block(BlockKind.PARAGRAPH, "Text.")
        assert not figures.found
        warnings = builder.build({}).warnings
        assert [(warning.code, warning.page) for warning in warnings] == expected
        assert all("as PNG" in warning.detail for warning in warnings)


def test_a_described_picture_is_a_figure_block_and_an_old_equation_is_said() -> None:
    old = "<w:r><w:object><o:OLEObject ProgID='Equation.3'/></w:object></w:r>"
    document = read(word(paragraph(drawing('<a:blip r:embed="none"/>', "A plant cell")) + paragraph(run("text") + old)))
    assert (texts(document, BlockKind.FIGURE), document.warnings[0].code) == (["A plant cell"], "formula_not_read")


def test_links_to_nowhere_and_missing_parts_harm_nothing() -> None:
    links = {
        "i": ("image", "NULL"),
        "h": ("hyperlink", "#_top"),
        "u": ("hyperlink", "http://a b:x/%zz"),
        "s": ("styles", "gone.xml"),
    }
    body = paragraph(f"<w:hyperlink r:id='h'>{run('BODY')}</w:hyperlink>" + drawing('<a:blip r:embed="i"/>'))
    assert read(word(body, related=links)).text == "BODY"
    broken = {"word/styles.xml": "<not closed"}
    assert read(word(body, broken, links)).text == "BODY"


def test_the_strict_form_and_backslashes_are_read_like_the_usual_form() -> None:
    data = word(paragraph(run("10") + run("5", vertical("superscript"))))
    entries = {name: files.entry(data, name) for name in ("word/document.xml", "_rels/.rels")}
    strict = {
        name: content.replace(b"http://schemas.openxmlformats.org/officeDocument/2006/relationships", b"http://purl.oclc.org/ooxml/officeDocument/relationships")
        .replace(b"http://schemas.openxmlformats.org/wordprocessingml/2006/main", b"http://purl.oclc.org/ooxml/wordprocessingml/main")
        for name, content in entries.items()
    }  # fmt: skip
    assert b"purl.oclc.org" in strict["word/document.xml"]
    assert read(files.repacked(data, strict)).text == "10⁵"
    assert read(files.renamed(data, lambda name: name.replace("/", "\\"))).text == "10⁵"


def test_a_document_without_its_main_part_is_corrupt() -> None:
    with pytest.raises(CorruptFile):
        read(files.repacked(word(paragraph("x")), {"word/document.xml": None}))
    moved = files.renamed(
        word(paragraph("moved")), lambda name: name.replace("word/document.xml", "word/document2.xml")
    )
    moved = files.repacked(moved, {"_rels/.rels": relations({"r": ("officeDocument", "/word/document2.xml")})})
    assert read(moved).text == "moved"


def test_headings_by_style_keep_their_levels_and_layout_tables_their_headings() -> None:
    made = Document()
    table = made.add_table(1, 2)
    table.cell(0, 0).paragraphs[0].style = made.styles["Heading 2"]
    table.cell(0, 0).paragraphs[0].text = "In a cell"
    table.cell(0, 1).text = "beside"
    made.add_heading("After", 3)
    document = read(saved(made))
    assert [(h.level, h.text) for h in document.headings] == [(2, "In a cell"), (3, "After")]
