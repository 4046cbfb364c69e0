"""What a sentence says of a name that stands in it."""

from __future__ import annotations

import pytest

from documents_app.domain.matter.naming import definition_around, names_given, other_names
from documents_app.domain.matter.standing import addresses
from tutor_project.language import language

DEFINED = [
    (
        "en",
        "Ships are safe in the *roads*, a stretch of sheltered water near a port.",
        "a stretch of sheltered water near a port",
    ),
    (
        "en",
        "Molten rock below the surface is called *magma*; above ground it is lava.",
        "Molten rock below the surface",
    ),
    (
        "en",
        "The resistance of a liquid to flow is its *viscosity*, measured in pascals.",
        "The resistance of a liquid to flow",
    ),
    (
        "en",
        "The sailors fear a sudden violent northern wind called a *squall* and stay at home.",
        "a sudden violent northern wind",
    ),
    ("en", "In navigation, the *draught* is the depth of water a ship needs.", "the depth of water a ship needs"),
    (
        "en",
        "The *keel*, a long beam along the bottom of a hull, holds the ribs.",
        "a long beam along the bottom of a hull",
    ),
    (
        "de",
        "Das Zusammentreffen von Stillstand und steigenden Preisen heißt *Stagflation*.",
        "Das Zusammentreffen von Stillstand und steigenden Preisen",
    ),
    (
        "de",
        "Der Hafen hat eine *Mole*, ein Bauwerk aus Stein gegen die Wellen.",
        "ein Bauwerk aus Stein gegen die Wellen",
    ),
    (
        "es",
        "El puerto tiene una *escollera*, una obra de piedra contra las olas del mar.",
        "una obra de piedra contra las olas del mar",
    ),
    (
        "es",
        "La resistencia de un líquido al movimiento se llama *viscosidad*.",
        "La resistencia de un líquido al movimiento",
    ),
    (
        "fr",
        "Le port possède un *môle*, un ouvrage de pierre contre les vagues.",
        "un ouvrage de pierre contre les vagues",
    ),
    ("fr", "La hausse générale des prix d'un pays est appelée *inflation*.", "La hausse générale des prix d'un pays"),
    ("pt", "O porto tem um *molhe*, uma obra de pedra contra as ondas.", "uma obra de pedra contra as ondas"),
    (
        "pt",
        "A resistência de um líquido ao movimento chama-se *viscosidade*.",
        "A resistência de um líquido ao movimento",
    ),
]
UNDEFINED = [
    ("en", "The first three of the rates in the list are called *key rates*."),
    ("en", "Such fragments of the solid foam are *pumice*."),
    ("en", "In *France*, the line of the coast opened in the past century for coal."),
    ("en", "Trillions of bacteria live in the gut and are called the *flora*."),
    ("en", "A part of the sea is called *motor* nerve and another the sky."),
    ("de", "Die Zinssätze der ersten drei Instrumente heißen *Leitzinsen*."),
    ("fr", "En *France*, la ligne de Saint-Étienne employa la traction animale."),
]


def places(text: str) -> tuple[str, int, int]:
    before, name, after = text.split("*")
    return f"{before}{name}{after}", len(before), len(before) + len(name)


@pytest.mark.parametrize(("tag", "text", "definition"), DEFINED)
def test_a_name_is_defined_before_or_behind_it(tag: str, text: str, definition: str) -> None:
    assert definition_around(*places(text), language(tag), ()) == definition


@pytest.mark.parametrize(("tag", "text"), UNDEFINED)
def test_what_leans_on_its_surroundings_or_is_no_noun_phrase_defines_nothing(tag: str, text: str) -> None:
    assert definition_around(*places(text), language(tag), ()) == ""


@pytest.mark.parametrize(
    ("tag", "text", "names"),
    [
        (
            "en",
            "The kernel keeps for each program a record known as the process control block.",
            ["process control block"],
        ),
        ("en", "A long job may never run at all, a condition known as starvation.", ["starvation"]),
        ("en", "They founded a little village called Saltmarsh beside the northern sea.", []),
        ("en", "In the meantime it is called a zombie.", []),
        ("es", "Los juncos crecen en una llanura baja y salada llamada marisma.", ["marisma"]),
    ],
)
def test_a_sentence_gives_a_name_to_what_it_describes(tag: str, text: str, names: list[str]) -> None:
    assert [text[start:end] for start, end in names_given(text, language(tag))] == names


@pytest.mark.parametrize(
    ("tag", "text", "names"),
    [
        ("en", "These mountains are *stratovolcanoes*, also known as composite cones.", ("composite cones",)),
        ("en", "The *vendor* or seller is the party that sells the goods.", ("seller",)),
        ("en", "The *pectinate line* (or dentate line) is a jagged band.", ("dentate line",)),
        ("en", "The *pressure* (see page 7) is high and low.", ()),
        ("de", "Der *Verbraucherpreisindex* (VPI) misst die Preise.", ("VPI",)),
        ("es", "El *vendedor* o comerciante es quien vende las cosas.", ("comerciante",)),
        ("fr", "Le *vendeur* (ou marchand) est celui qui vend les choses.", ("marchand",)),
        ("pt", "O *vendedor* ou comerciante é quem vende as coisas.", ("comerciante",)),
    ],
)
def test_the_other_names_of_a_thing_are_known(tag: str, text: str, names: tuple[str, ...]) -> None:
    assert other_names(*places(text), language(tag)) == names


def test_a_preposition_with_its_noun_points_to_no_other_place() -> None:
    assert not addresses("Molten rock below the surface", language("en"))
    assert addresses("As the table below shows", language("en"))
    assert addresses("The equation below.", language("en"))
    assert addresses("The above equation", language("en"))
