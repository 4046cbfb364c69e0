"""The shapes of a slide in the order they are read, groups unfolded, with the places that layouts give them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from documents_app.extraction.office.names import MC, A, P, local, whole
from documents_app.extraction.office.objects import alternative
from documents_app.extraction.office.package import Package

_MAX_DEPTH = 20
_ROW_HEIGHT = 300_000  # EMU (0.33 inch): shapes whose tops differ by less stand in one row
_TITLES = frozenset({"title", "ctrTitle"})
_PAGE_PARTS = frozenset({"dt", "ftr", "sldNum", "hdr"})
_SHAPES = frozenset({"sp", "pic", "graphicFrame", "grpSp", "cxnSp"})

Place = tuple[int, int]
Places = dict[tuple[str, str], Place]


@dataclass(frozen=True, slots=True)
class Placeholder:
    """What a shape fills on the layout: "" for one that fills nothing."""

    kind: str
    index: str

    @property
    def is_title(self) -> bool:
        return self.kind in _TITLES

    @property
    def is_page_part(self) -> bool:
        """Whether it is a date, footer or slide number."""
        return self.kind in _PAGE_PARTS

    @property
    def is_body(self) -> bool:
        """Whether its paragraphs have bullets unless they say otherwise."""
        return self.kind in {"body", "obj"}


class SlideShapes:
    """The shapes of one slide."""

    def __init__(self, package: Package, part: str, root: Any, layouts: Layouts) -> None:
        self._package = package
        self._layouts = layouts
        self._part = part
        self._tree = root.find(f"{P}cSld/{P}spTree")
        self._places: list[Places] | None = None
        self.too_deep = False

    def in_order(self) -> list[Any]:
        """Return the shapes, the title first, the others from the top left to the bottom right."""
        if self._tree is None:
            return []
        shapes = list(self._unfolded(self._tree, 0))
        title = next((shape for shape in shapes if placeholder(shape).is_title), None)
        return [*([title] if title is not None else []), *(shape for shape in shapes if shape is not title)]

    def _unfolded(self, parent: Any, depth: int) -> Iterator[Any]:
        if depth > _MAX_DEPTH:
            self.too_deep = True
            return
        found = []
        for child in parent:
            shape = child
            if child.tag == f"{MC}AlternateContent":
                branch = alternative(child)
                shape = next((c for c in branch if local(c) in _SHAPES), None) if branch is not None else None
            if shape is not None and local(shape) in _SHAPES and not _is_hidden(shape):
                top, left = self._place(shape)
                found.append(((top // _ROW_HEIGHT, left), shape))
        for _, shape in sorted(found, key=lambda entry: entry[0]):
            if local(shape) == "grpSp":
                yield from self._unfolded(shape, depth + 1)
            else:
                yield shape

    def _place(self, shape: Any) -> Place:
        """Return (top, left) of a shape, its own or that of the placeholder it fills."""
        own = _own_place(shape)
        if own is not None:
            return own
        filled = placeholder(shape)
        if self._places is None:
            self._places = list(self._layout_places())
        for places in self._places:
            place = places.get((filled.kind, filled.index)) or places.get((filled.kind, ""))
            if place is not None:
                return place
        return 0, 0

    def _layout_places(self) -> Iterator[Places]:
        """Yield the places of the placeholders of the layout, then of its master."""
        part = self._part
        for kind in ("slideLayout", "slideMaster"):
            names = self._package.related(part, kind)
            if not names:
                return
            part = names[0]
            yield self._layouts.places(part)


class Layouts:
    """Where the layouts and masters of a presentation have their placeholders; each is read once."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._known: dict[str, Places] = {}

    def places(self, part: str) -> Places:
        """Return the places of a part's placeholders by kind and index, and of the first of each kind by ""."""
        if part not in self._known:
            root = self._package.optional_xml(part)
            places: Places = {}
            for shape in root.iter(f"{P}sp") if root is not None else ():
                place, filled = _own_place(shape), placeholder(shape)
                if place is not None:
                    places.setdefault((filled.kind, filled.index), place)
                    places.setdefault((filled.kind, ""), place)
            self._known[part] = places
        return self._known[part]


def placeholder(shape: Any) -> Placeholder:
    """Return what a shape fills."""
    found = next((entry for entry in shape if local(entry).startswith("nv")), None)
    mark = found.find(f"{P}nvPr/{P}ph") if found is not None else None
    return Placeholder("", "") if mark is None else Placeholder(mark.get("type") or "obj", mark.get("idx") or "")


def _own_place(shape: Any) -> Place | None:
    transform = next(
        (
            found
            for name in (f"{P}spPr/{A}xfrm", f"{P}grpSpPr/{A}xfrm", f"{P}xfrm")
            if (found := shape.find(name)) is not None
        ),
        None,
    )
    offset = transform.find(f"{A}off") if transform is not None else None
    if offset is None:
        return None
    return whole(offset.get("y")) or 0, whole(offset.get("x")) or 0


def _is_hidden(shape: Any) -> bool:
    properties = next((entry.find(f"{P}cNvPr") for entry in shape if local(entry).startswith("nv")), None)
    return properties is not None and properties.get("hidden") in {"1", "true"}
