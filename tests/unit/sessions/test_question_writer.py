"""The built-in writer: what it asks of a small page, in five languages, and what it leaves alone."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace

import pytest

from documents_app.domain.blocks import Block, BlockKind, Mark, MarkKind, tile
from documents_app.domain.material import DocumentText, PageSpan, SourceDocument
from documents_app.domain.matter.defining import definition_in
from documents_app.domain.matter.reading import citable_spans, read_matter
from documents_app.domain.matter.standing import stands_alone
from documents_app.domain.matter.types import Matter
from documents_app.domain.reading.outline import outline
from sessions_app.domain.questions.duplicates import BankItem
from sessions_app.domain.questions.lint import lint
from sessions_app.domain.questions.request import QuestionRequest
from sessions_app.domain.questions.selection import Selection, select, spread_keys
from sessions_app.domain.questions.sentences import SentenceStatistics
from sessions_app.domain.questions.types import ChoiceKey, DifficultyLevel, QuestionKind
from sessions_app.domain.questions.verifier import Verifier
from sessions_app.engine.questions.symbols import in_line
from sessions_app.engine.questions.writing import write
from tests.unit.sessions.question_material import MORAINE, SHARE, document, sections, source, verifier
from tutor_project.language import language


def matter() -> Matter:
    return read_matter([document()], sections())


def quiz(count: int = 10, *, bank: tuple[BankItem, ...] = (), **wishes: object) -> Selection:
    own = matter()
    request = QuestionRequest(count=count, **wishes)  # type: ignore[arg-type]
    return select(lambda wish: write(own, wish), verifier(), request, bank=bank)


def page(text: str, *known: Block) -> SourceDocument:
    return SourceDocument("d", "page.txt", DocumentText(text, (PageSpan(1, 0, len(text)),), tile(text, [0], known)))


def read(source_document: SourceDocument) -> Matter:
    return read_matter([source_document], outline([source_document]))


def test_every_question_is_verified_and_cites_the_stored_text_exactly() -> None:
    written = quiz()
    assert len(written.questions) >= 6
    for question in written.questions:
        assert lint(question) == []
        assert all(source().is_exact(citation) for citation in question.evidence)
        assert question.explanation
        assert question.section_title in {"How glaciers form", "How glaciers move"}


def test_the_same_seed_gives_the_same_quiz() -> None:
    assert quiz(seed=4).questions == quiz(seed=4).questions


def test_no_two_questions_of_a_quiz_are_about_one_passage() -> None:
    passages = [question.evidence[0].char_start for question in quiz(20).questions]
    assert len(set(passages)) == len(passages)


def test_a_quiz_is_rather_short_than_filled() -> None:
    assert 0 < len(quiz(50).questions) < 50


def test_a_topic_is_honoured_and_an_absent_one_gives_nothing() -> None:
    about = quiz(5, topic="moraine").questions
    assert about
    assert all("moraine" in question.evidence[0].text.lower() for question in about)
    assert quiz(5, topic="Byzantine tax law").questions == ()


@pytest.mark.parametrize("kind", [QuestionKind.MULTIPLE_CHOICE, QuestionKind.SHORT_ANSWER])
def test_only_the_kinds_asked_for_are_written(kind: QuestionKind) -> None:
    written = quiz(4, kinds=frozenset({kind})).questions
    assert written
    assert {question.kind for question in written} == {kind}


@pytest.mark.parametrize("level", list(DifficultyLevel))
def test_difficulty_asked_for_is_the_difficulty_given(level: DifficultyLevel) -> None:
    assert {question.difficulty for question in quiz(4, difficulty=level).questions} <= {level}


def test_sections_asked_for_are_the_sections_given() -> None:
    one = next(section for section in sections() if section.title == "How glaciers move")
    written = quiz(5, within=frozenset({one.index})).questions
    assert written
    assert {question.section_title for question in written} == {"How glaciers move"}


def test_questions_of_the_bank_are_not_asked_again() -> None:
    first = quiz(6, seed=1).questions
    second = quiz(6, seed=1, bank=tuple(BankItem.of(question) for question in first)).questions
    assert not {q.fingerprint for q in first} & {q.fingerprint for q in second}


def test_keys_take_every_position_equally_often_and_numbers_stay_in_order() -> None:
    placed = spread_keys([MORAINE] * 12 + [SHARE], seed=3)
    places = Counter(
        [option.id for option in q.options].index(q.key.option_id) for q in placed[:12] if isinstance(q.key, ChoiceKey)
    )
    assert places == {0: 3, 1: 3, 2: 3, 3: 3}
    assert all(q.key == MORAINE.key for q in placed[:12])
    assert placed[12].options == SHARE.options


def test_material_without_prose_gives_no_questions() -> None:
    assert write(read_matter([document()], ()), QuestionRequest(count=5)) == []


DEFINED = {
    "en": [
        ("A moraine is a ridge of debris that a glacier leaves behind.", "moraine"),
        ("The limit to which a population can grow is called carrying capacity.", "carrying capacity"),
        ("Inflation refers to a general rise of prices over time.", "Inflation"),
    ],
    "de": [
        ("Eine Moräne ist ein Wall aus Schutt am Rand eines Gletschers.", "Moräne"),
        ("Unter Inflation versteht man den allgemeinen Anstieg der Preise.", "Inflation"),
        ("Als Kollision bezeichnet man einen Graphen mit zwei Ursachen.", "Kollision"),
    ],
    "es": [
        ("La inflación es el aumento general de los precios en un país.", "inflación"),
        ("La erosión se define como el desgaste de la superficie terrestre.", "erosión"),
    ],
    "fr": [
        ("La moraine est un amas de débris que laisse un glacier.", "moraine"),
        ("L'inflation désigne la hausse générale des prix dans un pays.", "inflation"),
    ],
    "pt": [
        ("A inflação é o aumento geral dos preços em um país.", "inflação"),
        ("A sonificação refere-se a transformar dados em sinais sonoros.", "sonificação"),
    ],
}


@pytest.mark.parametrize(
    ("tag", "text", "term"), [(t, text, term) for t, rows in DEFINED.items() for text, term in rows]
)
def test_definitions_are_found_in_five_languages(tag: str, text: str, term: str) -> None:
    found = definition_in(text, language(tag))
    assert found is not None
    assert found.term == term


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("en", "It is a ridge of debris that a glacier leaves behind."),
        ("en", "The reason is the slow movement of the ice over its bed."),
        ("en", "A moraine is one of the most beautiful things in the mountains."),
        ("de", "Dies ist ein Wall aus Schutt am Rand eines Gletschers."),
        ("es", "El ejemplo es el desgaste de la superficie terrestre."),
        ("fr", "Elle est un amas de débris que laisse un glacier."),
        ("pt", "Isso é o aumento geral dos preços em um país."),
    ],
)
def test_what_only_looks_like_a_definition_is_none(tag: str, text: str) -> None:
    assert definition_in(text, language(tag)) is None


@pytest.mark.parametrize(
    ("tag", "text", "alone"),
    [
        ("en", "Glaciers are large masses of ice that move over land.", True),
        ("en", "However, glaciers are large masses of ice that move over land.", False),
        ("en", "These glaciers are large masses of ice that move over land.", False),
        ("en", "We have seen that glaciers are large masses of ice.", False),
        ("en", "Consider glaciers that are large masses of moving ice.", False),
        ("de", "Gletscher sind große Massen aus Eis, die über Land fließen.", True),
        ("de", "Daher sind Gletscher große Massen aus Eis, die fließen.", False),
        ("es", "Los glaciares son grandes masas de hielo que se mueven.", True),
        ("es", "Sin embargo, los glaciares son grandes masas de hielo.", False),
        ("fr", "Les glaciers sont de grandes masses de glace qui se déplacent.", True),
        ("fr", "C'est pourquoi les glaciers sont de grandes masses de glace.", False),
        ("pt", "As geleiras são grandes massas de gelo que se movem.", True),
        ("pt", "Além disso, as geleiras são grandes massas de gelo.", False),
    ],
)
def test_sentences_that_lean_on_others_do_not_stand_alone(tag: str, text: str, alone: bool) -> None:
    assert stands_alone(text, language(tag), frozenset()) is alone


GERMAN = (
    "Eine Moräne ist ein Wall aus Schutt, den das Eis am Rand ablagert. Eine Gletscherspalte ist ein tiefer Riss, der "
    "sich im gedehnten Eis öffnet. Ein Kar ist eine Mulde, die das Eis in einen Hang gegraben hat. Ein Fjord ist ein "
    "Tal, das vom Meer überflutet wurde. Die Moräne besteht aus Geröll. Die Gletscherspalte ist gefährlich für "
    "Wanderer. Das Kar ist oft rund. Der Fjord ist oft sehr tief. Jede Moräne, jede Gletscherspalte, jedes Kar und "
    "jeder Fjord ist durch Eis entstanden, das über lange Zeit auf das Gestein gewirkt hat."
)


def test_questions_are_in_the_language_of_the_material() -> None:
    questions = write(read(page(GERMAN)), QuestionRequest(count=10))
    asked = [question for question in questions if question.kind is QuestionKind.MULTIPLE_CHOICE]
    assert asked
    assert all(
        question.stem.startswith(("Welcher Begriff", "Was versteht man", "Welche Fortsetzung")) for question in asked
    )
    assert all("Im Material steht" in question.explanation for question in questions)


ITEMS = ("Mix the flour with water", "Knead the dough", "Let the dough rise", "Shape a loaf", "Bake at great heat")


def listed(lead: str, items: tuple[str, ...], *, numbered: bool = True) -> SourceDocument:
    text = f"Bread is a food that is baked from flour and water. {lead}"
    blocks = [Block(BlockKind.PARAGRAPH, 1, 0, len(text))]
    for number, item in enumerate(items, 1):
        start = len(text) + 1
        text += f"\n{f'{number}. ' if numbered else '- '}{item}"
        blocks.append(Block(BlockKind.LIST_ITEM, 1, start, len(text), level=1))
    return page(text, *blocks)


def test_the_order_of_steps_is_asked_for() -> None:
    lead = "The method of making bread has five steps:"
    questions = write(read(listed(lead, ITEMS)), QuestionRequest(count=10))
    after = {q.stem: q.key_text for q in questions if q.pattern == "order"}
    shown = "The method of making bread has five steps …"
    assert after[f"“{shown}” Which step comes directly after “{ITEMS[0]}”?"] == ITEMS[1]
    assert not any(
        q.pattern == "order" for q in write(read(listed(lead, ITEMS, numbered=False)), QuestionRequest(count=10))
    )


def test_what_a_list_says_of_its_items_is_asked_as_a_definition_and_its_lead_is_not_quoted() -> None:
    items = (
        "Reserve: the banks must keep one percent of all deposits",
        "Facility: A way for banks to leave money at interest over night",
        "Auction: Bidding for central money by the banks each week",
    )
    written = write(
        read(listed("The main instruments of central banks are:", items, numbered=False)), QuestionRequest(count=20)
    )
    asked = {q.stem: q.key_text for q in written if q.pattern == "definition"}
    assert (
        asked["Which term is described as follows? “A way for banks to leave money at interest over night”"]
        == "Facility"
    )
    assert asked["Which term is described as follows? “Bidding for central money by the banks each week”"] == "Auction"
    assert not any("instruments" in stem for stem in asked)


def test_a_list_whose_lead_leans_on_its_neighbours_is_left_alone() -> None:
    written = write(read(listed("These are its five steps of the method:", ITEMS)), QuestionRequest(count=10))
    assert {question.pattern for question in written} <= {"definition", "cloze", "explain"}


def test_terms_the_authors_marked_are_key_terms() -> None:
    text = "The ice leaves a terminal moraine behind where it melts at the end of its way down to the sea."
    at = text.index("terminal moraine")
    mark = Mark(MarkKind.TERM, at, at + len("terminal moraine"))
    marked = page(text, Block(BlockKind.PARAGRAPH, 1, 0, len(text), marks=(mark,)))
    assert "terminal moraine" in [term.name for term in read(marked).terms]
    assert read(page(text)).terms == ()


def test_false_statements_exchange_siblings_only() -> None:
    names = {term.name.lower() for term in matter().terms}
    for question in quiz(8, kinds=frozenset({QuestionKind.TRUE_FALSE})).questions:
        assert any(name in question.stem.lower() for name in names)


@pytest.mark.parametrize(
    "unit",
    ["A b is a c that is d. ", ". ", "because ", "x, y and z, ", "Term: a thing that is so. ", "a: b\n", "“" * 8 + " "],
)
def test_time_is_linear_in_the_material(unit: str) -> None:
    def seconds(size: int) -> float:
        source_document = page(unit * size)
        parts = outline([source_document])
        begun = time.process_time()
        write(read_matter([source_document], parts), QuestionRequest(count=10))
        return time.process_time() - begun

    seconds(100)
    small = max(seconds(500), 0.02)
    assert seconds(2000) < 10 * small


def test_a_request_without_kinds_wants_all() -> None:
    request = QuestionRequest(count=1)
    assert all(request.wants(kind) for kind in QuestionKind)
    assert not replace(request, kinds=frozenset({QuestionKind.CLOZE})).wants(QuestionKind.NUMERIC)


def test_a_word_that_points_back_is_written_out_with_the_name_it_stands_for() -> None:
    text = (
        "The portal vein is a vessel that drains the gut. It carries blood from the gut to the liver at low pressure. "
        "The blood then enters a sinusoid. This sinusoid is lined with thin cells that let proteins pass."
    )
    told = [one.text for one in read(page(text, Block(BlockKind.PARAGRAPH, 1, 0, len(text)))).askable]
    assert "The portal vein carries blood from the gut to the liver at low pressure." in told
    assert not any(one.startswith(("It ", "This ")) for one in told)


def test_what_the_symbols_of_a_formula_mean_is_asked_with_the_meanings_of_others() -> None:
    parts = [
        (BlockKind.PARAGRAPH, "The pressure of a gas follows from the kinetic theory of particles in a box."),
        (BlockKind.FORMULA, "$$pV = nRT$$"),
        (
            BlockKind.PARAGRAPH,
            "where p is the pressure on the walls, n is the amount of substance and R is the gas constant.",
        ),
    ]
    text, blocks = "", []
    for kind, part in parts:
        start = len(text) + (2 if text else 0)
        text = f"{text}\n\n{part}" if text else part
        blocks.append(Block(kind, 1, start, len(text)))
    matter = read(page(text, *blocks))
    written = write(matter, QuestionRequest(count=10))
    asked = {question.stem: question for question in written if question.pattern == "symbol"}
    question = asked["What does n stand for in the formula? “pV = nRT”"]
    assert question.key_text == "the amount of substance"
    assert {option.text for option in question.options} == {
        "the amount of substance",
        "the pressure on the walls",
        "the gas constant",
    }
    assert "is the amount of substance" in question.evidence[0].text
    assert not any(stem.startswith("What does p ") for stem in asked)  # the first letter of "pressure" alone
    assert question.evidence[1].text == "$$pV = nRT$$"
    gate = Verifier(SentenceStatistics(matter.material, citable_spans(matter)))
    assert gate.verify(question).rules == ()
    strange = replace(question, stem=question.stem.replace("pV", "pQ"))
    assert "stem_entity_not_in_evidence" in gate.verify(strange).rules


@pytest.mark.parametrize(
    ("latex", "shown"),
    [
        (r"$$v = \frac{\rho\, g\, h^2 \sin\theta}{3\,\eta}$$", "v = (ρ g h² sin θ)/(3 η)"),
        (r"$$\text{Δ}T_{\text{b}} = K_{\text{b}}m$$", "ΔT_b = K_b m"),
        (r"$$\Lambda = \frac{1}{x^{10}} \cdot y$$", "Λ = 1/x¹⁰ · y"),
        (r"$$\sum_{i} x_i$$", ""),
        (r"$$\begin{matrix} a \\ b \end{matrix}$$", ""),
        (r"$$e^{x}$$", ""),
    ],
)
def test_a_formula_is_shown_on_one_line_or_not_at_all(latex: str, shown: str) -> None:
    assert in_line(latex) == shown


def test_statements_to_judge_are_written_only_where_they_are_asked_for() -> None:
    assert all(question.kind is not QuestionKind.TRUE_FALSE for question in quiz(20).questions)
    assert quiz(4, kinds=frozenset({QuestionKind.TRUE_FALSE})).questions


def test_a_numbered_list_of_things_to_do_is_asked_in_its_order_with_the_sentence_that_announces_it() -> None:
    steps = (
        "Compare the readings with the quiet years.",
        "Install more sensors close to the vent.",
        "Draw a map of the old flows.",
        "Compare the map with the roads of the town.",
        "Raise the alert in plain language.",
    )
    text = "An observatory that sees unrest generally proceeds as follows."
    blocks = [Block(BlockKind.PARAGRAPH, 1, 0, len(text))]
    for number, step in enumerate(steps, 1):
        start = len(text) + 1
        text = f"{text}\n{number}. {step}"
        blocks.append(Block(BlockKind.LIST_ITEM, 1, start, len(text), level=1))
    matter = read(page(text, *blocks))
    asked = [question for question in write(matter, QuestionRequest(count=20)) if question.pattern == "order"]
    assert {question.key_text for question in asked} == {step.rstrip(".") for step in steps[1:]}
    gate = Verifier(SentenceStatistics(matter.material, citable_spans(matter)))
    for question in asked:
        assert question.stem.startswith("“An observatory that sees unrest generally proceeds as follows.” Which step")
        assert question.evidence[1].text == "An observatory that sees unrest generally proceeds as follows."
        assert gate.verify(question).passed
