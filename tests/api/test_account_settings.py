"""Names, addresses, passwords and profiles of accounts."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from tests.support.console import console_client
from tests.support.fixtures import client_for
from tutor_project.accounts import mails
from tutor_project.accounts.links import reset_link, verification_link
from tutor_project.accounts.models import User

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse 9"
NEW = "another horse 10"


@pytest.fixture(autouse=True)
def _mail_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Send what a worker would send, in the request's own transaction."""
    from tutor_project.accounts import tasks

    by_name = {task.name: task for task in (tasks.verification_mail, tasks.reset_mail, tasks.notice_mail)}
    monkeypatch.setattr(mails, "_on_commit", lambda name, *args: by_name[name](*args))


def register(**fields: Any) -> Any:
    return APIClient().post("/api/v1/auth/register", {"password": PASSWORD, **fields})


def login(name: str, password: str = PASSWORD) -> int:
    return APIClient().post("/api/v1/auth/login", {"username": name, "password": password}).status_code


def code_of(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["errors"][0]["code"]


def token_in(link: str) -> str:
    return re.split(r"token=|reset/", link.strip())[-1]


def verify(user: Any) -> None:
    assert APIClient().get("/api/v1/auth/email/verify", {"token": token_in(verification_link(user))}).status_code == 200
    user.refresh_from_db()


# Names


def test_one_logs_in_with_the_case_one_likes(db: None) -> None:
    assert register(username="Ada").status_code == 201
    assert {login(name) for name in ("Ada", "ada", "ADA", " ada ")} == {200}


@pytest.mark.parametrize("name", ["ａｄａ", "аda", "adа"])
def test_disguised_names_are_refused(name: str) -> None:
    assert code_of(register(username=name)) == (400, "name_refused")


@pytest.mark.parametrize("name", ["Ace0", "aceO", "асеО", "ACE0"])
def test_names_that_look_like_anothers_are_refused(name: str) -> None:
    assert register(username="ace0").status_code == 201
    assert code_of(register(username=name)) == (409, "account_exists")


def test_a_name_that_is_anothers_address_is_refused_and_the_other_way_round(db: None) -> None:
    assert register(username="ada", email="ada@example.org").status_code == 201
    assert code_of(register(username="ADA@example.org")) == (409, "account_exists")
    assert register(username="bob@example.org").status_code == 201
    assert code_of(register(username="eve", email="Bob@example.org")) == (409, "account_exists")
    assert login("bob@example.org") == 200


def test_an_address_may_be_ones_own_name(db: None) -> None:
    assert register(email="ada@example.org").json()["user"]["username"] == "ada@example.org"
    assert login("ADA@example.org") == 200


def test_the_exact_user_name_goes_before_an_address(make_user: Any) -> None:
    make_user("victim@example.org")
    User.objects.create_user("old", "victim@example.org", NEW)  # from before names and addresses were compared
    assert login("victim@example.org") == 200


def test_an_account_without_address_can_be_made(db: None) -> None:
    answer = register(username="ada").json()["user"]
    assert (answer["email"], answer["email_verified"]) == ("", False)


def test_the_console_obeys_the_rules_of_names_too(staff: Any, learner: Any) -> None:
    page = console_client(staff).post(
        "/admin/accounts/user/add/",
        {"username": "Iearner", "password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"},
    )
    assert page.status_code == 200
    assert User.objects.count() == 2


# Addresses


def test_an_address_nobody_verified_keeps_nobody_else_from_it(db: None) -> None:
    assert register(username="squatter", email="ada@example.org").status_code == 201
    assert register(username="ada", email="ADA@example.org").status_code == 201
    ada = User.objects.get(username="ada")
    verify(ada)
    assert ada.email_verified
    assert code_of(register(username="late", email="ada@Example.org")) == (409, "account_exists")
    assert login("ada@example.org") == 200
    squatter = User.objects.get(username="squatter")
    answer = APIClient().post("/api/v1/auth/email/verify", {"token": token_in(verification_link(squatter))})
    assert code_of(answer) == (409, "account_exists")


def test_registering_mails_a_link_that_verifies(db: None) -> None:
    register(username="ada", email="ada@example.org")
    assert [message.to for message in mail.outbox] == [["ada@example.org"]]
    link = re.search(r"http\S+", mail.outbox[0].body)[0]  # type: ignore[index]
    page = Client().get(link[link.index("/api") :], headers={"Accept": "text/html,*/*;q=0.8"})
    assert page.status_code == 200
    assert "ada@example.org" in page.content.decode()
    assert User.objects.get().email_verified


def test_a_link_verifies_only_the_address_it_was_sent_to(learner: Any) -> None:
    learner.email = "one@example.org"
    learner.save()
    token = token_in(verification_link(learner))
    learner.email = "two@example.org"
    learner.save()
    assert code_of(APIClient().get("/api/v1/auth/email/verify", {"token": token})) == (400, "link_invalid")
    assert code_of(APIClient().get("/api/v1/auth/email/verify", {"token": token + "x"})) == (400, "link_invalid")
    assert code_of(APIClient().get("/api/v1/auth/email/verify")) == (400, "link_invalid")


def test_the_mail_can_be_had_once_more_by_who_is_signed_in(learner: Any, api: APIClient) -> None:
    assert code_of(api.post("/api/v1/auth/email/verify", {})) == (409, "no_address")
    learner.email = "learner@example.org"
    learner.save()
    assert api.post("/api/v1/auth/email/verify", {}).status_code == 202
    assert len(mail.outbox) == 1
    assert APIClient().post("/api/v1/auth/email/verify", {}).status_code == 401


def test_changing_the_address_asks_for_the_password_and_tells_the_old_one(learner: Any, api: APIClient) -> None:
    learner.email = "old@example.org"
    learner.save()
    verify(learner)
    body = {"email": "new@example.org"}
    assert code_of(api.patch("/api/v1/auth/me", body)) == (400, "password_needed")
    assert code_of(api.patch("/api/v1/auth/me", {**body, "current_password": "x"})) == (403, "password_wrong")
    answer = api.patch("/api/v1/auth/me", {**body, "current_password": PASSWORD})
    assert answer.status_code == 200
    assert (answer.json()["email"], answer.json()["email_verified"]) == ("new@example.org", False)
    assert [message.to[0] for message in mail.outbox] == ["old@example.org", "new@example.org"]


# Profiles


def test_a_profile_is_changed_and_shown(api: APIClient) -> None:
    wanted = {"time_zone": "Pacific/Auckland", "language": "de", "display_name": "Ada Lovelace"}
    assert api.patch("/api/v1/auth/me", wanted).status_code == 200
    shown = api.get("/api/v1/auth/me").json()
    assert {name: shown[name] for name in wanted} == wanted
    assert api.patch("/api/v1/auth/me", {"language": None}).json()["language"] is None


@pytest.mark.parametrize(
    "body",
    [
        {"time_zone": "Mars/Olympus"},
        {"time_zone": "../../etc/passwd"},
        {"time_zone": None},
        {"language": "xx"},
        {"email": "no address", "current_password": PASSWORD},
        {"display_name": "x" * 151},
    ],
)
def test_what_does_not_exist_is_refused(body: dict[str, Any], api: APIClient) -> None:
    before = api.get("/api/v1/auth/me").json()
    answer = api.patch("/api/v1/auth/me", body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"] == next(iter(body))
    assert api.get("/api/v1/auth/me").json() == before


def test_nobody_makes_himself_staff(learner: Any, api: APIClient) -> None:
    api.patch("/api/v1/auth/me", {"is_staff": True, "username": "root", "email_verified_at": "2026-01-01T00:00:00Z"})
    learner.refresh_from_db()
    assert (learner.is_staff, learner.username, learner.email_verified_at) == (False, "learner", None)


# Passwords


def test_a_changed_password_ends_every_sign_in_but_the_new_one(learner: Any) -> None:
    phone, laptop = client_for(learner), client_for(learner)
    page = console_client(learner)
    assert page.session["_auth_user_id"] == str(learner.pk)
    answer = laptop.post("/api/v1/auth/password/change", {"current_password": PASSWORD, "new_password": NEW})
    assert answer.status_code == 200
    assert {client.get("/api/v1/auth/me").status_code for client in (phone, laptop)} == {401}
    laptop.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['token']}")
    assert laptop.get("/api/v1/auth/me").status_code == 200
    assert (login("learner"), login("learner", NEW)) == (401, 200)
    assert page.get("/admin/").status_code == 302


def test_a_weak_new_password_changes_nothing(learner: Any, api: APIClient) -> None:
    body = {"current_password": PASSWORD, "new_password": "12345678"}
    assert code_of(api.post("/api/v1/auth/password/change", body)) == (400, "password_weak")
    assert login("learner") == 200


def test_a_forgotten_password_is_replaced_by_mail(learner: Any) -> None:
    learner.email = "learner@example.org"
    learner.save()
    assert APIClient().post("/api/v1/auth/password/reset", {"email": "learner@example.org"}).status_code == 202
    assert mail.outbox == []  # nobody has verified this address
    verify(learner)
    signed_in = client_for(learner)
    assert APIClient().post("/api/v1/auth/password/reset", {"email": "Learner@Example.org"}).status_code == 202
    assert APIClient().post("/api/v1/auth/password/reset", {"email": "nobody@example.org"}).status_code == 202
    assert [message.to[0] for message in mail.outbox] == ["learner@example.org"]
    token = token_in(re.search(r"http\S+", mail.outbox[0].body)[0])  # type: ignore[index]
    weak = APIClient().post("/api/v1/auth/password/reset/confirm", {"token": token, "new_password": "12345678"})
    assert code_of(weak) == (400, "password_weak")
    body = {"token": token, "new_password": NEW}
    assert APIClient().post("/api/v1/auth/password/reset/confirm", body).status_code == 204
    assert signed_in.get("/api/v1/auth/me").status_code == 401
    assert (login("learner"), login("learner", NEW)) == (401, 200)
    assert code_of(APIClient().post("/api/v1/auth/password/reset/confirm", body)) == (400, "link_invalid")


def test_a_link_for_a_new_password_ends_after_an_hour(learner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.contrib.auth.tokens import PasswordResetTokenGenerator

    token = token_in(reset_link(learner))
    later = timezone.now().replace(tzinfo=None) + timedelta(hours=2)
    monkeypatch.setattr(PasswordResetTokenGenerator, "_now", lambda self: later)
    body = {"token": token, "new_password": NEW}
    assert code_of(APIClient().post("/api/v1/auth/password/reset/confirm", body)) == (400, "link_invalid")


def test_staff_hand_over_a_link_where_there_is_no_mail_server(staff: Any, learner: Any) -> None:
    page = console_client(staff).post(
        "/admin/accounts/user/", {"action": "make_reset_link", "_selected_action": [str(learner.pk)]}, follow=True
    )
    token = re.search(r"#reset/([0-9a-z-]+)", page.content.decode())[1]  # type: ignore[index]
    body = {"token": token, "new_password": NEW}
    assert APIClient().post("/api/v1/auth/password/reset/confirm", body).status_code == 204
    assert login("learner", NEW) == 200


def test_an_administrator_makes_no_link_for_a_superuser(staff: Any, make_user: Any) -> None:
    from django.contrib.auth.models import Group

    from tutor_project.platform.roles import roles_seed

    roles_seed()
    administrator = make_user("administrator", is_staff=True)
    administrator.groups.add(Group.objects.get(name="administrator"))
    page = console_client(administrator).post(
        "/admin/accounts/user/", {"action": "make_reset_link", "_selected_action": [str(staff.pk)]}, follow=True
    )
    assert "#reset/" not in page.content.decode()
    assert "Only a superuser" in page.content.decode()
