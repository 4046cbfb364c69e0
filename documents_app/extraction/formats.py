"""The formats that can be read, and what the name of a file says about it."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache
from pathlib import Path, PurePosixPath


class Format(StrEnum):
    """The formats an extractor exists for."""

    PDF = "pdf"
    DOCX = "docx"
    PPTX = "pptx"
    XLSX = "xlsx"
    CSV = "csv"
    EPUB = "epub"
    HTML = "html"
    MARKDOWN = "markdown"
    TEXT = "text"
    CODE = "code"
    NOTEBOOK = "notebook"
    MAIL = "mail"
    RTF = "rtf"
    ODT = "odt"
    ODP = "odp"
    ODS = "ods"
    IMAGE = "image"


BINARY_SUFFIXES = frozenset(
    ".pdf .docx .docm .dotx .dotm .pptx .pptm .ppsx .ppsm .potx .potm .xlsx .xlsm .xltx .xltm .odt .ott .odp .otp .ods "
    ".ots .epub .png .jpg .jpeg .tif .tiff .gif .bmp .webp".split()
)
PLAIN_SUFFIXES = frozenset({"", ".txt", ".text"})
MAIL_SUFFIXES = frozenset({".eml", ".mht", ".mhtml"})
HTML_SUFFIXES = frozenset({".html", ".htm", ".xhtml"})
TEXT_FORMATS = {
    ".md": Format.MARKDOWN,
    ".markdown": Format.MARKDOWN,
    ".mkd": Format.MARKDOWN,
    ".mdown": Format.MARKDOWN,
    ".mdx": Format.MARKDOWN,
    ".rmd": Format.MARKDOWN,
    ".qmd": Format.MARKDOWN,
    ".csv": Format.CSV,
    ".tsv": Format.CSV,
}

_SHEBANG = re.compile(rb"#![ \t]*(?:\S*/)?([A-Za-z]+)[\d.]*(?:[ \t]+(?:-S[ \t]+)?([A-Za-z]+))?")
_SHELLS = frozenset({"sh", "bash", "zsh", "ksh", "dash", "fish"})


def suffix_of(filename: str) -> str:
    """Return the ending of a name in small letters with its full stop, or an empty string."""
    return PurePosixPath(filename.replace("\\", "/")).suffix.lower()


def code_language(filename: str, head: bytes = b"") -> str | None:
    """Return the language of a source file by its name or its first line (``#!``), or None if it is none."""
    name = PurePosixPath(filename.replace("\\", "/")).name
    languages = _languages()
    found = languages.get(name) or languages.get(suffix_of(name))
    return found or (_interpreter(head) if suffix_of(name) == "" else None)


def _interpreter(head: bytes) -> str | None:
    line = _SHEBANG.match(head)
    if line is None:
        return None
    program = (line[2] if line[1] == b"env" and line[2] else line[1]).decode("ascii").lower()
    return "shell" if program in _SHELLS else "javascript" if program == "node" else program


@cache
def _languages() -> dict[str, str]:
    lines = (Path(__file__).parent / "data" / "languages.txt").read_text("utf-8").splitlines()
    entries = [line.split() for line in lines if line and not line.startswith("#")]
    return {name: language for language, *names in entries for name in names}
