"""What accounts hold of a person: the account itself, tokens, stored request answers."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from knox.models import AuthToken

from tutor_project.accounts.models import User
from tutor_project.common.api.idempotency import idempotency_forget
from tutor_project.common.privacy import ExportedFile

SHOWN = (
    "id", "username", "display_name", "email", "email_verified_at", "time_zone", "language", "first_name", "last_name",
    "date_joined", "last_login", "is_staff",
)  # fmt: skip


def export(user_id: UUID) -> Iterator[ExportedFile]:
    """Yield the account; never the password's hash or tokens."""
    yield "account.jsonl", User.objects.filter(pk=user_id).values(*SHOWN)
    yield "tokens.jsonl", AuthToken.objects.filter(user_id=user_id).values("created", "expiry")


def erase(user_id: UUID) -> dict[str, int]:
    """Remove the account; what still refers to it goes with it."""
    idempotency_forget(user_id=user_id)
    return {"account": User.objects.filter(pk=user_id).delete()[0]}
