"""Run the stand-in model as a server of its own, for whole-stack tests and by hand.

    python -m tests.support.run_model_server --port 8765 --moody --seed 3
    LLM_MODEL=openai:stand-in LLM_BASE_URL=http://127.0.0.1:8765/v1 LLM_API_KEY=none make run

``--moody`` lets most requests misbehave in every way the protocol allows. Which way is drawn from the seed, the words
of the request and how often it was made, so that a run goes the same way again however its requests interleave.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import random
import re
import threading
from collections import Counter
from collections.abc import Callable, Sequence

from tests.support import openai_server as serve
from tests.support.course_model import course_model

_NONCE = re.compile(r"<<<BEGIN (\w+) ")

Mood = Callable[[str], serve.Behaviour]
MOODS: dict[str, Mood] = {
    "good": serve.reply,
    "fenced": lambda text: serve.reply(f"Sure:\n```json\n{text}\n```"),
    "slow": lambda text: serve.slow(1.0, serve.reply(text)),
    "uncounted": lambda text: serve.reply(text, usage=False),
    "cut": lambda text: serve.reply(text[: len(text) // 2], finish="length"),
    "wrong_types": lambda text: serve.reply(re.sub(r":\s*(?:true|false|\[|\"[^\"]*\")", ": 7", text, count=1)),
    "lies": lambda text: serve.reply(re.sub(r"(\"quote\": \")", r"\g<1>Nobody ever wrote that ", text)),
    "prose": lambda text: serve.reply("I am not sure what you want."),
    "refused": lambda text: serve.refusal(),
    "empty": lambda text: serve.empty(),
    "busy": lambda text: serve.rate_limited("1"),
    "failing": lambda text: serve.server_error(),
    "dropped": lambda text: serve.dropped(),
    "broken": lambda text: broken(text),
    "hanging": lambda text: serve.slow(30.0, serve.reply(text)),
}
"""What may happen to a request whose right answer is a text."""
CURABLE = ("fenced", "slow", "uncounted", "cut", "wrong_types", "lies", "prose", "refused", "empty", "busy", "hanging")
"""What another try may cure; the others are final by the retry rule."""


def broken(text: str) -> serve.Behaviour:
    """Break off in the middle: of the stream where one is asked for, of the connection otherwise."""

    def behave(handler: serve.ChatHandler, payload: serve.Payload) -> None:
        half = serve.pieces_of(text)[: max(1, len(text.split(" ")) // 2)]
        (serve.broken_stream(*half) if payload.get("stream") else serve.dropped())(handler, payload)

    return behave


def moody() -> serve.Behaviour:
    """Return a behaviour that misbehaves, and behaves every third time."""
    order = itertools.cycle(["cut", "fenced", "good", "empty", "busy", "good", "slow", "prose", "good"])
    lock = threading.Lock()

    def behave(handler: serve.ChatHandler, payload: serve.Payload) -> None:
        with lock:
            mood = next(order)
        MOODS[mood](text_of(payload))(handler, payload)

    return behave


def text_of(payload: serve.Payload) -> str:
    """Return what a well-behaved model would say."""
    said = course_model(payload)
    return said if isinstance(said, str) else json.dumps(said)


class Seeded:
    """Moods drawn from a seed; every request after ``patience`` of the same words is answered well.

    ``journal`` holds the mood of each request in the order of arrival.
    """

    def __init__(self, seed: int, *, moods: Sequence[str] = tuple(MOODS), patience: int = 8) -> None:
        self._seed, self._moods, self._patience = seed, moods, patience
        self._asked: Counter[str] = Counter()
        self._lock = threading.Lock()
        self.journal: list[str] = []

    def __call__(self, handler: serve.ChatHandler, payload: serve.Payload) -> None:
        """Answer a request."""
        mood = self._mood(payload)
        MOODS[mood](text_of(payload))(handler, payload)

    def _mood(self, payload: serve.Payload) -> str:
        words = "".join(str(message["content"]) for message in payload["messages"][:2])
        for nonce in set(_NONCE.findall(words)):  # the marks of the fence are drawn anew for each request
            words = words.replace(nonce, "")
        digest = hashlib.sha256(words.encode()).hexdigest()
        with self._lock:
            self._asked[digest] += 1
            count = self._asked[digest]
            drawn = random.Random(f"{self._seed}:{digest}:{count}").choice(self._moods)
            mood = drawn if count <= self._patience else "good"
            self.journal.append(mood)
        return mood


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until the process is stopped."""
    parser = argparse.ArgumentParser(description="A stand-in language model that speaks the OpenAI protocol.")
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--moody", action="store_true")
    parser.add_argument("--seed", type=int, default=1, help="with --moody: another seed, other misfortunes")
    options = parser.parse_args(arguments)
    with serve.OpenAIServer(port=options.port) as server:
        server.script(Seeded(options.seed) if options.moody else serve.answering(course_model))
        print(f"LLM_BASE_URL={server.base_url}", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
