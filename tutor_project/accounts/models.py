"""The user: Django's fields under a UUIDv7 key."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models.functions import Lower, Upper

from tutor_project.common.models import new_id


class User(AbstractUser):
    """A learner or a member of staff; user names and e-mail addresses are unique without regard to case."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    updated_at = models.DateTimeField(auto_now=True, editable=False)

    class Meta:
        ordering = ["-date_joined"]
        constraints = [
            models.UniqueConstraint(Lower("username"), name="user_username_ci_unique"),
            models.UniqueConstraint(Lower("email"), condition=~models.Q(email=""), name="user_email_ci_unique"),
        ]
        indexes = [
            models.Index(OpClass(Upper("username"), name="text_pattern_ops"), name="user_username_idx"),
            models.Index(OpClass(Upper("email"), name="text_pattern_ops"), name="user_email_idx"),
        ]

    def __str__(self) -> str:
        return self.username
