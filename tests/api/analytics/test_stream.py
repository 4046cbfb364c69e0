"""The live view."""

from __future__ import annotations

from typing import Any

import pytest

from analytics_app.api.views import reports


@pytest.mark.asyncio
async def test_the_stream_sends_figures_when_they_change_and_resumes(monkeypatch: pytest.MonkeyPatch) -> None:
    versions = iter(["1", "1", "2", "3"])

    def snapshot() -> tuple[str, dict[str, Any]]:
        version = next(versions)
        return version, {"active_users": int(version)}

    monkeypatch.setattr(reports, "live_snapshot", snapshot)
    monkeypatch.setattr(reports, "PERIOD_SECONDS", 0)
    events = reports._metrics("1")
    seen = [await anext(events), await anext(events)]
    await events.aclose()  # type: ignore[attr-defined]
    assert [(event.event, event.id, event.data["active_users"]) for event in seen] == [
        ("metrics", "2", 2),
        ("metrics", "3", 3),
    ]
