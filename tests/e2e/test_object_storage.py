"""The stack with its files in an object storage, as the settings offer it: nothing of a file lies on the machine's disk."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.outside import free_port
from tests.e2e.test_stack import (
    COMMAND_TIMEOUT_SECONDS,
    JOB_TIMEOUT_SECONDS,
    KEPT_VARIABLES,
    NOT_COPIED,
    ROOT,
    wait_until,
)
from tutor_project.stack.client import ApiError, TutorClient

WHY = "the storage in S3 is not tried: pip install -r requirements-dev.txt brings moto and django-storages"
boto3 = pytest.importorskip("boto3", reason=WHY)
pytest.importorskip("storages", reason=WHY)
pytest.importorskip("moto.server", reason=WHY)

pytestmark = pytest.mark.e2e

SAMPLE = ROOT / "samples" / "photosynthesis.pdf"
PASSWORD = "correct horse battery 9"


@dataclass
class Bucket:
    """A bucket of a server that speaks S3."""

    url: str
    name: str = "course-material"
    access: dict[str, str] = field(default_factory=lambda: {"access_key": "test", "secret_key": secrets.token_hex(8)})

    def settings(self) -> dict[str, str]:
        """What an operator puts into the environment."""
        options = {"bucket_name": self.name, "endpoint_url": self.url, "region_name": "us-east-1", **self.access}
        return {"STORAGE_BACKEND": "storages.backends.s3.S3Storage", "STORAGE_OPTIONS": json.dumps(options)}

    def client(self) -> Any:
        return boto3.client(
            "s3", endpoint_url=self.url, region_name="us-east-1", aws_access_key_id=self.access["access_key"],
            aws_secret_access_key=self.access["secret_key"],
        )  # fmt: skip

    def objects(self) -> list[str]:
        """The names of all objects."""
        return sorted(one["Key"] for one in self.client().list_objects_v2(Bucket=self.name).get("Contents", []))


@pytest.fixture(scope="module")
def bucket() -> Iterator[Bucket]:
    made = Bucket(f"http://127.0.0.1:{free_port()}")
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", made.url.rsplit(":", 1)[1]]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def answers() -> bool:
        assert server.poll() is None, "the server of the bucket did not start"
        with suppress(OSError), urllib.request.urlopen(made.url, timeout=2):
            return True
        return False

    try:
        wait_until(answers, 60)
        made.client().create_bucket(Bucket=made.name)
        yield made
    finally:
        server.terminate()
        server.wait(30)


@pytest.fixture(scope="module")
def folder(bucket: Bucket, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, TutorClient]]:
    """A copy of the repository whose files are in the bucket, and a learner's client."""
    copy = tmp_path_factory.mktemp("s3") / "checkout"
    shutil.copytree(ROOT, copy, ignore=NOT_COPIED)
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    environment = {**kept, **bucket.settings(), "PORT": str(free_port())}

    def stack(command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "tutor_project.stack", command], cwd=copy, env=environment, capture_output=True,
            text=True, timeout=COMMAND_TIMEOUT_SECONDS,
        )  # fmt: skip

    started = stack("up")
    assert started.returncode == 0, started.stdout + started.stderr
    client = TutorClient(f"http://127.0.0.1:{environment['PORT']}")
    yield copy, client
    stack("down")
    shutil.rmtree(copy, ignore_errors=True)


def downloaded(client: TutorClient, path: str) -> bytes:
    request = urllib.request.Request(
        f"{client.base_url}/api/v1{path}", headers={"Authorization": f"Bearer {client.token}"}
    )
    with urllib.request.urlopen(request, timeout=60) as response:
        return bytes(response.read())


def ended(client: TutorClient, job_id: str) -> Any:
    *_, job = client.job_states(job_id, timeout_seconds=JOB_TIMEOUT_SECONDS)
    assert job["status"] == "completed", job
    return job


def test_upload_reading_picture_export_and_erasure_go_through_the_bucket(
    bucket: Bucket, folder: tuple[Path, TutorClient]
) -> None:
    copy, client = folder
    account = {"username": f"learner-{secrets.token_hex(4)}", "password": PASSWORD}
    client.token = client.post("/auth/register", account)["token"]
    session_id = client.post("/sessions", {"title": "in the bucket"})["session_id"]
    job = ended(client, client.upload(session_id, SAMPLE)["job_id"])
    (result,) = job["result"]["results"]
    assert result["success"], result
    document = f"/documents/{result['document_id']}"
    (stored,) = bucket.objects()
    assert downloaded(client, f"{document}/file") == SAMPLE.read_bytes()
    assert downloaded(client, f"{document}/pages/1/image?width=400")[:4] in (b"\x89PNG", b"RIFF")
    assert client.get(f"{document}/content?type=text_only")["text"]

    export = client.post("/users/me/export")["job_id"]
    ended(client, export)
    assert downloaded(client, f"/users/me/exports/{export}")[:2] == b"PK"
    assert [key for key in bucket.objects() if key != stored]  # the picture and the export are there as well

    twice = client.post("/sessions", {"title": "the same bytes"})["session_id"]
    ended(client, client.upload(twice, SAMPLE)["job_id"])
    client.request("DELETE", document)
    assert stored in bucket.objects()  # another document has the same bytes

    client.post("/users/me/erase", {"password": PASSWORD})
    wait_until(lambda: bucket.objects() == [], JOB_TIMEOUT_SECONDS)
    media = copy / "var" / "media"
    assert [file for file in media.rglob("*") if file.is_file()] == []


def test_a_storage_that_is_away_is_a_named_503_and_the_upload_can_be_repeated(
    bucket: Bucket, folder: tuple[Path, TutorClient]
) -> None:
    _, client = folder
    client.register()
    session_id = client.post("/sessions", {"title": "later"})["session_id"]
    bucket.client().delete_bucket(Bucket=bucket.name)
    began = time.monotonic()
    with pytest.raises(ApiError) as refused:
        client.upload(session_id, SAMPLE)
    assert time.monotonic() - began < 30
    assert (refused.value.status, refused.value.body["errors"][0]["code"]) == (503, "storage_unreachable")
    assert client.get(f"/sessions/{session_id}/documents")["results"] == []
    bucket.client().create_bucket(Bucket=bucket.name)
    ended(client, client.upload(session_id, SAMPLE)["job_id"])
