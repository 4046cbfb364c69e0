"""The analysis of a session's material: asked for, computed as a job, stored in one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction

from documents_app.domain.analysis.codec import FileFacts, analysis_as_dict, analysis_from_dict
from documents_app.domain.analysis.types import Analysis
from documents_app.domain.study import Study
from documents_app.engine.joining import FULL, join_digests
from documents_app.models import Document, SessionAnalysis
from documents_app.retrieval.scope import Scope
from documents_app.selectors import documents as selectors
from documents_app.selectors.studies import StudyState, digests_for_session, joined_matter, studies_key, study_states
from documents_app.services.callers import caller_of_session
from documents_app.services.studying import study_ensure
from jobs_app.domain.lifecycle import JobStatus
from jobs_app.services.creation import job_create
from jobs_app.services.outcomes import failure_of, job_is_active
from tutor_project.common.errors import Conflict
from tutor_project.common.locks import lock_text
from tutor_project.llm.gateway import Gateway
from tutor_project.llm.standby import written

if TYPE_CHECKING:
    from jobs_app.context import JobContext

_UNDER_WAY = (SessionAnalysis.Status.PENDING, SessionAnalysis.Status.PROCESSING)
_FAILED = (SessionAnalysis.Status.FAILED, SessionAnalysis.Status.TIMEOUT)


class NoMaterial(Conflict):
    """409: the session has no document that could be used yet."""

    code = "no_material"
    detail = "This session has no processed document yet. Upload one, or wait until processing has ended."


class MaterialProcessing(Conflict):
    """409: documents are still being processed."""

    code = "material_processing"
    detail = "The documents of this session are still being processed. Ask again when they are ready."


def ensure_has_material(*, session_id: UUID) -> None:
    """Raise MaterialProcessing or NoMaterial where the session has no processed document; reads none."""
    if not selectors.has_material(session_id=session_id):
        waiting = Document.objects.filter(session_id=session_id, status__in=["pending", "processing"]).exists()
        raise MaterialProcessing if waiting else NoMaterial


def missing_material(*, scope: Scope) -> Conflict:
    """Return why nothing can be searched in a scope: it is still being processed, or there is nothing."""
    waiting = Document.objects.filter(owner_id=scope.owner_id, status__in=["pending", "processing"])
    if scope.session_ids is not None:
        waiting = waiting.filter(session_id__in=scope.session_ids)
    if scope.document_ids is not None:
        waiting = waiting.filter(pk__in=scope.document_ids)
    return MaterialProcessing() if waiting.exists() else NoMaterial()


def material_fingerprint(*, session_id: UUID) -> str:
    """Return the identity of a session's material: what was made from it is stale when this changes."""
    keys = selectors.material_keys(session_id=session_id)
    named = (document_id if version == 1 else f"{document_id}:{version}" for document_id, version in keys)
    return hashlib.sha256("\n".join(named).encode()).hexdigest()


@transaction.atomic
def analysis_request(*, owner_id: UUID, session_id: UUID, analysis_type: str = FULL, trigger: str = "api") -> UUID:
    """Create the analysis job, or return the id of the one under way; raises NoMaterial or MaterialProcessing."""
    ensure_has_material(session_id=session_id)
    job = job_create(
        job_type="session_analysis",
        job_data={"session_id": str(session_id), "analysis_type": analysis_type},
        owner_id=owner_id,
        dedupe_key=f"analysis:{session_id}:{analysis_type}",
        trigger=trigger,
    )
    SessionAnalysis.objects.update_or_create(
        session_id=session_id,
        analysis_type=analysis_type,
        defaults={"owner_id": owner_id, "status": SessionAnalysis.Status.PENDING, "job_id": job.pk, "error_code": None},
    )
    return job.pk


def analysis_run(context: JobContext) -> dict[str, Any]:
    """Join and store the analysis of the session's material as it is now; documents that were not read yet are read."""
    context.release_dedupe_key()
    session_id, analysis_type = UUID(context.input["session_id"]), context.input["analysis_type"]
    SessionAnalysis.objects.filter(session_id=session_id, analysis_type=analysis_type).update(
        status=SessionAnalysis.Status.PROCESSING
    )
    states = _read(session_id, lambda done, total: context.progress("read", done, total, span=(0.0, 80.0)))
    context.progress("analyse", 0, 1, span=(80.0, 95.0))
    rows = SessionAnalysis.objects.filter(session_id=session_id, analysis_type=analysis_type)
    joined = _Joined.of(session_id, analysis_type, states)
    rows.update(**joined.fields(joined.analysis))  # nobody has to wait for a model to begin
    fields = joined.fields(_by_engine_of(context.owner_id, joined))
    with context.commit():
        rows.update(**_COMPLETED, **fields)
    return {
        "session_id": str(session_id),
        "analysis_type": analysis_type,
        "concepts": len(fields["result"]["concepts"]),
        "analysis": fields["result"],
    }


def analysis_resume(*, session_id: UUID) -> None:
    """Ask again for an analysis that failed, once every document of the session was read or is known not to be readable."""
    failed = SessionAnalysis.objects.filter(session_id=session_id, status__in=_FAILED, analysis_type=FULL)
    row = failed.exclude(error_code=JobStatus.CANCELLED).only("owner_id").first()
    if row is not None and studies_key(study_states(session_id=session_id)) is not None:
        analysis_request(owner_id=row.owner_id, session_id=session_id, trigger="reading")


def analysis_ensure(*, owner_id: UUID, session_id: UUID) -> None:
    """Have the full analysis of the material as it is now, joined from the readings: for jobs, never in a request.

    Asks no model: where the job of the analysis is under way, its model's version takes this one's place. Raises NoMaterial
    and MaterialProcessing.
    """
    if _current(session_id) is not None:
        return
    states = _read(session_id, lambda _done, _total: None)
    joined = _Joined.of(session_id, FULL, states)
    fields = joined.fields(joined.analysis)
    under_way = SessionAnalysis.objects.filter(session_id=session_id, analysis_type=FULL, status__in=_UNDER_WAY)
    if not under_way.update(**fields):
        SessionAnalysis.objects.update_or_create(
            session_id=session_id, analysis_type=FULL, defaults={"owner_id": owner_id, **_COMPLETED, **fields}
        )


def _read(session_id: UUID, on_progress: Callable[[int, int], None]) -> list[StudyState]:
    """Have the documents of a session read that were not yet, and return the states of all.

    Raises NoMaterial and MaterialProcessing.
    """
    ensure_has_material(session_id=session_id)
    waiting = [state for state in study_states(session_id=session_id) if not state.is_settled]
    for done, state in enumerate(waiting):
        on_progress(done, len(waiting))
        study_ensure(document_id=state.document_id)
    return study_states(session_id=session_id)


@dataclass(frozen=True, slots=True)
class _Joined:
    """What the readings of a session's documents say together, and which readings these were."""

    session_id: UUID
    analysis_type: str
    states: list[StudyState]
    files: list[FileFacts]
    analysis: Analysis

    @classmethod
    def of(cls, session_id: UUID, analysis_type: str, states: list[StudyState]) -> _Joined:
        files, digests = digests_for_session(states)
        return cls(session_id, analysis_type, states, files, join_digests(digests, analysis_type=analysis_type))

    def fields(self, analysis: Analysis) -> dict[str, Any]:
        """Return the fields of a row that holds an analysis of these documents."""
        shown: dict[str, Any] = {
            "analysis_type": self.analysis_type,
            "files": self.files,
            "vector_store_id": str(self.session_id),
        }
        return {"result": analysis_as_dict(analysis, **shown), "source_fingerprint": studies_key(self.states) or ""}


_COMPLETED = {"status": SessionAnalysis.Status.COMPLETED, "error_code": None, "error_detail": None}


def _by_engine_of(owner_id: UUID | None, joined: _Joined) -> Analysis:
    """Return the analysis by the engine of its owner.

    What was joined stands in for a model that fails, and says so in ``extra``.
    """
    owner = get_user_model().objects.filter(pk=owner_id).first() if owner_id is not None else None
    if owner is None:
        return joined.analysis

    def by_model(gateway: Gateway) -> Analysis:
        from documents_app.engine_model.analysis import analyse as analyse_by_model

        material, matter = joined_matter(session_id=joined.session_id, states=joined.states)
        caller = caller_of_session(session_id=joined.session_id, owner_id=owner.pk)
        read = Study.of(material, joined.analysis, matter).analysis
        return analyse_by_model(material, read, gateway, caller, analysis_type=joined.analysis_type)

    made = written("analysis", owner, by_model=by_model, builtin=lambda: joined.analysis)
    return replace(made.value, extra={**made.value.extra, **made.origin})


def analysis_fail(*, session_id: str, analysis_type: str, code: str, message: str) -> None:
    """Name the reason on an analysis whose job ended without success."""
    timeout = code == "time_limit_exceeded"
    status = SessionAnalysis.Status.TIMEOUT if timeout else SessionAnalysis.Status.FAILED
    SessionAnalysis.objects.filter(session_id=session_id, analysis_type=analysis_type).exclude(
        status=SessionAnalysis.Status.COMPLETED
    ).update(status=status, error_code=code, error_detail=message)


def analysis_awaited(*, owner_id: UUID, session_id: UUID) -> UUID | None:
    """Return the job that makes the full analysis of the material as it is now, None where it is stored.

    However many ask, one job is made. Raises NoMaterial, MaterialProcessing, and JobRefused with the code of the failure
    where the analysis has failed.
    """
    if _current(session_id) is not None:
        return None
    with transaction.atomic():
        lock_text("analysis", str(session_id))
        row = SessionAnalysis.objects.filter(session_id=session_id, analysis_type=FULL).defer("result").first()
        if row is not None and row.status in _FAILED and row.error_code != JobStatus.CANCELLED:
            raise failure_of(row.error_code, row.error_detail)
        if row is not None and row.status in _UNDER_WAY and row.job_id is not None and job_is_active(job_id=row.job_id):
            return row.job_id
        return analysis_request(owner_id=owner_id, session_id=session_id)


def _current(session_id: UUID, states: list[StudyState] | None = None) -> SessionAnalysis | None:
    """Return the full analysis that was joined from the readings as they are now, if there is one."""
    key = studies_key(states if states is not None else study_states(session_id=session_id))
    if key is None:
        return None
    return SessionAnalysis.objects.filter(
        session_id=session_id, analysis_type=FULL, result__isnull=False, source_fingerprint=key
    ).first()


def study_load(*, session_id: UUID) -> Study:
    """Return the session's documents with their stored analysis; computes nothing.

    Raises NoMaterial, and MaterialProcessing where the documents are not analysed yet.
    """
    ensure_has_material(session_id=session_id)
    states = study_states(session_id=session_id)
    stored = _current(session_id, states)
    if stored is None or stored.result is None:
        raise MaterialProcessing
    material, joined = joined_matter(session_id=session_id, states=states)
    return Study.of(material, analysis_from_dict(stored.result), joined)


def analysis_terms(*, session_id: UUID) -> frozenset[str]:
    """Return the names of the key terms and concepts of a session's stored analysis."""
    stored = selectors.analysis_get(session_id=session_id)
    if stored is None or not stored.result:
        return frozenset()
    return frozenset(stored.result["key_terms"]) | frozenset(stored.result["key_concepts"])


def analysis_state(*, session_id: UUID) -> dict[str, Any]:
    """Return ``{has_analysis, status, analysis, session_id}``."""
    stored = selectors.analysis_get(session_id=session_id)
    has_analysis = stored is not None and stored.result is not None
    analysis = _analysis_shown(stored.result) if stored is not None and stored.result is not None else None
    status = stored.status if stored is not None else _status_of_documents(session_id)
    return {"has_analysis": has_analysis, "status": status, "analysis": analysis, "session_id": str(session_id)}


def _analysis_shown(result: dict[str, Any]) -> dict[str, Any]:
    """Return a stored analysis without what only the engine needs; ``model`` and ``notice`` say who wrote it."""
    extra = result.get("extra", {})
    shown = {key: value for key, value in result.items() if key != "extra"}
    return {**shown, "model": extra.get("model"), "notice": extra.get("notice")}


def _status_of_documents(session_id: UUID) -> str:
    statuses = set(Document.objects.filter(session_id=session_id).values_list("status", flat=True))
    if not statuses:
        return "not_found"
    if "processing" in statuses:
        return "processing"
    return "failed" if statuses == {"failed"} else "pending"
