"""Model profiles in the console: added, changed and tested there; keys are written and never shown."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from tutor_project.common.console import ConsoleAdmin, row_action
from tutor_project.common.errors import DomainError
from tutor_project.llm.examine import examine
from tutor_project.llm.profiles import ENVIRONMENT, TASKS, Task
from tutor_project.llm.types import Caller
from tutor_project.platform import profiles
from tutor_project.platform.models import ModelProfile

FOR: dict[Task, str] = {
    "cheap": "analyses and plans, where a small model will do",
    "strong": "answers, lessons and quizzes",
    "judge": "checks questions and lessons before they are shown, once it has passed manage.py evaluate_model",
    "embedding": "vectors for the search, of documents and of questions",
}
"""What each task is, for whoever gives it to a model."""


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """A profile; the field of the key is empty each time, and empty means: as it is."""

    api_key = forms.CharField(
        label="API key",
        required=False,
        max_length=500,
        widget=UnfoldAdminTextInputWidget(attrs={"type": "password", "autocomplete": "off"}),
        help_text="Stored encrypted and never shown again. Empty: the stored one stays.",
    )
    tasks = forms.MultipleChoiceField(
        required=False,
        choices=[(task, f"{task}: {FOR[task]}") for task in TASKS],
        widget=forms.CheckboxSelectMultiple,
        help_text="A task that another profile has is taken from it. Tasks nobody has go to the environment's model.",
    )

    class Meta:
        model = ModelProfile
        fields = [*profiles.FIELDS]

    def clean(self) -> dict[str, Any]:
        """Judge the profile as the API does, by storing it; the page stores it no second time."""
        values = super().clean() or {}
        if self.errors:
            return values
        key = values.get("api_key") or None
        fields = {name: values[name] for name in profiles.FIELDS if name in values}
        try:
            if self.instance._state.adding:
                stored = profiles.profile_create(values=fields, api_key=key or "")
            else:
                stored = profiles.profile_update(profile_id=str(self.instance.pk), values=fields, api_key=key)
        except DomainError as error:
            raise forms.ValidationError({error.attr if error.attr in self.fields else "__all__": error.message})
        self.instance = stored
        return values


@admin.register(ModelProfile)
class ModelProfileAdmin(ConsoleAdmin):
    """Which model serves which task."""

    form = ProfileForm
    list_display = ["name", "provider", "model", "shown_tasks", "shown_state", "shown_speed", "has_key", "enabled"]
    search_fields = ["name", "model"]
    ordering = ["created_at"]
    actions = ["test"]
    fieldsets = [
        ("Model", {"fields": ["name", "provider", "model", "base_url", "api_key", "enabled"]}),
        ("Serves", {"fields": ["tasks"]}),
        ("Limits", {"fields": ["context_tokens", "timeout_seconds", "seconds_per_token", "reasoning_effort"]}),
        ("Price, US dollars per million tokens", {"fields": ["prompt_usd", "completion_usd"]}),
    ]

    def changelist_view(self, request: Any, extra_context: dict[str, Any] | None = None) -> Any:
        """Say which profile serves which task, the environment's among them."""
        shown = profiles.profiles_shown()
        names = {profile["id"]: profile["name"] for profile in shown["results"]}
        served = ", ".join(
            f"{task}: {names.get(by, 'built-in') if by else 'built-in'}" for task, by in shown["tasks"].items()
        )
        own = next((profile for profile in shown["results"] if profile["id"] == ENVIRONMENT), None)
        first = f"The environment's model is {own['provider']}:{own['model']}. " if own and own["model"] else ""
        messages.info(request, f"{first}Tasks are served by: {served}.")
        return super().changelist_view(request, extra_context)

    def save_model(self, request: Any, obj: ModelProfile, form: Any, change: bool) -> None:
        """The form has stored it already, by the service."""

    @display(description="Tasks")
    def shown_tasks(self, profile: ModelProfile) -> str:
        """The tasks it has been given."""
        return ", ".join(profile.tasks) or "–"

    @display(
        description="Answers", label={"yes": "success", "no": "danger", "not asked yet": "info", "unusable": "danger"}
    )
    def shown_state(self, profile: ModelProfile) -> str:
        """Whether its server answered when it was last asked."""
        shown = profiles.profile_shown(profile)
        if shown["problem"]:
            return "unusable"
        return {True: "yes", False: "no", None: "not asked yet"}[shown["standing"]["answers"]]

    @display(description="Tokens/s")
    def shown_speed(self, profile: ModelProfile) -> str:
        """How fast it wrote in its last test."""
        speed = profiles.profile_shown(profile)["standing"]["capabilities"].get("tokens_per_second")
        return "–" if speed is None else f"{speed:g}"

    @display(description="Key", boolean=True)
    def has_key(self, profile: ModelProfile) -> bool:
        """Whether a key is stored."""
        return bool(profile.key_encrypted)

    @row_action(
        description="Test", done="", permission="platform.change_modelprofile", icon="network_check", atomic=False
    )
    def test(self, request: Any, profile: ModelProfile) -> None:
        """Ask the model two short questions and show what was found."""
        found = examine(profiles.profile_usable(str(profile.pk)).config, caller=Caller(user_id=str(request.user.pk)))
        if not found.answers:
            at = f" ({profile.base_url})" if profile.base_url else ""
            messages.error(request, f"{profile.name}{at}: {found.error} {' '.join(found.advice)}".strip())
            return
        speed = f", {found.tokens_per_second:g} tokens a second" if found.tokens_per_second else ""
        schema = "takes JSON schemas" if found.native_schema else "takes no JSON schema"
        messages.success(request, f"{profile.name} answers, {schema}{speed}. {' '.join(found.advice)}")
