"""One object per language: its word lists, stems, lemmas, words and sentences.

English, German, Spanish, French and Portuguese are known in full. Any other language gets a generic object: words and
sentences by rules that hold for most scripts, no stop words, and stems that are the words themselves.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from threading import Lock

from tutor_project.language.folding import fold
from tutor_project.language.sentences import SentenceRules, split_sentences
from tutor_project.language.spelling import american
from tutor_project.language.wordlists import either, entries, word_set
from tutor_project.language.words import Word, find_words

UNKNOWN = "und"
"""The tag of text whose language is not known (BCP 47)."""
_NAMES = {"en": "English", "de": "Deutsch", "es": "español", "fr": "français", "pt": "português"}
_SNOWBALL = {"en": "english", "de": "german", "es": "spanish", "fr": "french", "pt": "portuguese"}
_ELIDING = frozenset({"fr", "it", "ca"})
FULL_LANGUAGES = tuple(_NAMES)
"""The tags of the languages that are known in full."""
_LIST_NAMED = re.compile(r"\{([a-z_]+)\}")
_CACHED_WORDS = 200_000
_MAX_WORD = 64
"""Characters of a word that are stemmed; what is longer is no word of prose."""


def language(tag: str | None) -> Language:
    """Return the language of a BCP 47 tag ("pt-BR" → "pt"); None and unknown tags give a generic one."""
    return _language(primary_subtag(tag))


def words_of_all(name: str) -> frozenset[str]:
    """Return the word list ``name`` of all languages that are known in full, for text whose language is not known yet."""
    return frozenset(word for tag in FULL_LANGUAGES for word in language(tag).phrases(name))


def pattern_of_all(name: str) -> re.Pattern[str]:
    """Return one pattern for what the list of patterns ``name`` of any full language finds."""
    known = (language(tag).patterns(name) for tag in FULL_LANGUAGES)
    return re.compile("|".join(one.pattern for patterns in known for one in patterns) or "(?!)", re.IGNORECASE)


def wording(tongue: Language, name: str) -> dict[str, str]:
    """Return the sentences of the list ``name`` in a language, in English where it has none."""
    return tongue.mapping(name) or language("en").mapping(name)


def primary_subtag(tag: str | None) -> str:
    """Return the language part of a tag in lower case, ``und`` for none."""
    return (tag or UNKNOWN).strip().replace("_", "-").split("-", 1)[0].lower() or UNKNOWN


@lru_cache(maxsize=256)
def _language(tag: str) -> Language:
    return Language(tag)


class Language:
    """What is known about one language. Immutable as seen from outside, safe to share between threads."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.name = _NAMES.get(tag, tag)
        self._stems: dict[str, str] = {}
        self._lemmas: dict[str, str] = {}
        self._lock = Lock()

    def __repr__(self) -> str:
        return f"Language({self.tag!r})"

    @property
    def is_full(self) -> bool:
        """Whether this is one of the languages that are known in full."""
        return self.tag in _NAMES

    @cached_property
    def head_first(self) -> bool:
        """Whether a name begins with what it names, and an adjective stands behind its noun."""
        return self.mapping("noun_shape").get("head") == "first"

    @cached_property
    def head_last(self) -> bool:
        """Whether a name ends with what it names; false, as ``head_first``, where that is not known."""
        return self.mapping("noun_shape").get("head") == "last"

    @cached_property
    def joins_nouns(self) -> bool:
        """Whether a name of several nouns is written as one word."""
        return self.mapping("noun_shape").get("joined") == "yes"

    @cached_property
    def decimal_mark(self) -> str:
        """What parts whole numbers from fractions: a comma unless the language says otherwise."""
        return self.mapping("number_shape").get("decimal_mark", ",")

    @cached_property
    def stop_words(self) -> frozenset[str]:
        """Words that say nothing about a topic, in lower case as written (with accents)."""
        return word_set(self.tag, "stop_words")

    @cached_property
    def question_words(self) -> frozenset[str]:
        """Words that begin a question, in lower case."""
        return word_set(self.tag, "question_words")

    @cached_property
    def negations(self) -> frozenset[str]:
        """Words that deny, in lower case."""
        return word_set(self.tag, "negations")

    @cached_property
    def abbreviations(self) -> frozenset[str]:
        """Abbreviations in lower case without their last stop, after which no sentence ends."""
        return self._sentence_rules.abbreviations

    def phrases(self, name: str) -> tuple[str, ...]:
        """Return the entries of the word list ``name`` in their order; empty when the language has no such list."""
        return entries(self.tag, name)

    @lru_cache(maxsize=256)  # noqa: B019 - languages live as long as the process
    def phrase_set(self, name: str) -> frozenset[str]:
        """Return the word list ``name`` as a set."""
        return frozenset(self.phrases(name))

    @lru_cache(maxsize=256)  # noqa: B019
    def alternatives(self, *names: str) -> str:
        """Return the source of a pattern that any entry of the word lists matches, longer ones first; none where all are empty."""
        return either(entry for name in names for entry in self.phrases(name))

    @lru_cache(maxsize=256)  # noqa: B019
    def patterns(self, name: str) -> tuple[re.Pattern[str], ...]:
        """Return the patterns of a list, one a line, in either case; ``{list}`` in a line stands for any entry of that list."""
        sources = (_LIST_NAMED.sub(lambda named: self.alternatives(named[1]), line) for line in self.phrases(name))
        return tuple(re.compile(source, re.IGNORECASE) for source in sources)

    @lru_cache(maxsize=256)  # noqa: B019
    def pattern(self, name: str) -> re.Pattern[str]:
        """Return one pattern for what any line of a list of patterns matches; without the list nothing is found by it."""
        return re.compile("|".join(known.pattern for known in self.patterns(name)) or "(?!)", re.IGNORECASE)

    @lru_cache(maxsize=256)  # noqa: B019
    def mapping(self, name: str) -> dict[str, str]:
        """Return the word list ``name`` whose lines are ``key = text``."""
        pairs = (line.split("=", 1) for line in self.phrases(name))
        return {key.strip(): text.strip() for key, text in pairs}

    def stem(self, word: str) -> str:
        """Return the folded stem of a word (Snowball), of either spelling of English; without a stemmer the folded word."""
        known = self._stems.get(word)
        if known is None:
            lowered = unicodedata.normalize("NFKC", word[:_MAX_WORD]).lower().replace("’", "'")
            with self._lock:  # a Snowball stemmer holds the word it works on
                known = self._remember(self._stems, word, fold(self._stemmer(lowered)))
        return known

    def lemma(self, word: str) -> str:
        """Return the dictionary form of a word ("went" → "go"); the word itself where none is known.

        The first call loads a dictionary of 20 MB (English) to 130 MB (Portuguese): prefer ``stem`` where it will do.
        """
        known = self._lemmas.get(word)
        if known is None:
            with self._lock:
                known = self._remember(self._lemmas, word, self._lemmatiser(word))
        return known

    def words(self, text: str) -> list[Word]:
        """Return the words and numbers of ``text``, each with its span, in order."""
        return find_words(text, elides=self.tag in _ELIDING)

    def content_words(self, text: str) -> list[Word]:
        """Return the words of ``text`` that are no stop words."""
        return [word for word in self.words(text) if not self.is_stop_word(word.text)]

    def head_of(self, name: str) -> str:
        """Return the word of a name that says what it is: of "spring tide" the last, of "agents of change" the first.

        Where the head stands last, what follows a preposition only says more of it. A name without a content word has none: ''.
        """
        words = name.split()
        if not self.head_first:
            inner = self.phrase_set("inner_words")
            words = words[: next((at for at, word in enumerate(words) if at and word.lower() in inner), len(words))]
        telling = self.content_words(" ".join(words)) or self.content_words(name)
        return (telling[0] if self.head_first else telling[-1]).text if telling else ""

    def content_stems(self, text: str) -> list[str]:
        """Return the folded stems of the words of ``text`` that are no stop words, in order."""
        return [self.stem(word.text) for word in self.content_words(text)]

    def stems(self, text: str) -> list[str]:
        """Return the folded stems of all words of ``text``, in order."""
        return [self.stem(word.text) for word in self.words(text)]

    @lru_cache(maxsize=256)  # noqa: B019
    def stem_set(self, name: str) -> frozenset[str]:
        """Return the folded stems of the word list ``name``."""
        return frozenset(map(self.stem, self.phrases(name)))

    def is_stop_word(self, word: str) -> bool:
        """Tell whether a word, however written, says nothing about a topic."""
        return word.lower().replace("’", "'").rstrip("'") in self.stop_words

    def sentences(
        self, text: str, start: int = 0, end: int | None = None, *, breaks: Sequence[int] = ()
    ) -> list[tuple[int, int]]:
        """Return the spans of the sentences of ``text[start:end]``, see ``split_sentences``."""
        return split_sentences(text, start, end, breaks=breaks, rules=self._sentence_rules)

    @cached_property
    def _sentence_rules(self) -> SentenceRules:
        return SentenceRules.for_tags([self.tag] if self.is_full else FULL_LANGUAGES)

    @cached_property
    def _stemmer(self) -> Callable[[str], str]:
        if self.tag not in _SNOWBALL:
            return str
        import snowballstemmer

        stem: Callable[[str], str] = snowballstemmer.stemmer(_SNOWBALL[self.tag]).stemWord
        return (lambda word: stem(american(word))) if self.tag == "en" else stem

    @cached_property
    def _lemmatiser(self) -> Callable[[str], str]:
        if not self.is_full:
            return str
        from simplemma import lemmatize

        return lambda word: str(lemmatize(word, lang=self.tag))

    def _remember(self, memory: dict[str, str], word: str, form: str) -> str:
        if len(memory) >= _CACHED_WORDS:
            memory.clear()
        memory[word] = form
        return form
