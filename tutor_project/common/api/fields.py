"""Fields of request bodies that the framework has not."""

from __future__ import annotations

import json
from typing import Any

from django.core.validators import ProhibitNullCharactersValidator
from rest_framework import serializers


class AnyTextField(serializers.CharField):
    """A text of which nothing is refused: whoever reads it judges it item by item."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.validators = [
            validator for validator in self.validators if not isinstance(validator, ProhibitNullCharactersValidator)
        ]


class BoundedDictField(serializers.DictField):
    """A JSON object of at most ``max_characters`` as JSON; texts inside it need no bounds of their own."""

    default_error_messages = {"too_large": "This holds more than {limit} characters. Send less."}

    def __init__(self, *, max_characters: int, **kwargs: Any) -> None:
        self.max_characters = max_characters
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Any:
        """Return the object; raises ValidationError."""
        value = super().to_internal_value(data)
        if len(json.dumps(value, ensure_ascii=False, default=str)) > self.max_characters:
            self.fail("too_large", limit=self.max_characters)
        return value
