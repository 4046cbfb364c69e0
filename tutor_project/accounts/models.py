"""The user: Django's fields under a UUIDv7 key."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Upper

from tutor_project.accounts.domain.names import skeleton
from tutor_project.common.models import new_id


class User(AbstractUser):
    """A learner or a member of staff; user names are unique without regard to case, and so are verified addresses.

    An address counts (for a log-in where others claim it too, for a reset, against other accounts) once its owner has
    opened a link sent to it: until then anybody may have typed it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    updated_at = models.DateTimeField(auto_now=True, editable=False)
    name_skeleton = models.TextField(default="", db_default="", editable=False)
    email_verified_at = models.DateTimeField("e-mail verified", null=True, editable=False)
    display_name = models.CharField(max_length=150, blank=True, default="", db_default="")
    time_zone = models.CharField(max_length=64, default="UTC", db_default="UTC")
    language = models.CharField(max_length=16, null=True, blank=True, help_text="Empty: as the browser asks.")

    class Meta:
        ordering = ["-date_joined"]
        constraints = [
            models.UniqueConstraint(Lower("username"), name="user_username_ci_unique"),
            models.UniqueConstraint(
                Lower("email"), condition=Q(email_verified_at__isnull=False), name="user_verified_email_unique"
            ),
        ]
        indexes = [
            models.Index(OpClass(Upper("username"), name="text_pattern_ops"), name="user_username_idx"),
            models.Index(OpClass(Upper("email"), name="text_pattern_ops"), name="user_email_idx"),
            models.Index(fields=["name_skeleton"], name="user_name_skeleton_idx"),
        ]

    def __str__(self) -> str:
        return self.username

    @property
    def email_verified(self) -> bool:
        """Whether the address is the account's own beyond doubt."""
        return bool(self.email) and self.email_verified_at is not None

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the name's skeleton beside the name, whoever makes or renames the account."""
        self.name_skeleton = skeleton(self.username)
        if (written := kwargs.get("update_fields")) is not None and "username" in written:
            kwargs["update_fields"] = {*written, "name_skeleton"}
        super().save(*args, **kwargs)
