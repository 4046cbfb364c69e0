"""What analytics contributes to the health picture: facts lost, and how far rollups lag behind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from analytics_app.selectors.figures import coverage_read
from analytics_app.services.recorder import buffer_state, losses_since
from jobs_app.probes import Finding, ProbeReport, register_probe

LAG_ALLOWED = timedelta(hours=2)


def _facts() -> ProbeReport:
    state = buffer_state()
    lost = losses_since(since=timedelta(hours=1))
    findings: list[Finding] = []
    if lost:
        message = f"{sum(lost.values())} facts were lost in the last hour ({', '.join(sorted(lost))}). See the log."
        findings.append(Finding("facts_lost", "warning", message, dict(lost)))
    if state.failing_since is not None:
        message = "This process cannot write its facts. Check the database."
        findings.append(Finding("facts_not_written", "critical", message, {"waiting": state.waiting}))
    figures = {"waiting": state.waiting, "capacity": state.capacity, "lost_last_hour": lost, "lost_here": state.lost}
    return ProbeReport({"facts": figures}, tuple(findings))


def _rollups() -> ProbeReport:
    closed = [known.closed_until for known in coverage_read().values() if known.closed_until is not None]
    if not closed:
        return ProbeReport({"rollups_closed_until": None})
    oldest = min(closed)
    findings: tuple[Finding, ...] = ()
    if datetime.now(UTC) - oldest > LAG_ALLOWED:
        message = "Rollups are more than an hour behind, so figures are slow. Check the analytics_rollup job."
        findings = (Finding("rollups_late", "warning", message, {"closed_until": oldest.isoformat()}),)
    return ProbeReport({"rollups_closed_until": oldest.isoformat()}, findings)


register_probe("facts", _facts)
register_probe("rollups", _rollups)
