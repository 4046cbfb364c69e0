"""What follows a change of password, whoever makes it: the console, a command, or a service."""

from __future__ import annotations

from typing import Any

from tutor_project.accounts.services import token_revoke_all


class TokensRevokedOnChange:
    """In the list of password validators because Django tells those of every change; it has no opinion on passwords."""

    def validate(self, password: str, user: Any = None) -> None:
        """Accept any password."""

    def password_changed(self, password: str, user: Any = None) -> None:
        """Log the account out of the API everywhere: whoever knew the old password may hold a token."""
        if user is not None and user.pk is not None:
            token_revoke_all(user=user)

    def get_help_text(self) -> str:
        """Say nothing in forms."""
        return ""
