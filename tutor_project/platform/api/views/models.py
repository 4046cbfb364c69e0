"""Model profiles: which model serves which task, and whether it answers (administrators)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tutor_project.common.api import limits
from tutor_project.common.api.authentication import user_id
from tutor_project.common.api.idempotency import idempotent
from tutor_project.common.api.permissions import MANAGES_MODELS, staff_with
from tutor_project.common.api.waiting import FinalAnswer, waiting
from tutor_project.common.console.audit import deed_record
from tutor_project.llm.examine import aexamine
from tutor_project.llm.profiles import TASKS
from tutor_project.llm.types import Caller
from tutor_project.platform import profiles
from tutor_project.platform.models import ModelProfile

_EFFORTS = [*ModelProfile._meta.get_field("reasoning_effort").flatchoices]


class ProfileWriteSerializer(serializers.Serializer[Any]):
    """A profile as it is written; ``api_key`` is never read back."""

    name = serializers.CharField(max_length=80)
    provider = serializers.ChoiceField(choices=ModelProfile.Provider.choices)
    model = serializers.CharField(max_length=100)
    base_url = serializers.CharField(max_length=500, required=False, allow_blank=True)
    api_key = serializers.CharField(max_length=500, required=False, allow_blank=True, write_only=True)
    tasks = serializers.ListField(child=serializers.ChoiceField(choices=TASKS), required=False, max_length=limits.ITEMS)
    context_tokens = serializers.IntegerField(min_value=1024, max_value=10_000_000, required=False)
    timeout_seconds = serializers.FloatField(min_value=1, max_value=3600, required=False)
    seconds_per_token = serializers.FloatField(min_value=0, max_value=60, required=False)
    reasoning_effort = serializers.ChoiceField(choices=[("", "none"), *_EFFORTS], required=False)
    prompt_usd = serializers.DecimalField(14, 6, min_value=0, required=False, allow_null=True)
    completion_usd = serializers.DecimalField(14, 6, min_value=0, required=False, allow_null=True)
    enabled = serializers.BooleanField(required=False)

    def validate_tasks(self, tasks: list[str]) -> list[str]:
        """Keep each task once."""
        return list(dict.fromkeys(tasks))


class StandingSerializer(serializers.Serializer[Any]):
    """What is known of the model's server; ``answers`` is null while nobody has asked it."""

    answers = serializers.BooleanField(allow_null=True)
    error_code = serializers.CharField(allow_blank=True)
    since = serializers.DateTimeField(allow_null=True)
    seen_at = serializers.DateTimeField(allow_null=True)
    capabilities = serializers.DictField()


@extend_schema_serializer(component_name="Profile")
class ModelProfileSerializer(serializers.Serializer[Any]):
    """A profile; the environment's has the id ``environment`` and is changed there."""

    id = serializers.CharField()
    source = serializers.ChoiceField(choices=["environment", "console"])  # type: ignore[assignment]
    name = serializers.CharField()
    provider = serializers.CharField(allow_null=True)
    model = serializers.CharField(allow_null=True)
    base_url = serializers.CharField(allow_null=True, allow_blank=True)
    has_key = serializers.BooleanField()
    tasks = serializers.ListField(child=serializers.CharField())
    context_tokens = serializers.IntegerField(allow_null=True)
    timeout_seconds = serializers.FloatField(allow_null=True)
    seconds_per_token = serializers.FloatField(allow_null=True)
    reasoning_effort = serializers.CharField(allow_null=True, allow_blank=True)
    prompt_usd = serializers.DecimalField(14, 6, allow_null=True)
    completion_usd = serializers.DecimalField(14, 6, allow_null=True)
    enabled = serializers.BooleanField()
    problem = serializers.CharField(allow_null=True)
    standing = StandingSerializer()
    created_at = serializers.DateTimeField(allow_null=True)
    updated_at = serializers.DateTimeField(allow_null=True)


class ProfileListSerializer(serializers.Serializer[Any]):
    """All profiles, the environment's first, and the id of the one that serves each task."""

    results = ModelProfileSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    tasks = serializers.DictField(child=serializers.CharField(allow_null=True))


class ExaminationSerializer(serializers.Serializer[Any]):
    """What a test found; ``advice`` says what to set."""

    id = serializers.CharField()
    model = serializers.CharField()
    answers = serializers.BooleanField()
    error_code = serializers.CharField(allow_blank=True)
    error = serializers.CharField(allow_blank=True)
    structured = serializers.BooleanField()
    native_schema = serializers.BooleanField()
    streams = serializers.BooleanField()
    first_token_seconds = serializers.FloatField(allow_null=True)
    tokens_per_second = serializers.FloatField(allow_null=True)
    tokens_read_per_second = serializers.FloatField(allow_null=True)
    context_tokens = serializers.IntegerField(allow_null=True)
    models = serializers.ListField(child=serializers.CharField())
    advice = serializers.ListField(child=serializers.CharField())


class ModelListView(APIView):
    """All model profiles."""

    permission_classes = [staff_with(MANAGES_MODELS)]

    @extend_schema(operation_id="system_models_list", responses=ProfileListSerializer, tags=["system"])
    def get(self, request: Request) -> Response:
        """List the profiles and which of them serves which task."""
        return Response(ProfileListSerializer(profiles.profiles_shown()).data)

    @extend_schema(
        operation_id="system_models_create",
        request=ProfileWriteSerializer,
        responses={201: ModelProfileSerializer},
        tags=["system"],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Add a profile; a task it claims is taken from the profile that had it."""
        serializer = ProfileWriteSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        values = dict(serializer.validated_data)
        row = profiles.profile_create(api_key=values.pop("api_key", ""), values=values)
        deed_record(user=request.user, what=f"model profile {row.name}", message="Added.")
        return Response(ModelProfileSerializer(profiles.profile_shown(row)).data, status=201)


class ModelDetailView(APIView):
    """One model profile."""

    permission_classes = [staff_with(MANAGES_MODELS)]

    @extend_schema(
        operation_id="system_models_update",
        request=ProfileWriteSerializer,
        responses=ModelProfileSerializer,
        tags=["system"],
    )
    def patch(self, request: Request, model_id: str) -> Response:
        """Change a profile; what is not sent stays, the key too."""
        serializer = ProfileWriteSerializer(data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        values = dict(serializer.validated_data)
        row = profiles.profile_update(profile_id=model_id, api_key=values.pop("api_key", None), values=values)
        changed = ", ".join(sorted(serializer.validated_data)) or "nothing"
        deed_record(user=request.user, what=f"model profile {row.name}", message=f"Changed {changed}.")
        return Response(ModelProfileSerializer(profiles.profile_shown(row)).data)

    @extend_schema(operation_id="system_models_delete", responses={204: None}, tags=["system"])
    def delete(self, request: Request, model_id: str) -> Response:
        """Remove a profile and its key."""
        name = profiles.profile_get(model_id).name
        profiles.profile_delete(profile_id=model_id)
        deed_record(user=request.user, what=f"model profile {name}", message="Removed.")
        return Response(status=204)


class ModelTestView(APIView):
    """A test of one model."""

    permission_classes = [staff_with(MANAGES_MODELS)]
    throttle_scope = "generate"

    @extend_schema(
        operation_id="system_models_test", request=None, responses={200: ExaminationSerializer}, tags=["system"]
    )
    def post(self, request: Request, model_id: str) -> Any:
        """Ask the model two short questions and say what its server can and what to set."""
        profile = profiles.profile_usable(model_id)
        caller = Caller(user_id=str(user_id(request)))

        async def examined() -> FinalAnswer:
            found = await aexamine(profile.config, caller=caller)
            return FinalAnswer({"id": profile.id, **found.as_dict()})

        return waiting(request, examined)
