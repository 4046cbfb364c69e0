"""Words that look or feel alike and mean different, often opposite, things.

Two sources: pairs of everyday and scientific language, and prefixes that turn one word into another
(hypo-/hyper-, un-, intra-/inter-). Grading uses them so that a near miss in spelling is never taken for the
right word; the verifier uses them to see that a statement was turned round.
"""

from __future__ import annotations

import re
from functools import lru_cache

_PAIRS = """
increase decrease|increase reduce|raise lower|rise fall|grow shrink|gain lose|higher lower|high low|highest lowest
more less|more fewer|most least|larger smaller|large small|largest smallest|bigger smaller|big small|longer shorter
long short|longest shortest|greater smaller|greater lesser|faster slower|fast slow|fastest slowest|early late
earlier later|earliest latest|first last|before after|above below|over under|up down|upper lower|upward downward
upwards downwards|upstream downstream|inside outside|inner outer|internal external|interior exterior|inward outward
in out|into out|left right|front back|anterior posterior|dorsal ventral|proximal distal|medial lateral
superior inferior|rostral caudal|near far|top bottom|maximum minimum|always never|all none|present absent
presence absence|with without|positive negative|positively negatively|plus minus|true false|valid invalid
similar different|same different|simple complex|single double|single multiple|single-stranded double-stranded
odd even|open closed|open close|begin end|start end|start stop|active passive|active inactive|activate inactivate
activate inhibit|stimulate inhibit|excite inhibit|excitatory inhibitory|promote inhibit|promote prevent
allow prevent|enable prevent|cause prevent|accept reject|permit forbid|allow forbid|attract repel|absorb emit
absorb release|store release|synthesize degrade|build break|anabolic catabolic|anabolism catabolism|strong weak
stronger weaker|strengthen weaken|hard soft|thick thin|thicker thinner|thickest thinnest|wide narrow|wider narrower
deep shallow|heavy light|heavier lighter|hot cold|warm cool|heating cooling|wet dry|solid liquid|rigid flexible
smooth rough|straight curved|bright dark|light dark|old new|young old|ancient modern|primary secondary|major minor
majority minority|common rare|commonly rarely|often rarely|frequently rarely|usually rarely|permanent temporary
public private|male female|mother father|maternal paternal|parent daughter|predator prey|host parasite|friend enemy
ally enemy|buyer seller|supply demand|import export|importer exporter|credit debit|asset liability|profit loss
surplus deficit|income expense|revenue cost|inflation deflation|borrower lender|employer employee|landlord tenant
plaintiff defendant|plaintiffs defendants|prosecution defense|prosecution defence|guilty innocent|guilty acquitted
civil criminal|statutory common|federal state|federal unitary|mitosis meiosis|anode cathode|anion cation|acid base
acidic basic|acidic alkaline|acidosis alkalosis|oxidation reduction|oxidize reduce|oxidised reduced
oxidized reduced|exothermic endothermic|endergonic exergonic|afferent efferent|sensory motor|artery vein
arteries veins|arterial venous|arteriole venule|systole diastole|systolic diastolic|inhale exhale
inhalation exhalation|inspiration expiration|ventral dorsal|flexion extension|flexor extensor|abduction adduction
abductor adductor|agonist antagonist|sympathetic parasympathetic|autotroph heterotroph|autotrophic heterotrophic
aerobic anaerobic|prokaryote eukaryote|prokaryotes eukaryotes|prokaryotic eukaryotic|diploid haploid
dominant recessive|homozygous heterozygous|genotype phenotype|gram-positive gram-negative|purine pyrimidine
purines pyrimidines|transcription translation|leading lagging|intron exon|introns exons|lytic lysogenic
innate adaptive|antigen antibody|antigens antibodies|insulin glucagon|monocot dicot|monocots dicots|xylem phloem
stamen pistil|vertebrate invertebrate|vertebrates invertebrates|unicellular multicellular|asexual sexual
saturated unsaturated|polar nonpolar|hydrophilic hydrophobic|hypertonic hypotonic|reactant product
reactants products|solute solvent|conductor insulator|conductors insulators|series parallel|transverse longitudinal
concave convex|converging diverging|convergent divergent|ac dc|kinetic potential|speed velocity|mass weight
numerator denominator|dividend divisor|domain range|horizontal vertical|row column|rows columns
perpendicular parallel|linear nonlinear|finite infinite|rational irrational|prime composite|inductive deductive
deductive inductive|quantitative qualitative|subjective objective|induction deduction|theory hypothesis
fact opinion|cause effect|correlation causation|absolute relative|dependent independent|discrete continuous
local global|national international|rural urban|north south|northern southern|east west|eastern western
victory defeat|victory loss|won lost|win lose|war peace|democracy dictatorship|monarchy republic
legislative executive|conservative liberal|capitalism communism|capitalist communist|nationalize privatize
annex cede|attack defend|invade defend|emigration immigration|emigrate immigrate|emigrant immigrant|ratify reject
legal illegal|lawful unlawful|enable disable|union secession|slave free|union confederate|confederate union
allies axis|allied axis|bourgeoisie proletariat|liability immunity|appellant respondent|majority dissent
upheld overturned|affirmed reversed|constitutional unconstitutional|convict acquit|convicted acquitted
offer acceptance|day night|summer winter|spring autumn|morning evening|sunrise sunset|noon midnight|monday friday
igneous sedimentary|igneous metamorphic|stalactite stalagmite|stalactites stalagmites|weather climate
latitude longitude|crest trough|crests troughs|apogee perigee|perihelion aphelion|solstice equinox|waxing waning
lunar solar|magma lava|mantle crust|encode decode|encoder decoder|encrypt decrypt|input output|inputs outputs
upload download|read write|push pop|client server|compile interpret|serial parallel|encryption decryption
mean median|mean mode|median mode|variance deviation|precision recall|accuracy precision|sensitivity specificity
null alternative|stack queue|lossy lossless|depression mania|supine prone|acute chronic|benign malignant
obligate facultative|symptom sign|centripetal centrifugal|adhesion cohesion|diffusion osmosis|fission fusion
sink source|donor acceptor|donors acceptors|donate accept|ectotherm endotherm|nucleotide nucleoside
glycogen glucagon|glucose galactose|ribose deoxyribose|uracil uridine|thymine thiamine|thymine thymus|ileum ilium
ureter urethra|trachea esophagus|pharynx larynx|humerus femur|tibia fibula|radius ulna|carpal tarsal
carpals tarsals|metacarpal metatarsal|perineum peritoneum|chromatin chromatid|chromatin chromosome
centriole centromere|centrosome centromere|centrosome centriole|cytosine cysteine|glutamine glutamate
alanine aniline|adenine adenosine|alkane alkene|alkene alkyne|alkane alkyne|alkanes alkenes|alkenes alkynes
alkanes alkynes|nitrate nitrite|nitrates nitrites|sulfate sulfite|sulfate sulfide|sulfite sulfide|sulfates sulfites
phosphate phosphite|chlorate chlorite|chloride chlorate|chlorine chloride|fluorine fluoride|bromine bromide
iodine iodide|ammonia ammonium|ferric ferrous|cupric cuprous|nitrogen hydrogen|methane methanol|ethane ethanol
ethanol methanol|ethane ethene|propane propene|butane butene|magnesium manganese|silicon silicone
phosphorus phosphate|potassium sodium|proton protein|proton photon|photon phonon|nucleus nucleolus|nucleon neutron
nucleon nucleus|electron positron|neutron neutrino|neuron neutron|isotope isotone|isomer isotope|isobar isotope
isotopes isomers|ion iron|atom molecule|cytoplasm cytosol|phagocytosis pinocytosis|actin myosin
troponin tropomyosin|collagen keratin|axon dendrite|axons dendrites|gyrus sulcus|gyri sulci|epithelium endothelium
epithelial endothelial|osteoblast osteoclast|osteoblasts osteoclasts|bacillus coccus|virus virion|prion virion
ganglion nucleus|principal principle|affect effect|complement compliment|council counsel|stationary stationery
immanent imminent|eminent imminent|elicit illicit|adverse averse|assent dissent|ascent descent|proceed precede
perspective prospective|persecute prosecute|prescribe proscribe|discreet discrete|populous populace
ordinance ordnance|allusion illusion|aural oral|emigrate migrate|militia military|monarchy monarch
republic democracy|aristocracy autocracy|oligarchy monarchy|baptist methodist|catholic protestant|sunni shia
renaissance reformation|capitol capital|treason reason|larceny robbery|robbery burglary|libel slander
assault battery|murder manslaughter|felony misdemeanor|felonies misdemeanors|mortgagor mortgagee|lessor lessee
grantor grantee|trustor trustee|vendor vendee|bailor bailee|licensor licensee|assignor assignee|obligor obligee
payer payee|payor payee|donor donee|promisor promisee|testator testatrix|monopoly monopsony|oligopoly monopoly
elastic inelastic|bull bear|bond stock|microeconomics macroeconomics|explicit implicit|fiscal monetary
expansionary contractionary|complement substitute|ionic covalent|ionic iconic|organic inorganic|mitotic meiotic
somatic germ|gamete zygote|gametes zygotes|sperm egg|ovary ovule|prophase metaphase|anaphase telophase
anaphase prophase|metaphase anaphase|telophase prophase|interphase prophase|phototroph chemotroph
phototrophic chemotrophic|lithotroph organotroph|lithotrophs organotrophs|phototrophs chemotrophs|mesoderm ectoderm
endoderm ectoderm|mesoderm endoderm|exoderm endoderm|herbivore carnivore|herbivores carnivores|omnivore carnivore
mutualism commensalism|commensalism parasitism|incoming outgoing|ingoing outgoing|influx efflux|inflow outflow
inlet outlet|immigration emigration|ingest egest|income outcome|include exclude|inclusive exclusive
intrinsic extrinsic|introvert extrovert|introversion extroversion|implicit explicit|inject eject|inhibit exhibit
invert evert|immerse emerse|ascending descending|ascend descend|advance retreat|optimistic pessimistic
attractive repulsive|attraction repulsion|compression rarefaction|compression tension|expansion contraction
expand contract|elongate shorten|assemble disassemble|evaporation condensation|evaporate condense|melting freezing
melt freeze|boil freeze|sublimation deposition|erosion deposition|weathering erosion|subduction convection
conduction convection|conduction radiation|convection radiation|reflection refraction|diffraction refraction
reflection diffraction|ultraviolet infrared|microwave radio|alpha beta|beta gamma|alpha gamma|alpha delta
sine cosine|cosine tangent|sine tangent|secant cosecant|union intersection|area perimeter|area volume
radius diameter|chord arc|integer fraction|addition subtraction|multiplication division|add subtract
multiply divide|differentiate integrate|differentiation integration|derivative integral|ordinate abscissa
minuend subtrahend|acute obtuse|complementary supplementary|convex concave|amount rate|cyclic acyclic
voluntary involuntary|conscious unconscious|short-term long-term|presynaptic postsynaptic
preganglionic postganglionic|prenatal postnatal|premature mature|ipsilateral contralateral|unilateral bilateral
central peripheral|somatic autonomic|gray white|grey white|hyperpolarization depolarization
polarization depolarization|hyperpolarize depolarize|repolarization depolarization
"""
_PREFIXES: tuple[tuple[str, str], ...] = tuple(
    (one, other)
    for one, other in (
        pair.split("/")
        for pair in """hyper/hypo intra/inter endo/exo endo/ecto ecto/exo macro/micro mega/micro mono/poly mono/di mono/bi
    bi/tri di/tri tri/tetra tetra/penta penta/hexa uni/multi uni/bi homo/hetero auto/hetero pre/post
    ante/post sub/super supra/infra supra/sub over/under up/down out/in in/ex im/ex em/im im/e ab/ad af/ef
    an/cat ana/cata syn/anti pro/anti pro/con pro/eu eu/dys tachy/brady iso/aniso oxy/deoxy neo/paleo
    proto/deutero para/peri epi/hypo epi/endo peri/endo ortho/meta ortho/para meta/para cis/trans
    photo/chemo litho/organo mega/giga kilo/mega milli/micro micro/nano nano/pico centi/milli centi/deci
    kilo/milli thermo/hydro geo/helio patri/matri philo/miso phil/phob bene/male bene/mal ex/in de/re de/in
    de/pro pro/re dis/re em/dis en/dis ob/sub con/di con/dis as/dis as/de ac/de im/op multi/mono amphi/mono
    leuko/erythro leuco/erythro gluco/glyco glyco/lipo angio/gymno osteo/chondro arterio/veno chloro/chromo
    ecto/meso endo/meso ethyl/methyl eth/meth eth/prop meth/prop prop/but but/pent iso/neo per/hypo thio/oxo
    pyro/hydro electro/magneto""".split()
    )
)

_NEGATING = frozenset(
    """un in im il ir dis non a an anti de mis counter contra under over sub super pre post re co semi pseudo
    proto quasi ex hyper hypo pro trans meta ultra para bi tri poly multi self auto vice inter intra micro
    macro neo nano mega epi endo exo iso oligo deoxy di mono hemi infra supra peri retro extra step sur per
    en em be out up down fore arch bio geo photo thermo hydro electro chemo immuno neuro cyto glyco gluco
    phospho lipo ribo nucleo""".split()
)


def _table() -> dict[str, frozenset[str]]:
    table: dict[str, set[str]] = {}
    for pair in re.split(r"[|\n]", _PAIRS):
        if len(sides := pair.split()) == 2:
            table.setdefault(sides[0], set()).add(sides[1])
            table.setdefault(sides[1], set()).add(sides[0])
    return {word: frozenset(others) for word, others in table.items()}


_TABLE = _table()
_ENDINGS = ("", "s", "es", "d", "ed", "ing", "ly")


def _bases(word: str) -> set[str]:
    """The word and what is left without a regular ending (with a final e restored)."""
    found = {word}
    for ending in _ENDINGS[1:]:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            stem = word[: -len(ending)]
            found |= {stem, stem + "e"}
            if len(stem) > 3 and stem[-1] == stem[-2]:
                found.add(stem[:-1])
    return found


@lru_cache(maxsize=65536)
def listed_opposites(word: str) -> frozenset[str]:
    """Return the listed opposites of a lower-case word (of its base forms too)."""
    return frozenset(other for base in _bases(word) for other in _TABLE.get(base, ()))


@lru_cache(maxsize=65536)
def are_opposites(a: str, b: str) -> bool:
    """Return whether two different lower-case words are a listed pair or differ by a prefix that changes the meaning."""
    if a == b:
        return False
    if _bases(b) & listed_opposites(a) or _bases(a) & listed_opposites(b):
        return True
    return differ_by_prefix(a, b)


@lru_cache(maxsize=65536)
def differ_by_prefix(a: str, b: str) -> bool:
    """Return whether the words are the same but for a prefix (valid/invalid, hypo-/hypertension, anion/cation)."""
    if a[-2:] != b[-2:]:
        return False
    shorter, longer = sorted((a.replace("-", ""), b.replace("-", "")), key=len)
    if longer.endswith(shorter) and len(shorter) >= 3 and longer[: len(longer) - len(shorter)] in _NEGATING:
        return True
    for one, other in _PREFIXES:
        for x, y in ((one, other), (other, one)):
            if (
                shorter.startswith(x)
                and longer.startswith(y)
                and len(shorter) - len(x) >= 2
                and shorter[len(x) :] == longer[len(y) :]
            ):
                return True
    return False
