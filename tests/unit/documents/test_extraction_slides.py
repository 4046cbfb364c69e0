"""What a presentation says survives: titles, levels, equations, tables, groups, diagrams, notes, pictures."""

from __future__ import annotations

import io

from pptx import Presentation
from pptx.util import Inches

from benchmarks.made import files
from documents_app.domain.blocks import BlockKind
from tests.support.office import NAMESPACES, package, read, relations, texts
from tests.unit.documents.test_extraction_word import picture


def shape(body: str, kind: str = "", place: tuple[int, int] | None = None, name: str = "a") -> str:
    filled = f'<p:ph type="{kind}"/>' if kind else ""
    where = f'<a:xfrm><a:off x="{place[1]}" y="{place[0]}"/></a:xfrm>' if place else ""
    head = f'<p:nvSpPr><p:cNvPr id="1" name="{name}"/><p:cNvSpPr/><p:nvPr>{filled}</p:nvPr></p:nvSpPr>'
    return f"<p:sp>{head}<p:spPr>{where}</p:spPr><p:txBody><a:bodyPr/>{body}</p:txBody></p:sp>"


def line(text: str, properties: str = "", level: int = 0) -> str:
    inside = text if text.startswith("<") else f"<a:r><a:t>{text}</a:t></a:r>"
    return f'<a:p><a:pPr lvl="{level}">{properties}</a:pPr>{inside}</a:p>'


def slides(
    *trees: str, parts: dict[str, bytes | str] | None = None, related: dict[str, tuple[str, str]] | None = None
) -> bytes:
    listed = "".join(f'<p:sldId id="{256 + n}" r:id="s{n}"/>' for n in range(len(trees)))
    given: dict[str, bytes | str] = {
        "ppt/presentation.xml": f"<p:presentation {NAMESPACES}><p:sldIdLst>{listed}</p:sldIdLst></p:presentation>",
        "ppt/_rels/presentation.xml.rels": relations(
            {f"s{n}": ("slide", f"slides/slide{n}.xml") for n in range(len(trees))}
        ),
        **(parts or {}),
    }
    for n, tree in enumerate(trees):
        given[f"ppt/slides/slide{n}.xml"] = f"<p:sld {NAMESPACES}><p:cSld><p:spTree>{tree}</p:spTree></p:cSld></p:sld>"
        given[f"ppt/slides/_rels/slide{n}.xml.rels"] = relations(related or {})
    return package("ppt", given)


def test_titles_levels_numbers_and_scripts_are_kept() -> None:
    numbered = '<a:buAutoNum type="alphaLcParenR"/>'
    body = (
        line("first")
        + line("deeper", level=1)
        + line("none", "<a:buNone/>")
        + line("one", numbered)
        + line("two", numbered)
    )
    raised = line('<a:r><a:t>3 × 10</a:t></a:r><a:r><a:rPr baseline="30000"/><a:t>8</a:t></a:r>')
    symbol = line('<a:r><a:rPr><a:latin typeface="Symbol"/></a:rPr><a:t>a</a:t></a:r>')
    tree = shape(body, "body") + shape(line("Title"), "title", (900, 0)) + shape(raised) + shape(symbol)
    document = read(slides(tree), "a.pptx")
    assert texts(document) == ["Title", "- first", "- deeper", "none", "a) one", "b) two", "3 × 10⁸", "α"]
    assert [block.level for block in document.blocks][:3] == [1, 1, 2]
    assert document.metadata["title"] == "Title"


def test_equations_are_formulas_alone_and_in_a_line() -> None:
    half = "<m:f><m:num><m:r><m:t>𝑎</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den></m:f>"
    math = f"<a14:m><m:oMathPara><m:oMath>{half}</m:oMath></m:oMathPara></a14:m>"
    boxed = shape(line(math) + line(f"<a:r><a:t>so </a:t></a:r>{math}"))
    other = f"<mc:Fallback>{shape(line('picture'))}</mc:Fallback>"
    tree = f"<mc:AlternateContent><mc:Choice Requires='a14'>{boxed}</mc:Choice>{other}</mc:AlternateContent>"
    document = read(slides(tree), "a.pptx")
    assert [(b.kind, b.latex) for b in document.blocks] == [("formula", r"\frac{a}{2}"), ("paragraph", None)]
    assert texts(document)[1] == r"so $\frac{a}{2}$"


def test_shapes_are_read_from_the_top_left_with_groups_unfolded_and_hidden_ones_left_out() -> None:
    group = f'<p:grpSp><p:nvGrpSpPr/><p:grpSpPr><a:xfrm><a:off x="0" y="2000000"/></a:xfrm></p:grpSpPr>{shape(line("grouped"))}</p:grpSp>'
    tree = (
        shape(line("last"), place=(4_000_000, 0))
        + group
        + shape(line("right"), place=(10, 900))
        + shape(line("left"), place=(20, 5))
    )
    tree += shape(line("unseen")).replace('name="a"', 'name="a" hidden="1"') + shape(
        line("7"), "sldNum", (5_000_000, 0)
    )
    document = read(slides(tree), "a.pptx")
    assert texts(document) == ["left", "right", "grouped", "last", "7"]
    assert texts(document, BlockKind.FURNITURE) == ["7"]


def test_merged_cells_stand_in_each_of_their_rows() -> None:
    def cell(text: str, merge: str = "") -> str:
        return f"<a:tc {merge}><a:txBody>{line(text)}</a:txBody></a:tc>"

    rows = (
        cell("Iron", 'rowSpan="2"') + cell("wide", 'gridSpan="2"') + cell("", 'hMerge="1"'),
        cell("", 'vMerge="1"') + cell("1") + cell("2"),
    )
    table = "<a:tbl>" + "".join(f"<a:tr>{row}</a:tr>" for row in rows) + "</a:tbl>"
    frame = f"<p:graphicFrame><p:nvGraphicFramePr/><a:graphic><a:graphicData>{table}</a:graphicData></a:graphic></p:graphicFrame>"
    assert read(slides(frame), "a.pptx").tables[0].cells == (("Iron", "wide", "wide"), ("Iron", "1", "2"))


def test_a_slide_of_only_smart_art_has_its_text() -> None:
    points = '<dgm:pt modelId="1"><dgm:t><a:p><a:r><a:t>Prophase</a:t></a:r></a:p></dgm:t></dgm:pt>'
    data = f"<dgm:dataModel {NAMESPACES}><dgm:ptLst>{points}</dgm:ptLst></dgm:dataModel>"
    graphic = '<a:graphic><a:graphicData><dgm:relIds r:dm="d"/></a:graphicData></a:graphic>'
    frame = f"<p:graphicFrame><p:nvGraphicFramePr/>{graphic}</p:graphicFrame>"
    related = {"d": ("diagramData", "../diagrams/data1.xml")}
    assert read(slides(frame, parts={"ppt/diagrams/data1.xml": data}, related=related), "a.pptx").text == "- Prophase"
    missing = read(slides(frame + shape(line("words")), related={}), "a.pptx")
    assert (missing.text, missing.warnings[0].code, missing.warnings[0].page) == ("words", "diagram_not_read", 1)


def test_pictures_and_notes_of_a_slide_made_by_a_library() -> None:
    made = Presentation()
    slide = made.slides.add_slide(made.slide_layouts[1])
    slide.shapes.title.text = "Cells"
    slide.placeholders[1].text = "one\ntwo"
    slide.shapes.add_picture(io.BytesIO(picture(40, 50)), Inches(1), Inches(5))
    slide.notes_slide.notes_text_frame.text = "Say more."
    out = io.BytesIO()
    made.save(out)
    document = read(out.getvalue(), "a.pptx")
    assert texts(document) == ["Cells", "- one", "- two", "Say more."]
    assert [(f.page, f.width, f.height) for f in document.figures] == [(1, 40, 50)]


def test_titles_without_a_place_of_their_own_take_that_of_the_layout() -> None:
    document = read(files.pptx(["First", "Second"]), "a.pptx")
    assert [h.text for h in document.headings] == ["First", "Second"]
    assert len(document.pages) == 2
