"""Model profiles: who may, what is kept secret, where a URL may lead, which profile serves which task."""

from __future__ import annotations

import io
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient

from sessions_app.services.engines import gateway_of_judge
from sessions_app.services.evaluation import collections_shipped
from tests.support import openai_server as serve
from tests.support.console import console_client
from tests.support.recorded_judge import Reader
from tutor_project.llm.gateway import get_gateway
from tutor_project.llm.profiles import environment_profile, model_is_configured, profile_for
from tutor_project.platform import profiles, standing
from tutor_project.platform.config import setting_set
from tutor_project.platform.keys import KeyUnreadable, key_decrypt
from tutor_project.platform.model_health import (
    models_examine,
    models_look,
    models_need_examination,
    models_not_answering,
)
from tutor_project.platform.models import ModelProfile, ModelStanding

pytestmark = pytest.mark.django_db

URL = "/api/v1/system/models"
KEY = "sk-live-do-not-show-0123456789"
PUBLIC = {"name": "Strong", "provider": "openai", "model": "gpt-test", "api_key": KEY, "tasks": ["strong"]}


@pytest.fixture(autouse=True)
def _fresh(settings: Any) -> Iterator[None]:
    settings.LLM_MODEL = ""
    settings.MODEL_KEY_SECRETS = ["a" * 40]
    profiles.profiles_forget()
    standing.standings_forget()
    yield
    profiles.profiles_forget()
    standing.standings_forget()


@pytest.fixture
def server() -> Iterator[serve.OpenAIServer]:
    with serve.OpenAIServer() as running:
        yield running


@pytest.fixture
def local(staff: Any, server: serve.OpenAIServer) -> dict[str, Any]:
    """A profile of a server on this machine, which an operator has allowed."""
    setting_set(key="MODEL_PRIVATE_ADDRESSES", value=True, user=staff)
    return {
        "name": "Here", "provider": "openai_compatible", "model": "stand-in", "base_url": server.base_url,
        "tasks": ["strong", "judge"],
    }  # fmt: skip


def created(api: APIClient, **values: Any) -> dict[str, Any]:
    response = api.post(URL, {**PUBLIC, **values}, format="json")
    assert response.status_code == 201, response.data
    profiles.profiles_forget()
    body: dict[str, Any] = response.json()
    return body


def test_a_key_is_encrypted_at_rest_and_never_shown_again(staff_api: APIClient, staff: Any) -> None:
    profile = created(staff_api)
    assert profile["has_key"] is True
    changed = staff_api.patch(f"{URL}/{profile['id']}", {"context_tokens": 64_000}, format="json")
    listed = staff_api.get(URL)
    assert changed.status_code == 200 and changed.json()["context_tokens"] == 64_000
    page = console_client(staff).get(f"/admin/platform/modelprofile/{profile['id']}/change/")
    assert page.status_code == 200
    for answer in (profile, changed.json(), listed.json(), page.content.decode()):
        assert KEY not in str(answer)
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(p)::text FROM platform_modelprofile p")
        assert KEY not in cursor.fetchone()[0]
    assert key_decrypt(ModelProfile.objects.get().key_encrypted) == KEY
    assert profile_for("strong").config.api_key == KEY


def test_secrets_are_rotated_in_three_steps(staff_api: APIClient, settings: Any) -> None:
    created(staff_api)
    settings.MODEL_KEY_SECRETS = ["b" * 40, "a" * 40]
    call_command("rotate_model_keys", stdout=io.StringIO())
    settings.MODEL_KEY_SECRETS = ["b" * 40]
    assert key_decrypt(ModelProfile.objects.get().key_encrypted) == KEY
    settings.MODEL_KEY_SECRETS = ["c" * 40]
    with pytest.raises(KeyUnreadable):
        key_decrypt(ModelProfile.objects.get().key_encrypted)
    profiles.profiles_forget()
    assert not model_is_configured("strong"), "a profile whose key cannot be read is none"
    assert "MODEL_KEY_SECRETS" in staff_api.get(URL).json()["results"][0]["problem"]


def test_without_a_secret_nothing_is_stored(staff_api: APIClient, settings: Any) -> None:
    settings.MODEL_KEY_SECRETS = []
    response = staff_api.post(URL, PUBLIC, format="json")
    assert (response.status_code, response.json()["errors"][0]["code"]) == (409, "model_key_secret_missing")
    assert not ModelProfile.objects.exists()


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:11434", "http://localhost/v1", "http://10.0.0.8/v1", "http://192.168.1.4/v1", "http://[::1]/v1",
        "http://[::ffff:10.0.0.1]/v1", "http://169.254.169.254/latest", "http://0.0.0.0/v1", "http://2130706433/v1",
        "ftp://example.org/v1", "http://user:pass@example.org/v1", "http://no-such-host.invalid/v1", "nonsense",
    ],
)  # fmt: skip
def test_a_url_may_not_lead_into_the_operators_network(staff_api: APIClient, url: str) -> None:
    response = staff_api.post(URL, {**PUBLIC, "provider": "openai_compatible", "base_url": url}, format="json")
    assert response.status_code == 400
    assert response.json()["errors"][0]["attr"] == "base_url"
    assert not ModelProfile.objects.exists()


def test_an_operator_may_allow_private_addresses_but_never_those_of_a_cloud(
    staff_api: APIClient, staff: Any, local: dict[str, Any]
) -> None:
    created(staff_api, **local)
    metadata = {**local, "name": "Cloud", "base_url": "http://169.254.169.254/v1"}
    assert staff_api.post(URL, metadata, format="json").status_code == 400


def test_a_profile_that_was_allowed_once_is_refused_when_it_no_longer_is(
    staff_api: APIClient, staff: Any, server: serve.OpenAIServer, local: dict[str, Any]
) -> None:
    profile = created(staff_api, **local)
    setting_set(key="MODEL_PRIVATE_ADDRESSES", value=False, user=staff)
    tested = staff_api.post(f"{URL}/{profile['id']}/test").json()
    assert (tested["answers"], tested["error_code"]) == (False, "llm_unavailable")
    assert server.requests == [], "nothing may be sent, the key least of all"


def test_a_key_does_not_follow_to_another_server(staff_api: APIClient) -> None:
    profile = created(staff_api)
    moved = staff_api.patch(f"{URL}/{profile['id']}", {"base_url": "https://1.1.1.1/v1"}, format="json")
    assert (moved.status_code, moved.json()["errors"][0]["attr"]) == (400, "api_key")
    again = {"base_url": "https://1.1.1.1/v1", "api_key": "sk-other"}
    assert staff_api.patch(f"{URL}/{profile['id']}", again, format="json").status_code == 200


def test_the_environment_comes_first_and_serves_what_nobody_claims(staff_api: APIClient, settings: Any) -> None:
    settings.LLM_MODEL, settings.LLM_API_KEY = "openai:of-environment", "sk-env"
    profile = created(staff_api, tasks=["strong"])
    shown = staff_api.get(URL).json()
    assert [row["id"] for row in shown["results"]] == ["environment", profile["id"]]
    assert "sk-env" not in str(shown)
    assert shown["tasks"] == {
        "cheap": "environment", "strong": profile["id"], "judge": "environment", "embedding": None,
    }  # fmt: skip
    assert get_gateway("strong").model == "openai:gpt-test"
    assert get_gateway("cheap").model == "openai:of-environment"
    for change in (
        staff_api.patch(f"{URL}/environment", {"name": "x"}, format="json"),
        staff_api.delete(f"{URL}/environment"),
    ):
        assert (change.status_code, change.json()["errors"][0]["code"]) == (409, "model_profile_of_environment")


def test_a_task_belongs_to_the_profile_that_got_it_last_and_falls_back_when_it_goes(staff_api: APIClient) -> None:
    first = created(staff_api, tasks=["strong", "cheap"])
    second = created(staff_api, name="Second", model="other", tasks=["cheap"])
    rows = {row["id"]: row["tasks"] for row in staff_api.get(URL).json()["results"]}
    assert rows == {first["id"]: ["strong"], second["id"]: ["cheap"]}
    assert staff_api.delete(f"{URL}/{second['id']}").status_code == 204
    profiles.profiles_forget()
    assert profile_for("cheap").id == first["id"]
    staff_api.patch(f"{URL}/{first['id']}", {"enabled": False}, format="json")
    profiles.profiles_forget()
    assert not model_is_configured("strong")


def test_a_test_says_what_the_server_can_and_what_to_set(
    staff_api: APIClient, server: serve.OpenAIServer, local: dict[str, Any]
) -> None:
    profile = created(staff_api, **local)

    def answer(payload: serve.Payload) -> Any:
        return "one, two, three, four" if payload.get("stream") else {"capital": "Paris", "letters": "5"}

    server.script(serve.answering(answer))
    found = staff_api.post(f"{URL}/{profile['id']}/test")
    assert found.status_code == 200
    body = found.json()
    assert body["answers"] and body["structured"] and body["native_schema"] and body["streams"]
    assert body["tokens_per_second"] > 0
    standing.standings_forget()
    kept = staff_api.get(URL).json()["results"][0]["standing"]
    assert kept["answers"] is True and kept["capabilities"]["streams"] is True


def test_a_model_that_does_not_answer_is_named(
    staff_api: APIClient, api: APIClient, server: serve.OpenAIServer, local: dict[str, Any]
) -> None:
    profile = created(staff_api, **local)
    server.script(serve.failing(401, "invalid_api_key"))
    tested = staff_api.post(f"{URL}/{profile['id']}/test").json()
    assert (tested["answers"], tested["error_code"]) == (False, "llm_auth_failed")
    standing.standings_forget()
    assert models_not_answering() == [{"profile": "Here", "model": "openai_compatible:stand-in"}]
    ready = api.get("/readyz")
    assert (ready.status_code, ready.json()["models_not_answering"][0]["profile"]) == (200, "Here")
    health = staff_api.get("/api/v1/system/health").json()
    assert health["status"] in ("degraded", "unhealthy")
    told = next(finding["message"] for finding in health["findings"] if "Here" in finding["message"])
    assert "llm_auth" not in told and "refused the credentials" in told
    with pytest.raises(CommandError, match="Here"):
        call_command("model_doctor", stdout=io.StringIO())


def test_a_look_notices_a_server_that_has_gone_and_one_that_is_back(
    staff_api: APIClient, server: serve.OpenAIServer, local: dict[str, Any]
) -> None:
    created(staff_api, **{**local, "base_url": "http://127.0.0.1:9/v1"})
    models_look()
    assert ModelStanding.objects.get().error_code == "llm_unavailable"
    ModelProfile.objects.update(base_url=server.base_url)
    profiles.profiles_forget()
    models_look()
    standing.standings_forget()
    assert models_not_answering() == []


def test_a_profile_that_nobody_tested_is_examined_once(
    staff_api: APIClient, server: serve.OpenAIServer, local: dict[str, Any], set_runtime: Any
) -> None:
    created(staff_api, **local)

    def answer(payload: serve.Payload) -> Any:
        return "one, two, three, four" if payload.get("stream") else {"capital": "Paris", "letters": 5}

    server.script(serve.answering(answer))
    assert not models_need_examination()
    models_look()
    standing.standings_forget()
    set_runtime("ENGINE", "builtin")
    assert not models_need_examination() and models_examine() == {}
    set_runtime("ENGINE", "auto")
    assert models_need_examination()
    assert list(models_examine().values()) == [True]
    standing.standings_forget()
    assert not models_need_examination() and models_examine() == {}


def test_the_console_stores_and_tests_by_the_same_rules(
    staff: Any, server: serve.OpenAIServer, local: dict[str, Any]
) -> None:
    console: Client = console_client(staff)
    form = {
        **local, "api_key": KEY, "context_tokens": "8000", "timeout_seconds": "60", "seconds_per_token": "0.04",
        "enabled": "on",
    }  # fmt: skip
    refused = console.post("/admin/platform/modelprofile/add/", {**form, "base_url": "http://169.254.169.254/"})
    assert refused.status_code == 200 and not ModelProfile.objects.exists()
    assert console.post("/admin/platform/modelprofile/add/", form).status_code == 302
    row = ModelProfile.objects.get()
    assert key_decrypt(row.key_encrypted) == KEY
    kept = {**form, "api_key": "", "name": "Here still"}
    assert console.post(f"/admin/platform/modelprofile/{row.pk}/change/", kept).status_code == 302
    row.refresh_from_db()
    assert (row.name, key_decrypt(row.key_encrypted)) == ("Here still", KEY)
    server.script(
        serve.answering(lambda payload: "a, b, c" if payload.get("stream") else {"capital": "P", "letters": 5})
    )
    page = console.post(
        "/admin/platform/modelprofile/", {"action": "test", "_selected_action": [str(row.pk)]}, follow=True
    )
    assert "answers, takes JSON schemas" in page.content.decode()


def test_a_test_of_a_model_that_nothing_answers_for_says_where_and_what_to_look_at(
    staff: Any, local: dict[str, Any]
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    row = ModelProfile.objects.create(**{**local, "base_url": closed})
    page = console_client(staff).post(
        "/admin/platform/modelprofile/", {"action": "test", "_selected_action": [str(row.pk)]}, follow=True
    )
    told = [str(said) for said in page.context["messages"] if not str(said).startswith("Tasks are served by")]
    assert len(told) == 1 and told[0].startswith(
        f"{row.name} ({closed}): Nothing usable answers at the model's address"
    )


def test_a_price_of_a_profile_prices_its_calls(staff_api: APIClient) -> None:
    from analytics_app.services.prices import price_table, price_table_forget

    created(staff_api, prompt_usd="2.5", completion_usd="10")
    price_table_forget()
    from datetime import UTC, datetime

    price = price_table().price_of("openai:gpt-test", datetime.now(UTC))
    assert price is not None and (float(price.prompt_usd), float(price.completion_usd)) == (2.5, 10.0)
    half = staff_api.post(URL, {**PUBLIC, "name": "Half", "prompt_usd": "1"}, format="json")
    assert half.status_code == 400


def test_reasoning_effort_of_the_environment_is_checked(settings: Any) -> None:
    settings.LLM_MODEL, settings.LLM_API_KEY, settings.LLM_REASONING_EFFORT = "openai:o9", "k", "high"
    profile = environment_profile()
    assert profile is not None and profile.config.thinking_tokens > 0


@pytest.mark.parametrize(
    ("always", "verdict"), [(None, "may judge from now on"), ({"follows": "yes"}, "may not judge")]
)
def test_a_profile_judges_only_after_it_was_evaluated(
    staff_api: APIClient, server: serve.OpenAIServer, local: dict[str, Any], always: dict[str, Any] | None, verdict: str
) -> None:
    created(staff_api, **local)
    assert gateway_of_judge() is None
    server.script(serve.answering(Reader(collections_shipped(), always)))
    told = io.StringIO()
    call_command("evaluate_model", "--profile", "Here", stdout=told)
    standing.standings_forget()
    assert "rules alone: good questions refused" in told.getvalue()
    assert verdict in told.getvalue()
    assert (gateway_of_judge() is not None) is (always is None)
    with pytest.raises(CommandError, match="no profile named"):
        call_command("evaluate_model", "--profile", "Elsewhere")
