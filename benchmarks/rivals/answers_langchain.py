"""The other side of ``benchmarks.answers``: LangChain's usual splitter, 1,000 characters with 150 overlapping.

Runs in an environment of its own (``benchmarks/rivals/requirements-answers.txt``) and imports nothing of this project. Takes a JSON
list of texts on standard input, gives a JSON list of their pieces on standard output.
"""

from __future__ import annotations

import json
import sys

from langchain_text_splitters import RecursiveCharacterTextSplitter


def main() -> None:
    """Split every text."""
    cut = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=150)
    json.dump([cut.split_text(text) for text in json.load(sys.stdin)], sys.stdout)


if __name__ == "__main__":
    main()
