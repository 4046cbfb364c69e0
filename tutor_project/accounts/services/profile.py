"""What people say of themselves, and the proof that an address is theirs."""

from __future__ import annotations

from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone

from tutor_project.accounts import mails
from tutor_project.accounts.domain.names import folded
from tutor_project.accounts.errors import AccountExists, NoAddress, PasswordNeeded
from tutor_project.accounts.links import verification_token_user
from tutor_project.accounts.models import User
from tutor_project.accounts.selectors import address_problem
from tutor_project.accounts.services.names import names_lock
from tutor_project.accounts.services.signing_in import password_confirm
from tutor_project.common.doors import Door, attempt, knock

log = structlog.get_logger(__name__)


def profile_update(*, user: User, address: str, current_password: str | None = None, **fields: Any) -> User:
    """Change ``email``, ``time_zone``, ``language`` or ``display_name``; ``address`` is where the request comes from.

    Another e-mail address asks for the password, and counts when it was verified. Raises PasswordNeeded, PasswordWrong,
    AccountExists, TooManyAttempts or SignInBusy.
    """
    changes_email = "email" in fields and fields["email"] != user.email
    if changes_email:
        if current_password is None:
            raise PasswordNeeded(attr="current_password")
        password_confirm(user=user, password=current_password, address=address, attr="current_password")
    with transaction.atomic():
        names_lock()
        present = User.objects.select_for_update().get(pk=user.pk)
        if changes_email:
            _email_replace(present, fields["email"])
        for name, value in fields.items():
            setattr(present, name, value)
        present.save(update_fields=[*fields, "email_verified_at", "updated_at"])
        if changes_email and present.email and not present.email_verified:
            mails.verification_send(user=present)
    return present


def _email_replace(user: User, email: str) -> None:
    problem = address_problem(email, user_id=user.pk)
    if problem is not None:
        raise problem
    mails.notice_send(user=user, subject="address_changed")
    if folded(email) != folded(user.email):
        user.email_verified_at = None
    user.email = email


def email_verification_request(*, user: User, address: str) -> None:
    """Have the link sent once more; raises NoAddress or TooManyAttempts."""
    if not user.email:
        raise NoAddress
    knock(Door.RESET, address=address, account=folded(user.email))
    mails.verification_send(user=user)


def email_verify(*, token: str, address: str) -> User:
    """Note that the address is the account's own; a second time changes nothing. Raises LinkInvalid, AccountExists or
    TooManyAttempts.
    """
    with attempt(Door.TOKEN, address=address) as made:
        user = verification_token_user(token)
        if not user.email_verified:
            _email_mark_verified(user)
        made.succeeded()
    return user


@transaction.atomic
def _email_mark_verified(user: User) -> None:
    names_lock()
    if address_problem(user.email, user_id=user.pk) is not None:
        raise AccountExists(attr="email")
    user.email_verified_at = timezone.now()
    try:
        user.save(update_fields=["email_verified_at", "updated_at"])
    except IntegrityError as error:
        raise AccountExists(attr="email") from error
    log.info("email_verified", user_id=str(user.pk))
