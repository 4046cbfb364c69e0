"""Words of running text: reading form, tokens, function words, and keys that equate inflected forms.

English has the full treatment; other languages get tokens, their commonest function words and exact keys.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

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

ENGLISH_FUNCTION_WORDS = frozenset(
    """a an the this that these those it its itself he him his she her hers they them their theirs themselves we us our
    ours you your yours i me my mine who whom whose which what where when why how there here all any both each every
    either neither few fewer many more most much less least other others another some such same own several no none not
    nor only very too also just even still yet already again ever never often sometimes usually always generally mostly
    rather quite almost about above across after against along among amongst around as at before behind below beneath
    beside besides between beyond by despite down during except for from in inside into like near of off on onto out
    outside over past per since than through throughout to toward towards under until up upon via with within without
    and but or if while although though because unless whereas whether so then thus hence therefore however moreover
    furthermore nevertheless instead otherwise am is are was were be been being have has had having do does did done
    doing can could may might must shall should will would cannot ought one's it's don't doesn't isn't aren't wasn't
    weren't can't won't didn't hasn't haven't etc eg ie e.g i.e vs et al cf let's that's there's""".split()
)

GENERIC_WORDS = frozenset(
    """example examples number numbers type types kind kinds way ways part parts form forms thing things case cases
    people person result results use uses fact facts order point points time times term terms name names word words
    group groups set sets area areas level levels amount amounts degree range variety majority lot lots rest side sides
    end ends beginning figure figures table tables chapter chapters section sections page pages book books author
    authors reader readers paper papers article articles text study studies today year years day days week weeks month
    months century centuries hour hours minute minutes second seconds addition contrast comparison particular general
    common different various certain similar important main major minor large small great big little new old high low
    long short good bad first last next previous following known unknown possible able likely unlikely available
    present recent early late early later earlier second third fourth one two three four five six seven eight nine ten
    hundred hundreds thousand thousands million millions billion billions half quarter many percent average total idea
    ideas question questions answer answers problem problems reason reasons role roles effect effects change changes
    aspect aspects feature features factor factors element elements item items list instance instances purpose purposes
    approach approaches method methods process processes function functions system systems structure structures place
    places position line lines extent basis view views detail details information data evidence difference differences
    similarity similarities size sizes length shape shapes region regions member members source sources presence
    absence ability increase decrease development work works life world course subject topic topics material materials
    product products property properties condition conditions activity activities event events action actions
    single whole entire overall specific special significant simple complex basic additional typical larger smaller
    greater higher lower longer shorter better best worse largest smallest highest lowest oldest newest
    definition theorem lemma proof corollary remark proposition exercise problem solution equation abstract appendix
    nowadays above-mentioned so-called aforementioned however scientist scientists researcher researchers""".split()
)

EVERYDAY_NOUNS = frozenset(
    """human animal plant organism species body man woman child family person individual user student teacher population
    growth movement relationship origin evolution disease health food water air light energy space object surface
    environment home house city country state nation government society company business market money price cost value
    team player game school university college class program project plan policy law right power control force support
    help need interest experience opinion attention care job worker employee service tool machine device equipment
    building room door table car road land sea river mountain sky sun moon star earth ground tree animal dog cat bird
    hand head eye face foot arm leg back mouth voice story history past future beginning middle top bottom center
    centre edge corner front color colour shape sound picture image letter language message report record research
    experiment test sample measurement rate ratio speed distance weight height depth width temperature pressure
    rule principle concept definition meaning sense reference note comment discussion conclusion introduction summary
    choice decision success failure loss gain risk chance opportunity challenge difficulty solution answer advantage
    disadvantage benefit limit limitation requirement component unit piece content response input output
    connection combination interaction communication distribution production reproduction formation composition
    organization organisation classification comparison application performance quality quantity nature kingdom
    strategy technique technology science mechanism pathway pattern sequence series step stage phase period age""".split()
)

_ADVERBS_AND_VERBS = frozenset(
    """called known named termed given taken made found used using shown seen said based due thought considered believed
    include includes including included contain contains containing contained consist consists consisting occur occurs
    occurring occurred become becomes became provide provides provided require requires required involve involves
    involved involving allow allows allowed produce produces produced cause causes caused causing lead leads led result
    resulting form formed describe describes described refer refers referred mean means meant define defined appear
    appears appeared exist exists existed show shows showed depend depends depending follow follows followed make makes
    making take takes taking give gives giving get gets got go goes went gone come comes came see sees find finds keep
    keeps kept help helps let lets put puts say says try seem seems remain remains remained suggest suggests suggested
    consider think thinks believe believes need needs needed want wants begin begins began begun start starts started
    able unable according relatively approximately especially particularly typically primarily directly highly widely
    commonly closely fully mainly slightly largely nearly roughly respectively together apart away back forward soon
    once twice now well far perhaps maybe indeed simply merely finally eventually initially originally currently
    recently previously formerly likewise similarly conversely consequently additionally specifically further farther
    wherein whereby thereby thereof therein whenever wherever unlike within became upon
    carry carries carried play plays played serve serves served act acts acted vary varies varied differ differs differed
    increase increases increased decrease decreases decreased develop develops developed send sends sent receive
    receives received bind binds bound bring brings brought hold holds held run runs ran move moves moved live lives
    lived die dies died grow grows grew grown write writes wrote written read reads learn learns learned ask asks asked
    add adds added apply applies applied assume assumes assumed compare compares compared denote denotes denoted
    determine determines determined establish established create creates created change changed enable enables enabled
    explain explains explained represent represents represented obtain obtained observe observed measure measured
    note noted argue argues argued claim claims claimed hold happen happens happened reach reaches reached set lie lies
    lay belong belongs tend tends tended ensure ensures replace replaced share shares shared""".split()
)

_OTHER_FUNCTION_WORDS: dict[str, frozenset[str]] = {
    "de": frozenset(
        """der die das ein eine einer eines einem einen und oder ist sind war wird werden nicht mit von zu auf für im in
        den dem des als auch an bei durch es er sie wir ihr man aus nach über unter sich dass wenn so nur noch wie hat
        haben kann können dieser diese dieses zum zur vom sei gilt dann also alle mehr zwischen""".split()
    ),
    "fr": frozenset(
        """le la les un une des du de et ou est sont était être ne pas que qui dans en pour par sur avec au aux ce cette
        ces il elle ils elles nous vous on se sa son ses leur leurs plus comme mais si à d l s n qu c""".split()
    ),
    "es": frozenset(
        """el la los las un una unos unas de del y o es son era ser no que en por para con al se su sus lo como más pero
        si este esta estos estas entre cuando muy sin sobre también ha han hay""".split()
    ),
    "it": frozenset(
        """il lo la i gli le un uno una di del della dei delle e o è sono era essere non che in per con su al alla si
        suo sua come più ma se questo questa tra anche nel nella dal dalla ha hanno""".split()
    ),
    "pt": frozenset(
        """o a os as um uma uns umas de do da dos das e ou é são era ser não que em no na nos nas por para com ao se seu
        sua como mais mas este esta entre também há foi pelo pela""".split()
    ),
    "nl": frozenset(
        """de het een en of is zijn was wordt worden niet met van te op voor in den dat die als ook aan bij door er hij
        zij we uit naar over onder zich wanneer maar nog hoe heeft hebben kan kunnen deze dit""".split()
    ),
}


@dataclass(frozen=True, slots=True)
class Word:
    """A token with its half-open span in the text it came from; ``key`` equates inflected forms."""

    text: str
    start: int
    end: int
    key: str


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


def words(text: str) -> list[Word]:
    """Return the words and numbers of ``text`` in order."""
    return [Word(m[0], m.start(), m.end(), key(m[0])) for m in WORD.finditer(text)]


def is_function_word(word: str) -> bool:
    """Tell whether an English word only glues others together."""
    return word.lower().replace("’", "'") in ENGLISH_FUNCTION_WORDS


def is_content_word(word: str) -> bool:
    """Tell whether a word carries a topic: no number, no function word, no bare adverb or everyday verb."""
    lowered = word.lower().replace("’", "'")
    if len(lowered) < 2 or lowered[0].isdigit():
        return False
    return lowered not in ENGLISH_FUNCTION_WORDS and lowered not in _ADVERBS_AND_VERBS and not lowered.endswith("n't")


def is_everyday_verb(word: str) -> bool:
    """Tell whether ``word`` is one of the commonest verbs or adverbs, which never end a noun phrase."""
    return word.lower() in _ADVERBS_AND_VERBS


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


def language_of(texts: Iterable[str], limit: int = 400) -> str:
    """Return ``en``, ``de``, ``fr``, ``es``, ``it``, ``pt``, ``nl`` or ``""`` (none of them) by function words."""
    counts: dict[str, int] = {}
    total = 0
    for text in texts:
        for match in WORD.finditer(text):
            lowered = match[0].lower()
            total += 1
            counts["en"] = counts.get("en", 0) + (lowered in ENGLISH_FUNCTION_WORDS)
            for language, function_words in _OTHER_FUNCTION_WORDS.items():
                counts[language] = counts.get(language, 0) + (lowered in function_words)
        if total >= limit * 20:
            break
    if not total:
        return ""
    best = max(sorted(counts), key=lambda language: counts[language])
    return best if counts[best] / total >= 0.16 else ""


def function_words(language: str) -> frozenset[str]:
    """Return the commonest function words of ``language``; empty for an unknown one."""
    return ENGLISH_FUNCTION_WORDS if language == "en" else _OTHER_FUNCTION_WORDS.get(language, frozenset())
