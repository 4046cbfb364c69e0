"""Retrieval quality: nDCG@10 of the search service against PostgreSQL's own ranking and plain baselines.

    python -m benchmarks.retrieval_quality --data DIR [--cross-validate]

DIR holds ``cranfield/`` and ``textbook/``. Documents go through chunking, indexing and the search service into a
database that is made on the server (the embedded one where none is configured) and dropped at the end. The other side
ranks the same documents in the same database. Intervals are 95 % by bootstrap over queries, and paired where two methods
are compared.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path
from uuid import UUID

from benchmarks.support.environment import set_up

set_up()

import numpy as np  # noqa: E402
import numpy.typing as npt  # noqa: E402
from django.db import connection  # noqa: E402

from benchmarks.support import retrieval_data as data  # noqa: E402
from benchmarks.support.retrieval_load import Library  # noqa: E402
from benchmarks.support.retrieval_memory import MemoryIndex  # noqa: E402
from documents_app.domain.passages import Ranked, merged  # noqa: E402
from documents_app.domain.search.feedback import Feedback  # noqa: E402
from documents_app.domain.search.ranking import TUNING, Ranking, Tuning  # noqa: E402
from documents_app.retrieval.scope import Scope  # noqa: E402
from documents_app.retrieval.search import search  # noqa: E402
from tutor_project.llm.embeddings import get_embedder  # noqa: E402

Scores = npt.NDArray[np.float64]
LIMIT = 10
FOLDS, REPEATS, RESAMPLES = 5, 4, 2000


def interval(values: Scores) -> str:
    """Return the mean with its 95 % bootstrap interval."""
    random = np.random.default_rng(7)
    means = values[random.integers(0, len(values), (RESAMPLES, len(values)))].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return f"{values.mean():.3f}  [{low:.3f}, {high:.3f}]"


def report(collection: data.Collection) -> None:
    """Print each method's nDCG@10 and how much the service gains over it."""
    library = Library(collection.name)
    numbers = {library.add(f"{number}.txt", text): number for number, text in collection.documents.items()}
    library.analyse()
    scope = Scope.of_session(library.owner_id, library.session_id)
    chunks = library.session_chunks()
    print(
        f"\n{collection.name}: {len(numbers)} documents, {chunks} chunks, {len(collection.queries)} queries; limit {LIMIT}"
    )
    found: dict[str, Scores] = {}
    for rank in ("ts_rank_cd", "ts_rank"):
        found[f"PostgreSQL {rank}, OR query"] = collection.ndcg(lambda q, r=rank: postgres(library, numbers, q, r))
    found["mean-pooled vectors, whole documents"] = collection.ndcg(mean_pooled(collection))
    for mode in ("dense", "lexical", "hybrid"):
        found[f"search service, {mode}"] = collection.ndcg(
            lambda q, m=mode: service(scope, numbers, q, m)  # type: ignore[misc]
        )
    best = found["search service, hybrid"]
    print(f"  {'method':<40} {'nDCG@10':<24} hybrid is better by")
    for name, values in found.items():
        print(f"  {name:<40} {interval(values):<24} {'' if values is best else interval(best - values)}")


def service(scope: Scope, numbers: dict[UUID, int], query: str, mode: str) -> Sequence[int]:
    """Rank documents by the hits of the search service."""
    hits = search(scope=scope, query=query, limit=LIMIT, mode=mode).hits  # type: ignore[arg-type]
    return list(dict.fromkeys(numbers[UUID(hit.citation.document_id)] for hit in hits))


def postgres(library: Library, numbers: dict[UUID, int], query: str, function: str) -> Sequence[int]:
    """Rank documents by PostgreSQL's text search over their whole text, terms joined by OR."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.document_id FROM documents_app_documentcontent c JOIN documents_app_document d ON d.id ="
            " c.document_id, (SELECT replace(plainto_tsquery('english', %s)::text, '&', '|')::tsquery AS q) AS query"
            " WHERE d.session_id = %s AND to_tsvector('english', c.text) @@ q"
            f" ORDER BY {function}(to_tsvector('english', c.text), q) DESC LIMIT 10",
            [query, library.session_id],
        )
        return [numbers[row[0]] for row in cursor.fetchall()]


def mean_pooled(collection: data.Collection) -> Callable[[str], Sequence[int]]:
    """Rank documents by the cosine of plain mean-pooled token vectors, as the embedder's own package makes them."""
    embedder = get_embedder()
    names = list(collection.documents)
    vectors = embedder.embed_documents([collection.documents[name] for name in names])

    def rank(query: str) -> Sequence[int]:
        return [names[place] for place in np.argsort(-(vectors @ embedder.embed_query(query)))[:LIMIT]]

    return rank


def cross_validate(collections: Sequence[data.Collection]) -> None:
    """Choose the constants on four fifths of the queries, judge them on the rest, and say how much they move.

    The choice is by the mean over the collections, so that neither is fitted alone.
    """
    grid = [
        Tuning(dense_first=first, dense_final=final, feedback=Feedback(chunks=chunks, terms=terms, query_share=share))
        for first, final, chunks, terms, share in product(
            (0.3, 0.4, 0.5), (0.1, 0.2, 0.3), (5, 10, 15), (30, 50, 80), (0.4, 0.5, 0.6)
        )
    ]
    tables = []
    for collection in collections:
        index = MemoryIndex(collection.documents)
        rows = []
        for done, tuning in enumerate(grid, 1):
            rows.append(collection.ndcg(lambda q, i=index, t=tuning: in_memory(i, q, t)))  # type: ignore[misc]
            print(f"\r{collection.name}: {done} of {len(grid)}", end="", file=sys.stderr)
        tables.append(np.array(rows))
    print(f"\nCross-validation: {len(grid)} settings, {FOLDS} folds, {REPEATS} times")
    random = np.random.default_rng(1)
    held_out: list[list[float]] = [[] for _ in tables]
    chosen: list[int] = []
    for _ in range(REPEATS):
        folds = [np.array_split(random.permutation(table.shape[1]), FOLDS) for table in tables]
        for fold in range(FOLDS):
            trained = np.mean(
                [np.delete(table, own[fold], axis=1).mean(axis=1) for table, own in zip(tables, folds, strict=True)],
                axis=0,
            )
            chosen.append(int(trained.argmax()))
            for scores, table, own in zip(held_out, tables, folds, strict=True):
                scores.append(float(table[chosen[-1], own[fold]].mean()))
    default = grid.index(TUNING)
    for collection, scores, table in zip(collections, held_out, tables, strict=True):
        means = table.mean(axis=1)
        print(
            f"  {collection.name:<20} held out {np.mean(scores):.4f} (folds ±{np.std(scores):.4f}); defaults {means[default]:.4f};"
            f" grid {means.min():.4f} to {means.max():.4f}"
        )
    for setting in sorted(set(chosen), key=chosen.count, reverse=True)[:5]:
        print(f"  chosen {chosen.count(setting):2d} of {len(chosen)}: {grid[setting]}")


def in_memory(index: MemoryIndex, query: str, tuning: Tuning) -> Sequence[int]:
    """Rank documents in memory as the service would."""
    return documents(index.rank(query, depth=LIMIT * 3, mode="hybrid", tuning=tuning))


def documents(ranking: Ranking) -> Sequence[int]:
    """Return the numbers of the documents of the merged passages."""
    rows = zip(
        ranking.passages.document_uuids(), ranking.passages.ordinals.tolist(), ranking.scores.tolist(), strict=True
    )
    return list(dict.fromkeys(passage.document.int for passage in merged([Ranked(*row) for row in rows], LIMIT)))


def main() -> None:
    """Run on the collections that are there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with cranfield/ and textbook/")
    parser.add_argument("--cross-validate", action="store_true")
    options = parser.parse_args()
    readers = {"cranfield": data.cranfield, "textbook": data.textbook}
    missing = [name for name in readers if not (options.data / name).is_dir()]
    if missing:
        print(f"absent, not measured: {', '.join(str(options.data / name) for name in missing)}")
    collections = [read(options.data / name) for name, read in readers.items() if name not in missing]
    if not collections:
        return
    if options.cross_validate:
        cross_validate(collections)
        return
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        for collection in collections:
            report(collection)
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


if __name__ == "__main__":
    main()
