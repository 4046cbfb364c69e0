"""JSON bodies in and out, where the framework's own classes differ from what the API promises."""

from __future__ import annotations

import codecs
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import parsers, renderers
from rest_framework.exceptions import ParseError


class NullableJSONRenderer(renderers.JSONRenderer):
    """Writes ``null`` for "nothing yet"; the framework's renderer leaves the body empty, which is not JSON."""

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        """Return the body: nothing for 204, JSON for every other status."""
        response = (renderer_context or {}).get("response")
        if data is None and response is not None and response.status_code != 204:
            return b"null"
        return bytes(super().render(data, accepted_media_type, renderer_context))


class BoundedJSONParser(parsers.JSONParser):
    """Refuses a body nested deeper than the interpreter can read, instead of failing on it; a byte-order mark is no fault."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """Return the parsed body; raises ParseError."""
        context = dict(parser_context or {})
        if codecs.lookup(context.get("encoding") or "utf-8").name == "utf-8":
            context["encoding"] = "utf-8-sig"  # some clients begin with a byte-order mark
        try:
            return super().parse(stream, media_type, context)
        except RecursionError as error:
            raise ParseError(_("The JSON is nested too deeply. Send a flatter body.")) from error
