"""``Idempotency-Key`` on every POST that creates: the second request gets the first one's answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from tutor_project.common.api.prefer import PROVISIONAL
from tutor_project.common.api.waiting import FinalAnswer, WaitingResponse
from tutor_project.common.errors import Conflict, DomainError
from tutor_project.common.models import IdempotencyRecord

MAX_KEY_LENGTH = 200
STALE_AFTER = timedelta(minutes=5)
"""No request runs this long: what is still open then belongs to a process that was killed."""


class IdempotencyKeyInvalid(DomainError):
    """400: the key is too long or not printable."""

    code = "idempotency_key_invalid"
    detail = "Idempotency-Key must be 1 to 200 printable ASCII characters."


class IdempotencyKeyReused(DomainError):
    """422: the key came before with another request."""

    code = "idempotency_key_reused"
    status = 422
    detail = "This Idempotency-Key was used for a different request. Use a new key."


class IdempotencyInProgress(Conflict):
    """409: the first request with this key is still being carried out."""

    code = "idempotency_in_progress"
    detail = "The first request with this Idempotency-Key is still running. Ask again in a moment."


def idempotent(handler: Callable[..., Response]) -> Callable[..., Response]:
    """Decorate a view method so that a repeated ``Idempotency-Key`` replays its first answer.

    Only answers below 500 are kept; a failed request may be tried again with the same key, and so may one that was told
    to come back when a job has ended.
    """

    @wraps(handler)
    def wrapper(view: Any, request: Any, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key")
        if key is None or not request.user.is_authenticated:
            return handler(view, request, *args, **kwargs)
        if not 0 < len(key) <= MAX_KEY_LENGTH or not key.isascii() or not key.isprintable():
            raise IdempotencyKeyInvalid
        record, replay = _claim(request, key)
        if replay is not None:
            return replay
        try:
            response = handler(view, request, *args, **kwargs)
        except BaseException:
            record.delete()
            raise
        if isinstance(response, WaitingResponse):
            response.kept.append(lambda answer: _store_answer(record, answer))
        else:
            _store(record, response)
        return response

    return wrapper


def _claim(request: Any, key: str) -> tuple[IdempotencyRecord, Response | None]:
    request_hash = _request_hash(request)
    try:
        with transaction.atomic():
            record = IdempotencyRecord.objects.create(user=request.user, key=key, request_hash=request_hash)
            return record, None
    except IntegrityError:
        record = IdempotencyRecord.objects.get(user=request.user, key=key)
    if record.request_hash != request_hash:
        raise IdempotencyKeyReused
    if record.status is None:
        return _taken_over(record), None
    replay = Response(record.body, status=record.status, headers={**record.headers, "Idempotency-Replayed": "true"})
    return record, replay


def _taken_over(record: IdempotencyRecord) -> IdempotencyRecord:
    """Go on in place of a first request that died; raises IdempotencyInProgress while it may still be running."""
    now = timezone.now()
    stale = IdempotencyRecord.objects.filter(pk=record.pk, status=None, created_at__lt=now - STALE_AFTER)
    if not stale.update(created_at=now):
        raise IdempotencyInProgress
    return record


def _store(record: IdempotencyRecord, response: Response) -> None:
    unkept = response.status_code >= 500 or getattr(response, PROVISIONAL, False)
    if unkept or not hasattr(response, "data"):  # a stream cannot be stored
        record.delete()
        return
    record.status = response.status_code
    record.body = json.loads(JSONRenderer().render(response.data) or b"null")
    record.headers = {name: response[name] for name in ("Location",) if response.has_header(name)}
    record.save(update_fields=["status", "body", "headers"])


def _store_answer(record: IdempotencyRecord, answer: FinalAnswer | None) -> None:
    """Keep what the event loop waited for; of a request whose client has left nothing is kept."""
    if answer is None:
        record.delete()
        return
    _store(record, Response(answer.data, status=answer.status, headers=answer.headers))


def _request_hash(request: Any) -> str:
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if request.content_type and request.content_type.startswith("multipart/"):
        for name, uploads in sorted(request.FILES.lists()):
            for upload in uploads:
                digest.update(f"{name}:{upload.name}:{upload.size}\n".encode())
                for block in upload.chunks():
                    digest.update(block)
                upload.seek(0)
    else:
        digest.update(JSONRenderer().render(request.data))
    return digest.hexdigest()


def idempotency_forget(*, user_id: Any) -> None:
    """Drop the stored answers of a user: they may quote what the user has deleted since."""
    IdempotencyRecord.objects.filter(user_id=user_id, status__isnull=False).delete()
