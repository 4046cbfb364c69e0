"""How Django's own log-in (the console's) finds accounts: through the same door as the API's."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend

from tutor_project.accounts.errors import CredentialsInvalid
from tutor_project.accounts.models import User
from tutor_project.accounts.services.signing_in import credentials_check
from tutor_project.common.doors import address_of


class AccountBackend(ModelBackend):
    """Permissions as Django keeps them; names, addresses, throttle and gate as in ``credentials_check``."""

    def authenticate(
        self, request: Any, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """Return the account, or None; raises TooManyAttempts, SignInBusy or ServiceUnavailable."""
        if username is None or password is None:
            return None
        try:
            return credentials_check(name=username, password=password, address=address_of(request))
        except CredentialsInvalid:
            return None
