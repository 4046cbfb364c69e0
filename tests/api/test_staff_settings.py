"""Settings with history and feature flags: typed, bounded, reversible, sticky."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.support.console import console_client
from tests.support.fixtures import client_for
from tutor_project.common import flags, runtime
from tutor_project.common.flags import rollout_bucket
from tutor_project.llm.engines import ENGINE_FEATURES, builtin_flag, model_flag
from tutor_project.platform.config import SettingInvalid, setting_set, settings_set
from tutor_project.platform.flags import FLAGS, flags_seed
from tutor_project.platform.models import ConfigVersion, Flag

pytestmark = pytest.mark.django_db

PAGE = "/admin/constance/config/"


@pytest.fixture
def console(staff: Any) -> Client:
    return console_client(staff)


def form_of(console: Client) -> dict[str, Any]:
    """The settings form as a browser would send it back."""
    form = console.get(PAGE).context["form"]
    data = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in data.items() if value is not None and value is not False}


def test_a_change_is_kept_with_its_reason_and_rolled_back(console: Client, staff: Any) -> None:
    response = console.post(PAGE, {**form_of(console), "UPLOAD_MAX_FILES": "5", "reason": "Too many at once."})
    assert response.status_code == 302
    version = ConfigVersion.objects.get()
    assert (version.key, version.old_value, version.new_value) == ("UPLOAD_MAX_FILES", 20, 5)
    assert (version.changed_by, version.reason) == (staff, "Too many at once.")
    assert runtime.get_int("UPLOAD_MAX_FILES") == 5
    console.post(PAGE, {**form_of(console), "UPLOAD_MAX_FILES": "7", "reason": "A little more."})
    history = f"{PAGE}UPLOAD_MAX_FILES/versions/"
    assert "A little more." in console.get(history).content.decode()
    console.post(history, {"version": "1"})
    assert runtime.get_int("UPLOAD_MAX_FILES") == 5
    assert ConfigVersion.objects.count() == 3


@pytest.mark.parametrize(
    "change",
    [
        {"UPLOAD_MAX_FILES": "0"},
        {"UPLOAD_MAX_FILES": "five"},
        {"REVIEW_DESIRED_RETENTION": "1.5"},
        {"REVIEW_DESIRED_RETENTION": "nan"},
        {"ENGINE": "magic"},
        {"SPEND_CAP_DAY": "5", "SPEND_CAP_USER_DAY": "6"},
        {"UPLOAD_MAX_FILES": "5", "reason": ""},
    ],
)
def test_a_bad_value_changes_nothing_at_all(console: Client, change: dict[str, str]) -> None:
    data = {**form_of(console), "HINT_LADDER": "2", "reason": "Trying.", **change}
    assert console.post(PAGE, data).status_code == 200
    assert not ConfigVersion.objects.exists()
    assert runtime.get_int("HINT_LADDER") == 4


def test_of_two_people_changing_one_setting_one_is_told(console: Client, staff: Any) -> None:
    seen = form_of(console)
    setting_set(key="HINT_LADDER", value=1, user=staff)
    response = console.post(PAGE, {**seen, "HINT_LADDER": "2", "reason": "Mine."})
    assert "at version 1 now, not 0" in response.content.decode()
    assert runtime.get_int("HINT_LADDER") == 1


def test_a_rollback_that_no_longer_validates_is_named(console: Client, staff: Any, settings: Any) -> None:
    from dataclasses import replace

    setting_set(key="HINT_LADDER", value=5, user=staff)
    setting_set(key="HINT_LADDER", value=2, user=staff)
    declared = settings.RUNTIME_SETTINGS
    settings.RUNTIME_SETTINGS = {**declared, "HINT_LADDER": replace(declared["HINT_LADDER"], maximum=4)}
    response = console.post(f"{PAGE}HINT_LADDER/versions/", {"version": "1"}, follow=True)
    assert "HINT_LADDER must be at most 4" in response.content.decode()
    assert runtime.get_int("HINT_LADDER") == 2


def test_the_console_goes_back_to_before_any_change_and_to_nothing_by_mistake(console: Client, staff: Any) -> None:
    setting_set(key="HINT_LADDER", value=5, user=staff)
    history = f"{PAGE}HINT_LADDER/versions/"
    assert "As it was before any change" in console.get(history).content.decode()
    console.post(history, {"version": "nonsense"})
    assert runtime.get_int("HINT_LADDER") == 5
    console.post(history, {"version": "0"})
    assert runtime.get_int("HINT_LADDER") == 4


def test_caps_are_checked_against_each_other_whatever_the_order(staff: Any) -> None:
    settings_set(values={"SPEND_CAP_DAY": 10.0, "SPEND_CAP_USER_DAY": 2.0}, user=staff)
    with pytest.raises(SettingInvalid, match="SPEND_CAP_DAY"):
        setting_set(key="SPEND_CAP_DAY", value=1.0, user=staff)
    setting_set(key="SPEND_CAP_DAY", value=0.0, user=staff)  # no cap at all
    assert ConfigVersion.objects.count() == 3


def test_only_operators_change_settings_through_the_api(make_user: Any) -> None:
    client = client_for(make_user("viewer", is_staff=True))
    assert client.get("/api/v1/config").status_code == 200
    assert client.put("/api/v1/config/HINT_LADDER", {"value": 1}, format="json").status_code == 403
    assert client.post("/api/v1/config/HINT_LADDER/rollback", {"version": 1}, format="json").status_code == 403


def test_reading_settings_and_flags_costs_no_query_and_no_redis(
    make_user: Any, learner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    flags_seed()
    flag, group = Flag.objects.get(name=model_flag("quiz")), Group.objects.create(name="pilot")
    flag.groups.add(group)
    learner.groups.add(group)
    other = make_user("other")
    runtime.get("ENGINE")
    flags.is_enabled(flag.name, learner)
    monkeypatch.setattr("django.core.cache.backends.redis.RedisCache.get", None)
    with CaptureQueriesContext(connection) as queries:
        assert runtime.get("ENGINE") == "auto"
        assert flags.is_enabled(flag.name, learner)
        assert not flags.is_enabled(flag.name, other)
        assert flags.flags_for(learner)[flag.name]
    assert len(queries) == 0


def test_what_another_process_changes_is_seen_by_age_alone(learner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from tutor_project.common import snapshots

    flags_seed()
    name = model_flag("quiz")
    assert not flags.is_enabled(name, learner)
    assert runtime.get_int("HINT_LADDER") == 4
    Flag.objects.filter(name=name).update(everyone=True)  # as another process would: nothing is told to this one
    from constance.models import Constance

    Constance.objects.update_or_create(key="HINT_LADDER", defaults={"value": runtime.encode(1)})
    assert not flags.is_enabled(name, learner)
    assert snapshots.MAX_AGE_SECONDS < 5
    now = snapshots.time.monotonic()
    monkeypatch.setattr(snapshots.time, "monotonic", lambda: now + snapshots.MAX_AGE_SECONDS + 0.1)
    assert flags.is_enabled(name, learner)
    assert runtime.get_int("HINT_LADDER") == 1


def test_while_the_database_is_away_the_last_known_values_serve(learner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError

    Flag.objects.create(name=model_flag("quiz"), everyone=True)
    assert flags.is_enabled(model_flag("quiz"), learner)

    def away() -> None:
        raise OperationalError

    monkeypatch.setattr(flags._snapshot, "_load", away)
    flags.invalidate()
    assert flags.is_enabled(model_flag("quiz"), learner)


def test_the_share_of_a_rollout_is_right_and_raising_it_only_adds() -> None:
    users = [get_user_model()(username=f"user{number}") for number in range(10_000)]
    flag = Flag(name=model_flag("quiz"), superusers=False)
    before: set[int] = set()
    for percent in (Decimal("0.1"), 1, 10, 20, 50, 100):
        flag.percent = Decimal(percent)
        # Without users and groups of its own the flag is decided by the bucket alone.
        chosen = {i for i, user in enumerate(users) if rollout_bucket(user.pk, flag.name) < flag.percent * 100}
        share = float(flag.percent) / 100
        assert abs(len(chosen) / len(users) - share) < 4 * (share * (1 - share) / len(users)) ** 0.5 + 1e-9
        assert before <= chosen
        before = chosen
    assert len(before) == len(users)


def test_a_flag_reaches_users_groups_staff_percentage_and_everyone(make_user: Any, learner: Any) -> None:
    flags_seed()
    flag = Flag.objects.get(name=model_flag("quiz"))
    other, group = make_user("other"), Group.objects.create(name="pilot")
    assert not flags.is_enabled(flag.name, learner)
    flag.users.add(learner)
    flag.flush()
    assert flags.is_enabled(flag.name, learner)
    assert not flags.is_enabled(flag.name, other)
    other.groups.add(group)
    flag.groups.add(group)
    flag.flush()
    assert flags.is_enabled(flag.name, other)
    flag.everyone = False
    flag.save()
    flag.flush()
    assert not flags.is_enabled(flag.name, learner)
    assert not flags.is_enabled("no_such_flag", learner)


@pytest.mark.parametrize("percent", ["101", "-1", "12.34", "many"])
def test_a_percentage_outside_the_range_is_refused(console: Client, percent: str) -> None:
    flags_seed()
    flag = Flag.objects.get(name=model_flag("quiz"))
    response = console.post(f"/admin/platform/flag/{flag.pk}/change/", {"percent": percent, "everyone": "unknown"})
    assert response.status_code == 200
    flag.refresh_from_db()
    assert flag.percent is None
    with pytest.raises(IntegrityError), transaction.atomic():
        Flag.objects.filter(pk=flag.pk).update(percent=Decimal("100.1"))


def test_a_flag_is_flipped_in_the_console_and_an_undeclared_one_refused(console: Client) -> None:
    flags_seed()
    flag = Flag.objects.get(name=model_flag("quiz"))
    path = f"/admin/platform/flag/{flag.pk}/change/"
    assert console.get(path).status_code == 200
    assert console.post(path, {"percent": "10", "everyone": "unknown"}).status_code == 302
    flag.refresh_from_db()
    assert (flag.percent, flag.owner) == (Decimal(10), FLAGS[flag.name].owner)
    made = console.post("/admin/platform/flag/add/", {"name": "secret_feature", "everyone": "true"})
    assert made.status_code == 200
    assert not Flag.objects.filter(name="secret_feature").exists()


def test_seeding_flags_again_leaves_operators_edits_alone() -> None:
    assert set(flags_seed()) == set(FLAGS)
    Flag.objects.filter(name=model_flag("quiz")).update(percent=10, note="Rolled out by hand.")
    assert flags_seed() == []
    assert Flag.objects.get(name=model_flag("quiz")).note == "Rolled out by hand."


def test_every_flag_in_the_code_is_declared_with_an_owner_and_a_date() -> None:
    root = Path(flags.__file__).resolve().parents[2]
    asked: set[str] = set()
    for folder in ("tutor_project", "jobs_app", "documents_app", "sessions_app", "analytics_app"):
        for path in (root / folder).rglob("*.py"):
            asked |= set(re.findall(r"""is_enabled\(\s*["']([^"']+)["']""", path.read_text(encoding="utf-8")))
    asked |= {name for feature in ENGINE_FEATURES for name in (model_flag(feature), builtin_flag(feature))}
    assert asked <= set(FLAGS)
    for flag in FLAGS.values():
        assert flag.owner
        assert flag.note
        assert flag.remove_after > date(2026, 1, 1)
