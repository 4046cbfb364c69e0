"""The analysis of a session's material: asked for, computed as a job, stored in one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import QuerySet

from documents_app.domain.analysis.codec import analysis_as_dict, analysis_from_dict
from documents_app.domain.analysis.types import Analysis
from documents_app.domain.material import Material
from documents_app.domain.matter.reading import read_matter
from documents_app.domain.study import STUDY_KEY, Study, pack_study, unpack_study
from documents_app.engine.analysis import analyse
from documents_app.models import Document, SessionAnalysis
from documents_app.retrieval.scope import Scope
from documents_app.selectors import documents as selectors
from documents_app.services.callers import caller_of_session
from documents_app.services.reading import reading_ensure
from jobs_app.domain.lifecycle import JobStatus
from jobs_app.services.creation import job_create
from jobs_app.services.outcomes import failure_of, job_is_active
from tutor_project.common.errors import Conflict
from tutor_project.common.locks import lock_text
from tutor_project.llm.embeddings import Vectors, get_embedder
from tutor_project.llm.gateway import Gateway
from tutor_project.llm.standby import written

if TYPE_CHECKING:
    from jobs_app.context import JobContext

ANALYSIS_TYPES = ("content_summary", "learning_objectives", "difficulty_assessment", "full_analysis")
FULL = "full_analysis"
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


def ensure_material(*, session_id: UUID) -> Material:
    """Return the session's processed documents; raises MaterialProcessing or NoMaterial."""
    material = selectors.material_for_session(session_id=session_id)
    if not material:
        raise _missing(session_id)
    return material


def ensure_has_material(*, session_id: UUID) -> None:
    """Raise MaterialProcessing or NoMaterial where the session has no processed document; reads none."""
    if not selectors.has_material(session_id=session_id):
        raise _missing(session_id)


def missing_material(*, scope: Scope) -> Conflict:
    """Return why nothing can be searched in a scope: it is still being processed, or there is nothing."""
    waiting = Document.objects.filter(owner_id=scope.owner_id, status__in=["pending", "processing"])
    if scope.session_ids is not None:
        waiting = waiting.filter(session_id__in=scope.session_ids)
    return MaterialProcessing() if waiting.exists() else NoMaterial()


def _missing(session_id: UUID) -> Conflict:
    waiting = Document.objects.filter(session_id=session_id, status__in=["pending", "processing"]).exists()
    return MaterialProcessing() if waiting else NoMaterial()


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
    """Compute and store the analysis of the session's material as it is now."""
    context.release_dedupe_key()
    session_id, analysis_type = UUID(context.input["session_id"]), context.input["analysis_type"]
    SessionAnalysis.objects.filter(session_id=session_id, analysis_type=analysis_type).update(
        status=SessionAnalysis.Status.PROCESSING
    )
    context.progress("read", 0, 1)
    present = material_fingerprint(session_id=session_id)  # before the texts: what changes meanwhile makes it stale
    material = ensure_material(session_id=session_id)
    for done, document in enumerate(material):
        context.progress("read", done, len(material), span=(0.0, 50.0))
        reading_ensure(document_id=UUID(document.document_id), on_progress=lambda _done, _total: context.checkpoint())
    context.progress("analyse", 0, 1, span=(50.0, 95.0))
    analysis = _analyse(material, session_id=session_id, owner_id=context.owner_id, analysis_type=analysis_type)
    made = _made(analysis, material, present, session_id=session_id, analysis_type=analysis_type)
    with context.commit():
        SessionAnalysis.objects.filter(session_id=session_id, analysis_type=analysis_type).update(**made)
    return {
        "session_id": str(session_id),
        "analysis_type": analysis_type,
        "concepts": len(analysis.concepts),
        "analysis": made["result"],
    }


def analysis_ensure(*, owner_id: UUID, session_id: UUID) -> None:
    """Make and store the full analysis where there is none of the material as it is now: for jobs, never in a request.

    Raises NoMaterial and MaterialProcessing.
    """
    if _current(session_id).exists():
        return
    present = material_fingerprint(session_id=session_id)
    material = ensure_material(session_id=session_id)
    analysis = _analyse(material, session_id=session_id, owner_id=owner_id, analysis_type=FULL)
    made = _made(analysis, material, present, session_id=session_id, analysis_type=FULL)
    SessionAnalysis.objects.update_or_create(
        session_id=session_id, analysis_type=FULL, defaults={"owner_id": owner_id, **made}
    )


def _made(
    analysis: Analysis, material: Material, present: str, *, session_id: UUID, analysis_type: str
) -> dict[str, Any]:
    """Return the fields of a finished analysis; a full one holds what lessons and questions are written from."""
    result = analysis_as_dict(analysis, analysis_type=analysis_type, material=material, vector_store_id=str(session_id))
    made = {
        "status": SessionAnalysis.Status.COMPLETED,
        "result": result,
        "source_fingerprint": present,
        "error_code": None,
        "error_detail": None,
    }
    if analysis_type != FULL:
        return made
    matter = read_matter(material, analysis.sections, analysis.concepts)
    return made | {"study": pack_study(analysis.sections, matter), "study_key": STUDY_KEY}


def _analyse(material: Material, *, session_id: UUID, owner_id: UUID | None, analysis_type: str) -> Analysis:
    """Analyse by the engine of the owner; the built-in one stands in for a model that fails, and says so in ``extra``."""

    owner = get_user_model().objects.filter(pk=owner_id).first() if owner_id is not None else None

    def builtin() -> Analysis:
        return analyse(material, embed_documents, analysis_type=analysis_type)

    def by_model(gateway: Gateway) -> Analysis:
        from documents_app.engine_model.analysis import analyse as analyse_by_model

        assert owner is not None
        caller = caller_of_session(session_id=session_id, owner_id=owner.pk)
        return analyse_by_model(material, gateway, caller, analysis_type=analysis_type)

    if owner is None:
        return builtin()
    made = written("analysis", owner, by_model=by_model, builtin=builtin)
    return replace(made.value, extra={**made.value.extra, **made.origin})


def analysis_fail(*, session_id: str, analysis_type: str, code: str, message: str) -> None:
    """Name the reason on an analysis whose job ended without success."""
    timeout = code == "time_limit_exceeded"
    status = SessionAnalysis.Status.TIMEOUT if timeout else SessionAnalysis.Status.FAILED
    SessionAnalysis.objects.filter(session_id=session_id, analysis_type=analysis_type).exclude(
        status=SessionAnalysis.Status.COMPLETED
    ).update(status=status, error_code=code, error_detail=message)


def embed_documents(texts: Sequence[str]) -> Vectors:
    """Embed with the configured embedder: float32 ``[n, d]``."""
    return get_embedder(settings.EMBEDDING_MODEL).embed_documents(texts)


def analysis_awaited(*, owner_id: UUID, session_id: UUID) -> UUID | None:
    """Return the job that makes the full analysis of the material as it is now, None where it is stored.

    However many ask, one job is made. Raises NoMaterial, MaterialProcessing, and JobRefused with the code of the failure
    where the analysis has failed.
    """
    if _current(session_id).exists():
        return None
    with transaction.atomic():
        lock_text("analysis", str(session_id))
        row = SessionAnalysis.objects.filter(session_id=session_id, analysis_type=FULL).defer("result").first()
        if row is not None and row.status in _FAILED and row.error_code != JobStatus.CANCELLED:
            raise failure_of(row.error_code, row.error_detail)
        if row is not None and row.status in _UNDER_WAY and row.job_id is not None and job_is_active(job_id=row.job_id):
            return row.job_id
        return analysis_request(owner_id=owner_id, session_id=session_id)


def _current(session_id: UUID) -> QuerySet[SessionAnalysis]:
    """Return the row of the full analysis of the material as it is now, if there is one."""
    return SessionAnalysis.objects.filter(
        session_id=session_id,
        analysis_type=FULL,
        study_key=STUDY_KEY,
        result__isnull=False,
        study__isnull=False,
        source_fingerprint=material_fingerprint(session_id=session_id),
    )


def study_load(*, session_id: UUID) -> Study:
    """Return the session's documents with their stored analysis; computes nothing.

    Raises NoMaterial, and MaterialProcessing where the documents are not analysed yet.
    """
    material = ensure_material(session_id=session_id)
    stored = _current(session_id).first()
    if stored is None or stored.result is None or stored.study is None:
        raise MaterialProcessing
    sections, matter = unpack_study(bytes(stored.study), material)
    return Study(material, analysis_from_dict(stored.result, sections=sections), matter)


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
