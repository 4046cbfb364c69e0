"""Plan, lesson, dialogue, questions, summaries, report."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from functools import partial
from typing import Any
from uuid import UUID

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from jobs_app.api.waiting import job_ends_within, job_result
from sessions_app.api.serializers.teaching import (
    AskSerializer,
    EnvelopeSerializer,
    InteractSerializer,
    LessonSerializer,
    MiniQuizSerializer,
    PlanSerializer,
    ReplySerializer,
    ReportRequestedSerializer,
    ReportSerializer,
    SummarySerializer,
    TopicSerializer,
)
from sessions_app.api.writing import written
from sessions_app.models import LearningSession, Lesson, Plan, SessionReport
from sessions_app.selectors import sessions as selectors
from sessions_app.services import asking, dialogue, engines, reports, summaries, teaching
from sessions_app.services.sessions import ensure_active
from tutor_project.common.api.authentication import user_id
from tutor_project.common.api.idempotency import idempotent
from tutor_project.common.api.languages import language_wanted
from tutor_project.common.api.live import is_live, live, taken_up
from tutor_project.common.api.prefer import JobAcceptedSerializer, accepted, not_yet
from tutor_project.common.api.sse import EventStreamRenderer, StreamEvent, event_stream, last_event_id
from tutor_project.common.api.waiting import FinalAnswer, on_event_loop, waiting
from tutor_project.common.threads import in_thread


class SessionView(APIView):
    """Base of views under one session of the caller."""

    permission_classes = [IsAuthenticated]

    def session(self, request: Request, session_id: UUID) -> LearningSession:
        """Return the caller's session."""
        return selectors.session_get(owner_id=user_id(request), session_id=session_id)

    def active_session(self, request: Request, session_id: UUID) -> LearningSession:
        """Return the caller's session if it has not ended."""
        session = self.session(request, session_id)
        ensure_active(session)
        return session


class TopicView(SessionView):
    """Base of the views that make something of the session's material on a topic."""

    throttle_scope = "generate"

    def made_on_topic(
        self,
        request: Request,
        session_id: UUID,
        job_type: str,
        *,
        now: Callable[[LearningSession, str], dict[str, Any]],
        made: Callable[[dict[str, Any]], Any],
        status: int,
    ) -> Any:
        """Return ``now(session, topic)``, or the job of this type whose result ``made`` shows where it has to wait."""
        session = self.active_session(request, session_id)
        serializer = TopicSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        topic = serializer.validated_data["topic"]
        return written(
            request,
            session,
            job_type,
            {"topic": topic},
            by_model=engines.lessons_by_model(session),
            now=lambda: now(session, topic),
            made=made,
            status=status,
        )


class SessionPlanView(TopicView):
    """The study plan."""

    @extend_schema(operation_id="sessions_plan", responses=PlanSerializer(allow_null=True), tags=["teaching"])
    def get(self, request: Request, session_id: UUID) -> Response:
        """Return the plan, or null."""
        plan = Plan.objects.filter(session=self.session(request, session_id)).first()
        return Response(teaching.plan_shown(plan) if plan else None)

    @extend_schema(
        operation_id="sessions_plan_generate",
        request=TopicSerializer,
        responses={200: PlanSerializer, 202: JobAcceptedSerializer},
        tags=["teaching"],
    )
    @idempotent
    def post(self, request: Request, session_id: UUID) -> Any:
        """Make the plan (again); 202 with the job to wait for until the material is analysed."""
        return self.made_on_topic(
            request,
            session_id,
            "plan_generation",
            now=lambda session, topic: teaching.plan_shown(teaching.plan_generate(session=session, topic=topic)),
            made=teaching.plan_made_shown,
            status=status.HTTP_200_OK,
        )


class SessionLessonView(TopicView):
    """The lesson."""

    @extend_schema(operation_id="sessions_lesson", responses=LessonSerializer(allow_null=True), tags=["teaching"])
    def get(self, request: Request, session_id: UUID) -> Response:
        """Return the lesson, or null."""
        lesson = Lesson.objects.filter(session=self.session(request, session_id)).first()
        return Response(teaching.lesson_shown(lesson) if lesson else None)

    @extend_schema(
        operation_id="sessions_lesson_generate",
        request=TopicSerializer,
        responses={201: LessonSerializer, 202: JobAcceptedSerializer},
        tags=["teaching"],
    )
    @idempotent
    def post(self, request: Request, session_id: UUID) -> Any:
        """Make the lesson (again); 202 with the job to wait for until the material is analysed, or where it is long."""
        return self.made_on_topic(
            request,
            session_id,
            "lesson_generation",
            now=lambda session, topic: teaching.lesson_shown(teaching.lesson_generate(session=session, topic=topic)),
            made=teaching.lesson_made_shown,
            status=status.HTTP_201_CREATED,
        )


LESSON_PATIENCE = 15.0
"""Seconds that a learner who begins a dialogue waits for a model's lesson before the built-in one opens it."""


class StreamingView(SessionView):
    """Base of the views that answer in one piece or, where ``Accept`` asks for it, as events."""

    throttle_price = 5
    renderer_classes = [JSONRenderer, EventStreamRenderer]

    @staticmethod
    def streams(request: Request) -> bool:
        """Tell whether the caller wants the answer as events."""
        return bool(request.accepted_renderer.media_type == EventStreamRenderer.media_type)

    def told(self, request: Request, scope: UUID, events: AsyncGenerator[StreamEvent, None]) -> Any:
        """Return ``events`` as a stream where the caller wants one, else what they end with, for which no thread waits.

        Who loses a stream can take it up for a minute, where ``scope`` is.
        """
        if self.streams(request):
            return event_stream(live(str(scope), events) if on_event_loop(request) else events)

        async def whole() -> FinalAnswer:
            shown = [event.data async for event in events if event.event == "done"]
            return FinalAnswer(shown[-1] if shown else {})

        return waiting(request, whole)

    def taken_up(self, request: Request, scope: UUID) -> StreamingHttpResponse | None:
        """Return the rest of a stream that the caller has lost, None when none is under way or the caller lost none."""
        seen = last_event_id(request) if self.streams(request) else None
        if seen is None or not on_event_loop(request) or not is_live(str(scope), seen):
            return None
        return event_stream(taken_up(str(scope), seen))


class SessionInteractView(StreamingView):
    """The tutoring dialogue."""

    @extend_schema(
        operation_id="sessions_interact",
        request=InteractSerializer,
        responses={
            200: EnvelopeSerializer,
            (200, "text/event-stream"): OpenApiTypes.STR,
            202: JobAcceptedSerializer,
        },
        tags=["teaching"],
    )
    @idempotent
    def post(self, request: Request, session_id: UUID) -> Any:
        """Take one turn: start, next, previous, answer, hint, summary or question; streamed when ``Accept`` asks for it.

        202 with a job while it cannot be taken yet. ``Last-Event-ID`` takes a lost stream up again, for a minute.
        """
        session = self.active_session(request, session_id)
        if (rest := self.taken_up(request, session.pk)) is not None:
            return rest
        dialogue.ensure_not_taken(session=session, event_id=last_event_id(request))
        serializer = InteractSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        action, data = serializer.validated_data["type"], serializer.validated_data["data"]
        spoken = language_wanted(request)
        by_model = engines.lessons_by_model(session) or engines.tutors_by_model(session)
        if not (by_model and on_event_loop(request)):
            awaited = dialogue.turn_awaited(session=session, action=action, data=data)
            if awaited is not None:
                return not_yet(awaited)
            lesson = None
        else:
            lesson = dialogue.lesson_job(session, data) if dialogue.lesson_missing(session) else None
        if not by_model and not self.streams(request):
            return Response(dialogue.dialogue_interact(session=session, action=action, data=data, wanted=spoken))
        # What can be refused is refused here, before a stream begins.
        draft = None if lesson else dialogue.turn_drafted(session, action, data, spoken)

        async def turn() -> AsyncGenerator[StreamEvent, None]:
            if lesson is not None:
                yield StreamEvent("progress", {"stage": "lesson"})
                opened = await job_result(lesson, shown=dict, status=status.HTTP_200_OK)()
                if opened.data.get("written_by"):
                    await job_ends_within(LESSON_PATIENCE, UUID(opened.data["written_by"]))
            # A session may have gone, ended or gone on while its first turn waited.
            present = await in_thread(self.active_session, request, session_id) if lesson else session
            steps = dialogue.dialogue_turn(session=present, action=action, data=data, wanted=spoken, draft=draft)
            async with aclosing(steps):
                async for step in steps:
                    yield step

        return self.told(request, session.pk, turn())


class AskView(StreamingView):
    """Base of the views that answer questions about material."""

    def answered(self, request: Request, scope: UUID, begin: Callable[..., asking.Asking]) -> Any:
        """Answer the question in ``request``, asked where ``begin`` says, streamed when ``Accept`` asks for it.

        A lost stream of the same ``scope`` is taken up instead.
        """
        if (rest := self.taken_up(request, scope)) is not None:
            return rest
        serializer = AskSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        wanted = serializer.validated_data
        answer = asking.question_answer(begin(wanted["question"], document_ids=wanted["document_ids"]))
        if not isinstance(answer, dict):
            return self.told(request, scope, answer)
        return self.told(request, scope, asking.reply_stream(answer)) if self.streams(request) else Response(answer)


class SessionAskView(AskView):
    """Questions about the material of a session."""

    @extend_schema(
        operation_id="sessions_ask",
        request=AskSerializer,
        responses={200: ReplySerializer, (200, "text/event-stream"): OpenApiTypes.STR},
        tags=["teaching"],
    )
    @idempotent
    def post(self, request: Request, session_id: UUID) -> Any:
        """Answer with exact citations, streamed when ``Accept`` asks for it; ``Last-Event-ID`` resumes a stream."""
        session = self.active_session(request, session_id)
        resumed = self._resumed(session, last_event_id(request)) if self.streams(request) else None
        if resumed is not None:
            shown, position = resumed
            return event_stream(asking.reply_stream(shown, after=position))
        return self.answered(request, session.pk, partial(asking.Asking.in_session, session))

    @staticmethod
    def _resumed(session: LearningSession, event_id: str | None) -> tuple[dict[str, Any], int] | None:
        """Return the stored answer and the position of the last event seen, if the id names one of this session."""
        message, _, position = (event_id or "").partition(":")
        try:
            message_id, seen = UUID(message), int(position)
        except ValueError:
            return None
        shown = asking.reply_stored(session=session, message_id=message_id)
        return (shown, seen) if shown is not None else None


class FolderAskView(AskView):
    """Questions about the material of all sessions of a folder; nothing is kept of them."""

    @extend_schema(
        operation_id="folders_ask",
        request=AskSerializer,
        responses={200: ReplySerializer, (200, "text/event-stream"): OpenApiTypes.STR},
        tags=["teaching"],
    )
    @idempotent
    def post(self, request: Request, folder_id: UUID) -> Any:
        """Answer with exact citations of any document in the folder, streamed when ``Accept`` asks for it."""
        folder = selectors.folder_get(owner_id=user_id(request), folder_id=folder_id)
        return self.answered(request, folder.pk, partial(asking.Asking.in_folder, folder))


class MiniQuizLogView(SessionView):
    """The log of mini quizzes."""

    @extend_schema(
        operation_id="sessions_log_mini_quiz", request=MiniQuizSerializer, responses={204: None}, tags=["teaching"]
    )
    @idempotent
    def post(self, request: Request, session_id: UUID) -> Response:
        """Count a mini quiz of the front end."""
        session = self.active_session(request, session_id)
        serializer = MiniQuizSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        wanted = serializer.validated_data
        topic = wanted["topic"] or wanted["related_section"]
        summaries.mini_quiz_log(session=session, correct=wanted["is_correct"], topic=topic)
        return Response(status=status.HTTP_204_NO_CONTENT)


class SummaryLogView(SessionView):
    """The learner's summaries."""

    @extend_schema(
        operation_id="sessions_log_summary", request=SummarySerializer, responses={204: None}, tags=["teaching"]
    )
    @idempotent
    def post(self, request: Request, session_id: UUID) -> Response:
        """Keep a summary; it is judged in the background."""
        session = self.active_session(request, session_id)
        serializer = SummarySerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        summaries.summary_log(session=session, **serializer.validated_data)
        return Response(status=status.HTTP_204_NO_CONTENT)


class SessionReportRequestView(SessionView):
    """The request for a report."""

    @extend_schema(
        operation_id="sessions_analyze", request=None, responses={202: ReportRequestedSerializer}, tags=["teaching"]
    )
    @idempotent
    def post(self, request: Request, session_id: UUID) -> Response:
        """Have the session analysed in the background."""
        session = self.session(request, session_id)
        message = "The session is being analysed. GET session-analysis shows the result."
        return accepted(reports.report_request(session=session), message=message)


class SessionReportView(SessionView):
    """How the session went."""

    @extend_schema(
        operation_id="sessions_session_analysis", responses=ReportSerializer(allow_null=True), tags=["teaching"]
    )
    def get(self, request: Request, session_id: UUID) -> Response:
        """Return the latest report, or null."""
        report = SessionReport.objects.filter(session=self.session(request, session_id)).first()
        if report is None:
            return Response(None)
        return Response(
            {
                "session_id": str(report.session_id),
                "created_at": report.updated_at,
                "engine": report.engine,
                **report.content,
            }
        )
