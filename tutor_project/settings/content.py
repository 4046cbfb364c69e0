"""Uploads and the file store."""

from __future__ import annotations

from tutor_project.environment import VAR_DIR, env

STORAGES = {
    "default": {
        "BACKEND": env.str("STORAGE_BACKEND", default="django.core.files.storage.FileSystemStorage"),
        "OPTIONS": env.json("STORAGE_OPTIONS", default={"location": str(VAR_DIR / "media")}),
    },
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage",
        # Not those of uploads: who collects them (root, while an image is built) is not who serves them.
        "OPTIONS": {"file_permissions_mode": 0o644},
    },
}
MEDIA_ROOT = STORAGES["default"]["OPTIONS"].get("location", VAR_DIR / "media")
"""Where uploads lie when they lie in files: the disk whose free space is watched."""

# The body of one request: 50 MB of files travel as 67 MB of base64 in JSON. Per-file and per-request limits are
# runtime settings; this bound only protects the process.
DATA_UPLOAD_MAX_MEMORY_SIZE = env.int("MAX_REQUEST_BYTES", default=75 * 1024 * 1024)
DATA_UPLOAD_MAX_NUMBER_FILES = 200
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_TEMP_DIR = env.str("UPLOAD_TEMP_DIR", default="") or None
# Uploads are read through the API alone; on a shared machine nobody else may.
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
