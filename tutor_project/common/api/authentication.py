"""Bearer tokens (knox) with a code for each way they can be refused."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import structlog
from django.utils import timezone
from knox.auth import TokenAuthentication
from knox.crypto import hash_token
from knox.models import AuthToken
from knox.settings import CONSTANTS
from rest_framework import exceptions


class TokenInvalid(exceptions.AuthenticationFailed):
    default_code = "token_invalid"
    default_detail = "The token is not valid. Log in again to get a new one."


class TokenExpired(exceptions.AuthenticationFailed):
    default_code = "token_expired"
    default_detail = "The token has expired. Log in again to get a new one."


class BearerAuthentication(TokenAuthentication):
    """knox's token format, looked up in one query; expired tokens are named and left to the clean-up job."""

    def authenticate(self, request: Any) -> Any:
        header = request.META.get("HTTP_AUTHORIZATION", "").split()
        if not header:
            return None
        if header[0].lower() != "bearer" or len(header) != 2:
            raise TokenInvalid("The header must read: Authorization: Bearer <token>.")
        return self.authenticate_credentials(header[1].encode())

    def authenticate_credentials(self, token: bytes) -> Any:
        """Return ``(user, token)``; raises TokenInvalid, TokenExpired or AuthenticationFailed (inactive user)."""
        try:
            text = token.decode("ascii")
            digest = hash_token(text)
        except (UnicodeDecodeError, TypeError, ValueError) as error:
            raise TokenInvalid from error
        candidates = AuthToken.objects.filter(token_key=text[: CONSTANTS.TOKEN_KEY_LENGTH], digest=digest)
        stored = next(iter(candidates.select_related("user")), None)
        if stored is None:
            raise TokenInvalid
        if stored.expiry is not None and stored.expiry < timezone.now():
            raise TokenExpired
        structlog.contextvars.bind_contextvars(user_id=str(stored.user_id))
        return self.validate_user(stored)


def user_id(request: Any) -> UUID:
    """Return the id of the signed-in caller; views that call this admit nobody else."""
    pk: UUID = request.user.pk
    return pk
