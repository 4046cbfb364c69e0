"""What a reader of a PDF is told about what was left out: a code each, and a sentence with the cure."""

from __future__ import annotations

from enum import StrEnum


class Note(StrEnum):
    """Codes of warnings."""

    PAGE_UNREADABLE = "page_unreadable"
    PAGE_WITHOUT_TEXT = "page_without_text"
    PAGE_RECOGNISED = "page_recognised"
    UNREADABLE_FONT = "unreadable_font"
    DOUBTFUL_CHARACTERS = "doubtful_characters"
    HIDDEN_TEXT = "hidden_text_left_out"
    OFF_PAGE_TEXT = "off_page_text_left_out"
    COMMENTS = "comments_not_read"
    FIGURE_TOO_LARGE = "figure_too_large"
    FIGURES_LEFT_OUT = "figures_left_out"
    ATTACHMENTS = "attachments_not_read"
    XFA = "xfa_part_not_read"


DETAILS = {
    Note.PAGE_UNREADABLE: "The page is damaged and was not read. Save the file anew and upload that.",
    Note.PAGE_WITHOUT_TEXT: (
        "The page shows something but holds no text. Run text recognition (OCR) on the file, for example with OCRmyPDF, "
        "and upload the result."
    ),
    Note.PAGE_RECOGNISED: (
        "The text of this page was recognised in its picture, with a confidence of {confidence} %. Compare it with the "
        "page where every character counts."
    ),
    Note.UNREADABLE_FONT: (
        "The fonts of this page do not say which letters they draw, so its text was left out. Run text recognition "
        "(OCR) on the file with --force-ocr of OCRmyPDF, and upload the result."
    ),
    Note.DOUBTFUL_CHARACTERS: (
        "Some characters of this page cannot be read, since their font does not say what they are. Compare the text "
        "with the page."
    ),
    Note.HIDDEN_TEXT: (
        "Text that is not to be seen on this page (on a layer that is switched off, or white on white) was left out. "
        "Make it visible and upload the file again if it belongs to the material."
    ),
    Note.OFF_PAGE_TEXT: (
        "Text outside the borders of this page was left out. Move it on the page and upload the file again if it "
        "belongs to the material."
    ),
    Note.COMMENTS: (
        "The comments on this page were not read. Print the file with its comments to a PDF and upload that if they "
        "belong to the material."
    ),
    Note.FIGURE_TOO_LARGE: "A picture of this page has too many pixels to be shown alone. Reduce it to see it as a figure.",
    Note.FIGURES_LEFT_OUT: "The file has {count} more figures than are listed. Split it to have them all.",
    Note.ATTACHMENTS: "Files are attached to this one and were not read: {names}. Save them and upload them too.",
    Note.XFA: (
        "A part of this file is an XFA form, which only Adobe Reader builds. Print it there to a PDF and upload that if "
        "something is missing."
    ),
}
"""The sentence of each; ``{…}`` is filled in."""
