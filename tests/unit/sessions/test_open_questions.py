"""Questions that are answered in a learner's own words: what is asked, what answers, and how an answer is graded."""

from __future__ import annotations

import re

import pytest

from documents_app.domain.blocks import Block, BlockKind, Mark, MarkKind, tile
from documents_app.domain.material import Citation, DocumentText, PageSpan, SourceDocument
from documents_app.domain.matter.reading import read_matter
from documents_app.domain.matter.types import Matter
from documents_app.domain.reading.outline import outline
from sessions_app.domain.dialogue.machine import Effect, EffectKind
from sessions_app.domain.grading.grade import grade
from sessions_app.domain.grading.types import GivenAnswer, GradeVerdict
from sessions_app.domain.lesson.types import LessonContent
from sessions_app.domain.questions.openness import asks_outright, is_close_to_stem
from sessions_app.domain.questions.request import QuestionRequest
from sessions_app.domain.questions.selection import MOST_OPEN, select
from sessions_app.domain.questions.sentences import SentenceStatistics
from sessions_app.domain.questions.support import CitedPassages, compare
from sessions_app.domain.questions.types import CandidateQuestion, PartsKey, QuestionKind, TextKey
from sessions_app.domain.questions.verifier import Verifier
from sessions_app.domain.speech import Speech
from sessions_app.engine.dialogue.hints import Rung, hint, ladder, tells
from sessions_app.engine.questions.writing import write
from tutor_project.language import language

OSMOTIC = (
    "Osmotic pressure is the pressure that must be applied to the more concentrated solution to cause osmosis to stop."
)


def read(text: str, title: str = "Waters of the coast", terms: tuple[str, ...] = ()) -> Matter:
    """Return the matter of a heading and a paragraph, the first occurrence of ``terms`` set apart by the authors."""
    whole = f"{title}\n\n{text}"
    begin = len(title) + 2
    places = sorted((begin + text.index(term), term) for term in terms)
    marks = tuple(Mark(MarkKind.TERM, at, at + len(term)) for at, term in places)
    blocks = [
        Block(BlockKind.HEADING, 1, 0, len(title), level=1),
        Block(BlockKind.PARAGRAPH, 1, begin, len(whole), level=1, marks=marks),
    ]
    content = DocumentText(whole, (PageSpan(1, 0, len(whole)),), tile(whole, [0], blocks))
    document = SourceDocument("d", "page.txt", content)
    return read_matter([document], outline([document]))


def asked(matter: Matter, pattern: str) -> dict[str, str]:
    """Return the keys of the verified questions of a pattern by what they ask."""
    everywhere = QuestionRequest(count=100, within=frozenset(range(20)))
    verifier = Verifier(SentenceStatistics(matter.material))
    chosen = select(lambda wish: write(matter, wish), verifier, everywhere).questions
    return {question.stem: question.key_text for question in chosen if question.pattern == pattern}


def question(
    key: str, stem: str = "Explain in your own words: what is meant by “osmotic pressure”?"
) -> CandidateQuestion:
    evidence = (Citation("d", "page.txt", 1, 1, 0, len(key), key),)
    return CandidateQuestion(
        QuestionKind.SHORT_ANSWER, stem, TextKey((key,)), f"The material says: “{key}”", evidence, pattern="explain"
    )


@pytest.mark.parametrize(
    ("text", "term", "key"),
    [
        (
            "The pilots know the tides, and if the wind turns, the water is pushed back up the river, an event known as a seiche.",
            "seiche",
            "… if the wind turns, the water is pushed back up the river, an event known as a seiche.",
        ),
        (
            "The water of the bay is shallow, and it is pushed back up the river by wind, an event known as a seiche.",
            "seiche",
            "The water of the bay is shallow, and it is pushed back up the river by wind, an event known as a seiche.",
        ),
        (
            "Die Lotsen kennen die Tiden, und wenn der Wind dreht, entsteht im Becken eine stehende Welle, sogenannte Seiche.",
            "Seiche",
            "… wenn der Wind dreht, entsteht im Becken eine stehende Welle, sogenannte Seiche.",
        ),
        (
            "Water runs up the river when the wind turns. Old pilots of the bay were afraid of this sudden wave, known as a seiche.",
            "seiche",
            "Water runs up the river when the wind turns. Old pilots of the bay were afraid of this sudden wave, known as a seiche.",
        ),
    ],
)
def test_what_is_meant_by_a_name_begins_with_the_clause_that_it_sums_up(text: str, term: str, key: str) -> None:
    written = write(read(text, terms=(term,)), QuestionRequest(count=20))
    assert [question.key_text for question in written if question.pattern == "explain"] == [key]


# What is asked ---------------------------------------------------------------------------------------------


def test_where_a_sentence_gives_a_thing_its_name_the_name_is_asked_for() -> None:
    text = "The shore is cut by long narrow arms of the sea between cliffs, each called a fjord."
    assert list(asked(read(text, terms=("fjord",)), "cloze").values()) == ["fjord"]
    assert list(asked(read(text), "cloze").values()) == ["fjord"]


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("The sea reaches the lagoon, a shallow pool of salt water behind a long bar of sand.", "lagoon"),
        ("These birds are found in the marsh, a low plain of salt grass that every spring tide floods.", "marsh"),
    ],
)
def test_a_term_is_to_be_explained_where_the_text_explains_it(text: str, term: str) -> None:
    found = asked(read(text, terms=(term,)), "explain")
    assert list(found) == [f"Explain in your own words: what is meant by “{term}”?"]


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("The sailors of the old town invented something called a sextant.", "sextant"),
        ("Compared to the lagoon, a fjord is cold and a harbour is often warm in the summer.", "lagoon"),
        ("The river flows into the estuary, which is filled and emptied by the tide twice a day.", "estuary"),
        ("A lagoon is an important and powerful tool that is simple and very useful for many.", "lagoon"),
        ("A lagoon is a shallow pool of salt water behind a bar (photo by a pilot of the coast).", "lagoon"),
        ("The pilots pass the lagoon, a fjord, and a harbour on their way to the old town.", "lagoon"),
        ("The lagoon was closed by a wall when the storms of that winter had broken the bar.", "lagoon"),
        ("Lagoon means ‘lake’ in the language of the people who once lived at the coast.", "Lagoon"),
    ],
)
def test_a_term_that_is_only_named_is_not_to_be_explained(text: str, term: str) -> None:
    assert asked(read(text, terms=(term,)), "explain") == {}


@pytest.mark.parametrize(
    ("text", "pattern", "claim", "key"),
    [
        (
            "The lagoon freezes early in the winter because its water is shallow and calm.",
            "why", "The lagoon freezes early in the winter.", "because its water is shallow and calm",
        ),
        (
            "Because the water of a lagoon is shallow, its surface freezes early in the winter.",
            "why", "", "",
        ),
        (
            "Because shallow water cools fast, lagoons freeze early in the winter.",
            "why", "… lagoons freeze early in the winter.", "because shallow water cools fast",
        ),
        (
            "Weil flaches Wasser schnell abkühlt, frieren Lagunen an der Küste im Winter am frühesten.",
            "why", "… frieren Lagunen an der Küste im Winter am frühesten.", "weil flaches Wasser schnell abkühlt",
        ),
        (
            "Wenn die Nehrung einer Lagune bricht, tötet das Salz des Meeres die Pflanzen am Ufer.",
            "consequence", "Wenn die Nehrung einer Lagune bricht …", "… tötet das Salz des Meeres die Pflanzen am Ufer",
        ),
        (
            "La lagune de la côte gèle tôt en hiver parce qu'une eau calme et basse refroidit vite.",
            "why", "La lagune de la côte gèle tôt en hiver.", "parce qu'une eau calme et basse refroidit vite",
        ),
        (
            "The bar of a lagoon slows the waves, calms the water and keeps the salt inside, because sand is heavy and firm.",
            "why", "", "",
        ),
        (
            "A lagoon freezes and moves early in the winter because its water is shallow and calm.",
            "why", "", "",
        ),
        (
            "The prices of fish change all the time because nets tear, storms arrive or the tide fails.",
            "why", "", "",
        ),
        (
            "Lagoons freeze early in the winter. This is because shallow and calm water cools fast.",
            "why", "Lagoons freeze early in the winter.", "shallow and calm water cools fast",
        ),
        (
            "Shallow and calm water cools fast in cold nights. Therefore, lagoons freeze early in the winter.",
            "why", "Lagoons freeze early in the winter.", "Shallow and calm water cools fast in cold nights",
        ),
        (
            "If the bar of a lagoon breaks, the salt of the open sea kills the plants of the shore.",
            "consequence", "If the bar of a lagoon breaks …", "… the salt of the open sea kills the plants of the shore",
        ),
        (
            "The gates of the harbour are shut when the tide reaches the wall of the town.",
            "condition", "The gates of the harbour are shut.", "when the tide reaches the wall of the town",
        ),
        (
            "Engineers dredge the channel of the harbour in order to keep the way free for large ships.",
            "purpose", "Engineers dredge the channel of the harbour.", "in order to keep the way free for large ships",
        ),
    ],
)  # fmt: skip
def test_what_one_clause_says_of_the_other_is_asked(text: str, pattern: str, claim: str, key: str) -> None:
    found = asked(read(text), pattern)
    if not claim:
        assert found == {}
        return
    ((stem, told),) = found.items()
    assert stem.rstrip(" ”“»").endswith(claim)
    assert re.search(rf"[“„«] ?{re.escape(claim)}", stem)
    assert told == key


@pytest.mark.parametrize(
    "text",
    [
        "It freezes early in the winter because the water of a lagoon is shallow and calm.",
        "The lagoon freezes early in the winter because of the calm and shallow water.",
        "Lagoons that are cut off from the sea because the bar is closed have little salt.",
        "The lagoon froze in 1987 because the water of that winter was calm and shallow.",
        "We see the lagoon freeze early in the winter because you can walk on the shallow water.",
    ],
)
def test_a_claim_that_does_not_stand_alone_is_not_asked_about(text: str) -> None:
    assert asked(read(text), "why") == {}


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("The only way is a deep channel of the harbour in order to keep the path free for ships.", "purpose"),
        ("A deep channel of the harbour is necessary in order to keep the path free for ships.", "purpose"),
        ("The pilots of the harbour want to know if the tide reaches the wall of the town.", "condition"),
        ("That is, lagoons freeze early in the winter because shallow and calm water cools fast.", "why"),
        ("The process goes on early in the winter because shallow and calm water cools fast.", "why"),
        ("Lagoons freeze early, and the birds are at the shore because calm water cools fast.", "why"),
        ("If people praise the lagoon, the boats of the pilots leave the harbour at noon.", "consequence"),
        ("When talking about the lagoon, the pilots of the harbour mean a shallow pool.", "consequence"),
        ("When Martha feeds the birds, the gulls of the harbour eat the fish on the wall.", "consequence"),
        ("When storms reached the bar, the salt of the sea killed the plants of the shore.", "consequence"),
        ("If the bar of a lagoon breaks, these plants of the shore die of the salt.", "consequence"),
        ("If one of the bars breaks, the salt of the open sea kills the plants of the shore.", "consequence"),
        ("If the bar of a lagoon breaks, the plants of the shore might die of the salt.", "consequence"),
        ("When the lagoon of a delta evaporates, it undergoes a salt decline.", "consequence"),
    ],
)
def test_a_clause_is_asked_about_only_where_it_says_something_whole(text: str, pattern: str) -> None:
    assert asked(read(text), pattern) == {}


def test_an_answer_ends_where_another_main_clause_goes_on() -> None:
    text = "Lagoons freeze early in the winter because calm water cools fast, and the birds are gone by then."
    assert list(asked(read(text), "why").values()) == ["because calm water cools fast"]


def test_an_explanation_has_no_preamble_and_goes_on_to_how_the_thing_works() -> None:
    text = (
        "Old maps of this rough coast show the lagoon, a shallow pool of salt water behind a long bar of sand. "
        "The idea is to keep the waves of the open sea away from the boats."
    )
    (key,) = asked(read(text, terms=("lagoon",)), "explain").values()
    assert key == (
        "lagoon: a shallow pool of salt water behind a long bar of sand "
        "The idea is to keep the waves of the open sea away from the boats."
    ).replace("sand The", "sand. The")


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("The large estuary is divided into three parts: the mouth, the channel, and the delta.", True),
        ("The large estuary is divided into four parts: the mouth, the channel, and the delta.", False),
        ("The large estuary is divided into parts: the mouth, the channel, and reaching the delta.", False),
    ],
)
def test_points_are_as_many_as_announced_and_of_one_form(text: str, given: bool) -> None:
    assert bool(asked(read(text), "points")) == given


@pytest.mark.parametrize(
    ("text", "stem"),
    [
        ("Das Watt fällt bei Ebbe trocken, weil das Wasser der Nordsee zurückweicht.", "Das Watt fällt bei Ebbe trocken."),
        (
            "La laguna se congela pronto en invierno porque su agua es poco profunda. Las aves no tienen comida en la orilla.",
            "La laguna se congela pronto en invierno.",
        ),
        ("La lagune gèle tôt en hiver parce que son eau est calme et peu profonde.", "La lagune gèle tôt en hiver."),
        (
            "A lagoa congela cedo no inverno porque a água é calma e pouco profunda. As aves não têm comida na margem.",
            "A lagoa congela cedo no inverno.",
        ),
    ],
)  # fmt: skip
def test_reasons_are_asked_for_in_the_language_of_the_material(text: str, stem: str) -> None:
    assert any(stem in question for question in asked(read(text, title=text.split(" ", 2)[1]), "why"))


def test_a_difference_is_asked_for_where_neighbours_contrast_two_kinds_of_a_thing() -> None:
    text = (
        "The internal sphincter is made of smooth muscle without control. "
        "The external sphincter is made of skeletal muscle under control. Food leaves the body through the gut."
    )
    found = asked(read(text, terms=("internal sphincter", "external sphincter")), "difference")
    ((stem, key),) = found.items()
    assert "“internal sphincter” and “external sphincter”" in stem
    assert "smooth muscle" in key and "skeletal muscle" in key


COAST = (
    "Three sailors went to the bay in 1820 with poor tools and a small boat, and came home late in the winter. "
    "The tides of the coast are strong where the bay is narrow and the sea is deep. "
    "They lost the notes in 1845. A fisher found them in 1850 and sold them in the town for little money. "
    "The harbour is dry at low water, and ships have to wait outside until the sea is back. "
    "The people of the town were told of it in the newspaper, and few of them ever went to see the old notes."
)


def test_a_section_with_nothing_else_is_asked_for_its_main_points_in_a_lesson_only() -> None:
    matter = read(COAST, title="2.1 Tides of the coast")
    ((stem, key),) = asked(matter, "gist").items()
    assert stem == "In your own words: what are the main points of the section “Tides of the coast”?"
    assert "The tides of the coast are strong" in key and "They lost" not in key
    quizzes = (QuestionRequest(count=20), QuestionRequest(count=20, kinds=frozenset({QuestionKind.SHORT_ANSWER})))
    assert not [question for quiz in quizzes for question in write(matter, quiz) if question.pattern == "gist"]


IN_LANGUAGES = {
    "en": "The tides of the coast are strong where the bay is narrow. The harbour is dry at low water in the summer. "
    "The water of the sea is cold in the north and warm in the south. The ships are small and have to wait outside. "
    "The beach is long and has many stones in it. The islands are far away from the coast and have no harbour at all.",
    "de": "Die Gezeiten an der Küste sind stark, wo die Bucht schmal ist. Der Hafen ist bei Ebbe im Sommer trocken. "
    "Das Wasser der Meere ist im Norden kalt und im Süden warm. Die Schiffe sind klein und müssen draußen warten. "
    "Der Strand ist lang und hat viele Steine und wenig Sand. Die Inseln sind weit von der Küste entfernt und haben keinen Hafen.",
    "es": "Las mareas de la costa son fuertes donde la bahía es estrecha. El puerto está seco en verano con la marea baja. "
    "El agua del mar es fría en el norte y cálida en el sur. Los barcos son pequeños y tienen que esperar fuera. "
    "La playa es larga y tiene muchas piedras. Las islas están lejos de la costa y no tienen ningún puerto.",
    "fr": "Les marées de la côte sont fortes là où la baie est étroite. Le port est à sec en été à marée basse. "
    "L’eau des mers est froide dans le nord et chaude dans le sud. Les bateaux sont petits et doivent attendre dehors. "
    "La plage est longue et a beaucoup de pierres. Les îles sont loin de la côte et n’ont pas de port du tout.",
    "pt": "As marés da costa são fortes onde a baía é estreita. O porto está seco no verão com a maré baixa. "
    "A água do mar é fria no norte e quente no sul. Os barcos são pequenos e têm de esperar fora da barra. "
    "A praia é longa e tem muitas pedras. As ilhas estão longe da costa e não têm nenhum porto para barcos grandes.",
}


@pytest.mark.parametrize(
    ("tag", "title", "stem"),
    [
        ("en", "Why are tides strong?", "Answer in your own words, from the material: “Why are tides strong?”"),
        ("en", "The moon rules the sea", "what are the main points of the section “The moon rules the sea”?"),
        ("de", "Der Mond lenkt das Meer", "die Hauptpunkte des Abschnitts wieder: „Der Mond lenkt das Meer“"),
        ("es", "La luna y el mar", "¿cuáles son los puntos principales del apartado «La luna y el mar»?"),
        ("fr", "La lune et la mer", "quels sont les points principaux de la partie « La lune et la mer » ?"),
        ("pt", "A lua e o mar", "quais são os pontos principais da seção “A lua e o mar”?"),
    ],
)
def test_the_question_for_main_points_reads_well_whatever_the_heading_is(tag: str, title: str, stem: str) -> None:
    matter = read(IN_LANGUAGES[tag], title=title)
    assert matter.language.tag == tag
    assert any(stem in question for question in asked(matter, "gist"))


SPRING_TIDE = (
    "A spring tide is a tide that is higher than the others, and it comes when the moon is full or new. "
    "Three sailors went to the bay in 1820 with poor tools and a small boat, and came home late in the winter. "
    "In narrow bays a spring tide is often strong, and ships have to wait outside until the sea is calm."
)


def test_a_heading_that_says_nothing_is_asked_for_by_the_term_of_its_section() -> None:
    found = asked(read(SPRING_TIDE, title="Summary", terms=("spring tide",)), "gist")
    assert list(found) == ["In your own words: what does the section “Summary” say about “spring tide”?"]
    assert all("spring tide" in part for part in found.popitem()[1].split(". "))


@pytest.mark.parametrize(
    "title", ["Review exercises", "Further reading", "Learning objectives", "Discussion questions"]
)
def test_a_section_that_does_not_teach_is_not_asked_for_main_points(title: str) -> None:
    assert not asked(read(SPRING_TIDE, title=title, terms=("spring tide",)), "gist")


def test_the_main_points_may_point_back_to_each_other_where_too_few_stand_alone() -> None:
    text = (
        "A process is in one of a few states. It is new while the kernel makes room for it in the memory of the machine. "
        "It is ready when it could run but has no processor, and it is blocked when it has to wait for something else. "
        "It is terminated when the last of its work is done and the kernel has taken its memory back for others."
    )
    ((_, key),) = asked(read(text, title="States of a process"), "gist").items()
    assert key.startswith("A process is in one of a few states. It is")


def test_a_small_word_joined_to_the_next_one_is_no_word_that_the_passage_lacks() -> None:
    text = "Le rail mit fin aux disettes locales, puisqu’une région qu’elle touchait était ravitaillée en peu de jours."
    cited = Citation("d", "page.txt", 1, 1, 0, len(text), text)
    content = DocumentText(text, (PageSpan(1, 0, len(text)),), language="fr")
    source = SentenceStatistics([SourceDocument("d", "page.txt", content)])
    assert not compare(text, CitedPassages((cited,), source), source, context=False).missing


# How many ----------------------------------------------------------------------------------------------------


def _proposed(open_ones: int, closed: int) -> list[CandidateQuestion]:
    made = []
    for at in range(open_ones + closed):
        name, key = f"thing{at}", f"Thing{at} is a kind{at} of water{at} at coast{at}."
        text = Citation("d", "page.txt", 1, 1, 100 * at, 100 * at + len(key), key)
        pattern = "explain" if at < open_ones else "definition"
        stem = (
            f"Explain in your own words: what is meant by “{name}”?"
            if at < open_ones
            else f"Write the term for kind{at}:"
        )
        kind = TextKey((key if at < open_ones else name,))
        made.append(
            CandidateQuestion(QuestionKind.SHORT_ANSWER, stem, kind, "", (text,), concept=name, pattern=pattern)
        )
    return made


class _Lenient(Verifier):
    def verify(self, question, bank=()):  # type: ignore[no-untyped-def]
        from sessions_app.domain.questions.types import Verdict

        return Verdict()


@pytest.mark.parametrize(("open_ones", "closed", "expected"), [(10, 10, 4), (10, 3, 7), (2, 10, 2)])
def test_open_questions_are_a_part_of_a_quiz_unless_there_is_little_else(
    open_ones: int, closed: int, expected: int
) -> None:
    waiting = [_proposed(open_ones, closed), [], []]
    chosen = select(lambda wish: waiting.pop(0), _Lenient(SentenceStatistics([])), QuestionRequest(count=10)).questions
    assert sum(question.is_open for question in chosen) == expected
    assert MOST_OPEN * 10 == 4


def test_a_quiz_of_other_kinds_has_no_open_question() -> None:
    matter = read("The lagoon freezes early in the winter because its water is shallow and calm.")
    assert not write(matter, QuestionRequest(count=10, kinds=frozenset({QuestionKind.MULTIPLE_CHOICE})))


# How answers are graded ------------------------------------------------------------------------------------


def graded(text: str, key: str = OSMOTIC) -> GradeVerdict:
    one = question(key)
    return grade(one.key, GivenAnswer(text=text), stem=one.stem, own_words=one.is_open).verdict


@pytest.mark.parametrize(
    "text",
    [
        OSMOTIC,
        "The pressure you have to apply to the concentrated solution so that osmosis stops.",
        "How hard you must push on the stronger side until no more water comes through the membrane.",
        "It is what it takes to hold osmosis up.",
    ],
)
def test_a_good_answer_in_own_words_is_right_or_waits_and_is_never_wrong(text: str) -> None:
    assert graded(text) in {GradeVerdict.CORRECT, GradeVerdict.NEEDS_REVIEW}


def test_an_answer_that_says_what_the_key_says_is_right() -> None:
    told = "Osmotic pressure is the pressure that has to be applied to the more concentrated solution to stop osmosis."
    assert graded(told) is GradeVerdict.CORRECT


@pytest.mark.parametrize(
    "text", ["Osmotic pressure is osmotic pressure.", "It is very important in chemistry.", "pressure"]
)
def test_an_empty_phrase_is_not_right(text: str) -> None:
    assert graded(text) is not GradeVerdict.CORRECT


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("I don't know", OSMOTIC),
        (
            "Osmotic pressure is the pressure that must not be applied to the more concentrated solution to cause osmosis to stop.",
            OSMOTIC,
        ),
        ("The lagoon freezes early because its water is deep and calm.", "The lagoon freezes early because its water is shallow and calm."),
    ],
)  # fmt: skip
def test_giving_up_and_contradicting_are_wrong(text: str, key: str) -> None:
    assert graded(text, key) is GradeVerdict.INCORRECT


def test_a_name_that_goes_on_and_an_enumeration_with_two_names_of_one_thing_are_left_alone() -> None:
    text = "Nerves that carry signals from the brain to the muscles of the body are called motor or efferent nerves."
    assert asked(read(text, terms=("motor",)), "explain") == {}
    told = "The channel of the membrane has three main parts: the sensor, the pore or pathway, and the gate."
    assert asked(read(told), "points") == {}


def test_points_are_parts_that_may_be_given_in_any_order() -> None:
    matter = read("The large intestine has four main regions: the cecum, the colon, the rectum, and the anus.")
    written = [q for q in write(matter, QuestionRequest(count=10)) if q.pattern == "points"]
    assert [type(one.key) for one in written] == [PartsKey]
    verdict = grade(
        written[0].key, GivenAnswer(text="colon, anus, cecum and rectum"), stem=written[0].stem, own_words=True
    )
    assert verdict.correct


# In a dialogue ---------------------------------------------------------------------------------------------


def test_no_hint_of_an_open_question_tells_its_answer() -> None:
    one, english = question(OSMOTIC), language("en")
    assert ladder(one) == (Rung.PLACE, Rung.KIND, Rung.NARROW)
    lesson = LessonContent("t", "", "", (), "builtin")
    texts = [hint(one, level, lesson, Speech(english), english).text for level in (1, 2, 3)]
    assert not any(tells(one, text, english) for text in texts)
    assert "concentrated" in texts[2]


def test_asking_what_an_open_question_asks_is_seen() -> None:
    assert is_close_to_stem("What is osmotic pressure?", question(OSMOTIC).stem)
    assert not is_close_to_stem("What is a membrane?", question(OSMOTIC).stem)


def test_an_answer_that_waits_is_shown_what_to_compare_it_with() -> None:
    from sessions_app.domain.dialogue.machine import Rules, Script
    from sessions_app.engine.dialogue.content import Scene, outcome

    english = language("en")
    scene = Scene(LessonContent("t", "", "", (), "builtin"), {}, Script(()), Rules(), Speech(english), english)
    _, shown = outcome(scene, question(OSMOTIC), Effect(EffectKind.UNSURE, 0, 0))
    assert shown["outcome"] == "unsure"
    assert shown["correct_answer"] == OSMOTIC
    assert shown["citations"]


@pytest.mark.parametrize(
    ("text", "outright"),
    [
        ("What is the right answer?", True),
        ("Was ist die richtige Antwort?", True),
        ("Welche Option ist richtig?", True),
        ("¿Cuál es la respuesta correcta?", True),
        ("Dis-moi la bonne réponse", True),
        ("Qual é a resposta certa?", True),
        ("How does ice move?", False),
        ("Wie antwortet der Körper auf Kälte?", False),
        ("¿Qué responde el cuerpo al frío?", False),
        ("Pourquoi la glace avance-t-elle ?", False),
        ("Por que o gelo avança?", False),
    ],
)
def test_who_asks_for_the_right_answer_is_understood_in_each_language(text: str, outright: bool) -> None:
    assert asks_outright(text) is outright
