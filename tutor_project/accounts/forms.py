"""The console's forms of accounts."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from unfold.forms import AuthenticationForm, UserChangeForm, UserCreationForm

from tutor_project.accounts.selectors import address_problem, name_problem
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


class AccountChangeForm(_FreeNames, UserChangeForm):
    """An account that exists."""


class AccountCreationForm(_FreeNames, UserCreationForm):
    """A new account."""
