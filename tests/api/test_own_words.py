"""A quiz answered over HTTP in a learner's own words: synonyms of form, units, word order, abbreviations, in two languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from sessions_app.models import AnswerRecord, LearningSession, Question
from tests.api.test_practice import make_question, make_quiz

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Asked:
    """A question, its key, and what learners write: what is right, wrong, and what a person or they themselves decide."""

    stem: str
    key: dict[str, Any]
    right: tuple[str, ...]
    wrong: tuple[str, ...] = ()
    doubt: tuple[str, ...] = ()


def text(*accepted: str) -> dict[str, Any]:
    return {"type": "text", "accepted": list(accepted)}


def number(value: float, unit: str) -> dict[str, Any]:
    return {"type": "numeric", "value": value, "tolerance": 0.0, "unit": unit}


ENGLISH = [
    Asked(
        "Which term is missing? “The _____ separates the inside of a cell from its surroundings.”",
        text("cell membrane"),
        ("the membrane of the cell", "Cell-membrane", "cell membranes", "I think it's the cell membrane"),
        ("nucleus", "dunno"),
        ("membrane", "plasma membrane", "cell of the membrane"),
    ),
    Asked(
        "Which molecule carries energy to every process of a cell?",
        text("adenosine triphosphate", "ATP"),
        ("atp", "A.T.P.", "Adenosine triphosphate (ATP)", "ATP (adenosine triphosphate)", "adenosine tri-phosphate"),
        ("glucose",),
        ("ADP", "ATP (adenosine diphosphate)"),
    ),
    Asked(
        "At what temperature does pure water boil at sea level?",
        number(100, "°C"),
        ("100 degrees Celsius", "a hundred degrees celsius", "373.15 K", "212 °F", "100° C"),
        ("100 K", "90 °C", "-100 °C", "37 K"),
        ("373 K", "100 degrees"),
    ),
    Asked(
        "How many litres of blood does the heart pump in a minute?",
        number(5, "litres"),
        ("5", "five", "5 L", "five liters", "5000 ml", "5 dm³", "5 litres of blood"),
        ("4", "5 ml"),
    ),
    Asked(
        "How fast is light in empty space?",
        number(300_000, "km/s"),
        ("300,000 km/s", "3·10^8 m/s", "3 x 10^5 km/s", "300 thousand km/s", "300000 kilometres per second"),
        ("300,000 km/h", "300,000 km", "3·10^5 m/s"),
        ("300,000 kilometres in a second",),
    ),
    Asked(
        "What are the products of photosynthesis?",
        text("glucose and oxygen"),
        ("oxygen and glucose", "glucose, oxygen", "Oxygen & glucose"),
        (),
        ("glucose", "glucose and carbon dioxide"),
    ),
]
# What is near in meaning and no term of the material is in doubt: outside English a neighbour is as near as a synonym.
GERMAN = [
    Asked(
        "Welcher Begriff fehlt? „Die _____ trennt das Innere einer Zelle von ihrer Umgebung.“",
        text("Zellmembran"),
        ("die Membran der Zelle", "Zell-Membran", "Zellmembranen", "Das ist die Zellmembran."),
        ("keine Ahnung",),
        ("Membran", "Membran um die Zelle", "Zelle der Membran", "Zellwand"),
    ),
    Asked(
        "In welchem Organell wird das Erbgut der Zelle aufbewahrt?",
        text("Zellkern"),
        ("der Kern der Zelle", "Zellkerne", "ZELLKERN"),
        ("Ribosom",),
        ("Kern", "im Zellkern", "im Kern der Zelle", "Nukleus", "Zellwand"),
    ),
    Asked(
        "Bei welcher Temperatur siedet reines Wasser auf Meereshöhe?",
        number(100, "°C"),
        ("100 Grad Celsius", "einhundert Grad Celsius", "373,15 K", "100,0 °C"),
        ("100 Kelvin", "80 °C"),
        ("100 Grad", "373 K"),
    ),
    Asked(
        "Wie viele Liter Blut pumpt das Herz in einer Minute?",
        number(5, "Liter"),
        ("5", "fünf", "5 l", "fünf Liter", "5000 ml", "5,0 l", "5 Liter Blut"),
        ("4 Liter", "5 ml"),
    ),
    Asked(
        "Wie schnell ist das Licht im leeren Raum?",
        number(300_000, "km/s"),
        ("300 000 km/s", "3·10^8 m/s", "300000 Kilometer pro Sekunde"),
        ("300 000 km/h",),
        ("300.000 Kilometer in der Sekunde",),
    ),
    Asked(
        "Wie nennt man die Kraft des Blutes auf die Wand der Gefäße?",
        text("Blutdruck"),
        ("der Druck des Blutes", "Blut-Druck", "Druck vom Blut"),
        ("keine Ahnung",),
        ("Druck im Blut", "Puls"),
    ),
]


@pytest.mark.parametrize("asked", [ENGLISH, GERMAN], ids=["en", "de"])
def test_each_answer_in_own_words_gets_its_verdict(api: Any, learner: Any, asked: list[Asked]) -> None:
    session = LearningSession.objects.create(owner=learner, title="Cells")
    given = [
        (one, answer, verdict)
        for one in asked
        for verdict, answers in (("correct", one.right), ("incorrect", one.wrong), ("needs_review", one.doubt))
        for answer in answers
    ]
    questions = []
    for at, (one, _, _) in enumerate(given):
        kind = "numeric" if one.key["type"] == "numeric" else "short_answer"
        questions.append(make_question(session, at, kind=kind, options=[], key=one.key))
        Question.objects.filter(pk=questions[-1].pk).update(stem=one.stem)
    quiz = make_quiz(session, questions)
    answers = [
        {"question_id": str(question.pk), "text": answer}
        for question, (_, answer, _) in zip(questions, given, strict=True)
    ]
    response = api.post(f"/api/v1/quizzes/{quiz.pk}/submit", {"answers": answers})
    assert response.status_code == 200, response.json()
    verdicts = {item["question_id"]: item["verdict"] for item in response.json()["feedback_items"]}
    otherwise = [
        (one.stem, answer, verdict, verdicts[str(question.pk)])
        for question, (one, answer, verdict) in zip(questions, given, strict=True)
        if verdicts[str(question.pk)] != verdict
    ]
    assert otherwise == []


DOCUMENTS = {
    "en": """# The cell

A mitochondrion is an organelle that releases energy from sugar by means of oxygen. Muscle cells hold thousands of them.

The nucleus is the organelle that holds the genetic material of a cell. Every instruction for a protein is kept there.

Osmosis is the movement of water through a membrane towards the side with more dissolved substance. It needs no energy.
""",
    "de": """# Die Zelle

Ein Mitochondrium ist ein Organell, das mit Sauerstoff Energie aus Zucker freisetzt. Muskelzellen enthalten Tausende davon.

Der Zellkern ist das Organell, in dem das Erbgut aufbewahrt wird. Jede Anweisung für ein Protein liegt dort.

Die Osmose ist die Bewegung von Wasser durch eine Membran zur Seite mit mehr gelösten Stoffen. Sie braucht keine Energie.
""",
}
SAID = {"en": "I think it is the {}.", "de": "Ich glaube, das ist {}."}


@pytest.mark.parametrize("tag", DOCUMENTS)
def test_a_quiz_of_an_uploaded_text_is_passed_by_who_says_it_in_a_sentence(api: Any, run_jobs: Any, tag: str) -> None:
    session = api.post("/api/v1/sessions", {"title": "Cells"}).json()["id"]
    file = SimpleUploadedFile("cell.md", DOCUMENTS[tag].encode())
    api.post(f"/api/v1/sessions/{session}/documents", {"files": [file]}, format="multipart")
    run_jobs()
    wanted = {"question_count": 5, "question_types": ["short_answer", "cloze"]}
    quiz = api.post(f"/api/v1/sessions/{session}/quiz", wanted).json()
    keys = {str(one.pk): one.key["accepted"][0] for one in Question.objects.filter(session_id=session)}
    assert quiz["questions"], quiz
    answers = [
        {"question_id": asked["id"], "text": SAID[tag].format(keys[asked["id"]].upper())} for asked in quiz["questions"]
    ]
    body = api.post(f"/api/v1/quizzes/{quiz['id']}/submit", {"answers": answers}).json()
    assert [item["verdict"] for item in body["feedback_items"]] == ["correct"] * len(answers), body
    assert (body["score_percentage"], body["passed"]) == (100.0, True)


OPEN = "Osmosis is the passage of water through a membrane from the weaker solution into the stronger one."


def test_an_open_question_is_never_wrong_for_other_words_and_the_learner_marks_it(api: Any, learner: Any) -> None:
    session = LearningSession.objects.create(owner=learner, title="Cells")
    said = {
        "correct": "Osmosis is when water passes through a membrane from the weaker solution into the stronger solution.",
        "needs_review": "Water wanders to the side where more is dissolved until both are alike.",
        "incorrect": "I don't know",
    }
    questions = {
        verdict: make_question(session, at, kind="short_answer", options=[], key=text(OPEN), pattern="explain")
        for at, verdict in enumerate(said)
    }
    stem = "Explain in your own words: what is meant by “osmosis”?"
    Question.objects.filter(pk__in=[one.pk for one in questions.values()]).update(stem=stem)
    quiz = make_quiz(session, list(questions.values()))
    answers = [{"question_id": str(questions[verdict].pk), "text": answer} for verdict, answer in said.items()]
    body = api.post(f"/api/v1/quizzes/{quiz.pk}/submit", {"answers": answers}).json()
    items = {item["question_id"]: item for item in body["feedback_items"]}
    for verdict, one in questions.items():
        assert items[str(one.pk)]["verdict"] == verdict
        assert items[str(one.pk)]["correct_option"] == OPEN
        assert items[str(one.pk)]["citation"]
    waiting = questions["needs_review"]
    attempt = AnswerRecord.objects.get(question=waiting).attempt_id
    judged = api.post(f"/api/v1/attempts/{attempt}/answers/{waiting.pk}/self-assessment", {"correct": True})
    assert judged.status_code == 200
    assert judged.json()["correct_option"] == OPEN
