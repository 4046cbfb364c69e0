"""Closed doors: tokens after a change of password, forged requests, policies, headers, bodies, logins by the dozen."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.core.management import call_command
from django.test import Client
from knox.models import AuthToken
from rest_framework.test import APIClient

from tests.support.console import console_client
from tests.support.fixtures import client_for
from tutor_project.platform.config import setting_set

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[2]
NEW = "another horse 10"


def _by_the_console(staff: Any, learner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = f"/admin/accounts/user/{learner.pk}/password/"
    done = console_client(staff).post(path, {"password1": NEW, "password2": NEW, "usable_password": "true"})
    assert done.status_code == 302


def _by_command(staff: Any, learner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getpass", lambda **options: NEW)
    call_command("changepassword", learner.username, stdout=StringIO())


def _by_code(staff: Any, learner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    learner.set_password(NEW)
    learner.save()


@pytest.mark.parametrize("change", [_by_the_console, _by_command, _by_code])
def test_a_change_of_password_ends_every_sign_in(
    change: Callable[..., None], staff: Any, learner: Any, make_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone, laptop, other = client_for(learner), client_for(learner), client_for(make_user("other"))
    change(staff, learner, monkeypatch)
    learner.refresh_from_db()
    assert learner.check_password(NEW)
    assert {client.get("/api/v1/auth/me").status_code for client in (phone, laptop)} == {401}
    assert other.get("/api/v1/auth/me").status_code == 200


def test_a_login_that_only_renews_the_hash_ends_no_sign_in(learner: Any, settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher", *settings.PASSWORD_HASHERS]
    client_for(learner)
    before = learner.password
    assert isinstance(learner, AbstractBaseUser)
    assert learner.check_password("correct horse 9")
    learner.refresh_from_db()
    assert learner.password != before
    assert AuthToken.objects.filter(user=learner).count() == 1


def test_the_console_takes_no_forged_request(staff: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post("/admin/login/", {"username": "staff", "password": "correct horse 9"}).status_code == 403
    client.force_login(staff)
    assert client.post("/admin/constance/config/", {"reason": "x"}).status_code == 403


def test_a_session_of_the_console_opens_nothing_on_the_api(staff: Any) -> None:
    client = console_client(staff)
    assert client.get("/admin/").status_code == 200
    assert client.get("/api/v1/auth/me").status_code == 401
    assert client.post("/api/v1/system/cache/clear", {"pattern": "*"}).status_code == 401


def test_logins_by_the_dozen_are_stopped_by_account_and_address(staff: Any, learner: Any) -> None:
    setting_set(key="THROTTLE_LOGIN", value=3, user=staff)
    codes = [
        APIClient().post("/api/v1/auth/login", {"username": "learner", "password": f"guess {number}"}).status_code
        for number in range(6)
    ]
    assert codes[:3] == [401, 401, 401]
    assert set(codes[3:]) == {429}


@pytest.mark.parametrize("path", ["/", "/learn", "/api/docs", "/api/v1/auth/me", "/livez", "/no/such/page"])
def test_our_pages_allow_no_inline_code(path: str) -> None:
    response = Client().get(path)
    policy = response.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["X-Frame-Options"] == "DENY"


def test_no_page_of_ours_needs_inline_code() -> None:
    templates = list((ROOT / "tutor_project" / "templates").rglob("*.html"))
    assert len(templates) > 8
    for path in templates:
        text = path.read_text(encoding="utf-8")
        assert re.search(r"<script(?![^>]*\bsrc=)[^>]*>", text) is None, path
        assert re.search(r"\son[a-z]+=|javascript:|\sstyle=", text) is None, path
    for path in (ROOT / "tutor_project" / "static").rglob("*.js"):
        assert (
            re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", path.read_text())
            is None
        ), path


@pytest.mark.parametrize("name", ["a\r\nSet-Cookie: x=1.pdf", 'a"; filename="b.html', "a\nb.pdf", "../../etc/passwd"])
def test_a_name_of_a_file_adds_no_header(name: str, api: APIClient) -> None:
    from base64 import b64encode

    session = api.post("/api/v1/sessions", {"title": "x"}).json()["session_id"]
    files = [{"filename": name, "content": b64encode(b"Cells are full of water.").decode()}]
    made = api.post(f"/api/v1/sessions/{session}/documents", {"files": files}).json()["documents"][0]
    response = api.get(f"/api/v1/documents/{made['id']}/file")
    if response.status_code == 200:
        assert "Set-Cookie" not in response.headers
        disposition = response.headers["Content-Disposition"]
        assert disposition.startswith("attachment; filename*=UTF-8''")
        assert re.fullmatch(r"[A-Za-z0-9%._~'*=; -]+", disposition)
        assert response.headers["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize("sent", ["a\r\nX-Evil: 1", "x" * 500, "\x00", "ä"])
def test_a_request_id_adds_no_header(sent: str) -> None:
    response = Client(headers={"X-Request-ID": sent}).get("/livez")
    assert "X-Evil" not in response.headers
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,128}", response.headers["X-Request-ID"])


def test_a_body_above_the_limit_is_refused_by_name(api: APIClient, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    response = api.post("/api/v1/sessions", {"title": "x" * 5000})
    assert response.status_code == 413
    assert response.json()["errors"][0]["code"] == "request_too_large"
