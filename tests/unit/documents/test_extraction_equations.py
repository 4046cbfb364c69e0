"""Equations of Office and MathML become LaTeX that says what they say."""

from __future__ import annotations

import pytest
from lxml import etree

from documents_app.extraction import mathml
from documents_app.extraction.latex import TooDeep
from documents_app.extraction.office import equations
from tests.support.office import NAMESPACES


def r(text: str, properties: str = "") -> str:
    return f"<m:r><m:rPr>{properties}</m:rPr><m:t>{text}</m:t></m:r>"


def omml(inside: str) -> str:
    return equations.latex(etree.fromstring(f"<m:oMath {NAMESPACES}>{inside}</m:oMath>"))


SUM = '<m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr><m:sub>{}</m:sub><m:sup>{}</m:sup><m:e>{}</m:e></m:nary>'
FRACTION = "<m:f><m:num>{}</m:num><m:den>{}</m:den></m:f>"


@pytest.mark.parametrize(
    ("inside", "latex"),
    [
        (r("x=") + FRACTION.format(r("b+c"), r("4+x")), r"x=\frac{b+c}{4+x}"),
        (f"<m:sSup><m:e>{r('c')}</m:e><m:sup>{r('2')}</m:sup></m:sSup>", "c^{2}"),
        (f"<m:sSub><m:e>{r('CO')}</m:e><m:sub>{r('2')}</m:sub></m:sSub>", "{CO}_{2}"),
        (f"<m:sSubSup><m:e>{r('x')}</m:e><m:sub>{r('i')}</m:sub><m:sup>{r('2')}</m:sup></m:sSubSup>", "x_{i}^{2}"),
        (f"<m:sPre><m:sub>{r('6')}</m:sub><m:sup>{r('14')}</m:sup><m:e>{r('C')}</m:e></m:sPre>", "{}_{6}^{14}C"),
        (f'<m:rad><m:radPr><m:degHide m:val="1"/></m:radPr><m:deg/><m:e>{r("16")}</m:e></m:rad>', r"\sqrt{16}"),
        (f"<m:rad><m:deg>{r('3')}</m:deg><m:e>{r('8')}</m:e></m:rad>", r"\sqrt[3]{8}"),
        (SUM.format(r("i=1"), r("n"), r("i")), r"\sum_{i=1}^{n} i"),
        (
            f"<m:nary><m:sub>{r('0')}</m:sub><m:sup>{r('1')}</m:sup><m:e>{r('x dx')}</m:e></m:nary>",
            r"\int_{0}^{1} x dx",
        ),
        (f"<m:d><m:e>{r('a')}</m:e></m:d>", r"\left( a \right)"),
        (
            f'<m:d><m:dPr><m:begChr m:val="{{"/><m:endChr m:val=""/></m:dPr><m:e>{r("a")}</m:e></m:d>',
            r"\left\{ a \right.",
        ),
        (
            "<m:d><m:e><m:m><m:mr>"
            + "".join(f"<m:e>{r(n)}</m:e>" for n in "12")
            + "</m:mr><m:mr>"
            + "".join(f"<m:e>{r(n)}</m:e>" for n in "34")
            + "</m:mr></m:m></m:e></m:d>",
            r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}",
        ),
        (
            f'<m:d><m:e><m:f><m:fPr><m:type m:val="noBar"/></m:fPr><m:num>{r("n")}</m:num><m:den>{r("k")}</m:den></m:f></m:e></m:d>',
            r"\binom{n}{k}",
        ),
        (
            "<m:func><m:fName>" + r("sin", '<m:sty m:val="p"/>') + "</m:fName><m:e>" + r("x") + "</m:e></m:func>",
            r"\sin x",
        ),
        ('<m:acc><m:accPr><m:chr m:val="⃗"/></m:accPr><m:e>' + r("v") + "</m:e></m:acc>", r"\vec{v}"),
        ('<m:bar><m:barPr><m:pos m:val="top"/></m:barPr><m:e>' + r("x") + "</m:e></m:bar>", r"\overline{x}"),
        (
            f"<m:eqArr><m:e>{r('a&amp;=b')}</m:e><m:e>{r('c&amp;=d')}</m:e></m:eqArr>",
            r"\begin{aligned} a&=b \\ c&=d \end{aligned}",
        ),
        (
            "<m:limLow><m:e>" + r("lim", '<m:sty m:val="p"/>') + f"</m:e><m:lim>{r('n→∞')}</m:lim></m:limLow>",
            r"\lim_{n→∞}",
        ),
        (r("speed", "<m:nor/>"), r"\text{speed}"),
        (r("50% {a}_1"), r"50\% \{a\}\_1"),
        (r("𝑥") + r("≥2"), "x≥2"),
        (r("R", '<m:scr m:val="double-struck"/>'), r"\mathbb{R}"),
    ],
)
def test_equations_of_office_become_latex(inside: str, latex: str) -> None:
    assert omml(inside) == latex


@pytest.mark.parametrize(
    ("inside", "latex"),
    [
        ("<mfrac><mn>1</mn><mn>2</mn></mfrac>", r"\frac{1}{2}"),
        ("<msqrt><mn>16</mn></msqrt>", r"\sqrt{16}"),
        ("<mi>E</mi><mo>=</mo><mi>m</mi><msup><mi>c</mi><mn>2</mn></msup>", "E = m c^{2}"),
        (
            "<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover>",
            r"\sum_{i = 1}^{n}",
        ),
        ("<mroot><mi>x</mi><mn>3</mn></mroot>", r"\sqrt[3]{x}"),
        ("<mover><mi>x</mi><mo>¯</mo></mover>", r"\overline{x}"),
        ("<mfenced><mi>a</mi><mi>b</mi></mfenced>", r"\left( a, b \right)"),
        ("<mmultiscripts><mi>C</mi><mprescripts/><mn>6</mn><mn>14</mn></mmultiscripts>", "{}_{6}^{14}C"),
        (
            "<mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>2</mn></mtd></mtr></mtable>",
            r"\begin{matrix} 1 & 2 \end{matrix}",
        ),
        ("<mi>sin</mi><mo>\u2061</mo><mi>x</mi>", r"\sin x"),
        ("<mtext>50%</mtext>", r"\text{50\%}"),
        (
            "<semantics><mrow><mi>E</mi></mrow><annotation encoding='application/x-tex'>E=mc^2</annotation></semantics>",
            "E=mc^2",
        ),
    ],
)
def test_mathml_becomes_latex(inside: str, latex: str) -> None:
    for opening in ("<math>", '<math xmlns="http://www.w3.org/1998/Math/MathML">'):
        assert mathml.latex(etree.fromstring(f"{opening}{inside}</math>")) == latex


def test_formulas_a_hundred_deep_are_written_and_deeper_ones_refused() -> None:
    parser = etree.XMLParser(huge_tree=True)

    def nested(depth: int) -> etree._Element:
        inside = "<m:f><m:num>" * depth + r("x") + f"</m:num><m:den>{r('2')}</m:den></m:f>" * depth
        return etree.fromstring(f"<m:oMath {NAMESPACES}>{inside}</m:oMath>", parser)

    assert equations.latex(nested(100)).count(r"\frac") == 100
    with pytest.raises(TooDeep):
        equations.latex(nested(150))
    assert equations.flat_text(nested(150)) == "x" + "2" * 150
    deep = "<mfrac>" * 150 + "<mi>x</mi>" + "<mn>2</mn></mfrac>" * 150
    with pytest.raises(TooDeep):
        mathml.latex(etree.fromstring(f"<math>{deep}</math>", parser))
