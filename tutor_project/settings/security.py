"""Secrets, hosts, cookies, passwords, response headers. Safe by default."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from csp.constants import NONCE, NONE, SELF

from tutor_project.environment import EMBEDDED, VAR_DIR, env

WEAK_SECRETS = frozenset({"", "secret", "changeme", "change-me", "insecure", "django-insecure"})


def embedded_secret(path: Path) -> str:
    """Return the secret kept in ``path`` (mode 600), making one on first use; safe when raced."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as handle:
        value = secrets.token_urlsafe(50)
        handle.write(value)
    return value


SECRET_KEY = env.str("SECRET_KEY", default="") or (embedded_secret(VAR_DIR / "secret_key") if EMBEDDED else "")

MODEL_KEY_SECRETS = env.list("MODEL_KEY_SECRETS", default=[]) or (
    [embedded_secret(VAR_DIR / "model_key_secret")] if EMBEDDED else []
)
"""Secrets that the keys of model profiles are encrypted with: the first encrypts, each decrypts."""

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

HTTPS = env.bool("HTTPS", default=not EMBEDDED)
"""Served behind TLS: secure cookies, HSTS and redirects. Off only for the embedded mode on loopback."""
PUBLIC_URL = (
    env.str("PUBLIC_URL", default="")
    or (
        f"http://127.0.0.1:{env.str('PORT', default='8000')}"
        if EMBEDDED
        else f"https://{[*ALLOWED_HOSTS, 'localhost'][0]}"
    )
).rstrip("/")
"""Where people reach this service: links in mails begin with it, never with what a request calls its host."""
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
if env.bool("TRUST_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

# The middleware against forged requests is there, as a subclass that passes the API by; Django looks for its name only.
SILENCED_SYSTEM_CHECKS = ["security.W003"]

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["tutor_project.accounts.backends.AccountBackend"]
DOOR_PATHS = (
    "/api/v1/auth/login",
    "/api/v1/auth/register",
    "/api/v1/auth/password/",
    "/api/v1/users/me/erase",
    "/admin/login/",
    "/admin/password_change/",
)
"""Where passwords are hashed: a POST waits for its turn before it gets a thread."""
PASSWORD_RESET_TIMEOUT = 3600
PASSWORD_HASHERS = [
    "tutor_project.accounts.hashers.GatedArgon2Hasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "tutor_project.accounts.passwords.TokensRevokedOnChange"},
]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}
