"""What a statement in somebody's own words may not do to the passage it rests on: change who, how many, which way or in what order.

A paraphrase shares few words with its passage, so sharing words proves nothing and lacking them refutes nothing. What is
found here are the ways in which a statement that does use the passage's words says something else: numbers, opposites and
names that changed places, a subject put in place of another, a denial added or lost. Linear in the length of both, apart
from the alignment of near-verbatim statements, whose length is bounded.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Collection, Sequence
from difflib import SequenceMatcher
from functools import lru_cache

from sessions_app.domain.claim_denials import affirmed, denied_otherwise, denies_alone, odd_denials, subject_denied
from sessions_app.domain.claim_forms import forms_of
from sessions_app.domain.claim_text import Token, TokenText, is_small, longest_common, read_text, root_in, tongue_of
from sessions_app.domain.claim_values import ENOUGH_TO_ALIGN, at_one_end, misplaced, of_another, other_measure
from sessions_app.domain.questions.text import WORD, clean, fold, root

NEAR_VERBATIM = 0.7
"""Share of a statement's words from which on it is read as the passage's own sentence, changed or not."""
ABOUT_THE_SAME = 0.5
_DENIES_THE_SAME = 0.6
_OF_THE_SECTION = 0.3
"""Share of a statement's words from its section that stands in for a word of the quoted sentence itself."""
_SPEAKS_OF = 0.4
"""Share from which on a statement speaks of what the passage speaks of."""
_TOUCHES = 0.25
"""Share from which on a statement has to do with its passage."""
LEAST_IN_COMMON = 0.1
"""Share of a statement's words that the section of its passage uses too; with less it speaks of something else."""
MOST_TOKENS = 30
_NEARLY_ALL = 0.75
_HEDGED_SHARE = 0.4
_IN_COMMON = 0.5
"""Share of the words of two answers from which on they say the same but for a word or the order."""
_BEGINS = re.compile(r"(?:^|[.!?:]\s|[\n\u201c\u201e\u00ab\"(\u00bf\u00a1])\s*$")
_NOUNS_CAPITAL = 0.22
"""Share of words with a capital within a sentence from which on capitals are those of nouns, not of names."""


def claim_faults(
    statement: str, passages: Sequence[str], context: str = "", *, ordered: bool = True, whole: bool = True
) -> list[str]:
    """Return what the statement changes of ``passages``, a phrase each; empty when nothing is found.

    ``context`` is what stands around the passages (neighbours, titles): numbers and names may come from there. A question
    has not the order of a statement: then ``ordered`` is false, and places are not compared. An answer alone is no ``whole``
    statement: what it leaves unsaid is not held against it.
    """
    around = read_text(f"{' '.join(passages)} {context}")
    said, shown = TokenText(statement, around.tongue), read_text(" ".join(passages), around.tongue)
    shared = _shares(said, shown)
    close = shared >= NEAR_VERBATIM and len(said.tokens) >= 3
    faults = [f"the number {token.form} is not there" for token in said.tokens if _is_foreign(token, around, close)]
    faults += misplaced(said, shown, around, opposites=shared >= _SPEAKS_OF)
    if shared >= _TOUCHES:
        faults += other_measure(said, shown)
    if shared >= _DENIES_THE_SAME:
        faults += denied_otherwise(said, shown, close)
    if whole:
        faults += _left_out_or_added(said, shown, shared, close)
    if ordered:
        faults += _reordered(said, shown, around, shared, close)
    return list(dict.fromkeys(faults))


def _left_out_or_added(said: TokenText, shown: TokenText, shared: float, close: bool) -> list[str]:
    """Return what a statement denies or affirms of its passage, or says of more, by what it leaves out or adds."""
    faults = _goes_too_far(said, shown, shared)
    if shared >= _SPEAKS_OF:
        faults += affirmed(said, shown)
    if shared >= _DENIES_THE_SAME:
        faults += odd_denials(said, shown) + subject_denied(said, shown) + denies_alone(said, shown)
    return faults + (_other_modifier(said, shown) if close else [])


def _reordered(said: TokenText, shown: TokenText, around: TokenText, shared: float, close: bool) -> list[str]:
    """Return what a statement, by the order of its words, says otherwise than its passage."""
    faults: list[str] = []
    if shared >= ABOUT_THE_SAME:
        faults += _turned_round(said, shown) + _other_way(said, shown)
    if close or _all_there(said, shown):
        faults += _exchanged(said, shown)
    return faults + (_replaced_subject(said, shown, around) if close else []) + of_another(said, around)


def is_carried(statement: str, passages: Sequence[str], context: str = "") -> bool:
    """Return whether a statement may stand with ``passages`` as its evidence.

    It changes nothing of them, and speaks of what they, or the text around them, speak of.
    """
    around = read_text(f"{' '.join(passages)} {context}")
    said = TokenText(statement, around.tongue)
    if not said.tokens:
        return False
    quoted = any(read_text(passage, said.tongue).has(token) for passage in passages for token in said.tokens)
    enough = LEAST_IN_COMMON if quoted else _OF_THE_SECTION
    return _shares(said, around) >= enough and not claim_faults(statement, passages, context)


def _is_foreign(token: Token, around: TokenText, close: bool) -> bool:
    """Return whether a number stands nowhere near; words such as "three" count only in a near-verbatim statement."""
    if token.form.isdigit() and token.number is None:  # part of a name: "Apollo-13"
        return token.root not in around.roots
    if token.number is None or not (close or token.form[:1].isdigit()):
        return False
    return not any(math.isclose(token.number, own, rel_tol=1e-9) for own in around.numbers)


def _shares(said: TokenText, shown: TokenText) -> float:
    """Return the share of the statement's tokens that the passage has."""
    return sum(shown.has(token) for token in said.tokens) / len(said.tokens) if said.tokens else 0.0


def foreign_names(statement: str, shown: str) -> list[str]:
    """Return the names in a statement that are nowhere in ``shown``: capitals within a sentence.

    Where a language writes all nouns so, ``shown`` has capitals within its sentences at most words, and none is told.
    """
    known = _words_known(shown)
    if known is None:
        return []
    return [name for name in names_in(statement) if not {root(fold(part)) for part in name.split("-")} & known]


@lru_cache(maxsize=64)
def _words_known(shown: str) -> frozenset[str] | None:
    """Return the roots of the words of a text, None where most nouns in it have a capital."""
    words = WORD.findall(shown)
    if len(names_in(shown)) >= _NOUNS_CAPITAL * max(len(words), 1):
        return None
    return frozenset(root(fold(part)) for word in words for part in word.split("-"))


def names_in(text: str) -> list[str]:
    """Return the words of a text that are written as names: with a capital, but for those that begin a sentence and for "I"."""
    words = (match for match in WORD.finditer(text) if match[0][:1].isupper() and match[0] != "I")
    return [match[0] for match in words if not _BEGINS.search(text[max(match.start() - 6, 0) : match.start()])]


def _exchanged(said: TokenText, shown: TokenText) -> list[str]:
    """Return two words of a statement that stand in each other's places: exchanged, it would be the passage's sentence.

    A passive exchanges subject and object by right, so it is compared with a passive only.
    """
    if _is_passive(said) != _is_passive(shown):
        return []
    mine, theirs = ([[token] for token in passage.lettered[:MOST_TOKENS]] for passage in (said, shown))
    found = _exchanged_runs(said, mine, theirs)
    return found or (_exchanged_runs(said, *_joined(said, shown)) if _all_there(said, shown) else [])


def _exchanged_runs(said: TokenText, said_runs: list[list[Token]], shown_runs: list[list[Token]]) -> list[str]:
    mine, theirs = ([" ".join(token.root for token in run) for run in runs] for runs in (said_runs, shown_runs))
    theirs = [own for own in theirs if own in set(mine)]
    known = set(theirs)
    kept = longest_common(mine, theirs)
    place = [at for at, own in enumerate(mine) if own in known]
    if len(place) < ENOUGH_TO_ALIGN:
        return []
    for i, j in itertools.combinations(place, 2):
        one, other = said_runs[i][0], said_runs[j][0]
        if mine[i] == mine[j] or (one.number is None) != (other.number is None):
            continue
        exchange = {mine[i]: mine[j], mine[j]: mine[i]}
        turned = [exchange.get(own, own) for own in mine]
        gain = 1 if _are_letters(said, one.form, other.form) else 2  # neighbours that change places move one word only
        if longest_common(turned, theirs) >= max(kept + gain, _NEARLY_ALL * len(place)):
            return [f"{one.form} and {other.form} have changed places"]
    return []


def _are_letters(said: TokenText, one: str, other: str) -> bool:
    """Tell whether two letters stand apart by more than a comma or an "and", so that their order says something."""
    if len(one) > 1 or len(other) > 1:
        return False
    listed = said.tongue.alternatives("series_conjunctions")
    pair = rf"\b(?:{one}\W+(?:(?:{listed})\W+)?{other}|{other}\W+(?:(?:{listed})\W+)?{one})\b"
    return not re.search(pair, said.text, re.IGNORECASE)


def order_kept(option: str, key: str, passage: str) -> bool:
    """Return whether of two answers in nearly the same words the passage says ``option``, word after word, and not ``key``."""
    shown = TokenText(passage, tongue_of(passage))
    one, other = ([shown.own_root(token) for token in TokenText(text, shown.tongue).lettered] for text in (option, key))
    theirs = [token.root for token in shown.lettered]
    if len(one) < 2 or len(set(one) & set(other)) < _IN_COMMON * max(len(one), len(other)):
        return False
    return longest_common(one, theirs) == len(one) and longest_common(other, theirs) < len(other)


def told_together(one: str, other: str, passage: str) -> bool:
    """Return whether a passage names two answers only in one list, so that what it says of one it says of the other."""
    shown = clean(passage)
    tongue = tongue_of(passage)
    joints = tongue.alternatives("series_conjunctions")
    small = tongue.alternatives("determiners", "indefinite_articles")
    between = rf"(?:\s*,\s*|\s+)(?:(?:{joints})\s+)?(?:(?:{small})\s+)?"
    pair = "|".join(
        rf"\b{re.escape(a)}{between}{re.escape(b)}\b"
        for a, b in ((clean(one), clean(other)), (clean(other), clean(one)))
    )
    found = re.search(pair, shown, re.IGNORECASE)
    named = rf"\b{re.escape(clean(one))}\b"
    listed = found is not None and re.search(rf",|\b(?:{joints})\b", found[0], re.IGNORECASE)
    return bool(listed) and len(re.findall(named, shown, re.IGNORECASE)) == 1


def _replaced_subject(said: TokenText, shown: TokenText, around: TokenText) -> list[str]:
    """Return the words a statement begins with where the passage's sentence begins with others."""
    if forms_of(said.tongue).adjunct_first.match(said.text):
        return []
    mine, theirs = ([token.root for token in passage.tokens[:MOST_TOKENS]] for passage in (said, shown))
    for tag, a, b, c, d in SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes():
        if tag == "equal":
            return []
        if a == 0:
            new = [
                said.tokens[i] for i in range(a, b) if said.tokens[i].number is None and not shown.has(said.tokens[i])
            ]
            if tag == "replace" and len(new) == b - a <= 4 and all(around.has(token) for token in new) and d > c:
                return [f"{new[0].form} where the passage has {shown.tokens[c].form}"]
            return []
    return []


def _turned_round(said: TokenText, shown: TokenText) -> list[str]:
    """Return a word after which the statement has what the passage has before it, and the other way round.

    What stands on either side of a verb says who does it to whom; a passive turns that round by right.
    """
    fronted = forms_of(said.tongue).adjunct_first
    if _is_passive(said) != _is_passive(shown) or fronted.match(said.text) or fronted.match(shown.text):
        return []
    for at, pivot in enumerate(said.tokens):
        spots = [i for i, own in enumerate(shown.tokens) if own.form == pivot.form]
        if len(spots) != 1 or not _may_turn(pivot, said, shown):
            continue
        before, after = _sides(said, at)
        had_before, had_after = _sides(shown, spots[0])
        listed_before = frozenset(token.root for token in shown.tokens[: spots[0]])
        swapped = (before & had_after - listed_before, after & listed_before - had_after)
        beside = {token.root for token in (*said.tokens[max(at - 1, 0) : at], *said.tokens[at + 1 : at + 2])}
        if (
            all(swapped)
            and beside & (swapped[0] | swapped[1])
            and not before & had_before
            and not _resumed(pivot, shown)
        ):
            return [f"what stands before and after {pivot.form} has changed places"]
    return []


def _is_passive(passage: TokenText) -> bool:
    """Tell whether something in the passage is done by somebody."""
    return bool(forms_of(passage.tongue).passive.search(passage.text))


def _may_turn(pivot: Token, said: TokenText, shown: TokenText) -> bool:
    """Tell whether a word may be a verb, in the same voice on both sides."""
    word = pivot.number is None and pivot.form.isalpha() and not pivot.form.isupper()
    return word and _suffers(pivot, said) == _suffers(pivot, shown)


def _suffers(pivot: Token, passage: TokenText) -> bool:
    """Tell whether a verb stands in the passive, whoever does it."""
    return bool(
        re.search(rf"{forms_of(passage.tongue).suffering}{re.escape(pivot.form)}\b", passage.text, re.IGNORECASE)
    )


def _resumed(pivot: Token, shown: TokenText) -> bool:
    """Tell whether a pronoun behind the word takes up what stands before it ("capture the energy and store it")."""
    resuming = shown.tongue.alternatives("resuming_pronouns")
    return bool(re.search(rf"\b{re.escape(pivot.form)}\s+(?:{resuming})\b", shown.text, re.IGNORECASE))


def _sides(passage: TokenText, at: int) -> tuple[frozenset[str], frozenset[str]]:
    """Return the roots before and after a token within its clause."""
    clause = passage.tokens[at].clause
    clause_mates = [(i, token.root) for i, token in enumerate(passage.tokens) if token.clause == clause]
    before = (root_ for i, root_ in clause_mates if i < at and passage.tokens[i].number is None)
    after = (root_ for i, root_ in clause_mates if i > at and passage.tokens[i].number is None)
    return frozenset(before), frozenset(after)


def _other_way(said: TokenText, shown: TokenText) -> list[str]:
    """Return a word to which the statement leads and from which the passage comes, or the other way round."""
    mine, theirs = _led(said), _led(shown)
    faults = []
    for word, ways in mine.items():
        had = theirs.get(word, set())
        if len(ways) == 1 and len(had) == 1 and ways != had and None not in ways | had:
            faults.append(f"{word} is where it goes in one and where it comes from in the other")
    return faults


def _led(passage: TokenText) -> dict[str, set[str]]:
    """Return for the nouns behind a word of direction whether it is the start or the goal."""
    forms = forms_of(passage.tongue)
    found: dict[str, set[str]] = {}
    for match in forms.directed.finditer(passage.text):
        way = forms.ways[(match["way"] or match["way_of_things"]).casefold()]
        for word in (match["first"], match["second"]):
            if word and not is_small(word, passage.tongue):
                found.setdefault(root_in(word, passage.tongue), set()).add(way)
    return found


def _other_modifier(said: TokenText, shown: TokenText) -> list[str]:
    """Return what tells a thing apart where the near-verbatim passage has another word: the same order, the reverse order."""
    faults = []
    for thing, mine in said.told_apart.items():
        had = shown.told_apart.get(thing, mine)
        alike = any(at_one_end(one, other) for one in mine for other in had)
        if not alike and not any(other.root in said.roots for other in had):
            faults.append(f"{mine[0].form} {' '.join(thing)} where the passage has {had[0].form}")
    return faults


def _joined(said: TokenText, shown: TokenText) -> tuple[list[list[Token]], list[list[Token]]]:
    """Return the words of a statement and of a passage, those together that stand side by side in both ("upper voices")."""
    both = _pairs(said) & _pairs(shown)
    return _runs(said.lettered[:MOST_TOKENS], both), _runs(shown.lettered[:MOST_TOKENS], both)


def _pairs(passage: TokenText) -> set[tuple[str, str]]:
    together = itertools.pairwise(passage.lettered)
    return {(one.root, other.root) for one, other in together if one.clause == other.clause and one.number is None}


def _runs(tokens: Sequence[Token], both: Collection[tuple[str, str]]) -> list[list[Token]]:
    runs: list[list[Token]] = []
    for token in tokens:
        if runs and (runs[-1][-1].root, token.root) in both:
            runs[-1].append(token)
        else:
            runs.append([token])
    return runs


def _all_there(said: TokenText, shown: TokenText) -> bool:
    """Tell whether the passage has every word and letter of a statement."""
    known = {token.root for token in shown.lettered}
    return len(said.lettered) >= ENOUGH_TO_ALIGN and all(token.root in known for token in said.lettered)


def _goes_too_far(said: TokenText, shown: TokenText, shared: float) -> list[str]:
    """Return that a statement says of all, or always, what its passage says of some, of most or of what may be."""
    if shared < _HEDGED_SHARE or not said.uses("universals") or said.uses("hedges"):
        return []
    if shown.uses("universals", qualified=False):
        return []
    return ["the passage does not say it of all"] if shared >= NEAR_VERBATIM or shown.uses("hedges") else []
