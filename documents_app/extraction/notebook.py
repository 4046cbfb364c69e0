"""Jupyter notebooks: Markdown cells rendered, code cells as code, outputs as a reader sees them."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from documents_app.domain.blocks import BlockKind
from documents_app.domain.errors import CorruptFile, NoPages
from documents_app.domain.material import DocumentText
from documents_app.extraction.builder import TextBuilder
from documents_app.extraction.decode import decode
from documents_app.extraction.html.parsing import parse
from documents_app.extraction.html.writing import write_html
from documents_app.extraction.limits import ExtractionLimits
from documents_app.extraction.markdown.reading import write_markdown
from documents_app.extraction.notes import OUTPUT_CUT

_MAX_OUTPUT_CHARS = 20_000
_MAX_MARKUP_CHARS = 500_000
# Control sequences of terminals: colours, cursor movements, window titles (ECMA-48).
_TERMINAL = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")


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
    language = _language(notebook)
    for cell in cells:
        if isinstance(cell, dict):
            _write_cell(cell, language, builder)
    return builder.build({"title": builder.first_heading} if builder.first_heading else {})


def _language(notebook: Any) -> str | None:
    """Return the programming language the notebook names."""
    metadata = notebook.get("metadata")
    for part, name in (("language_info", "name"), ("kernelspec", "language"), ("kernelspec", "name")):
        stated = metadata.get(part) if isinstance(metadata, dict) else None
        value = stated.get(name) if isinstance(stated, dict) else None
        if isinstance(value, str) and value:
            return value.rstrip("0123456789")[:40]
    return None


def _write_cell(cell: dict[str, Any], language: str | None, builder: TextBuilder) -> None:
    source = _joined(cell.get("source"))
    if cell.get("cell_type") == "markdown":
        write_markdown(source, builder)
    elif cell.get("cell_type") == "code":
        builder.block(BlockKind.CODE, source, code_language=language)
        outputs = cell.get("outputs")
        for output in outputs if isinstance(outputs, list) else ():
            if isinstance(output, dict):
                _write_output(output, builder)
    else:
        builder.block(BlockKind.PARAGRAPH, source)


def _write_output(output: dict[str, Any], builder: TextBuilder) -> None:
    """Write what a program printed or showed: of one result the form that keeps most, and says it in text."""
    kind = output.get("output_type")
    if kind == "stream":
        _write_printed(_joined(output.get("text")), builder)
        return
    if kind == "error":
        trace = _joined(output.get("traceback"), between="\n")
        _write_printed(trace or f"{output.get('ename', '')}: {output.get('evalue', '')}", builder)
        return
    data = output.get("data")
    for name, write in _FORMS if isinstance(data, dict) else ():
        shown = _joined(data.get(name))  # type: ignore[union-attr]
        if shown.strip():
            write(shown, builder)
            return


def _write_printed(text: str, builder: TextBuilder) -> None:
    text = as_on_a_terminal(text)
    if len(text) > _MAX_OUTPUT_CHARS:
        builder.warn(
            "output_cut",
            OUTPUT_CUT.format(characters=_MAX_OUTPUT_CHARS),
            builder.page,
        )
        text = text[:_MAX_OUTPUT_CHARS]
    builder.block(BlockKind.CODE, text)


def _write_markup(markup: str, builder: TextBuilder) -> None:
    write_html(parse(markup[:_MAX_MARKUP_CHARS]), builder)


def _write_formula(text: str, builder: TextBuilder) -> None:
    write_markdown(text if "$" in text or "\\begin" in text else f"$${text}$$", builder)


_FORMS: tuple[tuple[str, Callable[[str, TextBuilder], None]], ...] = (
    ("text/markdown", write_markdown),
    ("text/html", _write_markup),
    ("text/plain", _write_printed),
    ("text/latex", _write_formula),
)


def as_on_a_terminal(text: str) -> str:
    """Return printed text as it stands at the end: no colours, and of a line that was written over the last state."""
    if "\x1b" in text:
        text = _TERMINAL.sub("", text)
    if "\r" in text:
        text = "\n".join(map(_overwritten, text.replace("\r\n", "\n").split("\n")))
    return text


def _overwritten(line: str) -> str:
    """A carriage return goes back to the start of the line; what is written then stands over what was there."""
    shown = ""
    for piece in line.split("\r"):
        shown = piece + shown[len(piece) :] if piece else shown
    return shown


def _joined(value: Any, between: str = "") -> str:
    if isinstance(value, str):
        return value
    return between.join(piece for piece in value if isinstance(piece, str)) if isinstance(value, list) else ""
