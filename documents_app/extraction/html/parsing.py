"""Markup to a tree, whatever it looks like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from documents_app.domain.errors import UnsafeMarkup

if TYPE_CHECKING:
    from lxml.html import HtmlElement


def parse(markup: str | bytes) -> HtmlElement:
    """Parse any markup leniently; no network, no entities beyond HTML's own, depth bounded by the parser."""
    from lxml import etree, html

    encoding = "utf-8" if isinstance(markup, str) else None
    data = markup.encode("utf-8", "replace") if isinstance(markup, str) else markup
    # huge_tree admits long attributes (embedded images); depth stays bounded by the parser, size by the file's.
    parser = html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, huge_tree=True, encoding=encoding)
    try:
        root = html.document_fromstring(data, parser=parser, ensure_head_body=False)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        root = html.Element("html")
    if any(entry.level == etree.ErrorLevels.FATAL for entry in parser.error_log):
        raise UnsafeMarkup(reason="it is nested too deeply or has too long a part")
    return root
