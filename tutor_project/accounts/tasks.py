"""Celery tasks of accounts: mail, tried again while the mail server does not answer."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from tutor_project.accounts import mails

RETRIED: dict[str, Any] = {"autoretry_for": (OSError,), "retry_backoff": 10, "retry_jitter": True, "max_retries": 5}
"""Errors of smtplib are OSErrors too."""


@shared_task(name="accounts.verification_mail", **RETRIED)
def verification_mail(user_id: str) -> int:
    """Send the link that verifies an address."""
    return mails.verification_deliver(user_id=user_id)


@shared_task(name="accounts.reset_mail", **RETRIED)
def reset_mail(email: str) -> int:
    """Send the link for a new password."""
    return mails.reset_deliver(email=email)


@shared_task(name="accounts.notice_mail", **RETRIED)
def notice_mail(user_id: str, subject: str, address: str) -> int:
    """Send a notice of a change."""
    return mails.notice_deliver(user_id=user_id, subject=subject, address=address)
