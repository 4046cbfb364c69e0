"""The other side of ``benchmarks.ingest``: LangChain's loader, splitter and PGVector, with the same embedder.

Runs in an environment of its own (``benchmarks/rivals/requirements-ingest.txt``) and imports nothing of this project. Reads one
JSON request a line (``{"loader": name, "files": [paths]}``) and answers one JSON line (``seconds``, ``pages``, ``chunks``).
Imports, the embedder and the tables are ready before the first answer, so none of that is timed.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import time
import uuid
import warnings
from pathlib import Path
from typing import Any

warnings.filterwarnings("ignore")

import numpy as np  # noqa: E402
from langchain_community.document_loaders import PDFPlumberLoader, PyPDFium2Loader  # noqa: E402
from langchain_core.embeddings import Embeddings  # noqa: E402
from langchain_postgres import PGVector  # noqa: E402
from langchain_text_splitters import RecursiveCharacterTextSplitter  # noqa: E402

LOADERS = {"pypdfium2": PyPDFium2Loader, "pdfplumber": PDFPlumberLoader}
SPLITTER = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=150)


class WordLlamaEmbeddings(Embeddings):
    """The token vectors of the ``wordllama`` wheel, 256 dimensions, pooled by its mean."""

    def __init__(self) -> None:
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        folder = Path(importlib.util.find_spec("wordllama").origin).parent
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizers" / "l2_supercat_tokenizer_config.json"))
        weights = load_file(str(folder / "weights" / "l2_supercat_256.safetensors"))["embedding.weight"]
        self.weights = np.ascontiguousarray(weights, dtype=np.float32)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        encoded = self.tokenizer.encode_batch_fast(texts, add_special_tokens=False)
        rows = np.stack(
            [self.weights[item.ids].mean(axis=0) if item.ids else np.zeros(256, np.float32) for item in encoded]
        )
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        return (rows / np.maximum(lengths, 1e-9)).tolist()

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]


def ingest(store: PGVector, loader: str, files: list[str]) -> dict[str, Any]:
    """Load, split, embed and store the files one after the other, as the tutorials do."""
    started = time.perf_counter()
    pages = chunks = 0
    for file in files:
        documents = LOADERS[loader](file).load()
        parts = SPLITTER.split_documents(documents)
        for part in parts:
            part.page_content = part.page_content.replace("\x00", "")
            part.metadata = {
                name: value for name, value in part.metadata.items() if isinstance(value, (str, int, float))
            }
        if parts:
            store.add_documents(parts)
        pages, chunks = pages + len(documents), chunks + len(parts)
    return {"seconds": time.perf_counter() - started, "pages": pages, "chunks": chunks}


def main() -> None:
    embedder = WordLlamaEmbeddings()
    store = PGVector(
        embeddings=embedder, collection_name=f"ingest-{uuid.uuid4()}", connection=sys.argv[1], embedding_length=256
    )
    store.add_texts(["warm up"])
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        print(json.dumps(ingest(store, **json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
