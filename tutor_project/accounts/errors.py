"""The errors of accounts."""

from __future__ import annotations

from tutor_project.common.errors import Conflict, DomainError, InvalidInput, PermissionDenied, ServiceUnavailable


class RegistrationClosed(PermissionDenied):
    """403: operators have switched registration off."""

    code = "registration_closed"
    detail = "Registration is closed. Ask an administrator for an account."


class AccountExists(Conflict):
    """409: the name or the address is taken, or looks like one that is."""

    code = "account_exists"
    detail = "An account with this user name or e-mail address, or one that looks like it, exists. Log in, or choose another."


class NameRefused(InvalidInput):
    """400: the name is made of characters that disguise it."""

    code = "name_refused"
    detail = "A user name is written in one script, with ordinary characters. Write it without look-alike letters."


class PasswordWeak(DomainError):
    """400: the password fails the validators."""

    code = "password_weak"
    detail = "The password is too weak: {reasons}"


class PasswordWrong(DomainError):
    """403: somebody signed in gave a wrong password where it is asked for again."""

    code = "password_wrong"
    status = 403
    detail = "The password is wrong. Give the one you sign in with."


class PasswordNeeded(InvalidInput):
    """400: changing the address asks for the password."""

    code = "password_needed"
    detail = "Give your current_password as well: changing the e-mail address asks for it."


class CredentialsInvalid(DomainError):
    """401: no account with this name and password; which of the two is wrong is not said."""

    code = "credentials_invalid"
    status = 401
    detail = "The user name or the password is wrong."


class LinkInvalid(InvalidInput):
    """400: the token of a link is unknown, used, or too old."""

    code = "link_invalid"
    detail = "This link is no longer good: it was used, is too old, or is incomplete. Ask for a new one."


class NoAddress(Conflict):
    """409: there is no address to be verified."""

    code = "no_address"
    detail = "Your account has no e-mail address. Add one with PATCH /api/v1/auth/me first."


class SignInBusy(ServiceUnavailable):
    """503: as many passwords are being checked as may be at a time."""

    code = "sign_in_busy"
    detail = "Many people are signing in at this moment. Try again in a second."
