"""Finding rows by the words of a text column, by an index: what ``icontains`` reads a whole table for.

class Meta:
    indexes = [GinIndex(WordsOf("stem"), name="question_words_idx")]

Question.objects.filter(stem__words="light react")  # "light reactions", "Light, then reaction"
"""

from __future__ import annotations

import re
from typing import Any

from django.db.models import CharField, Func, Lookup, TextField


class WordsOf(Func):
    """The words of a text as PostgreSQL's text search keeps them, unstemmed."""

    function = "to_tsvector"
    template = "%(function)s('simple', %(expressions)s)"


@CharField.register_lookup
@TextField.register_lookup
class WordsLookup(Lookup):
    """``field__words="term"``: each word of the term begins a word of the text, whatever their order and case."""

    lookup_name = "words"

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """Write the condition so that an index on ``WordsOf`` serves it; a term without words matches nothing."""
        text, params = self.process_lhs(compiler, connection)
        words = re.findall(r"[^\W_]+", str(self.rhs))
        query = " & ".join(f"{word}:*" for word in words)
        return f"to_tsvector('simple', {text}) @@ to_tsquery('simple', %s)", [*params, query]
