"""Speed and recall of search: one session, and a library of 100,000 chunks.

    python -m benchmarks.search [--data DIR] [--chunks 100000] [--queries 210]

Passages are put together from sentences of DIR's ``cranfield/`` and ``textbook/`` (of generated words when DIR is not
given) and go through the services the ingestion uses, into a database that is made on the server (the embedded one where
none is configured) and dropped at the end. The other side is the usual hybrid over the same rows: an exact vector scan and
``ts_rank_cd`` over a GIN index, fused by reciprocal ranks. Times are medians over rounds in which both sides take turns;
``cpu`` is processor time of client and server a query, which a busy machine does not stretch as much.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.support.environment import set_up

set_up()

import numpy as np  # noqa: E402
from django.db import connection  # noqa: E402

from benchmarks.support import retrieval_data as data  # noqa: E402
from benchmarks.support.retrieval_load import Library  # noqa: E402
from documents_app.domain.passage_ids import PassageIds  # noqa: E402
from documents_app.retrieval import dense_search as dense  # noqa: E402
from documents_app.retrieval.maintenance import vector_index_build  # noqa: E402
from documents_app.retrieval.scope import Scope, scope_statistics  # noqa: E402
from documents_app.retrieval.search import search  # noqa: E402
from documents_app.retrieval.spaces import spaces_in_use  # noqa: E402
from tutor_project.llm.embeddings import get_embedder  # noqa: E402

ROUNDS = 7
DOCUMENT_CHUNKS = 60
SESSION_DOCUMENTS = 8
SENTENCES_A_DOCUMENT = DOCUMENT_CHUNKS * 8


def sources(folder: Path | None) -> tuple[list[list[str]], list[str]]:
    """Return groups of sentences, each on a topic, and queries."""
    if folder is not None and (folder / "cranfield").is_dir() and (folder / "textbook").is_dir():
        cranfield, textbook = data.cranfield(folder / "cranfield"), data.textbook(folder / "textbook")
        texts = [*cranfield.documents.values(), *textbook.documents.values()]
        groups = [[part.strip() for part in text.replace("\n", " ").split(". ") if len(part) > 40] for text in texts]
        return [group for group in groups if group], [*cranfield.queries, *textbook.queries]
    print("no --data with cranfield/ and textbook/: passages of generated words")
    pick = random.Random(5)
    words = ["".join(pick.choices("aeioubcdfglmnprst", k=pick.randint(3, 9))) for _ in range(20_000)]
    weights = [1 / (rank + 1) for rank in range(len(words))]
    groups = [[" ".join(pick.choices(words, weights, k=18)) for _ in range(8)] for _ in range(2000)]
    return groups, [" ".join(pick.choices(words, weights, k=6)) for _ in range(300)]


def documents(groups: Sequence[Sequence[str]], seed: int) -> Iterator[str]:
    """Yield documents of about DOCUMENT_CHUNKS chunks, each from a few topics."""
    pick = random.Random(seed)
    while True:
        topics = pick.sample(range(len(groups)), 12)
        chosen = [pick.choice(groups[pick.choice(topics)]).capitalize() for _ in range(SENTENCES_A_DOCUMENT)]
        yield ". ".join(chosen) + "."


def fill(groups: Sequence[Sequence[str]], wanted: int) -> tuple[list[Library], Library, list[Library]]:
    """Return the sessions of one large library, a session of its owner, and small libraries of others (0.1 %)."""
    texts = documents(groups, 1)
    sessions: list[Library] = []
    made, started = 0, time.perf_counter()
    while made < wanted:
        session = Library("large", owner=sessions[0].owner_id if sessions else None)
        sessions.append(session)
        for number in range(SESSION_DOCUMENTS):
            session.add(f"{number}.txt", next(texts))
        made += session.session_chunks()
    small = [Library(f"small {number}") for number in range(3)]
    for library in small:
        while library.session_chunks() < wanted // 1000:
            library.add("one.txt", next(texts)[:60_000])
    seconds = time.perf_counter() - started
    print(f"{made} chunks in {len(sessions)} sessions written in {seconds:.0f} s ({made / seconds:.0f}/s)")
    return sessions, sessions[len(sessions) // 2], small


def usual_hybrid(scope: Scope, query: str, vector: str) -> list[Any]:
    """The usual side: exact vector scan and ts_rank_cd, ten of each hundred by reciprocal ranks, with their texts."""
    narrow = "" if scope.session_ids is None else " AND session_id = ANY(%(sessions)s)"
    arguments = {"v": vector, "owner": scope.owner_id, "sessions": list(scope.session_ids or ()), "q": query}
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH near AS (SELECT document_id, ordinal, row_number() OVER () AS place FROM (SELECT document_id, ordinal"
            f" FROM documents_app_chunkembedding WHERE owner_id = %(owner)s{narrow}"
            " ORDER BY embedding <#> %(v)s::halfvec LIMIT 100) AS n),"
            " words AS (SELECT document_id, ordinal, row_number() OVER () AS place FROM (SELECT s.document_id, s.ordinal FROM"
            " search_words s, (SELECT replace(plainto_tsquery('english', %(q)s)::text, '&', '|')::tsquery AS q) AS query"
            f" WHERE s.words @@ q AND s.owner_id = %(owner)s{narrow.replace('session_id', 's.session_id')}"
            " ORDER BY ts_rank_cd(s.words, q) DESC LIMIT 100) AS w)"
            " SELECT c.text FROM (SELECT document_id, ordinal, sum(1.0 / (60 + place)) AS score FROM (SELECT * FROM near"
            " UNION ALL SELECT * FROM words) AS lists GROUP BY 1, 2 ORDER BY score DESC LIMIT 10) AS best"
            " JOIN documents_app_chunk c USING (document_id, ordinal) ORDER BY score DESC",
            arguments,
        )
        return cursor.fetchall()


def add_words() -> None:
    """Give the usual side its tsvectors and GIN index."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE search_words AS SELECT c.document_id, c.ordinal, d.owner_id, d.session_id,"
            " to_tsvector('english', c.text) AS words FROM documents_app_chunk c"
            " JOIN documents_app_document d ON d.id = c.document_id"
        )
        cursor.execute("CREATE INDEX ON search_words USING gin (words)")
        cursor.execute("CREATE INDEX ON search_words (owner_id, session_id)")
        cursor.execute("VACUUM ANALYZE")


def milliseconds(action: Callable[[str], Any], queries: Sequence[str]) -> list[float]:
    """Time one call for each query."""
    times = []
    for query in queries:
        started = time.perf_counter()
        action(query)
        times.append((time.perf_counter() - started) * 1000)
    return times


def cpu_seconds() -> float:
    """Return the processor time of this process and of its database backend, if that runs on this machine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        stat = Path(f"/proc/{cursor.fetchone()[0]}/stat")
    backend = sum(map(int, stat.read_text().rpartition(")")[2].split()[11:13])) if stat.exists() else 0
    return time.process_time() + backend / os.sysconf("SC_CLK_TCK")


def compare(name: str, scope: Scope, queries: Sequence[str]) -> None:
    """Print median and 95th percentile of both sides, rounds taking turns."""
    embedder = get_embedder()
    vectors = {query: dense._literal(embedder.embed_query(query)) for query in queries}
    sides: dict[str, Callable[[str], Any]] = {
        "search service, hybrid": lambda query: search(scope=scope, query=query),
        "search service, dense": lambda query: search(scope=scope, query=query, mode="dense"),
        "search service, lexical": lambda query: search(scope=scope, query=query, mode="lexical"),
        "usual hybrid (no query embedding)": lambda query: usual_hybrid(scope, query, vectors[query]),
    }
    for action in sides.values():
        milliseconds(action, queries[:10])
    times: dict[str, list[list[float]]] = {side: [] for side in sides}
    share = max(len(queries) // ROUNDS, 1)
    cpu = dict.fromkeys(sides, 0.0)
    for turn in range(ROUNDS):
        for side, action in sides.items():
            before = cpu_seconds()
            times[side].append(milliseconds(action, queries[turn * share : (turn + 1) * share]))
            cpu[side] += cpu_seconds() - before
    print(f"\n{name}: {scope_statistics(scope).chunks} chunks, {share * ROUNDS} queries in {ROUNDS} rounds")
    usual = [statistics.median(turn) for turn in times["usual hybrid (no query embedding)"]]
    for side, turns in times.items():
        every = sorted(value for turn in turns for value in turn)
        ratio = statistics.median(other / statistics.median(turn) for other, turn in zip(usual, turns, strict=True))
        p50, p95 = statistics.median(every), every[int(0.95 * len(every))]
        spent = 1000 * cpu[side] / (share * ROUNDS)
        print(
            f"  {side:<36} p50 {p50:7.2f} ms  p95 {p95:7.2f} ms  cpu {spent:6.2f} ms  {ratio:5.1f} times as fast as the usual"
        )


def recall(name: str, scope: Scope, queries: Sequence[str]) -> None:
    """Print the recall@10 of the dense half against exact search over the same scope."""
    space, embedder = spaces_in_use()[0], get_embedder()
    nobody = PassageIds.of(b"", np.zeros(0, dtype=np.int64))
    chunks = scope_statistics(scope).chunks
    way = "by the index" if dense.index_pays(chunks, space) else "exact"
    shares = []
    for query in queries:
        vector = embedder.embed_query(query)
        found = dense.dense_search(space, scope, chunks, vector, wanted=100, also=nobody).best(10).keys()
        exact = dense.dense_search(space, scope, 0, vector, wanted=100, also=nobody).best(10).keys()
        shares.append(len(set(found.tolist()) & set(exact.tolist())) / max(len(exact), 1))
    print(
        f"  {name:<36} {chunks:>7} chunks, {way:<12} recall@10 {statistics.mean(shares):.4f} (worst {min(shares):.1f})"
    )


def main() -> None:
    """Fill, build the index, compare, drop."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder with cranfield/ and textbook/")
    parser.add_argument("--chunks", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=210)
    options = parser.parse_args()
    groups, queries = sources(options.data)
    queries = (queries * (options.queries // len(queries) + 1))[: options.queries]
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        sessions, one, small = fill(groups, options.chunks)
        started = time.perf_counter()
        taken = vector_index_build(space_id=spaces_in_use()[0].id)
        print(f"{taken} vectors taken into the index in {time.perf_counter() - started:.0f} s")
        add_words()
        owner = one.owner_id
        compare("One session", Scope.of_session(owner, one.session_id), queries)
        compare("Library", Scope.of_library(owner), queries)
        print("\nRecall of the dense half")
        recall("session", Scope.of_session(owner, one.session_id), queries)
        recall("library", Scope.of_library(owner), queries)
        part = [session.session_id for session in sessions[: len(sessions) // 5]]
        recall("folder, a fifth of the library", Scope.of_sessions(owner, part), queries)
        for library in small:
            recall("owner with 0.1 % of the rows", Scope.of_library(library.owner_id), queries)
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


if __name__ == "__main__":
    main()
