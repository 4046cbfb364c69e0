"""Account endpoints: register, log in and out."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tutor_project.accounts.api.serializers import (
    LoginSerializer,
    ProfileSerializer,
    RegisterSerializer,
    TokenSerializer,
    UserSerializer,
)
from tutor_project.accounts.models import User
from tutor_project.accounts.services.profile import profile_update
from tutor_project.accounts.services.registration import user_register
from tutor_project.accounts.services.signing_in import user_login
from tutor_project.accounts.services.tokens import token_create, token_revoke, token_revoke_all
from tutor_project.common.doors import address_of


def token_response(user: User, token: str, expiry: datetime, *, status_code: int = status.HTTP_200_OK) -> Response:
    """Return a fresh token with its owner."""
    return Response(TokenSerializer({"token": token, "expiry": expiry, "user": user}).data, status=status_code)


class RegisterView(APIView):
    """Create an account."""

    permission_classes = [AllowAny]
    authentication_classes = []
    throttle_scope = "register"

    @extend_schema(
        operation_id="auth_register", request=RegisterSerializer, responses={201: TokenSerializer}, tags=["auth"]
    )
    def post(self, request: Request) -> Response:
        """Register and log in."""
        serializer = RegisterSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        user = user_register(**serializer.validated_data)
        return token_response(*token_create(user=user), status_code=status.HTTP_201_CREATED)


class LoginView(APIView):
    """Exchange credentials for a token."""

    permission_classes = [AllowAny]
    authentication_classes = []

    @extend_schema(operation_id="auth_login", request=LoginSerializer, responses={200: TokenSerializer}, tags=["auth"])
    def post(self, request: Request) -> Response:
        """Log in."""
        serializer = LoginSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return token_response(*user_login(**serializer.validated_data, address=address_of(request)))


class LogoutView(APIView):
    """Revoke the token of this request."""

    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="auth_logout", request=None, responses={204: None}, tags=["auth"])
    def post(self, request: Request) -> Response:
        """Log out."""
        token_revoke(token=request.auth)  # type: ignore[arg-type]
        return Response(status=status.HTTP_204_NO_CONTENT)


class LogoutAllView(APIView):
    """Revoke every token of the caller."""

    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="auth_logout_all", request=None, responses={204: None}, tags=["auth"])
    def post(self, request: Request) -> Response:
        """Log out everywhere."""
        token_revoke_all(user=cast(User, request.user))
        return Response(status=status.HTTP_204_NO_CONTENT)


class MeView(APIView):
    """Who the caller is."""

    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="auth_me", responses={200: UserSerializer}, tags=["auth"])
    def get(self, request: Request) -> Response:
        """Return the caller."""
        return Response(UserSerializer(cast(User, request.user)).data)

    @extend_schema(
        operation_id="auth_me_update", request=ProfileSerializer, responses={200: UserSerializer}, tags=["auth"]
    )
    def patch(self, request: Request) -> Response:
        """Change the caller's address (with the password), time zone, language or the name shown."""
        serializer = ProfileSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        user = profile_update(user=cast(User, request.user), address=address_of(request), **serializer.validated_data)
        return Response(UserSerializer(user).data)
