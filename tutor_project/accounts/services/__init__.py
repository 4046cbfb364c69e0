"""Writes on accounts. Passwords are Argon2; tokens are stored hashed only."""

from tutor_project.accounts.services.registration import user_register
from tutor_project.accounts.services.tokens import token_create, token_revoke, token_revoke_all

__all__ = ["token_create", "token_revoke", "token_revoke_all", "user_register"]
