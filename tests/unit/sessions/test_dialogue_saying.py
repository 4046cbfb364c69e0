"""What a learner says is taken for what it is, in every language that is known in full."""

from __future__ import annotations

import re

import pytest

from sessions_app.domain.dialogue.saying import Wish, ordinal_in, reads_as_question, wish_in
from tutor_project.language import FULL_LANGUAGES, language, wording


@pytest.mark.parametrize(
    "text",
    ["What does turgor mean here?", "can you explain the second law again", "I don't understand the pump", "why?",
     "Which option do you mean?", "Is the membrane the same as the wall?", "Please repeat the question.",
     "Sorry, what is a ribosome?", "how", "Was ist ein Ribosom?", "Kannst du mir Osmose erklären?", "¿Qué es la ósmosis?",
     "Qu’est-ce que l’osmose ?", "O que é a osmose?", "Warum steigt der Druck?", "Pourquoi la pression monte-t-elle ?"],
)  # fmt: skip
def test_a_question_is_no_answer(text: str) -> None:
    assert reads_as_question(text)


@pytest.mark.parametrize(
    "text",
    ["osmosis", "osmosis?", "The nucleus.", "when the membrane is depolarised", "by binary fission", "It is the ribosome", "42 mV",
     "Whatever enters through the pore", "where ribosomes are made", "canal cells", "die Osmose", "la ósmosis", "l’osmose",
     "a osmose", "der Zellkern?"],
)  # fmt: skip
def test_an_answer_is_neither_question_nor_wish(text: str) -> None:
    assert not reads_as_question(text)
    assert wish_in(text) is None


@pytest.mark.parametrize(
    ("wish", "texts"),
    [
        (Wish.HINT, ["hint", "give me a hint please", "Help!", "Gib mir bitte einen Tipp", "Dame una pista, por favor",
                     "Donne-moi un indice, s’il te plaît", "Dá-me uma dica"]),
        (Wish.UNKNOWN, ["I don't know", "I don’t know.", "no idea", "idk", "?", "???", "Keine Ahnung", "No sé",
                        "Je ne sais pas", "Não sei"]),
        (Wish.TELL_ME, ["just tell me", "Please just tell me the answer!", "What is the answer?", "Sag es mir einfach",
                        "Sag mir doch einfach die Lösung", "Dime la respuesta", "Dis-moi juste la réponse", "Diz-me só a resposta",
                        "Dímelo ya", "Dis-le-moi", "Diga-me logo"]),
        (Wish.GREETING, ["Hi", "hello there!", "Hallo", "¡Hola!", "Bonjour", "Olá"]),
        (Wish.THANKS, ["Thanks!", "ok, thank you", "Danke schön", "Muchas gracias", "Merci beaucoup", "Muito obrigada"]),
        (Wish.FAREWELL, ["Goodbye!", "ok, bye", "Tschüss!", "¡Adiós!", "Au revoir !", "Tchau!", "Até amanhã"]),
        (Wish.WHATS_NEXT, ["What next?", "What should I learn next?", "Was soll ich als Nächstes lernen?", "¿Y ahora qué?",
                           "Et maintenant ?", "O que devo estudar a seguir?"]),
        (Wish.NEXT, ["next", "ok, continue", "weiter", "siguiente", "continuons", "vamos continuar"]),
        (Wish.CONFUSED, ["I don't understand", "Sorry, I still don't get it", "Das verstehe ich nicht", "No entiendo",
                         "Je n’ai pas compris", "Não percebo"]),
        (Wish.SIMPLER, ["simpler please", "Can you explain that more simply?", "Kannst du das einfacher erklären?",
                        "¿Puedes explicarlo de forma más sencilla?", "Plus simplement, s'il vous plaît", "Explica de forma mais simples",
                        "¿Me lo puedes decir más sencillo?", "Pode dizer de forma mais simples?"]),
        (Wish.EXAMPLE, ["an example?", "Can you give me an example?", "Zum Beispiel?", "Dame un ejemplo",
                        "Par exemple ?", "Dá-me um exemplo"]),
        (Wish.WHY, ["Why?", "and why is that?", "Warum?", "¿Por qué?", "Et pourquoi ?", "Porquê?"]),
    ],
)  # fmt: skip
def test_a_wish_is_understood_in_five_languages(wish: Wish, texts: list[str]) -> None:
    assert {text: said and said.wish for text in texts if (said := wish_in(text)) or True} == dict.fromkeys(texts, wish)


@pytest.mark.parametrize(
    "text",
    ["Thank you notes were sent to the king", "an example of osmosis in plants", "Why does the Moon pull?", "the next section of DNA",
     "Give me an example of a neap tide", "I don't know whether it is the Moon or the Sun", "help desk", "simpler organisms"],
)  # fmt: skip
def test_what_says_more_than_a_phrase_is_no_wish(text: str) -> None:
    assert wish_in(text) is None


def test_a_wish_tells_the_language_it_was_said_in() -> None:
    spoken = {"thanks": "en", "Danke": "de", "gracias": "es", "merci": "fr", "obrigado": "pt"}
    assert {text: said.language.tag for text in spoken if (said := wish_in(text))} == spoken


def test_every_language_knows_every_wish_and_its_lists_are_complete() -> None:
    for tag in FULL_LANGUAGES:
        kinds = {line.partition(":")[0] for line in language(tag).phrases("learner_says")}
        assert kinds == {"filler", "particle", *Wish}, tag
        assert set(language(tag).mapping("ordinals").values()) == {"1", "2", "3", "4", "5", "6", "-1"}, tag
        assert set(language(tag).mapping("verdicts").values()) == {"true", "false"}, tag


@pytest.mark.parametrize(
    ("text", "tag", "place"),
    [("And the second one?", "en", 2), ("Und die dritte?", "de", 3), ("¿Y la última?", "es", -1), ("Et le deuxième ?", "fr", 2),
     ("E o primeiro?", "pt", 1), ("and the second law of motion", "en", None), ("And then?", "en", None)],
)  # fmt: skip
def test_an_ordinal_alone_points_at_one_of_several(text: str, tag: str, place: int | None) -> None:
    assert ordinal_in(text, language(tag)) == place


@pytest.mark.parametrize("tag", FULL_LANGUAGES)
def test_the_tutor_speaks_of_going_on_not_of_what_a_program_sends(tag: str) -> None:
    said = wording(language(tag), "tutor_texts")
    assert said
    assert {code: text for code, text in said.items() if re.search(r"[“„«]\s?(?:next|start|previous)\b", text)} == {}
