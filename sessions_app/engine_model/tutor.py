"""A tutor's turn by a model: it asks, diagnoses and helps a little; every sentence is checked before it is shown.

The answer of an open question is not in the prompt, and what the model says is compared with it sentence by sentence and
as a whole. A fact is shown with the passage that says it; what is the model's own is a question, a short reply, or an
analogy that is marked as one.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from pydantic import BaseModel, Field, ValidationError

from documents_app.domain.material import Citation, Material
from documents_app.domain.quotes import Evidence, Excerpt, even_out
from documents_app.domain.support import foreign_numbers
from documents_app.retrieval.excerpts import as_document
from documents_app.retrieval.passages import FoundPassages
from sessions_app.domain.claims import is_carried
from sessions_app.domain.questions.types import BooleanKey, CandidateQuestion, ChoiceKey, NumericKey
from sessions_app.engine.dialogue.hints import tells
from sessions_app.engine_model.answer import passage_excerpts
from sessions_app.engine_model.streamed import json_objects
from tutor_project.language import FULL_LANGUAGES, Language, fold, language
from tutor_project.llm.errors import LLMInvalidOutput
from tutor_project.llm.gateway import Gateway
from tutor_project.llm.prompts import get_prompt
from tutor_project.llm.types import Caller, PromptCall, UntrustedText
from tutor_project.llm.usage import truncate_to_tokens

Task = Literal["help", "explain", "praise", "reveal"]
PROMPT = "sessions.tutor"
MAX_LINES = 6
_FEWEST_REPEATED = 4
"""Words from which on a line that stands elsewhere is called a repetition."""
_MOST_CHARACTERS = 400
_MOST_WORDS = {"fact": 60, "question": 40, "reply": 35, "analogy": 45}
_TURN_TOKENS, _HISTORY_TOKENS = 1200, 1200
_LIKE_THE_PASSAGE = 0.6
"""The share of a sentence's words from which a passage's sentence is its proof although the model gave none."""

_FEWEST_CONTENT, _LIKE_AN_EXAMPLE = 3, 0.7
"""A sentence of so many content words, so large a share of which stands in an example of the instructions, is taken from it."""
_EXAMPLE = re.compile(r'"(?:text|quote)": "([^"]+)"')
_QUOTED = re.compile(r"[\"“„«‘](\w[^\"“”„«»‘’.?!]{0,40})[\"”“»’]")
"""A few words in quotation marks."""

TASKS: dict[Task, str] = {
    "help": "help the learner to answer the open question themselves, without the answer",
    "explain": "explain what the learner asks about, as they asked for it",
    "praise": "the answer is right: say in one line why it is, and ask one question that goes a step further",
    "reveal": "the question is closed and its answer was shown: explain why it is right and the learner's was not",
}


@dataclass(frozen=True, slots=True)
class TutorBrief:
    """What a tutor knows before they speak. ``question`` is the one it is about; ``is_open``: nobody may say its answer.

    ``rung`` and ``hint`` are those of the hint ladder; ``level`` and ``verdict`` are words; ``content`` is the language of
    the material, ``spoken`` that of the tutor.
    """

    task: Task
    said: str
    found: FoundPassages
    content: Language
    spoken: Language
    question: CandidateQuestion | None = None
    is_open: bool = False
    rung: str = "none"
    hint: str = ""
    verdict: str = ""
    level: str = "not known yet"
    tries: int = 0
    mistakes: Sequence[str] = ()
    history: str = ""
    terms: frozenset[str] = frozenset()
    """The key terms of the material."""


@dataclass(frozen=True, slots=True)
class TutorReply:
    """What the tutor said: the text with numbered citations, and the analogies in it, which are the model's own."""

    text: str
    citations: tuple[Citation, ...]
    analogies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TutorEvent:
    """One step of a turn: ``writing`` or ``repair`` begins, a ``token``, a ``citation``, or ``done`` with the reply."""

    kind: Literal["writing", "repair", "token", "citation", "done"]
    text: str = ""
    citation: Citation | None = None
    reply: TutorReply | None = None


class TutorLine(BaseModel):
    """One sentence of the tutor as the model writes it."""

    kind: Literal["fact", "question", "reply", "analogy"] = "reply"
    text: str
    passage: str = ""
    quote: str = Field(default="")


async def tutor_astream(
    brief: TutorBrief, material: Material, gateway: Gateway, caller: Caller
) -> AsyncGenerator[TutorEvent, None]:
    """Yield a turn sentence by sentence, without holding a thread; raises ``LLMError``.

    If nothing of it may be shown, the model is told why and asked once more; then ``LLMInvalidOutput`` is raised.
    """
    gate = _Gate(brief, Evidence(list(passage_excerpts(material, brief.found))))
    refused = ""
    for begin in ("writing", "repair"):
        yield TutorEvent("writing" if begin == "writing" else "repair")
        async with aclosing(json_objects(gateway, _call(brief, gate.evidence, caller, refused))) as items:
            async for item in items:
                for event in _events(gate, item):
                    yield event
                if len(gate.texts) >= MAX_LINES:
                    break
        if gate.texts:
            yield TutorEvent("done", reply=gate.reply())
            return
        refused = "; ".join(dict.fromkeys(gate.faults)) or "no line was JSON of the form that was asked for"
    raise LLMInvalidOutput(refused)


def _call(brief: TutorBrief, evidence: Evidence, caller: Caller, refused: str) -> PromptCall:
    documents = [UntrustedText("TURN", truncate_to_tokens(_turn(brief, refused), _TURN_TOKENS))]
    if brief.history:
        documents.append(UntrustedText("CONVERSATION", truncate_to_tokens(brief.history, _HISTORY_TOKENS)))
    if evidence.excerpts:
        documents.append(UntrustedText("PASSAGES", as_document(evidence.excerpts).text))
    return PromptCall(
        prompt_id=PROMPT,
        phase="interaction",
        feature="tutor",
        variables={
            "task": TASKS[brief.task],
            "rung": brief.rung,
            "language": brief.spoken.name,
            "level": brief.level,
            "tries": brief.tries,
            "sentence_count": MAX_LINES,
        },
        documents=documents,
        **caller.ids(),
    )


def _turn(brief: TutorBrief, refused: str) -> str:
    question = brief.question
    parts = [f"THE LEARNER SAID: {brief.said}"] if brief.said else []
    if question is not None:
        parts.append(f"{'OPEN QUESTION' if brief.is_open else 'QUESTION'}: {question.stem}")
        parts += [f"- {option.text}" for option in question.options]
        if not brief.is_open:
            parts.append(f"ITS ANSWER: {question.key_text}")
    if brief.verdict:
        parts.append(f"JUDGED: {brief.verdict}")
    if brief.hint:
        parts.append(f"HELP OF THIS RUNG: {brief.hint}")
    parts += [f"EARLIER MISTAKE: {mistake}" for mistake in brief.mistakes]
    if refused:
        parts.append(f"YOUR LAST REPLY COULD NOT BE SHOWN: {refused}")
    return "\n".join(parts)


@dataclass
class _Gate:
    """Decides on each sentence; ``texts`` are those that passed, ``faults`` says why the others did not."""

    brief: TutorBrief
    evidence: Evidence
    texts: list[str] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    analogies: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def admit(self, line: TutorLine) -> tuple[str, Citation | None] | None:
        """Return the sentence as shown and its citation if that is new; None when it is not shown."""
        text = even_out(line.text)[:_MOST_CHARACTERS].strip()
        fault = self._fault(line, text)
        if fault:
            self.faults.append(fault)
            return None
        states = line.kind == "fact" or (line.kind == "reply" and self._brings_a_term(text))
        citation = self._proof(line, text) if states else None
        if states and citation is None:
            self.faults.append(f"a {line.kind} states what no quote from the passages says")
            return None
        if line.kind == "analogy":
            self.analogies.append(text)
        return self._shown(text, citation)

    def reply(self) -> TutorReply:
        """Return what passed."""
        return TutorReply(" ".join(self.texts), tuple(self.citations), tuple(self.analogies))

    def _shown(self, text: str, citation: Citation | None) -> tuple[str, Citation | None]:
        new = citation is not None and citation not in self.citations
        if citation is not None:
            if new:
                self.citations.append(citation)
            text = f"{text} [{self.citations.index(citation) + 1}]"
        self.texts.append(text)
        return text, citation if new else None

    def _fault(self, line: TutorLine, text: str) -> str:
        if not text or len(self.texts) >= MAX_LINES:
            return "too many lines" if text else "an empty line"
        if len(text.split()) > _MOST_WORDS[line.kind]:
            return f"a {line.kind} is too long"
        if self.brief.is_open and self.brief.question is not None and self._gives_away(text, self.brief.question):
            return "a line gives the answer of the open question away"
        if line.kind != "fact" and (repeated := self._repeats(line, text)):
            return repeated
        if line.kind == "question" and not text.rstrip("”\"' ").endswith(("?", "？")):
            return "a question has no question mark"
        if not self._calculates(line) and (foreign := self._foreign_numbers(text)):
            return f"the number {foreign[0]} stands in no passage"
        return ""

    def _repeats(self, line: TutorLine, text: str) -> str:
        """Say what a line only repeats: weak models copy the examples they are shown, the learner and themselves.

        To ask the same question once more is no repetition in this sense.
        """
        sources = {"what the learner said": self.brief.said}
        if line.kind != "question":
            sources["what was said before"] = self.brief.history
        for start, end in self.brief.spoken.sentences(text):
            words = _words(text[start:end])
            if words.count(" ") < _FEWEST_REPEATED - 1:
                continue
            if _is_from_an_example(text[start:end]):
                return "a line repeats an example of the instructions"
            for name, source in sources.items():
                if words in _words(source):
                    return f"a line repeats {name}"
        return ""

    def _brings_a_term(self, text: str) -> bool:
        """Tell whether a line on an open question names a key term, or quotes a word, that neither it nor the learner named.

        That is no short reply: it tells of the subject, or guesses the answer.
        """
        brief, question = self.brief, self.brief.question
        if not brief.is_open or question is None:
            return False
        named = " ".join((brief.said, brief.hint, question.stem, *(option.text for option in question.options)))
        quoted = (_words(found[1]) for found in _QUOTED.finditer(text))
        if any(words and words not in _words(named) for words in quoted):
            return True
        known, said = set(brief.content.content_stems(named)), set(brief.content.content_stems(text))
        stems = (set(brief.content.content_stems(term)) for term in brief.terms)
        return any(term <= said and not term <= known for term in stems if term)

    def _calculates(self, line: TutorLine) -> bool:
        """Tell whether the numbers of a line need no source: a fact is proved, and who asks for a step claims none."""
        question = self.brief.question
        return line.kind == "fact" or (
            line.kind == "question" and question is not None and isinstance(question.key, NumericKey)
        )

    def _gives_away(self, text: str, question: CandidateQuestion) -> bool:
        """Compare a sentence, and all sentences so far with it, with the answer."""
        so_far = " ".join((*self.texts, text))
        if any(
            tells(question, words, one) for words in (text, so_far) for one in {self.brief.content, self.brief.spoken}
        ):
            return True
        if isinstance(question.key, BooleanKey):
            return _names_a_verdict(text)
        if isinstance(question.key, ChoiceKey):
            others = [option.text for option in question.options if option.id != question.key.option_id]
            return len(others) > 1 and all(fold(option) in fold(so_far) for option in others)
        return False

    def _foreign_numbers(self, text: str) -> list[str]:
        brief = self.brief
        told = (brief.said, brief.question.stem if brief.question else "", brief.hint)
        shown = (excerpt.shown.text for excerpt in self.evidence.excerpts)
        return foreign_numbers(text, " ".join((*told, *shown)))

    def _proof(self, line: TutorLine, text: str) -> Citation | None:
        """Return the passage that says a fact: the one that was quoted, else one that we find ourselves."""
        quoted = self.evidence.find(line.quote, line.passage.strip("[] ")) if line.quote.strip() else None
        if quoted is not None and is_carried(text, [quoted[1].text], _around(quoted[0])):
            return quoted[1]
        return next((own for excerpt in self.evidence.excerpts if (own := self._in(excerpt, text)) is not None), None)

    def _in(self, excerpt: Excerpt, text: str) -> Citation | None:
        stems = set(self.brief.content.content_stems(text))
        for sentence in excerpt.section.sentences:
            held = set(self.brief.content.content_stems(sentence.text))
            alike = stems and len(stems & held) >= _LIKE_THE_PASSAGE * len(stems)
            if alike and is_carried(text, [sentence.text], _around(excerpt)):
                return excerpt.document.cite(sentence.char_start, sentence.char_end)
        return None


@lru_cache(maxsize=1)
def _examples() -> tuple[frozenset[str], ...]:
    """Return the content words of each line and quotation that the instructions show as an example."""
    found = _EXAMPLE.finditer(get_prompt(PROMPT).system)
    return tuple(frozenset(language("en").content_stems(example[1])) for example in found)


def _is_from_an_example(sentence: str) -> bool:
    """Tell whether most of a sentence's content words stand in one line of the examples."""
    said = set(language("en").content_stems(sentence))
    alike = max((len(said & shown) for shown in _examples()), default=0)
    return len(said) >= _FEWEST_CONTENT and alike >= _LIKE_AN_EXAMPLE * len(said)


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", fold(text)))


def _around(excerpt: Excerpt) -> str:
    return f"{excerpt.section.title}. {excerpt.shown.text}"


def _names_a_verdict(text: str) -> bool:
    """Tell whether a sentence says of a statement that it is true or false; small words such as "no" may stand anywhere."""
    words = set(re.findall(r"\w+", fold(text)))
    return any(
        fold(word) in words and not one.is_stop_word(word) and fold(word) not in {fold(w) for w in one.negations}
        for one in map(language, FULL_LANGUAGES)
        for word in one.mapping("verdicts")
        if len(word) > 1
    )


def _events(gate: _Gate, item: str) -> Iterator[TutorEvent]:
    """Yield the events of the JSON of one line, if it may be shown."""
    try:
        sentence = TutorLine.model_validate_json(item)
    except ValidationError:
        return  # a line that says nothing usable is not shown
    lead = " " if gate.texts else ""
    shown = gate.admit(sentence)
    if shown is not None:
        text, citation = shown
        yield from (TutorEvent("token", text=token) for token in re.findall(r"\s*\S+", lead + text))
        if citation is not None:
            yield TutorEvent("citation", citation=citation)
