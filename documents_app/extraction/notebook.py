"""Jupyter notebooks: Markdown cells rendered, code cells as code, the textual part of outputs."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from documents_app.domain.blocks import BlockKind
from documents_app.domain.errors import CorruptFile, NoPages
from documents_app.domain.material import DocumentText
from documents_app.extraction.builder import TextBuilder
from documents_app.extraction.decode import decode
from documents_app.extraction.limits import ExtractionLimits
from documents_app.extraction.markdown import write_markdown

_MAX_OUTPUT_CHARS = 2_000


def extract_notebook(source: bytes | Path, limits: ExtractionLimits) -> DocumentText:
    """Return the stored form of a notebook of any format version; raises CorruptFile for JSON that is none."""
    import nbformat

    text, _ = decode(source if isinstance(source, bytes) else source.read_bytes())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            notebook = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
        cells = list(notebook["cells"])
    except (nbformat.reader.NotJSONError, nbformat.ValidationError) as error:
        raise CorruptFile(reason="it is not a notebook") from error
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        raise CorruptFile(reason="its cells cannot be read") from error
    if not cells:
        raise NoPages
    builder = TextBuilder(limits)
    for cell in cells:
        if isinstance(cell, dict):
            _write_cell(cell, builder)
    return builder.build({"title": builder.first_heading} if builder.first_heading else {})


def _write_cell(cell: dict[str, Any], builder: TextBuilder) -> None:
    source = _joined(cell.get("source"))
    if cell.get("cell_type") == "markdown":
        write_markdown(source, builder)
    elif cell.get("cell_type") == "code":
        builder.block(BlockKind.CODE, source)
        outputs = cell.get("outputs")
        for output in outputs if isinstance(outputs, list) else ():
            if isinstance(output, dict):
                builder.block(BlockKind.CODE, _output_text(output)[:_MAX_OUTPUT_CHARS])
    else:
        builder.block(BlockKind.PARAGRAPH, source)


def _output_text(output: dict[str, Any]) -> str:
    if output.get("output_type") == "stream":
        return _joined(output.get("text"))
    data = output.get("data")
    return _joined(data.get("text/plain")) if isinstance(data, dict) else ""


def _joined(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "".join(piece for piece in value if isinstance(piece, str)) if isinstance(value, list) else ""
