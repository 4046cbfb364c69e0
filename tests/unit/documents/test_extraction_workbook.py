"""What a workbook shows survives: number formats, dates, merged cells, scripts; what was never computed is said."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference

from benchmarks.made import files
from documents_app.domain.errors import ExpandedTooLarge, FormulasNotComputed
from documents_app.extraction.limits import ExtractionLimits
from documents_app.extraction.office.number_format import shown
from tests.support.office import read


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (0.075, "0.0%", "7.5%"),
        (0.075, "0.0 %", "7.5 %"),
        (2139, "00000", "02139"),
        (5551234, "000-0000", "555-1234"),
        (1234.5, "#,##0.00", "1,234.50"),
        (1.005, "0.00", "1.01"),
        (2.5, "0", "3"),
        (3, "0.##", "3"),
        (0.5, "# ?/?", "1/2"),
        (2.25, "# ??/??", "2 1/4"),
        (1.25, "# ?/4", "1 1/4"),
        (1.5e-7, "0.00E+00", "1.50E-07"),
        (-5, "0;(0)", "(5)"),
        (-5, "0.0", "-5.0"),
        (0, '0;-0;"none"', "none"),
        (5, '0.0 "mg/L"', "5.0 mg/L"),
        (150, '0" °C"', "150 °C"),
        (5, "[$€-407] #,##0.00", "€ 5.00"),
        (5, "_-* #,##0.00 _€_-", "5.00"),
        (12_000, '0,"k"', "12k"),
        (50, '[Red][<10]"low";"high"', "high"),
        (0.1 + 0.2, "General", "0.3"),
        (1e20, "General", "1e+20"),
        (45_000, "dd.mm.yyyy", "2023-03-15"),
        (45_000.5, "m/d/yy h:mm", "2023-03-15 12:00"),
        (0.5, "h:mm AM/PM", "12:00"),
        (1.5, "[h]:mm", "36:00"),
        (59, "yyyy-mm-dd", "1900-02-28"),
        (-1, "yyyy-mm-dd", "-1"),
        ("x", '0;0;0;"<"@">"', "<x>"),
        ("x", "@", "x"),
    ],
)
def test_numbers_are_shown_as_their_format_shows_them(value: float | str, code: str, text: str) -> None:
    assert shown(value, code) == text


def test_dates_count_from_1904_where_the_workbook_says_so() -> None:
    assert shown(0, "yyyy-mm-dd", from_1904=True) == "1904-01-01"


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_cells_are_what_the_sheet_shows() -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["share", "zip", "day", "flag"])
    sheet.append([0.075, 2139, dt.date(2026, 11, 29), True])
    sheet["A2"].number_format, sheet["B2"].number_format = "0.0%", "00000"
    assert read(saved(book), "a.xlsx").tables[0].cells[1] == ("7.5%", "02139", "2026-11-29", "TRUE")


def test_merged_cells_stand_in_each_of_their_rows() -> None:
    book = Workbook()
    for row in (["Metals", "Iron", 1], [None, "Gold", 2], ["Gases", "Neon", 3]):
        book.active.append(row)
    book.active.merge_cells("A1:A2")
    cells = read(saved(book), "a.xlsx").tables[0].cells
    assert [row[0] for row in cells] == ["Metals", "Metals", "Gases"]


def test_formulas_without_results_are_said_or_refused() -> None:
    book = Workbook()
    book.active.title = "Totals"
    for row in (["Quantity", "Total"], [2, "=A2*2"], [3, "=A3*2"]):
        book.active.append(row)
    (warning,) = read(saved(book), "a.xlsx").warnings
    assert warning.code == "formulas_not_computed"
    assert "2 formulas" in warning.detail
    assert "Total" in warning.detail
    empty = Workbook()
    empty.active.append(["=1+1", "=2+2"])
    with pytest.raises(FormulasNotComputed):
        read(saved(empty), "a.xlsx")


SHEET = "xl/worksheets/sheet1.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
ODD_FILL = f'<styleSheet xmlns="{MAIN}"><fills><fill><patternFill patternType="odd"/></fill></fills></styleSheet>'
ODD_FILTER = (
    '<autoFilter ref="A1:B2"><filterColumn colId="0"><customFilters><customFilter operator="odd" val="1"/></customFilters>'
    "</filterColumn></autoFilter>"
)


@pytest.mark.parametrize(
    "changes",
    [
        {"xl/styles.xml": None},
        {"xl/styles.xml": ODD_FILL},
        {"xl/styles.xml": "<broken"},
        {SHEET: files.entry(files.xlsx(), SHEET).replace(b"</sheetData>", b"</sheetData>" + ODD_FILTER.encode())},
        {"docProps/core.xml": "<x><created>not a date</created></x>"},
        {SHEET: files.entry(files.xlsx(), SHEET).replace(b'r="A1"', 's="²" r="A1"'.encode())},
    ],
)
def test_odd_styles_filters_and_dates_harm_nothing(changes: dict[str, bytes | str | None]) -> None:
    assert read(files.repacked(files.xlsx(), changes), "a.xlsx").tables[0].cells == (("name", "value"), ("a", "1.5"))


def test_raised_digits_of_rich_text_and_dates_of_the_strict_form_are_kept() -> None:
    rich = (
        '<c r="A1" t="inlineStr"><is><r><t>m</t></r><r><rPr><vertAlign val="superscript"/></rPr><t>2</t></r></is></c>'
        '<c r="B1" t="d"><v>2026-11-29</v></c><c r="C1"><v>5</v></c>'
    )
    sheet = f'<worksheet xmlns="http://purl.oclc.org/ooxml/spreadsheetml/main"><sheetData><row r="1">{rich}</row></sheetData></worksheet>'
    assert read(files.repacked(files.xlsx(), {SHEET: sheet}), "a.xlsx").text == "Data\n\nm²\t2026-11-29\t5"


def test_titles_of_charts_on_a_sheet_are_read() -> None:
    book = Workbook()
    for row in (["x", "y"], [1, 2]):
        book.active.append(row)
    chart = BarChart()
    chart.title = "Yield by year"
    chart.add_data(Reference(book.active, min_col=2, min_row=1, max_row=2), titles_from_data=True)
    book.active.add_chart(chart, "D2")
    assert "Yield by year" in read(saved(book), "a.xlsx").text


def test_cells_strewn_over_a_sheet_and_strings_repeated_without_end_are_bounded() -> None:
    cells = "".join(
        f'<row r="{n}"><c r="{chr(65 + n % 26)}{chr(65 + n // 26)}{n}"><v>1</v></c></row>' for n in range(1, 600)
    )
    sheet = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{cells}</sheetData></worksheet>'
    with pytest.raises(ExpandedTooLarge):
        read(files.repacked(files.xlsx(), {SHEET: sheet}), "a.xlsx", ExtractionLimits(max_table_cells=1_000))
    book = Workbook()
    for _ in range(50):
        book.active.append(["long " * 100] * 4)
    with pytest.raises(ExpandedTooLarge):
        read(saved(book), "a.xlsx", ExtractionLimits(max_chars=20_000))
