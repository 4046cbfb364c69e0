"""The course material that lies in the repository: chapters of many fields with questions, made for measuring alone."""

from __future__ import annotations

from pathlib import Path

COURSE_MATERIAL = Path(__file__).parents[1] / "course_material"
"""A folder of the form that ``--data`` takes: ``chapters/`` with ``questions.json`` and ``gold.json``."""
