"""The tokens of links that are mailed or handed over: signed, short-lived, and good for one state of the account."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core import signing
from django.core.exceptions import ObjectDoesNotExist

from tutor_project.accounts.domain.names import folded
from tutor_project.accounts.errors import LinkInvalid
from tutor_project.accounts.models import User

EMAIL_SALT = "accounts.email"
EMAIL_LINK_SECONDS = 48 * 3600


def verification_link(user: User) -> str:
    """Return the link that verifies the account's present address."""
    token = signing.dumps({"user": str(user.pk), "email": folded(user.email)}, salt=EMAIL_SALT)
    return f"{settings.PUBLIC_URL}/api/v1/auth/email/verify?token={token}"


def verification_token_user(token: str) -> User:
    """Return the account whose present address the token verifies; raises LinkInvalid."""
    try:
        said: dict[str, Any] = signing.loads(token, salt=EMAIL_SALT, max_age=EMAIL_LINK_SECONDS)
        user = User.objects.get(pk=said["user"], is_active=True)
    except (signing.BadSignature, ObjectDoesNotExist) as error:
        raise LinkInvalid(attr="token") from error
    if not user.email or folded(user.email) != said["email"]:
        raise LinkInvalid(attr="token")
    return user


def reset_link(user: User) -> str:
    """Return the link under which a new password is set; it ends with its use, a log-in, or after an hour."""
    return f"{settings.PUBLIC_URL}/learn#reset/{user.pk.hex}-{default_token_generator.make_token(user)}"


def reset_token_of(token: str) -> str:
    """Return the part of a reset link's token that depends on the state of the account."""
    return token.partition("-")[2]


def reset_token_user(token: str) -> User:
    """Return the account of a reset link's token; raises LinkInvalid."""
    try:
        user = User.objects.get(pk=UUID(hex=token.partition("-")[0]), is_active=True)
    except (ValueError, ObjectDoesNotExist) as error:
        raise LinkInvalid(attr="token") from error
    if not default_token_generator.check_token(user, reset_token_of(token)):
        raise LinkInvalid(attr="token")
    return user
