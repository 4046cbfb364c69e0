"""The Markdown parser: CommonMark with tables, footnotes, definition lists, formulas, and common dialects.

Everything that is more than CommonMark is a rule of the parser, so that code, formulas and text are told apart before
anything is taken for markup. Each rule looks at a bounded part of the text or stops at the next sign of its own kind:
parsing stays linear.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from documents_app.extraction.html.tags import KNOWN_TAGS, TAG

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline

ATTRIBUTES = re.compile(
    r"""\{:?[ \t]*(?:[#.][^\s{}"]+|-|=\w+|[\w:-]+=(?:"[^"\n]*"|'[^'\n]*'|[^\s{}"']+))"""
    r"""(?:[ \t]+(?:[#.][^\s{}"]+|-|[\w:-]+=(?:"[^"\n]*"|'[^'\n]*'|[^\s{}"']+)))*[ \t]*\}"""
)
_MAX_FORMULA = 2_000
_MAX_SPAN = 400
_CITATION = re.compile(r"\[-?@[\w:.#$%&+?<>~/-]+[^\]\[\n;]{0,80}(?:;[ ]*-?@[\w:.#$%&+?<>~/-]+[^\]\[\n;]{0,80})*\]")
_REFERENCE = re.compile(r"\\@ref\([^()\n]{1,80}\)")
_SHORTCODE = re.compile(r"\{\{[<%][^\n{}]{0,400}[%>]\}\}")
_WIKI_LINK = re.compile(r"!?\[\[(?P<target>[^\[\]|\n]{1,200})(?:\|(?P<label>[^\[\]|\n]{1,200}))?\]\]")
_RAISED = re.compile(r"\^(?P<content>(?:[^\s^\\\[]|\\.){1,20})\^(?![^\W_])")
_LOWERED = re.compile(r"~(?P<content>(?:[^\s~\\]|\\.){1,20})~(?!~)")
_ESCAPE = re.compile(r"\\(.)")
_ENVIRONMENT = re.compile(r"\\begin\{(?P<name>[a-zA-Z]{1,20}\*?)\}")
_TEX_SIGN = re.compile(r"\\[a-zA-Z]|[\^_=<>+/]")
_DIV = re.compile(r"[ \t]*:{3,}[ \t]*(?:\{[^{}\n]*\}|[\w.-]*)[ \t]*(?:[^\w\n][^\n]*)?$")
_CLOSERS = (("<!--", "-->"), ("<?", "?>"), ("<![cdata[", "]]>"), ("<script", "</script>"), ("<style", "</style>"),
            ("<pre", "</pre>"), ("<textarea", "</textarea>"))  # fmt: skip
_INTERRUPTED = ("paragraph", "reference", "blockquote", "list")


@lru_cache(maxsize=1)
def parser() -> MarkdownIt:
    """Return the parser; it keeps nothing between texts."""
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import html_block
    from mdit_py_plugins.deflist import deflist_plugin
    from mdit_py_plugins.footnote.index import footnote_def, footnote_ref

    md = MarkdownIt("commonmark", {"maxNesting": 40}).enable(["table", "strikethrough"])
    md.use(deflist_plugin)

    def closed_html_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        return _is_markup(state, start) and html_block(state, start, end, silent)

    md.block.ruler.at("html_block", closed_html_block, {"alt": ["paragraph", "reference", "blockquote"]})
    # Footnotes stay where they are written: the plugin's own way drops those that nothing refers to.
    md.block.ruler.before("reference", "footnote_def", footnote_def, {"alt": ["paragraph", "reference"]})
    md.block.ruler.before("fence", "formula_block", _formula_block, {"alt": list(_INTERRUPTED)})
    md.block.ruler.before("fence", "div_fence", _div_fence, {"alt": list(_INTERRUPTED)})
    md.block.ruler.before("fence", "comment_block", _comment_block, {"alt": list(_INTERRUPTED)})
    for name, rule in (
        ("formula", _formula),
        ("dropped", _dropped),
        ("wiki_link", _wiki_link),
        ("footnote_ref", footnote_ref),
        ("inline_note", _inline_note),
        ("span", _span),
        ("attributes", _attributes),
        ("script", _script),
        ("highlight", _highlight),
    ):
        md.inline.ruler.before("escape", name, rule)
    return md


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def _is_code(state: StateBlock, line: int) -> bool:
    return state.sCount[line] - state.blkIndent >= 4


def _is_markup(state: StateBlock, line: int) -> bool:
    """Whether what begins in this line is HTML: an element there is, and a comment that ends somewhere.

    A comment or raw element without an end would swallow the rest.
    """
    begin = state.bMarks[line] + state.tShift[line]
    tag = TAG.match(state.src, begin, state.eMarks[line])
    if tag and tag["name"].lower() not in KNOWN_TAGS:
        return False
    opening = state.src[begin : begin + 10].lower()
    for opener, closer in _CLOSERS:
        if opening.startswith(opener):
            lasts = state.env.setdefault("last_closers", {})
            if closer not in lasts:
                lasts[closer] = state.src.lower().rfind(closer)
            return bool(lasts[closer] > begin)
    return True


def _formula_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A formula on lines of its own: ``$$ … $$``, ``\\[ … \\]``, ``\\begin{align} … \\end{align}``; no blank line."""
    if _is_code(state, start):
        return False
    first = _line(state, start)
    environment = _ENVIRONMENT.match(first)
    if first.startswith("$$"):
        opener, closer, begin = "$$", "$$", 2
    elif first.startswith("\\["):
        opener, closer, begin = "\\[", "\\]", 2
    elif environment:
        opener, closer, begin = environment[0], f"\\end{{{environment['name']}}}", environment.end()
    else:
        return False
    lines: list[str] = []
    for line in range(start, end):
        content = first[begin:] if line == start else _line(state, line)
        if (not content.strip() and line > start) or (state.sCount[line] < state.blkIndent and line > start):
            return False
        place = content.find(closer)
        if place >= 0:
            lines.append(content[:place])
            return _push_formula_block(state, start, line, lines, content[place + len(closer) :], opener, silent)
        if line > start and content.startswith(opener):
            return False
        lines.append(content)
    return False


def _push_formula_block(
    state: StateBlock, start: int, line: int, lines: list[str], rest: str, opener: str, silent: bool
) -> bool:
    """Write the formula; what follows it in its line may be a number or label, else it is no block."""
    latex = "\n".join(lines).strip()
    number = rest.strip().rstrip(".,;")
    label = ATTRIBUTES.fullmatch(number)
    if not latex or (number and not label and not re.fullmatch(r"\([\w.]{1,12}\)", number)):
        return False
    if opener == "\\[" and not _TEX_SIGN.search(latex):
        return False
    if not silent:
        token = state.push("formula_block", "", 0)
        environment = opener.startswith("\\begin")
        token.content = f"{opener}\n{latex}\n\\end{opener[6:]}" if environment else latex
        token.meta = {"number": "" if label else number}
    state.line = line + 1
    return True


def _div_fence(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A line ``::: note`` that opens or closes a division."""
    if _is_code(state, start) or not _line(state, start).startswith(":::") or not _DIV.match(_line(state, start)):
        return False
    state.line = start + 1
    return True


def _comment_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Lines between two lines ``%%``, without a blank line."""
    if _is_code(state, start) or _line(state, start).strip() != "%%":
        return False
    for line in range(start + 1, end):
        content = _line(state, line).strip()
        if not content:
            return False
        if content == "%%":
            state.line = line + 1
            return True
    return False


def _formula(state: StateInline, silent: bool) -> bool:
    found = _formula_at(state.src, state.pos, state.posMax)
    if found is None:
        return False
    latex, end = found
    if not silent:
        token = state.push("formula", "", 0)
        token.content = latex
    state.pos = end
    return True


def _formula_at(src: str, pos: int, limit: int) -> tuple[str, int] | None:
    """Return the formula that begins at ``pos`` and where it ends."""
    limit = min(limit, pos + _MAX_FORMULA)
    if src[pos] == "\\":
        if src.startswith("\\(", pos):
            return _between(src, pos, limit, "\\(", "\\)")
        if src.startswith("\\[", pos):
            found = _between(src, pos, limit, "\\[", "\\]")
            return found if found and _TEX_SIGN.search(found[0]) else None
        environment = _ENVIRONMENT.match(src, pos, limit)
        closer = f"\\end{{{environment['name']}}}" if environment else ""
        place = src.find(closer, environment.end(), limit) if environment else -1
        return (src[pos : place + len(closer)], place + len(closer)) if place >= 0 else None
    if src.startswith("$$", pos):
        return _between(src, pos, limit, "$$", "$$")
    return _dollars(src, pos, limit) if src[pos] == "$" else None


def _between(src: str, pos: int, limit: int, opener: str, closer: str) -> tuple[str, int] | None:
    begin = pos + len(opener)
    place = src.find(closer, begin, limit)
    again = src.find(opener, begin, place) if opener != closer else -1
    latex = src[begin:place].strip() if place >= 0 and again < 0 else ""
    return (latex, place + len(closer)) if latex else None


def _dollars(src: str, pos: int, limit: int) -> tuple[str, int] | None:
    """A formula between single dollars, as Pandoc tells it from money: no blank inside, no digit after."""
    if (pos and (src[pos - 1].isalnum() or src[pos - 1] in "$\\")) or src[pos + 1 : pos + 2].strip() == "":
        return None
    place = src.find("$", pos + 1, limit)
    while place > 0 and src[place - 1] == "\\":
        place = src.find("$", place + 1, limit)
    if place < 0 or src[place - 1].isspace() or src[place + 1 : place + 2].isalnum():
        return None
    return src[pos + 1 : place], place + 1


def _dropped(state: StateInline, silent: bool) -> bool:
    """What is there for a program and not for a reader: citation keys, cross-references, shortcodes, comments."""
    src, pos, char = state.src, state.pos, state.src[state.pos]
    if char == "%":
        place = src.find("%%", pos + 2, min(state.posMax, pos + _MAX_FORMULA)) if src.startswith("%%", pos) else -1
        if place < 0 or (pos and src[pos - 1].isalnum()):
            return False
        return _skip(state, place + 2, silent)
    rule = {"[": _CITATION, "\\": _REFERENCE, "{": _SHORTCODE}.get(char)
    found = rule.match(src, pos, state.posMax) if rule else None
    if found is None or (char == "[" and src[found.end() : found.end() + 1] == "("):
        return False
    return _skip(state, found.end(), silent)


def _skip(state: StateInline, end: int, silent: bool) -> bool:
    """Leave out what stands up to ``end``, and the blanks before it."""
    if not silent:
        state.pending = state.pending.rstrip(" \t")
    state.pos = end
    return True


def _wiki_link(state: StateInline, silent: bool) -> bool:
    """``[[Target]]`` and ``[[Target|label]]``; an index after a word (``x[[1]]``) is none."""
    if state.src[state.pos] not in "[!" or (state.pos and state.src[state.pos - 1].isalnum()):
        return False
    found = _WIKI_LINK.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        token = state.push("wiki_link", "", 0)
        token.content = (found["label"] or found["target"]).strip()
    state.pos = found.end()
    return True


def _inline_note(state: StateInline, silent: bool) -> bool:
    """A note in place: ``^[text]``."""
    return state.src.startswith("^[", state.pos) and _bracketed(state, state.pos + 1, "note", silent)


def _span(state: StateInline, silent: bool) -> bool:
    """A span with attributes: ``[text]{.class}``."""
    return state.src[state.pos] == "[" and _bracketed(state, state.pos, "span", silent)


def _bracketed(state: StateInline, opening: int, kind: str, silent: bool) -> bool:
    start = state.pos
    close = state.src.find("]", opening, min(state.posMax, opening + _MAX_SPAN))
    if close < 0 or state.src.find("[", opening + 1, close) >= 0:
        return False
    end = close + 1
    if kind == "span":
        attributes = ATTRIBUTES.match(state.src, end, state.posMax)
        if attributes is None:
            return False
        end = attributes.end()
    if not silent:
        _nested(state, kind, opening + 1, close)
    state.pos = end
    return state.pos > start


def _nested(state: StateInline, kind: str, begin: int, end: int) -> None:
    """Read a part of the text as inline Markdown between tokens ``kind_open`` and ``kind_close``."""
    limit = state.posMax
    state.push(f"{kind}_open", "", 1)
    state.pos, state.posMax = begin, end
    state.md.inline.tokenize(state)
    state.push(f"{kind}_close", "", -1)
    state.posMax = limit


def _attributes(state: StateInline, silent: bool) -> bool:
    """Attributes right behind an image, link, code or emphasis: ``![](a.png){width=50%}``."""
    if state.src[state.pos] != "{" or state.pos == 0 or state.src[state.pos - 1] not in ")]`*_":
        return False
    found = ATTRIBUTES.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    state.pos = found.end()
    return True


def _script(state: StateInline, silent: bool) -> bool:
    """``10^5^`` and ``H~2~O`` behind a word; in ``x^2+y^2`` the signs are a formula written as text."""
    char = state.src[state.pos]
    if (
        char not in "^~"
        or not state.pos
        or not (state.src[state.pos - 1].isalnum() or state.src[state.pos - 1] in ")]*_")
    ):
        return False
    found = (_RAISED if char == "^" else _LOWERED).match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        token = state.push("raised" if char == "^" else "lowered", "", 0)
        token.content = _ESCAPE.sub(r"\1", found["content"])
    state.pos = found.end()
    return True


def _highlight(state: StateInline, silent: bool) -> bool:
    """``==marked==``; a comparison (``a == b``, ``a==b``) is none."""
    src, pos = state.src, state.pos
    if not src.startswith("==", pos) or (pos and (src[pos - 1].isalnum() or src[pos - 1] == "=")):
        return False
    place = src.find("==", pos + 2, min(state.posMax, pos + _MAX_SPAN))
    if place < 0 or src[pos + 2].isspace() or src[pos + 2] == "=" or src[place - 1].isspace():
        return False
    if not silent:
        _nested(state, "highlight", pos + 2, place)
    state.pos = place + 2
    return True
