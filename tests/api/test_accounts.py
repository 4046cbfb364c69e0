"""Accounts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from knox.models import AuthToken
from rest_framework.test import APIClient

from tests.support.fixtures import client_for

pytestmark = pytest.mark.django_db


def register(client: APIClient, **fields: Any) -> Any:
    body = {"username": "ada", "email": "ada@example.org", "password": "correct horse 9"} | fields
    return client.post("/api/v1/auth/register", body)


def code_of(response: Any) -> str:
    assert set(response.json()) == {"type", "errors", "request_id"}
    return str(response.json()["errors"][0]["code"])


def test_registering_gives_a_token_that_works() -> None:
    client = APIClient()
    response = register(client)
    assert response.status_code == 201, response.json()
    assert set(response.json()) == {"token", "expiry", "user"}
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {response.json()['token']}")
    assert client.get("/api/v1/auth/me").json()["username"] == "ada"


def test_logging_in_works_by_name_and_by_address() -> None:
    register(APIClient())
    for name in ({"username": "ada"}, {"username": "ADA@example.org"}, {"email": "ada@example.org"}):
        response = APIClient().post("/api/v1/auth/login", {**name, "password": "correct horse 9"})
        assert response.status_code == 200, response.json()


def test_a_wrong_password_and_an_unknown_name_look_the_same() -> None:
    register(APIClient())
    wrong = APIClient().post("/api/v1/auth/login", {"username": "ada", "password": "nope"})
    unknown = APIClient().post("/api/v1/auth/login", {"username": "bob", "password": "nope"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json()["errors"] == unknown.json()["errors"]


def test_a_taken_name_is_refused_whatever_its_case() -> None:
    register(APIClient())
    response = register(APIClient(), username="ADA", email="other@example.org")
    assert response.status_code == 409
    assert code_of(response) == "account_exists"


def test_a_weak_password_is_refused_with_its_reason() -> None:
    response = register(APIClient(), password="12345678")
    assert response.status_code == 400
    assert code_of(response) == "password_weak"


def test_registration_can_be_closed_at_run_time(settings: Any, staff: Any) -> None:
    from tutor_project.platform.config import setting_set

    setting_set(key="REGISTRATION_OPEN", value=False, user=staff)
    response = register(APIClient())
    assert response.status_code == 403
    assert code_of(response) == "registration_closed"


def test_logging_out_revokes_this_token_only(learner: Any) -> None:
    one, other = client_for(learner), client_for(learner)
    assert one.post("/api/v1/auth/logout").status_code == 204
    assert code_of(one.get("/api/v1/auth/me")) == "token_invalid"
    assert other.get("/api/v1/auth/me").status_code == 200


def test_logging_out_everywhere_revokes_all_tokens(learner: Any) -> None:
    one, other = client_for(learner), client_for(learner)
    assert one.post("/api/v1/auth/logout-all").status_code == 204
    assert one.get("/api/v1/auth/me").status_code == other.get("/api/v1/auth/me").status_code == 401


def test_an_expired_token_is_named(learner: Any) -> None:
    client = client_for(learner)
    AuthToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))
    response = client.get("/api/v1/auth/me")
    assert response.status_code == 401
    assert code_of(response) == "token_expired"


def test_tokens_are_stored_hashed(learner: Any) -> None:
    client = APIClient()
    token = client.post("/api/v1/auth/login", {"username": "learner", "password": "correct horse 9"}).json()["token"]
    assert not AuthToken.objects.filter(digest=token).exists()


def test_guessing_passwords_is_slowed_down(learner: Any) -> None:
    from tutor_project.common.redis import client as redis

    for key in redis().scan_iter("*throttle_login*"):
        redis().delete(key)
    answers = [
        APIClient().post("/api/v1/auth/login", {"username": "learner", "password": f"guess {n}"}) for n in range(25)
    ]
    assert answers[-1].status_code == 429
    assert int(answers[-1]["Retry-After"]) > 0


def test_the_request_id_comes_back_and_stands_in_errors() -> None:
    response = APIClient().get("/api/v1/auth/me", HTTP_X_REQUEST_ID="abc-123")
    assert response["X-Request-ID"] == "abc-123"
    assert response.json()["request_id"] == "abc-123"
    forged = APIClient().get("/api/v1/auth/me", HTTP_X_REQUEST_ID="a\tb<script>")
    assert forged["X-Request-ID"] != "a\tb<script>"
