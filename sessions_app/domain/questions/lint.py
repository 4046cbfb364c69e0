"""The flaw lint: item-writing flaws that can be seen in the question alone, each rule by name.

The rules follow the taxonomies of Haladyna, Downing & Rodriguez (2002) and of the NBME item-writing guide.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from sessions_app.domain.questions.lint_options import (
    _choices,
    absolute_terms,
    all_or_none_of_the_above,
    clang,
    combined_options,
    dangling_option,
    duplicate_options,
    grammatical_cue,
    implausible_number,
    key_much_shorter,
    longest_option_is_key,
    number_order,
    option_heterogeneity,
    overlapping_options,
    shared_option_start,
    similar_options,
    vague_terms,
)
from sessions_app.domain.questions.text import ENGLISH, content_roots, fold, words
from sessions_app.domain.questions.types import (
    BooleanKey,
    CandidateQuestion,
    ChoiceKey,
    Failure,
    NumericKey,
    PartsKey,
    QuestionKind,
    TextKey,
)
from tutor_project.language import Language
from tutor_project.language.quantities.finding import find_quantities

GAP = re.compile(r"_{3,}")
MAX_STEM_WORDS = 60
_PLACEHOLDER = re.compile(r"\[[^\]]*todo[^\]]*\]|\b(?:lorem ipsum|tbd|n/a)\b|\{\{|\}\}|<[a-z]+>", re.I)
"""What is left over from generation in any language."""
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-ZÄÖÜÁÉÍÓÚ¿“„«])")
_DOUBLED = re.compile(r"\b(\w+) \1\b(?!-)", re.I)

Rule = Callable[[CandidateQuestion, Language], Iterator[str]]

CUES = frozenset(
    {
        "longest_option_is_key", "key_much_shorter", "clang", "absolute_terms", "vague_terms", "negative_stem",
        "double_negative", "shared_option_start", "similar_options", "option_heterogeneity",
    }
)  # fmt: skip
"""Flaws that make a question easier to guess or harder to read, not wrong: of a model's questions those without are taken first."""


def lint(question: CandidateQuestion, tongue: Language = ENGLISH) -> list[Failure]:
    """Return one failure per flaw found in a question in ``tongue``, with the rule's name; an empty list for a clean one.

    What is told in one's own words cannot be guessed from the stem: of open questions cues are no flaws.
    """
    rules = {name: rule for name, rule in RULES.items() if not (question.is_open and name in CUES)}
    return [Failure(name, detail) for name, rule in rules.items() for detail in rule(question, tongue)]


_ALTERNATIVE_REACH = 3
"""Words behind an answer within which the word that joins it to another must stand."""


def stem_incomplete(q: CandidateQuestion, tongue: Language) -> Iterator[str]:
    """A stem is a whole question or sentence."""
    stem = q.stem.strip()
    if len(words(stem)) < 3 and not GAP.search(stem):
        yield "the stem has fewer than three words"
    elif (
        not stem.endswith(("?", ".", ":", "”", "“", "»", '"', ")"))
        or _is_unfinished(stem, tongue)
        or stem.endswith("...")
    ):
        yield f"the stem ends with {stem[-20:]!r}"
    elif not (
        stem[0].isupper()
        or stem[0].isdigit()
        or stem[0] in '“„«¿"('
        or GAP.match(stem)
        or re.match(r"[a-z]{1,3}[A-Z\d-]", stem)
    ):
        yield "the stem does not begin like a sentence"


def _is_unfinished(stem: str, tongue: Language) -> bool:
    return bool(re.search(rf"\b(?:{tongue.alternatives('unfinished_ends')})\s*\?$", stem, re.I))


def dangling_reference(q: CandidateQuestion, tongue: Language) -> Iterator[str]:
    """A stem stands alone: no "this", no figure above, no pronoun without its noun."""
    first = _SENTENCE_END.split(q.stem.strip())[0]  # a later sentence may refer to the first
    found = tongue.pattern("dangling_patterns").search(tongue.pattern("pointing_allowed_patterns").sub("…", first))
    if found:
        yield f"{found[0]!r} in the stem refers to something that is not shown"


def discourse_opener(q: CandidateQuestion, tongue: Language) -> Iterator[str]:
    """A stem does not begin in the middle of an argument."""
    found = re.match(rf"(?:{tongue.alternatives('discourse_openers')})\b[,\s]", q.stem, re.I)
    if found:
        yield f"the stem begins with {found[0].strip()!r}"


def negative_stem(q: CandidateQuestion, tongue: Language) -> Iterator[str]:
    """A negative word in the question of a choice item is written in capitals."""
    if q.kind is QuestionKind.MULTIPLE_CHOICE and q.stem.rstrip().endswith("?"):
        opening = re.search(rf"\b(?:{tongue.alternatives('question_words')})\b", q.stem, re.I)
        asked = tongue.pattern("subclause_patterns").split(q.stem[opening.end() if opening else 0 :])[0]
        found = re.search(rf"\b(?:{tongue.alternatives('exclusions')})\b", asked)
        if found:
            yield f"{found[0]!r} is not emphasised"


def double_negative(q: CandidateQuestion, tongue: Language) -> Iterator[str]:
    """A negative question has no negative options, a statement no two negations."""
    alone = tongue.negations - tongue.phrase_set("weak_negations") - tongue.phrase_set("noun_negations")
    denying = set(map(fold, alone))
    in_stem = [word for word in words(q.stem) if word in denying]
    in_options = set(map(fold, tongue.phrases("option_negations")))
    if len(in_stem) > 1:
        yield f"the stem denies twice ({', '.join(in_stem)})"
    elif in_stem and any(set(words(text)) & in_options for text in _choices(q)):
        yield "the stem and an option both deny"


def answer_in_stem(q: CandidateQuestion, tongue: Language) -> Iterator[str]:
    """The stem does not hold the answer."""
    if q.kind is QuestionKind.TRUE_FALSE or isinstance(q.key, BooleanKey):
        return
    if isinstance(q.key, NumericKey):
        if _holds_number(q.stem, q.key):
            yield "the number asked for stands in the stem"
        return
    answers = q.key.accepted if isinstance(q.key, TextKey) else (q.key_text,)
    if any(_is_offered(answer, q.stem, tongue) for answer in answers):
        return
    stem = content_roots(GAP.sub(" ", q.stem))
    for answer in answers:
        parts = content_roots(answer)
        if parts and _contains(stem, parts):
            yield f"{answer!r} stands in the stem"
            return
        if len(parts) > 1 and q.kind is not QuestionKind.MULTIPLE_CHOICE and set(parts) <= set(stem):
            yield f"the words of {answer!r} stand in the stem"
            return


def _holds_number(stem: str, key: NumericKey) -> bool:
    margin = max(key.tolerance, 1e-9 * abs(key.value))
    return any(abs(found.value - key.value) <= margin for found in find_quantities(stem))


def _is_offered(answer: str, stem: str, tongue: Language) -> bool:
    """Tell whether a question names its answer beside what else it may be ("is it primary or secondary?")."""
    asked = words(_SENTENCE_END.split(stem.strip())[-1] if stem.rstrip().endswith("?") else "")
    named, joints = words(answer), set(map(fold, tongue.phrases("alternative_conjunctions")))
    at = next((at for at in range(len(asked)) if named and asked[at : at + len(named)] == named), None)
    if at is None:
        return False
    near = (*asked[max(0, at - 1) : at], *asked[at + len(named) : at + len(named) + _ALTERNATIVE_REACH])
    return bool(joints & set(near))


def _contains(sequence: tuple[str, ...], part: tuple[str, ...]) -> bool:
    return any(sequence[i : i + len(part)] == part for i in range(len(sequence) - len(part) + 1))


def gap_at_start(q: CandidateQuestion, tongue: Language) -> Iterator[str]:
    """A gap comes late enough for the reader to know what is asked."""
    articles = tongue.alternatives("determiners")
    if GAP.match(re.sub(rf"^(?:a\(n\)|{articles})\s+", "", q.stem.strip(), flags=re.I)):
        yield "the sentence begins with the gap"


def gap_count(q: CandidateQuestion, tongue: Language) -> Iterator[str]:
    """A cloze has exactly one gap (as many as parts where there are parts); other kinds at most one."""
    gaps = len(GAP.findall(q.stem))
    expected = len(q.key.parts) if isinstance(q.key, PartsKey) else 1
    if (q.kind is QuestionKind.CLOZE and gaps != expected) or gaps > expected:
        yield f"{gaps} gaps where {expected} belong"
    elif q.kind is QuestionKind.TRUE_FALSE and gaps:
        yield "a statement has no gap"


def option_count(q: CandidateQuestion, tongue: Language) -> Iterator[str]:
    """Three to five options for multiple choice, two for true/false, none otherwise."""
    count = len(q.options)
    if q.kind is QuestionKind.MULTIPLE_CHOICE and not 3 <= count <= 5:
        yield f"{count} options; three to five are allowed"
    elif q.kind is QuestionKind.TRUE_FALSE and {option.id for option in q.options} not in ({"true", "false"}, set()):
        yield "a statement is answered by true or false"
    elif q.kind not in {QuestionKind.MULTIPLE_CHOICE, QuestionKind.TRUE_FALSE} and count:
        yield f"a {q.kind.value} question has no options"
    if len({option.id for option in q.options}) != count:
        yield "two options share an id"


def key_missing(q: CandidateQuestion, tongue: Language) -> Iterator[str]:
    """There is a key, of the type the kind needs."""
    wanted: dict[QuestionKind, tuple[type, ...]] = {
        QuestionKind.MULTIPLE_CHOICE: (ChoiceKey,),
        QuestionKind.TRUE_FALSE: (BooleanKey,),
        QuestionKind.CLOZE: (TextKey, PartsKey, NumericKey),
        QuestionKind.SHORT_ANSWER: (TextKey, PartsKey),
        QuestionKind.NUMERIC: (NumericKey,),
    }
    if not isinstance(q.key, wanted[q.kind]):
        yield f"a {q.kind.value} question has a key of type {type(q.key).__name__}"
    elif isinstance(q.key, ChoiceKey) and q.option(q.key.option_id) is None:
        yield "the key names no option"
    elif isinstance(q.key, TextKey) and not any(text.strip() for text in q.key.accepted):
        yield "no answer is accepted"
    elif isinstance(q.key, NumericKey) and (
        q.key.tolerance < 0 or (q.key.value and q.key.tolerance > 0.5 * abs(q.key.value))
    ):
        yield f"tolerance {q.key.tolerance:g} for {q.key.value:g}"


def _quotes_match(text: str) -> bool:
    """“English”, „German“ and «French» quotation marks come in pairs; the German closing mark is the English opening one."""
    german = text.count("„")
    return text.count("“") - text.count("”") == (0 if german == 0 else german) and text.count("«") == text.count("»")


def unfocused_stem(q: CandidateQuestion, tongue: Language) -> Iterator[str]:
    """The stem asks something by itself ("Which of the following is true?" does not)."""
    if tongue.pattern("unfocused_patterns").search(q.stem.strip()):
        yield "the stem asks nothing without its options"


def opinion(q: CandidateQuestion, tongue: Language) -> Iterator[str]:
    """The question has an answer that does not depend on who answers."""
    if tongue.pattern("opinion_patterns").search(q.stem):
        yield "the stem asks for an opinion"


def placeholder(q: CandidateQuestion, tongue: Language) -> Iterator[str]:
    """Nothing is left over from generation."""
    words_left = tongue.pattern("placeholder_patterns")
    for text in (q.stem, q.explanation, *(option.text for option in q.options)):
        if not text.strip() or _PLACEHOLDER.search(text) or words_left.search(text):
            yield f"{text[:40]!r}"
            return


def repeated_words(q: CandidateQuestion, tongue: Language) -> Iterator[str]:
    """No word twice in a row, no unbalanced brackets or quotes."""
    doubled = _DOUBLED.search(q.stem)
    if doubled and doubled[1].casefold() not in tongue.phrases("doubled_words") and doubled[1].isalpha():
        yield f"{doubled[0]!r}"
    for text in (q.stem, *_choices(q)):
        if (
            text.count("(") != text.count(")")
            or text.count("[") != text.count("]")
            or text.count('"') % 2
            or not _quotes_match(text)
        ):
            yield f"brackets or quotes in {text!r}"
            return


def stem_too_long(q: CandidateQuestion, tongue: Language) -> Iterator[str]:
    """A stem is read in one go."""
    count = len(q.stem.split())
    if count > MAX_STEM_WORDS:
        yield f"{count} words; at most {MAX_STEM_WORDS}"


def explanation_missing(q: CandidateQuestion, tongue: Language) -> Iterator[str]:
    """Every question teaches something when it was answered."""
    if len(words(q.explanation)) < 3:
        yield "there is no explanation"


RULES: dict[str, Rule] = {
    rule.__name__: rule
    for rule in (
        stem_incomplete, dangling_reference, dangling_option, discourse_opener, negative_stem, double_negative,
        all_or_none_of_the_above, combined_options, absolute_terms, vague_terms, longest_option_is_key, key_much_shorter,
        grammatical_cue, option_heterogeneity, duplicate_options, overlapping_options, number_order, implausible_number, clang,
        answer_in_stem, gap_at_start, gap_count, option_count, key_missing, unfocused_stem, opinion, placeholder,
        repeated_words, stem_too_long, shared_option_start, similar_options, explanation_missing,
    )
}  # fmt: skip
