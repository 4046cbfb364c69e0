"""What a reader is told about parts of a file that were left out: codes, and the sentences of each with the cure.

A code may have several sentences: what it is about differs with the format. Those of PDFs stand in ``pdf/notes``.
"""

from __future__ import annotations

from collections.abc import Mapping

from documents_app.extraction.pdf.notes import DETAILS

CHAPTER_MISSING = "The book names a chapter {path} that is not in it. Upload a complete copy."
FIGURES_LEFT_OUT = (
    "The file has more pictures than are kept (at most {count} figures and {size} MiB). Split it and upload the parts."
)
FIGURE_NOT_SHOWN = (
    "A figure in the format {format} cannot be shown. Save it as PNG in the program that made the file, or export the "
    "file as PDF, and upload that."
)
FIGURE_TOO_LARGE = "A picture has more than {pixels} pixels and was left out. Make it smaller."
FORMULA_TOO_DEEP = "A formula is nested more than {depth} deep; only its characters were kept. Split it into several."
ATTACHMENTS = "Attached to the message and not read: {names}. Upload them as files of their own."
OUTPUT_CUT = "An output of more than {characters} characters was cut. Upload it as a file to have all of it."
NOT_COMPUTED = (
    "{count} formulas of the sheet {name} have no computed values. Open the file in a spreadsheet program, save it and "
    "upload it again."
)
NOT_COMPUTED_IN = (
    "{count} formulas of the sheet {name} have no computed values (in {columns}). Open the file in a spreadsheet "
    "program, save it and upload it again."
)
DOCUMENT_TOO_DEEP = "A part of the document is nested too deeply and was not read."
PARAGRAPH_TOO_DEEP = "A part of a paragraph is nested too deeply and was not read."
TABLE_TOO_DEEP = "A table is nested too deeply and was not read."
SHAPES_TOO_DEEP = "Shapes are grouped too deeply; some were not read."
DIAGRAM = "A SmartArt diagram has no text that can be read. Add what it says as text or as a picture's description."
OLD_EQUATION = (
    "An equation made with an old equation editor is a picture and cannot be read. Convert it to an equation of the "
    "office program and upload the file again."
)
OBJECT_OF = "An embedded object ({program}) was not read. Upload what it holds as a file of its own."
OBJECT = "An embedded object was not read. Upload what it holds as a file of its own."
INNER_DOCUMENT = "A document inside this one was not read. Open the file in Word, save it and upload it again."
SYMBOL_OF = "A sign of the font {font} has no known meaning. Check the places marked with \ufffd."
SYMBOL = "A sign has no known meaning. Check the places marked with \ufffd."
READING_FAILED = (
    "The document can be searched, but it was not read to its end, so that answers may miss it and plans, lessons and "
    "questions leave it out: {reason} Try again with POST /documents/{{id}}/retry, or upload it in parts."
)

_OTHERS: Mapping[str, tuple[str, ...]] = {
    "chapter_missing": (CHAPTER_MISSING,),
    "figures_left_out": (FIGURES_LEFT_OUT,),
    "figure_too_large": (FIGURE_TOO_LARGE,),
    "figure_not_shown": (FIGURE_NOT_SHOWN,),
    "formula_too_deep": (FORMULA_TOO_DEEP,),
    "attachments_not_read": (ATTACHMENTS,),
    "output_cut": (OUTPUT_CUT,),
    "formulas_not_computed": (NOT_COMPUTED, NOT_COMPUTED_IN),
    "nested_too_deeply": (DOCUMENT_TOO_DEEP, PARAGRAPH_TOO_DEEP, TABLE_TOO_DEEP, SHAPES_TOO_DEEP),
    "diagram_not_read": (DIAGRAM,),
    "formula_not_read": (OLD_EQUATION,),
    "embedded_object_not_read": (OBJECT_OF, OBJECT, INNER_DOCUMENT),
    "symbol_not_read": (SYMBOL_OF, SYMBOL),
    "reading_failed": (READING_FAILED,),
}

SENTENCES: Mapping[str, tuple[str, ...]] = {
    code: (*_OTHERS.get(code, ()), *([DETAILS[code]] if code in DETAILS else ()))  # type: ignore[index]
    for code in {*_OTHERS, *map(str, DETAILS)}
}
"""The sentences of each code, of all formats; ``{…}`` is filled in."""
