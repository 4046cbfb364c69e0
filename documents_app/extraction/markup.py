"""XML of strangers: no entities, no document types from elsewhere, no network, bounded depth."""

from __future__ import annotations

from typing import Any

from documents_app.domain.errors import CorruptFile, UnsafeMarkup


def safe_xml(data: bytes, *, recover: bool = False, huge: bool = False) -> Any:
    """Parse XML and return its root element.

    ``huge`` admits 2,048 levels instead of 256 and texts of any length, for data whose size is bounded already. Raises
    CorruptFile if it is not well formed, UnsafeMarkup if it is nested deeper.
    """
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=huge, remove_comments=True, recover=recover
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        if "xcessive depth" in str(error):
            raise UnsafeMarkup(reason="it is nested too deeply") from error
        raise CorruptFile(reason="its markup is not well formed") from error
    if root is None:
        raise CorruptFile(reason="its markup is empty")
    return root
