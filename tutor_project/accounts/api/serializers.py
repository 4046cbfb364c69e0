"""Shapes of the account endpoints."""

from __future__ import annotations

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.utils.translation import gettext
from rest_framework import serializers

from tutor_project.accounts.models import User


@cache
def time_zones() -> frozenset[str]:
    """Return the names of the IANA time zones this installation knows."""
    return frozenset(available_timezones())


class PasswordField(serializers.CharField):
    """A password: bounded, and taken exactly as it was typed."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=1024, trim_whitespace=False, write_only=True, **kwargs)


class UserSerializer(serializers.ModelSerializer[User]):
    """Who somebody is; never the password or tokens. ``email`` is empty for an account that gave none."""

    email = serializers.CharField(read_only=True)
    email_verified = serializers.BooleanField(read_only=True)

    class Meta:
        model = User
        fields = [
            "id", "username", "display_name", "email", "email_verified", "time_zone", "language", "first_name", "last_name",
            "is_staff", "date_joined",
        ]  # fmt: skip
        read_only_fields = fields


class ProfileSerializer(serializers.Serializer[Any]):
    """What people may change of their account; another ``email`` needs ``current_password`` beside it."""

    email = serializers.EmailField(required=False, allow_blank=True, max_length=254)
    current_password = PasswordField(required=False)
    time_zone = serializers.CharField(required=False, max_length=64, help_text="An IANA name, e.g. Europe/Berlin.")
    language = serializers.ChoiceField(choices=settings.LANGUAGES, required=False, allow_null=True)
    display_name = serializers.CharField(required=False, allow_blank=True, max_length=150)

    def validate_time_zone(self, name: str) -> str:
        """Accept the zones that exist."""
        if name not in time_zones():
            raise serializers.ValidationError(
                gettext("There is no such time zone. Give an IANA name, for example Europe/Berlin.")
            )
        return name


class RegisterSerializer(serializers.Serializer[Any]):
    """A new account; without a user name the e-mail address serves as one."""

    username = serializers.CharField(max_length=150, required=False, validators=[UnicodeUsernameValidator()])
    email = serializers.EmailField(required=False, allow_blank=True, default="", max_length=254)
    password = PasswordField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Require a name of some kind."""
        attrs.setdefault("username", attrs["email"])
        if not attrs["username"] or len(attrs["username"]) > 150:
            raise serializers.ValidationError({"username": gettext("Give a user name, or a shorter e-mail address.")})
        return attrs


class LoginSerializer(serializers.Serializer[Any]):
    """Credentials; ``username`` may hold the e-mail address, or ``email`` may be given instead."""

    username = serializers.CharField(max_length=254, required=False)
    email = serializers.CharField(max_length=254, required=False)
    password = PasswordField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Require a name of some kind."""
        name = attrs.get("username") or attrs.get("email")
        if not name:
            raise serializers.ValidationError({"username": gettext("Give your user name or e-mail address.")})
        return {"username": name, "password": attrs["password"]}


class TokenSerializer(serializers.Serializer[Any]):
    """A fresh token; it is shown once and stored hashed."""

    token = serializers.CharField()
    expiry = serializers.DateTimeField()
    user = UserSerializer()


class PasswordChangeSerializer(serializers.Serializer[Any]):
    """The password as it is, and as it shall be."""

    current_password = PasswordField()
    new_password = PasswordField()


class PasswordResetSerializer(serializers.Serializer[Any]):
    """The verified address of the account."""

    email = serializers.EmailField(max_length=254)


class PasswordResetConfirmSerializer(serializers.Serializer[Any]):
    """The token of the link, and the new password."""

    token = serializers.CharField(max_length=200)
    new_password = PasswordField()


class EmailVerifySerializer(serializers.Serializer[Any]):
    """The token of the link; without one, who is signed in gets the mail once more."""

    token = serializers.CharField(max_length=1000, required=False)


class EmailVerifiedSerializer(serializers.Serializer[Any]):
    """The address, and whether it counts now."""

    email = serializers.CharField()
    email_verified = serializers.BooleanField()
