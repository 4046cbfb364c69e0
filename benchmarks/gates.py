"""The gates on what a model writes, on replies as a strong model would give them: ``python -m benchmarks.gates [FILE …]``.

Prints how many good questions are refused and bad ones passed, how many false sentences pass with a citation, and how
many good points of a lesson are dropped. Each FILE is JSON with ``material`` (a path beside the project or the file),
``good_questions`` and ``bad_questions`` (as in ``QuestionReply``), ``false_sentences`` and ``good_lesson_points``.
"""

from __future__ import annotations

import argparse
import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tutor_project.settings")

import django

django.setup()

from documents_app.domain.material import SourceDocument  # noqa: E402
from documents_app.domain.quotes import Evidence  # noqa: E402
from documents_app.domain.reading.outline import outline  # noqa: E402
from documents_app.extraction import registry  # noqa: E402
from documents_app.retrieval.excerpts import choose_excerpts  # noqa: E402
from sessions_app.domain.claims import is_carried  # noqa: E402
from sessions_app.domain.questions.source import SourceIndex  # noqa: E402
from sessions_app.domain.questions.types import CandidateQuestion, QuestionKind  # noqa: E402
from sessions_app.domain.questions.verifier import Verifier  # noqa: E402
from sessions_app.engine_model.questions import candidate_of_reply  # noqa: E402
from sessions_app.engine_model.schemas import QuestionReply  # noqa: E402
from tutor_project.llm.embeddings import get_embedder  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]


class Bench:
    """One file of replies and the material they are about."""

    def __init__(self, path: Path) -> None:
        self.replies: dict[str, Any] = json.loads(path.read_text("utf-8"))
        named = self.replies["material"].split()[0]
        place = next(folder / named for folder in (path.parent, ROOT) if (folder / named).is_file())
        self.document = SourceDocument("d1", place.name, registry.extract(place, place.name))
        sections = outline([self.document])
        self.evidence = Evidence(choose_excerpts([self.document], sections, max_tokens=10**7))
        spans = [(s.document, s.char_start, s.char_end) for section in sections for s in section.sentences]
        self.verifier = Verifier(SourceIndex([self.document], spans), embed=get_embedder().embed_documents)

    def judged(self, kind: str) -> Iterator[tuple[dict[str, Any], list[str]]]:
        """Yield each question of ``kind`` (good or bad) and the rules that refuse it."""
        for item in self.replies[f"{kind}_questions"]:
            question = candidate_of_reply(QuestionReply(**item), self.evidence, kinds=frozenset(QuestionKind))
            yield item, ["not_whole"] if question is None else self._refused(question)

    def _refused(self, question: CandidateQuestion) -> list[str]:
        return [f"{failure.rule}: {failure.detail}" for failure in self.verifier.verify(question).failures]

    def carried(self, kind: str, text: str) -> Iterator[tuple[dict[str, Any], bool]]:
        """Yield each statement and whether the gate takes its evidence for it."""
        for item in self.replies[kind]:
            found = self.evidence.find(item["evidence"])
            section = found[0].shown.text if found is not None else ""
            yield item, found is not None and is_carried(item[text], [item["evidence"]], section)


def main() -> None:
    """Print the figures of each file and of all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--show", action="store_true", help="print each miss")
    asked = parser.parse_args()
    total: Counter[str] = Counter()
    for path in asked.files:
        found = _measure(Bench(path), show=asked.show)
        total += found
        print(path.stem, _figures(found))
    print("all", _figures(total))


def _measure(bench: Bench, *, show: bool) -> Counter[str]:
    found: Counter[str] = Counter()
    for kind, wrong in (("good", True), ("bad", False)):
        for item, rules in bench.judged(kind):
            found[kind] += 1
            if bool(rules) is wrong:
                found[f"{kind}_missed"] += 1
                if show:
                    print(f"  {kind}: {item['question']} → {item['answer']} | {'; '.join(rules)}")
    for kind, text, expected in (("false_sentences", "sentence", False), ("good_lesson_points", "text", True)):
        for item, carried in bench.carried(kind, text):
            found[kind] += 1
            if carried is not expected:
                found[f"{kind}_missed"] += 1
                if show:
                    print(f"  {kind}: {item[text]}")
    return found


def _figures(found: Counter[str]) -> str:
    parts = (
        ("good refused", "good"), ("bad passed", "bad"), ("false sentences passed", "false_sentences"),
        ("lesson points dropped", "good_lesson_points"),
    )  # fmt: skip
    return ", ".join(f"{label} {found[f'{name}_missed']} of {found[name]}" for label, name in parts if found[name])


if __name__ == "__main__":
    main()
