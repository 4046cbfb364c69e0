"""A small client of the REST API, standard library only: what a front end would do, without a front end."""

from __future__ import annotations

import json
import mimetypes
import secrets
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tutor_project.stack.errors import StackError

REQUEST_TIMEOUT_SECONDS = 120
POLL_SECONDS = 0.25
FINISHED = frozenset({"completed", "failed", "cancelled"})


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The API never redirects; following would turn a POST into a GET."""

    def redirect_request(self, *arguments: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))


class ApiError(StackError):
    """The API refused a request; ``body`` is its error body."""

    def __init__(self, method: str, path: str, status: int, body: Any) -> None:
        self.status = status
        self.body = body
        details = body.get("errors", []) if isinstance(body, dict) else []
        said = "; ".join(f"{error.get('code')}: {error.get('detail')}" for error in details) or str(body)[:300]
        super().__init__(f"{method} {path} was answered with {status}: {said}")


@dataclass(slots=True)
class TutorClient:
    """Talks to the stack at ``base_url`` (no trailing slash); ``login`` or ``register`` first.

    ``patience``: seconds until a request that is not answered is given up.
    """

    base_url: str
    token: str = ""
    patience: float = REQUEST_TIMEOUT_SECONDS

    def get(self, path: str) -> Any:
        """GET below ``/api/v1``."""
        return self.request("GET", path)

    def post(self, path: str, body: Any = None) -> Any:
        """POST JSON below ``/api/v1``."""
        return self.request("POST", path, json.dumps(body or {}).encode(), "application/json")

    def request(self, method: str, path: str, data: bytes | None = None, content_type: str = "") -> Any:
        """One request; the decoded answer. Raises ``ApiError`` for 4xx and 5xx, ``StackError`` when nobody answers."""
        headers = {"Accept": "application/json"}
        if content_type:
            headers["Content-Type"] = content_type
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        url = f"{self.base_url}/api/v1{path}"
        request = urllib.request.Request(url, data=data, headers=headers, method=method)  # noqa: S310 - our own address
        try:
            with _OPENER.open(request, timeout=self.patience) as response:
                return _decoded(response.read())
        except urllib.error.HTTPError as error:
            if error.headers.get("Location", "").startswith("https://"):
                raise StackError(
                    f"{self.base_url} insists on HTTPS: set HTTPS=false to try it on this machine without a proxy."
                ) from None
            raise ApiError(method, path, error.code, _decoded(error.read())) from None
        except OSError as error:
            raise StackError(f"{self.base_url} does not answer ({error}): see var/log/web.log.") from None

    def ready(self, role: str = "web") -> bool:
        """Whether the stack says it can serve."""
        return self.missing(role) == []

    def missing(self, role: str = "web") -> list[str]:
        """What the stack lacks to serve, by name (``database``, ``redis``); ``web`` when nobody answers at all."""
        try:
            with _OPENER.open(f"{self.base_url}/readyz?role={role}", timeout=5):
                return []
        except urllib.error.HTTPError as error:
            body = _decoded(error.read())
            checks = body.get("checks", {}) if isinstance(body, dict) else {}
            return sorted(name for name, passed in checks.items() if not passed) or ["web"]
        except OSError:
            return ["web"]

    def login(self, username: str, password: str) -> None:
        """Log in; later requests carry the token."""
        self.token = self.post("/auth/login", {"username": username, "password": password})["token"]

    def register(self) -> None:
        """Make an account nobody else knows, and log in."""
        name, password = f"demo-{secrets.token_hex(4)}", secrets.token_urlsafe(16)
        self.token = self.post("/auth/register", {"username": name, "password": password})["token"]

    def upload(self, session_id: str, file: Path) -> Any:
        """Send ``file`` as course material of a session; the 202 answer."""
        boundary = secrets.token_hex(16)
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        name = file.name.translate({ord('"'): "%22", 10: "%0A", 13: "%0D"})  # as browsers spell them
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
            f"Content-Type: {kind}\r\n\r\n"
        )
        data = head.encode() + file.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
        content_type = f"multipart/form-data; boundary={boundary}"
        return self.request("POST", f"/sessions/{session_id}/documents", data, content_type)

    def job_states(self, job_id: str, *, timeout_seconds: float) -> Iterator[Any]:
        """The job as it changes, the last one finished. Raises ``StackError`` when that takes too long."""
        deadline = time.monotonic() + timeout_seconds
        while True:
            job = self.get(f"/jobs/{job_id}")
            yield job
            if job["status"] in FINISHED:
                return
            if time.monotonic() > deadline:
                raise StackError(
                    f"Job {job_id} is still {job['status']} ({job['stage']}) after {timeout_seconds:.0f} s: "
                    "see var/log/worker.log."
                )
            time.sleep(POLL_SECONDS)


def _decoded(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return body.decode("utf-8", "replace")
