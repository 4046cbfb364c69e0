"""Whether a sentence can be asked about on its own, by the word lists of its language."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from itertools import pairwise

from tutor_project.language import Language, Word

MIN_WORDS, MAX_WORDS = 7, 34
_OPENING = 30
_EARLY = 7
_NAME_WORDS = 5
"""Words among which a name ends that begins a sentence."""
_SPEAKERS_FROM = 3
"""Words at the beginning among which a pronoun points back, out of the sentence."""
_ODD = re.compile(r"[$=\\{}\[\]<>|@#~^_→←↔•“”«»„\"]|https?:|www\.|\.\.\.|…|\d\)|[!?]")
_SYMBOL = re.compile(r"\$([^\W\d_]{1,3})\$")
"""A symbol set as a formula."""
_QUOTED = re.compile(r"[\"“„«]\s?([^\W_][^\"“”„«»?!.,]{0,38}[^\W_])\s?[\"”“»]")
"""A few words in quotation marks; questions quote the sentence in the same marks."""
ARROW = re.compile(r"[→⇒➔➜]")
"""What joins the parts of a line: "cause → effect"."""
_LINE_MIN_WORDS = 5
_APART = re.compile(r"[^\W\d_]{2,}\. [A-ZÄÖÜÉÁ]| [-–—] |^[^.:]{1,40}: |[^\W\d_]{4,}\d{1,2}\b")
"""Two sentences read as one, a dash that breaks the sentence, a label before it, the number of a note."""
_REFERENCE = re.compile(r"(?<=[\w.,;)])\[\d+(?:\s?[-–,]\s?\d+)*\](?=[\s.,;:)]|$)")
"""The number of a source or note after what it belongs to."""
_SPEAKER = re.compile(
    r"^(?:[\[(]?\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?[\])]?\s+(?:[^\W\d_][\w. ]{0,30}: )?|[A-ZÄÖÜÉ][A-ZÄÖÜÉ. ]{1,20}\d?: )"
)
"""The time and the name before what somebody says in a transcript."""
_ASIDE = re.compile(r" \(([^()]{3,120})\)")
_SOURCES = re.compile(r"[A-ZÄÖÜÉ]\w+.*, (?:1[5-9]|20)\d\d[a-z]?$")
_AUTHOR_YEAR = re.compile(r"\b\w+ (?:et al\.? )?\(?(?:1[5-9]|20)\d\d[a-z]?\)")
_CAPITALS = re.compile(r"^[^a-zß-öø-ÿ]*$")
_YEAR = re.compile(r"(?<![\d.,])(?:1[0-9]|20)\d\d(?![\d.,]*\d)")


def stands_alone(text: str, language: Language, verbs: Collection[str]) -> bool:
    """Tell whether ``text`` is a whole statement that leans on no neighbour, addresses nobody and judges nothing."""
    return is_whole(text, language, verbs) and not points_back(text, language)


def is_whole(text: str, language: Language, verbs: Collection[str]) -> bool:
    """Tell whether ``text`` is a whole statement that addresses nobody and judges nothing, though it may point back.

    ``verbs`` are stems of words known to be verbs; a text with none of them is taken for a fragment.
    """
    if not text or text[-1] not in ".。" or not (text[0].isupper() or text[0].isdigit()):
        return False
    words = text.split()
    if not _is_clean(text) or not MIN_WORDS <= len(words) <= MAX_WORDS:
        return False
    if addresses(without_speakers(text, language), language):
        return False
    if is_imperative(text, language, verbs) and not _begins_with_noun(text, language, verbs):
        return False
    if _speaks_of_letters(words, language) or _means_the_same(text, language) or _holds_a_title(words, language):
        return False
    return _has_verb(words, language, verbs)


def points_back(text: str, language: Language) -> bool:
    """Tell whether a text needs what stands before it: it leans on that, goes on with it, or has a pronoun before it names anything."""
    words = text.split()
    return leans(text, language) or _goes_on(words, language) or _has_early_pronoun(words, language)


def _is_clean(text: str) -> bool:
    """Tell whether a text is one sentence of words: no signs of formulas, no source, no heading in capitals."""
    patterns = (_ODD, _APART, _AUTHOR_YEAR)
    return (
        not any(pattern.search(text) for pattern in patterns)
        and not _CAPITALS.match(text)
        and text.count("(") == text.count(")")
    )


def is_telling_line(text: str, language: Language) -> bool:
    """Tell whether a line of slides or notes says enough to be asked about: words, nothing that leans or addresses."""
    plain = ARROW.sub(" ", text).strip()
    return (
        _LINE_MIN_WORDS <= len(plain.split()) <= MAX_WORDS
        and not plain.endswith((":", "?", "!"))
        and _is_clean(plain)
        and not leans(plain, language)
        and not addresses(plain, language)
        and not _has_early_pronoun(plain.split(), language)
    )


def verb_signs(texts: Iterable[str], language: Language) -> dict[str, int]:
    """Return how much oftener each stem stands where verbs do ("which …", "they …") than where nouns do ("the …").

    Those of several texts add up.
    """
    leads, determiners = language.phrase_set("verb_leads"), language.phrase_set("determiners")
    signs: Counter[str] = Counter()
    for text in texts:
        for before, word in pairwise(word.text for word in language.words(text)):
            lead = before.lower()
            if lead in determiners:
                signs[language.stem(word)] -= 1
            elif lead in leads and word.islower() and not language.is_stop_word(word):
                signs[language.stem(word)] += 1
    return {stem: sign for stem, sign in signs.items() if sign}


def _has_verb(words: Sequence[str], language: Language, verbs: Collection[str]) -> bool:
    auxiliaries = language.phrase_set("auxiliaries")
    if not auxiliaries:
        return True
    plain = [word.strip(",;:.()").lower() for word in words]
    return plain[0] in auxiliaries or any(may_be_verb(word, language, verbs) for word in plain[1:])


def may_be_verb(word: str, language: Language, verbs: Collection[str]) -> bool:
    """Tell whether a word in lower case may be a verb: by the language's lists or as far as the text shows (``verbs``)."""
    if word in language.phrase_set("auxiliaries"):
        return True
    stem = language.stem(word)
    return stem in verbs or stem in language.stem_set("common_verbs")


def _speaks_of_letters(words: Sequence[str], language: Language) -> bool:
    """Tell whether a text speaks of things by single letters, which an example or a figure beside it explains."""
    letters = {word.strip(",;:.()‘’") for word in words}
    return sum(len(one) == 1 and one.isalpha() and not language.is_stop_word(one.lower()) for one in letters) > 1


def _means_the_same(text: str, language: Language) -> bool:
    """Tell whether a text speaks of "the same" thing without saying the same as what."""
    lowered = f" {_plain(text)}"
    return any(
        f" {same} " in lowered and f" {told} " not in lowered.partition(f" {same}")[2]
        for same, told in language.mapping("sameness").items()
    )


def _goes_on(words: Sequence[str], language: Language) -> bool:
    """Tell whether an early word ("also", "conversely") says that the sentence goes on with what was said before."""
    return bool({word.strip(",;:").lower() for word in words[:_EARLY]} & language.phrase_set("continuing_words"))


def _holds_a_title(words: Sequence[str], language: Language) -> bool:
    """Tell whether an article with a capital inside shows that a heading or caption was read with the sentence."""
    articles = language.phrase_set("determiners")
    return any(
        word[:1].isupper() and word.lower() in articles and before[-1:].isalnum() for before, word in pairwise(words)
    )


def _has_early_pronoun(words: Sequence[str], language: Language) -> bool:
    """Tell whether a pronoun comes so early that what it stands for is hardly named before.

    A possessive stands for what the sentence itself named before it, if it named anything; so does a pronoun of its
    second clause.
    """
    possessives = language.phrase_set("possessives")
    personal = language.phrase_set("pronouns") - possessives
    named, border = 0, False
    for word in words[:_EARLY]:
        plain = word.strip(",;:.()").lower()
        if (plain in personal and not (border and named > 1)) or (plain in possessives and not named):
            return True
        named += not language.is_stop_word(plain)
        border = border or word[-1:] in ",;:"
    return False


def without_opener(text: str, language: Language) -> str:
    """Return a sentence without what stands before it and says only how it follows or who says it: "However, …"."""
    text = _SPEAKER.sub("", text)
    head, comma, _ = text[:_OPENING].partition(", ")
    if comma and _plain(head) in language.phrase_set("removable_openers"):
        text = _begun(text[len(head) + 2 :])
    first, _, rest = text.partition(" ")
    if first.lower() in language.phrase_set("opening_conjunctions"):
        text = _begun(rest)
    return without_links(without_asides(text, language), language)


def _begun(text: str) -> str:
    return text[:1].upper() + text[1:]


def without_links(text: str, language: Language) -> str:
    """Return a sentence without the early words ("also", "thus") that only tie it to the one before."""
    links = _links(language)
    early = " ".join(text.split(" ", _EARLY)[:_EARLY])
    return text if links is None else links.sub("", early) + text[len(early) :]


def without_asides(text: str, language: Language) -> str:
    """Return a sentence without brackets that point to a figure or a source."""
    figures = language.phrase_set("figure_words")

    def points(inside: str) -> bool:
        return bool(_SOURCES.search(inside) or {word.text.lower() for word in language.words(inside)} & figures)

    return _ASIDE.sub(lambda found: "" if points(found[1]) else found[0], text)


def without_references(text: str) -> str:
    """Return a sentence without the numbers of sources and notes."""
    return _REFERENCE.sub("", text)


def as_shown(text: str) -> str:
    """Return a sentence as a question shows it: symbols without the signs of formulas, quoted words in single quotes."""
    return _QUOTED.sub(r"‘\1’", _SYMBOL.sub(r"\1", text))


def is_plain_text(text: str) -> bool:
    """Tell whether a text holds no signs of formulas, code, arrows, addresses or quotations."""
    return _ODD.search(text) is None


def leans(text: str, language: Language) -> bool:
    """Tell whether the first words of a text point to what stands before it: "This …", or an amount of something not named."""
    start = _plain(text)[:60] + " "
    first, second, *_ = [*start.split(" ", 2), ""]
    if first in language.phrase_set("leading_quantities"):
        return not second.isalnum() or language.is_stop_word(second) or second in language.phrase_set("common_verbs")
    pattern = _starts(language)
    return pattern is not None and pattern.match(start) is not None


def addresses(text: str, language: Language) -> bool:
    """Tell whether a text points to its surroundings, speaks to its reader or of its writer, or judges."""
    words = language.words(text)
    found = {part for word in words for part in _plain(word.text).split("'")} - _prepositions(text, words, language)
    return bool(found & language.phrase_set("deictics") or found & language.phrase_set("opinions"))


def _prepositions(text: str, words: Sequence[Word], language: Language) -> set[str]:
    """Return the words that would point elsewhere but lead to a noun each time: "below the surface", not "the figure below"."""
    listed = language.phrase_set("deictic_prepositions")
    places = [at for at, word in enumerate(words) if word.text.lower() in listed]
    deictic = {
        words[at].text.lower()
        for at in places
        if (at and words[at - 1].text.lower() in language.phrase_set("determiners"))
        or at + 1 == len(words)
        or text[words[at].end : words[at + 1].start] != " "
    }
    return {words[at].text.lower() for at in places} - deictic


def without_speakers(text: str, language: Language) -> str:
    """Return a text without the "we" inside it; one that begins with it tells what its writer does."""
    words = text.split()
    speakers = language.phrase_set("speaking_words")
    inside = (word for word in words[_SPEAKERS_FROM:] if word.strip(",;:.()").lower() not in speakers)
    return " ".join([*words[:_SPEAKERS_FROM], *inside])


def is_imperative(text: str, language: Language, verbs: Collection[str]) -> bool:
    """Tell whether a text tells its reader to do something: it begins with a verb."""
    first = _plain(text).split(" ", 1)[0].rstrip(",:")
    return first in language.phrase_set("imperatives") or (
        not language.is_stop_word(first) and language.stem(first) in verbs
    )


def _begins_with_noun(text: str, language: Language, verbs: Collection[str]) -> bool:
    """Tell whether the first word is no verb that tells a reader to do something: "Dissolving …", "L'utilisation …".

    Neither is one that a finite verb follows right away or behind the rest of a name: "Run length encoding is …".
    """
    first, *following = _plain(_ASIDE.sub("", text)).split(" ", _NAME_WORDS)
    shape = language.mapping("noun_shape")
    if "'" in first or first.endswith(tuple(shape.get("weak_endings", "").split())):
        return True
    third = tuple(language.mapping("verb_shape").get("singular_endings", "").split())
    if third and following and following[0].endswith(third) and may_be_verb(following[0], language, verbs):
        return True
    small = (at for at, word in enumerate(following[:-1]) if language.is_stop_word(word))
    at = next(small, None)
    return at is not None and following[at] in language.phrase_set("auxiliaries")


def is_exercise(path: Sequence[str], language: Language) -> bool:
    """Tell whether a section, by a title on its path, poses problems or lists sources instead of teaching."""
    titles = language.phrase_set("exercise_titles")
    return any(_plain(title).strip(" .:0123456789") in titles for title in path)


def names_a_year(text: str) -> bool:
    """Tell whether a text holds a year."""
    return _YEAR.search(text) is not None


def _plain(text: str) -> str:
    return text.lower().replace("’", "'")


@lru_cache(maxsize=32)
def _links(language: Language) -> re.Pattern[str] | None:
    words = "|".join(map(re.escape, language.phrases("removable_links")))
    return re.compile(rf",? (?:{words})\b,?(?= (?!que |qu'))") if words else None


@lru_cache(maxsize=32)
def _starts(language: Language) -> re.Pattern[str] | None:
    phrases = sorted(language.phrases("leaning_starts"), key=len, reverse=True)
    if not phrases:
        return None
    return re.compile(rf"(?:{'|'.join(re.escape(phrase) for phrase in phrases)})(?:(?<=')|(?=[\s,:;]))")
