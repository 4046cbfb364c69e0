"""RTF: what its letters, tables, lists, notes and equations say survives."""

from __future__ import annotations

import pytest

from documents_app.domain.blocks import BlockKind
from documents_app.domain.errors import UnsafeMarkup
from documents_app.extraction.formats import Format
from documents_app.extraction.sniff import sniff
from tests.support.office import only, read, texts

FONTS = (
    r"{\fonttbl{\f0\fcharset0 Times;}{\f1\fcharset204 Arial;}{\f2\fcharset2 Symbol;}{\f3\fcharset128 MS Mincho;}}"
    r"{\stylesheet{\ql Normal;}{\s1\outlinelevel0 Kop;}{\s2 heading 2;}}"
)


def rtf(body: str) -> bytes:
    return ("{\\rtf1\\ansi\\ansicpg1252\\deff0" + FONTS + body + "}").encode("latin-1")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (r"6 \'d7 10{\super 23} and H{\sub 2}O", "6 × 10²³ and H₂O"),
        (r"10{\up6\fs14 5} x\nosupersub y", "10⁵ xy"),
        (r"caf\'e9 \u8217?s \u-10179?\u-8704? {\uc2\u937\'a6\'d8} end", "café ’s 😀 Ω end"),
        (r"{\f1 \'ea\'eb\'e5\'f2\'ea\'e0} {\f3 \'93\'fa\'96\'7b} {\f2 a\'b3}", "клетка 日本 α≥"),
        (r"shown{\v hidden}{\*\unknown gone}{\pict\pngblip 8950}{\header head {\field{\fldrslt 7}}} too", "shown too"),
        (r"a{\field{\*\fldinst HYPERLINK x}{\fldrslt link}} b\emdash c\~d", "alink b—c\xa0d"),
        (r"{\deleted gone}kept \{brace\} \\ back", "kept {brace} \\ back"),
        ("one\\\ntwo", "one\n\ntwo"),
        (r"{\*\shpinst\shpleft0{\sp{\sn x}{\sv 1}}{\shptxt BOXED}}{\shprslt BOXED}", "BOXED"),
        (r"{\upr{plain}{\*\ud{unicode \u8364?}}}", "unicode €"),
        (r"\bin5 {{{{{binary", "binary"),
    ],
)
def test_letters_are_decoded_and_what_is_no_text_is_left_out(body: str, text: str) -> None:
    assert read(rtf(body), "a.rtf").text == text


def test_headings_lists_tables_notes_and_title() -> None:
    row = r"\trowd{}\cellx100{}\cellx200\pard\intbl {}\cell {}\cell\row"
    body = (
        r"{\info{\title My \'fcbung}{\author Me}}\pard\s1 One\par\pard\s2 Two\par\pard text{\super\chftn}"
        r"{\footnote{\super\chftn} The note.} on\par"
        r"{\listtext 3.\tab}\pard third\par{\listtext\f2\'b7\tab}\pard\ilvl1 dot\par"
        + row.format(r"\clvmgf", "", "Iron", "1")
        + row.format(r"\clvmrg", "", "", r"2\par x")
        + r"\pard after\par"
    )
    document = read(rtf(body), "a.rtf")
    assert [(h.level, h.text) for h in document.headings] == [(1, "One"), (2, "Two")]
    assert texts(document)[2:] == ["text[1] on", "3. third", "- dot", "Iron\t1\nIron\t2 x", "after", "[1] The note."]
    assert [block.level for block in document.of_kind(BlockKind.LIST_ITEM)] == [1, 2]
    assert (document.metadata["title"], document.metadata["author"]) == ("My übung", "Me")


def test_equations_of_rtf_are_latex() -> None:
    half = r"{\mf{\mfPr{\mctrlPr\f0}}{\mnum{\mr\f0 1}}{\mden{\mr 2}}}"
    total = r"{\mnary{\mnaryPr{\mchr \u8721?}}{\msub{\mr i}}{\msup{\mr n}}{\me{\mr x}}}"
    body = rf"\pard so {{\mmath{{\*\moMath{half}{total}}}}}\par\pard{{\mmath{{\*\moMathPara{{\*\moMath{half}}}}}}}\par"
    document = read(rtf(body), "a.rtf")
    assert texts(document)[0] == r"so $\frac{1}{2}\sum_{i}^{n} x$"
    assert only(document, BlockKind.FORMULA).latex == r"\frac{1}{2}"


def test_rtf_is_told_by_its_end_or_its_name() -> None:
    assert sniff(rtf("x"), "letter.doc") == Format.RTF
    assert sniff(rtf("x") + b"\r\n\x00", "letter.txt") == Format.RTF
    assert sniff(rtf("x"), "about.md") == Format.MARKDOWN


def test_groups_nested_beyond_reason_are_refused_and_unbalanced_ones_read() -> None:
    with pytest.raises(UnsafeMarkup):
        read(rtf("{" * 100_000), "a.rtf")
    assert read(rtf("}}}} still text"), "a.rtf").text == "still text"
    assert read(rtf(r"cut \'e"), "a.rtf").text.startswith("cut")
