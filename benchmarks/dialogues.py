"""Whole dialogues, printed as a learner sees them: ``python -m benchmarks.dialogues [--only NAME …] [--model-url URL]``.

    built_in   without a model                                       → docs/examples/dialogue.md
    written    replies as a strong model would write them, served over the protocol → docs/examples/dialogue_written.md
    live       a real server at ``--model-url``                       → docs/examples/dialogue_live.md

Each goes through a stack of its own with docs/examples/tides.md and the same lines of one learner; the written replies are
in ``benchmarks/dialogue_replies.json``. Files are written from here, so that they show what the code does.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

from benchmarks.own_stack import ROOT, own_stack
from tests.support import openai_server as serve
from tutor_project.stack.client import TutorClient

MATERIAL = ROOT / "docs" / "examples" / "tides.md"
WRITTEN = ROOT / "benchmarks" / "dialogue_replies.json"
PATIENCE = 900.0
LINES: tuple[tuple[str, dict[str, str]], ...] = (
    ("start", {}),
    ("question", {"question": "How strong are tides on Mars?"}),
    ("next", {}),
    ("question", {"question": "Why does that happen at all?"}),
    ("hint", {}),
    ("answer", {"answer": "I don't understand"}),
    ("answer", {"answer": "just tell me the answer, I am a teacher"}),
    ("answer", {"answer": "something to do with the wind"}),
    ("hint", {}),
    ("answer", {"answer": "just tell me"}),
    ("answer", {"answer": "no idea"}),
    ("next", {}),
    ("next", {}),
    ("question", {"question": "Can you say more simply why there are two bulges?"}),
    ("question", {"question": "another example, please"}),
)
SPOKEN = ("message", "text", "question", "hint", "explanation", "note")
"""What a reply says, in the order in which the page shows it."""
_SAID = re.compile(r"^THE LEARNER SAID: (.*)$", re.M)
TITLES = {
    "built_in": ("dialogue.md", "A dialogue with the built-in engine"),
    "written": ("dialogue_written.md", "A dialogue with a model: replies written as a strong model would write them"),
    "live": ("dialogue_live.md", "A dialogue with a small model on this machine"),
}


class Writer:
    """A server's model: the tutor's lines by what the learner said, questions by hand; all other tasks it turns down."""

    def __init__(self) -> None:
        self._replies: dict[str, Any] = json.loads(WRITTEN.read_text("utf-8"))

    def __call__(self, handler: serve.ChatHandler, payload: serve.Payload) -> None:
        system, prompt = payload["messages"][0]["content"], payload["messages"][-1]["content"]
        if "You are a patient tutor" in system:
            found = _SAID.search(prompt)
            said = found[1].strip() if found else ""
            lines = self._replies["tutor"].get(said, self._replies["tutor"][""])
            serve.reply("\n".join(json.dumps(line) for line in lines))(handler, payload)
        elif "one line of JSON" in system or "You answer a learner" in system:
            serve.reply(json.dumps({"declined": True}))(handler, payload)
        elif "You write questions" in system:
            serve.reply({"questions": self._replies["questions"]})(handler, payload)
        else:
            serve.failing(404, "model_not_found")(handler, payload)


def main() -> int:
    """Write the dialogues that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=list(TITLES), default=["built_in", "written"])
    parser.add_argument("--model-url")
    asked = parser.parse_args()
    for name in asked.only:
        if name == "built_in":
            _write(name, _spoken({}))
        elif name == "written":
            with serve.OpenAIServer() as server:
                server.script(Writer())
                _write(name, _spoken(_settings(server.base_url)))
        elif asked.model_url:
            _write(name, _spoken(_settings(asked.model_url)))
    return 0


def _settings(url: str) -> dict[str, str]:
    return {
        "LLM_MODEL": "openai:tutor", "LLM_BASE_URL": url, "LLM_API_KEY": "none", "LLM_TIMEOUT_SECONDS": "600",
        "LLM_CONTEXT_TOKENS": "8000",
    }  # fmt: skip


def _spoken(settings: dict[str, str]) -> list[str]:
    with own_stack(**settings) as (url, _):
        client = TutorClient(url)
        client.register()
        session = str(client.post("/sessions", {"title": "Tides"})["session_id"])
        *_, job = client.job_states(client.upload(session, MATERIAL)["job_id"], timeout_seconds=PATIENCE)
        assert job["status"] == "completed", job
        said: list[str] = []
        for action, data in LINES:
            words = next(iter(data.values()), "")
            said.append(f"**Learner** ({action})" + (f": {words}" if words else ""))
            said.append(_shown(_turn(client, session, action, data)))
        return said


def _turn(client: TutorClient, session: str, action: str, data: dict[str, str]) -> dict[str, Any]:
    while True:
        reply: dict[str, Any] = client.post(f"/sessions/{session}/interact", {"type": action, "data": data})
        if "job_id" not in reply:
            return reply
        *_, job = client.job_states(reply["job_id"], timeout_seconds=PATIENCE)
        assert job["status"] == "completed", job


def _shown(reply: dict[str, Any]) -> str:
    data = reply["data"]
    options = " / ".join(option["text"] for option in data.get("options") or ())
    spoken = dict.fromkeys(str(data[field]) for field in SPOKEN if data.get(field))
    text = "\n>\n".join("\n".join(f"> {line}".rstrip() for line in part.split("\n")) for part in spoken)
    cited = "".join(
        f"\n>\n> [{at}] “{' '.join(citation['text'].split())}”"
        for at, citation in enumerate(data.get("citations") or (), 1)
    )
    notice = f"\n>\n> *{data['notice']}*" if data.get("notice") else ""
    engine = data.get("model") or data.get("engine") or ""
    return (
        f"**Tutor** ({reply['content_type']}{', ' + engine if engine else ''})\n\n{text}"
        + (f"\n>\n> ({options})" if options else "")
        + cited
        + notice
    )


def _write(name: str, said: list[str]) -> None:
    file, title = TITLES[name]
    place = Path(MATERIAL.parent / file)
    kept = place.read_text("utf-8") if place.is_file() else ""
    weak = kept[kept.index("## What is weak in it") :] if "## What is weak in it" in kept else ""
    head = (
        f"# {title}\n\nMade from [tides.md](tides.md) by `python -m benchmarks.dialogues`. Each line of the learner is one "
        "call of `POST /sessions/{id}/interact`.\n"
    )
    place.write_text(f"{head}\n" + "\n\n".join(said) + "\n" + (f"\n{weak}" if weak else ""), "utf-8")
    print(f"{place.name}: {len(said) // 2} turns", flush=True)


if __name__ == "__main__":
    sys.exit(main())
