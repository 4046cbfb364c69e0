"""New accounts."""

from __future__ import annotations

import structlog
from django.db import IntegrityError, transaction

from tutor_project.accounts.errors import AccountExists, RegistrationClosed
from tutor_project.accounts.mails import verification_send
from tutor_project.accounts.models import User
from tutor_project.accounts.selectors import address_problem, name_problem
from tutor_project.accounts.services.names import names_lock
from tutor_project.accounts.services.passwords import password_ensure_strong
from tutor_project.common import runtime

log = structlog.get_logger(__name__)


def user_register(*, username: str, password: str, email: str = "") -> User:
    """Create a learner; a link to verify the address is sent. Raises RegistrationClosed, NameRefused, PasswordWeak,
    AccountExists or SignInBusy.
    """
    if not runtime.get_bool("REGISTRATION_OPEN"):
        raise RegistrationClosed
    user = User(username=username, email=email)
    password_ensure_strong(password, user)
    _ensure_free(user)  # before the password is hashed, which costs far more
    user.set_password(password)  # and that before the transaction, which would hold a connection meanwhile
    _store(user)
    log.info("user_registered", user_id=str(user.pk))
    return user


@transaction.atomic
def _store(user: User) -> None:
    names_lock()
    _ensure_free(user)
    try:
        user.save(force_insert=True)
    except IntegrityError as error:
        raise AccountExists(attr="username") from error
    if user.email:
        verification_send(user=user)


def _ensure_free(user: User) -> None:
    problem = name_problem(user.username) or address_problem(user.email)
    if problem is not None:
        raise problem
