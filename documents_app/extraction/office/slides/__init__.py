"""Presentations (PresentationML, ECMA-376 part 1, chapter 19)."""
