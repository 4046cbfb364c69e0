"""CSV of report rows (RFC 4180), safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from typing import Any

from rest_framework.renderers import BaseRenderer

from tutor_project.common.spreadsheet import inert


class CSVRenderer(BaseRenderer):
    """Renders the ``rows`` of a report; an error becomes a row of code and detail."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> str:
        """Return the text."""
        rows = data.get("rows", data.get("errors", [])) if isinstance(data, dict) else []
        output = io.StringIO()
        if rows:
            writer = csv.DictWriter(output, fieldnames=list(rows[0]), extrasaction="ignore", lineterminator="\r\n")
            writer.writeheader()
            for row in rows:
                writer.writerow({name: inert(value) for name, value in row.items()})
        return output.getvalue()
