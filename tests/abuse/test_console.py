"""The console attacked by those who may enter it: more rights, hidden columns, guesses at passwords, malformed requests."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from tests.support.console import console_client
from tests.support.owned import owned  # noqa: F401
from tutor_project.common import doors, runtime
from tutor_project.platform.roles import roles_seed

pytestmark = pytest.mark.django_db

NEW = "another horse 10"
NUL = "%00"


@pytest.fixture
def roles(db: None) -> None:
    roles_seed()


@pytest.fixture
def secretary(make_user: Any) -> Any:
    """Somebody who looks after accounts and roles, and nothing else."""
    person = make_user("secretary", is_staff=True)
    names = [f"{action}_{model}" for action in ("view", "add", "change", "delete") for model in ("user", "group")]
    person.user_permissions.set(
        Permission.objects.filter(codename__in=names, content_type__app_label__in=("accounts", "auth"))
    )
    return person


def account_form(client: Client, account: Any, **changes: Any) -> dict[str, Any]:
    """Return what the form of an account would send, with changes."""
    form = client.get(f"/admin/accounts/user/{account.pk}/change/").context["adminform"].form
    sent = {name: form.initial.get(name) for name in form.fields}
    many = {name: [item.pk for item in sent.get(name) or []] for name in ("groups", "user_permissions")}
    return {name: value for name, value in {**sent, **many, **changes}.items() if value not in (None, False)}


@pytest.mark.usefixtures("roles")
@pytest.mark.parametrize("wanted", ["is_superuser", "groups", "user_permissions"])
def test_nobody_gives_themselves_or_a_friend_rights_that_they_lack(wanted: str, secretary: Any, learner: Any) -> None:
    gifts: dict[str, Any] = {
        "is_superuser": "on",
        "groups": [Group.objects.get(name="operator").pk],
        "user_permissions": [Permission.objects.get(codename="change_configversion").pk],
    }
    client = console_client(secretary)
    for account in (secretary, learner):
        before = account.get_all_permissions()
        answer = client.post(
            f"/admin/accounts/user/{account.pk}/change/", account_form(client, account, **{wanted: gifts[wanted]})
        )
        assert answer.status_code == 200, "the form again, with its error"
        account = type(account).objects.get(pk=account.pk)
        assert not account.is_superuser
        assert account.get_all_permissions() == before
    renamed = client.post(
        f"/admin/accounts/user/{learner.pk}/change/", account_form(client, learner, display_name="Somebody")
    )
    assert renamed.status_code == 302
    learner.refresh_from_db()
    assert learner.display_name == "Somebody"


@pytest.mark.usefixtures("roles")
@pytest.mark.parametrize("active", [True, False])
def test_an_account_with_more_rights_is_not_taken_over(
    active: bool, secretary: Any, staff: Any, make_user: Any
) -> None:
    operator = make_user("operator", is_staff=True)
    operator.groups.add(Group.objects.get(name="operator"))
    client = console_client(secretary)
    for account in (staff, operator):
        account.is_active = active
        account.save()
        page = f"/admin/accounts/user/{account.pk}"
        assert client.get(f"{page}/change/").status_code == 200
        assert client.post(f"{page}/password/", {"password1": NEW, "password2": NEW}).status_code == 403
        assert client.post(f"{page}/change/", {"email": "mine@example.org"}).status_code == 403
        assert client.post(f"{page}/delete/", {"post": "yes"}).status_code == 403
        for action in ("make_reset_link", "revoke_tokens"):
            told = client.post(
                "/admin/accounts/user/", {"action": action, "_selected_action": [str(account.pk)]}, follow=True
            ).content.decode()
            assert "1 left as they were" in told
            assert "learn#reset" not in told
        account.refresh_from_db()
        assert account.check_password("correct horse 9")


@pytest.mark.usefixtures("roles")
def test_a_role_is_filled_with_ones_own_rights_only(secretary: Any) -> None:
    client = console_client(secretary)
    other = Permission.objects.get(codename="change_configversion")
    own = Permission.objects.get(codename="view_user", content_type__app_label="accounts")
    made = client.post("/admin/auth/group/add/", {"name": "mine", "permissions": [other.pk]})
    assert made.status_code == 200
    assert "cannot give rights" in made.content.decode()
    assert client.post("/admin/auth/group/add/", {"name": "mine", "permissions": [own.pk]}).status_code == 302
    operator = Group.objects.get(name="operator")
    assert client.post(f"/admin/auth/group/{operator.pk}/change/", {"name": "operator"}).status_code == 403
    assert operator.permissions.exists()


def test_the_old_password_is_not_guessed_from_a_session_that_was_found_open(
    staff: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = runtime.get_int
    monkeypatch.setattr(runtime, "get_int", lambda key: 3 if key == "THROTTLE_LOGIN" else real(key))
    monkeypatch.setattr(doors, "FIRST_WAIT_MS", 60_000)
    client = console_client(staff)

    def change(old: str) -> Any:
        sent = {"old_password": old, "new_password1": NEW, "new_password2": NEW}
        return client.post("/admin/password_change/", sent)

    assert [change(f"guess {number}").status_code for number in range(4)] == [200, 200, 200, 429]
    refused = change("correct horse 9")
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    assert "Too many attempts" in refused.content.decode()
    staff.refresh_from_db()
    assert staff.check_password("correct horse 9")


def test_ones_own_password_is_changed_and_the_session_goes_on(staff: Any) -> None:
    client = console_client(staff)
    sent = {"old_password": "correct horse 9", "new_password1": NEW, "new_password2": NEW}
    answer = client.post("/admin/password_change/", sent)
    assert answer.status_code == 302
    assert client.get("/admin/").status_code == 200
    staff.refresh_from_db()
    assert staff.check_password(NEW)


def lists() -> list[Any]:
    """The registered pages over tables."""
    return [page for page in admin.site._registry.values() if hasattr(page.model, "_default_manager")]


def test_no_column_is_guessed_at_that_no_filter_shows(staff: Any, rf: Any) -> None:
    request = rf.get("/admin/")
    request.user = staff
    for page in lists():
        for field in page.model._meta.get_fields():
            names = [field.name]
            if field.is_relation and field.related_model is not None:
                names += [f"{field.name}__{other.name}" for other in field.related_model._meta.get_fields()]
            for name in names:
                for lookup in ("startswith", "regex", "contains", "iexact", "length"):
                    assert not page.lookup_allowed(f"{name}__{lookup}", "a", request), (page, name, lookup)


@pytest.mark.parametrize(
    "address",
    [
        "accounts/user/?auth_token_set__digest__startswith=a",
        "accounts/user/?password__startswith=a",
        "platform/modelprofile/?key_encrypted__startswith=g",
        "sessions_app/message/?content__regex=a",
        f"jobs_app/job/?job_type={NUL}",
        f"autocomplete/?app_label=platform&model_name=flag&field_name=users&term={NUL}",
        f"sessions_app/question/review/?state={NUL}",
    ],
)
def test_what_no_page_of_ours_asks_is_refused(address: str, staff: Any) -> None:
    client = console_client(staff)
    client.raise_request_exception = False
    assert client.get(f"/admin/{address}").status_code == 400


def test_no_malformed_id_or_text_makes_an_action_fail(staff: Any, owned: dict[str, str]) -> None:  # noqa: F811
    client = console_client(staff)
    client.raise_request_exception = False
    for page in lists():
        url = reverse(f"admin:{page.opts.app_label}_{page.opts.model_name}_changelist")
        for name in page.actions or ():
            for ticked in ("x", "\0", "9" * 400, str(owned["job_id"])):
                answer = client.post(url, {"action": name, "_selected_action": [ticked], "index": 0})
                assert answer.status_code < 500, (url, name, ticked)
    review = reverse("admin:review_question", args=[owned["question_id"]])
    for text in ("\0", "x" * 100_000):
        for decision in ("approve", "reject", "edit"):
            sent = {"decision": decision, "reason": text, "version": "9" * 400, "stem": text}
            assert client.post(review, sent).status_code < 500
