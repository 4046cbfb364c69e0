"""What stands beside the right answer, and which statements are asked about at all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from documents_app.domain.blocks import Block, BlockKind, Mark, MarkKind, tile
from documents_app.domain.material import DocumentText, PageSpan, SourceDocument
from documents_app.domain.matter.reading import citable_spans, read_matter
from documents_app.domain.matter.types import KeyTerm, Matter
from documents_app.domain.reading.outline import outline
from sessions_app.domain.questions.request import QuestionRequest
from sessions_app.domain.questions.sentences import SentenceStatistics
from sessions_app.domain.questions.types import CandidateQuestion
from sessions_app.domain.questions.verifier import Verifier
from sessions_app.engine.questions.definitions import is_asked_about, is_defined_well
from sessions_app.engine.questions.siblings import Siblings
from sessions_app.engine.questions.worth import announces, telling_stems, worth_of
from sessions_app.engine.questions.writing import write


def read(*parts: tuple[BlockKind, str], terms: tuple[str, ...] = ()) -> Matter:
    """Return the matter of blocks, every occurrence of ``terms`` marked as one by the authors."""
    text, blocks = "", []
    for kind, part in parts:
        start = len(text) + (2 if text else 0)
        text = f"{text}\n\n{part}" if text else part
        places = [(start + part.index(term), term) for term in terms if term in part]
        marks = tuple(Mark(MarkKind.TERM, at, at + len(term)) for at, term in sorted(places))
        blocks.append(Block(kind, 1, start, len(text), level=1, marks=marks))
    document = SourceDocument(
        "d", "page.txt", DocumentText(text, (PageSpan(1, 0, len(text)),), tile(text, [0], blocks))
    )
    return read_matter([document], outline([document]))


def asked(matter: Matter, pattern: str, key: str) -> list[CandidateQuestion]:
    written = write(matter, QuestionRequest(count=100))
    return [question for question in written if question.pattern == pattern and question.key_text == key]


def options(questions: list[CandidateQuestion]) -> set[str]:
    return {option.text for question in questions for option in question.options}


OF_A_LESSON = QuestionRequest(count=100, within=frozenset(range(5)))
"""Sections of a lesson are asked for easier things too than a quiz takes."""

SEA = (
    "A lagoon is a shallow water behind a bar. A fjord is a deep water between cliffs. An estuary is a wide water at a mouth. "
    "The diffusion is known from salt in the sea. A ria is a drowned water of a river valley. "
    "The lagoon warms up in the summer because the wind keeps the tide away from the shore."
)


@pytest.mark.parametrize(("name", "given"), [("diffusion", False), ("sandbank", True)])
def test_a_process_is_no_choice_beside_things_that_are_only_set_apart_with_it(name: str, given: bool) -> None:
    text = (
        "A lagoon is a shallow pool behind a bar. A fjord is a deep arm between two cliffs. "
        "An estuary is a wide mouth of a river. A ria is a drowned valley at the coast. "
        f"A {name} is a slow change of the shore."
    )
    matter = read((BlockKind.PARAGRAPH, text), terms=("lagoon", "fjord", "estuary", "ria", name))
    assert (name in options(asked(matter, "definition", "lagoon"))) == given


@pytest.mark.parametrize(
    ("told", "given"),
    [
        ("In a lagoon, diffusion spreads the salt, and in a fjord, diffusion is slow.", False),
        ("Salt is spread by the lagoon, the fjord and diffusion in the sea.", True),
    ],
)
def test_a_comma_alone_makes_no_enumeration(told: str, given: bool) -> None:
    text = (
        f"A lagoon is a shallow pool behind a bar. The fjord is known for the cliffs of the coast in the north. {told}"
    )
    matter = read((BlockKind.PARAGRAPH, text), terms=("lagoon", "fjord", "diffusion"))
    near = [sibling.term.name for sibling in Siblings(matter).of(matter.term_of[("lagoon",)])]
    assert ("diffusion" in near) == given


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("The ria is a special case of the main types and forms.", "gap"),
        ("The ria is a special case of the main types and forms.", "said_of"),
        ("A ria is a coastal pool; it fills the drowned mouth of an old river.", "cloze"),
    ],
)
def test_what_tells_too_little_is_not_asked_about(text: str, pattern: str) -> None:
    others = (
        "The lagoon is a shallow pool behind long bars of sand. The fjord is a deep arm between high cliffs of rock. "
        "The estuary is a wide opening at the mouth of rivers. Ships call at the lagoon, the fjord, the estuary and the ria. "
    )
    written: dict[bool, list[CandidateQuestion]] = {}
    for telling in (False, True):
        said = "The ria is a drowned valley with steep walls at the coast of granite." if telling else text
        matter = read((BlockKind.PARAGRAPH, others + said), terms=("lagoon", "fjord", "estuary", "ria"))
        asked_of = [q for q in write(matter, OF_A_LESSON) if q.concept == "ria" and q.pattern == pattern]
        written[telling] = asked_of
    assert written[True]
    assert not written[False]


def test_an_option_that_holds_a_word_of_the_statement_is_none() -> None:
    text = SEA.replace("A ria is a drowned water of a river valley", "A bar inlet is a narrow water of a coast")
    matter = read((BlockKind.PARAGRAPH, text), terms=("lagoon", "fjord", "estuary", "bar inlet"))
    assert options(asked(matter, "gap", "lagoon")) == {"lagoon", "fjord", "estuary"}


@pytest.mark.parametrize(
    ("ending", "given"),
    [("has a strong current between the rocks of its coast", False), ("is a warm sea of the old south", True)],
)
def test_an_ending_with_another_auxiliary_is_no_choice(ending: str, given: bool) -> None:
    text = (
        "The lagoon is a shallow pool behind long bars of sand. The fjord is a deep arm between high cliffs of rock. "
        f"The estuary is a wide opening at the mouth of rivers. The ria {ending}. "
        "The old harbour wall is a strong work of stone against storms."
    )
    matter = read((BlockKind.PARAGRAPH, text), terms=("lagoon", "fjord", "estuary", "ria"))
    written = [q for q in write(matter, OF_A_LESSON) if q.pattern == "said_of" and q.concept != "ria"]
    assert written
    assert (ending in options(written)) == given
    assert not any("strong work" in option for option in options(written) if "harbour" not in option)


@pytest.mark.parametrize(("kind", "given"), [("water", True), ("place", False)])
def test_a_gap_has_options_only_of_one_kind_with_what_is_missing(kind: str, given: bool) -> None:
    text = (
        "A lagoon is a shallow water behind a bar of sand. A fjord is a deep water between cliffs of rock. "
        "An estuary is a wide water at the mouth of a river. "
        f"The drowned {kind} of a river valley at a coast of granite is called a ria. "
        f"A ria is a drowned {kind} of an old river valley at a steep coast of granite."
    )
    matter = read((BlockKind.PARAGRAPH, text), terms=("lagoon", "fjord", "estuary", "ria"))
    assert asked(matter, "cloze", "ria")
    assert bool(asked(matter, "gap", "ria")) == given


@pytest.mark.parametrize(
    ("text", "stem"),
    [
        ("The shore is cut by long narrow arms of the sea, each called an estuary.", "each called a(n) _____."),
        ("An estuary is a wide mouth of a river at the coast of the open sea.", "“A(n) _____ is a wide mouth"),
        ("Das Ästuar ist eine breite Mündung eines Flusses an der Küste des Meeres.", "„Das _____ ist eine breite"),
        ("L'estuaire est une large embouchure d'un fleuve sur la côte de la mer.", "« L'_____ est une large"),
        ("L’estuaire est une large embouchure d’un fleuve sur la côte de la mer.", "« L’_____ est une large"),
        (
            "La marisma es una llanura baja que se inunda con las mareas. Los pescadores lo saben desde hace mucho tiempo.",
            "«La _____ es una",
        ),
        ("O estuário é uma larga embocadura de um rio na costa do mar aberto.", "“O _____ é uma larga"),
    ],
)
def test_an_article_stays_before_the_gap(text: str, stem: str) -> None:
    term = next(word for word in ("estuary", "Ästuar", "estuaire", "marisma", "estuário") if word in text)
    stems = [question.stem for question in asked(read((BlockKind.PARAGRAPH, text), terms=(term,)), "cloze", term)]
    assert len(stems) == 1
    assert stem in stems[0]


@pytest.mark.parametrize("article", ["Die", "Das"])
def test_where_an_article_shows_the_gender_the_options_are_seen_behind_it(article: str) -> None:
    text = (
        "Die Lagune ist ein flaches Gewässer hinter einer Nehrung. Die Förde ist ein schmales Gewässer zwischen Hügeln. "
        f"{article} Ria ist ein ertrunkenes Gewässer in einem alten Flusstal an einer steilen Küste."
    )
    matter = read((BlockKind.PARAGRAPH, text), terms=("Lagune", "Förde", "Ria"))
    assert asked(matter, "cloze", "Ria")
    assert bool(asked(matter, "gap", "Ria")) == (article == "Die")


POLICIES = (
    ("Policy", "Preemptive?", "Cost (ms)", "Typical Use"),
    ("Round robin", "Yes", "12", "Time-sharing among equal users"),
    ("Fixed priority", "No", "30", "Control of machines in real time"),
    ("Lottery", "Yes", "7", "Experiments of Waldspurger with tickets"),
)


def table(rows: tuple[tuple[str, ...], ...], told: str) -> Matter:
    lines = ["\t".join(row) for row in rows]
    text = "\n".join((told, "", *lines))
    start = len(told) + 2
    blocks = [Block(BlockKind.PARAGRAPH, 1, 0, len(told)), Block(BlockKind.TABLE, 1, start, len(text), rows=rows)]
    content = DocumentText(text, (PageSpan(1, 0, len(text)),), tile(text, [0], blocks))
    document = SourceDocument("d", "page.txt", content)
    return read_matter([document], outline([document]))


TOLD = "The studies of Waldspurger compare each policy and its typical use, preemptive or not, in a real system."


def test_a_row_is_described_by_its_cells_without_a_table_at_hand() -> None:
    matter = table(POLICIES, TOLD)
    written = {q.key_text: q for q in write(matter, QuestionRequest(count=20)) if q.pattern == "row"}
    assert {key: one.stem for key, one in written.items()} == {
        "Round robin": "Which policy is meant? Typical use: time-sharing among equal users; preemptive: yes.",
        "Fixed priority": "Which policy is meant? Typical use: control of machines in real time; preemptive: no.",
        "Lottery": "Which policy is meant? Typical use: experiments of Waldspurger with tickets; preemptive: yes.",
    }
    gate = Verifier(SentenceStatistics(matter.material, citable_spans(matter)))
    assert [gate.verify(one).rules for one in written.values()] == [(), (), ()]
    denied = replace(written["Round robin"], stem=written["Fixed priority"].stem)
    assert not gate.verify(denied).passed


def test_of_several_the_head_of_a_table_speaks_of_several() -> None:
    head, *rest = POLICIES
    written = write(table((("Policies", *head[1:]), *rest), TOLD), QuestionRequest(count=20))
    assert any(question.stem.startswith("Which of these policies is meant? ") for question in written)


def test_nouns_keep_their_capital_inside_a_sentence_in_german() -> None:
    rows = (
        ("Verfahren", "Verdrängend?", "Typischer Einsatz"),
        ("Rundlauf", "Ja", "Gerechte Teilung unter gleichen Nutzern"),
        ("Feste Ränge", "Nein", "Steuerung von Maschinen in Echtzeit"),
        ("Lotterie", "Ja", "Versuche der Forschung mit Losen"),
    )
    told = "Die Studien vergleichen jedes Verfahren und seinen typischen Einsatz, ob gerechte Teilung oder nicht; ja heißt verdrängend."
    stems = [q.stem for q in write(table(rows, told), QuestionRequest(count=20)) if q.pattern == "row"]
    assert (
        "Worauf trifft das zu (Verfahren)? Typischer Einsatz: gerechte Teilung unter gleichen Nutzern; verdrängend: ja."
    ) in stems


GERMAN_TOOLS = (
    "Die Instrumente der Bank sind für jeden Haushalt und für jede Firma in dem Land wichtig. Die Instrumente sind:",
    "Mindestreserve: Die Banken halten einen kleinen Teil der Einlagen als Guthaben",
    "Einlagefazilität: Die Banken legen überschüssiges Geld über Nacht bei ihr an",
    "Hauptgeschäfte: Die Banken leihen sich Geld für eine Woche gegen gute Sicherheiten",
)


@pytest.mark.parametrize(
    ("told", "given"),
    [
        ("Die Zentralbank erwirbt Wertpapiere von Banken und zahlt mit Guthaben", False),
        ("Die Banken geben Wertpapiere ab und erhalten dafür neues Guthaben", True),
    ],
)
def test_no_key_alone_tells_of_something_else_than_its_options(told: str, given: bool) -> None:
    lead, *tools = (*GERMAN_TOOLS, f"Anleihekauf: {told}")
    matter = read((BlockKind.PARAGRAPH, lead), *((BlockKind.LIST_ITEM, tool) for tool in tools))
    assert bool(asked(matter, "meaning", told)) == given
    assert asked(matter, "definition", "Anleihekauf")


@pytest.mark.parametrize(
    ("cell", "given"),
    [("100,000 to a million", False), ("Short flows", False), ("Wide flows of lava that fill old valleys", True)],
)
def test_one_cell_describes_its_row_only_where_it_tells_much(cell: str, given: bool) -> None:
    others = (("Dacitic", "Domes"), ("Rhyolitic", "Ash"))
    written = write(table((("Magma", "Style"), ("Basaltic", cell), *others), TOLD), QuestionRequest(count=20))
    assert any(question.pattern == "row" for question in written) == given


@pytest.mark.parametrize("word", ["drowned", "rialike"])
def test_what_gives_itself_away_among_options_is_asked_typed(word: str) -> None:
    text = (
        "A lagoon is a shallow water behind a bar of sand. A fjord is a deep water between cliffs of rock. "
        f"An estuary is a wide water at the mouth of a river. A rialto is a {word} water in an old valley of granite."
    )
    written = write(read((BlockKind.PARAGRAPH, text), terms=("lagoon", "fjord", "estuary", "rialto")), OF_A_LESSON)
    of_it = [question for question in written if question.key_text == "rialto" and question.pattern == "gap"]
    typed = [question for question in written if question.key_text == "rialto" and not question.options]
    assert typed
    assert bool(of_it) == (word == "drowned")


def test_words_of_the_heading_and_general_nouns_tell_nothing() -> None:
    matter = read((BlockKind.HEADING, "Rivers and deltas"), (BlockKind.PARAGRAPH, SEA))
    section = next(iter(matter.titles))
    stems = matter.language.content_stems("Rivers and their deltas are important for several reasons of trade")
    assert telling_stems(stems, section, matter) <= {"import", "trade"}


@pytest.mark.parametrize(
    ("text", "announced"),
    [
        ("Tides matter for several good reasons.", True),
        ("Tides matter for trade.", False),
        ("Several tides rise.", False),
    ],
)
def test_a_sentence_that_only_announces_is_known(text: str, announced: bool) -> None:
    matter = read((BlockKind.PARAGRAPH, SEA))
    assert announces(text, matter) == announced
    plain, said = (replace(matter.statements[0], text=one) for one in ("Tides matter.", text))
    assert (worth_of(said, matter) < worth_of(plain, matter)) == announced


def test_a_definition_that_breaks_off_early_does_not_tell_its_term() -> None:
    lagoon = KeyTerm("lagoon", ("lagoon",), 1.0, 0)
    assert is_defined_well(replace(lagoon, definition="a shallow body of water behind a bar of sand"))
    assert not is_defined_well(replace(lagoon, definition="a shallow water: it warms up in the summer and dries"))
    assert not is_defined_well(replace(lagoon, definition="‘lake’ in the language of the people of the coast"))


@pytest.mark.parametrize(
    ("definition", "defines"),
    [
        ("states use alliances for security", False),
        ("join weaker side to stop domination", True),
        ("the sum of what states use in a war", True),
    ],
)
def test_a_statement_of_its_own_behind_a_label_is_no_definition(definition: str, defines: bool) -> None:
    matter = read((BlockKind.PARAGRAPH, SEA))
    assert is_asked_about(KeyTerm("Old argument", ("old", "argument"), 0.9, 0, definition), matter) == defines
