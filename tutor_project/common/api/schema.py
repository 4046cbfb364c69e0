"""OpenAPI generation: one error body for every operation, and the bearer token scheme."""

from __future__ import annotations

from typing import Any, Literal

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers

READ_ERRORS = ("400", "404", "406", "409", "429", "503")
WRITE_ERRORS = ("400", "404", "406", "409", "413", "415", "422", "429", "502", "503", "504")
SIGNED_IN_ERRORS = ("401", "403")


class ErrorItemSerializer(serializers.Serializer[Any]):
    """One error: a stable code, a sentence with the cure, and the input field at fault."""

    code = serializers.CharField()
    detail = serializers.CharField()
    attr = serializers.CharField(allow_null=True)


class ErrorBodySerializer(serializers.Serializer[Any]):
    """The body of every error."""

    type = serializers.CharField(help_text="validation_error, client_error or server_error")
    errors = ErrorItemSerializer(many=True)  # type: ignore[assignment]
    request_id = serializers.CharField(allow_null=True)


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the token is sent."""

    target_class = "tutor_project.common.api.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Describe the scheme."""
        return {"type": "http", "scheme": "bearer"}


class TutorAutoSchema(AutoSchema):
    """Adds the error responses that any operation may give."""

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        errors = (*SIGNED_IN_ERRORS, *(READ_ERRORS if self.method == "GET" else WRITE_ERRORS))
        for status in sorted(errors):
            if status not in bodies:
                bodies[status] = self._get_response_for_code(
                    ErrorBodySerializer, status, media_types=["application/json"]
                )
        return bodies

    def _get_response_for_code(
        self, serializer: Any, status_code: str, media_types: Any = None, direction: Any = "response"
    ) -> dict[str, Any]:
        """Say so where the whole body may be ``null``: drf-spectacular heeds ``allow_null`` of fields only."""
        response: dict[str, Any] = super()._get_response_for_code(serializer, status_code, media_types, direction)
        if getattr(serializer, "allow_null", False):
            for body in response["content"].values():
                body["schema"] = {"oneOf": [body["schema"], {"type": "null"}]}
        return response
