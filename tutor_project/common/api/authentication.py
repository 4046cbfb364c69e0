"""Bearer tokens (knox) with a code for each way they can be refused."""

from __future__ import annotations

from functools import cache
from typing import Any
from uuid import UUID

import structlog
from django.contrib.auth import get_user_model
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from knox.auth import TokenAuthentication
from knox.crypto import hash_token
from knox.models import AuthToken
from knox.settings import CONSTANTS
from rest_framework import exceptions

from tutor_project.common.doors import Door, address_of, knock


class TokenInvalid(exceptions.AuthenticationFailed):
    default_code = "token_invalid"
    default_detail = _("The token is not valid. Log in again to get a new one.")


class TokenExpired(exceptions.AuthenticationFailed):
    default_code = "token_expired"
    default_detail = _("The token has expired. Log in again to get a new one.")


class BearerAuthentication(TokenAuthentication):
    """knox's token format, looked up in one query; expired tokens are named and left to the clean-up job."""

    def authenticate(self, request: Any) -> Any:
        header = request.META.get("HTTP_AUTHORIZATION", "").split()
        if not header:
            return None
        if header[0].lower() != "bearer" or len(header) != 2:
            raise TokenInvalid("The header must read: Authorization: Bearer <token>.")
        try:
            return self.authenticate_credentials(header[1].encode())
        except TokenInvalid:
            knock(Door.TOKEN, address=address_of(request))
            raise

    def authenticate_credentials(self, token: bytes) -> Any:
        """Return ``(user, token)``; raises TokenInvalid, TokenExpired or AuthenticationFailed (inactive user)."""
        try:
            text = token.decode("ascii")
            if not text.isalnum():  # no token is; and the database takes no NUL
                raise TokenInvalid
            digest = hash_token(text)
        except (UnicodeDecodeError, TypeError, ValueError) as error:
            raise TokenInvalid from error
        stored = _stored_token(text[: CONSTANTS.TOKEN_KEY_LENGTH], digest)
        if stored is None:
            raise TokenInvalid
        if stored.expiry is not None and stored.expiry < timezone.now():
            raise TokenExpired
        structlog.contextvars.bind_contextvars(user_id=str(stored.user_id))
        return self.validate_user(stored)


@cache
def _lookup() -> tuple[str, list[str], list[str]]:
    """Return the statement with the columns of the token and of its user: composed once, not for every request."""
    user_model = get_user_model()
    tokens = [field.attname for field in AuthToken._meta.concrete_fields]
    users = [field.attname for field in user_model._meta.concrete_fields]
    columns = [*(f't."{name}"' for name in tokens), *(f'u."{name}"' for name in users)]
    statement = (
        f'SELECT {", ".join(columns)} FROM "{AuthToken._meta.db_table}" t'  # noqa: S608 - names of models and columns
        f' JOIN "{user_model._meta.db_table}" u ON u.id = t.user_id WHERE t.token_key = %s AND t.digest = %s'
    )
    return statement, tokens, users


def _stored_token(key: str, digest: str) -> Any:
    """Return the token with its user, or None."""
    statement, tokens, users = _lookup()
    with connection.cursor() as cursor:
        cursor.execute(statement, [key, digest])
        row = cursor.fetchone()
    if row is None:
        return None
    stored = AuthToken.from_db(connection.alias, tokens, row[: len(tokens)])
    stored.user = get_user_model().from_db(connection.alias, users, row[len(tokens) :])
    return stored


def user_id(request: Any) -> UUID:
    """Return the id of the signed-in caller; views that call this admit nobody else."""
    pk: UUID = request.user.pk
    return pk
