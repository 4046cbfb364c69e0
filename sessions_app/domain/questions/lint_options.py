"""The rules of the flaw lint that look at the options."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher

from sessions_app.domain.questions.text import content_roots, fold, root, words
from sessions_app.domain.questions.types import (
    CandidateQuestion,
    ChoiceKey,
    QuestionKind,
    TextKey,
)
from tutor_project.language import Language
from tutor_project.language.quantities.finding import find_quantities
from tutor_project.language.quantities.units import Dimension

Interval = tuple[float, float, Dimension | str]
"""The numbers an option stands for, least and greatest in base units, and their dimension."""

_ROOT, _MOST_OF_A_WORD = 5, 0.66
"""Letters, and share of the shorter of two words, that show one family."""
_BEGINNING = 4
"""Letters with which a word of the stem begins as one of a key does, where no other option has such a word."""
_WHOLE = 4
"""Letters of a word that shows it by standing whole at the beginning or end of another ("gout", "antigout")."""


def _choices(question: CandidateQuestion) -> list[str]:
    return [option.text for option in question.options] if question.kind is QuestionKind.MULTIPLE_CHOICE else []


def _key_and_others(question: CandidateQuestion) -> tuple[str, list[str]]:
    key = question.key_text
    wanted = question.key.option_id if isinstance(question.key, ChoiceKey) else ""
    return key, [option.text for option in question.options if option.id != wanted] if _choices(question) else []


def dangling_option(q: CandidateQuestion, tongue: Language) -> Iterator[str]:
    """An option stands alone too."""
    for text in _choices(q):
        found = tongue.pattern("dangling_option_patterns").search(text)
        if found and not tongue.pattern("above_option_patterns").search(text):
            yield f"{found[0]!r} in {text!r} refers to something that is not shown"


def all_or_none_of_the_above(q: CandidateQuestion, tongue: Language) -> Iterator[str]:
    """No "all of the above", no "none of these"."""
    for text in _choices(q):
        if tongue.pattern("above_option_patterns").search(text):
            yield f"option {text!r}"


def combined_options(q: CandidateQuestion, tongue: Language) -> Iterator[str]:
    """No option that names other options ("A and C", "I and III only")."""
    for text in _choices(q):
        if tongue.pattern("combined_option_patterns").match(text.strip()):
            yield f"option {text!r}"


def absolute_terms(q: CandidateQuestion, tongue: Language) -> Iterator[str]:
    """Absolute words in some options only give them away."""
    texts = _choices(q)
    marked = [text for text in texts if _uses(text, "absolutes", tongue)]
    if marked and len(marked) < len(texts):
        yield f"only {marked[0]!r} is absolute"


def vague_terms(q: CandidateQuestion, tongue: Language) -> Iterator[str]:
    """Vague frequencies in options mean different things to different readers."""
    for text in _choices(q):
        found = _uses(text, "vague_frequencies", tongue)
        if found:
            yield f"{min(found)!r} in option {text!r}"


def _uses(text: str, name: str, tongue: Language) -> set[str]:
    """Return the words of a text that stand in the word list ``name``."""
    return set(words(text)) & set(map(fold, tongue.phrases(name)))


def longest_option_is_key(q: CandidateQuestion, tongue: Language) -> Iterator[str]:
    """The key is not told by its length."""
    key, others = _key_and_others(q)
    if len(others) >= 2 and key:
        longest = max(map(len, others))
        mean = sum(map(len, others)) / len(others)
        if len(key) - longest > 12 and (len(key) > 1.35 * longest or len(key) > 1.8 * mean):
            yield f"the key has {len(key)} characters, the longest other option {longest}"


def key_much_shorter(q: CandidateQuestion, tongue: Language) -> Iterator[str]:
    """Nor by its brevity."""
    key, others = _key_and_others(q)
    if len(others) >= 2 and key:
        shortest = min(map(len, others))
        if shortest > 2.2 * len(key) and shortest - len(key) > 18:
            yield f"the key has {len(key)} characters, the shortest other option {shortest}"


def grammatical_cue(q: CandidateQuestion, tongue: Language) -> Iterator[str]:
    """Article and number of the stem fit every option."""
    yield from _article_cue(q, tongue)
    texts = _choices(q)
    several = bool(tongue.pattern("several_asked_patterns").search(q.stem))
    one = bool(tongue.pattern("one_asked_patterns").search(q.stem))
    if len(texts) < 2 or not (several or one) or any(len(text.split()) > 4 for text in texts):
        return
    of_the_number = [text for text in texts if _looks_plural(text) is several]
    if of_the_number == [q.key_text]:
        yield f"only the key is {'plural' if several else 'singular'} like the verb"


def _article_cue(q: CandidateQuestion, tongue: Language) -> Iterator[str]:
    articles = tongue.alternatives("sounding_articles")
    texts = _choices(q) or ([q.key_text] if isinstance(q.key, TextKey) else [])
    gap = re.search(rf"\b({articles}) _{{3,}}", q.stem)
    if re.search(rf"\b(?:{articles})$", q.stem.strip().rstrip(".:?_ ").casefold()) and not gap and _choices(q):
        yield "the stem ends with an article"
    if gap and (len(texts) < 2 or len({_vowel(text) for text in texts}) > 1):
        yield f"{gap[1]!r} before the gap gives the first letter away"


def _vowel(text: str) -> bool:
    return text[:1].casefold() in set("aeiou")


def _looks_plural(text: str) -> bool:
    last = words(text)[-1] if words(text) else ""
    return (
        (last.endswith("s") and not last.endswith(("ss", "us", "is", "ics")))
        or last.endswith(("ae", "ia", "eria", "nuclei", "gella", "fungi"))
        or " and " in text
    )


def option_heterogeneity(q: CandidateQuestion, tongue: Language) -> Iterator[str]:
    """Options are of one kind: all numbers or none, all sentences or none, lengths of one order."""
    texts = _choices(q)
    if len(texts) < 2:
        return
    if _are_mixed_numbers(texts, q.key_text):
        yield "numbers stand beside words"
    if _some_only(_ends_with_stop(text) for text in texts):
        yield "some options end with a stop"
    counts = [len(text.split()) for text in texts]
    if max(counts) >= 6 and min(counts) * 4 < max(counts):
        yield f"options have between {min(counts)} and {max(counts)} words"
    symbols = any(re.match(r"[a-z]{0,3}[A-Z\d]", text) for text in texts)
    if not symbols and _some_only(text[:1].isupper() for text in texts if text[:1].isalpha()):
        yield "some options begin with a capital letter"


def _some_only(marks: Iterable[bool]) -> bool:
    """Tell whether some of several things have a mark and others have it not."""
    return len(set(marks)) > 1


def _are_mixed_numbers(texts: Sequence[str], key: str) -> bool:
    """Tell whether numbers that need no more words, or the key as the only number, stand beside words."""
    numeric = [text for text in texts if re.match(r"^[^A-Za-z]*\d", text) and find_quantities(text)]
    if not numeric or len(numeric) == len(texts):
        return False
    return numeric == [key] or any(re.fullmatch(r"[^\w]*[\d.,]+\s*\S{0,4}", text) for text in texts)


def _ends_with_stop(text: str) -> bool:
    return text.rstrip().endswith((".", "?", "!")) and not re.search(r"\b(?:[A-Z]|etc|al|sp|spp|Inc|Co)\.$", text)


def duplicate_options(q: CandidateQuestion, tongue: Language) -> Iterator[str]:
    """No two options are the same after normalisation."""
    seen: dict[tuple[str, ...], str] = {}
    for text in _choices(q):
        identity = tuple(sorted(content_roots(text))) or (fold(text),)
        if identity in seen and not _differs_by_sign_or_order(seen[identity], text):
            yield f"{seen[identity]!r} and {text!r}"
        seen.setdefault(identity, text)


def _differs_by_sign_or_order(a: str, b: str) -> bool:
    one, two = find_quantities(a), find_quantities(b)
    if one and two:
        return [(q.value, q.unit) for q in one] != [(q.value, q.unit) for q in two]
    if fold(a) == fold(b):
        return False
    if letters_of(a) != letters_of(b):  # chlorophyll a and b, vitamin C and D, photosystem I and II
        return True
    return len(content_roots(a)) >= 3 and content_roots(a) != content_roots(b)


def letters_of(text: str) -> list[str]:
    """Return the single letters and numerals that tell names of one kind apart, but for articles before a word."""
    return re.findall(r"(?<=\w )(?:[A-Za-z]|[IVX]{1,4})(?=$|[ ,;)])(?! [a-z]{3})|^[B-HJ-Z](?= )", text)


def overlapping_options(q: CandidateQuestion, tongue: Language) -> Iterator[str]:
    """No option contains another, no two number options mean or include the same value."""
    texts = _choices(q)
    spans = [_interval(text, tongue) for text in texts]
    for (left, one), (right, two) in itertools.combinations(zip(texts, spans, strict=True), 2):
        if _meet(one, two) if one and two else _is_part(left, right, tongue):
            yield f"{left!r} and {right!r}"


def _meet(one: Interval, two: Interval) -> bool:
    """Tell whether two ranges of one dimension have a value in common."""
    return one[2] == two[2] and max(one[0], two[0]) <= min(one[1], two[1])


def _is_part(left: str, right: str, tongue: Language) -> bool:
    """Tell whether all words of one option stand in the other.

    "More flats" and "fewer flats", "G cells" and "K cells" share their other words by right.
    """
    compared = _uses(left, "comparison_words", tongue) != _uses(right, "comparison_words", tongue)
    if compared or letters_of(left) != letters_of(right):
        return False
    mine, theirs = set(content_roots(left)), set(content_roots(right))
    return bool(mine and theirs) and (mine < theirs or theirs < mine)


def _interval(text: str, tongue: Language) -> Interval | None:
    """The numbers an option stands for, in base units, and their dimension; None when it is not about a number."""
    found = find_quantities(text)
    beside = tongue.alternatives("words_around_numbers")
    rest = re.sub(rf"\b(?:{beside})\b", "", text, flags=re.I) if found else text
    if not found or len(found) > 2 or len(re.findall(r"[A-Za-z]{3,}", rest)) > 3:
        return None
    unit = found[0].unit
    scale, offset = (unit.factor, unit.offset) if unit else (1.0, 0.0)
    values = sorted(q.value * scale + offset for q in found)
    dimension = unit.dimension if unit else " ".join(sorted(content_roots(re.sub(r"[\d.,]+", "", rest))))
    if len(values) == 1 and re.search(rf"\b(?:{tongue.alternatives('more_than')})\b|[>≥]", text, re.I):
        return values[0], float("inf"), dimension
    if len(values) == 1 and re.search(rf"\b(?:{tongue.alternatives('less_than')})\b|[<≤]", text, re.I):
        return float("-inf"), values[0], dimension
    return values[0], values[-1], dimension


def number_order(q: CandidateQuestion, tongue: Language) -> Iterator[str]:
    """Options that are numbers stand in order."""
    values: list[float] = []
    for text in _choices(q):
        found = find_quantities(text)
        if not found or not re.match(r"^[^A-Za-z]*\d|^\w+$", text) or len(re.findall(r"[A-Za-z]{3,}", text)) > 3:
            return
        unit = found[0].unit
        values.append(found[0].value * (unit.factor if unit else 1.0) + (unit.offset if unit else 0.0))
    if len(values) >= 3 and values != sorted(values) and values != sorted(values, reverse=True):
        yield f"numbers are not in order: {', '.join(_choices(q))}"


def implausible_number(q: CandidateQuestion, tongue: Language) -> Iterator[str]:
    """Number options are within a range that a reader has to think about."""
    key, others = _key_and_others(q)
    right = find_quantities(key)
    if not right or not others or right[0].value == 0:
        return
    for text in others:
        found = find_quantities(text)
        if (
            found
            and found[0].unit == right[0].unit
            and found[0].value
            and not 1e-4 <= abs(found[0].value / right[0].value) <= 1e4
        ):
            yield f"{text!r} beside {key!r}"


def clang(q: CandidateQuestion, tongue: Language) -> Iterator[str]:
    """No telling word of the stem, nor one of its family, stands in the key and in no other option.

    Where there are no options it must not be of the family of the key's longest word: that word is what is asked for.
    """
    shared = telling_words(q.stem, *_key_and_others(q))
    if shared:
        yield f"{min(shared)!r} stands in stem and key only"


def telling_words(stem: str, key: str, others: Sequence[str]) -> set[str]:
    """Return the words of a stem that tell a key: they, or words of their family, stand in it and in no other option."""
    if not others:
        key = max(content_roots(key), key=len, default="")
    told = _begins_alike if others else _has_kin
    shared = {word for word in content_roots(stem) if len(word) > 3 and told(word, key)}
    return {word for word in shared if not any(told(word, text) for text in others)}


def _has_kin(word: str, text: str) -> bool:
    """Tell whether a text holds a word, one derived from it or a compound of it: "Mediator" and "Mediation"."""
    return any(_shows_in(word, other) or _shows_in(other, word) for other in content_roots(text))


def _begins_alike(word: str, text: str) -> bool:
    """Tell whether a text holds a word, one of its kin or one that begins as it does: "stagnant" and "stagflation"."""
    return _has_kin(word, text) or any(
        min(len(word), len(other)) > _BEGINNING and word[:_BEGINNING] == other[:_BEGINNING]
        for other in content_roots(text)
    )


def _shows_in(word: str, other: str) -> bool:
    """Tell whether a word shows in another: whole at its beginning or end, or with a beginning that is most of the shorter word."""
    if len(word) >= _WHOLE and (other.startswith(word) or other.endswith(word)):
        return True
    size = max(_ROOT, math.ceil(_MOST_OF_A_WORD * min(len(word), len(other))))
    return len(word) >= size and word[:size] in other


def shared_option_start(q: CandidateQuestion, tongue: Language) -> Iterator[str]:
    """Words that begin every option belong in the stem."""
    texts = [words(text) for text in _choices(q)]
    if len(texts) >= 3 and all(len(text) > 5 for text in texts) and len({tuple(text[:4]) for text in texts}) == 1:
        yield f"every option begins with {' '.join(texts[0][:4])!r}"


def similar_options(q: CandidateQuestion, tongue: Language) -> Iterator[str]:
    """No two options that only differ in spelling."""
    texts = _choices(q)
    for i, left in enumerate(texts):
        for right in texts[i + 1 :]:
            if find_quantities(left) or find_quantities(right):
                continue
            one, two = fold(left), fold(right)
            if len(one) > 6 and one != two and SequenceMatcher(None, one, two).ratio() > 0.93 and _same_words(one, two):
                yield f"{left!r} and {right!r}"


def _same_words(one: str, two: str) -> bool:
    a, b = [root(word) for word in words(one)], [root(word) for word in words(two)]
    return sorted(a) == sorted(b) or (len(a) == len(b) and sum(x != y for x, y in zip(a, b, strict=True)) == 0)
