"""Mail to the owners of accounts: written and sent by a worker, after the present transaction has committed.

A message that is lost with Redis is asked for again by who misses it; nothing of an account depends on it.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import structlog
from django.core.mail import send_mail
from django.db import transaction
from kombu.exceptions import OperationalError as BrokerError

from tutor_project.accounts.links import reset_link, verification_link
from tutor_project.accounts.models import User
from tutor_project.accounts.selectors import user_addressed

log = structlog.get_logger(__name__)

QUEUE = "high"

TEXTS = {
    "verify": (
        "Confirm your e-mail address",
        "Hello {name},\n\nopen this link to confirm that this address is yours:\n\n{link}\n\n"
        "It is good for two days. If you have not given this address to us, do nothing.\n",
    ),
    "reset": (
        "A new password",
        "Hello {name},\n\nopen this link to choose a new password:\n\n{link}\n\n"
        "It is good for one hour and once. If you have not asked for it, do nothing: your password stays as it is.\n",
    ),
    "password_changed": (
        "Your password was changed",
        "Hello {name},\n\nthe password of your account was changed, and every sign-in ended.\n\n"
        "If that was not you, ask for a new password at once.\n",
    ),
    "address_changed": (
        "Your e-mail address was changed",
        "Hello {name},\n\nthe e-mail address of your account was changed to another one.\n\n"
        "If that was not you, tell whoever runs this service.\n",
    ),
}


def verification_send(*, user: User) -> None:
    """Have the link sent that verifies the account's address."""
    _on_commit("accounts.verification_mail", str(user.pk))


def reset_send(*, email: str) -> None:
    """Have a link for a new password sent, if an account has verified this address."""
    _on_commit("accounts.reset_mail", email)


def notice_send(*, user: User, subject: str, address: str | None = None) -> None:
    """Tell the owner of an account what was changed: at ``address``, by default the account's if it is verified."""
    to = address or (user.email if user.email_verified else "")
    if to:
        _on_commit("accounts.notice_mail", str(user.pk), subject, to)


def verification_deliver(*, user_id: str) -> int:
    """Send the link to an address that still waits for it; returns the number of mails sent."""
    user = User.objects.filter(pk=user_id, email_verified_at=None, is_active=True).exclude(email="").first()
    return _send("verify", user, user.email, link=verification_link(user)) if user else 0


def reset_deliver(*, email: str) -> int:
    """Send the link to the account of a verified address; returns the number of mails sent."""
    user = user_addressed(email)
    if user is None or not user.email_verified or not user.is_active:
        return 0
    return _send("reset", user, user.email, link=reset_link(user))


def notice_deliver(*, user_id: str, subject: str, address: str) -> int:
    """Send a notice; returns the number of mails sent."""
    user = User.objects.filter(pk=user_id).first()
    return _send(subject, user, address) if user else 0


def _send(subject: str, user: User, to: str, **fields: str) -> int:
    title, text = TEXTS[subject]
    sent = send_mail(title, text.format(name=user.display_name or user.username, **fields), None, [to])
    log.info("account_mail_sent", subject=subject, user_id=str(user.pk))
    return sent


def _on_commit(task: str, *args: Any) -> None:
    transaction.on_commit(partial(_publish, task, args))


def _publish(task: str, args: tuple[Any, ...]) -> None:
    from tutor_project.celery import app

    try:
        app.send_task(task, args=args, queue=QUEUE, retry=False)
    except (BrokerError, ConnectionError, OSError) as error:
        log.warning("account_mail_not_sent", task=task, error=type(error).__name__)
