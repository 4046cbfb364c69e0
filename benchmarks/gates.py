"""The gates on what a model writes, on replies as a strong model would give them: ``python -m benchmarks.gates FILE …``.

    python -m benchmarks.gates sessions_app/evaluation/*.json benchmarks/gate_sets/*.json [--data DIR] [--read | --judge-url URL] [--show]

Prints how many good questions are refused and bad ones passed, how many false sentences pass with a citation, and how
many good points of a lesson are dropped: by the rules alone, and with an entailment call. ``--read`` has the calls answered,
over the protocol, by what the file says that a careful reader answers from the passage (``read`` of an item; for a good one
its key): the most that the call can do. ``--judge-url`` asks a real server. ``--data`` holds material that is not beside a
file, such as the chapters of ``gate_sets``, which were written before their author had read the gates.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tutor_project.settings")

import django

django.setup()

from sessions_app.services.evaluation import Findings, JudgedReplies, evaluated  # noqa: E402
from tests.support import openai_server as serve  # noqa: E402
from tests.support.recorded_judge import Reader  # noqa: E402
from tests.unit.llm.fakes import Ledger  # noqa: E402
from tutor_project.llm.config import parse_model_config  # noqa: E402
from tutor_project.llm.gateway import Gateway  # noqa: E402
from tutor_project.llm.providers import LangChainClient  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def judge(collections: list[JudgedReplies], url: str | None) -> Iterator[Gateway]:
    """Yield a gateway to the server at ``url``, or to one that reads as the collections say."""
    with serve.OpenAIServer() as server:
        server.script(serve.answering(Reader(collections)))
        config = parse_model_config(
            "openai:judge", base_url=url or server.base_url, api_key="none", timeout_seconds=1800
        )
        yield Gateway(
            LangChainClient(config), spend=Ledger, facts=lambda kind, **fields: None, release_connections=lambda: None
        )


def main() -> int:
    """Print the figures of each file and of all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--data", type=Path, action="append", default=[])
    parser.add_argument("--read", action="store_true")
    parser.add_argument("--judge-url")
    parser.add_argument("--show", action="store_true", help="print each miss")
    asked = parser.parse_args()
    collections = [JudgedReplies(path, [*asked.data, ROOT]) for path in asked.files]
    _measured("rules alone", collections, None, show=asked.show)
    if asked.read or asked.judge_url:
        with judge(collections, asked.judge_url) as gateway:
            _measured("with the entailment call", collections, gateway, show=asked.show)
    return 0


def _measured(name: str, collections: list[JudgedReplies], gateway: Gateway | None, *, show: bool) -> None:
    total = Findings()
    print(f"{name}:")
    for collection in collections:
        found = evaluated(collection, gateway)
        total.merge(found)
        print(f"  {collection.name}: {found}", flush=True)
        for miss in found.misses if show else ():
            print(f"    {miss}")
    print(f"  all: {total}; may judge: {total.may_judge}")


if __name__ == "__main__":
    sys.exit(main())
