"""Changing a password, and getting a new one when it was forgotten."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.db import transaction

from tutor_project.accounts import mails
from tutor_project.accounts.domain.names import folded
from tutor_project.accounts.errors import LinkInvalid, PasswordWeak
from tutor_project.accounts.links import reset_token_of, reset_token_user
from tutor_project.accounts.models import User
from tutor_project.accounts.services.signing_in import password_confirm
from tutor_project.accounts.services.tokens import token_create, token_revoke_all
from tutor_project.common.doors import Door, attempt, knock

log = structlog.get_logger(__name__)


def password_ensure_strong(password: str, user: User) -> None:
    """Raise PasswordWeak with the reasons when the password fails the validators."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise PasswordWeak(reasons=" ".join(error.messages), attr="password") from error


def password_change(
    *, user: User, current_password: str, new_password: str, address: str
) -> tuple[User, str, datetime]:
    """Change the password; every sign-in ends, and the caller gets a new token: ``(user, token, expiry)``.

    Raises PasswordWrong, PasswordWeak, TooManyAttempts or SignInBusy.
    """
    password_confirm(user=user, password=current_password, address=address, attr="current_password")
    password_ensure_strong(new_password, user)
    user.set_password(new_password)
    with transaction.atomic():
        _password_store(user, user.password)
        return token_create(user=user)


def password_reset_request(*, email: str, address: str) -> None:
    """Have a link sent to the address if an account has verified it; whether one has is not told, not even by the clock.

    Raises TooManyAttempts.
    """
    knock(Door.RESET, address=address, account=folded(email))
    mails.reset_send(email=email)


def password_reset_confirm(*, token: str, new_password: str, address: str) -> None:
    """Set a new password with the token of a link, which is used up; every sign-in of the account ends.

    Raises LinkInvalid, PasswordWeak, TooManyAttempts or SignInBusy.
    """
    with attempt(Door.TOKEN, address=address) as made:
        user = reset_token_user(token)
        password_ensure_strong(new_password, user)
        user.set_password(new_password)
        with transaction.atomic():
            present = User.objects.select_for_update().get(pk=user.pk)
            if not default_token_generator.check_token(present, reset_token_of(token)):
                raise LinkInvalid(attr="token")  # another request with the same link was faster
            _password_store(present, user.password)
        made.succeeded()


def _password_store(user: User, encoded: str) -> None:
    User.objects.filter(pk=user.pk).update(password=encoded)
    token_revoke_all(user=user)
    mails.notice_send(user=user, subject="password_changed")
    log.info("password_changed", user_id=str(user.pk))
