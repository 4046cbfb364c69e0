"""Routes of the account endpoints, under ``/api/v1/auth``."""

from __future__ import annotations

from django.urls import path

from tutor_project.accounts.api import views, views_recovery

urlpatterns = [
    path("register", views.RegisterView.as_view(), name="auth-register"),
    path("login", views.LoginView.as_view(), name="auth-login"),
    path("logout", views.LogoutView.as_view(), name="auth-logout"),
    path("logout-all", views.LogoutAllView.as_view(), name="auth-logout-all"),
    path("email/verify", views_recovery.EmailVerifyView.as_view(), name="auth-email-verify"),
    path("password/change", views_recovery.PasswordChangeView.as_view(), name="auth-password-change"),
    path("password/reset", views_recovery.PasswordResetView.as_view(), name="auth-password-reset"),
    path(
        "password/reset/confirm",
        views_recovery.PasswordResetConfirmView.as_view(),
        name="auth-password-reset-confirm",
    ),
    path("me", views.MeView.as_view(), name="auth-me"),
]
