"""What documents contribute to the health picture."""

from __future__ import annotations

from documents_app.selectors.documents import pending_embeddings
from jobs_app.probes import Finding, ProbeReport, register_probe
from tutor_project.common import runtime


def _pending() -> ProbeReport:
    count = pending_embeddings().count()
    limit = runtime.get_int("HEALTH_MAX_PENDING_EMBEDDINGS")
    findings: tuple[Finding, ...] = ()
    if count > limit:
        message = (
            f"{count} documents wait for their embeddings, more than {limit}. Add a worker, or look for a stuck one."
        )
        findings = (Finding("embeddings_pending", "warning", message, {"pending": count, "limit": limit}),)
    return ProbeReport({"pending_embeddings": count}, findings)


register_probe("documents", _pending)
