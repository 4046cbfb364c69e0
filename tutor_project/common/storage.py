"""The file store, whichever it is; a remote one that does not answer is a named 503, as the database and Redis are."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.files.storage import Storage, default_storage

from tutor_project.common.errors import ServiceUnavailable


class StorageUnreachable(ServiceUnavailable):
    """503: the file store does not answer."""

    code = "storage_unreachable"
    detail = "The file store does not answer. Try again in a moment; if it stays, tell whoever runs this service."


class _Reached:
    """Django's storage with the failures of a remote store named.

    A store says in Python's own terms what is the matter with a file (``OSError``, ``NotImplementedError``, …); what its
    client raises beside them, each library in terms of its own, is about the store.
    """

    def __getattr__(self, name: str) -> Any:
        found = getattr(default_storage, name)
        return _named(found) if callable(found) else found


def _named(call: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(call)
    def reached(*arguments: Any, **options: Any) -> Any:
        try:
            return call(*arguments, **options)
        except Exception as error:
            if isinstance(error, OSError) or type(error).__module__.split(".")[0] in ("builtins", "django"):
                raise
            raise StorageUnreachable from error

    return reached


file_storage: Storage = _Reached()  # type: ignore[assignment]
