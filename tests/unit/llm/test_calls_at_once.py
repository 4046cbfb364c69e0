"""Calls that wait for a slow model do not wait for each other's connections."""

from __future__ import annotations

import asyncio

import httpx2

from tests.support import openai_server as serve
from tutor_project.llm.http import limited_async_client

CALLS = 120


async def test_more_calls_wait_at_the_model_than_the_library_opens_by_itself() -> None:
    with serve.OpenAIServer() as server:
        server.script(serve.slow(30))
        async with limited_async_client(httpx2, silence=60) as client:
            body = {"model": "m", "messages": [{"role": "user", "content": "?"}]}
            calls = [
                asyncio.create_task(client.post(f"{server.base_url}/chat/completions", json=body)) for _ in range(CALLS)
            ]
            await asyncio.to_thread(server.wait_for_requests, CALLS, 30.0)
            assert len(server.requests) == CALLS
            for call in calls:
                call.cancel()
            await asyncio.gather(*calls, return_exceptions=True)
