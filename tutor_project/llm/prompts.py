"""Prompts are files: Markdown with front matter, in the ``prompts`` folder of the app that uses them.

    ---
    id: documents.analysis
    version: 1
    max_output_tokens: 2500
    temperature: 0.2
    ---
    # System
    …never a placeholder here: nothing that people wrote can reach the system prompt…
    # User
    …{{count}}… {{documents}}

``max_prompt_tokens`` bounds a prompt that has no use for more; without it a prompt may fill the model's context.
``prompts.lock`` remembers the hash of every version. A changed prompt needs a new version:
``python -m tutor_project.llm.prompts`` adds new versions to the lock and refuses a silent change.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCK_FILE = Path(__file__).with_name("prompts.lock")

_FRONT_MATTER = re.compile(r"\A---\n(?P<head>.*?)\n---\n(?P<body>.*)\Z", re.DOTALL)
_SECTIONS = re.compile(r"\A\s*# System\n(?P<system>.*?)\n# User\n(?P<user>.*)\Z", re.DOTALL)
_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")
_ID = re.compile(r"[a-z]+(?:_[a-z]+)*(?:\.[a-z]+(?:_[a-z]+)*)+")
_FIELDS = {"id", "version", "max_prompt_tokens", "max_output_tokens", "temperature"}
_MAX_VARIABLE_CHARS = 200

Lock = dict[str, dict[str, str]]
"""Prompt id → version (as a string) → hash of that version."""


class PromptError(ValueError):
    """A prompt file (or its use) is wrong: a programming error, found by the tests."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt file. ``content_hash`` covers everything but the version; ``max_prompt_tokens`` is None for "what fits"."""

    id: str
    version: int
    system: str
    user: str
    max_prompt_tokens: int | None
    max_output_tokens: int
    temperature: float | None
    content_hash: str

    @property
    def placeholders(self) -> frozenset[str]:
        """The names between double braces in the user part."""
        return frozenset(_PLACEHOLDER.findall(self.user))

    def render_user(self, variables: Mapping[str, str | int | float], documents: str) -> str:
        """Return the user message; raises ``PromptError`` unless the variables are exactly the placeholders.

        Substitution is one pass, so nothing inside a value is expanded. String values are for trusted
        server-side words: a long or multi-line one is refused, since what people wrote belongs in documents.
        """
        expected = self.placeholders - {"documents"}
        if set(variables) != expected:
            raise PromptError(f"prompt {self.id} takes {sorted(expected)}, not {sorted(variables)}")
        for name, value in variables.items():
            if isinstance(value, str) and (len(value) > _MAX_VARIABLE_CHARS or "\n" in value):
                raise PromptError(f"variable {name} of prompt {self.id} is free text: pass it as a document")
        values = {**{name: str(value) for name, value in variables.items()}, "documents": documents}
        return _PLACEHOLDER.sub(lambda match: values[match.group(1)], self.user)


def parse_prompt(text: str, source: str = "prompt") -> Prompt:
    """Return the prompt of a file's text; raises ``PromptError`` naming ``source`` when it is malformed."""
    matter = _FRONT_MATTER.match(text)
    if matter is None:
        raise PromptError(f"{source}: front matter between two '---' lines is missing")
    head = _front_matter(matter["head"], source)
    sections = _SECTIONS.match(matter["body"])
    if sections is None:
        raise PromptError(f"{source}: needs a '# System' and then a '# User' part")
    if _PLACEHOLDER.search(sections["system"]):
        raise PromptError(f"{source}: the system part must not have placeholders")
    if not _ID.fullmatch(head["id"]):
        raise PromptError(f"{source}: id {head['id']!r} must be dotted lower-case words")
    limits = {name: head[name] for name in sorted(_FIELDS - {"id", "version"}) if name in head}
    digest = hashlib.sha256(json.dumps([limits, matter["body"].strip()]).encode()).hexdigest()
    return Prompt(
        id=head["id"],
        version=int(head["version"]),
        system=sections["system"].strip(),
        user=sections["user"].strip(),
        max_prompt_tokens=int(head["max_prompt_tokens"]) if "max_prompt_tokens" in head else None,
        max_output_tokens=int(head["max_output_tokens"]),
        temperature=float(head["temperature"]) if "temperature" in head else None,
        content_hash=digest,
    )


def _front_matter(head: str, source: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for line in head.splitlines():
        name, separator, value = line.partition(":")
        if not separator or name.strip() not in _FIELDS or name.strip() in fields:
            raise PromptError(f"{source}: front matter line {line!r} is not one of {sorted(_FIELDS)}, once")
        fields[name.strip()] = value.strip()
    missing = _FIELDS - {"temperature", "max_prompt_tokens"} - set(fields)
    if missing:
        raise PromptError(f"{source}: front matter lacks {sorted(missing)}")
    return fields


def load_prompts(root: Path = ROOT) -> dict[str, Prompt]:
    """Return all prompts below ``root`` (``<package>/prompts/*.md``) by id; raises ``PromptError`` for a double id."""
    prompts: dict[str, Prompt] = {}
    for path in sorted(root.glob("*/prompts/*.md")):
        prompt = parse_prompt(path.read_text(encoding="utf-8"), source=str(path.relative_to(root)))
        if prompt.id in prompts:
            raise PromptError(f"{path.relative_to(root)}: prompt id {prompt.id} exists already")
        prompts[prompt.id] = prompt
    return prompts


@lru_cache(maxsize=1)
def _library() -> dict[str, Prompt]:
    return load_prompts()


def get_prompt(prompt_id: str) -> Prompt:
    """Return the prompt; raises ``PromptError`` when no file has this id. Files are read once in a process."""
    try:
        return _library()[prompt_id]
    except KeyError:
        raise PromptError(f"there is no prompt {prompt_id!r}") from None


def read_lock(path: Path = LOCK_FILE) -> Lock:
    """Return the checked-in lock."""
    lock: Lock = json.loads(path.read_text(encoding="utf-8"))
    return lock


def lock_problems(prompts: Mapping[str, Prompt], lock: Lock) -> list[str]:
    """Return one sentence for each prompt whose text and version disagree with the lock."""
    problems = []
    for prompt in prompts.values():
        versions = lock.get(prompt.id, {})
        known = versions.get(str(prompt.version))
        newest = max((int(version) for version in versions), default=0)
        if known is None and prompt.version <= newest:
            problems.append(f"{prompt.id}: version {prompt.version} is older than the newest locked one, {newest}")
        elif known is None:
            problems.append(f"{prompt.id}: version {prompt.version} is not locked; lock it")
        elif known != prompt.content_hash:
            problems.append(f"{prompt.id}: the text changed but the version is still {prompt.version}; raise it")
        elif prompt.version != newest:
            problems.append(f"{prompt.id}: version {prompt.version} was replaced by {newest}")
    problems += [f"{prompt_id}: locked but has no file" for prompt_id in sorted(set(lock) - set(prompts))]
    return problems


def extended_lock(prompts: Mapping[str, Prompt], lock: Lock) -> Lock:
    """Return the lock with new versions added, vanished prompts dropped; raises ``PromptError`` for a silent change."""
    result: Lock = {}
    for prompt_id in sorted(prompts):
        prompt, versions = prompts[prompt_id], dict(lock.get(prompt_id, {}))
        versions.setdefault(str(prompt.version), prompt.content_hash)
        result[prompt_id] = versions
    if problems := lock_problems(prompts, result):
        raise PromptError("; ".join(problems))
    return result


def main() -> int:
    """Add new prompt versions to the lock file; exit 1 naming what changed without a new version."""
    prompts = load_prompts()
    current = read_lock(LOCK_FILE) if LOCK_FILE.exists() else {}
    try:
        lock = extended_lock(prompts, current)
    except PromptError as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    LOCK_FILE.write_text(json.dumps(lock, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(lock)} prompts locked\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
