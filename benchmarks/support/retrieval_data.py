"""Judged collections for the retrieval benchmark: Cranfield, and headings of a textbook as queries."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

CUTOFF = 10
_CODE = re.compile(r"```.*?```", re.DOTALL)
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


@dataclass(frozen=True)
class Collection:
    """Documents by number, queries, and the numbers of the relevant documents of each query."""

    name: str
    documents: Mapping[int, str]
    queries: Sequence[str]
    relevant: Sequence[frozenset[int]]

    def ndcg(self, search: Callable[[str], Sequence[int]]) -> npt.NDArray[np.float64]:
        """Return nDCG@10 of each query, binary gains; a query without a judged document is left out."""
        pairs = zip(self.queries, self.relevant, strict=True)
        return np.array([ndcg(search(query), relevant) for query, relevant in pairs if relevant])


def ndcg(ranking: Sequence[int], relevant: frozenset[int]) -> float:
    """Return nDCG@10 with binary gains (Järvelin and Kekäläinen 2002)."""
    discounts = 1 / np.log2(np.arange(2, CUTOFF + 2))
    gained = sum(discounts[place] for place, number in enumerate(ranking[:CUTOFF]) if number in relevant)
    return float(gained / discounts[: len(relevant)].sum())


def cranfield(folder: Path) -> Collection:
    """Read ``docs.txt``, ``queries.txt`` and ``qrels.txt``; a grade above 0 is relevant."""
    documents: dict[int, str] = {}
    for number, fields in _records((folder / "docs.txt").read_text("utf-8", "replace")):
        body = (fields.get("T", "") + fields.get("W", "")).strip()
        if fields.get("W", "").strip():
            documents[number] = body
    queries = [" ".join(fields["W"].split()) for _, fields in _records((folder / "queries.txt").read_text("utf-8"))]
    relevant: list[set[int]] = [set() for _ in queries]
    for line in (folder / "qrels.txt").read_text("utf-8").splitlines():
        if len(parts := line.split()) >= 3 and int(parts[2]) > 0:
            relevant[int(parts[0]) - 1].add(int(parts[1]))
    return Collection("Cranfield", documents, queries, [frozenset(numbers) for numbers in relevant])


def textbook(folder: Path) -> Collection:
    """Read Markdown chapters: a query is a heading, relevant are the paragraphs under it (the heading itself is not
    in them). A second kind of text and of query, so that constants are not fitted to one."""
    documents: dict[int, str] = {}
    queries: list[str] = []
    relevant: list[set[int]] = []
    for path in sorted(folder.glob("*.md")):
        text = _LINK.sub(r"\1", _CODE.sub("", path.read_text("utf-8")))
        for paragraph in (part.strip() for part in re.split(r"\n\s*\n", text)):
            if heading := re.match(r"#+\s+([^{\n]+)", paragraph):
                queries.append(heading[1].strip())
                relevant.append(set())
            elif relevant and len(paragraph.split()) > 15:
                documents[len(documents) + 1] = paragraph
                relevant[-1].add(len(documents))
    return Collection("textbook headings", documents, queries, [frozenset(numbers) for numbers in relevant])


def _records(text: str) -> list[tuple[int, dict[str, str]]]:
    """Return the ``.I`` records of a SMART file with their fields."""
    records: list[tuple[int, dict[str, str]]] = []
    field = ""
    for line in text.splitlines():
        if line.startswith(".I "):
            records.append((int(line[3:]), {}))
            field = ""
        elif records and re.fullmatch(r"\.[A-Z]\s*", line):
            field = line[1]
        elif records and field:
            fields = records[-1][1]
            fields[field] = fields.get(field, "") + line + "\n"
    return records
