"""Tokens of the API: given at a log-in, revoked one by one or all at once."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from knox.models import AuthToken
from knox.settings import knox_settings

from tutor_project.accounts.models import User


@transaction.atomic
def token_create(*, user: User) -> tuple[User, str, datetime]:
    """Issue a token; beyond the limit a user may hold, the oldest is revoked. Returns ``(user, token, expiry)``."""
    User.objects.select_for_update().get(pk=user.pk)
    kept = knox_settings.TOKEN_LIMIT_PER_USER - 1
    surplus = AuthToken.objects.filter(user=user).order_by("-created").values_list("pk", flat=True)[kept:]
    AuthToken.objects.filter(pk__in=list(surplus)).delete()
    stored, token = AuthToken.objects.create(user=user)
    return user, token, stored.expiry


def token_revoke(*, token: AuthToken) -> None:
    """Log out: the token is refused from now on."""
    token.delete()


def token_revoke_all(*, user: User) -> int:
    """Log out everywhere; returns the number of tokens revoked."""
    count, _ = AuthToken.objects.filter(user=user).delete()
    return count
