"""What a statement denies and its passage affirms, and the other way round."""

from __future__ import annotations

import itertools
from collections import Counter

from sessions_app.domain.claim_forms import forms_of
from sessions_app.domain.claim_text import TokenText, is_small, knows_root, root_in
from sessions_app.domain.questions.text import WORD, fold
from tutor_project.language import Language

_SHARED_BY_CLAUSES = 2


def denied_otherwise(said: TokenText, shown: TokenText, close: bool) -> list[str]:
    """Return a word that the statement denies and the passage affirms; in a near-verbatim one, also the other way round."""
    found = {
        word
        for word in _denied(said)
        if knows_root(word, shown.roots)
        and not knows_root(word, _perhaps_denied(shown))
        and not _in_contrast(word, said, shown)
    }
    if close:
        known = _perhaps_denied(said)
        found |= {word for word in _denied(shown) & said.roots if not knows_root(word, known)}
    return [f"{word} is denied in one of the two only" for word in sorted(found)]


def denies_alone(said: TokenText, shown: TokenText) -> list[str]:
    """Return that a statement denies what its passage, which denies nothing in any way, affirms."""
    deny = ("denying_words", "implied_negations", "near_negations", "noun_negations")
    if shown.denials or any(shown.uses(name) for name in deny):
        return []
    shared = Counter(token.clause for token in said.tokens if shown.has(token))
    alone = any(shared[clause] >= _SHARED_BY_CLAUSES for clause, _ in said.denials)
    return ["the passage denies nothing"] if alone else []


def subject_denied(said: TokenText, shown: TokenText) -> list[str]:
    """Return that a passage says of none ("Neither side …") what a statement that denies nothing says of some."""
    first = next(iter(WORD.findall(shown.text)), "")
    denied = fold(first) in {fold(word) for word in shown.tongue.phrases("noun_negations")}
    return ["the passage says it of none"] if denied and not said.denials else []


def affirmed(said: TokenText, shown: TokenText) -> list[str]:
    """Return two words that the passage denies together ("without warning signs") and the statement, which denies nothing, has so."""
    if said.denials:
        return []
    mine = set(itertools.pairwise(token.root for token in said.tokens))
    return [f"{one} {other} is denied in the passage" for one, other in shown.denied_pairs if (one, other) in mine]


def odd_denials(said: TokenText, shown: TokenText) -> list[str]:
    """Return that a near-verbatim statement denies more often, or less, than the clauses it takes its words from."""
    set_aside = forms_of(said.tongue).set_aside
    if any(set_aside.search(passage.text) for passage in (said, shown)):
        return []  # "instead of grinding" denies as "does not grind" does
    mine, theirs = _common_denials(said, shown), _common_denials(shown, said)
    return ["one of the two denies more than the other"] if mine != theirs else []


def _common_denials(passage: TokenText, other: TokenText) -> int:
    """Return how often a passage denies a word of another, in clauses that share two words with it."""
    shared = Counter(token.clause for token in passage.tokens if token.root in other.roots)
    return sum(
        shared[clause] >= _SHARED_BY_CLAUSES and knows_root(denied, other.roots) for clause, denied in passage.denials
    )


def _perhaps_denied(passage: TokenText) -> set[str]:
    """Return all words in the reach of a denial and its subject: "the price is not named" denies a price as "no price" does."""
    forms, tongue = forms_of(passage.tongue), passage.tongue
    reach = {root_in(word, tongue) for match in forms.denied.finditer(passage.text) for word in WORD.findall(match[1])}
    reach |= {
        root_in(word, tongue) for match in forms.set_aside.finditer(passage.text) for word in WORD.findall(match[1])
    }
    return reach | {root_in(match[1], tongue) for match in forms.subject_denied.finditer(passage.text)}


def _in_contrast(word: str, said: TokenText, shown: TokenText) -> bool:
    """Tell whether the passage says the word of one thing and sets against it the thing that the statement speaks of."""
    parts = [TokenText(part, shown.tongue).roots for part in forms_of(shown.tongue).contrast.split(shown.text)]
    if len(parts) < 2:
        return False
    own = said.roots - {word}
    affirmed = frozenset().union(*(part for part in parts if word in part))
    return any(word not in part and own & part - affirmed for part in parts)


def _denied(passage: TokenText) -> set[str]:
    """Return the roots of what the denials of a passage deny: the first word behind each that can be denied."""
    tongue = passage.tongue
    following = (WORD.findall(match[1]) for match in forms_of(tongue).denied.finditer(passage.text))
    told = ([word for word in words if _can_be_denied(word, tongue)] for words in following)
    return {root_in(words[0], tongue) for words in told if words}


def _can_be_denied(word: str, tongue: Language) -> bool:
    low = fold(word)
    standing_in = low in tongue.phrase_set("indefinite_pronouns")
    return not is_small(word, tongue) and not standing_in and not low.endswith(tongue.phrases("adverb_endings"))
