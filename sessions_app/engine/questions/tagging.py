"""Part-of-speech tags for one sentence: the lexicon inside the ``textblob`` wheel, then rules of context.

A trained tagger needs a download; the lexicon ships in the wheel and costs two microseconds a word. Tags are
those of the Penn Treebank, reduced where the distinction is not needed.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sessions_app.engine.questions import words as w

_TOKEN = re.compile(
    r"(?P<number>[-−–+](?=\d)(?<![\w\s][-−–+])\d[\d.,]*\d|\d+(?:[.,]\d+)*(?:st|nd|rd|th)?(?![\w-])%?)"
    r"|(?P<word>[^\W_]+(?:[-‐‑'’./](?=[^\W_])[^\W_]+)*[+]?)"
    r"|(?P<mark>\.\.\.|--|[^\w\s])"
)
_POSSESSIVE = re.compile(r"(?:'s|’s|s'|s’)$")


@dataclass(slots=True)
class Token:
    """A word or mark: text, half-open span inside the sentence, tag, lower-case form.

    ``small``: the material writes the word with a small letter inside sentences, so a capital here is the sentence's.
    """

    text: str
    start: int
    end: int
    tag: str
    low: str
    small: bool = False


@lru_cache(maxsize=1)
def _lexicon() -> Any:
    from textblob.en import lexicon

    lexicon.get("the")
    return lexicon


@lru_cache(maxsize=65536)
def lexicon_tag(word: str) -> str | None:
    """Return the most frequent tag of a word form, or None where the lexicon does not hold it."""
    found = _lexicon().get(word)
    return str(found) if found else None


def tag_sentence(text: str, names: Collection[str] = ()) -> list[Token]:
    """Return the tagged tokens of a sentence of running text.

    ``names`` holds the words the material writes with a capital inside sentences and never without: at the start of a
    sentence a capital alone is no sign of a name.
    """
    tokens: list[Token] = []
    for match in _TOKEN.finditer(text):
        word = match[0]
        possessive = _POSSESSIVE.search(word) if match["word"] else None
        if possessive and len(word) > 2:
            cut = possessive.start() + (1 if word[possessive.start()] == "s" else 0)
            tokens.append(_token(word[:cut], match.start(), tokens, names))
            tokens.append(Token(word[cut:], match.start() + cut, match.end(), "POS", word[cut:].lower()))
        elif match["mark"]:
            tokens.append(Token(word, match.start(), match.end(), _mark_tag(word), word))
        else:
            tokens.append(_token(word, match.start(), tokens, names))
    _join_names(tokens)
    _repair(tokens)
    return tokens


_PARTICLES = frozenset("von van de der den da di du la le el al y bin ibn ben".split())


def _join_names(tokens: list[Token]) -> None:
    """ "Lord Atkin" at the start of a sentence, "Klemens von Metternich": all of a name is tagged as one."""
    if len(tokens) > 1 and tokens[0].text[:1].isupper() and tokens[1].tag == "NNP" and tokens[1].text[1:].islower():
        known = lexicon_tag(tokens[0].text) == "NNP" or (tokens[0].tag == "JJ" and lexicon_tag(tokens[0].low) is None)
        if tokens[0].tag == "NN" or (tokens[0].tag in {"NNS", "JJ"} and known):
            tokens[0].tag = "NNP"
    for i in range(1, len(tokens) - 1):
        if (
            tokens[i].low in _PARTICLES
            and tokens[i].text.islower()
            and tokens[i - 1].tag == "NNP"
            and tokens[i + 1].tag == "NNP"
        ):
            tokens[i].tag = "NNP"


def _mark_tag(mark: str) -> str:
    if mark in "([":
        return "("
    if mark in ")]":
        return ")"
    return mark if mark in {",", ".", ":", ";"} else "SYM"


def _token(word: str, start: int, before: list[Token], names: Collection[str]) -> Token:
    low = word.lower()
    first = not before or before[-1].text in {".", ":", "“", '"'}
    return Token(word, start, start + len(word), _base_tag(word, low, first, names), low)


def _base_tag(word: str, low: str, first: bool, names: Collection[str]) -> str:
    closed = _CLOSED.get(low)
    if closed and not (word[0].isupper() and len(word) > 1 and word.isupper()):
        return closed
    if word[0].isdigit() or word[0] in "-−–+":
        return "CD"
    capital = word[0].isupper()
    if capital and (
        not first
        or word in names
        or sum(c.isupper() for c in word) > 1
        or (lexicon_tag(word) == "NNP" and lexicon_tag(low) is None)
    ):
        if not first and lexicon_tag(low) in {"JJ"} and lexicon_tag(word) == "JJ":
            return "JJ"
        return (
            "JJ"
            if lexicon_tag(word) == "JJ" or (re.search(r"(?:ean|ian|ese|ish)$", low) and lexicon_tag(word) != "NNP")
            else _proper(word, low)
        )
    if low in w.PLURALS:
        return "NNS"
    known = lexicon_tag(low)
    if known in {"NNP", "NNPS"}:
        known = "NNS" if low.endswith("s") and low not in w.SINGULAR_S else "NN"
    if known == "NN" and low.endswith("s") and low not in w.SINGULAR_S and not low.endswith(("ss", "us", "is")):
        known = "NNS"
    return known or _guess(low)


def _proper(word: str, low: str) -> str:
    if low in w.PLURALS or (
        low.endswith("s") and not low.endswith(("ss", "us", "is", "es")) and lexicon_tag(low) == "NNS"
    ):
        return "NNPS"
    return "NNP"


def _guess(low: str) -> str:
    if "-" in low:
        last = low.rsplit("-", 1)[1]
        tail = lexicon_tag(last) or _guess(last)
        return "JJ" if tail in {"VBN", "VBD", "VBG", "JJ", "CD"} else tail
    if low.endswith("ly"):
        return "RB"
    if low.endswith("ing") and len(low) > 5:
        return "VBG"
    if low.endswith("ed") and len(low) > 4 and not low.endswith("eed"):
        return "VBN"
    if re.search(r"(?:al|ic|ous|ive|able|ible|ary|ar|less|ful|oid|ile|ish|ant|ent)$", low) and len(low) > 5:
        return "JJ"
    if low.endswith(("ae", "zoa", "cci", "lli")) or (
        low.endswith("s") and low not in w.SINGULAR_S and not low.endswith(("ss", "us", "is"))
    ):
        return "NNS"
    if re.search(r"(?:ise|ize|ify|lyse|lyze)$", low):
        return "VB"
    return "NN"


_ADVERBS = frozenset(
    "not n't never also only just very too quite rather even still already often usually always".split()
)
_CLOSED: dict[str, str] = {
    **dict.fromkeys(w.DETERMINERS, "DT"),
    **dict.fromkeys(w.PRONOUNS - {"one", "ones"}, "PRP"),
    **dict.fromkeys(w.POSSESSIVES, "PRP$"),
    **dict.fromkeys(w.MODALS, "MD"),
    **dict.fromkeys(w.PREPOSITIONS | w.SUBORDINATORS, "IN"),
    **dict.fromkeys(w.COORDINATORS, "CC"),
    **dict.fromkeys(["which", "who", "whom", "what"], "WDT"),
    **dict.fromkeys(["when", "where", "why", "how"], "WRB"),
    **dict.fromkeys(_ADVERBS, "RB"),
    **dict.fromkeys(["is", "has", "does"], "VBZ"),
    **dict.fromkeys(["are", "am", "have", "do"], "VBP"),
    **dict.fromkeys(["was", "were", "had", "did"], "VBD"),
    "be": "VB", "been": "VBN", "being": "VBG", "having": "VBG", "to": "TO", "there": "EX", "that": "IN",
    "one": "CD", "few": "JJ", "many": "JJ", "several": "JJ", "most": "JJ", "more": "JJR", "less": "JJR", "other": "JJ",
    "main": "JJ", "own": "JJ", "same": "JJ", "such": "JJ", "found": "VBN", "like": "IN", "left": "JJ", "right": "JJ",
}  # fmt: skip
_NOUN = frozenset({"NN", "NNS", "NNP", "NNPS"})
_VERB_S = {base + ("es" if base.endswith(("s", "x", "ch", "sh", "o")) else "s") for base in w.VERB_BASES} | {
    base[:-1] + "ies" for base in w.VERB_BASES if base.endswith("y") and base[-2] not in "aeiou"
}


def can_be_verb(low: str) -> bool:
    """Return whether the form may be a present-tense verb."""
    return low in w.VERB_BASES or low in _VERB_S


def _repair(tokens: list[Token]) -> None:
    """Correct tags by their neighbours, left to right; each rule names the pattern it is for."""
    _unknown_verbs(tokens)
    for i, token in enumerate(tokens):
        before = tokens[i - 1] if i else None
        after = tokens[i + 1] if i + 1 < len(tokens) else None
        previous = _previous_word(tokens, i)
        if token.low == "that" and before and before.tag in _NOUN and after and after.tag not in _NOUN | {"JJ"}:
            token.tag = "WDT"
        elif (
            token.tag in {"NN", "JJ", "VBP", "VBZ", "NNS"}
            and previous
            and (previous.tag in {"MD", "TO"} or previous.low in w.DO)
            and (token.low in w.VERB_BASES or token.tag == "VBP")
        ):  # can focus, to view, do form
            if previous.tag != "TO" or token.tag != "NNS":
                token.tag = "VB"
        elif (
            token.tag in {"VB", "VBP", "VBZ"}
            and before
            and before.tag in {"DT", "PRP$", "JJ", "POS"}
            and token.low not in _CLOSED
        ):
            token.tag = "NNS" if token.low.endswith("s") and token.low not in w.SINGULAR_S else "NN"
        elif token.tag == "VBD" and previous and (previous.low in w.BE or previous.low in w.HAVE):
            token.tag = "VBN"
        elif (token.tag == "VBN" and previous and previous.tag in {"PRP"}) or (
            token.tag == "VBN" and token.low in w.IRREGULAR_PAST and token.low not in w.IRREGULAR_PARTICIPLES
        ):
            token.tag = "VBD"
        elif (
            token.tag in {"VBN", "VBD", "VBG"}
            and before
            and before.tag in {"DT", "PRP$", "JJ", "POS"}
            and after
            and after.tag in _NOUN | {"JJ"}
        ):
            token.tag = "JJ"
        elif (
            token.tag == "VBG" and before and before.tag in {"JJ", "DT", "NN"} and after and after.tag in _FINITE_TAGS
        ) or (
            token.tag == "JJ"
            and before
            and before.tag == "NN"
            and token.low in _ADJECTIVE_NOUNS
            and (after is None or after.tag not in _NOUN | {"JJ"})
        ):
            token.tag = "NN"
    _ambiguous_verbs(tokens)


def _unknown_verbs(tokens: list[Token]) -> None:
    """A word no lexicon holds, between a singular noun or "that" and an article, is no plural: "a membrane that envelops the cell"."""
    for before, token, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if (
            token.tag == "NNS"
            and lexicon_tag(token.low) is None
            and (before.tag in {"NN", "NNP"} or before.low in {"that", "which"})
            and after.tag in {"DT", "PRP$"}
        ):
            token.tag = "VBZ"


_ADJECTIVE_NOUNS = frozenset(
    """potential capital material chemical individual animal human mammal metal signal terminal radical acid
    solid liquid plastic base cut good plant""".split()
)


_FINITE_TAGS = frozenset({"VBZ", "VBP", "VBD", "MD"})


def _previous_word(tokens: list[Token], i: int) -> Token | None:
    """The word before, adverbs skipped."""
    for token in reversed(tokens[max(0, i - 3) : i]):
        if token.tag != "RB":
            return token
    return None


_AFTER_VERB = frozenset(
    {"RBR", "CC", "DT", "PRP$", "JJ", "NN", "NNS", "NNP", "IN", "TO", "RB", "CD", "VBN", "VBG", "PRP", "JJR", "(", "EX"}
)


def _ambiguous_verbs(tokens: list[Token]) -> None:
    """Turn one noun-tagged word per clause into its verb where the clause has none: "flagella use ions", "it controls growth"."""
    clause_has_verb = False
    for i, token in enumerate(tokens):
        before = tokens[i - 1] if i else None
        after = tokens[i + 1] if i + 1 < len(tokens) else None
        if (
            token.tag in {";", ":"}
            or (token.tag == "," and not clause_has_verb)
            or token.tag == "WDT"
            or token.low in w.SUBORDINATORS
        ):
            clause_has_verb = clause_has_verb and token.tag == ","
        if token.tag in {"VBZ", "VBP", "VBD", "MD"}:
            clause_has_verb = True
        if (
            clause_has_verb
            or not before
            or not after
            or token.tag not in {"NN", "NNS", "VB", "JJ"}
            or token.low in _CLOSED
        ):
            continue
        subject = _previous_word(tokens, i)
        if subject is None or after.tag not in _AFTER_VERB:
            continue
        plural = (
            subject.tag in {"NNS", "NNPS"}
            or subject.low in {"they", "we", "both", "which", "that", "who", "some", "many", "most"}
            or subject.tag == ")"
        )
        singular = subject.tag in {"NN", "NNP", "PRP", "WDT"} or subject.tag in {")", ","}
        if (token.tag in {"NN", "VB", "JJ"} and token.low in w.VERB_BASES and plural and subject.tag not in {","}) or (
            token.tag == "VB" and subject.tag in {"NNS", "NNPS", "WDT"}
        ):
            token.tag = "VBP"
            clause_has_verb = True
        elif (
            token.tag == "NNS"
            and token.low in _VERB_S
            and singular
            and subject.tag not in {"JJ", "DT", "CD"}
            and (
                after.tag in {"DT", "PRP$", "CD", "RB", "RBR", "PRP", "JJ", "JJR", "TO"}
                or (after.tag in {"IN"} and after.low not in {"of"})
                or (after.tag in {"NN", "NNS", "NNP"})
            )
        ):
            token.tag = "VBZ"
            clause_has_verb = True
