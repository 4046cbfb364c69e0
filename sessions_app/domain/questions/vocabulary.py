"""Word lists of the checks: words of questions, general academic words, absolutes, vague words, negations."""

from __future__ import annotations

from sessions_app.domain.questions.text import root

_QUESTION = """answer answers question statement statements following option options correct correctly true false best
    describes describe described description definition define defined defines term terms mean means meaning
    name names named call called known phrase word words refer refers referred example examples type types
    kind kinds sort form role roles function functions purpose purposes main primary key chief principal
    major important characteristic characteristics feature features property properties reason reasons
    explain explains explanation identify choose select complete completes fill blank give state list
    according text passage material chapter section source author authors happen happens occur occurs place
    part parts component components structure structures process processes substance substances person
    people scientist scientists researcher researchers country city year years date century number figure
    amount value quantity unit units percentage many much thing things item items element elements concept
    concepts group groups class category categories member members event events condition conditions effect
    effects result results outcome cause causes difference differences relationship way ways method methods
    step steps stage stages phase phases level approach theory law principle model system systems mechanism
    mechanisms object objects entity region area site location produced response directly associated
    specific specifically particular given several considered consider regarded responsible involve involves
    involved used use uses using found find located include includes included including contain contains
    contained consist consists make makes made up compose composed provide provides provided serve serves
    allow allows enable enables help helps aid aids act acts work works perform performs carry carries play
    plays become becomes causing lead leads leading one two first second new different another same long""".split()

# General verbs, adjectives and nouns of academic prose: a paraphrase may use them though the passage does not.
_GENERAL = """able about accept access accompany accomplish accord account accurate achieve acquire across act active
    activity actual actually adapt add addition additional address adequate adjacent adjust advance
    advantage affect agree aim alike allow alone alter alternative amount analyse analysis ancient annual
    answer apart apparent appear apply approach appropriate approximate area argue argument arise arrange
    arrangement arrive aspect assemble assess assign assist associate association assume attach attain
    attempt attend attract attribute available average avoid aware balance base basic basis become begin
    beginning behave behavior believe belong benefit bind body both bring broad build building call capable
    capacity capture carry case category cause central certain challenge change character characteristic
    choice choose circumstance claim class classify clear close closely collect collection combine
    combination come common commonly compare comparison complete complex component compose composition
    comprise concentrate concentration concept concern conclude conclusion condition conduct confirm connect
    connection consequence consider considerable consist consistent constant constitute construct contact
    contain content context continue continuous contrast contribute contribution control convert convey
    cooperate core correct correspond cover create creation critical crucial current damage date deal decide
    decision decline deep define degree deliver demand demonstrate depend dependent depict derive describe
    design despite detail detailed detect determine develop development device differ difference different
    difficult direct direction directly disappear discover discovery discuss display distance distant
    distinct distinguish distribute distribution divide division dominant dramatic draw drive duration
    during dynamic early easily easy effect effective efficient effort element eliminate emerge emphasize
    employ enable encounter encourage end enhance enough ensure enter entire entirely environment equal
    equally equip equivalent especially essential establish estimate evaluate event eventually evidence
    evident evolve exact exactly examine example exceed except exchange exclude exclusive exclusively
    exhibit exist existence expand expansion expect experience experiment explain expose express extend
    extensive extent external extra extreme extremely facilitate fact factor fail failure fall familiar
    famous fast favor feature few field figure fill final finally find fit fix flow focus follow force
    foreign form formation former forward found foundation framework free frequency frequent frequently
    fully function functional fundamental further gain general generally generate generation get give go
    good govern grant great group grow growth guide half handle happen hard have head help high highly
    history hold home host house huge human idea ideal identical identify identity illustrate image
    immediate immediately impact implement implication imply importance important impose improve inability
    include increase indicate individual induce influence inform information inherent initial initially
    initiate inner input inside instance instead integrate intend intense interact interaction interest
    interior internal interpret introduce introduction invent investigate involve isolate issue item join
    keep kind know knowledge label lack large largely last late later launch lay layer lead learn leave
    length less let level lie life like likely limit limited line link list little live local locate
    location long look lose loss low lower main mainly maintain maintenance major make manage manner
    manufacture many mark mass match material matter maximum mean meaning means measure measurement
    mechanism meet member mention method middle minimum minor mix mode model modern modify moment monitor
    most move movement much multiple mutual name natural nature near nearby nearly necessary need negative
    network new normal normally notable note notice notion now number numerous object observation observe
    obtain obvious occasion occupy occur offer often old ongoing open operate operation opinion opportunity
    oppose opposite option order ordinary organize organization origin original originally originate outcome
    outer output outside overall overcome owe own pair part partial partially participate particular
    particularly partly pass passage past path pattern peak people perceive percentage perform performance
    perhaps period permanent permit persist person phase phenomenon physical picture piece place plan play
    point popular portion pose position positive possess possible possibly potential power practical
    practice precede precise predict predominant predominantly prefer prepare presence present preserve
    press prevent previous previously primarily primary prime principal principle prior probably problem
    procedure proceed process produce product production progress prominent promote proper properly property
    proportion propose protect protection prove provide publish purpose pursue push put quality quantity
    quick quickly raise range rapid rapidly rare rarely rate ratio raw reach react reaction ready real
    reality really reason recall receive recent recently recognize record recover reduce reduction refer
    reference reflect regard region regular regularly regulate regulation relate relation relationship
    relative relatively release relevant rely remain remains remarkable remember removal remove render
    repeat replace report represent representation require requirement research resemble reside resist
    resolve resource respect respond response responsible rest restrict result retain return reveal reverse
    rich rise role roughly rule run same scale scatter scheme scientific scope search second section secure
    see seek seem seen select selection send sense separate separately sequence series serve service set
    several severe shape share sharp short show shut side sign significance significant significantly
    similar similarly simple simply simultaneous single site situation size slight slightly slow slowly
    small so-called social solely solution solve source space span special specialize specialized specific
    specify speed spend split spread stable stage stand standard start state status stay steady stem step
    still stop store strategy strength stretch strict strong structure study style subject submit
    substantial subsequent subsequently succeed success successful sudden suffer sufficient suggest suit
    suitable sum superior supplement supply support suppose surface surrounding surround survey survive
    sustain symbol system take target task technique technology tend tendency term test theory therefore
    thing think thought throughout time tiny together tool top total toward towards track trade traditional
    traditionally transfer transform transition transmit transport travel treat treatment trigger true turn
    type typical typically ultimate ultimately undergo underlie underlying understand undertake uniform
    union unique unit unite universal unknown unlike unusual upper usage useful usual usually utilize valid
    valuable value variation variety various vary vast version versus via view visible visual vital volume
    way weak wide widely widespread within work world yield zone higher larger smaller greater longer
    shorter faster slower more fewer earlier closer wider unable additionally hence permits permitting helps
    tell takes job duty thanks due owing upon refers lot scholar thinker writer leader ruler inventor
    discoverer founder credited regarded era age decade today currently modern-day sort chief chiefly
    principally essentially basically houses encloses enclose enclosed surrounds wraps protects guards
    separates separating connects connecting joins links linking transfers passes sends relays carries
    conveys delivers moves drives powers powering fuels builds constructs assembles synthesizes makes
    manufactures forms creates generates yields releases secretes emits stores storing holds keeps breaks
    digests degrades destroys removes clears eliminates kills harms attacks invades infects causes triggers
    initiates starts begins ends stops halts blocks prevents slows speeds raises increases lowers decreases
    reduces limits controls governs regulates directs coordinates manages monitors senses detects perceives
    responds adapts""".split()

QUESTION_ROOTS = frozenset(root(word) for word in _QUESTION)
GENERAL_ROOTS = frozenset(root(word) for word in _GENERAL) | QUESTION_ROOTS

STRONG_ABSOLUTES = frozenset(["always", "never", "invariably", "absolutely", "impossible"])
VAGUE = frozenset(
    """sometimes occasionally frequently usually often perhaps maybe probably possibly somewhat fairly rather""".split()
)
NEGATORS = frozenset(
    """not no never neither nor none nothing cannot can't isn't aren't wasn't weren't don't doesn't didn't
    won't wouldn't couldn't shouldn't hasn't haven't hadn't n't without""".split()
)
"""Words that deny what follows them."""

WEAK_NEGATORS = frozenset(
    """rarely seldom hardly scarcely barely lack lacks lacked lacking fail fails failed absent absence except
    unable""".split()
)
"""Words that deny as verbs or adverbs do; a sentence may replace them by "not" and mean the same."""

VERB_BASES = frozenset(
    """use form cause control function result release transport play show support allow bind link surround
    cover act encode contain include produce provide require lack harbour harbor work help start stop end
    begin change increase decrease affect effect influence protect store carry transmit receive process
    signal send supply divide split separate connect join attach move travel flow pass cross enter leave
    exit reach extend range vary differ depend rely rest lie sit stand live grow develop mature age die kill
    attack infect invade damage repair replace remove add absorb digest excrete secrete filter generate
    create make build construct assemble break degrade decay dissolve mix combine react oxidise oxidize
    reduce convert transform translate transcribe copy replicate reproduce multiply double regulate modulate
    balance maintain sustain keep hold bear yield offer give take get gain lose save spend cost pay buy sell
    trade export import tax charge rule govern reign lead follow precede serve fight defend defeat conquer
    claim declare sign vote elect appoint found establish abolish ban permit prohibit grant deny accept
    reject adopt enact enforce apply appeal sue measure count weigh estimate calculate compute equal exceed
    describe define explain name call term label class group rank rate mark note report record state argue
    suggest propose predict expect assume imply mean indicate reveal test prove confirm display exhibit
    feature mirror reflect emit radiate scatter bend refract diffract focus rotate spin orbit accelerate
    slow speed heat cool freeze melt boil evaporate condense expand contract compress stretch push pull
    exert force drive power fuel run operate perform conduct guide direct steer shape fold coat line wrap
    encircle enclose enable ensure secure prevent block inhibit limit restrict stimulate trigger activate
    excite evoke initiate induce mediate promote favour favor benefit harm hurt ease relieve treat cure
    resist survive escape avoid host feed eat prey hunt graze breathe drink sleep dream rise fall drop sink
    float dominate occur happen appear emerge arise originate derive descend evolve diverge stem belong
    constitute comprise consist compose represent resemble match fit suit share own possess exist remain
    persist last continue cease vanish involve engage participate interact cooperate compete project
    innervate synapse fire respond sense detect perceive recognise recognize identify distinguish
    discriminate classify sort order arrange organise organize coordinate integrate relay point aim target
    seek need want demand request ask answer question teach learn study train practise practice review
    research amount account refer relate correspond contribute lend owe house lodge contrast compare
    complement correct fix set put place position locate shift turn switch open close shut seal fill empty
    pour pump load swim crawl walk fly jump glide climb dig burrow nest breed mate lay hatch spread disperse
    pollinate germinate sprout flower fruit seed shed cast throw strike hit burn ignite explode burst leak
    drain dry wet wash clean stain issue publish print circulate broadcast borrow invest fund finance hire
    employ protest march plan design model draft frame sketch paint draw write read speak sing dance invent
    discover patent approach border neighbour overlie underlie overlap span taper branch curve loop coil
    twist settle colonise colonize migrate forbid promise touch hope wish try attempt refuse agree disagree
    oppose obey preach pray marry rescue free enslave rent inherit earn waste bring fetch post mail deliver
    tell say reply shout listen hear watch look notice ignore forget remember recall imagine believe doubt
    trust fear love hate like prefer enjoy suffer complain praise blame accuse punish reward thank excuse
    forgive apologise warn threaten persuade convince let hinder return visit explore sail land ship convict
    sentence award""".split()
)
"""Base forms of verbs of general prose; many are nouns too."""

VERB_ROOTS = frozenset(root(word) for word in VERB_BASES)
