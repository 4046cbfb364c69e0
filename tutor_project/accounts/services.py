"""Writes on accounts: register, log in, log out. Passwords are Argon2; tokens are stored hashed only."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.contrib.auth import authenticate
from django.contrib.auth.models import update_last_login
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from knox.models import AuthToken
from knox.settings import knox_settings

from tutor_project.accounts.models import User
from tutor_project.common import runtime
from tutor_project.common.errors import Conflict, DomainError, PermissionDenied

log = structlog.get_logger(__name__)


class RegistrationClosed(PermissionDenied):
    """403: operators have switched registration off."""

    code = "registration_closed"
    detail = "Registration is closed. Ask an administrator for an account."


class AccountExists(Conflict):
    """409: the name or the address is taken."""

    code = "account_exists"
    detail = "An account with this user name or e-mail address exists. Log in, or choose another."


class PasswordWeak(DomainError):
    """400: the password fails the validators."""

    code = "password_weak"
    detail = "The password is too weak: {reasons}"


class CredentialsInvalid(DomainError):
    """401: no account with this name and password; which of the two is wrong is not said."""

    code = "credentials_invalid"
    status = 401
    detail = "The user name or the password is wrong."


@transaction.atomic
def user_register(*, username: str, password: str, email: str = "") -> User:
    """Create a learner; raises RegistrationClosed, PasswordWeak or AccountExists."""
    if not runtime.get_bool("REGISTRATION_OPEN"):
        raise RegistrationClosed
    user = User(username=username, email=email)
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise PasswordWeak(reasons=" ".join(error.messages), attr="password") from error
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:
        raise AccountExists(attr="username") from error
    log.info("user_registered", user_id=str(user.pk))
    return user


def user_login(*, username: str, password: str) -> tuple[User, str, datetime]:
    """Return ``(user, token, expiry)``; ``username`` may be the e-mail address. Raises CredentialsInvalid."""
    name = username
    if "@" in username:
        name = User.objects.filter(email__iexact=username).values_list("username", flat=True).first() or username
    user = authenticate(username=name, password=password)
    if not isinstance(user, User):
        raise CredentialsInvalid
    update_last_login(User, user)
    return token_create(user=user)


@transaction.atomic
def token_create(*, user: User) -> tuple[User, str, datetime]:
    """Issue a token; beyond the limit a user may hold, the oldest is revoked."""
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
