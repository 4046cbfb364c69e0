"""Citations: whatever the API shows of a document slices back out of its stored text, exactly.

    python -m benchmarks.citations --data DIR [--queries 4]

Starts servers, web and worker of its own, uploads every file of DIR's ``textbook/`` and ``pdf/`` (any folders of files with
``--folders``), and checks each that opens: pages follow each other and cover the text, headings and tables lie on their
pages, and each citation of a search in each mode equals ``text[char_start:char_end]`` of its document, on the pages it
names. Queries are runs of words from the documents. Ends with status 1 if anything does not fit.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.ingest import FILES_A_REQUEST, Stack
from benchmarks.support.own_stack import own_stack

MODES = ("hybrid", "dense", "lexical")
WORDS_A_QUERY = 6


class Checked:
    """Counts of what was looked at, and what did not fit."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.wrong: list[str] = []

    def holds(self, what: str, condition: bool, where: str) -> None:
        """Count one check."""
        self.counts[what] += 1
        if not condition:
            self.wrong.append(f"{what}: {where}")


def check_content(content: dict[str, Any], checked: Checked) -> None:
    """Pages, headings and tables against the text."""
    name, text, pages = content["filename"], content["text"], content["pages"]
    numbers = [page["page"] for page in pages]
    checked.holds("pages in order", numbers == list(range(1, len(pages) + 1)), name)
    position = 0
    for page in pages:
        start, end = page["char_start"], page["char_end"]
        between = text[position:start]
        checked.holds("pages", position <= start <= end <= len(text) and not between.strip(), f"{name} {page['page']}")
        position = end
    checked.holds("text after the last page", not text[position:].strip(), name)
    spans = {page["page"]: page for page in pages}
    for kind in ("headings", "tables"):
        for part in content[kind]:
            page, slice_ = spans[part["page"]], text[part["char_start"] : part["char_end"]]
            inside = page["char_start"] <= part["char_start"] <= part["char_end"] <= page["char_end"]
            words = part["text"] if kind == "headings" else "".join("".join(row) for row in part["cells"])
            same = "".join(words.split()) == "".join(slice_.split())
            checked.holds(kind, inside and same, f"{name} page {part['page']} {slice_[:60]!r}")


def check_hit(citation: dict[str, Any], content: dict[str, Any], checked: Checked) -> None:
    """One citation against the text and the pages of its document."""
    start, end = citation["char_start"], citation["char_end"]
    pages = {page["page"]: page for page in content["pages"]}
    first, last = pages[citation["page_start"]], pages[citation["page_end"]]
    placed = first["char_start"] <= start < first["char_end"] and last["char_start"] < end <= last["char_end"]
    exact = content["text"][start:end] == citation["text"] and citation["filename"] == content["filename"]
    checked.holds("citations", exact and placed, f"{content['filename']} {start}:{end}")


def queries_of(text: str, count: int, pick: random.Random) -> list[str]:
    """Return runs of words from all over a text."""
    words = text.split()
    starts = [pick.randrange(max(1, len(words) - WORDS_A_QUERY)) for _ in range(count)]
    return [" ".join(words[start : start + WORDS_A_QUERY])[:500] for start in starts] if words else []


def check(stack: Stack, files: list[Path], queries: int) -> Checked:
    """Upload the files, wait, look at everything."""
    checked, pick = Checked(), random.Random(11)
    session = stack.session()
    for first in range(0, len(files), FILES_A_REQUEST):
        part = [(file.name, file.read_bytes()) for file in files[first : first + FILES_A_REQUEST]]
        stack.finished(stack.send(session, part))
    documents = stack.client.get(f"/sessions/{session}/documents?limit=100")["results"]
    opened = {document["id"]: document for document in documents if document["status"] == "completed"}
    failed = Counter(document["error"]["code"] for document in documents if document["status"] == "failed")
    print(f"{len(documents)} files: {len(opened)} opened, not {dict(failed)}")
    if len(opened) + failed.total() != len(documents):
        sys.exit("not every document came to an end")
    contents = {pk: stack.client.get(f"/documents/{pk}/content?type=full") for pk in opened}
    for pk, content in contents.items():
        only = stack.client.get(f"/documents/{pk}/content?type=text_only")
        checked.holds("text_only", (only["text"], only["pages"]) == (content["text"], content["pages"]), pk)
        checked.holds("page_count", len(content["pages"]) == opened[pk]["page_count"], content["filename"])
        check_content(content, checked)
    for content in contents.values():
        for query in queries_of(content["text"], queries, pick):
            for mode in MODES:
                found = stack.client.post(f"/sessions/{session}/search", {"query": query, "mode": mode, "limit": 20})
                checked.counts["searches"] += 1
                for hit in found["hits"]:
                    check_hit(hit["citation"], contents[hit["citation"]["document_id"]], checked)
    return checked


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder with textbook/ and pdf/")
    parser.add_argument("--folders", type=Path, nargs="*", default=[], help="more folders of files")
    parser.add_argument("--queries", type=int, default=4, help="queries for each document, each in three modes")
    arguments = parser.parse_args()
    folders = [*([arguments.data / "textbook", arguments.data / "pdf"] if arguments.data else []), *arguments.folders]
    files = [file for folder in folders if folder.is_dir() for file in sorted(folder.iterdir()) if file.is_file()]
    if not files:
        print("no --data with textbook/ or pdf/, and no --folders: the samples of the project instead")
        files = sorted(file for file in (Path(__file__).parents[1] / "samples").iterdir() if file.is_file())
    with own_stack() as (url, var):
        checked = check(Stack(url, var), files, arguments.queries)
    print(", ".join(f"{count} {what}" for what, count in sorted(checked.counts.items())))
    print(f"{len(checked.wrong)} of them do not fit")
    for line in checked.wrong[:50]:
        print("  ", line)
    sys.exit(1 if checked.wrong else 0)


if __name__ == "__main__":
    main()
