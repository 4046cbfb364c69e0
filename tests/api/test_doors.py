"""The throttle of all places where a password, a token or a mailbox can be guessed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from tests.support.fixtures import client_for
from tutor_project.common import doors, runtime
from tutor_project.common.doors import Door, TooManyAttempts, knock

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse 9"
HERE, ELSEWHERE = "198.51.100.7", "203.0.113.9"


@pytest.fixture(autouse=True)
def _three_are_free(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {"THROTTLE_LOGIN": 3, "THROTTLE_RESET": 3, "THROTTLE_LOGIN_ADDRESS": 8, "THROTTLE_TOKEN": 8}
    real = runtime.get_int
    monkeypatch.setattr(runtime, "get_int", lambda key: settings.get(key) or real(key))
    monkeypatch.setattr(doors, "FIRST_WAIT_MS", 60_000)


def login(name: str, password: str, address: str = HERE) -> Any:
    return APIClient(REMOTE_ADDR=address).post("/api/v1/auth/login", {"username": name, "password": password})


def console(name: str, password: str, address: str = HERE) -> Any:
    return Client(REMOTE_ADDR=address).post("/admin/login/", {"username": name, "password": password})


def fail(times: int, name: str = "learner", address: str = HERE, door: Callable[..., Any] = login) -> list[int]:
    return [door(name, f"guess {number}", address).status_code for number in range(times)]


def test_the_free_guesses_are_judged_and_then_even_the_right_password_waits(learner: Any) -> None:
    assert fail(5) == [401, 401, 401, 429, 429]
    answer = login("learner", PASSWORD)
    assert answer.status_code == 429
    assert answer.json()["errors"][0]["code"] == "too_many_attempts"
    assert 0 < int(answer["Retry-After"]) <= 60


def test_nobody_is_locked_out_by_guesses_from_elsewhere(learner: Any) -> None:
    fail(20, address=ELSEWHERE)
    assert login("learner", PASSWORD).status_code == 200


@pytest.mark.parametrize("disguise", ["learner", "LEARNER", "  learner  ", "ｌｅａｒｎｅｒ", "learner@example.org"])
def test_a_name_typed_in_another_way_is_the_same_account(disguise: str, learner: Any) -> None:
    learner.email = "learner@example.org"
    learner.save()
    fail(3)
    assert login(disguise, "guess").status_code == 429


def test_guesses_at_a_name_nobody_has_are_counted_like_any_other(db: None) -> None:
    assert fail(4, name="nobody") == [401, 401, 401, 429]


def test_api_and_console_count_together(staff: Any) -> None:
    assert fail(2, name="staff", door=console) == [200, 200]  # the form again, with its error
    assert login("staff", "guess").status_code == 401
    refused = console("STAFF", PASSWORD)
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    assert "Too many attempts" in refused.content.decode()
    assert login("staff", PASSWORD).status_code == 429
    assert console("staff", PASSWORD, ELSEWHERE).status_code == 302


def test_a_password_asked_for_again_is_the_same_door(learner: Any) -> None:
    api = client_for(learner)
    api.defaults["REMOTE_ADDR"] = HERE
    body = {"current_password": "guess", "new_password": "another horse 10"}
    assert api.post("/api/v1/auth/password/change", body).status_code == 403
    assert api.post("/api/v1/users/me/erase", {"password": "guess"}).status_code == 403
    assert api.patch("/api/v1/auth/me", {"email": "a@example.org", "current_password": "guess"}).status_code == 403
    assert login("learner", "guess").status_code == 429
    assert api.post("/api/v1/users/me/erase", {"password": "guess"}).status_code == 429


def test_success_clears_what_the_account_failed(learner: Any) -> None:
    for _ in range(4):
        assert fail(2) == [401, 401]
        assert login("learner", PASSWORD).status_code == 200


def test_an_address_that_guesses_at_everybody_is_slowed_down(learner: Any) -> None:
    codes = [login(f"somebody{number}", "guess").status_code for number in range(10)]
    assert codes == [401] * 8 + [429] * 2
    assert login("learner", PASSWORD).status_code == 429
    assert login("learner", PASSWORD, ELSEWHERE).status_code == 200


def test_an_account_of_ones_own_washes_no_guesses_away(learner: Any) -> None:
    codes = []
    for number in range(10):
        codes.append(login(f"somebody{number}", "guess").status_code)
        login("learner", PASSWORD)
    assert codes[-2:] == [429, 429]


def test_waits_double_up_to_a_bound(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "FIRST_WAIT_MS", 1)
    monkeypatch.setattr(doors, "LONGEST_WAIT_MS", 40)
    refused, admitted = 0, 0
    while admitted < 12:
        try:
            knock(Door.RESET, address=HERE, account="x")
            admitted += 1
        except TooManyAttempts:
            refused += 1
    assert refused > 0


def test_addresses_of_one_ipv6_site_are_one(rf: Any) -> None:
    one, other, third = (
        doors.address_of(rf.get("/", REMOTE_ADDR=address))
        for address in ("2001:db8::1", "2001:db8::2", "2001:db8:1::1")
    )
    assert one == other != third


def test_unknown_tokens_from_one_address_are_slowed_down(learner: Any) -> None:
    def ask(token: str) -> int:
        client = APIClient(REMOTE_ADDR=HERE)
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        return client.get("/api/v1/auth/me").status_code

    assert [ask(f"{number:064d}") for number in range(10)] == [401] * 8 + [429] * 2
    known = client_for(learner)
    known.defaults["REMOTE_ADDR"] = HERE
    assert known.get("/api/v1/auth/me").status_code == 200


def test_links_for_one_mailbox_are_not_asked_for_without_end(db: None) -> None:
    client = APIClient(REMOTE_ADDR=HERE)
    codes = [
        client.post("/api/v1/auth/password/reset", {"email": email}).status_code
        for email in ["a@example.org"] * 4 + ["b@example.org"]
    ]
    assert codes == [202, 202, 202, 429, 202]


def test_tokens_of_links_are_not_guessed(db: None) -> None:
    client = APIClient(REMOTE_ADDR=HERE)
    body = {"token": "0" * 32 + "-abc-def", "new_password": "another horse 10"}
    codes = [client.post("/api/v1/auth/password/reset/confirm", body).status_code for _ in range(10)]
    assert codes == [400] * 8 + [429] * 2


def test_nobody_logs_in_while_attempts_cannot_be_counted(learner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import redis

    class Away:
        def eval(self, *args: Any) -> Any:
            raise redis.ConnectionError

    monkeypatch.setattr(doors, "client", Away)
    assert login("learner", PASSWORD).status_code == 503
    assert console("learner", PASSWORD).status_code == 503


def test_a_full_gate_is_a_named_answer_and_no_failed_attempt(learner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from tutor_project.accounts import hashers

    with monkeypatch.context() as patch:
        patch.setattr(hashers, "_gate", hashers.Turnstile(places=0, queue=0, patience=0.0))
        for _ in range(5):
            answer = login("learner", PASSWORD)
            assert answer.status_code == 503
            assert answer.json()["errors"][0]["code"] == "sign_in_busy"
            assert int(answer["Retry-After"]) > 0
        assert console("learner", PASSWORD).status_code == 503
    assert fail(3) == [401, 401, 401]
