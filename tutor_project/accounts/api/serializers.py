"""Shapes of the account endpoints (row A1)."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.validators import UnicodeUsernameValidator
from rest_framework import serializers

from tutor_project.accounts.models import User


class UserSerializer(serializers.ModelSerializer[User]):
    """Who somebody is; never the password or tokens. ``email`` is empty for an account that gave none."""

    email = serializers.CharField(read_only=True)

    class Meta:
        model = User
        fields = ["id", "username", "email", "first_name", "last_name", "is_staff", "date_joined"]
        read_only_fields = fields


class RegisterSerializer(serializers.Serializer[Any]):
    """A new account; without a user name the e-mail address serves as one."""

    username = serializers.CharField(max_length=150, required=False, validators=[UnicodeUsernameValidator()])
    email = serializers.EmailField(required=False, allow_blank=True, default="")
    password = serializers.CharField(max_length=1024, trim_whitespace=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Require a name of some kind."""
        attrs.setdefault("username", attrs["email"])
        if not attrs["username"]:
            raise serializers.ValidationError({"username": "Give a user name or an e-mail address."})
        return attrs


class LoginSerializer(serializers.Serializer[Any]):
    """Credentials; ``username`` may hold the e-mail address, or ``email`` may be given instead."""

    username = serializers.CharField(max_length=254, required=False)
    email = serializers.CharField(max_length=254, required=False)
    password = serializers.CharField(max_length=1024, trim_whitespace=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Require a name of some kind."""
        name = attrs.get("username") or attrs.get("email")
        if not name:
            raise serializers.ValidationError({"username": "Give your user name or e-mail address."})
        return {"username": name, "password": attrs["password"]}


class TokenSerializer(serializers.Serializer[Any]):
    """A fresh token; it is shown once and stored hashed."""

    token = serializers.CharField()
    expiry = serializers.DateTimeField()
    user = UserSerializer()
