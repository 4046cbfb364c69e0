"""Which language a text is in.

py3langid (a naive Bayes model over byte n-grams, 97 languages) was measured beside simplemma's detector and lingua on
the paragraphs and questions of XQuAD: no confident mistake in 1,920 texts, 1 ms for a paragraph, 50 MB in the process
that first asks. lingua (96 MB, 6 ms) was confidently wrong on 17 short questions; simplemma loads 370 MB of dictionaries.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

SURE = 0.9
"""The probability from which a short text is believed; a paragraph reaches 0.99 nearly always."""
_SAMPLE = 4000
"""Characters looked at, from three places of a long text: an abstract in another language does not decide."""

_PARAGRAPHS, _LEAST_PARAGRAPH = 5, 40


def detect(text: str) -> str | None:
    """Return the BCP 47 tag of the language ``text`` is in, or None when that is not sure (short or mixed text)."""
    sample = _sample(text)
    if sum(map(str.isalpha, sample)) < 2:
        return None
    tag, probability = _identifier().classify(sample)
    return str(tag) if probability >= SURE else None


def detect_mostly(text: str) -> str | None:
    """Return the language that most of the paragraphs of ``text`` are in, the first of two equal ones; None for none.

    For a material in two languages, or one of lines too short to be sure of together.
    """
    spoken: Counter[str] = Counter()
    for paragraph in text[: _PARAGRAPHS * _SAMPLE].split("\n\n"):
        tag = detect(paragraph) if len(paragraph) >= _LEAST_PARAGRAPH else None
        if tag is not None:
            spoken[tag] += len(paragraph)
    return spoken.most_common(1)[0][0] if spoken else None


def _sample(text: str) -> str:
    stripped = text.strip()
    if len(stripped) <= 3 * _SAMPLE:
        return stripped
    middle = len(stripped) // 2
    return " ".join((stripped[:_SAMPLE], stripped[middle : middle + _SAMPLE], stripped[-_SAMPLE:]))


class _Narrow:
    """A table of numbers below 2**17, in 17 bits each instead of 32."""

    def __init__(self, table: Sequence[int]) -> None:
        numbers = np.asarray(table, dtype=np.uint32)
        self._low = array("H", (numbers & 0xFFFF).astype(np.uint16).tobytes())
        self._high = np.packbits(numbers >> 16 != 0, bitorder="little").tobytes()

    def __getitem__(self, at: int) -> int:
        return self._low[at] | (self._high[at >> 3] >> (at & 7) & 1) << 16


@lru_cache(maxsize=1)
def _identifier() -> Any:
    """Load the model, a second once: imported here because most processes never detect anything.

    Its tables are kept in 50 MB instead of 76: every process of a stack shares them, also when one counts on them.
    """
    from py3langid.langid import MODEL_DIR, MODEL_FILE, LanguageIdentifier
    from py3langid.modelio import load_model

    weights, priors, tags, following, rows, features = load_model(MODEL_DIR / MODEL_FILE)
    model = LanguageIdentifier(
        weights, priors, tags, _Narrow(following), array("i", features), norm_probs=True, tk_row=rows
    )
    model._rowbase = array("I", model._rowbase)
    return model
