"""Document endpoints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, status
from rest_framework.permissions import IsAdminUser, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from documents_app.api.content import CONTENT_PARTS, content_parts
from documents_app.api.serializers.documents import (
    ContentPageSerializer,
    DocumentContentSerializer,
    DocumentStatsSerializer,
    FigureSerializer,
    PageBoxesQuerySerializer,
    PageBoxesSerializer,
    PageImageQuerySerializer,
)
from documents_app.api.serializers.shared import DocumentSerializer
from documents_app.selectors import documents as selectors
from documents_app.selectors.statistics import document_stats
from documents_app.services.documents import document_retry
from documents_app.services.pictures import MEDIA_TYPE, StoredPicture, figure_picture, page_boxes, page_picture
from documents_app.services.removal import document_delete
from documents_app.services.storage import file_open
from tutor_project.common.api.authentication import user_id
from tutor_project.common.api.idempotency import idempotent
from tutor_project.common.api.prefer import JobAcceptedSerializer, accepted
from tutor_project.common.api.queries import uuid_asked
from tutor_project.common.api.time_range import parse_time_range
from tutor_project.common.errors import InvalidInput, NotFound

PICTURE_CACHING = "private, max-age=3600"


class ContentTypeInvalid(InvalidInput):
    """400: no such kind of content."""

    code = "content_type_invalid"
    detail = "Use type=text_only, structured, metadata or full."


class FileMissing(NotFound):
    """404: the bytes were refused at the door and not kept."""

    code = "file_missing"
    detail = "The bytes of this document were refused and not kept. Upload it again."


class DocumentDetailView(APIView):
    """One document."""

    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="documents_retrieve", responses=DocumentSerializer, tags=["documents"])
    def get(self, request: Request, document_id: UUID) -> Response:
        """Return the document's state."""
        document = selectors.document_get(owner_id=user_id(request), document_id=document_id)
        return Response(DocumentSerializer(document).data)

    @extend_schema(operation_id="documents_destroy", responses={204: None}, tags=["documents"])
    def delete(self, request: Request, document_id: UUID) -> Response:
        """Delete the document and everything derived from it."""
        document = selectors.document_get(owner_id=user_id(request), document_id=document_id)
        document_delete(document_id=document.pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


class DocumentContentView(APIView):
    """The stored form of a document."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="documents_content",
        parameters=[OpenApiParameter("type", str, enum=sorted(CONTENT_PARTS), default="full"), ContentPageSerializer],
        responses=DocumentContentSerializer,
        tags=["documents"],
    )
    def get(self, request: Request, document_id: UUID) -> Response:
        """Return text with page offsets, blocks, headings, tables, warnings, metadata: what ``type`` names.

        ``blocks_after`` and ``limit`` page through the blocks of a long document.
        """
        kind = request.query_params.get("type", "full")
        if kind not in CONTENT_PARTS:
            raise ContentTypeInvalid(attr="type")
        paging = ContentPageSerializer(data=request.query_params)
        paging.is_valid(raise_exception=True)
        document = selectors.document_get(owner_id=user_id(request), document_id=document_id)
        content = selectors.document_content(document=document)
        body: dict[str, Any] = {"document_id": str(document.pk), "filename": document.filename}
        body |= content_parts(content, kind, **paging.validated_data)
        if "figures" in CONTENT_PARTS[kind]:
            body["figures"] = FigureSerializer(selectors.figure_list(document=document), many=True).data
        return Response(body)


class PageImageView(APIView):
    """A page as a picture."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="documents_page_image",
        parameters=[PageImageQuerySerializer],
        responses={(200, MEDIA_TYPE): OpenApiTypes.BINARY, 304: None},
        tags=["documents"],
    )
    def get(self, request: Request, document_id: UUID, page: int) -> HttpResponseBase:
        """Return the page of a PDF as it looks, drawn once and then kept; ``ETag`` saves the way.

        503 with ``Retry-After`` while other pages are being drawn.
        """
        document = selectors.document_get(owner_id=user_id(request), document_id=document_id)
        query = PageImageQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        width = query.validated_data["width"]
        tag = f'"{document.file_id}-{page}-{width}"'
        return _picture_response(request, tag, lambda: page_picture(document=document, page=page, width=width))


class PageBoxesView(APIView):
    """Where a span of the text stands on its page."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="documents_page_boxes",
        parameters=[PageBoxesQuerySerializer],
        responses=PageBoxesSerializer,
        tags=["documents"],
    )
    def get(self, request: Request, document_id: UUID, page: int) -> Response:
        """Return boxes for a highlight over the picture of the page."""
        document = selectors.document_get(owner_id=user_id(request), document_id=document_id)
        query = PageBoxesQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        return Response(page_boxes(document=document, page=page, **query.validated_data))


class DocumentFigureView(APIView):
    """A figure of a document."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="documents_figure",
        responses={(200, "image/*"): OpenApiTypes.BINARY, 304: None},
        tags=["documents"],
    )
    def get(self, request: Request, document_id: UUID, n: int) -> HttpResponseBase:
        """Return the picture; the structured content lists the figures with their captions."""
        document = selectors.document_get(owner_id=user_id(request), document_id=document_id)
        figure = selectors.figure_get(document=document, n=n)
        tag = f'"{document.file_id}-figure-{n}-{figure.pk}"'
        return _picture_response(request, tag, lambda: figure_picture(document=document, figure=figure))


def _picture_response(request: Request, tag: str, found: Callable[[], StoredPicture]) -> HttpResponseBase:
    """Return a picture, or 304 to who has it already; it is found only if it has to be sent."""
    response = get_conditional_response(request._request, etag=tag)
    if response is None:
        picture = found()
        response = HttpResponse(picture.data, content_type=picture.media_type)
        response["X-Content-Type-Options"] = "nosniff"
        # A picture out of somebody's file runs nothing, wherever it is opened.
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["ETag"] = tag
    response["Cache-Control"] = PICTURE_CACHING
    return response


class DocumentFileView(APIView):
    """The uploaded bytes."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="documents_file",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
        tags=["documents"],
    )
    def get(self, request: Request, document_id: UUID) -> FileResponse:
        """Download the file as it was uploaded; never shown inline."""
        document = selectors.document_get(owner_id=user_id(request), document_id=document_id)
        if document.file is None:
            raise FileMissing
        response = FileResponse(file_open(path=document.file.path), content_type="application/octet-stream")
        response["Content-Length"] = document.size
        response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(document.filename)}"
        response["X-Content-Type-Options"] = "nosniff"
        return response


class DocumentRetryView(APIView):
    """Process a failed document again."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="documents_retry", request=None, responses={202: JobAcceptedSerializer}, tags=["documents"]
    )
    @idempotent
    def post(self, request: Request, document_id: UUID) -> Response:
        """Create a new job for the document."""
        document = selectors.document_get(owner_id=user_id(request), document_id=document_id)
        return accepted(document_retry(document=document))


class DocumentStatsView(APIView):
    """Figures of the caller's uploads."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="documents_stats",
        parameters=[
            OpenApiParameter("session", OpenApiTypes.UUID),
            OpenApiParameter("time_range", str, enum=["1h", "24h", "7d", "30d"], default="30d"),
            OpenApiParameter("from", OpenApiTypes.DATETIME),
            OpenApiParameter("to", OpenApiTypes.DATETIME),
        ],
        responses=DocumentStatsSerializer,
        tags=["documents"],
    )
    def get(self, request: Request) -> Response:
        """Return totals, success rate, processing times, types and uploads a day."""
        span = parse_time_range(request.query_params, default="30d")
        session_id = uuid_asked(request, "session")
        documents = selectors.document_list(owner_id=user_id(request), session_id=session_id)
        return Response(document_stats(documents=documents, span=span))


class PendingEmbeddingsView(generics.ListAPIView[Any]):
    """Documents that wait for their embeddings (staff)."""

    permission_classes = [IsAdminUser]
    serializer_class = DocumentSerializer

    def get_queryset(self) -> Any:
        """Return waiting documents; the pagination orders them."""
        return selectors.pending_embeddings()

    @extend_schema(operation_id="documents_pending_embeddings", tags=["documents"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List waiting documents."""
        return super().get(request, *args, **kwargs)
