"""A session's material: uploads, documents, analysis, search."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from documents_app.api.serializers.shared import (
    DocumentSerializer,
    SearchRequestSerializer,
    SearchResponseSerializer,
)
from documents_app.retrieval.search import Scope, search
from documents_app.selectors.documents import document_list
from documents_app.services.analysis import analysis_request, analysis_state
from documents_app.services.receiving import ReceivedFile, documents_receive
from sessions_app.api.serializers.sessions import (
    AnalysisRequestSerializer,
    AnalysisStateSerializer,
    UploadJsonSerializer,
    UploadMultipartSerializer,
    UploadResponseSerializer,
)
from sessions_app.api.uploads import incoming_files
from sessions_app.models import LearningSession
from sessions_app.selectors import sessions as selectors
from sessions_app.services.sessions import ensure_active
from tutor_project.common.api.authentication import user_id
from tutor_project.common.api.bodies import BoundedJSONParser
from tutor_project.common.api.idempotency import idempotent
from tutor_project.common.api.prefer import JobAcceptedSerializer, accepted
from tutor_project.platform.quotas import quota_spend


class SessionDocumentsView(generics.ListAPIView[Any]):
    """The documents of a session."""

    queryset = LearningSession.objects.none()  # names the model of the path parameter for the schema

    permission_classes = [IsAuthenticated]
    parser_classes = [MultiPartParser, BoundedJSONParser]
    serializer_class = DocumentSerializer
    throttle_scope = "upload"

    def get_queryset(self) -> Any:
        """Return the documents of the caller's session."""
        session = selectors.session_get(owner_id=user_id(self.request), session_id=self.kwargs["session_id"])
        return document_list(owner_id=user_id(self.request), session_id=session.pk)

    @extend_schema(operation_id="sessions_documents_list", tags=["documents"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the session's documents, newest first."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="sessions_documents_upload",
        request={"multipart/form-data": UploadMultipartSerializer, "application/json": UploadJsonSerializer},
        responses={202: UploadResponseSerializer},
        tags=["documents"],
    )
    @idempotent
    def post(self, request: Request, session_id: UUID) -> Response:
        """Upload files; each is judged on its own, the good ones go on."""
        session = selectors.session_get(owner_id=user_id(request), session_id=session_id)
        ensure_active(session)
        reception = documents_receive(owner_id=user_id(request), session_id=session.pk, files=incoming_files(request))
        body = {
            "vector_store_id": str(session.pk),
            "files_received": [entry.filename for entry in reception.files],
            "analysis_status": "pending",
            "messages": [entry.message for entry in reception.files],
            "documents": [_received(entry) for entry in reception.files],
        }
        return accepted(reception.job_id, **body)


def _received(entry: ReceivedFile) -> dict[str, Any]:
    shown = DocumentSerializer(entry.document).data
    return {key: shown[key] for key in ("id", "filename", "status", "error")} | {"duplicate": entry.duplicate}


class SessionAnalysisView(APIView):
    """The analysis of a session's material."""

    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="sessions_analysis", responses=AnalysisStateSerializer, tags=["analysis"])
    def get(self, request: Request, session_id: UUID) -> Response:
        """Return the analysis, or where it stands."""
        session = selectors.session_get(owner_id=user_id(request), session_id=session_id)
        return Response(analysis_state(session_id=session.pk))

    @extend_schema(
        operation_id="sessions_analysis_request",
        request=AnalysisRequestSerializer,
        responses={202: JobAcceptedSerializer},
        tags=["analysis"],
    )
    @idempotent
    def post(self, request: Request, session_id: UUID) -> Response:
        """Ask for an analysis; the job's result holds it."""
        session = selectors.session_get(owner_id=user_id(request), session_id=session_id)
        serializer = AnalysisRequestSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        quota_spend(user_id=session.owner_id, generations=1)
        return accepted(analysis_request(owner_id=user_id(request), session_id=session.pk, **serializer.validated_data))


def _found(scope: Scope, request: Request) -> Response:
    serializer = SearchRequestSerializer(data=request.data)
    serializer.is_valid(raise_exception=True)
    result = search(scope=scope, **serializer.validated_data)
    hits = [{"score": hit.score, "citation": hit.citation.as_dict()} for hit in result.hits]
    return Response({"hits": hits, "coverage": result.coverage.as_dict()}, status=status.HTTP_200_OK)


class SessionSearchView(APIView):
    """Search in a session."""

    permission_classes = [IsAuthenticated]
    throttle_price = 2

    @extend_schema(
        operation_id="sessions_search",
        request=SearchRequestSerializer,
        responses={200: SearchResponseSerializer},
        tags=["search"],
    )
    def post(self, request: Request, session_id: UUID) -> Response:
        """Search the session's documents."""
        session = selectors.session_get(owner_id=user_id(request), session_id=session_id)
        return _found(Scope(owner_id=user_id(request), session_ids=(session.pk,)), request)


class FolderSearchView(APIView):
    """Search across a folder."""

    permission_classes = [IsAuthenticated]
    throttle_price = 2

    @extend_schema(
        operation_id="folders_search",
        request=SearchRequestSerializer,
        responses={200: SearchResponseSerializer},
        tags=["search"],
    )
    def post(self, request: Request, folder_id: UUID) -> Response:
        """Search the documents of all sessions in the folder."""
        folder = selectors.folder_get(owner_id=user_id(request), folder_id=folder_id)
        scope = Scope(owner_id=user_id(request), session_ids=tuple(selectors.folder_session_ids(folder=folder)))
        return _found(scope, request)
