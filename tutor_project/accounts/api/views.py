"""Account endpoints (row A1)."""

from __future__ import annotations

from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tutor_project.accounts import services
from tutor_project.accounts.api.serializers import LoginSerializer, RegisterSerializer, TokenSerializer, UserSerializer
from tutor_project.accounts.models import User
from tutor_project.common.api.throttling import LoginThrottle


def _token_response(user: Any, token: str, expiry: Any, *, status_code: int) -> Response:
    body = TokenSerializer({"token": token, "expiry": expiry, "user": user}).data
    return Response(body, status=status_code)


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
        user = services.user_register(**serializer.validated_data)
        return _token_response(*services.token_create(user=user), status_code=status.HTTP_201_CREATED)


class LoginView(APIView):
    """Exchange credentials for a token."""

    permission_classes = [AllowAny]
    authentication_classes = []
    throttle_classes = [LoginThrottle]
    throttle_scope = "login"

    @extend_schema(operation_id="auth_login", request=LoginSerializer, responses={200: TokenSerializer}, tags=["auth"])
    def post(self, request: Request) -> Response:
        """Log in."""
        serializer = LoginSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return _token_response(*services.user_login(**serializer.validated_data), status_code=status.HTTP_200_OK)


class LogoutView(APIView):
    """Revoke the token of this request."""

    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="auth_logout", request=None, responses={204: None}, tags=["auth"])
    def post(self, request: Request) -> Response:
        """Log out."""
        services.token_revoke(token=request.auth)  # type: ignore[arg-type]
        return Response(status=status.HTTP_204_NO_CONTENT)


class LogoutAllView(APIView):
    """Revoke every token of the caller."""

    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="auth_logout_all", request=None, responses={204: None}, tags=["auth"])
    def post(self, request: Request) -> Response:
        """Log out everywhere."""
        services.token_revoke_all(user=cast(User, request.user))
        return Response(status=status.HTTP_204_NO_CONTENT)


class MeView(APIView):
    """Who the caller is."""

    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="auth_me", responses={200: UserSerializer}, tags=["auth"])
    def get(self, request: Request) -> Response:
        """Return the caller."""
        return Response(UserSerializer(cast(User, request.user)).data)
