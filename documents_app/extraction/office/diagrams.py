"""Charts and SmartArt as words: titles, the numbers of a chart as a table, the points of a diagram as a list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from documents_app.extraction.office.names import DGM, A, C, whole
from documents_app.extraction.office.number_format import shown

_MAX_POINTS = 2_000
_MAX_LEVEL = 8


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: its titles (of the whole, then of the axes) and its numbers, a column a series."""

    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def read_chart(root: Any) -> Chart:
    """Return what a chart part says; its numbers are those last drawn."""
    titles = tuple(text for title in root.iter(f"{C}title") if (text := _words(title)))
    series = list(root.iter(f"{C}ser"))
    names = [_words(entry.find(f"{C}tx")) for entry in series]
    labels = _points(series[0], "cat", "xVal") if series else {}
    values = [_points(entry, "val", "yVal") for entry in series]
    places = sorted({place for points in (labels, *values) for place in points})
    rows = [("", *names)] if any(names) else []
    rows += [(labels.get(place, ""), *(points.get(place, "") for points in values)) for place in places]
    return Chart(titles, tuple(rows))


def read_smart_art(root: Any) -> list[tuple[int, str]]:
    """Return ``(level from 0, text)`` of the points of a diagram's data part, in the order they are drawn."""
    points = {point.get("modelId"): point for point in root.iter(f"{DGM}pt")}
    children: dict[str | None, list[tuple[int, str | None]]] = {}
    inner: set[str | None] = set()
    for link in root.iter(f"{DGM}cxn"):
        if link.get("type", "parOf") == "parOf":
            children.setdefault(link.get("srcId"), []).append((whole(link.get("srcOrd")) or 0, link.get("destId")))
            inner.add(link.get("destId"))
    found: list[tuple[int, str]] = []
    seen: set[str | None] = set()
    pending = [(-1 if points[name].get("type") == "doc" else 0, name) for name in points if name not in inner]
    pending.reverse()
    while pending:
        level, name = pending.pop()
        point = points.get(name)
        if point is None or name in seen:
            continue
        seen.add(name)
        if point.get("type", "node") in {"node", "asst"}:
            text = _words(point.find(f"{DGM}t"))
            if text:
                found.append((min(max(level, 0), _MAX_LEVEL), text))
        below = sorted(children.get(name, ()), key=lambda child: child[0])
        pending.extend((level + 1, child) for _, child in reversed(below))
    return found


def _words(element: Any) -> str:
    """Return the text below an element: rich text by paragraphs, or what a reference had for its value."""
    if element is None:
        return ""
    paragraphs = ("".join(run.text or "" for run in paragraph.iter(f"{A}t")) for paragraph in element.iter(f"{A}p"))
    text = " ".join(piece for piece in paragraphs if piece.strip())
    return " ".join((text or "".join(value.text or "" for value in element.iter(f"{C}v"))).split())


def _points(series: Any, *names: str) -> dict[int, str]:
    source = next((found for name in names if (found := series.find(f"{C}{name}")) is not None), None)
    return dict(_cached(source)) if source is not None else {}


def _cached(source: Any) -> Iterator[tuple[int, str]]:
    code = "".join(entry.text or "" for entry in source.iter(f"{C}formatCode")) or "General"
    numeric = next(source.iter(f"{C}numCache", f"{C}numLit"), None) is not None
    for point in source.iter(f"{C}pt"):
        place, value = whole(point.get("idx")), point.findtext(f"{C}v") or ""
        if place is not None and 0 <= place < _MAX_POINTS:
            yield place, _number(value, code) if numeric else " ".join(value.split())


def _number(value: str, code: str) -> str:
    try:
        return shown(float(value), code)
    except ValueError:
        return value
