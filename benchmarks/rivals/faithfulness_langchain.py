"""The other side of ``benchmarks.faithfulness``: the usual LangChain loader of each format.

Runs in an environment of its own (``benchmarks/rivals/requirements-faithfulness.txt``) and imports nothing of this project. Takes
paths, answers one JSON line each: ``name``, ``loader``, ``text`` (null where the loader cannot read the file here).
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import Any

warnings.filterwarnings("ignore")

from langchain_community import document_loaders as loaders  # noqa: E402

LOADERS: dict[str, tuple[str, dict[str, Any]]] = {
    ".md": ("UnstructuredMarkdownLoader", {}),
    ".html": ("BSHTMLLoader", {"bs_kwargs": {"features": "lxml"}}),
    ".epub": ("UnstructuredEPubLoader", {}),
    ".ipynb": ("NotebookLoader", {"include_outputs": True, "max_output_length": 20_000}),
    ".csv": ("CSVLoader", {"csv_args": {"delimiter": ";"}}),
    ".docx": ("Docx2txtLoader", {}),
    ".pptx": ("UnstructuredPowerPointLoader", {}),
    ".xlsx": ("UnstructuredExcelLoader", {}),
    ".odt": ("UnstructuredODTLoader", {}),
    ".rtf": ("UnstructuredRTFLoader", {}),
    ".eml": ("UnstructuredEmailLoader", {}),
    ".pdf": ("PyPDFium2Loader", {}),
    ".txt": ("TextLoader", {}),
    ".py": ("TextLoader", {}),
}


def main() -> None:
    """Read every file named on the command line."""
    for path in map(Path, sys.argv[1:]):
        name, options = LOADERS.get(path.suffix, ("none", {}))
        text: str | None = None
        try:
            documents = getattr(loaders, name)(str(path), **options).load()
            text = "\n\n".join(document.page_content for document in documents)
        except Exception as error:  # noqa: BLE001 - a loader that does not work here is part of the table
            name = f"{name} ({type(error).__name__})"
        print(json.dumps({"name": path.name, "loader": name, "text": text}), flush=True)


if __name__ == "__main__":
    main()
