"""Folders, sessions and messages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from documents_app.selectors.documents import document_counts
from sessions_app.api.serializers.sessions import (
    FolderListSerializer,
    FolderSerializer,
    MessageSerializer,
    SessionCreatedSerializer,
    SessionCreateSerializer,
    SessionSerializer,
    SessionUpdateSerializer,
    session_shown,
)
from sessions_app.models import LearningSession
from sessions_app.selectors import sessions as selectors
from sessions_app.services import sessions as services
from tutor_project.common.api.authentication import user_id
from tutor_project.common.api.filtering import StrictBooleanFilter
from tutor_project.common.api.idempotency import idempotent
from tutor_project.common.api.pagination import CreatedCursorPagination
from tutor_project.common.api.queries import whole_asked


class FolderPagination(CreatedCursorPagination):
    """A page of folders: ``{folders, next}``."""

    page_size = 100

    def get_paginated_response(self, data: Any) -> Response:
        """Return ``{folders, next}``."""
        return Response({"folders": data, "next": self.get_next_link()})


class FolderListView(APIView):
    """The caller's folders."""

    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="folders_list", responses=FolderListSerializer, tags=["folders"])
    def get(self, request: Request) -> Response:
        """List folders, newest first."""
        paginator = FolderPagination()
        page = paginator.paginate_queryset(selectors.folder_list(owner_id=user_id(request)), request, view=self)
        counts = selectors.folder_document_counts(page or [])
        data = FolderSerializer(page, many=True, context={"document_counts": counts}).data
        return paginator.get_paginated_response(data)

    @extend_schema(
        operation_id="folders_create", request=FolderSerializer, responses={201: FolderSerializer}, tags=["folders"]
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Create a folder."""
        serializer = FolderSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        folder = services.folder_create(owner_id=user_id(request), name=serializer.validated_data["name"])
        return Response(FolderSerializer(folder).data, status=status.HTTP_201_CREATED)


class FolderDetailView(APIView):
    """One folder."""

    permission_classes = [IsAuthenticated]

    def _shown(self, folder: Any) -> dict[str, Any]:
        counts = selectors.folder_document_counts([folder])
        return dict(FolderSerializer(folder, context={"document_counts": counts}).data)

    @extend_schema(operation_id="folders_retrieve", responses=FolderSerializer, tags=["folders"])
    def get(self, request: Request, folder_id: UUID) -> Response:
        """Return the folder."""
        return Response(self._shown(selectors.folder_get(owner_id=user_id(request), folder_id=folder_id)))

    @extend_schema(
        operation_id="folders_update", request=FolderSerializer, responses=FolderSerializer, tags=["folders"]
    )
    def patch(self, request: Request, folder_id: UUID) -> Response:
        """Rename the folder."""
        folder = selectors.folder_get(owner_id=user_id(request), folder_id=folder_id)
        serializer = FolderSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response(self._shown(services.folder_update(folder=folder, name=serializer.validated_data["name"])))

    @extend_schema(operation_id="folders_destroy", responses={204: None}, tags=["folders"])
    def delete(self, request: Request, folder_id: UUID) -> Response:
        """Delete the folder; its sessions stay."""
        services.folder_delete(folder=selectors.folder_get(owner_id=user_id(request), folder_id=folder_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class SessionFilter(filters.FilterSet):
    """``folder`` and ``active``."""

    folder = filters.UUIDFilter(field_name="folder_id")
    active = StrictBooleanFilter(field_name="ended_at", lookup_expr="isnull")

    class Meta:
        model = LearningSession
        fields = ["folder", "active"]


CREATED = {"message": "Session created. Upload course material to begin."}


class SessionListView(generics.ListAPIView[LearningSession]):
    """The caller's sessions."""

    permission_classes = [IsAuthenticated]
    serializer_class = SessionSerializer
    filterset_class = SessionFilter

    def get_queryset(self) -> Any:
        """Return the caller's sessions."""
        return selectors.with_document_count(selectors.session_list(owner_id=user_id(self.request)))

    @extend_schema(operation_id="sessions_list", tags=["sessions"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List sessions, newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response([session_shown(session, session.document_count) for session in page or []])

    @extend_schema(
        operation_id="sessions_create",
        request=SessionCreateSerializer,
        responses={201: SessionCreatedSerializer},
        tags=["sessions"],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Begin a session."""
        serializer = SessionCreateSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        session = services.session_create(owner_id=user_id(request), **serializer.validated_data)
        response = Response(
            {**CREATED, "session_id": str(session.pk), **session_shown(session, 0)}, status=status.HTTP_201_CREATED
        )
        response["Location"] = f"/api/v1/sessions/{session.pk}"
        return response


def shown_session(session: LearningSession) -> dict[str, Any]:
    """Return the session's representation with its number of documents."""
    return session_shown(session, document_counts(session_ids=[session.pk]).get(session.pk, 0))


class SessionDetailView(APIView):
    """One session."""

    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="sessions_retrieve", responses=SessionSerializer, tags=["sessions"])
    def get(self, request: Request, session_id: UUID) -> Response:
        """Return the session."""
        session = selectors.session_with_count(owner_id=user_id(request), session_id=session_id)
        return Response(session_shown(session, session.document_count))

    @extend_schema(
        operation_id="sessions_update", request=SessionUpdateSerializer, responses=SessionSerializer, tags=["sessions"]
    )
    def patch(self, request: Request, session_id: UUID) -> Response:
        """Change title, folder or the date of the exam."""
        session = selectors.session_get(owner_id=user_id(request), session_id=session_id)
        serializer = SessionUpdateSerializer(data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        return Response(shown_session(services.session_update(session=session, changes=serializer.validated_data)))

    @extend_schema(operation_id="sessions_destroy", responses={204: None}, tags=["sessions"])
    def delete(self, request: Request, session_id: UUID) -> Response:
        """Delete the session with its documents and everything made from them."""
        services.session_delete(session=selectors.session_get(owner_id=user_id(request), session_id=session_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class SessionEndView(APIView):
    """The end of a session."""

    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="sessions_end", request=None, responses=SessionSerializer, tags=["sessions"])
    def post(self, request: Request, session_id: UUID) -> Response:
        """End the session; it stays readable."""
        session = selectors.session_get(owner_id=user_id(request), session_id=session_id)
        return Response(shown_session(services.session_end(session=session)))


class SessionReopenView(APIView):
    """The way back into a session that has ended."""

    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="sessions_reopen", request=None, responses=SessionSerializer, tags=["sessions"])
    def post(self, request: Request, session_id: UUID) -> Response:
        """Go on with a session that has ended."""
        session = selectors.session_get(owner_id=user_id(request), session_id=session_id)
        return Response(shown_session(services.session_reopen(session=session)))


class MessageListView(APIView):
    """The conversation of a session."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="sessions_messages",
        parameters=[OpenApiParameter("before", int), OpenApiParameter("limit", int, default=50)],
        responses=MessageSerializer(many=True),
        tags=["sessions"],
    )
    def get(self, request: Request, session_id: UUID) -> Response:
        """Return the newest messages before turn ``before``, oldest first."""
        session = selectors.session_get(owner_id=user_id(request), session_id=session_id)
        before = whole_asked(request, "before", minimum=1, maximum=2**31 - 1)
        limit = whole_asked(request, "limit", minimum=1, maximum=100) or 50
        messages = selectors.message_page(session=session, before=before, limit=limit)
        return Response(MessageSerializer(messages, many=True).data)
