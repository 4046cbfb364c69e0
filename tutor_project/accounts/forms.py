"""The console's forms of accounts."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.forms import ModelForm
from unfold.forms import AdminOwnPasswordChangeForm, AuthenticationForm, UserChangeForm, UserCreationForm

from tutor_project.accounts.errors import PasswordWrong
from tutor_project.accounts.rights import not_ones_own
from tutor_project.accounts.selectors import address_problem, name_problem
from tutor_project.accounts.services.signing_in import password_confirm
from tutor_project.common.doors import TooManyAttempts
from tutor_project.common.errors import DomainError, ServiceUnavailable


class ConsoleSignInForm(AuthenticationForm):
    """The log-in of the console; ``refusal`` is set when the attempt was not judged at all."""

    refusal: DomainError | None = None

    def clean(self) -> Any:
        """Check the credentials; a door that is closed for now is said like any other error of the form."""
        try:
            return super().clean()
        except (TooManyAttempts, ServiceUnavailable) as error:
            self.refusal = error
            raise ValidationError(error.message, code=error.code) from error


class OwnPasswordForm(AdminOwnPasswordChangeForm):
    """A new password of one's own: the old one is asked for at the door of all passwords; ``refusal`` as above."""

    refusal: DomainError | None = None

    def __init__(self, *args: Any, address: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._address = address

    def clean_old_password(self) -> str:
        """Check the old password, counted like every other attempt at the account."""
        password: str = self.cleaned_data["old_password"]
        try:
            password_confirm(user=self.user, password=password, address=self._address)
        except PasswordWrong as error:
            raise ValidationError(error.message, code=error.code) from error
        except (TooManyAttempts, ServiceUnavailable) as error:
            self.refusal = error
            raise ValidationError(error.message, code=error.code) from error
        return password


class OnesOwnToGive:
    """Rights are given by those who have them; ``actor`` is whoever fills the form in."""

    actor: Any = None
    given = ("groups", "user_permissions", "permissions")

    def clean(self) -> Any:
        cleaned: dict[str, Any] = super().clean() or {}  # type: ignore[misc]
        for field in self.given:
            if lacking := not_ones_own(self.actor, cleaned.get(field) or ()):
                names = ", ".join(str(item) for item in lacking[:5])
                self._refuse(field, f"You cannot give rights that you do not have: {names}.")
        if cleaned.get("is_superuser") and not self.actor.is_superuser:
            self._refuse("is_superuser", "Only a superuser makes a superuser.")
        return cleaned

    def _refuse(self, field: str, sentence: str) -> None:
        self.add_error(field, ValidationError(sentence, code="not_yours_to_give"))  # type: ignore[attr-defined]


class RoleForm(OnesOwnToGive, ModelForm):  # type: ignore[type-arg]
    """A role and what it may do."""


class _FreeNames:
    """Names and addresses obey the rules of registration, except those an account has already."""

    def clean(self) -> Any:
        cleaned: dict[str, Any] = super().clean()  # type: ignore[misc]
        rules = {"username": name_problem, "email": address_problem}
        for field, problem_of in rules.items():
            if field not in self.changed_data or not cleaned.get(field):  # type: ignore[attr-defined]
                continue
            problem = problem_of(cleaned[field], user_id=self.instance.pk)  # type: ignore[attr-defined]
            if problem is not None:
                self.add_error(field, ValidationError(problem.message, code=problem.code))  # type: ignore[attr-defined]
        return cleaned


class AccountChangeForm(_FreeNames, OnesOwnToGive, UserChangeForm):
    """An account that exists."""


class AccountCreationForm(_FreeNames, UserCreationForm):
    """A new account."""
