"""Reading form of stored text, and keys that equate the inflected forms of English words."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from tutor_project.language import language

_HYPHENS = "-\u00ad\u2010\u2011\ufffe\x02"
_LINE_HYPHEN = re.compile(rf"(?<=[^\W\d_])[{_HYPHENS}][ \t]*\r?\n[ \t]*(?=[a-zß-öø-ÿ])")
_COMPOUND_TAIL = re.compile(
    r"(?:based|bound|like|gated|term|level|shaped|known|specific|free|rich|called|made|driven|dependent|sized|wide|"
    r"related|existing|scale|time|order|step|point|side|dimensional|coupled|celled|negative|positive|induced)\b"
)
_LINK = re.compile(r"!?\[([^\[\]\n]*)\]\((?:[^()\s]|\([^()\s]*\))*\)")
_EMPHASIS = re.compile(r"(?<![\w*])(\*{1,3}|__)(?=\S)([^*\n]+?)(?<=\S)\1(?![\w*])")
_SUPERSCRIPT = re.compile(r"[\^~]([\w+\-−]{1,12})[\^~]")
_SPACE = re.compile(r"\s+")
WORD = re.compile(r"[^\W\d_]+(?:['’.\-‑/–](?=[^\W_])[^\W\d_]*\d*)*\d*[+⁺]?|\d+(?:[.,]\d+)*%?")


def reading_form(text: str) -> str:
    """Return ``text`` as a reader sees it: one line, words joined over line ends, links and emphasis unwrapped."""
    if "\n" in text:
        text = _LINE_HYPHEN.sub(lambda m: "-" if _COMPOUND_TAIL.match(m.string, m.end()) else "", text)
    if "](" in text:
        text = _LINK.sub(r"\1", text)
    if "*" in text or "__" in text:
        text = _EMPHASIS.sub(r"\2", text)
    if "^" in text or "~" in text:
        text = _SUPERSCRIPT.sub(r"\1", text)
    return _SPACE.sub(" ", text).strip()


def is_content_word(word: str) -> bool:
    """Tell whether a word carries a topic: no number, no function word, no bare adverb or everyday verb of English."""
    lowered = word.lower().replace("’", "'")
    if len(lowered) < 2 or lowered[0].isdigit():
        return False
    return lowered not in _idle_words() and not lowered.endswith("n't")


@lru_cache(maxsize=1)
def _idle_words() -> frozenset[str]:
    english = language("en")
    return english.stop_words | english.phrase_set("common_verbs")


_IRREGULAR = {
    "men": "man", "women": "woman", "children": "child", "feet": "foot", "teeth": "tooth", "mice": "mouse",
    "geese": "goose", "people": "person", "lives": "life", "wolves": "wolf", "leaves": "leaf", "halves": "half",
    "knives": "knife", "shelves": "shelf", "selves": "self", "criteria": "criterion", "phenomena": "phenomenon",
    "vertices": "vertex", "matrices": "matrix", "indices": "index", "axes": "axis", "bacteria": "bacterium",
    "mitochondria": "mitochondrion", "archaea": "archaeon", "strata": "stratum", "spectra": "spectrum",
    "quanta": "quantum", "genera": "genus", "dice": "die", "oxen": "ox", "data": "data", "species": "species",
    "series": "series", "media": "medium", "curricula": "curriculum", "ganglia": "ganglion", "flagella": "flagellum",
    "cilia": "cilium", "septa": "septum", "ova": "ovum", "sera": "serum", "phyla": "phylum", "taxa": "taxon",
    "automata": "automaton", "polyhedra": "polyhedron", "maxima": "maximum", "minima": "minimum", "optima": "optimum",
    "momenta": "momentum", "equilibria": "equilibrium", "symposia": "symposium", "millennia": "millennium",
    "memoranda": "memorandum", "errata": "erratum", "addenda": "addendum", "corpora": "corpus",
    "opera": "opera", "foramina": "foramen", "sulci": "sulcus", "gyri": "gyrus", "nuclei": "nucleus", "vortices": "vortex",
    "appendices": "appendix", "radii": "radius", "foci": "focus", "loci": "locus", "stimuli": "stimulus", "fungi": "fungus",
    "referenda": "referendum", "epithelia": "epithelium", "crises": "crisis",
}  # fmt: skip
_USE = re.compile(
    r"^(?:re|mis|over|ab|ex|un|dis|multi)?uses$|(?:cause|clause|pause|house|mouse|spouse|blouse|grouse|louse|douse|fuse|"
    r"muse|cuse|peruse|ruse|cluse)s$"
)
_LATIN_I = re.compile(r"(?:cle|mul|ung|cill|cocc|oc|rad|umn|fil|vill|lob|alc|lumn|rom|mer|agell|uscul|rhomb|tor)i$")


@lru_cache(maxsize=65536)
def singular(word: str) -> str:
    """Return the singular of a lower-case English word (the word itself if it is none that rules can tell)."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < 4 or not word.isascii():
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zzes")):
        return word[:-2]
    if word.endswith(("yses", "heses", "eses")) and len(word) > 6:
        return word[:-2] + "is"
    if word.endswith("uses") and len(word) > 5 and (word == "viruses" or not _USE.search(word)):
        return word[:-2]
    if word.endswith("s") and word[-2] not in "sui'":
        return word[:-1]
    if word.endswith("ae") and len(word) > 4:
        return word[:-1]
    if _LATIN_I.search(word):
        return word[:-1] + "us"
    return word


_SUFFIXES = (
    "ization", "isation", "ational", "fulness", "ousness", "iveness", "ically", "ating", "ation", "ition", "ators",
    "ator", "ative", "ities", "ments", "ement", "ingly", "ments", "ised", "ized", "izing", "ising", "ment", "ness",
    "able", "ible", "ance", "ence", "tion", "sion", "ally", "ized", "ity", "ies", "ied", "ing", "ion", "ate", "ive",
    "ous", "ial", "ual", "ise", "ize", "ic", "al", "ly", "ed", "er", "or", "es", "e", "y", "s",
)  # fmt: skip


@lru_cache(maxsize=131072)
def key(word: str) -> str:
    """Return the form under which ``word`` is counted and compared: case folded, singular, accents kept."""
    lowered = unicodedata.normalize("NFKC", word).lower().replace("’", "'").replace("‑", "-")
    if lowered.endswith("'s"):
        lowered = lowered[:-2]
    return singular(lowered)


@lru_cache(maxsize=131072)
def stem(word: str) -> str:
    """Return a crude stem that equates most derivations ("divide", "divided", "division" share four letters or more).

    Longest-suffix removal with a minimum of four remaining letters, once; meant for matching, not for display.
    """
    base = key(word)
    if len(base) < 5 or not base.isascii() or not base.isalpha():
        return base
    for suffix in _SUFFIXES:
        if base.endswith(suffix) and len(base) - len(suffix) >= 4:
            base = base[: -len(suffix)]
            break
    if len(base) > 4 and base[-1] == base[-2] and base[-1] not in "ls":
        base = base[:-1]
    return base[:-1] if len(base) > 4 and base[-1] in "ei" else base


def content_stems(text: str) -> list[str]:
    """Return the stems of the content words of ``text``, in order, with repetitions; numbers stay as written."""
    return [
        stem(m[0]) if not m[0][0].isdigit() else m[0]
        for m in WORD.finditer(text)
        if m[0][0].isdigit() or is_content_word(m[0])
    ]
