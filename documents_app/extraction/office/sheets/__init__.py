"""Workbooks (SpreadsheetML, ECMA-376 part 1, chapter 18)."""
