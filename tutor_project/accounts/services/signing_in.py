"""The log-in of every door: API and console come through here."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import update_last_login

from tutor_project.accounts.domain.names import folded
from tutor_project.accounts.errors import CredentialsInvalid, PasswordWrong
from tutor_project.accounts.models import User
from tutor_project.accounts.selectors import user_named
from tutor_project.accounts.services.tokens import token_create
from tutor_project.common.doors import Door, attempt


def credentials_check(*, name: str, password: str, address: str) -> User:
    """Return the account of a user name or e-mail address and its password; ``address`` is where the attempt comes from.

    Raises CredentialsInvalid, TooManyAttempts, SignInBusy, and ServiceUnavailable while attempts cannot be counted.
    """
    user = user_named(name)
    account = str(user.pk) if user is not None else folded(name)
    with attempt(Door.PASSWORD, address=address, account=account) as made:
        if user is None:
            User().set_password(password)  # takes as long as a wrong password: who exists is not told by the clock
            raise CredentialsInvalid
        if not user.check_password(password) or not user.is_active:
            raise CredentialsInvalid
        made.succeeded()
    return user


def password_confirm(*, user: User, password: str, address: str, attr: str = "password") -> None:
    """Check the password of somebody who is signed in; raises PasswordWrong and what ``credentials_check`` raises."""
    with attempt(Door.PASSWORD, address=address, account=str(user.pk)) as made:
        if not user.check_password(password):
            raise PasswordWrong(attr=attr)
        made.succeeded()


def user_login(*, username: str, password: str, address: str) -> tuple[User, str, datetime]:
    """Log in; returns ``(user, token, expiry)``. Raises what ``credentials_check`` raises."""
    user = credentials_check(name=username, password=password, address=address)
    update_last_login(User, user)
    return token_create(user=user)
