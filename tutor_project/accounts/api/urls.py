"""Routes of the account endpoints, under ``/api/v1/auth``."""

from __future__ import annotations

from django.urls import path

from tutor_project.accounts.api.views import accounts, recovery

urlpatterns = [
    path("register", accounts.RegisterView.as_view(), name="auth-register"),
    path("login", accounts.LoginView.as_view(), name="auth-login"),
    path("logout", accounts.LogoutView.as_view(), name="auth-logout"),
    path("logout-all", accounts.LogoutAllView.as_view(), name="auth-logout-all"),
    path("email/verify", recovery.EmailVerifyView.as_view(), name="auth-email-verify"),
    path("password/change", recovery.PasswordChangeView.as_view(), name="auth-password-change"),
    path("password/reset", recovery.PasswordResetView.as_view(), name="auth-password-reset"),
    path(
        "password/reset/confirm",
        recovery.PasswordResetConfirmView.as_view(),
        name="auth-password-reset-confirm",
    ),
    path("me", accounts.MeView.as_view(), name="auth-me"),
]
