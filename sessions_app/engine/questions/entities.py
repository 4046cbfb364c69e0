"""The things the material speaks of: the pool that wrong options are drawn from."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sessions_app.domain.questions.text import content_roots, root
from sessions_app.engine.questions import words as w
from sessions_app.engine.questions.clauses import read_noun_phrase
from sessions_app.engine.questions.families import DOINGS
from sessions_app.engine.questions.tagging import Token, can_be_verb, lexicon_tag
from sessions_app.engine.questions.wording import strip_determiner

Embed = Callable[[Sequence[str]], npt.NDArray[np.float32]]

HUMAN_VERBS = frozenset(
    """proposed discovered argued described suggested showed wrote invented introduced published won observed
    coined identified isolated demonstrated claimed believed reported named formulated proved concluded
    classified studied designed painted composed ruled founded signed defeated conquered declared overthrew
    crowned reigned led commanded advised criticised criticized emphasised emphasized revived married died
    opposed defended wrote translated taught thought hypothesized hypothesised postulated theorized
    theorised predicted measured calculated constructed patented explained developed noted recognised
    recognized persuaded ordered refused resigned abdicated appointed succeeded invaded negotiated drafted
    preached founded explored sailed championed advocated rejected dissented ruled represented presented
    received""".split()
)
TITLES = frozenset(
    """lord sir king queen president emperor pope prince princess duke dr professor justice judge saint general
    captain""".split()
)
_PROCESS = re.compile(
    r"(?:(?:tion|sion|(?<!seg)(?<!ele)(?<!frag)(?<!fila)(?<!pig)(?<!docu)(?<!monu)(?<!instru)ment|ing|ance|ence|ism|lysis|genesis|phagy|taxis"
    r"|plasty|tomy|culture)s?|ity|ities|sis)$"
)
_PEOPLE = re.compile(r"(?:ists?|icians?|ologists?|ians?|ors|eers?|men|women|people|workers|children)$")


@dataclass(slots=True)
class Entity:
    """A noun phrase of the material: as shown (no article), number, kind, how often, where."""

    key: tuple[str, ...]
    surface: str
    plural: bool
    kind: str
    head: str
    count: int = 0
    subject_count: int = 0
    sections: set[int] = field(default_factory=set)
    sentences: set[int] = field(default_factory=set)
    is_term: bool = False
    names_something: bool = True
    vector: npt.NDArray[np.float32] | None = None


@dataclass(slots=True)
class _Mention:
    tokens: tuple[Token, ...]
    plural: bool
    subject: bool
    section: int
    sentence: int
    person: bool
    place: bool
    of: bool


class EntityPool:
    """All entities of a material, found by noun phrases; ``alike`` answers which could stand beside another as options."""

    def __init__(self) -> None:
        self._mentions: dict[tuple[str, ...], list[_Mention]] = defaultdict(list)
        self.entities: dict[tuple[str, ...], Entity] = {}
        self._beside: dict[tuple[str, ...], set[tuple[str, ...]]] = defaultdict(set)

    def read(self, tokens: Sequence[Token], *, section: int, sentence: int, subject_at: int | None) -> None:
        """Collect the noun phrases of one tagged sentence."""
        i = 0
        listed = list(tokens)
        while i < len(listed):
            phrase = read_noun_phrase(listed, i, prepositions=False)
            if phrase is None:
                i += 1
                continue
            end = phrase.core_end
            if phrase.conjoined:
                self._list(listed[phrase.start : end])
            else:
                before = listed[phrase.start - 1].low if phrase.start else ""
                end = _end_of_name(listed, phrase.core_end)
                after = listed[end] if end < len(listed) else None
                self._mention(
                    listed[phrase.start : end], phrase.plural, section, sentence, i == subject_at, before, after
                )
            i = max(end, i + 1)

    def _list(self, tokens: list[Token]) -> None:
        """Remember what is named side by side: "microtubules, microfilaments and …" are things of one kind."""
        pieces: list[list[Token]] = [[]]
        for token in tokens:
            if token.low in {"and", "or", ","}:
                pieces.append([])
            elif token.tag not in {"DT", "PRP$"}:
                pieces[-1].append(token)
        nouns = {"NN", "NNS", "NNP", "NNPS"}
        if len(pieces[-1]) > 1 and any(len(piece) == 1 for piece in pieces[:-1]):
            return  # "sensory and motor neurons": the first is no thing by itself
        keys = [content_roots(" ".join(t.text for t in piece)) for piece in pieces if piece and piece[-1].tag in nouns]
        for key in filter(None, keys):
            self._beside[key].update(other for other in keys if other and other != key)

    def kinship(self, a: tuple[str, ...], b: tuple[str, ...]) -> float:
        """Return how surely two things are of one kind by how the material lists them: 1 side by side, 0.5 beside a third, 0 unknown."""
        if b in self._beside.get(a, ()):
            return 1.0
        return 0.5 if self._beside.get(a, set()) & self._beside.get(b, set()) else 0.0

    def _mention(
        self,
        tokens: list[Token],
        plural: bool,
        section: int,
        sentence: int,
        subject: bool,
        before: str,
        after: Token | None,
    ) -> None:
        core = [token for token in tokens if token.tag not in {"DT", "PRP$", "RB", "CD"}]
        while core and core[0].low in _QUANTIFIERS | w.COORDINATORS | w.PREPOSITIONS:
            core = core[1:]
        named = any(token.low == "of" for token in core)
        if (
            not 1 <= len(core) <= (6 if named else 4)
            or core[-1].tag not in {"NN", "NNS", "NNP", "NNPS"}
            or len(core[-1].text) < 3
        ):
            return
        if core[0].low in {"term", "word", "name", "phrase"} and len(core) > 1:
            core = core[1:]
        if any(token.tag == "POS" or not token.text[0].isalpha() for token in core) or (
            core[0].tag in {"VBG", "VBN", "JJR", "JJS"} and len(core) > 1
        ):
            return
        text = " ".join(token.text for token in core)
        key = content_roots(text)
        if not key or is_hollow(core):
            return
        names = all(token.tag in {"NNP", "NNPS"} or token.low in {"of", "the"} for token in core)
        named_so = (
            tokens[0].tag != "DT"
            and not core[0].text.isupper()
            and (before == "by" or (after is not None and after.low in HUMAN_VERBS))
        )
        person = names and not plural and (core[0].low in TITLES or (named_so and not named))
        place = names and tokens[0].tag != "DT" and before in {"in", "from", "to", "across", "throughout", "near"}
        of = after is not None and (
            after.low == "of"
            or (after.tag == "VBZ" and not plural and can_be_verb(after.low) and lexicon_tag(after.low) == "NNS")
        )
        self._mentions[key].append(_Mention(tuple(core), plural, subject, section, sentence, person, place, of))

    def finish(self, terms: Iterable[str], embed: Embed | None, frequency: Mapping[str, int]) -> None:
        """Fix surfaces, kinds and vectors once everything was read. ``frequency``: in how many sentences a root stands."""
        term_keys = {content_roots(strip_determiner(term)) for term in terms}
        for key, mentions in self._mentions.items():
            subjects = sum(mention.subject for mention in mentions)
            if sum(mention.of for mention in mentions) * 2 > len(mentions) and key not in term_keys:
                continue  # the first half of a longer name: "coefficient (of friction)"
            if not subjects and len(mentions) < 3 and key not in term_keys:
                continue
            for plural in {mention.plural for mention in mentions}:
                of_number = [mention for mention in mentions if mention.plural == plural]
                surface = Counter(" ".join(token.text for token in mention.tokens) for mention in of_number)
                text = self._shown(key, of_number) or surface.most_common(1)[0][0]
                entity = Entity(key, text, plural, self._kind(of_number), root(of_number[0].tokens[-1].low))
                entity.count = len(of_number)
                entity.subject_count = sum(mention.subject for mention in of_number)
                entity.sections = {mention.section for mention in mentions}
                entity.sentences = {mention.sentence for mention in mentions}
                entity.is_term = key in term_keys
                last = of_number[0].tokens[-1]
                shell = last.low in w.SHELL_NOUNS and last.tag not in {"NNP", "NNPS"}
                in_compounds = len(key) == 1 and frequency.get(key[0], 0) > 5 * len(mentions)
                entity.names_something = (
                    not in_compounds
                    and (entity.is_term or not shell)
                    and (
                        len(key) > 1
                        or entity.is_term
                        or entity.kind in {"person", "place", "name"}
                        or entity.count >= 2
                    )
                )
                self.entities[(*key, "pl" if plural else "sg")] = entity
        if embed is not None and self.entities:
            listed = list(self.entities.values())
            for entity, vector in zip(listed, embed([entity.surface for entity in listed]), strict=True):
                entity.vector = vector

    def _shown(self, key: tuple[str, ...], mentions: list[_Mention]) -> str:
        forms = Counter(
            " ".join(
                token.text
                if token.tag in {"NNP", "NNPS"}
                or sum(c.isupper() for c in token.text) > 1
                or not token.text[0].isupper()
                else token.low
                for token in mention.tokens
            )
            for mention in mentions
        )
        return max(forms, key=lambda text: (forms[text], text)) if forms else ""

    @staticmethod
    def _kind(mentions: list[_Mention]) -> str:
        tokens = mentions[0].tokens
        if tokens[-1].tag in {"NNP", "NNPS"} and not (
            tokens[-1].text.isupper() or sum(c.isupper() for c in tokens[-1].text) > 2
        ):
            if tokens[-1].low in w.COUNTRIES:
                return "place"
            persons, places = sum(mention.person for mention in mentions), sum(mention.place for mention in mentions)
            if persons * 6 >= len(mentions) and persons > 2 * places and not tokens[-1].text.isupper():
                return "person"
            return "place" if sum(mention.place for mention in mentions) * 2 >= len(mentions) else "name"
        head = tokens[-1].low
        if _PEOPLE.search(head) and len(head) > 5:
            return "people"
        if (_PROCESS.search(head) and len(head) > 5) or head in DOINGS:
            return "process"
        return "thing"

    def find(self, text: str, plural: bool) -> Entity | None:
        """Return the entity a phrase names, or None."""
        key = content_roots(strip_determiner(text))
        return self.entities.get((*key, "pl" if plural else "sg"))

    def alike(
        self, surface: str, *, plural: bool, kind: str, section: int, document_sections: frozenset[int],
        vector: npt.NDArray[np.float32] | None, banned: frozenset[str], too_common: Callable[[tuple[str, ...]], bool] | None = None,
        own: Entity | None = None,
    ) -> list[tuple[float, Entity]]:  # fmt: skip
        """Return entities of the same number and kind, best first, none made of ``banned`` roots only.

        The score is the cosine to ``vector``, more for the same section and document, for being a term of the material and
        for about as many words; less for a bare general noun.
        """
        mine = set(content_roots(surface))
        often = max(10, 2 * own.count) if own is not None else 10
        scored: list[tuple[float, Entity]] = []
        for entity in self.entities.values():
            if entity.plural != plural or entity.kind != kind or not entity.subject_count + entity.is_term:
                continue
            theirs = set(entity.key)
            if (
                theirs <= mine
                or mine <= theirs
                or theirs <= banned
                or not entity.names_something
                or (len(theirs) == 1 and entity.count > often)
                or (too_common is not None and too_common(entity.key))
            ):
                continue
            similarity = float(entity.vector @ vector) if entity.vector is not None and vector is not None else 0.0
            score = similarity + 0.08 * (section in entity.sections) + 0.12 * bool(entity.sections & document_sections)
            score += 0.5 * self.kinship(content_roots(surface), entity.key)
            score += 0.08 * entity.is_term + 0.04 * min(entity.count, 5) / 5
            score -= 0.05 * abs(len(surface.split()) - len(entity.surface.split()))
            if kind in {"thing", "process"} and len(entity.key) == 1 and not entity.is_term and entity.count < 4:
                score -= 0.2
            scored.append((score, entity))
        near = [pair for pair in scored if pair[1].sections & document_sections]
        scored = near if len(near) >= 5 else scored
        scored.sort(key=lambda pair: (-pair[0], pair[1].surface))
        return scored


def is_hollow(tokens: Sequence[Token]) -> bool:
    """Whether a phrase names nothing by itself: a shell noun alone or with adjectives that single nothing out."""
    if tokens[-1].tag in {"NNP", "NNPS"}:
        return False
    telling = [
        token
        for token in tokens[:-1]
        if token.tag in {"NN", "NNP", "NNS"}
        or (token.tag in {"JJ", "VBG", "VBN"} and token.low not in w.EMPTY_ADJECTIVES)
    ]
    if tokens[-1].low in w.SHELL_NOUNS:
        return not any(token.tag in {"NN", "NNP", "NNS"} for token in telling)
    return len(tokens) > 1 and tokens[0].low in w.EMPTY_ADJECTIVES


def is_name_with_of(tokens: Sequence[Token], core_end: int, end: int) -> bool:
    """Whether tokens up to ``end`` are a name with "of" in it: Duke of Wellington, Committee of Public Safety."""
    return end > core_end + 1 and _end_of_name(tokens, core_end) == end


def _end_of_name(tokens: Sequence[Token], core_end: int) -> int:
    """Where a name that began before ``core_end`` ends when "of Name" follows."""
    if core_end + 1 >= len(tokens) or tokens[core_end - 1].tag != "NNP" or tokens[core_end].low != "of":
        return core_end
    i = core_end + 1
    if tokens[i].low == "the" and i + 1 < len(tokens):
        i += 1
    start = i
    while i < len(tokens) and tokens[i].tag in {"NNP", "NNPS"}:
        i += 1
    return i if i > start else core_end


_QUANTIFIERS = frozenset(
    """many most some several few other various certain such own same different numerous main first second
    third only single typical so-called first-discovered well-known known new newly further additional
    remaining resulting corresponding respective particular specific given""".split()
)
