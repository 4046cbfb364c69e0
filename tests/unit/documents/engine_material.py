# ruff: noqa: E501
"""Small course texts of several subjects and a deterministic embedder for tests of the built-in engine."""

from __future__ import annotations

import re
from collections.abc import Sequence
from zlib import crc32

import numpy as np

from documents_app.domain.blocks import Block, BlockKind, tile
from documents_app.domain.material import DocumentText, PageSpan, SourceDocument

HISTORY = """# The Congress of Vienna

The Congress of Vienna was a meeting of European states that settled the borders of Europe after the Napoleonic Wars. It met from September 1814 to June 1815 under the chairmanship of Prince Metternich of Austria. The great powers wanted a lasting peace and feared another revolution.

Figure 1: The delegates at Vienna. Painting by Isabey.

## The great powers

Four great powers had defeated Napoleon: Austria, Prussia, Russia and Great Britain. Metternich led the Austrian delegation, while Lord Castlereagh spoke for Great Britain. The balance of power is the principle that no single state should be strong enough to dominate the others. Castlereagh defended the balance of power because Britain feared a new hegemony on the continent. France was represented by Talleyrand, who won a seat at the table within weeks.

## The settlement

The Final Act was signed on 9 June 1815. The German Confederation was a loose league of 39 states that replaced the Holy Roman Empire. Unlike the old empire, the German Confederation had no emperor. Legitimacy is the doctrine that deposed ruling families should be restored to their thrones. As a result of this doctrine, the Bourbons returned to France and Spain. For example, Ferdinand VII was restored in Madrid in 1814. The settlement kept the peace between the great powers for about forty years.

## References

Kissinger, H. (1957). A World Restored. Boston: Houghton Mifflin, pp. 12-40.
Zamoyski, A. (2007). Rites of Peace. London: HarperPress.
"""

PHYSICS = """# Motion and forces

## Velocity and acceleration

Velocity is the rate at which the position of a body changes. Acceleration is the rate at which the velocity of a body changes. The unit of acceleration is the metre per second squared. A body in free fall near the surface of the Earth has an acceleration of about 9.8 metres per second squared. Consider a stone that falls for 2 seconds. Its velocity is then about 19.6 metres per second.

## Newton's laws

The first law states that a body keeps its velocity unless a force acts on it. A force is an interaction that changes the motion of a body. The second law says that the force equals the mass times the acceleration. Inertia is the tendency of a body to keep its state of motion. Because of its greater inertia, a loaded truck needs a longer distance to stop. The third law says that every action has an equal and opposite reaction. There are two types of friction: static friction and kinetic friction. Static friction prevents a body at rest from starting to move, whereas kinetic friction slows a body that is already moving.

## Exercises

1. What is the acceleration of a car that reaches 20 m/s in 5 s?
2. State the first law.
"""

LAW = """# Contracts

A contract is an agreement between two or more parties that the law will enforce. An offer is a statement of willingness to be bound on certain terms. Acceptance is the unqualified assent to all the terms of an offer. A counter-offer is not an acceptance, because it changes the terms. Consideration is the price for which a promise is bought. Courts do not ask whether the consideration is adequate. A contract that lacks consideration is void unless it is made by deed.

A breach of contract occurs when a party fails to perform its duty. The injured party may claim damages. Damages are sums of money that put the injured party in the position it would have been in without the breach. Specific performance is an order of the court that compels a party to perform the contract. It is granted only where damages would not be adequate.
"""


def document(text: str, name: str = "course.md", document_id: str = "d1", pages: int = 1) -> SourceDocument:
    """Return a document from lightly marked text: ``#`` lines are headings and their marks are taken off."""
    out: list[str] = []
    headings: list[Block] = []
    position = 0
    for line in text.split("\n"):
        marked = re.match(r"(#{1,6}) (.*)", line)
        shown = marked[2] if marked else line
        if marked:
            headings.append(Block(BlockKind.HEADING, 1, position, position + len(shown), level=len(marked[1])))
        out.append(shown)
        position += len(shown) + 1
    stored = "\n".join(out)
    step = max(1, -(-len(stored) // pages))
    spans = tuple(
        PageSpan(n + 1, n * step, min(len(stored), (n + 1) * step)) for n in range(pages) if n * step < len(stored)
    )
    blocks = tile(stored, [span.char_start for span in spans], headings)
    return SourceDocument(document_id, name, DocumentText(stored, spans or (PageSpan(1, 0, 0),), blocks))


def embed(texts: Sequence[str]) -> np.ndarray:
    """Bag of word stems hashed into 128 dimensions, rows of length 1 (0 for no word)."""
    result = np.zeros((len(texts), 128), dtype=np.float32)
    for row, text in enumerate(texts):
        for word in re.findall(r"[^\W\d_]{3,}", text.lower()):
            result[row, crc32(word[:5].encode()) % 128] += 1.0
    norms = np.linalg.norm(result, axis=1, keepdims=True)
    return np.divide(result, norms, out=result, where=norms > 0)
