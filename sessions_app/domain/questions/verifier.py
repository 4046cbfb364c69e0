"""The verifier: before a question is shown, its key, options, wording and novelty are checked, offline.

Works on the question alone and the material, whichever engine wrote it. Each failure carries the name of its rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sessions_app.domain.questions.duplicates import BankItem, Embed, near_duplicate
from sessions_app.domain.questions.lint import CUES, GAP, lint
from sessions_app.domain.questions.negation import denials
from sessions_app.domain.questions.paraphrase import paraphrase_failures
from sessions_app.domain.questions.sentences import SentenceStatistics
from sessions_app.domain.questions.support import CitedPassages, Comparison, closeness, compare, side, substituted
from sessions_app.domain.questions.text import clean, content_roots, fold, root, words
from sessions_app.domain.questions.types import (
    BooleanKey,
    CandidateQuestion,
    ChoiceKey,
    Failure,
    NumericKey,
    PartsKey,
    QuestionKind,
    TextKey,
    Verdict,
)
from sessions_app.domain.questions.vocabulary import QUESTION_ROOTS
from tutor_project.language import Language
from tutor_project.language.quantities.finding import find_quantities
from tutor_project.language.quantities.units import convert, parse_unit

OWN_WORDS = "model"
"""The engine that writes in its own words: its questions are not asked to keep to those of the passage."""

MIN_COVERED = 0.55
SAID_AGAIN = 0.7
"""Share of a statement's words from which on another sentence is looked at, whether it says the same."""
NEAR_VERBATIM = 0.75
"""Share of a stem from which on a word that stands in place of another of the passage is a fault, not a paraphrase."""
MIN_KEY_COVERED = 0.7
_QUOTATION = re.compile(r"[“„«]([^“„«”»]{20,})[”“»]|[“„«]\s?([^“„«”»]{3,})[”“»]\s?\??$")
"""A passage that a question quotes, or the term at its end that it asks about."""
_QUOTED = re.compile(r"“[^”]*”|„[^“]*“|«[^»]*»")
"""What an explanation quotes, in the marks of any language."""
_RELATION = re.compile(r"[=≈≤≥≠]")
"""A sign that makes a formula of what is quoted."""


@dataclass(frozen=True, slots=True)
class Verifier:
    """Checks questions against one material. ``embed`` sharpens the comparison of options and the search for duplicates."""

    source: SentenceStatistics
    embed: Embed | None = None

    def verify(self, question: CandidateQuestion, bank: Iterable[BankItem] = ()) -> Verdict:
        """Return the verdict with every failure found, cheap checks first."""
        own_words = question.engine == OWN_WORDS
        failures = [failure for failure in lint(question, self._tongue) if not (own_words and failure.rule in CUES)]
        names = {failure.rule for failure in failures}
        inexact = [Failure("evidence_missing", "the question cites no passage")] if not question.evidence else []
        inexact += [
            Failure(
                "evidence_not_exact",
                f"{citation.filename} {citation.char_start}:{citation.char_end} is not the quoted text",
            )
            for citation in question.evidence
            if not self.source.is_exact(citation)
        ]
        failures += inexact
        if not inexact and not names & {"key_missing", "option_count", "placeholder"}:
            evidence = CitedPassages(question.evidence, self.source)
            if own_words:
                failures += paraphrase_failures(question, evidence, self.source)
                if question.estimate.get("refused_by_judge"):
                    failures.append(Failure("judge_disagrees", "from the passage alone a model answers otherwise"))
            else:
                failures += self._content(question, evidence)
                failures += self._explanation(question, evidence)
        same = near_duplicate(question, bank, self.embed)
        if same is not None:
            failures.append(Failure("near_duplicate", f"the bank already asks {same.stem!r}"))
        return Verdict(tuple(failures))

    @property
    def _tongue(self) -> Language:
        return self.source.tongue

    @property
    def _asks_for_exception(self) -> re.Pattern[str]:
        return re.compile(rf"\b(?:{self._tongue.alternatives('emphasised_exclusions')})\b")

    def _asked_class(self, stem: str) -> frozenset[str]:
        """Roots of the class asked for ("organelle" in "Which organelle …"): a reader supplies it, the passage need not."""
        found = self._tongue.pattern("asked_class_patterns").search(stem)
        return frozenset(content_roots(found["asked"])[:2]) if found else frozenset()

    # -- what the question says -------------------------------------------------------------------------------------

    def _content(self, q: CandidateQuestion, evidence: CitedPassages) -> list[Failure]:
        if isinstance(q.key, BooleanKey):
            return self._statement(q.stem, q.key.value, evidence)
        negative = q.kind is QuestionKind.MULTIPLE_CHOICE and self._asks_for_exception.search(q.stem)
        if negative and not denials(evidence.text, self._tongue):
            return self._negative_choice(q, evidence)
        failures = self._stem(q, evidence)
        if isinstance(q.key, ChoiceKey):
            return failures + self._choice(q, evidence)
        if isinstance(q.key, TextKey):
            for position, answer in enumerate(q.key.accepted):
                if position and self._is_variant(answer, q.key.accepted[0]):
                    continue
                # An open question's answer is told by sentences of the passage, not put in place of words of the stem.
                failures += self._key(q.stem, answer, evidence, whole=not q.is_open)
            return failures
        if isinstance(q.key, NumericKey):
            return failures + self._numeric(q.stem, q.key, evidence)
        if isinstance(q.key, PartsKey):
            for part in q.key.parts:
                if isinstance(part, TextKey):
                    failures += self._key(GAP.sub(" ", q.stem), part.accepted[0], evidence)
                else:
                    failures += self._numeric(q.stem, part, evidence)
        return failures

    def _is_variant(self, answer: str, first: str) -> bool:
        return set(content_roots(answer)) == set(content_roots(first)) or self.source.same_thing(answer, first)

    def _statement(self, text: str, value: bool, evidence: CitedPassages) -> list[Failure]:
        found = compare(text, evidence, self.source)
        foreign = found.missing
        if value:
            failures = _faults(found)
            other = substituted(text, evidence)
            if other:
                failures.append(
                    Failure(
                        "statement_not_supported", f"the passage has another word where the statement has {other!r}"
                    )
                )
            if foreign:
                failures.append(
                    Failure("statement_not_supported", f"the passage does not speak of {', '.join(foreign)}")
                )
            elif found.covered < MIN_COVERED:
                failures.append(
                    Failure("statement_not_supported", f"the passage covers {found.covered:.0%} of the statement")
                )
            return failures
        if found.covered < 0.4:
            return [Failure("stem_not_answerable", f"the passage covers {found.covered:.0%} of the statement")]
        if not found.contradicted and not foreign and found.covered > 0.0:
            return [Failure("false_statement_supported", "the passage says what the statement says")]
        if self._said_elsewhere(text, evidence):
            return [Failure("false_statement_supported", "another passage says what the statement says")]
        return []

    def _said_elsewhere(self, text: str, evidence: CitedPassages) -> bool:
        for index in self.source.sharing(text, SAID_AGAIN)[:5]:
            if index in evidence.sentence_indexes:
                continue
            other = self._cited(index)
            found = compare(text, other, self.source, context=False)
            if found.covered >= 0.9 and not found.missing and not found.contradicted:
                return True
        return False

    def _stem(self, q: CandidateQuestion, evidence: CitedPassages) -> list[Failure]:
        """The stem speaks of what the passage speaks of."""
        stem = GAP.sub(" ", spoken(q.stem))
        if _RELATION.search(stem):  # a formula has no words: its letters stand in the passage or they do not
            strange = set(re.findall(r"[A-Za-z]+", stem)) - set(re.findall(r"[A-Za-z]+", evidence.text))
            return [Failure("stem_entity_not_in_evidence", f"the passage has no {one!r}") for one in sorted(strange)]
        heading = self.source.headings_at(q.evidence[0]) | set(content_roots(q.section_title))
        if q.is_open and set(content_roots(stem)) <= heading:
            return []  # what stands under a heading is asked for by it
        exempt = self._class_of(stem, q.key_text)
        found = compare(stem, evidence, self.source, exempt=exempt)
        failures = []
        foreign = found.missing
        if foreign:
            failures.append(
                Failure("stem_entity_not_in_evidence", f"the passage does not speak of {', '.join(foreign)}")
            )
        other = substituted(stem, evidence) if found.covered >= NEAR_VERBATIM else None
        asked = exempt | self._asked_class(stem) | frozenset(content_roots(stem)[:1])
        if other and other not in asked and not set(content_roots(other)) & asked:
            failures.append(
                Failure("stem_entity_not_in_evidence", f"the passage has another word where the stem has {other!r}")
            )
        if found.covered < MIN_COVERED:
            failures.append(Failure("stem_not_answerable", f"the passage covers {found.covered:.0%} of the stem"))
        elif found.particular < 1.0 and not q.is_open and not self._names_something(stem):
            failures.append(Failure("stem_not_answerable", "the stem names nothing particular"))
        return failures

    def _class_of(self, stem: str, key_text: str) -> frozenset[str]:
        """The class asked for, unless it is a term of the material that is never mentioned with the answer."""
        asked = self._asked_class(stem)
        key = content_roots(key_text)
        if find_quantities(key_text):
            return asked
        strange = {
            part
            for part in asked & self.source.terms
            if part not in QUESTION_ROOTS and not self.source.together((part,), key)
        }
        return asked - strange

    def _names_something(self, stem: str) -> bool:
        return any(
            part not in QUESTION_ROOTS and self.source.idf(part) > 1.5
            for part in content_roots(stem)
            if self.source.knows(part)
        )

    def _key(self, stem: str, answer: str, evidence: CitedPassages, *, whole: bool = True) -> list[Failure]:
        """The passage gives the answer, with its numbers, units, names and negations."""
        found = compare(answer, evidence, self.source, context=False)
        failures = []
        foreign = found.missing
        if foreign or (found.covered < MIN_KEY_COVERED and content_roots(answer) and not find_quantities(answer)):
            failures.append(
                Failure("key_not_in_evidence", f"the passage does not give {', '.join(foreign) or answer!r}")
            )
        joined = compare(_filled(stem, answer), evidence, self.source, exempt=self._asked_class(stem))
        failures += [failure for failure in _faults(joined) if whole]
        return failures

    def _numeric(self, stem: str, key: NumericKey, evidence: CitedPassages) -> list[Failure]:
        unit = parse_unit(key.unit) if key.unit else None
        for quantity in evidence.quantities:
            value: float | None = quantity.value
            if unit and quantity.unit:
                value = convert(quantity.value, quantity.unit, unit)
            elif (unit and not quantity.unit and root(fold(key.unit)) not in evidence.roots) or (
                key.unit and not unit and root(fold(key.unit)) not in evidence.roots
            ):
                value = None
            if value is not None and abs(value - key.value) <= 1e-6 * max(1.0, abs(key.value)):
                filled = (
                    _filled(
                        stem, evidence.text[quantity.start : quantity.end].removesuffix(quantity.written).strip(" -")
                    )
                    if GAP.search(stem)
                    else stem
                )
                return _faults(compare(filled, evidence, self.source, exempt=self._asked_class(stem)))
        return [Failure("key_not_in_evidence", f"the passage does not give {key.value:g} {key.unit}".rstrip())]

    # -- options ----------------------------------------------------------------------------------------------------

    def _choice(self, q: CandidateQuestion, evidence: CitedPassages) -> list[Failure]:
        assert isinstance(q.key, ChoiceKey)
        key = q.option(q.key.option_id)
        if key is None:
            return []
        right = self._option_score(q.stem, key.text, evidence)
        others = [option.text for option in q.options if option.id != key.id]
        rivals = (self._rival(text, key.text, right, q.stem, evidence) for text in others)
        failures = self._key(q.stem, key.text, evidence) + [failure for failure in rivals if failure is not None]
        return failures + self._same_meaning(key.text, others)

    def _rival(self, text: str, key: str, right: float, stem: str, evidence: CitedPassages) -> Failure | None:
        """Return why an option is as right as the key, whose score is ``right``; None when nothing is found."""
        if self.source.same_thing(text, key) or _same_number(text, key):
            return Failure("two_right_options", f"{text!r} is another name for {key!r}")
        score = self._option_score(stem, text, evidence)
        if score and score >= 0.92 * right and side(text, stem, evidence) * side(key, stem, evidence) >= 0:
            return Failure("distractor_supported", f"the passage supports {text!r} as well")
        if self._right_elsewhere(stem, key, text, evidence, right):
            return Failure("distractor_right_elsewhere", f"another passage says the same of {text!r}")
        return None

    def _same_meaning(self, key: str, others: Sequence[str]) -> list[Failure]:
        if self.embed is None or not others:
            return []
        vectors = self.embed([key, *others])
        return [
            Failure("two_right_options", f"{text!r} means the same as {key!r}")
            for text, score in zip(others, (vectors[1:] @ vectors[0]).tolist(), strict=True)
            if score >= 0.95 and not find_quantities(text) and not self._are_distinct(text, key)
        ]

    def _are_distinct(self, a: str, b: str) -> bool:
        """Two texts that each have a word the other lacks which the material uses on its own."""
        one, two = set(content_roots(a)), set(content_roots(b))
        return any(self.source.knows(part) for part in one - two) and any(self.source.knows(part) for part in two - one)

    def _option_score(self, stem: str, text: str, evidence: CitedPassages) -> float:
        numbers = find_quantities(text)
        if numbers:
            found = compare(_filled(stem, text), evidence, self.source, exempt=self._asked_class(stem))
            own = compare(text, evidence, self.source, context=False)
            return 0.0 if found.numbers or found.units or own.missing else 1.0
        if compare(text, evidence, self.source, context=False).negation:
            return 0.0
        return closeness(text, GAP.sub(" ", stem), evidence, self.source)

    def _right_elsewhere(self, stem: str, key: str, text: str, evidence: CitedPassages, right: float) -> bool:
        parts = frozenset(content_roots(text))
        asked = frozenset(content_roots(GAP.sub(" ", stem))) - self._asked_class(stem)
        telling = {part for part in asked if part not in QUESTION_ROOTS} or asked
        if not parts or len(parts) > 6 or not telling or find_quantities(text):
            return False
        if len(telling) == 1 and len(parts) <= 2:
            return False
        least = 0.75 * sum(self.source.idf(part) for part in telling)
        return any(
            self._tells_it(index, key, text, stem, evidence, right)
            for index in self.source.holding(parts)[:80]
            if index not in evidence.sentence_indexes and self._weight(telling, index) >= least
        )

    def _weight(self, parts: Iterable[str], index: int) -> float:
        """Return the weight of those of some roots that a sentence holds."""
        sentence = self.source.sentences[index]
        return sum(self.source.idf(part) for part in parts if part in sentence.root_set)

    def _tells_it(self, index: int, key: str, text: str, stem: str, evidence: CitedPassages, right: float) -> bool:
        """Tell whether a sentence answers the stem with ``text`` as the cited passages do with the key."""
        other = self._cited(index)
        return (
            side(text, stem, other) * side(key, stem, evidence) >= 0
            and closeness(text, stem, other, self.source) >= 0.8 * right
            and not compare(_filled(stem, text), other, self.source).negation
        )

    def _cited(self, index: int) -> CitedPassages:
        sentence = self.source.sentences[index]
        citation = self.source.material[sentence.document].cite(sentence.char_start, sentence.char_end)
        return CitedPassages((citation,), self.source)

    def _negative_choice(self, q: CandidateQuestion, evidence: CitedPassages) -> list[Failure]:
        """ "Which is NOT …": the passage gives every option but the key."""
        assert isinstance(q.key, ChoiceKey)
        failures = []
        for option in q.options:
            given = compare(option.text, evidence, self.source, context=False)
            supported = not given.missing and given.covered >= MIN_KEY_COVERED and not given.contradicted
            if option.id == q.key.option_id and supported:
                failures.append(
                    Failure("key_not_in_evidence", f"the passage gives {option.text!r}, which the key says it does not")
                )
            elif option.id != q.key.option_id and not supported:
                failures.append(Failure("two_right_options", f"the passage does not give {option.text!r} either"))
        stem = compare(
            self._asks_for_exception.sub(" ", GAP.sub(" ", spoken(q.stem))),
            evidence,
            self.source,
            exempt=self._asked_class(q.stem),
        )
        if stem.missing or stem.covered < 0.4:
            failures.append(
                Failure("stem_not_answerable", f"the passage does not speak of {', '.join(stem.missing) or 'this'}")
            )
        return failures

    # -- explanation ------------------------------------------------------------------------------------------------

    def _explanation(self, q: CandidateQuestion, evidence: CitedPassages) -> list[Failure]:
        """The explanation quotes what is there, names the key, and has no figure or negation of its own."""
        failures = self._misquoted(q, evidence)
        own = _QUOTED.sub(" ", q.explanation)
        if isinstance(q.key, BooleanKey):
            return failures + self._stated_verdict(own, q.key.value)
        whole = set(content_roots(q.explanation))
        key = set(content_roots(q.key_text))
        named = len(key & whole) / len(key) if key else 1.0
        if isinstance(q.key, ChoiceKey) and named < 0.6:
            failures.append(Failure("explanation_disagrees", f"it does not speak of {q.key_text!r}"))
        return failures + self._conclusion(q, own) + _strange_figures(q, own, evidence)

    def _misquoted(self, q: CandidateQuestion, evidence: CitedPassages) -> list[Failure]:
        passage = fold(evidence.text)
        around = fold(" ".join(self.source.sentences[index].text for index in evidence.sentence_indexes))
        in_order = fold(" ".join(clean(one.text) for one in sorted(q.evidence, key=lambda one: one.char_start)))
        known = (passage, in_order, around, fold(clean(q.stem)))
        failures = []
        for quote in re.findall(r"“([^”]{12,})”", q.explanation):
            quoted = fold(quote).strip(" .…")
            heading = quoted == fold(q.section_title)
            if not heading and passage.strip(" .") not in quoted and not any(quoted in text for text in known):
                failures.append(Failure("explanation_disagrees", f"{quote[:60]!r} is not in the passage"))
        return failures

    def _stated_verdict(self, own: str, value: bool) -> list[Failure]:
        claimed = self._tongue.pattern("stated_verdict_patterns").match(own)
        if claimed is None or (claimed["true"] is not None) is value:
            return []
        return [Failure("explanation_disagrees", f"it begins with {claimed[claimed.lastgroup or 0]!r}")]

    def _conclusion(self, q: CandidateQuestion, own: str) -> list[Failure]:
        """ "The answer is X" names the key."""
        concluded = self._tongue.pattern("conclusion_patterns").search(own)
        if not concluded:
            return []
        said = set(content_roots(concluded["said"]))
        key = set(content_roots(q.key_text))
        for option in q.options:
            parts = set(content_roots(option.text))
            if parts and parts <= said and not key <= said:
                return [Failure("explanation_disagrees", f"it concludes {option.text!r}")]
        if key and not key & said and not find_quantities(concluded["said"]):
            return [Failure("explanation_disagrees", f"it concludes {concluded['said'][:40]!r}")]
        return []


def spoken(stem: str) -> str:
    """Return what a stem takes from the material: its quotation, where it is a question about one, else all of it."""
    found = _QUOTATION.search(stem)
    return (found[1] or found[2]).strip() if found else stem


def _faults(found: Comparison) -> list[Failure]:
    return [
        *(Failure("number_disagrees", text) for text in found.numbers),
        *(Failure("unit_disagrees", text) for text in found.units),
        *(Failure("negation_disagrees", text) for text in found.negation),
        *(Failure("opposite_of_evidence", text) for text in found.opposites),
    ]


def _strange_figures(q: CandidateQuestion, own: str, evidence: CitedPassages) -> list[Failure]:
    """Return the numbers of an explanation that neither the passage nor the question has."""
    known = (
        *evidence.quantities,
        *(f for text in (q.stem, q.key_text, *(o.text for o in q.options)) for f in find_quantities(text)),
    )
    return [
        Failure("explanation_disagrees", f"{own[quantity.start : quantity.end]!r} is not in the passage")
        for quantity in find_quantities(own)
        if not any(abs(other.value - quantity.value) <= 1e-9 * max(1.0, abs(quantity.value)) for other in known)
    ]


def _filled(stem: str, answer: str) -> str:
    """The statement a question makes once answered."""
    if GAP.search(stem):
        return GAP.sub(lambda _: answer, stem, count=1)
    return f"{spoken(stem).rstrip(' ?…')} {answer}"


def _same_number(a: str, b: str) -> bool:
    one, two = find_quantities(a), find_quantities(b)
    if len(one) != 1 or len(two) != 1 or words(a) == words(b):
        return False
    if one[0].unit and two[0].unit:
        value = convert(one[0].value, one[0].unit, two[0].unit)
        return value is not None and abs(value - two[0].value) <= 1e-9 * max(1.0, abs(two[0].value))
    return one[0].value == two[0].value and one[0].unit == two[0].unit
