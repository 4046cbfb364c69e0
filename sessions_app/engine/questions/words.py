"""Word lists behind the tagger and the clause reader. General English only, nothing of any one subject."""

from __future__ import annotations

from sessions_app.domain.questions.vocabulary import VERB_BASES as VERB_BASES

DETERMINERS = frozenset(
    """a an the this that these those each every any some no all both either neither another such""".split()
)
PRONOUNS = frozenset(
    """i me you he him she her it we us they them himself herself itself themselves ourselves one ones none
    nobody nothing something anything everything someone anyone everyone others""".split()
)
POSSESSIVES = frozenset("my your his her its our their whose".split())
MODALS = frozenset("can could may might must shall should will would cannot".split())
BE = frozenset("is are was were be been being am".split())
HAVE = frozenset(["has", "have", "had", "having"])
DO = frozenset(["does", "do", "did"])
FINITE_AUX = frozenset("is are was were am has have had does do did".split()) | MODALS
PREPOSITIONS = frozenset(
    """of in on at by with from into onto upon as than for to through throughout between among across against
    along around over under above below beneath within without inside outside during before after since
    until about like unlike near off toward towards via per beyond behind despite except plus amid amongst
    besides concerning regarding versus""".split()
)
SUBORDINATORS = frozenset(
    """when while if because although though since whereas unless until once after before as whether wherever
    whenever so""".split()
)
COORDINATORS = frozenset(["and", "or", "but", "nor", "yet"])
RELATIVES = frozenset("that which who whom whose where".split())

IRREGULAR_PAST = {
    "made": "make", "found": "find", "held": "hold", "led": "lead", "gave": "give", "took": "take", "knew": "know",
    "grew": "grow", "saw": "see", "began": "begin", "became": "become", "bound": "bind", "broke": "break",
    "built": "build", "sent": "send", "lost": "lose", "won": "win", "wrote": "write", "rose": "rise", "arose": "arise",
    "fell": "fall", "kept": "keep", "met": "meet", "meant": "mean", "left": "leave", "felt": "feel",
    "thought": "think", "brought": "bring", "taught": "teach", "bought": "buy", "sought": "seek", "caught": "catch",
    "fought": "fight", "told": "tell", "sold": "sell", "spoke": "speak", "chose": "choose", "froze": "freeze",
    "drove": "drive", "ran": "run", "swam": "swim", "went": "go", "came": "come", "ate": "eat", "got": "get",
    "drew": "draw", "flew": "fly", "threw": "throw", "bore": "bear", "understood": "understand", "stood": "stand",
    "spent": "spend", "laid": "lay", "paid": "pay", "said": "say", "heard": "hear", "sat": "sit", "sank": "sink",
    "spun": "spin", "struck": "strike", "lay": "lie", "set": "set", "put": "put", "cut": "cut", "let": "let",
    "spread": "spread", "hit": "hit", "shut": "shut", "split": "split", "cast": "cast", "shed": "shed", "overcame": "overcome",
    "withdrew": "withdraw", "overthrew": "overthrow", "undertook": "undertake", "dealt": "deal", "lent": "lend",
    "swept": "sweep", "slept": "sleep", "fled": "flee", "bred": "breed", "fed": "feed", "shot": "shoot", "dug": "dig",
    "hung": "hang", "stuck": "stick", "sang": "sing", "rang": "ring", "drank": "drink", "shook": "shake", "wore": "wear",
    "swore": "swear", "tore": "tear", "stole": "steal", "woke": "wake", "rode": "ride", "hid": "hide", "bit": "bite",
    "slid": "slide", "lit": "light", "bent": "bend", "spelt": "spell", "learnt": "learn", "burnt": "burn",
}  # fmt: skip
IRREGULAR_PARTICIPLES = frozenset(
    """made found held led given taken known grown seen begun become bound broken built sent lost won written
    risen arisen fallen kept met meant left felt thought brought taught bought sought caught fought told
    sold spoken chosen frozen driven run swum gone come eaten got gotten drawn flown thrown borne born
    understood stood spent laid paid said heard sunk spun struck set put cut let spread hit shut split cast
    shed overcome withdrawn overthrown undertaken dealt lent swept fed bred shot dug hung stuck sung rung
    drunk shaken worn sworn torn stolen woken ridden hidden bitten slid lit bent shown proven done been had
    sewn sown hewn woven""".split()
)
PLURALS = frozenset(
    """bacteria mitochondria flagella fungi nuclei algae larvae hyphae cilia pili fimbriae archaea protozoa
    phyla taxa genera data media criteria phenomena ganglia axons vertebrae people men women children feet
    teeth mice geese cattle police nuclei stimuli foci loci alveoli bronchi villi microvilli spermatozoa ova
    strata spectra quanta momenta hypotheses analyses theses bases crises syntheses axes vertices matrices
    indices appendices helices cortices cristae lamellae lamina laminae antennae formulae nebulae supernovae
    gametangia sporangia grana bacilli cocci viri nuclei eukarya gyri sulci nucleoli thylakoids plastids species
    series genera corpora referenda memoranda curricula addenda""".split()
)
SINGULAR_S = frozenset(
    """virus nucleus thymus uterus fetus genus stimulus locus focus fungus bacillus coccus status census corpus
    consensus process mass gas loss class stress access success axis basis analysis synthesis hypothesis
    thesis mitosis meiosis osmosis lens physics mathematics economics politics ethics genetics optics
    mechanics thermodynamics kinetics dynamics statistics electronics linguistics diabetes rabies herpes
    tetanus pus pons alkalosis homeostasis photosynthesis news chaos cosmos campus bus bonus surplus
    apparatus hippocampus hypothalamus thalamus callosum esophagus oesophagus congress business witness
    illness weakness this thus plus its his us always perhaps yes less unless across towards afterwards
    sometimes whereas besides towards species series means headquarters""".split()
)
# Nouns that say nothing by themselves: with "the" and without more words they point back to another sentence.
SHELL_NOUNS = frozenset(
    """process processes region regions structure structures area areas effect effects system method methods
    theory theories study studies group groups layer layers result results idea ideas case cases example
    examples reason reasons fact way ways type types kind kinds form forms part parts number change changes
    difference differences problem problems approach approaches term terms name names word question answer
    list table figure section chapter article image picture diagram author authors researcher researchers
    scientist scientists experiment experiments former latter rest remainder majority exception exceptions
    condition conditions situation event events relationship discovery finding findings observation
    observations mechanism mechanisms role roles function functions property properties feature features
    characteristic characteristics event step steps stage stages phase phases purpose goal aim consequence
    outcome distinction division classification same opposite first second third last next other others
    following above below key book work paper report formula equation model models concept definition view
    position latter substance substances material materials reaction reactions object objects body bodies
    organism organisms unit units phenomenon technique techniques procedure procedures strategy sequence
    level levels rate value values importance presence absence existence addition development evolution
    origin growth ability lack use loss release evidence information research factor factors ancestor
    ancestors activity activities fact facts rule rules thing things activity members member variety kind
    production component components element elements product products source sources sample samples version
    versions basis point points issue issues line lines side sides end ends amount amounts size shape area
    work works species subject subjects individual individuals population populations scientist researcher
    neuroscientists""".split()
)
DISCOURSE = frozenset(
    """however therefore thus hence moreover furthermore nevertheless nonetheless consequently accordingly
    additionally similarly likewise conversely instead meanwhile otherwise indeed finally overall rather
    still also besides interestingly importantly notably surprisingly fortunately unfortunately subsequently
    eventually then next later currently recently traditionally historically today nowadays now once
    previously originally here there alternatively specifically strictly broadly essentially basically
    obviously clearly apparently presumably first firstly second secondly third thirdly lastly yet so and
    but or nor generally typically usually often sometimes commonly frequently normally occasionally rarely
    particularly especially perhaps maybe possibly probably regardless remarkably curiously ultimately""".split()
)
DISCOURSE_PHRASES = (
    "for example", "for instance", "in contrast", "in addition", "by contrast", "on the other hand", "as a result",
    "in other words", "in fact", "in general", "in particular", "that is", "of course", "as a rule", "in turn",
    "at the same time", "for this reason", "in this case", "in some cases", "in many cases", "in most cases", "as such",
    "in summary", "in conclusion", "on average", "in short", "after all", "to this end", "as well", "more recently",
    "strictly speaking", "broadly speaking", "among other things", "in this way", "in practice", "in principle",
    "in theory", "in reality", "on the contrary", "as mentioned", "as noted", "as described", "even so", "that said",
    "first of all", "to date", "so far", "in effect", "at first", "in all", "all in all", "above all",
    "at last", "in the meantime", "by definition",
)  # fmt: skip

# Adjectives that single nothing out: "known organisms", "general structure".
EMPTY_ADJECTIVES = frozenset(
    """known individual observed general specialized specialised particular similar various different other
    main major minor important common typical specific certain new old recent early late good great large
    small big long short simple complex strong weak high low many few several some most more first second
    third last next previous following additional further total whole entire full complete single double
    possible potential likely special unique common normal usual several related current modern present rare
    basic key own same total foreign""".split()
)

# Adverbs that only tie a sentence to the one before it.
LINKING_ADVERBS = frozenset(
    """also thus therefore however then likewise too instead hence further furthermore moreover still even now""".split()
)

# Adverbs in front of a sentence that limit what it claims; they stay with it.
HEDGES = frozenset(
    """typically usually generally often sometimes commonly frequently normally occasionally rarely today
    currently traditionally historically originally""".split()
)
NAMING_VERBS = frozenset("called termed named dubbed known referred".split())
COUNTRIES = frozenset(
    """afghanistan africa albania algeria america anatolia antarctica arabia argentina armenia asia assyria athens australia austria
    babylon bangladesh belgium
    berlin bolivia bosnia brazil britain bulgaria burma byzantium california cambodia canada carthage chile china colombia congo
    constantinople croatia cuba cyprus
    czechoslovakia denmark egypt england eritrea estonia ethiopia eurasia europe finland florida france gaul georgia germany ghana
    greece guatemala
    haiti holland hungary iceland india indonesia iran iraq ireland israel italy jamaica japan jerusalem jordan kenya korea kuwait
    laos latvia lebanon liberia
    libya lithuania london luxembourg macedonia madagascar malaysia mali manchester mesopotamia mexico mongolia moscow morocco
    myanmar namibia nepal netherlands
    nicaragua niger nigeria normandy norway oceania ottoman pakistan palestine panama paraguay paris persia peru philippines poland
    portugal prussia rome romania
    russia rwanda scandinavia scotland senegal serbia siberia singapore slovakia slovenia somalia spain sparta sudan sweden
    switzerland syria taiwan tanzania texas
    thailand tokyo troy tunisia turkey uganda ukraine uruguay venezuela venice vienna vietnam virginia wales washington yemen
    yugoslavia zambia zimbabwe""".split()
)
