"""Whether a part cut from a sentence is understood without the text around it, and whether what is asked of it fits it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from documents_app.domain.matter.standing import may_be_verb
from documents_app.domain.matter.types import Matter
from sessions_app.engine.questions.subjects import verb_of
from tutor_project.language import Language, Word

_EMPTY = ("generic_nouns", "relational_nouns")
_NAMED_BY_THE = frozenset({"en"})
"""Languages in which an article that points to one thing does not speak of the kind: "the video" was named before."""
_FIRST_NOUN = 2
"""Place of the noun of a subject, behind its article and the link of its clause."""
_LEAST_CLAUSE = 3
"""Words of the shortest clause with a subject and verb of its own."""
_AT_END = 4
"""So many words at the end of a claim are searched for a verb to which the next clause belongs."""
_LEAST_NEW = 2
"""Content words that the consequence of a rule adds to its condition."""
_LEAST_OF_THE_SAME, _SUBJECT_WITHIN = 4, 2
"""Content words that it adds where a pronoun among its first words is its subject: fewer only name what was told of that."""


def opens_a_repetition(text: str, tongue: Language) -> bool:
    """Tell whether a text begins with words that only tie it to, or repeat, what stands before it: "that is, …"."""
    openers = tongue.alternatives("restating_openers", "consequence_openers", "reason_openers", "removable_openers")
    return re.match(rf"(?:{openers}),? ", text.replace("’", "'"), re.IGNORECASE) is not None


def up_to_next_clause(text: str, matter: Matter) -> str:
    """Return a clause up to the comma behind which a conjunction begins another one."""
    return text[: next((start for start, _ in _next_clauses(text, matter)), len(text))]


def last_clause(text: str, matter: Matter) -> str:
    """Return what stands behind the last comma and conjunction that begin another clause; all of a text without."""
    return text[max((end for _, end in _next_clauses(text, matter)), default=0) :]


def _next_clauses(text: str, matter: Matter) -> Iterator[tuple[int, int]]:
    """Yield where a comma and a conjunction begin another clause: one with a subject and verb of its own, or a condition."""
    tongue = matter.language
    joints = tongue.alternatives("conjunctions", "objecting_words")
    links = tongue.mapping("clause_relations").get("fronted_condition", "")
    for joint in re.finditer(rf", (?:{joints}) ", text):
        rest = text[joint.end() :]
        if len(rest.split()) < _LEAST_CLAUSE:
            continue  # "not once, but seven times"
        first = rest.split(" ", 1)[0].lower()
        is_condition = bool(links) and re.match(rf"(?:{links}) ", rest) is not None
        if first in tongue.mapping("subject_pronouns") or is_condition or verb_of(rest, matter) is not None:
            yield joint.span()


def says_several(claim: str, matter: Matter) -> bool:
    """Tell whether a claim says several things, of which a reason may explain the last alone: a series, or two verbs joined."""
    tongue = matter.language
    joints = tongue.alternatives("conjunctions")
    if re.search(rf", [^,]+,? (?:{joints}) ", claim):
        return True
    behind = (claim[joint.end() :].split(" ", 1)[0].lower() for joint in re.finditer(rf" (?:{joints}) ", claim))
    return any(may_be_verb(word.strip(",;:.()"), tongue, matter.verbs) for word in behind)


def names_some(answer: str, tongue: Language) -> bool:
    """Tell whether an answer only names some of many cases: three or more, joined by "or"."""
    either = tongue.phrase_set("conjunctions") & tongue.phrase_set("other_name_links")
    return any(re.search(rf", [^,]+,? {re.escape(word)} ", answer) for word in either)


def points_to_the_unnamed(text: str, matter: Matter) -> bool:
    """Tell whether an article points to a thing that only the text around names: "the process", "the video"."""
    tongue = matter.language
    words = tongue.words(text)
    pointing = tongue.phrase_set("determiners") - tongue.phrase_set("indefinite_articles")
    return any(
        word.text.lower() in pointing and _is_bare(words, at + 1, text, matter) and _is_unnamed(words, at + 1, matter)
        for at, word in enumerate(words[:-1])
    )


def _is_bare(words: list[Word], at: int, text: str, matter: Matter) -> bool:
    """Tell whether the word at a place is a noun that nothing behind it tells more of."""
    tongue, verbs = matter.language, matter.verbs
    if at + 1 == len(words):
        return True
    following = words[at + 1]
    if may_be_verb(following.text.lower(), tongue, verbs):
        return True
    apart = text[words[at].end : following.start] != " "
    telling = tongue.phrase_set("noun_leads") | tongue.phrase_set("inner_words") | tongue.phrase_set("relative_words")
    lowered = following.text.lower()
    return apart or (tongue.is_stop_word(lowered) and lowered not in telling)


def _is_unnamed(words: list[Word], at: int, matter: Matter) -> bool:
    tongue = matter.language
    stem = tongue.stem(words[at].text)
    if stem in {tongue.stem(word.text) for word in words[: at - 1]}:
        return False
    term = matter.term_of.get((stem,))
    if term is not None and not term.is_plain:
        return False
    if any(stem in tongue.stem_set(name) for name in _EMPTY):
        return True
    return at <= _FIRST_NOUN and term is None and tongue.tag in _NAMED_BY_THE


def compares_with_the_unsaid(text: str, tongue: Language) -> bool:
    """Tell whether a text says that something is more, or cheaper, without saying than what: "the best" says it."""
    words = [word.text.lower() for word in tongue.words(text)]
    pointing = tongue.phrase_set("determiners") - tongue.phrase_set("indefinite_articles")
    compared = tongue.phrase_set("comparatives")
    than = tongue.phrase_set("than_words")
    return any(
        word in compared and words[at - 1] not in pointing and than.isdisjoint(words[at + 1 :])
        for at, word in enumerate(words)
    )


def is_done_for(claim: str, matter: Matter) -> bool:
    """Tell whether "what for?" can be asked of a claim: it tells of an action, and no "way" or "necessary" at its end needs the answer."""
    tongue = matter.language
    words = [word.text.lower() for word in tongue.words(claim)]
    if not tongue.phrase_set("purpose_governors").isdisjoint(words[-2:]):
        return False
    auxiliaries = tongue.phrase_set("auxiliaries")
    acts = any(word not in auxiliaries and may_be_verb(word, tongue, matter.verbs) for word in words[1:])
    return acts or auxiliaries.isdisjoint(words)


def asks_whether(claim: str, tongue: Language) -> bool:
    """Tell whether a claim ends with a verb of knowing: an "if" behind it means "whether" and is no condition."""
    words = [word.text.lower() for word in tongue.words(claim)]
    return not tongue.phrase_set("whether_verbs").isdisjoint(words[-_AT_END:])


def is_rule(condition: str, consequence: str, matter: Matter) -> bool:
    """Tell whether "if …, …" states a law: a clause about things, not what people do or once did, and something that follows."""
    tongue = matter.language
    words = [word.text.lower() for word in tongue.words(condition)]
    if not tongue.phrase_set("people_words").isdisjoint(words) or _is_of_the_past(condition, tongue):
        return False
    if _names_somebody(condition, matter) or words[1].endswith(tongue.phrases("present_participle_endings")):
        return False  # "When talking about …": no clause
    empty = frozenset[str]().union(*map(tongue.stem_set, _EMPTY))
    new = set(tongue.content_stems(consequence)) - set(tongue.content_stems(condition)) - empty
    vague = tongue.phrase_set("vague_frequencies") | tongue.phrase_set("hedging_verbs")
    if not vague.isdisjoint(word.text.lower() for word in tongue.words(consequence)):
        return False
    same = not tongue.mapping("subject_pronouns").keys().isdisjoint(consequence.lower().split()[:_SUBJECT_WITHIN])
    return len(new) >= (_LEAST_OF_THE_SAME if same else _LEAST_NEW) and not points_at_neighbours(consequence, tongue)


def points_at_neighbours(text: str, tongue: Language) -> bool:
    """Tell whether a text points to something ("this", "these") that it does not name."""
    pointing = tongue.mapping("demonstratives").keys()
    return not pointing.isdisjoint(word.text.lower() for word in tongue.words(text))


def _is_of_the_past(clause: str, tongue: Language) -> bool:
    words = [word.text.lower() for word in tongue.words(clause)]
    endings = tuple(tongue.mapping("verb_shape").get("numberless_endings", "").split())
    if not endings or not tongue.phrase_set("auxiliaries").isdisjoint(words):
        return False
    return any(word.endswith(endings) for word in words[1:])


def _names_somebody(text: str, matter: Matter) -> bool:
    """Tell whether a name that is no term of the material stands inside: a story or an example tells of it."""
    tongue = matter.language
    if tongue.mapping("noun_shape").get("capitals") == "yes":
        return False
    inside = (word.text for word in tongue.words(text)[1:])
    named = (word for word in inside if word[:1].isupper() and word[1:].islower())
    return any((tongue.stem(word),) not in matter.term_of for word in named)
