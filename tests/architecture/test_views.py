"""Every view says who may use it, and every route stands in the access matrix."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from tests.support.access import ACCESS


def api_routes() -> Iterator[tuple[str, Any]]:
    """Yield ``(route, view class)`` of everything under ``/api/v1``."""
    for route, pattern in _walk(get_resolver().url_patterns, ""):
        if route.startswith("api/v1/"):
            yield route.removeprefix("api/v1/"), pattern.callback.view_class  # type: ignore[attr-defined]


def _walk(patterns: list[Any], prefix: str) -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, prefix + str(pattern.pattern))
        else:
            yield prefix + str(pattern.pattern), pattern


@pytest.mark.parametrize(("route", "view"), list(api_routes()))
def test_every_view_names_its_permissions(route: str, view: Any) -> None:
    ours = [base for base in view.__mro__ if not base.__module__.startswith(("rest_framework", "builtins"))]
    declared = any("permission_classes" in base.__dict__ for base in ours)
    assert declared, f"{view.__name__} at {route} relies on the default permission"


def test_every_route_stands_in_the_access_matrix_and_no_other() -> None:
    assert {route for route, _ in api_routes()} == set(ACCESS)
