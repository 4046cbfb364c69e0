"""Coarse families of nouns by their head word: what may stand beside what as options. General English, no one subject."""

from __future__ import annotations

import re
from functools import lru_cache

from sessions_app.engine.questions.tagging import lexicon_tag

_HEADS = {
    "idea": (
        "theory doctrine law principle hypothesis rule theorem concept nomenclature school thesis philosophy capitalism "
        "socialism communism liberalism nationalism mercantilism feminism realism romanticism ideology view paradigm "
        "theories laws principles hypotheses rules doctrines theorems"
    ),
    "measure": (
        "potential rate ratio temperature pressure density length size number amount level concentration volume mass "
        "weight speed velocity price cost index voltage current charge energy force power frequency amplitude wavelength "
        "height depth width area distance resistance capacity salinity humidity acidity income wage wages prices costs "
        "rates"
    ),
    "record": (
        "act treaty code constitution declaration charter bill statute agreement edict amendment letter manifesto bible "
        "report contract deed acts treaties codes laws amendments"
    ),
    "event": (
        "war battle revolution siege rebellion revolt crisis depression recession crash famine election conference "
        "congress coup wars battles revolutions eruption earthquake flood"
    ),
    "institution": (
        "court bank parliament company union assembly ministry council committee senate government agency party church "
        "university state empire republic kingdom courts banks companies unions governments parties states"
    ),
    "time": (
        "period era age century year season day hour minute second month week decade epoch millisecond milliseconds years "
        "days hours minutes seconds adulthood childhood infancy adolescence winter summer spring autumn"
    ),
    "illness": (
        "disease syndrome infection fever cancer flu influenza malaria cholera plague tuberculosis epidemic pandemic "
        "disorder diseases infections cancers disorders syndromes epidemics pandemics"
    ),
    "living": (
        "plant animal human mammal bird fish insect worm fungus tree bacterium virus organism bacteria viruses plants "
        "animals humans mammals birds insects worms fungi organisms prokaryote eukaryote prokaryotes eukaryotes archaea "
        "archaeans algae protists vertebrates invertebrates primates arthropods reptiles amphibians fishes alga phage "
        "phages bacteriophage bacteriophages archaeon"
    ),
    "cell": ("cell cells neuron neurons gamete gametes zygote neuroblasts platelet platelets spore spores"),
    "substance": (
        "acid acids enzyme enzymes hormone hormones protein proteins sugar sugars salt salts gas gases oxygen nitrogen "
        "carbon hydrogen water iron copper gold silver calcium sodium potassium glucose dna rna atp lipid lipids ion ions "
        "molecule molecules chemical chemicals metal metals cellulose chitin starch fat fats antibody antibodies "
        "antibiotic antibiotics drug drugs vaccine vaccines neurotransmitter neurotransmitters pigment peptidoglycan "
        "phospholipid phospholipids steroid steroids"
    ),
    "tool": (
        "microscope telescope thermometer machine engine instrument computer device devices machines engines instruments "
        "microscopes seismograph seismographs metronome"
    ),
    "work": (
        "opera symphony concerto sonata novel poem book painting sculpture play song aria fugue oratorio film operas "
        "symphonies novels poems books paintings"
    ),
    "money": (
        "money currency credit loan loans deposit deposits bond bonds tax taxes tariff tariffs dollar dollars subsidy "
        "subsidies dividend dividends"
    ),
}
DOINGS = frozenset(
    """transfer exchange growth flow cycle decay flight travel transport trade storage release uptake control response
    reflex loss gain defence defense birth death sleep interference division collapse conquest descent dispersal
    arrival removal renewal survival withdrawal discovery delivery recovery use abuse practice collapse increase
    decrease rise fall shift exposure failure seizure closure""".split()
)
"""Nouns of doing without an ending that tells."""

_BY_HEAD = {head: family for family, heads in _HEADS.items() for head in heads.split()}
_ENDINGS = (
    (re.compile(r"(?:olog(?:y|ies)|graphy|nomics|ometry|ynamics|etics|stry|science)$"), "field"),
    (re.compile(r"(?:itis|osis|emia|aemia|pathy)$"), "illness"),
    (re.compile(r"(?:cytes?|blasts?)$"), "cell"),
    (
        re.compile(
            r"(?:[a-z]{3,}(?:ase|ose|amine|ines|phosphate|sulfate|sulphate|nitrate|carbonate|acetate|amate|chloride|oxide|amide))$"
        ),
        "substance",
    ),
)
_NOT_ILLNESS = frozenset(
    """osmosis mitosis meiosis photosynthesis symbiosis endocytosis exocytosis diagnosis hypnosis apoptosis
    phagocytosis""".split()
)
_PLAIN = frozenset(
    "base case phase purpose rose nose machine engine line medicine discipline doctrine mine spine".split()
)


@lru_cache(maxsize=16384)
def family(surface: str) -> str:
    """Return the family of a noun phrase ('' where it is not known); the head decides, names of one word by their ending too."""
    head = surface.split()[-1].casefold()
    known = _BY_HEAD.get(head) or _BY_HEAD.get(head.rsplit("-", 1)[-1])
    if known:
        return known
    if head in _NOT_ILLNESS:
        return "process"
    if head in _PLAIN:
        return ""
    found = next((name for pattern, name in _ENDINGS if pattern.search(head)), "")
    if found == "chemical":
        return "substance"
    return "" if found in {"substance", "illness"} and lexicon_tag(head) is not None else found
