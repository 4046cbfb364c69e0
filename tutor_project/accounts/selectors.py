"""Reads on accounts: who is meant by a name, and whether a name or an address is still free."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from tutor_project.accounts.domain.names import disguised, folded, skeleton
from tutor_project.accounts.errors import AccountExists, NameRefused
from tutor_project.accounts.models import User
from tutor_project.common.errors import DomainError


def user_named(name: str) -> User | None:
    """Return the account that somebody who types ``name`` means: a user name first, exactly or in any case, then an address."""
    name = name.strip()
    exact = User.objects.filter(username=name).first()
    if exact is not None:
        return exact
    named = User.objects.filter(username__iexact=folded(name)).first()
    return named or (user_addressed(name) if "@" in name else None)


def user_addressed(address: str) -> User | None:
    """Return the account of an address: the one that has verified it, else the only one that gave it."""
    holders = list(
        User.objects.filter(email__iexact=folded(address)).order_by("email_verified_at")[:2]  # PostgreSQL: nulls last
    )
    if len(holders) == 1 or (holders and holders[0].email_verified):
        return holders[0]
    return None


def name_problem(username: str, *, user_id: UUID | None = None) -> DomainError | None:
    """Return why an account (``user_id``, or a new one) may not have this user name, or None."""
    if disguised(username):
        return NameRefused(attr="username")
    taken = Q(username__iexact=folded(username)) | Q(name_skeleton=skeleton(username))
    if _others(user_id).filter(taken | Q(email__iexact=folded(username))).exists():
        return AccountExists(attr="username")
    return None


def address_problem(email: str, *, user_id: UUID | None = None) -> DomainError | None:
    """Return why an account may not have this address, or None: it is another's name, or another has verified it."""
    verified = Q(email__iexact=folded(email), email_verified_at__isnull=False)
    if email and _others(user_id).filter(verified | Q(username__iexact=folded(email))).exists():
        return AccountExists(attr="email")
    return None


def _others(user_id: UUID | None) -> QuerySet[User]:
    return User.objects.exclude(pk=user_id) if user_id is not None else User.objects.all()
