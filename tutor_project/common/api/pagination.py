"""Cursor pagination: ``{results, next, previous}``."""

from __future__ import annotations

from base64 import b64decode, urlsafe_b64encode
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.utils.crypto import constant_time_compare, salted_hmac
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from tutor_project.common.api.queries import whole_asked
from tutor_project.common.errors import InvalidInput

SEAL_LENGTH = 20


class CursorInvalid(InvalidInput):
    """400: the cursor is not one that a page of this list gave."""

    code = "cursor_invalid"
    detail = "This cursor is damaged. Take next or previous of a page as it is, or begin again without cursor."


class CreatedCursorPagination(CursorPagination):
    """Newest first by id (UUIDv7 sorts by creation); ``limit`` chooses the page size up to 100."""

    ordering = "-id"
    page_size = 20
    page_size_query_param = "limit"
    max_page_size = 100
    largest_limit = 2**31 - 1
    """Above 100 a page has 100; above this a number is no page size that anybody means."""

    def get_page_size(self, request: Any) -> int:
        """Return the size of the page; raises PageInvalid when ``limit`` is no whole number of at least 1."""
        asked = whole_asked(request, "limit", minimum=1, maximum=self.largest_limit)
        return self.page_size if asked is None else min(asked, self.max_page_size)

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> Any:
        """Return the rows of the page; raises CursorInvalid."""
        self.queryset = queryset
        return super().paginate_queryset(queryset, request, view)

    def encode_cursor(self, cursor: Cursor) -> str:
        """Return the link to a page; its cursor is sealed, and good for this list only."""
        parts = {"o": cursor.offset or None, "r": "1" if cursor.reverse else None, "p": cursor.position}
        query = urlencode({name: part for name, part in parts.items() if part is not None})
        sealed = urlsafe_b64encode(f"{self._seal(query)}{query}".encode()).decode().rstrip("=")
        return replace_query_param(str(self.base_url), self.cursor_query_param, sealed)

    def decode_cursor(self, request: Any) -> Cursor | None:
        """Return the request's cursor; raises CursorInvalid unless a page of this list gave it."""
        sealed = request.query_params.get(self.cursor_query_param)
        if sealed is None:
            return None
        try:
            text = b64decode(f"{sealed}{'=' * (-len(sealed) % 4)}".encode("ascii"), altchars=b"-_", validate=True)
            seal, query = text[:SEAL_LENGTH].decode(), text[SEAL_LENGTH:].decode()
        except ValueError as error:
            raise CursorInvalid(attr="cursor") from error
        if not constant_time_compare(seal, self._seal(query)):
            raise CursorInvalid(attr="cursor")
        parts = dict(parse_qsl(query))
        return Cursor(offset=int(parts.get("o", 0)), reverse="r" in parts, position=parts.get("p"))  # type: ignore[arg-type]

    def _seal(self, query: str) -> str:
        return salted_hmac(f"cursor {self.queryset.model._meta.label} {self.ordering}", query).hexdigest()[:SEAL_LENGTH]

    def get_paginated_response(self, data: Any) -> Response:
        """Return the page with its links."""
        return Response({"results": data, "next": self.get_next_link(), "previous": self.get_previous_link()})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Describe the page for OpenAPI."""
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["results", "next", "previous"],
            "properties": {"results": schema, "next": link, "previous": link},
        }
