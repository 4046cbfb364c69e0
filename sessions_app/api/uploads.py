"""Reading an upload request: a form with files, or JSON with base64."""

from __future__ import annotations

import base64
import binascii
from io import BytesIO
from typing import Any

from rest_framework.request import Request

from documents_app.services.receiving import MAX_FILENAME, IncomingFile, NoFiles, safe_filename
from sessions_app.api.serializers.sessions import UploadJsonSerializer
from tutor_project.common.errors import InvalidInput


class ContentNotBase64(InvalidInput):
    """400: the content of a file is not base64."""

    code = "content_not_base64"
    detail = "The content of this file is not valid base64. Encode the bytes with standard base64 and send them again."


class FilenameInvalid(InvalidInput):
    """400: the name of a file holds a NUL, which no file system and no database knows."""

    code = "filename_invalid"
    detail = "The name of this file holds a NUL character. Rename it and send it again."


def incoming_files(request: Request) -> list[IncomingFile]:
    """Return the files of the request in its order; a file that cannot be decoded carries its fault."""
    content_type = request.content_type or ""
    if content_type.startswith("multipart/"):
        uploads = request.FILES.getlist("files") or [file for _, files in request.FILES.lists() for file in files]
        return [IncomingFile(upload.name or "document", upload.file, upload.size or 0) for upload in uploads]
    if not isinstance(request.data, dict) or "files" not in request.data:
        raise NoFiles(attr="files")
    serializer = UploadJsonSerializer(data=request.data)
    serializer.is_valid(raise_exception=True)
    return [_decoded(entry) for entry in serializer.validated_data["files"]]


def _decoded(entry: dict[str, Any]) -> IncomingFile:
    name, content = entry["filename"], entry["content"]
    if "\0" in name:
        return IncomingFile(safe_filename(name), None, 0, FilenameInvalid())
    if not 0 < len(name) <= MAX_FILENAME:
        name = safe_filename(name)
    if content.startswith("data:"):
        content = content.partition(",")[2]
    try:
        data = base64.b64decode("".join(content.split()).encode("ascii"), validate=True)  # many encoders break lines
    except (binascii.Error, UnicodeEncodeError):
        return IncomingFile(name, None, 0, ContentNotBase64())
    return IncomingFile(name, BytesIO(data), len(data))
