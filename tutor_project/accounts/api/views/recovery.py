"""Passwords changed and forgotten, addresses verified."""

from __future__ import annotations

from typing import Any, cast

from django.shortcuts import render
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tutor_project.accounts.api.serializers import (
    EmailVerifiedSerializer,
    EmailVerifySerializer,
    PasswordChangeSerializer,
    PasswordResetConfirmSerializer,
    PasswordResetSerializer,
    TokenSerializer,
)
from tutor_project.accounts.api.views.accounts import token_response
from tutor_project.accounts.models import User
from tutor_project.accounts.services import passwords, profile
from tutor_project.common.doors import address_of


class PasswordChangeView(APIView):
    """The caller's password."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="auth_password_change",
        request=PasswordChangeSerializer,
        responses={200: TokenSerializer},
        tags=["auth"],
    )
    def post(self, request: Request) -> Response:
        """Change the password: every sign-in ends, and the answer holds a new token."""
        serializer = PasswordChangeSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return token_response(
            *passwords.password_change(
                user=cast(User, request.user), address=address_of(request), **serializer.validated_data
            )
        )


class PasswordResetView(APIView):
    """A forgotten password."""

    permission_classes = [AllowAny]
    authentication_classes = []

    @extend_schema(
        operation_id="auth_password_reset", request=PasswordResetSerializer, responses={202: None}, tags=["auth"]
    )
    def post(self, request: Request) -> Response:
        """Have a link sent to a verified address; the answer is the same whether or not an account has it."""
        serializer = PasswordResetSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        passwords.password_reset_request(address=address_of(request), **serializer.validated_data)
        return Response(status=status.HTTP_202_ACCEPTED)


class PasswordResetConfirmView(APIView):
    """The way back in."""

    permission_classes = [AllowAny]
    authentication_classes = []

    @extend_schema(
        operation_id="auth_password_reset_confirm",
        request=PasswordResetConfirmSerializer,
        responses={204: None},
        tags=["auth"],
    )
    def post(self, request: Request) -> Response:
        """Set a new password with the token of a link: it works once, within the hour, and ends every sign-in."""
        serializer = PasswordResetConfirmSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        passwords.password_reset_confirm(address=address_of(request), **serializer.validated_data)
        return Response(status=status.HTTP_204_NO_CONTENT)


class EmailVerifyView(APIView):
    """The proof that an address is the account's own."""

    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="auth_email_verify_link",
        parameters=[OpenApiParameter("token", str, required=True, description="The token of the link in the mail.")],
        responses={200: EmailVerifiedSerializer},
        tags=["auth"],
    )
    def get(self, request: Request) -> Any:
        """Verify by the link of the mail; a browser gets a page, everybody else JSON."""
        serializer = EmailVerifySerializer(data=request.query_params)
        serializer.is_valid(raise_exception=True)
        user = profile.email_verify(token=serializer.validated_data.get("token", ""), address=address_of(request))
        if "text/html" in request.headers.get("Accept", ""):
            return render(request._request, "email_verified.html", {"email": user.email})
        return _verified(user)

    @extend_schema(
        operation_id="auth_email_verify",
        request=EmailVerifySerializer,
        responses={200: EmailVerifiedSerializer, 202: None},
        tags=["auth"],
    )
    def post(self, request: Request) -> Response:
        """Verify by a token; without one the caller gets the mail once more (202)."""
        serializer = EmailVerifySerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        token = serializer.validated_data.get("token")
        if token is not None:
            return _verified(profile.email_verify(token=token, address=address_of(request)))
        if not request.user.is_authenticated:
            raise NotAuthenticated
        profile.email_verification_request(user=request.user, address=address_of(request))
        return Response(status=status.HTTP_202_ACCEPTED)


def _verified(user: User) -> Response:
    return Response(EmailVerifiedSerializer(user).data)
