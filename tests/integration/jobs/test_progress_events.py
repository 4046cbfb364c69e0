"""What a stage counts reaches the stream of the job: a learner reads which page of how many is being read."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from jobs_app.api.events import job_events
from jobs_app.context import JobContext
from jobs_app.services import ledger
from jobs_app.services.creation import job_create
from jobs_app.services.publishing import publish_progress
from tutor_project.common.threads import in_thread

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_event_counts_the_pages_of_its_stage_and_no_stage_inherits_the_count_of_another() -> None:
    job = ledger.job_claim(job_id=job_create(job_type="ping").pk, worker="test")
    assert job is not None
    context = JobContext(job)

    async def watched() -> list[dict[str, Any]]:
        events = job_events(job.pk, last_id=None)
        seen = [(await anext(events)).data]
        for report in (("extract", 11, 31), ("chunk", 0, 1)):
            await in_thread(context.progress, *report)
            seen.append((await anext(events)).data)
        await in_thread(
            ledger.lease_renew, job_id=job.pk, lease_token=context.lease_token, progress=60.0, stage="embed"
        )
        await in_thread(lambda: publish_progress(job.pk, status="running", stage="chunk", done=1, total=1))
        seen.append((await anext(events)).data)
        await events.aclose()
        return seen

    first, extract, chunk, last = asyncio.run(watched())
    assert "done" not in first
    assert (extract["stage"], extract["done"], extract["total"]) == ("extract", 11, 31)
    assert (chunk["stage"], chunk["done"], chunk["total"]) == ("chunk", 0, 1)
    assert last["stage"] == "embed" and "done" not in last
