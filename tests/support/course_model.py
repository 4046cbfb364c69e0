"""A stand-in for a language model that reads its prompts: it finds the fenced material and quotes from it.

Used behind ``openai_server`` so that whole features run against a model that behaves. It knows the prompts by what
they ask for, never by the material.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_BLOCK = re.compile(r"<<<BEGIN (\w+) ([^>]+)>>>\n(.*?)\n<<<END \1 \2>>>", re.DOTALL)
_LABELLED = re.compile(r"^\[([SP]\d+)\] (.*)\n(.*)$", re.MULTILINE)
_SENTENCE = re.compile(r"[^.!?]{25,400}[.!?](?=\s|$)")


def blocks(payload: dict[str, Any]) -> dict[str, str]:
    """Return the fenced texts of a request by label."""
    user = payload["messages"][1]["content"]
    return {label: text for _, label, text in _BLOCK.findall(user)}


def sections(payload: dict[str, Any]) -> list[tuple[str, str, list[str]]]:
    """Return (label, title, sentences) of what the request shows."""
    shown = blocks(payload)
    text = shown.get("MATERIAL") or shown.get("PASSAGES") or ""
    return [
        (label, title, [s.strip() for s in _SENTENCE.findall(body)]) for label, title, body in _LABELLED.findall(text)
    ]


def course_model(payload: dict[str, Any]) -> Any:
    """Answer any prompt of the project from the material in it."""
    system = payload["messages"][0]["content"]
    asked = next(write for mark, write in _WRITERS if mark in system)
    return asked(payload)


def _quotes(payload: dict[str, Any], each: int) -> Iterator[tuple[str, str]]:
    for label, _, sentences in sections(payload):
        for sentence in sentences[:each]:
            yield label, sentence


def _name(sentence: str) -> str:
    words = [word for word in re.findall(r"[A-Za-z]{4,}", sentence) if word.islower()]
    return max(words, key=len, default="material")


def _analysis(payload: dict[str, Any]) -> dict[str, Any]:
    quoted = list(_quotes(payload, 2))
    return {
        "summary": [{"text": quote, "section": label, "quote": quote} for label, quote in quoted[:5]],
        "concepts": [
            {"name": _name(quote), "importance": 0.9, "section": label, "quote": quote} for label, quote in quoted[:8]
        ],
        "terms": [],
        "objectives": [
            {
                "title": f"Explain {_name(quote)}",
                "description": quote,
                "priority": "high",
                "section": label,
                "quote": quote,
            }
            for label, quote in quoted[:4]
        ],
    }


def _plan(payload: dict[str, Any]) -> dict[str, Any]:
    objectives = _analysis(payload)["objectives"]
    return {"learning_goal": " and ".join(item["title"] for item in objectives[:2]), "objectives": objectives}


def _lesson(payload: dict[str, Any]) -> dict[str, Any]:
    return {
        "sections": [
            {
                "section": label,
                "points": [{"text": f"Note that {s}", "quote": s} for s in sentences[:3]],
                "examples": [],
            }
            for label, _, sentences in sections(payload)
        ]
    }


def _questions(payload: dict[str, Any]) -> dict[str, Any]:
    found = []
    for label, quote in _quotes(payload, 3):
        common = {"concept": _name(quote), "difficulty": "medium", "section": label, "quote": quote}
        found.append({"kind": "true_false", "question": quote, "answer": "true", **common})
        if f" {_name(quote)} " in quote:
            gap = quote.replace(f" {_name(quote)} ", " _____ ", 1)
            found.append({"kind": "cloze", "question": gap, "answer": _name(quote), **common})
    return {"questions": found}


def _best(payload: dict[str, Any]) -> list[tuple[str, str]]:
    asked = set(re.findall(r"[a-z]{4,}", blocks(payload)["QUESTION"].lower()))
    scored = [
        (len(asked & set(re.findall(r"[a-z]{4,}", quote.lower()))), label, quote)
        for label, quote in _quotes(payload, 50)
    ]
    return [(label, quote) for score, label, quote in sorted(scored, reverse=True)[:2] if score >= 2]


def _answer(payload: dict[str, Any]) -> dict[str, Any]:
    best = _best(payload)
    return {
        "declined": not best,
        "sentences": [{"text": quote, "passage": label, "quote": quote} for label, quote in best],
    }


def _answer_lines(payload: dict[str, Any]) -> str:
    import json

    reply = _answer(payload)
    lines = [{"declined": True}] if reply["declined"] else reply["sentences"]
    return "\n".join(json.dumps(line) for line in lines)


def _tutor(payload: dict[str, Any]) -> str:
    import json

    lines = [{"kind": "reply", "text": "You are on a good way."}]
    lines += [{"kind": "fact", "text": q, "passage": label, "quote": q} for label, q in list(_quotes(payload, 1))[:1]]
    lines.append({"kind": "question", "text": "Which words of the question point there?"})
    return "\n".join(json.dumps(line) for line in lines)


_WRITERS = (
    ("You are a patient tutor", _tutor),
    ("describe it for learners", _analysis),
    ("You plan how", _plan),
    ("You explain course material", _lesson),
    ("You write questions", _questions),
    ("one line of JSON", _answer_lines),
    ("You answer a learner", _answer),
)
