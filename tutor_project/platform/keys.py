"""Keys of model providers at rest: encrypted with secrets of their own, never shown again.

The first of ``MODEL_KEY_SECRETS`` encrypts, each of them decrypts: so a new one is put in front, ``rotate_model_keys``
writes everything anew, and then the old one is taken away. AES-128-CBC with HMAC-SHA256 (Fernet); the secret is
stretched to a key by HKDF-SHA256 (RFC 5869).
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from tutor_project.common.errors import Conflict

_PURPOSE = b"ai-tutor model profile key"


class KeySecretMissing(Conflict):
    """409: this installation has nothing to encrypt keys with."""

    code = "model_key_secret_missing"
    detail = "Keys cannot be stored: set MODEL_KEY_SECRETS to 40 random characters or more, and start again."


class KeyUnreadable(Conflict):
    """409: the key was encrypted with a secret that is not among those of this installation."""

    code = "model_key_unreadable"
    detail = "The stored key cannot be read with MODEL_KEY_SECRETS. Put the old secret back, or set the key anew."


def _fernet(secret: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


def _all() -> MultiFernet:
    if not settings.MODEL_KEY_SECRETS:
        raise KeySecretMissing
    return MultiFernet([_fernet(secret) for secret in settings.MODEL_KEY_SECRETS])


def key_encrypt(key: str) -> str:
    """Return the stored form of a key, empty for an empty one; raises KeySecretMissing."""
    return _all().encrypt(key.encode()).decode() if key else ""


def key_decrypt(stored: str) -> str:
    """Return the key; raises KeySecretMissing or KeyUnreadable."""
    if not stored:
        return ""
    try:
        return _all().decrypt(stored.encode()).decode()
    except InvalidToken:
        raise KeyUnreadable from None


def key_rotate(stored: str) -> str:
    """Return the same key, encrypted with the first secret; raises KeySecretMissing or KeyUnreadable."""
    if not stored:
        return ""
    try:
        return _all().rotate(stored.encode()).decode()
    except InvalidToken:
        raise KeyUnreadable from None
