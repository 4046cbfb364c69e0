from __future__ import annotations

from collections import Counter

import pytest

from documents_app.domain.analysis import Sentence
from sessions_app.domain.questions.duplicates import BankItem
from sessions_app.domain.questions.lint import lint
from sessions_app.domain.questions.selection import spread_keys
from sessions_app.domain.questions.types import ChoiceKey, QuestionKind, TextKey
from sessions_app.engine.questions.clauses import read_clause, without_parentheses
from sessions_app.engine.questions.families import family
from sessions_app.engine.questions.fitness import is_statable
from sessions_app.engine.questions.generate import generate
from sessions_app.engine.questions.quiz import WrittenQuiz, write_quiz
from sessions_app.engine.questions.reading import ReadSentence, read_material
from sessions_app.engine.questions.tagging import tag_sentence
from sessions_app.engine.questions.wording import upper_first
from tests.unit.sessions.question_material import MORAINE, SHARE, document, embed, sections, source


def quiz(count: int = 10, **options: object) -> WrittenQuiz:
    return write_quiz([document()], sections(), (), (), embed, count=count, **options)  # type: ignore[arg-type]


def test_every_question_is_verified_and_cites_the_stored_text_exactly() -> None:
    written = quiz()
    assert len(written.questions) == 10
    for question in written.questions:
        assert lint(question) == []
        assert all(source().is_exact(citation) for citation in question.evidence)
        assert question.explanation
        assert question.section_title in {"How glaciers form", "How glaciers move"}


def test_the_same_seed_gives_the_same_quiz_and_another_seed_another() -> None:
    assert quiz(seed=4).questions == quiz(seed=4).questions
    assert quiz(seed=4).questions != quiz(seed=5).questions


def test_stems_stand_alone_and_do_not_repeat() -> None:
    stems = [question.stem for question in quiz(20).questions]
    assert len(set(stems)) == len(stems)
    assert not any(
        word in f" {stem.lower()} " for stem in stems for word in (" this ", " these ", " however", " figure ")
    )


def test_fewer_than_asked_for_comes_with_a_note() -> None:
    written = quiz(50)
    assert 0 < len(written.questions) < 50
    assert "50 were asked for" in written.note
    assert str(len(written.questions)) in written.note


def test_a_topic_is_honoured_and_an_absent_one_gives_nothing() -> None:
    about = quiz(5, topic="moraine")
    assert about.questions
    assert all("moraine" in question.evidence[0].text.lower() for question in about.questions)
    absent = quiz(5, topic="Byzantine tax law")
    assert absent.questions == ()
    assert "Byzantine tax law" in absent.note


@pytest.mark.parametrize("kind", [QuestionKind.MULTIPLE_CHOICE, QuestionKind.TRUE_FALSE, QuestionKind.SHORT_ANSWER])
def test_only_the_kinds_asked_for_are_written(kind: QuestionKind) -> None:
    written = quiz(4, kinds=[kind])
    assert written.questions
    assert {question.kind for question in written.questions} == {kind}


def test_difficulty_asked_for_is_the_difficulty_given() -> None:
    for level in ("easy", "medium"):
        assert {question.difficulty.value for question in quiz(4, difficulty=level).questions} <= {level}


def test_questions_of_the_bank_are_not_asked_again() -> None:
    first = quiz(8, seed=1)
    bank = [BankItem.of(question) for question in first.questions]
    second = quiz(8, seed=1, bank=bank)
    assert not {q.fingerprint for q in first.questions} & {q.fingerprint for q in second.questions}


def test_keys_take_every_position_equally_often_and_numbers_stay_in_order() -> None:
    placed = spread_keys([MORAINE] * 12 + [SHARE], seed=3)
    places = Counter(
        [option.id for option in q.options].index(q.key.option_id) for q in placed[:12] if isinstance(q.key, ChoiceKey)
    )
    assert places == {0: 3, 1: 3, 2: 3, 3: 3}
    assert all(q.key == MORAINE.key for q in placed[:12])
    assert placed[12].options == SHARE.options


def test_material_without_prose_gives_no_questions() -> None:
    assert generate([document()], (), embed=embed, count=5) == []


def test_definitions_become_questions_in_both_directions() -> None:
    questions = generate([document()], sections(), embed=embed, count=60, seed=2)  # type: ignore[arg-type]
    asked = {q.stem: q for q in questions}
    terms = [q for q in questions if q.stem.startswith("What is the term for")]
    assert terms
    assert all(isinstance(q.key, TextKey | ChoiceKey) for q in terms)
    assert any(q.kind is QuestionKind.TRUE_FALSE for q in asked.values())


@pytest.mark.parametrize(
    ("sentence", "subject", "verb"),
    [
        ("Glaciers contain most of the fresh water.", "Glaciers", "contain"),
        ("The cell wall, which is rigid, protects the cell.", "The cell wall", "protects"),
        ("In 1837, Louis Agassiz proposed the theory of an ice age.", "Louis Agassiz", "proposed"),
        ("Valley glaciers are confined by the walls of a mountain valley.", "Valley glaciers", "are confined"),
        ("The normal force can act on a body at rest.", "The normal force", "can act"),
    ],
)
def test_the_main_clause_is_found(sentence: str, subject: str, verb: str) -> None:
    clause = read_clause(sentence, tag_sentence(sentence))
    assert clause is not None
    assert (clause.subject_text, clause.verb_text) == (subject, verb)


@pytest.mark.parametrize(
    "sentence",
    [
        "Cells surrounded by a wall are rigid and strong here.",
        "What is ice made of?",
        "“Ice!” he said to the others.",
        "There is ice.",
    ],
)
def test_a_sentence_that_is_not_certain_is_left_alone(sentence: str) -> None:
    assert read_clause(sentence, tag_sentence(sentence)) is None


def test_brackets_are_left_out_whole() -> None:
    assert without_parentheses("Ice (frozen water (solid)) floats [1].") == "Ice floats."


def test_a_verb_that_no_lexicon_holds_is_not_read_as_a_plural() -> None:
    tags = {token.low: token.tag for token in tag_sentence("All cells have a membrane that envelops the cell.")}
    assert (tags["envelops"], tags["that"]) == ("VBZ", "WDT")


def test_a_quiz_of_one_kind_holds_only_that_kind() -> None:
    assert {question.kind for question in quiz(3, kinds=[QuestionKind.TRUE_FALSE]).questions} == {
        QuestionKind.TRUE_FALSE
    }


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("photosynthesis", "respiration", True),
        ("cholera", "typhoid fever", True),
        ("tuberculosis", "malaria", True),
        ("neutrality principle", "cell theory", True),
        ("decrease", "glucose", False),
        ("osmosis", "malaria", False),
    ],
)
def test_options_are_of_one_family(one: str, other: str, alike: bool) -> None:
    known = family(one), family(other)
    assert (known[0] == known[1] or "" in known) if alike else known[0] != known[1]


@pytest.mark.parametrize(
    "sentence",
    [
        "Many other forms of ice exist on the moons of Saturn.",
        "A second layer of firn covers the upper part of the glacier.",
        "Meltwater is carried instead to the bed of the glacier.",
        "All rights reserved by the publisher of the glacier book.",
        "In this chapter glaciers are compared with rivers of lava.",
    ],
)
def test_a_sentence_that_leans_on_its_neighbours_or_speaks_of_the_book_is_not_stated(sentence: str) -> None:
    read = ReadSentence(
        0, Sentence(0, 0, len(sentence), sentence), sections()[0], sentence, tag_sentence(sentence), None
    )
    read.clause = read_clause(sentence, read.tokens)
    assert not is_statable(read, read_material([document()], sections(), (), (), None))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "shown"), [("mRNA", "mRNA"), ("pH", "pH"), ("x-axis", "x-axis"), ("glacier ice", "Glacier ice")]
)
def test_a_name_that_begins_small_keeps_its_small_letter(text: str, shown: str) -> None:
    assert upper_first(text) == shown


def test_two_verbs_of_one_subject_are_not_cut_apart() -> None:
    sentence = "Meltwater freezes in the cracks and expands with great force."
    clause = read_clause(sentence, tag_sentence(sentence))
    assert clause is not None
    assert clause.statement == sentence


def test_a_share_is_never_above_the_whole() -> None:
    for seed in range(8):
        for question in quiz(20, seed=seed, kinds=[QuestionKind.MULTIPLE_CHOICE]).questions:
            if "percent" in question.stem:
                assert all(float(option.text.split()[0]) < 100 for option in question.options)
