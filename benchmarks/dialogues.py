"""Whole dialogues, printed as a learner sees them: ``python -m benchmarks.dialogues [--only NAME …] [--model-url URL]``.

    built_in          without a model                                           → docs/examples/dialogue.md
    written           replies as a strong model would write them, over the protocol → docs/examples/dialogue_written.md
    wrong_idea, further  the same with two other learners and chapters           → docs/examples/dialogue_wrong_idea.md, …
    live              a real server at ``--model-url``                           → docs/examples/dialogue_live.md

Each goes through a stack of its own. What is asked and what a strong model replies is in ``benchmarks/dialogue_scripts``; the
learner's lines are fixed before anything is answered. Files are written from here, so that they show what the code does.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from typing import Any

from benchmarks.support.own_stack import ROOT, own_stack
from tests.support import openai_server as serve
from tests.support.course_model import blocks
from tutor_project.stack.client import TutorClient

EXAMPLES = ROOT / "docs" / "examples"
SCRIPTS = ROOT / "benchmarks" / "dialogue_scripts"
PATIENCE = 900.0
SPOKEN = ("message", "text", "question", "hint", "explanation", "note")
"""What a reply says, in the order in which the page shows it."""
_SAID = re.compile(r"^THE LEARNER SAID: (.*)$", re.M)
TITLES = {
    "built_in": ("tides", "dialogue.md", "A dialogue with the built-in engine"),
    "written": (
        "tides",
        "dialogue_written.md",
        "A dialogue with a model: replies written as a strong model would write them",
    ),
    "wrong_idea": (
        "wrong_idea",
        "dialogue_wrong_idea.md",
        "A learner with a wrong idea: replies as a strong model would write them",
    ),
    "further": (
        "further",
        "dialogue_further.md",
        "A learner who asks further: replies as a strong model would write them",
    ),
    "live": ("tides", "dialogue_live.md", "A dialogue with a small model on this machine"),
}
"""By name: the script, the file and its title."""


def script_of(name: str) -> dict[str, Any]:
    """Return the material, the learner's lines, and a model's questions and replies of a dialogue."""
    return dict(json.loads((SCRIPTS / f"{TITLES[name][0]}.json").read_text("utf-8")))


class Writer:
    """A server's model: the tutor's lines by what the learner said, questions by hand; all other tasks it turns down."""

    def __init__(self, script: dict[str, Any]) -> None:
        self._replies = script

    def __call__(self, handler: serve.ChatHandler, payload: serve.Payload) -> None:
        system, prompt = payload["messages"][0]["content"], payload["messages"][-1]["content"]
        if "You are a patient tutor" in system:
            found = _SAID.search(prompt)
            said = found[1].strip() if found else ""
            lines = self._replies["tutor"].get(said, self._replies["tutor"][""])
            serve.reply("\n".join(json.dumps(line) for line in lines))(handler, payload)
        elif "one line of JSON" in system or "You answer a learner" in system:
            asked = blocks(payload).get("QUESTION", "").strip()
            lines = self._replies.get("answers", {}).get(asked, [{"declined": True}])
            serve.reply("\n".join(json.dumps(line) for line in lines))(handler, payload)
        elif "You write questions" in system:
            serve.reply({"questions": self._replies["questions"]})(handler, payload)
        else:
            serve.failing(404, "model_not_found")(handler, payload)


def main() -> int:
    """Write the dialogues that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=list(TITLES), default=[name for name in TITLES if name != "live"])
    parser.add_argument("--model-url")
    asked = parser.parse_args()
    for name in asked.only:
        script = script_of(name)
        if name == "built_in":
            _write(name, script, _spoken(script, {}))
        elif name != "live":
            with serve.OpenAIServer() as server:
                server.script(Writer(script))
                _write(name, script, _spoken(script, _settings(server.base_url)))
        elif asked.model_url:
            _write(name, script, _spoken(script, _settings(asked.model_url)))
    return 0


def _settings(url: str) -> dict[str, str]:
    return {
        "LLM_MODEL": "openai:tutor", "LLM_BASE_URL": url, "LLM_API_KEY": "none", "LLM_TIMEOUT_SECONDS": "600",
        "LLM_CONTEXT_TOKENS": "8000",
    }  # fmt: skip


def _spoken(script: dict[str, Any], settings: dict[str, str]) -> list[str]:
    with own_stack(**settings) as (url, _):
        client = TutorClient(url, patience=PATIENCE)
        client.register()
        session = str(client.post("/sessions", {"title": script["title"]})["session_id"])
        *_, job = client.job_states(
            client.upload(session, ROOT / script["material"])["job_id"], timeout_seconds=PATIENCE
        )
        assert job["status"] == "completed", job
        said: list[str] = []
        for action, data in script["lines"]:
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


def _write(name: str, script: dict[str, Any], said: list[str]) -> None:
    _, file, title = TITLES[name]
    place, material = EXAMPLES / file, ROOT / script["material"]
    link = os.path.relpath(material, EXAMPLES)
    kept = place.read_text("utf-8") if place.is_file() else ""
    weak = kept[kept.index("## What is weak in it") :] if "## What is weak in it" in kept else ""
    head = (
        f"# {title}\n\nMade from [{material.name}]({link}) by `python -m benchmarks.dialogues`. Each line of the learner is one "
        "call of `POST /sessions/{id}/interact`.\n"
    )
    place.write_text(f"{head}\n" + "\n\n".join(said) + "\n" + (f"\n{weak}" if weak else ""), "utf-8")
    print(f"{place.name}: {len(said) // 2} turns", flush=True)


if __name__ == "__main__":
    sys.exit(main())
