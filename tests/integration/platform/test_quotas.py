"""Quotas of a day: exact under concurrency, all or nothing, shown with what is left, over at midnight where one lives."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection

from tutor_project.common import runtime
from tutor_project.platform import quotas
from tutor_project.platform.config import setting_validated
from tutor_project.platform.quotas import QuotaExceeded, quota_spend, quotas_today

pytestmark = pytest.mark.django_db


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """The quotas in force, to be set by a test."""
    values: dict[str, int] = {"QUOTA_BYTES_DAY": 0, "QUOTA_DOCUMENTS_DAY": 0, "QUOTA_GENERATIONS_DAY": 0}
    real = runtime.get
    monkeypatch.setattr(runtime, "get", lambda key: values[key] if key in values else real(key))
    return values


def shown(user: Any) -> dict[str, tuple[int, int | None]]:
    return {quota.name: (quota.used, quota.left) for quota in quotas_today(user_id=user.pk)[2]}


def test_what_does_not_fit_counts_nothing_and_says_what_is_left(learner: Any, limits: dict[str, int]) -> None:
    limits |= {"QUOTA_DOCUMENTS_DAY": 3, "QUOTA_BYTES_DAY": 100}
    quota_spend(user_id=learner.pk, documents=2, bytes=90)
    with pytest.raises(QuotaExceeded, match="needs 11 bytes, and 10 of 100 a day are left") as caught:
        quota_spend(user_id=learner.pk, documents=1, bytes=11)
    assert caught.value.data["retry_after_seconds"] > 0
    assert shown(learner) == {"bytes": (90, 10), "documents": (2, 1), "generations": (0, None)}


def test_a_first_wish_above_the_quota_is_refused_too(learner: Any, limits: dict[str, int]) -> None:
    limits["QUOTA_GENERATIONS_DAY"] = 2
    with pytest.raises(QuotaExceeded):
        quota_spend(user_id=learner.pk, generations=3)
    assert shown(learner)["generations"] == (0, 2)


def test_the_day_ends_at_midnight_where_the_learner_lives(
    learner: Any, limits: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    limits["QUOTA_GENERATIONS_DAY"] = 1
    learner.time_zone = "Pacific/Auckland"
    learner.save()
    clock = datetime(2026, 6, 1, 11, 59, tzinfo=UTC)
    monkeypatch.setattr(quotas.timezone, "now", lambda: clock)
    quota_spend(user_id=learner.pk, generations=1)
    with pytest.raises(QuotaExceeded):
        quota_spend(user_id=learner.pk, generations=1)
    clock = datetime(2026, 6, 1, 12, 1, tzinfo=UTC)
    quota_spend(user_id=learner.pk, generations=1)


@pytest.mark.django_db(transaction=True)
def test_of_twenty_at_once_exactly_the_quota_passes(learner: Any, limits: dict[str, int]) -> None:
    limits["QUOTA_GENERATIONS_DAY"] = 7
    passed: list[int] = []

    def wish() -> None:
        try:
            quota_spend(user_id=learner.pk, generations=1)
            passed.append(1)
        except QuotaExceeded:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=wish) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(passed) == 7


def test_an_upload_above_the_quota_is_a_429_and_leaves_nothing(api: Any, limits: dict[str, int]) -> None:
    limits["QUOTA_DOCUMENTS_DAY"] = 1
    session = api.post("/api/v1/sessions", {"title": "x"}).json()["session_id"]
    files = {
        "files": [{"filename": f"{n}.txt", "content": "aGVsbG8gd29ybGQ=", "mime_type": "text/plain"} for n in "ab"]
    }
    answer = api.post(f"/api/v1/sessions/{session}/documents", files, format="json")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (429, "quota_exceeded")
    assert int(answer["Retry-After"]) > 0
    assert api.get(f"/api/v1/sessions/{session}/documents").json()["results"] == []
    usage = {quota["name"]: quota for quota in api.get("/api/v1/usage").json()["quotas"]}
    assert usage["documents"] == {"name": "documents", "used": 0, "limit": 1, "left": 1}
    assert usage["bytes"]["limit"] is None


def test_an_expensive_request_counts_for_several(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    real = runtime.get
    monkeypatch.setattr(runtime, "get", lambda key: 10 if key == "THROTTLE_DEFAULT" else real(key))
    session = api.post("/api/v1/sessions", {"title": "x"}).json()["session_id"]
    asked = [api.post(f"/api/v1/sessions/{session}/ask", {"question": "why?"}).status_code for _ in range(3)]
    assert asked[0] != 429
    assert asked[2] == 429


@pytest.mark.parametrize(
    ("thing", "scope"), [("plan", "GENERATE"), ("lesson", "GENERATE"), ("quiz", "GENERATE"), ("documents", "UPLOAD")]
)
def test_looking_whether_a_thing_is_there_uses_up_none_of_its_kind(
    thing: str, scope: str, api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = runtime.get
    monkeypatch.setattr(runtime, "get", lambda key: 1 if key == f"THROTTLE_{scope}" else real(key))
    url = f"/api/v1/sessions/{api.post('/api/v1/sessions', {'title': 'x'}).json()['session_id']}/{thing}"
    assert [api.get(url).status_code for _ in range(3)] == [200, 200, 200]
    tried = [api.post(url, {}).status_code for _ in range(2)]
    assert tried[0] != 429
    assert tried[1] == 429


@pytest.mark.parametrize("key", django_settings.RUNTIME_SETTINGS)
def test_no_number_can_be_set_without_bounds(key: str) -> None:
    declared = django_settings.RUNTIME_SETTINGS[key]
    if isinstance(declared.default, bool | str):
        return
    assert declared.minimum is not None
    assert declared.maximum is not None
    assert setting_validated(key=key, value=declared.default) == declared.default
    for outside in (declared.minimum - 1, declared.maximum + 1):
        with pytest.raises(Exception, match="must be at"):
            setting_validated(key=key, value=type(declared.default)(outside))
