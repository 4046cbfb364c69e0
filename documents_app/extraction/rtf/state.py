"""What holds inside a group of RTF: where text goes, and how its letters are set."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from documents_app.domain.blocks import MarkKind

CHARSETS = {
    0: "cp1252", 77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gb18030", 136: "big5hkscs", 161: "cp1253",
    162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250",
    254: "cp437", 255: "cp850",
}  # fmt: skip


class Target(Enum):
    """Where the text of a group goes."""

    BODY = "body"
    NOWHERE = "nowhere"
    WRAPPER = "wrapper"
    """A group that is not text and may hold one that is: a shape, an object."""
    INFO = "info"
    FONTS = "fonts"
    STYLES = "styles"
    MARKER = "marker"
    NOTE = "note"
    TITLE = "title"
    AUTHOR = "author"
    EQUATION = "equation"


@dataclass(frozen=True, slots=True)
class State:
    """The state of a group; a group inherits it and gives it back."""

    target: Target = Target.BODY
    fallback_length: int = 1
    font: int | None = None
    script: MarkKind | None = None
    strong: bool = False
    hidden: bool = False

    def with_character(self, word: str, number: int | None) -> State:
        """Return the state after a control word about letters; any other word changes nothing."""
        on = number != 0
        if word == "plain":
            return replace(self, font=None, script=None, strong=False, hidden=False)
        if word == "f":
            return replace(self, font=number)
        if word in {"b", "i"}:
            return replace(self, strong=on)
        if word in {"v", "deleted"}:
            return replace(self, hidden=on)
        if word in {"super", "up"}:
            return replace(self, script=MarkKind.SUPERSCRIPT if on else None)
        if word in {"sub", "dn"}:
            return replace(self, script=MarkKind.SUBSCRIPT if on else None)
        if word == "nosupersub":
            return replace(self, script=None)
        return self

    @property
    def marks(self) -> frozenset[MarkKind]:
        """The marks of text in this state."""
        marks = {self.script} if self.script else set()
        return frozenset(marks | {MarkKind.EMPHASIS} if self.strong else marks)
