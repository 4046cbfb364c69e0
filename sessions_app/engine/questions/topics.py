"""Which sentences are about a topic a learner named."""

from __future__ import annotations

from sessions_app.domain.questions.text import content_roots
from sessions_app.engine.questions.entities import Embed
from sessions_app.engine.questions.reading import Reading, ReadSentence


def sentences_on(topic: str, reading: Reading, embed: Embed | None) -> list[ReadSentence]:
    """Return the sentences about ``topic``: those that name it or stand in a section that does.

    Every content word of the topic must occur in the sentence or its headings; where no sentence has them all, the
    sections nearest in meaning are taken if they name at least one of the words. Nothing in common → an empty list.
    """
    wanted = set(content_roots(topic))
    if not wanted:
        return []
    exact: list[ReadSentence] = []
    partial: list[tuple[float, int, ReadSentence]] = []
    heading: dict[int, set[str]] = {}
    for section in reading.sections:
        heading[section.index] = {root for title in (*section.path, section.title) for root in content_roots(title)}
    for source in reading.sentences:
        own = set(content_roots(source.text))
        if wanted <= own | heading.get(source.section.index, set()):
            exact.append(source)
        elif wanted & own and len(wanted) > 1:
            weight = sum(reading.idf(root) for root in wanted & own) / sum(reading.idf(root) for root in wanted)
            partial.append((weight, source.index, source))
    if exact:
        return exact
    strong = [row for row in partial if row[0] >= 0.5]
    if not strong or embed is None:
        return [source for _, _, source in sorted(strong, key=lambda row: (-row[0], row[1]))]
    vectors = embed([topic, *(source.text for _, _, source in strong)])
    scores = vectors[1:] @ vectors[0]
    ranked = sorted(zip(scores.tolist(), strong, strict=True), key=lambda pair: (-pair[0], pair[1][1]))
    return [row[2] for score, row in ranked if score >= 0.3]
