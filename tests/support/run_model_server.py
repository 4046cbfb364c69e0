"""Run the stand-in model as a server of its own, for whole-stack tests and by hand.

    python -m tests.support.run_model_server --port 8765 --moody
    LLM_MODEL=openai:stand-in LLM_BASE_URL=http://127.0.0.1:8765/v1 LLM_API_KEY=none make run

``--moody`` lets two of three requests misbehave in ways that a retry cures.
"""

from __future__ import annotations

import argparse
import itertools
import json
import threading
from collections.abc import Sequence

from tests.support import openai_server as serve
from tests.support.course_model import course_model


def moody() -> serve.Behaviour:
    """Return a behaviour that misbehaves, and behaves every third time."""
    moods = itertools.cycle(["cut", "fenced", "good", "empty", "busy", "good", "slow", "prose", "good"])
    lock = threading.Lock()

    def behave(handler: serve.ChatHandler, payload: serve.Payload) -> None:
        with lock:
            mood = next(moods)
        said = course_model(payload)
        text = said if isinstance(said, str) else json.dumps(said)
        chosen = {
            "good": serve.reply(text),
            "cut": serve.reply(text[: len(text) // 2], finish="length"),
            "fenced": serve.reply(f"Sure:\n```json\n{text}\n```"),
            "empty": serve.empty(),
            "busy": serve.rate_limited("1"),
            "slow": serve.slow(1.0, serve.reply(text)),
            "prose": serve.reply("I am not sure what you want."),
        }[mood]
        chosen(handler, payload)

    return behave


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until the process is stopped."""
    parser = argparse.ArgumentParser(description="A stand-in language model that speaks the OpenAI protocol.")
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--moody", action="store_true")
    options = parser.parse_args(arguments)
    with serve.OpenAIServer(port=options.port) as server:
        server.script(moody() if options.moody else serve.answering(course_model))
        print(f"LLM_BASE_URL={server.base_url}", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
