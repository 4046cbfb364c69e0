"""What markup carries survives, what it only decorates does not, and nothing that looks like markup is cut."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.made import files
from documents_app.domain.blocks import BlockKind, MarkKind
from documents_app.domain.chunking import chunk
from documents_app.domain.material import DocumentText
from documents_app.extraction.markdown.front_matter import split_front_matter
from documents_app.extraction.notebook import as_on_a_terminal
from documents_app.extraction.registry import extract
from tests.support.tiling import assert_tiled


def read(source: str, name: str) -> DocumentText:
    document = extract(source.encode(), name)
    assert_tiled(document)
    return document


def kinds(document: DocumentText) -> list[tuple[str, str]]:
    return [(block.kind.value, document.text[block.char_start : block.char_end]) for block in document.blocks]


def marked(document: DocumentText, kind: MarkKind) -> list[str]:
    marks = [mark for block in document.blocks for mark in block.marks if mark.kind is kind]
    return [document.text[mark.char_start : mark.char_end] for mark in marks]


@pytest.mark.parametrize(
    ("source", "stored"),
    [
        ("A comment begins with `<!--` and goes on.\n\nKept.", "A comment begins with <!-- and goes on.\n\nKept."),
        ("<!-- never closed\n\nKept.", "<!-- never closed\n\nKept."),
        ("Set<Integer> s; array<char, 4> t; if x<y and z>w then.", None),
        ("Take a <i> or a <b> here.", None),
        ("A class [^abc] of letters, a set {x | x > 0}, {name}.", None),
        ("x^2+y^2 = z^2 and a_b_c and 2 ~ 3", None),
        ("It costs $5, then $10, or US$7.", None),
        ("In R, x[[1]] is an element; m == n or m==n holds.", None),
        ("100%% sure", None),
        (r"the area \(A_1 * B_1\) is", r"the area $A_1 * B_1$ is"),
        (r"the sum \[ \sum x_i * y_i \] holds", r"the sum $\sum x_i * y_i$ holds"),
        (r"see \[1\] there", "see [1] there"),
        ("$a_1 * b$ and $c_1 * d$ and text", "$a_1 * b$ and $c_1 * d$ and text"),
        ("$$x$$ and $$y$$ are two", "$x$ and $y$ are two"),
        ("10<sup>5</sup> m<sup>2</sup>, H<sub>2</sub>O, 6×10^23^", "10⁵ m², H₂O, 6×10²³"),
        ("[[Cell wall|walls]] and [[Cell]] and ==key== %%aside%%.", "walls and Cell and key."),
        ("A [span]{.smallcaps} and `code`{.r} and {{< pagebreak >}} end.", "A span and code and end."),
        ("A note.^[In place.]", "A note. [In place.]"),
        ("> [!tip] Look\n> here", "Look here"),
        ("---\n\n# One\n\nFirst chapter.\n\n---\n\nSecond.", "One\n\nFirst chapter.\n\nSecond."),
    ],
)
def test_markdown_keeps_what_is_said(source: str, stored: str | None) -> None:
    assert read(source, "a.md").text == (source if stored is None else stored)


def test_markdown_blocks_have_their_kinds() -> None:
    source = (
        "Term\n: What it means.\n\n> A quote.\n\n$$\nE\n= mc^2\n$$ (1)\n\n![A cell](c.png)\n\n\\begin{align}\na &= b \\\\\n"
        "c &= d\n\\end{align}\n\n- **Mitosis**: a division\n- *Meiosis* – another\n- **Note** this\n\n~~~{.python #id}\nx\n~~~\n\n"
        "A[^n].\n\n[^n]: The note.\n\n[^unused]: Kept too.\n\n| a | b |\n|---|---|\n| `x|y` | p \\| q |"
    )
    document = read(source, "a.md")
    assert kinds(document) == [
        ("paragraph", "Term"),
        ("paragraph", "What it means."),
        ("quote", "A quote."),
        ("formula", "$$E\n= mc^2$$ (1)"),
        ("figure", "A cell"),
        ("formula", "$$\\begin{align}\na &= b \\\\\nc &= d\n\\end{align}$$"),
        ("list_item", "- Mitosis: a division"),
        ("list_item", "- Meiosis – another"),
        ("list_item", "- Note this"),
        ("code", "x"),
        ("paragraph", "A[n]."),
        ("footnote", "[n] The note."),
        ("footnote", "[unused] Kept too."),
        ("table", "a\tb\nx|y\tp | q"),
    ]
    assert marked(document, MarkKind.TERM) == ["Term", "Mitosis", "Meiosis"]
    assert document.blocks[3].latex == "E\n= mc^2"
    assert document.blocks[9].code_language == "python"


def test_front_matter_is_taken_off_only_if_it_is_one() -> None:
    source = "---\ntitle: 'My: note'\nlang: de\ntags:\n- a\n  b: [c,\n  d]\n# comment\n---\nText."
    assert split_front_matter(source) == ({"title": "My: note", "language": "de"}, "Text.")
    for other in ("---\n# One\nText\n---\nmore", "---\nWords of a text.\n---\n", "---\nkey: value\nno end", "Text"):
        assert split_front_matter(other) == ({}, other)


HTML = [
    ("<p>10<sup>9</sup> and x<sub>i</sub></p>", "10⁹ and xᵢ"),
    ("<p>in 1900<sup><a href='#n2'>2</a></sup> so</p>", "in 1900[2] so"),
    ("<p>is <math><mfrac><mn>1</mn><msqrt><mi>x</mi></msqrt></mfrac></math></p>", r"is $\frac{1}{\sqrt{x}}$"),
    ("<p><math><mi>sin</mi><mi>x</mi><mo>≤</mo><mn>5</mn><mo>%</mo></math></p>", r"$\sin x ≤ 5 \%$"),
    (
        "<p>a <span class=katex><span class=katex-mathml><math><mi>E</mi><annotation encoding='application/x-tex'>E"
        "</annotation></math></span><span class=katex-html aria-hidden=true>E</span></span> b</p>",
        "a $E$ b",
    ),
    (
        "<p>a <span class=MathJax><nobr>x2</nobr><math><msup><mi>x</mi><mn>2</mn></msup></math></span>"
        "<script type='math/tex'>x^2</script> b</p>",
        "a $x^2$ b",
    ),
    ("<p>a <span class=katex><span class=katex-html aria-hidden=true>E=m</span></span> b</p>", "a E=m b"),
    ("<p>a <span class='math inline'>\\(x_1\\)</span> b</p>", "a $x_1$ b"),
    ("<form><p>Question?</p><label>Yes</label></form><h2><button>Part</button></h2>", "Question?\n\nYes\n\nPart"),
    ("<p>a<span style='display: none'>no</span><span class=sr-only>no</span><i aria-hidden=true>no</i>b</p>", "ab"),
    ("<ol start=5><li>five<ul><li>in</ul><li>six</ol><ol type=a><li>x</ol>", "5. five\n  - in\n6. six\n\na. x"),
    ("<p>one<br> two   three\n four</p>", "one\ntwo three four"),
    ("<p>a <b> bold </b> , &lt;tag&gt; &amp; c</p>", "a bold , <tag> & c"),
    ("<p>wo<b>r</b>d <a>x</a>y</p>", "word xy"),
]


@pytest.mark.parametrize(("source", "stored"), HTML)
def test_html_keeps_what_is_seen(source: str, stored: str) -> None:
    assert read(f"<html><body>{source}</body></html>", "a.html").text == stored


def test_html_blocks_have_their_kinds() -> None:
    source = """<html lang="de"><body><div id="cookieBanner">COOKIE</div><nav><h2>Menu</h2><ul><li>Home</ul></nav>
    <main><header><h1>Cells</h1></header><aside>A box of the author.</aside>
    <blockquote><p>Said.</p></blockquote><pre class="brush: java"><code>  int x;
  y();</code></pre><figure><img alt="A cell"><figcaption>Fig. 1</figcaption></figure>
    <dl><dt>Osmosis</dt><dd>A flow.</dd></dl><p>A <dfn>gene</dfn> and an <span data-type="term">allele</span>.</p>
    <math display="block"><mi>E</mi></math><section role="doc-endnotes"><p>Note one.</p></section></main>
    <div class="related-posts">RELATED</div><footer>IMPRINT</footer></body></html>"""
    document = read(source, "a.html")
    assert kinds(document) == [
        ("furniture", "COOKIE"),
        ("furniture", "Menu"),
        ("furniture", "- Home"),
        ("heading", "Cells"),
        ("paragraph", "A box of the author."),
        ("quote", "Said."),
        ("code", "  int x;\n  y();"),
        ("figure", "A cell"),
        ("caption", "Fig. 1"),
        ("paragraph", "Osmosis"),
        ("paragraph", "A flow."),
        ("paragraph", "A gene and an allele."),
        ("formula", "$$E$$"),
        ("footnote", "Note one."),
        ("furniture", "RELATED"),
        ("furniture", "IMPRINT"),
    ]
    assert marked(document, MarkKind.TERM) == ["Osmosis", "gene", "allele"]
    assert document.language == "de" and document.blocks[6].code_language == "java"
    assert not any(word in part.text for part in chunk(document) for word in ("COOKIE", "Home", "IMPRINT"))


def test_an_element_that_holds_most_of_the_text_is_no_furniture_whatever_it_is_called() -> None:
    document = read(f"<body><div class='cookie-page'><p>{'Words of the page. ' * 30}</p></div></body>", "a.html")
    assert not document.furniture


def test_html_tables_keep_their_columns_and_a_table_in_a_cell_comes_once() -> None:
    source = (
        "<table><caption>Metals</caption><tr><th>Metal<th>State<th>Density<tr><td rowspan=2>Iron<td>solid<td>7.87"
        "<tr><td>liquid<td>6.98<tr><td colspan=2>Mean<td>7.43</table>"
        "<table><tr><th>a<th>b<tr><td>x<table><tr><td>in<td>ner</table><td>y</table>"
        "<table><tr><td><h2>Laid</h2><p>out</p><td>aside</table>"
    )
    document = read(f"<html><body>{source}</body></html>", "a.html")
    assert [table.cells for table in document.tables] == [
        (
            ("Metal", "State", "Density"),
            ("Iron", "solid", "7.87"),
            ("Iron", "liquid", "6.98"),
            ("Mean", "Mean", "7.43"),
        ),
        (("a", "b"), ("x", "y")),
        (("in", "ner"),),
    ]
    assert kinds(document)[0] == ("caption", "Metals")
    assert [entry[1] for entry in kinds(document)[-3:]] == ["Laid", "out", "aside"]


def test_formulas_nested_deep_are_read_or_flattened_and_never_fail() -> None:
    nested = "<msqrt>" * 150 + "<mn>7</mn>" + "</msqrt>" * 150
    assert "7" in read(f"<p>x <math>{nested}</math></p>", "a.html").text


@pytest.mark.parametrize(("head", "encoding"), [("", "utf-8"), ('<?xml version="1.0" encoding="cp1252"?>', "cp1252")])
def test_a_chapter_of_a_book_is_decoded_as_it_states_or_as_utf8(head: str, encoding: str) -> None:
    package = (
        '<package><manifest><item id="c" href="c.xhtml" media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="c"/></spine></package>'
    )
    book = files.archive(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<container><rootfile full-path="p.opf"/></container>',
            "p.opf": package,
            "c.xhtml": f"{head}<html><body><p>Größe ½ m²</p></body></html>".encode(encoding),
        }
    )
    assert extract(book, "a.epub").text == "Größe ½ m²"


@pytest.mark.parametrize(
    ("printed", "seen"),
    [
        ("\x1b[31mred\x1b[0m and \x1b]0;title\x07plain", "red and plain"),
        ("progress 1\rprogress 2\nnext", "progress 2\nnext"),
        ("abcdef\rxy", "xycdef"),
        ("line\r\nline", "line\nline"),
        ("50%\r100%\r", "100%"),
    ],
)
def test_printed_text_is_what_stands_on_the_terminal_at_the_end(printed: str, seen: str) -> None:
    assert as_on_a_terminal(printed) == seen


def test_a_notebook_keeps_outputs_in_the_form_that_says_most() -> None:
    outputs = [
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["\x1b[31mFirst", "Second\x1b[0m"]},
        {"output_type": "display_data", "metadata": {}, "data": {"text/html": "<table><tr><td>a<td>b</table>"}},
        {"output_type": "display_data", "metadata": {}, "data": {"text/plain": "seen", "text/latex": "$x$"}},
    ]
    cells = [
        {"cell_type": "code", "id": "a", "metadata": {}, "execution_count": 1, "source": "  f()", "outputs": outputs},
        {"cell_type": "markdown", "id": "b", "metadata": {}, "source": "Why $a_1 * b_1$."},
    ]
    document = read(files.notebook(cells).decode(), "a.ipynb")
    assert kinds(document) == [
        ("code", "  f()"),
        ("code", "First\nSecond"),
        ("table", "a\tb"),
        ("code", "seen"),
        ("paragraph", "Why $a_1 * b_1$."),
    ]


def test_the_parting_sign_that_a_file_states_is_no_row() -> None:
    assert read("sep=;\nName;Value\nWater;1,5\n", "a.csv").tables[0].cells == (("Name", "Value"), ("Water", "1,5"))


def test_source_code_is_one_block_as_it_stands() -> None:
    source = "# one\n\ndef __init__(self, *a, **k):\n    return a_b * 2 < 3  # <b>\n\n\nx = 1"
    (block,) = read(source, "a.py").blocks
    assert (block.kind, block.code_language, read(source, "a.py").text) == (BlockKind.CODE, "python", source)


def test_lines_of_plain_text_with_bullets_or_numbers_are_a_list() -> None:
    document = read("Steps:\n\n1. Heat.\n2. Cool.\n   - slowly\n\n1990 was\ngood.", "a.txt")
    assert [(block.kind.value, block.level) for block in document.blocks] == [
        ("paragraph", None),
        ("list_item", 1),
        ("list_item", 1),
        ("list_item", 2),
        ("paragraph", None),
    ]


# Source made from a small grammar: words in order, each with markup of its format around it.
WORD = st.text(alphabet="abcxyzäé", min_size=2, max_size=6)
WRAPS = {
    "a.md": ["{}", "**{}**", "*{}*", "`{}`", "[{}](http://e.org/x_y)", "~~{}~~", "<b>{}</b>", "=={}==", "{}[^1]", "${}$",
             "[[{}]]", "<{}>", "\\*{}", "{}:", "$5 {}", "[{}]{{.k}}", "a<{}"],
    "a.html": ["{}", "<b>{}</b>", "<i>{}</i>", "<code>{}</code>", "<a href='#'>{}</a>", "<span class=x>{}</span>", "{}<br>",
               "<sub></sub>{}", "<math><mtext>{}</mtext></math>", "&lt;{}&gt;", "<q>{}</q>", "{}<!-- c -->", "{}<script>SCRIPT</script>"],
}  # fmt: skip
FRAMES = {
    "a.md": ["{}", "# {}", "- {}", "3. {}", "> {}", "```\n{}\n```", "| {} | b |\n|---|---|\n| c | d |", "{}\n===", "    {}",
             "$$\n{}\n$$", ":::  note\n{}\n:::", "<div>{}</div>", "- a\n  - {}", "[^1]: {}", "x\n: {}"],
    "a.html": ["<p>{}</p>", "<h2>{}</h2>", "<ul><li>{}</ul>", "<div>{}</div>", "<table><tr><td>{}<td>b</table>",
               "<blockquote>{}</blockquote>", "<pre>{}</pre>", "<form>{}</form>", "<dl><dt>{}<dd>b</dl>", "<nav>{}</nav>",
               "<details><summary>s</summary>{}</details>", "<figure><figcaption>{}</figcaption></figure>"],
}  # fmt: skip


@st.composite
def sources(draw: st.DrawFn, name: str) -> tuple[list[str], str]:
    words: list[str] = []
    parts: list[str] = []
    for _ in range(draw(st.integers(1, 6))):
        own = draw(st.lists(WORD, min_size=1, max_size=5))
        frame = draw(st.sampled_from(FRAMES[name]))
        # Code and formulas hold no markup, and inside an element of HTML a bare "<" begins a tag.
        raw = frame.startswith(("```", "    ", "$$")) or (name == "a.md" and frame.startswith("<"))
        wraps = ["{}"] if raw else [draw(st.sampled_from(WRAPS[name])) for _ in own]
        pieces = [(wraps[place % len(wraps)]).format(word) for place, word in enumerate(own)]
        words += own
        parts.append(frame.format(" ".join(pieces)))
    return words, "\n\n".join(parts)


def assert_in_order(words: list[str], text: str) -> None:
    position = 0
    for word in words:
        found = text.find(word, position)
        assert found >= 0, f"{word!r} is lost or out of order in {text!r}"
        position = found + len(word)


@settings(max_examples=150, deadline=None)
@given(sources("a.md"))
def test_the_words_of_markdown_are_the_words_of_the_text_in_order(made: tuple[list[str], str]) -> None:
    assert_in_order(made[0], read(f"Begin.\n\n{made[1]}\n", "a.md").text)


@settings(max_examples=150, deadline=None)
@given(sources("a.html"))
def test_the_words_of_html_are_the_words_of_the_text_in_order(made: tuple[list[str], str]) -> None:
    document = read(f"<html><body><p>Begin.</p>{made[1]}</body></html>", "a.html")
    assert_in_order(made[0], document.text)
    assert "SCRIPT" not in document.text


LINES = st.lists(st.text(alphabet="ab,;-*#<>$&\t 1.", max_size=12), min_size=1, max_size=12)


@given(LINES)
def test_the_words_of_plain_text_and_code_are_the_text(lines: list[str]) -> None:
    source = "word " + "\n".join(lines)
    assert read(source, "a.txt").text.split() == source.split()
    assert read(source, "a.py").text == source.rstrip()


@given(st.lists(st.lists(st.text(alphabet='abc,;"\n 1', max_size=6), min_size=2, max_size=4), min_size=1, max_size=6))
def test_the_cells_of_a_csv_file_are_the_text_in_order(rows: list[list[str]]) -> None:
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in [["one", "two"], *rows]]
    words = [word for row in rows for cell in row for word in cell.split()]
    assert_in_order(words, read("\n".join(quoted) + "\n", "a.csv").text)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.lists(WORD, min_size=1, max_size=4)), min_size=1, max_size=5))
def test_the_words_of_a_notebook_are_the_words_of_the_text_in_order(cells: list[tuple[bool, list[str]]]) -> None:
    made = [
        {"cell_type": "code", "id": f"c{place}", "metadata": {}, "execution_count": 1, "source": " ".join(words),
         "outputs": [{"output_type": "stream", "name": "stdout", "text": f"\x1b[1m{words[0]}\x1b[0m"}]}
        if code
        else {"cell_type": "markdown", "id": f"c{place}", "metadata": {}, "source": f"**{' '.join(words)}**"}
        for place, (code, words) in enumerate(cells)
    ]  # fmt: skip
    expected = [word for code, words in cells for word in ([*words, words[0]] if code else words)]
    document = read(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": made}), "a.ipynb")
    assert_in_order(expected, document.text)
