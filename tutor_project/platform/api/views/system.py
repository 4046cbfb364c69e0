"""Runtime settings and flags."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.permissions import SAFE_METHODS, IsAdminUser, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tutor_project.common import flags
from tutor_project.common.api import limits
from tutor_project.common.api.authentication import user_id
from tutor_project.platform import config, quotas
from tutor_project.platform.models import ConfigVersion


@extend_schema_field(OpenApiTypes.ANY)
class AnyValueField(serializers.JSONField):
    """A value of the setting's own type."""


class ReadsOrOperates(IsAdminUser):
    """Staff read settings; those with the operator's permission change them."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Tell whether the caller may."""
        if not super().has_permission(request, view):
            return False
        return request.method in SAFE_METHODS or bool(request.user.has_perm("platform.change_configversion"))


class SettingSerializer(serializers.Serializer[Any]):
    """A runtime setting with its bounds."""

    key = serializers.CharField()
    value = AnyValueField()
    default = AnyValueField()  # type: ignore[assignment]
    type = serializers.CharField()
    help = serializers.CharField()
    group = serializers.CharField()
    minimum = serializers.FloatField(allow_null=True)
    maximum = serializers.FloatField(allow_null=True)
    choices = serializers.ListField(child=serializers.CharField())


class SettingListSerializer(serializers.Serializer[Any]):
    """All runtime settings."""

    settings = SettingSerializer(many=True)


class SettingChangeSerializer(serializers.Serializer[Any]):
    """A new value; ``expected_version`` refuses the change when somebody else was faster."""

    value = AnyValueField()
    reason = serializers.CharField(max_length=limits.REASON, required=False, allow_blank=True, default="")
    expected_version = serializers.IntegerField(min_value=0, required=False, allow_null=True, default=None)


class RollbackSerializer(serializers.Serializer[Any]):
    """The version whose value comes back; 0 is the setting as it was before any change."""

    version = serializers.IntegerField(min_value=0)
    reason = serializers.CharField(max_length=limits.REASON, required=False, allow_blank=True, default="")


class ConfigVersionSerializer(serializers.ModelSerializer[ConfigVersion]):
    """One change: who, when, old, new, why."""

    changed_by = serializers.CharField(source="changed_by.username", allow_null=True, default=None)
    old_value = AnyValueField()
    new_value = AnyValueField()

    class Meta:
        model = ConfigVersion
        fields = ["key", "version", "old_value", "new_value", "reason", "changed_by", "created_at"]


class QuotaSerializer(serializers.Serializer[Any]):
    """A quota today: null where there is none."""

    name = serializers.ChoiceField(choices=list(quotas.SETTINGS))
    used = serializers.IntegerField()
    limit = serializers.IntegerField(allow_null=True)
    left = serializers.IntegerField(allow_null=True)


class UsageSerializer(serializers.Serializer[Any]):
    """The caller's day, by their time zone, and what is left of it."""

    day = serializers.DateField()
    resets_at = serializers.DateTimeField()
    quotas = QuotaSerializer(many=True)


class UsageView(APIView):
    """What the caller has used today, and what is left."""

    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="usage", responses=UsageSerializer, tags=["auth"])
    def get(self, request: Request) -> Response:
        """Return today's quotas of uploaded bytes, documents and generations."""
        day, resets_at, today = quotas.quotas_today(user_id=user_id(request))
        return Response(UsageSerializer({"day": day, "resets_at": resets_at, "quotas": today}).data)


class ConfigListView(APIView):
    """All runtime settings (staff)."""

    permission_classes = [IsAdminUser]

    @extend_schema(operation_id="config_list", responses=SettingListSerializer, tags=["config"])
    def get(self, request: Request) -> Response:
        """List the settings with their present values and bounds."""
        return Response({"settings": [config.setting_shown(key) for key in settings.RUNTIME_SETTINGS]})


class ConfigDetailView(APIView):
    """One runtime setting (staff)."""

    permission_classes = [ReadsOrOperates]

    @extend_schema(operation_id="config_retrieve", responses=SettingSerializer, tags=["config"])
    def get(self, request: Request, key: str) -> Response:
        """Return the setting."""
        return Response(config.setting_shown(key))

    @extend_schema(
        operation_id="config_update", request=SettingChangeSerializer, responses=SettingSerializer, tags=["config"]
    )
    def put(self, request: Request, key: str) -> Response:
        """Change the setting; the change is kept as a version."""
        serializer = SettingChangeSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        config.setting_set(key=key, user=request.user, **serializer.validated_data)
        return Response(config.setting_shown(key))


class ConfigVersionsView(APIView):
    """The history of a setting (staff)."""

    permission_classes = [IsAdminUser]

    @extend_schema(operation_id="config_versions", responses=ConfigVersionSerializer(many=True), tags=["config"])
    def get(self, request: Request, key: str) -> Response:
        """Return the versions, newest first."""
        return Response(ConfigVersionSerializer(config.setting_versions(key), many=True).data)


class ConfigRollbackView(APIView):
    """The way back (staff)."""

    permission_classes = [ReadsOrOperates]

    @extend_schema(
        operation_id="config_rollback", request=RollbackSerializer, responses={200: SettingSerializer}, tags=["config"]
    )
    def post(self, request: Request, key: str) -> Response:
        """Set the value of an earlier version again, as a new version."""
        serializer = RollbackSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        config.setting_rollback(key=key, user=request.user, **serializer.validated_data)
        return Response(config.setting_shown(key))


class FlagsSerializer(serializers.Serializer[Any]):
    """Flags as they are for the caller."""

    flags = serializers.DictField(child=serializers.BooleanField())


class FlagsView(APIView):
    """Feature flags."""

    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="flags", responses=FlagsSerializer, tags=["config"])
    def get(self, request: Request) -> Response:
        """Return the flags as they are for the caller."""
        return Response({"flags": flags.flags_for(request.user)})
