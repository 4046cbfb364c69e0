"""What operators are told is what the code does: variables, deployment files, alerts, the image."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.files.base import ContentFile
from django.utils.module_loading import import_string

from tutor_project.settings import content

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
COMPOSE = ROOT / "docker" / "compose.yaml"
MANIFESTS = sorted((ROOT / "docker" / "k8s").glob("*.yaml"))
COMPOSE_OWN = {"IMAGE", "POSTGRES_PASSWORD", "POSTGRES_USER", "POSTGRES_DB", "SITE"}
"""Variables of the compose file itself and of the other images in it."""


def variables_read() -> set[str]:
    """Every variable that the settings read: the first argument of ``env.…("NAME")``."""
    names = set()
    package = ROOT / "tutor_project"
    for path in (package / "environment.py", *(package / "settings").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
                continue
            first = node.args[0]
            if ast.unparse(node.func.value) == "env" and isinstance(first, ast.Constant) and first.value.isupper():
                names.add(str(first.value))
    return names


def variables_of_roles() -> set[str]:
    """Those that the image's entry point reads."""
    return set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker" / "entrypoint.sh").read_text(encoding="utf-8")))


def variables_told() -> set[str]:
    """Those of the table in the guide."""
    table = GUIDE.split("## Configure")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}


def test_every_variable_is_told_and_every_told_one_is_read() -> None:
    assert len(variables_read()) > 30
    assert variables_told() == variables_read() | variables_of_roles()


def _services() -> dict[str, Any]:
    services: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
    return services


def test_the_compose_file_names_only_variables_that_something_reads() -> None:
    known = variables_read() | variables_of_roles() | COMPOSE_OWN
    for name, service in _services().items():
        assert set(service.get("environment", {})) <= known, name
    assert set(re.findall(r"\$\{([A-Z_]+)", COMPOSE.read_text(encoding="utf-8"))) <= known


def test_what_a_deployment_may_set_gets_through_the_compose_file() -> None:
    for name, service in _services().items():
        if "build" in service:
            assert service["env_file"] == [{"path": ".env", "required": False}], name


def test_the_compose_file_closes_every_container_of_ours() -> None:
    services = _services()
    ours = {name: service for name, service in services.items() if "build" in service}
    assert set(ours) == {"migrate", "web", "worker-high", "worker-model", "worker", "beat"}
    for name, service in ours.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert service["command"][0] in (ROOT / "docker" / "entrypoint.sh").read_text(encoding="utf-8"), name
    volumes = set(yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["volumes"])
    mounted = {mount.split(":")[0] for service in services.values() for mount in service.get("volumes", [])}
    assert {mount for mount in mounted if not mount.startswith(".")} == volumes
    for name, service in services.items():
        assert set(service.get("depends_on", {})) <= set(services), name


def test_the_image_takes_no_secrets_along_and_its_user_owns_the_volume() -> None:
    assert "**/.env" in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    final = (ROOT / "docker" / "Dockerfile").read_text(encoding="utf-8").split("\nFROM ")[-1]
    volume = json.loads(re.search(r"^VOLUME (.+)$", final, re.MULTILINE)[1])  # type: ignore[index]
    made = final[: final.index("\nUSER ")]
    assert all(re.search(rf"install -d -o tutor -g tutor .*{path}\b", made) for path in volume)


def test_static_files_are_readable_by_others_than_who_collected_them(tmp_path: Path) -> None:
    configured = content.STORAGES["staticfiles"]
    storage = import_string(configured["BACKEND"])(tmp_path, "/static/", **configured["OPTIONS"])
    name = storage.save("page.css", ContentFile(b"a {}"))
    assert (tmp_path / name).stat().st_mode & 0o777 == 0o644


def test_the_disk_that_is_watched_is_the_one_uploads_go_to(tmp_path: Path) -> None:
    told = "from django.conf import settings; print(settings.MEDIA_ROOT)"
    environment = production(
        TUTOR_VAR_DIR=str(tmp_path), DJANGO_SETTINGS_MODULE="tutor_project.settings",
        STORAGE_OPTIONS=json.dumps({"location": "/data/media"}),
    )  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", told], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == "/data/media", done.stderr


def _objects() -> list[dict[str, Any]]:
    return [found for path in MANIFESTS for found in yaml.safe_load_all(path.read_text(encoding="utf-8")) if found]


def test_the_manifests_close_every_container_and_name_known_variables() -> None:
    known = variables_read() | variables_of_roles()
    config = [found for found in _objects() if found["kind"] == "ConfigMap"]
    assert all(set(found["data"]) <= known for found in config)
    pods = [found["spec"]["template"]["spec"] for found in _objects() if found["kind"] in ("Deployment", "Job")]
    assert len(pods) >= 4
    for pod in pods:
        assert pod["securityContext"]["runAsNonRoot"] is True
        for container in pod["containers"]:
            security = container["securityContext"]
            assert security["readOnlyRootFilesystem"] is True
            assert security["allowPrivilegeEscalation"] is False
            assert {entry["name"] for entry in container.get("env", [])} <= known
            assert "memory" in container["resources"]["limits"]


def test_every_alert_the_code_raises_is_explained() -> None:
    section = GUIDE.split("## Alerts")[1].split("\n## ")[0]
    told = set(re.findall(r"^\| `([a-z_]+)`", section, re.MULTILINE))
    source = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("jobs_app", "documents_app", "sessions_app", "analytics_app", "tutor_project")
        for path in (ROOT / folder).rglob("*.py")
    )
    raised = set(re.findall(r"Finding\(\s*\"([a-z_]+)\", \"(?:warning|critical)\"", source))
    assert len(raised) >= 8
    assert raised <= told
    assert [code for code in told if f'"{code}"' not in source] == []


def production(**more: str) -> dict[str, str]:
    """The environment of a deployment."""
    return {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
        "DATABASE_URL": "postgres://tutor:secret@db.invalid:5432/tutor",
        "REDIS_URL": "redis://redis.invalid:6379/0",
        "SECRET_KEY": "k" * 30 + "".join(chr(65 + number) for number in range(26)),
        "ALLOWED_HOSTS": "tutor.example.org",
        "TRUST_PROXY": "true",
        **more,
    }


def check_deploy(tmp_path: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env=production(TUTOR_VAR_DIR=str(tmp_path), **more),
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_production_settings_pass_the_deployment_check_without_a_warning(tmp_path: Path) -> None:
    done = check_deploy(tmp_path)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize("wrong", [{"SECRET_KEY": "changeme"}, {"HTTPS": "false"}, {"DEBUG": "true"}])
def test_an_unsafe_deployment_does_not_pass(tmp_path: Path, wrong: dict[str, str]) -> None:
    done = check_deploy(tmp_path, **wrong)
    assert done.returncode != 0
    assert next(iter(wrong)) in done.stderr


@pytest.mark.parametrize("role", ["web", "worker", "beat", "migrate"])
def test_no_role_starts_with_a_weak_secret(role: str, tmp_path: Path) -> None:
    environment = production(TUTOR_VAR_DIR=str(tmp_path), SECRET_KEY="changeme", PORT="0")
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    done = subprocess.run(
        ["docker/entrypoint.sh", role], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode != 0
    assert "tutor.E001" in done.stderr
    assert "secrets.token_urlsafe" in done.stderr
