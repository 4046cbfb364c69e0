"""The rules of a page are merged as pdfplumber merges them, and a page that can hold no table is told beforehand."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from pdfplumber import table as lattice

from documents_app.extraction.pdf.lines import PageGeometry
from documents_app.extraction.pdf.rules import SNAP, RuledLines, may_hold_table, page_rules
from documents_app.extraction.pdf.tables import _crossings

PLACES = st.integers(0, 480).map(lambda eighths: eighths / 8)
SIZES = st.integers(1, 320).map(lambda eighths: eighths / 8)
RULES = st.lists(st.tuples(PLACES, PLACES, SIZES), min_size=1, max_size=40)
GEOMETRY = PageGeometry(600, 800, 0)


def as_rules(rows: list[tuple[float, float, float]]) -> RuledLines:
    return RuledLines(
        [at for at, _, _ in rows], [start for _, start, _ in rows], [start + size for _, start, size in rows]
    )


def as_edges(across: RuledLines, along: RuledLines) -> list[dict[str, object]]:
    edges = []
    for rules, orientation, (at, start), (same, end) in (
        (across, "h", ("top", "x0"), ("bottom", "x1")),
        (along, "v", ("x0", "top"), ("x1", "bottom")),
    ):
        for place, begin, stop in zip(rules.at.tolist(), rules.start.tolist(), rules.end.tolist(), strict=True):
            edges.append({at: place, same: place, start: begin, end: stop, "orientation": orientation})
            edges[-1] |= {"width": edges[-1]["x1"] - edges[-1]["x0"], "height": edges[-1]["bottom"] - edges[-1]["top"]}
    return edges


@given(RULES, RULES)
def test_merging_and_crossings_are_those_of_pdfplumber(
    level: list[tuple[float, float, float]], upright: list[tuple[float, float, float]]
) -> None:
    across, along = as_rules(level), as_rules(upright)
    expected = lattice.merge_edges(as_edges(across, along), SNAP, SNAP, SNAP, SNAP)
    expected = [edge for edge in expected if max(edge["x1"] - edge["x0"], edge["bottom"] - edge["top"]) >= SNAP]
    found = as_edges(across.merged(), along.merged())
    shape = ("x0", "top", "x1", "bottom", "orientation")
    assert sorted([edge[k] for k in shape] for edge in found) == sorted([edge[k] for k in shape] for edge in expected)
    points = lattice.edges_to_intersections(expected, SNAP, SNAP)
    assert set(_crossings(across.merged(), along.merged())) == set(points)


@given(RULES)
def test_places_are_counted_as_they_are_merged(rows: list[tuple[float, float, float]]) -> None:
    rules = as_rules(rows)
    clusters = lattice.utils.cluster_list(sorted(set(rules.at.tolist())), SNAP)
    assert rules.positions() == len(clusters)


def test_a_page_without_rules_in_both_directions_holds_no_table() -> None:
    level = [(1, (), (50.0, y, 300.0, y + 0.5)) for y in range(100, 400, 20)]
    assert not may_hold_table(level)
    assert not may_hold_table([])
    upright = [(1, (), (x, 100.0, x + 0.5, 400.0)) for x in range(50, 301, 50)]
    assert may_hold_table([*level, *upright])
    assert page_rules([], GEOMETRY) is None
