from __future__ import annotations

from dataclasses import replace

import pytest

from sessions_app.domain.questions.lint import RULES, lint
from sessions_app.domain.questions.types import CandidateQuestion, ChoiceKey, NumericKey, QuestionKind, TextKey
from tests.unit.sessions.question_material import CLOZE, FASTER, GOOD, MORAINE, SHARE, choice
from tutor_project.language import language

QUOTE = "A moraine is a ridge of rock debris that a glacier leaves behind."


def mc(stem: str, *texts: str) -> CandidateQuestion:
    return choice(stem, texts[0], list(texts[1:]), QUOTE)


FLAWED: list[tuple[str, CandidateQuestion]] = [
    ("stem_incomplete", replace(MORAINE, stem="What is the name of the?")),
    ("stem_incomplete", replace(MORAINE, stem="What is a ridge of rock debris")),
    ("stem_incomplete", replace(MORAINE, stem="Moraine?")),
    ("dangling_reference", replace(MORAINE, stem="What does this process leave behind?")),
    ("dangling_reference", replace(MORAINE, stem="What does the figure above show about glaciers?")),
    ("dangling_reference", replace(MORAINE, stem="Where does it deposit the debris?")),
    ("dangling_reference", replace(FASTER, stem="They move faster than the ice at the bed.")),
    ("dangling_option", mc("What do glaciers leave behind?", "Ridges", "These valleys", "Lakes", "Rivers")),
    ("discourse_opener", replace(MORAINE, stem="However, what is a ridge of rock debris called?")),
    ("negative_stem", replace(MORAINE, stem="Which of the following is not a ridge of rock debris?")),
    ("double_negative", replace(FASTER, stem="The ice does not move when it is not stretched by the bed.")),
    (
        "all_or_none_of_the_above",
        mc("What do glaciers leave behind?", "Ridges", "Lakes", "Valleys", "All of the above"),
    ),
    ("all_or_none_of_the_above", mc("What do glaciers leave behind?", "Ridges", "Lakes", "Valleys", "None of these")),
    ("combined_options", mc("What do glaciers leave behind?", "Ridges", "Lakes", "Valleys", "Both A and C")),
    ("absolute_terms", mc("How does ice move?", "Slowly downhill", "Always upward", "In circles", "By wind")),
    ("vague_terms", mc("How does ice move?", "Slowly downhill", "Sometimes upward", "In circles", "By wind")),
    (
        "longest_option_is_key",
        mc(
            "What is a moraine?",
            "A ridge of rock debris that a glacier leaves behind",
            "A deep crack",
            "A lake",
            "A hollow",
        ),
    ),
    (
        "key_much_shorter",
        mc(
            "What is firn?",
            "Old snow",
            "A ridge of rock debris left by ice",
            "A bowl-shaped hollow in a cliff",
            "A deep crack in the moving ice",
        ),
    ),
    ("grammatical_cue", mc("A ridge of rock debris is called an", "Esker", "Moraine", "Cirque", "Fjord")),
    ("grammatical_cue", mc("Which of the following are left behind?", "Moraines", "Crevasse", "Esker", "Cirque")),
    ("grammatical_cue", replace(CLOZE, stem="The lower part of a glacier is an _____ zone.")),
    ("option_heterogeneity", mc("How fast do glaciers move?", "100 metres a day", "Slowly", "Downhill", "By sliding")),
    ("duplicate_options", mc("What do glaciers leave behind?", "Moraines", "The moraine", "Lakes", "Valleys")),
    ("overlapping_options", mc("What do glaciers leave behind?", "Moraines", "Terminal moraines", "Lakes", "Valleys")),
    (
        "overlapping_options",
        mc("How much water is ice?", "69 percent", "More than 50 percent", "10 percent", "20 percent"),
    ),
    ("number_order", mc("How much water is ice?", "69 percent", "20 percent", "95 percent", "50 percent")),
    ("implausible_number", mc("How much does it weigh?", "2 kg", "5 kg", "9 kg", "900000 kg")),
    ("clang", mc("What is a moraine ridge made of?", "Ridge debris", "Clear water", "Fresh snow", "Warm air")),
    ("clang", mc("What does a mediator bring about?", "A mediation", "A clear lake", "Fresh snow", "Warm air")),
    (
        "clang",
        mc("What is a stagnant economy with rising prices?", "Stagflation", "Inflation", "Deflation", "Recession"),
    ),
    ("clang", replace(CLOZE, stem="Where a glacier ablates most is its _____ zone.")),
    ("clang", mc("What is given against gout?", "Antigout drugs", "Clear water", "Fresh snow", "Warm air")),
    ("clang", mc("What is given against malaria?", "Antimalarial drugs", "Clear water", "Fresh snow", "Warm air")),
    ("answer_in_stem", replace(CLOZE, stem="In the ablation zone, the lower part is called the _____ zone.")),
    ("gap_at_start", replace(CLOZE, stem="_____ is the lower zone of a glacier.")),
    ("gap_count", replace(CLOZE, stem="The lower part is called the _____ zone of the _____.")),
    ("gap_count", replace(CLOZE, stem="The lower part of a glacier has a name.")),
    ("option_count", mc("What do glaciers leave behind?", "Moraines", "Lakes")),
    ("option_count", replace(CLOZE, options=MORAINE.options)),
    ("key_missing", replace(MORAINE, key=ChoiceKey("ffffffff"))),
    ("key_missing", replace(CLOZE, key=TextKey(("",)))),
    ("key_missing", replace(CLOZE, kind=QuestionKind.NUMERIC, key=NumericKey(10.0, 9.0))),
    ("unfocused_stem", mc("Which of the following is true?", "Ice melts", "Ice burns", "Ice sings", "Ice rusts")),
    ("opinion", replace(MORAINE, stem="Which glacier do you think is best?")),
    ("placeholder", replace(MORAINE, explanation="[Generation failed] no explanation")),
    ("placeholder", mc("What do glaciers leave behind?", "Moraines", "Option B", "Option C", "Option D")),
    ("repeated_words", replace(MORAINE, stem="What is the the ridge of rock debris called?")),
    ("repeated_words", replace(MORAINE, stem="What is a ridge (of rock debris called?")),
    ("stem_too_long", replace(MORAINE, stem="What is " + "a very " * 40 + "long ridge called?")),
    (
        "shared_option_start",
        mc(
            "What does a moraine consist of?",
            "It is made up of rock",
            "It is made up of snow",
            "It is made up of sand",
            "It is made up of salt",
        ),
    ),
    ("explanation_missing", replace(MORAINE, explanation="Because.")),
]


@pytest.mark.parametrize(("rule", "question"), FLAWED, ids=[f"{rule}-{n}" for n, (rule, _) in enumerate(FLAWED)])
def test_the_flaw_is_named(rule: str, question: CandidateQuestion) -> None:
    assert rule in {failure.rule for failure in lint(question)}


@pytest.mark.parametrize("question", GOOD, ids=lambda question: question.stem[:30])
def test_a_good_question_has_no_flaw(question: CandidateQuestion) -> None:
    assert lint(question) == []


def test_an_emphasised_negative_stem_is_allowed() -> None:
    question = mc(
        "Which of the following is NOT left behind by a glacier?", "A palm tree", "A moraine", "An esker", "A cirque"
    )
    assert "negative_stem" not in {failure.rule for failure in lint(question)}


@pytest.mark.parametrize(
    "texts",
    [
        ("A mediation", "A mediated lake", "Fresh snow", "Warm air"),
        ("A radiation", "A clear lake", "Fresh snow", "Warm air"),
    ],
)
def test_words_of_one_family_give_a_key_away_where_no_other_option_holds_one(texts: tuple[str, ...]) -> None:
    assert lint(mc("What does a mediator bring about at a station?", *texts)) == []


def test_numbers_in_falling_order_are_in_order() -> None:
    question = replace(SHARE, options=tuple(reversed(SHARE.options)))
    assert "number_order" not in {failure.rule for failure in lint(question)}


def test_there_are_more_than_fifteen_rules_and_each_is_shown_to_fire() -> None:
    assert len(RULES) > 15
    shown = {rule for rule, _ in FLAWED}
    assert set(RULES) - shown <= {"similar_options"}


IN_OTHER_LANGUAGES = [
    ("dangling_reference", "de", "Was zeigt die Abbildung oben über Gletscher?", ("Eis", "Fels", "Sand")),
    ("dangling_reference", "es", "¿Qué deja atrás este proceso?", ("Hielo", "Roca", "Arena")),
    ("dangling_reference", "fr", "Que laisse ce processus derrière lui ?", ("Glace", "Roche", "Sable")),
    ("dangling_reference", "pt", "O que deixa para trás este processo?", ("Gelo", "Rocha", "Areia")),
    ("discourse_opener", "de", "Daher schmilzt das Eis am Gletscher?", ("Eis", "Fels", "Sand")),
    ("discourse_opener", "fr", "Cependant, que laisse un glacier ?", ("Glace", "Roche", "Sable")),
    ("negative_stem", "de", "Was lässt ein Gletscher nicht zurück?", ("Eis", "Fels", "Sand")),
    ("negative_stem", "es", "¿Qué no deja atrás un glaciar?", ("Hielo", "Roca", "Arena")),
    ("negative_stem", "pt", "O que não deixa um glaciar?", ("Gelo", "Rocha", "Areia")),
    ("absolute_terms", "de", "Wie fließt das Eis?", ("Langsam bergab", "Immer bergauf", "Im Kreis")),
    ("absolute_terms", "fr", "Comment coule la glace ?", ("Lentement vers le bas", "Toujours vers le haut", "En rond")),
    ("vague_terms", "de", "Wie fließt das Eis?", ("Langsam bergab", "Manchmal bergauf", "Im Kreis")),
    ("all_or_none_of_the_above", "de", "Was lassen Gletscher zurück?", ("Fels", "Sand", "Alle genannten Antworten")),
    ("all_or_none_of_the_above", "es", "¿Qué dejan los glaciares?", ("Roca", "Arena", "Todas las anteriores")),
    ("all_or_none_of_the_above", "fr", "Que laissent les glaciers ?", ("Roche", "Sable", "Toutes les réponses")),
    ("all_or_none_of_the_above", "pt", "O que deixam os glaciares?", ("Rocha", "Areia", "Todas as anteriores")),
    ("combined_options", "de", "Was lassen Gletscher zurück?", ("Fels", "Sand", "A und B")),
    ("overlapping_options", "es", "¿Cuánta agua es hielo?", ("69 por ciento", "Más de 50 por ciento", "10 por ciento")),
    ("unfocused_stem", "de", "Welche der folgenden Aussagen ist richtig?", ("Eis", "Fels", "Sand")),
    ("unfocused_stem", "es", "¿Cuál de las siguientes afirmaciones es verdadera?", ("Hielo", "Roca", "Arena")),
    ("unfocused_stem", "pt", "Qual das seguintes afirmações é verdadeira?", ("Gelo", "Rocha", "Areia")),
    ("opinion", "fr", "Que pensez-vous de la glace ?", ("Glace", "Roche", "Sable")),
    ("placeholder", "es", "¿Qué dejan los glaciares?", ("Roca", "Opción B", "Opción C")),
]


@pytest.mark.parametrize(("rule", "tag", "stem", "texts"), IN_OTHER_LANGUAGES)
def test_a_flaw_is_named_in_the_language_of_the_material(
    rule: str, tag: str, stem: str, texts: tuple[str, ...]
) -> None:
    question = mc(stem, *texts)
    assert rule in {failure.rule for failure in lint(question, language(tag))}
    assert rule not in {failure.rule for failure in lint(question, language("sv"))}, "found by no word of the language"


@pytest.mark.parametrize(
    ("tag", "stem"),
    [
        ("de", "Was lässt ein Gletscher zurück, der nicht mehr wächst?"),
        ("es", "¿Qué se forma al este de un glaciar?"),
        ("fr", "Qu'est-ce qu'une moraine ?"),
        ("pt", "Como se chama a zona inferior de um glaciar?"),
    ],
)
def test_a_plain_question_of_another_language_has_no_flaw(tag: str, stem: str) -> None:
    found = lint(mc(stem, "Alpha", "Beta", "Gamma"), language(tag))
    assert [failure.rule for failure in found] == []


@pytest.mark.parametrize(
    ("stem", "key", "offered"),
    [
        ("Ice is lost there. Is that the ablation or the accumulation zone?", "ablation", True),
        ("Which is the lower part: accumulation, firn or ablation?", "ablation", True),
        ("Which zone of ablation lies at the lower end of a glacier?", "ablation", False),
        ("Why is more ice lost to ablation in summer, and which zone loses it first or most?", "ablation", False),
    ],
)
def test_an_answer_offered_beside_another_is_not_given_away(stem: str, key: str, offered: bool) -> None:
    asked = replace(CLOZE, kind=QuestionKind.SHORT_ANSWER, stem=stem, key=TextKey((key,)))
    assert ("answer_in_stem" not in {failure.rule for failure in lint(asked)}) is offered
