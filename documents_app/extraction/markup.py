"""XML of strangers: no entities, no document types from elsewhere, no network, bounded depth."""

from __future__ import annotations

from typing import Any

from documents_app.domain.errors import CorruptFile


def safe_xml(data: bytes, *, recover: bool = False) -> Any:
    """Parse XML and return its root element; raises CorruptFile if it is not well formed."""
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, recover=recover
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise CorruptFile(reason="its markup is not well formed") from error
    if root is None:
        raise CorruptFile(reason="its markup is empty")
    return root
