"""A package of Office Open XML: its parts by name and by relationship, read as leniently as Office reads them.

Parts that are named but absent, relationships to nowhere and entries written with backslashes harm nothing: what is
asked for and not there is None. The Strict form of the standard differs in its namespaces only and is read as the other.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from documents_app.domain.errors import CorruptFile
from documents_app.extraction import archive
from documents_app.extraction.limits import ExtractionLimits
from documents_app.extraction.markup import safe_xml

_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/")
_TRANSITIONAL = rb"http://schemas.openxmlformats.org/\1/2006/"


@dataclass(frozen=True, slots=True)
class Relation:
    """A relationship: its kind (the last word of its type), and the part or address it leads to."""

    kind: str
    target: str
    external: bool


class Package:
    """The parts of one open archive, under names without a leading slash, whatever the case they were written in."""

    def __init__(self, opened: zipfile.ZipFile) -> None:
        self._archive = opened
        self._entries = {_key(entry.filename): entry for entry in opened.infolist()}
        self._relations: dict[str, dict[str, Relation]] = {}

    def content(self, name: str) -> bytes | None:
        """Return the content of a part, or None if there is none of that name."""
        entry = self._entries.get(_key(name))
        if entry is None:
            return None
        try:
            return self._archive.read(entry)
        except archive.UNREADABLE as error:
            raise CorruptFile(reason="an entry of its archive is damaged") from error

    def xml(self, name: str) -> Any:
        """Return the root element of a part, or None; raises CorruptFile for a part that is not well formed."""
        data = self.content(name)
        return None if data is None else safe_xml(self.normalised(data), huge=True)

    @staticmethod
    def normalised(data: bytes) -> bytes:
        """Return markup with the namespaces of the Strict form as those of the usual one."""
        return _STRICT.sub(_TRANSITIONAL, data)

    def optional_xml(self, name: str) -> Any:
        """Return the root element of a part that a document can do without, or None, also if it is broken."""
        try:
            return self.xml(name)
        except CorruptFile:
            return None

    def relations(self, part: str) -> dict[str, Relation]:
        """Return the relationships of a part ("" for the package) by id."""
        if part not in self._relations:
            self._relations[part] = dict(self._read_relations(part))
        return self._relations[part]

    def related(self, part: str, kind: str) -> list[str]:
        """Return the names of the parts that a part is related to in one way, in the order they are listed."""
        return [entry.target for entry in self.relations(part).values() if entry.kind == kind and not entry.external]

    def target(self, part: str, relation_id: str | None) -> str | None:
        """Return the name of the part behind a relationship, or None if it leads nowhere."""
        relation = self.relations(part).get(relation_id or "")
        if relation is None or relation.external or _key(relation.target) not in self._entries:
            return None
        return relation.target

    def main_part(self, *usual: str) -> str:
        """Return the name of the part that is the document; raises CorruptFile if there is none."""
        for name in (*self.related("", "officeDocument"), *usual):
            if _key(name) in self._entries:
                return name
        raise CorruptFile(reason="its main part is missing")

    def properties(self) -> dict[str, str]:
        """Return title and author, as far as they are given."""
        found = {}
        for name in self.related("", "core-properties"):
            root = self.optional_xml(name)
            for element in root if root is not None else ():
                tag = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
                key = {"title": "title", "creator": "author"}.get(tag)
                if key and element.text and element.text.strip():
                    found[key] = element.text.strip()[:1000]
        return found

    def _read_relations(self, part: str) -> Iterator[tuple[str, Relation]]:
        folder, name = posixpath.split(part)
        root = self.optional_xml(posixpath.join(folder, "_rels", f"{name}.rels"))
        for element in root if root is not None else ():
            kind = (element.get("Type") or "").rpartition("/")[2]
            target = unquote(element.get("Target") or "").replace("\\", "/")
            external = element.get("TargetMode") == "External" or target.startswith("#")
            if not external:
                target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            yield element.get("Id") or "", Relation(kind, target, external)


@contextmanager
def opened(source: bytes | Path, limits: ExtractionLimits) -> Iterator[Package]:
    """Check an archive and open it as a package; raises what ``archive.check`` raises."""
    archive.check(source, limits)
    with archive.opened(source) as packed:
        yield Package(packed)


def _key(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()
