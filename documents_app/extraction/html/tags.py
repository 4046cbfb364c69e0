"""What the elements of HTML mean for text (https://html.spec.whatwg.org/multipage/indices.html)."""

from __future__ import annotations

import re

from documents_app.domain.blocks import MarkKind

TAG = re.compile(r"<(?P<closing>/?)(?P<name>[A-Za-z][A-Za-z0-9-]*)(?=[\s/>])")
"""An opening or closing tag."""


def names(text: str) -> frozenset[str]:
    """Return the words of ``text``."""
    return frozenset(text.split())


UNSEEN = names(
    "script style noscript template iframe embed object head title meta link audio video canvas map datalist svg"
)
"""Elements whose content no reader sees as text. A drawing's labels (svg) are part of a picture."""

VOID_TAGS = names("area base br col embed hr img input link meta param source track wbr")

TAG_MARKS = {
    **dict.fromkeys(("b", "strong", "i", "em", "u", "mark", "cite"), MarkKind.EMPHASIS),
    **dict.fromkeys(("code", "kbd", "samp", "tt", "var"), MarkKind.CODE),
    "dfn": MarkKind.TERM,
    "sup": MarkKind.SUPERSCRIPT,
    "sub": MarkKind.SUBSCRIPT,
    "a": MarkKind.LINK,
}

_OTHER_TAGS = names(
    "abbr bdi bdo big col colgroup data del font ins math nobr output q rp rt ruby s small span strike time"
)

BLOCK_TAGS = names(
    "address article aside blockquote body button center dd details dialog div dl dt fieldset figcaption figure footer "
    "form header hgroup hr html legend li main menu nav ol p pre search section summary table tbody td tfoot th thead "
    "tr ul caption h1 h2 h3 h4 h5 h6 optgroup option textarea"
)

KNOWN_TAGS = BLOCK_TAGS | VOID_TAGS | UNSEEN | TAG_MARKS.keys() | _OTHER_TAGS | names("label select tt var")
"""The elements of HTML; what else stands in angle brackets (``List<String>``) is text."""
