"""Fixtures of the analytics API tests."""

from tests.support.empty_buffer import empty_buffer  # noqa: F401  (a fixture)
