"""A judge that reads: it answers the judge's prompt by what collections record as read from their passages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from documents_app.domain.quotes import even_out
from sessions_app.services.evaluation import JudgedReplies

_ITEM = re.compile(
    r"^\[(\d+)\] PASSAGE: .*?^(QUESTION|STATEMENT): (.*?)$(.*?)(?=^\[\d+\] PASSAGE|\n<<<END)", re.M | re.S
)
_OPTION = re.compile(r"^([A-Z])\) (.*)$", re.M)


class Reader:
    """Answers the judge's prompt as a careful reader of the passages would.

    For a good item that is its key; for others ``read`` of the item, a statement without one does not follow. ``always``
    is said of every item instead.
    """

    def __init__(self, collections: Sequence[JudgedReplies], always: dict[str, Any] | None = None) -> None:
        self._always = always
        self._items: dict[str, tuple[str, dict[str, Any]]] = {}
        for collection in collections:
            for part, items in collection.items.items():
                for item in items if isinstance(items, list) else ():
                    said = item.get("question") or item.get("sentence") or item["text"]
                    self._items[even_out(said)] = (part, item)

    def __call__(self, payload: dict[str, Any]) -> Any:
        """Return the reply to one request."""
        prompt = payload["messages"][-1]["content"]
        return {"items": [self._reply(*found.groups()) for found in _ITEM.finditer(prompt)]}

    def _reply(self, number: str, kind: str, said: str, options: str) -> dict[str, Any]:
        if self._always is not None:
            return {"number": int(number), **self._always}
        part, item = self._items[even_out(said)]
        reply: dict[str, Any] = {"number": int(number)}
        read = item.get("read", {} if part.startswith("good") else None)
        if kind == "STATEMENT":
            key = {"true": "yes", "false": "no"}.get(str(item.get("answer")).casefold(), "yes")
            return {**reply, "follows": key if part.startswith("good") else (read or {}).get("follows", "no")}
        answer = (read or {}).get("answer", item["answer"] if part.startswith("good") else "")
        if item["kind"] == "numeric" and answer == item["answer"]:
            answer = f"{answer} {item.get('unit', '')}".strip()
        letters = {even_out(text): letter for letter, text in _OPTION.findall(options)}
        others = [letters[even_out(other)] for other in (read or {}).get("others", ())]
        return {**reply, "answer": letters.get(even_out(answer), answer), "others": others}
