"""Material that is no chapter: exercises, a poem, prices, a transcript, two languages, an unknown one, 30 words, 500 slides.

Each goes through analysis, plan, lesson and quiz as a file does; what comes out is sensible or says that there is nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from documents_app.domain.analysis.types import Analysis
from documents_app.domain.material import SourceDocument
from documents_app.domain.matter.reading import citable_spans, read_matter
from documents_app.engine.analysis import analyse
from documents_app.extraction.registry import extract
from sessions_app.domain.lesson.types import LessonContent
from sessions_app.domain.plan import MaterialEmpty
from sessions_app.domain.questions.request import QuestionRequest
from sessions_app.domain.questions.selection import select
from sessions_app.domain.questions.sentences import SentenceStatistics
from sessions_app.domain.questions.types import CandidateQuestion
from sessions_app.domain.questions.verifier import Verifier
from sessions_app.engine.lesson.writing import make_lesson
from sessions_app.engine.plan import make_plan
from sessions_app.engine.questions.writing import write
from tutor_project.llm.embeddings import get_embedder

EXERCISES = """# Chapter 4 Exercises

1. Calculate the area of a triangle with base 4 cm and height 3 cm.

2. Solve the equation 3x + 5 = 20 for x.

3. Explain why the pressure of a gas rises when it is heated.

4. A train leaves the station at 9:00 and travels at 80 km/h. How far has it travelled at 11:30?

5. State two differences between speed and velocity.
"""
POEM = """The Tide at Evening

The sea has laid her silver down
upon the patient sand,
and every wave that leaves the town
forgets it touched the land.

O quiet moon, you hold the thread
that pulls the water home,
and all the ships that sailed are led
by lanterns in the foam.
"""
PRICES = """# Price list spring

| Item | Size | Price |
|---|---|---|
| Garden hose | 20 m | 24.90 EUR |
| Watering can | 10 l | 12.50 EUR |
| Spade | 120 cm | 19.90 EUR |
| Rake | 150 cm | 14.90 EUR |
| Wheelbarrow | 85 l | 79.00 EUR |

All prices include value added tax. Orders above 50 EUR are delivered free of charge.
"""
TRANSCRIPT = """[00:00:04] HOST: Welcome back everybody, so, um, today we are talking about volcanoes, right?
[00:00:11] GUEST: Yeah, thanks, great to be here. The first thing people ask me is whether a volcano can be predicted.
[00:00:23] GUEST: Well, sort of. Magma is molten rock below the surface of the earth. When the magma rises, the ground swells.
[00:00:39] HOST: Tiltmeters? What's that?
[00:00:41] GUEST: A tiltmeter is an instrument that measures very small changes of the slope of the ground. Like, really tiny.
[00:00:52] HOST: Wow. Okay.
"""
ENGLISH = (
    "Photosynthesis is the process by which green plants turn light into chemical energy. Chlorophyll is the green "
    "pigment that absorbs the light. Stomata are pores of the leaf through which gases pass."
)
GERMAN = (
    "Die Fotosynthese ist der Vorgang, bei dem grüne Pflanzen Licht in chemische Energie umwandeln. Das Chlorophyll ist "
    "der grüne Farbstoff, der das Licht aufnimmt. Das Thylakoid ist die Membran, in der die Lichtreaktionen ablaufen."
)
POLISH = """# Fotosynteza

Fotosynteza jest procesem, w którym rośliny zielone przekształcają światło w energię chemiczną. Chlorofil jest zielonym
barwnikiem, który pochłania światło. Tylakoid jest błoną, w której zachodzą reakcje świetlne. Chlorofil odbija światło
zielone. Fotosynteza dostarcza tlenu atmosferze. Tylakoidy tworzą stosy, które nazywa się granami.
"""
SHORT = "The heart is a muscle that pumps blood through the body. It has four chambers. Arteries carry blood away from the heart."
TOPICS = ("rivers", "glaciers", "deserts", "forests", "oceans")
SLIDES = "\n\n".join(
    f"# Slide {n}: {TOPICS[n % 5].title()} {n // 5}\n\n- Point {n} about {TOPICS[n % 5]} and the land around them\n"
    f"- Water and wind shape {TOPICS[n % 5]} over {n + 10} years"
    for n in range(500)
)


@dataclass(frozen=True)
class Made:
    """What one file became."""

    source: SourceDocument
    analysis: Analysis
    questions: tuple[CandidateQuestion, ...]

    def lesson(self) -> LessonContent:
        make_plan(self.analysis, [self.source])
        return make_lesson(self.analysis, [self.source], embed)


def embed(texts: Sequence[str]) -> npt.NDArray[np.float32]:
    return get_embedder().embed_documents(texts)


def made(tmp_path: Path, name: str, text: str) -> Made:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    source = SourceDocument("d", name, extract(path, name))
    analysis = analyse([source], embed)
    matter = read_matter([source], analysis.sections, analysis.concepts)
    verifier = Verifier(SentenceStatistics([source], citable_spans(matter)), embed=embed)
    quiz = select(lambda wish: write(matter, wish), verifier, QuestionRequest(count=10))
    return Made(source, analysis, quiz.questions)


def test_a_chapter_of_exercises_teaches_and_asks_nothing(tmp_path: Path) -> None:
    exercises = made(tmp_path, "exercises.md", EXERCISES)
    assert exercises.questions == ()
    with pytest.raises(MaterialEmpty):
        exercises.lesson()


def test_a_poem_is_read_and_not_examined(tmp_path: Path) -> None:
    poem = made(tmp_path, "poem.txt", POEM)
    assert poem.questions == ()
    assert "The sea has laid her silver down" in poem.lesson().sections[0].text


def test_a_price_list_keeps_its_table_and_is_not_asked_for_prices(tmp_path: Path) -> None:
    prices = made(tmp_path, "prices.md", PRICES)
    assert prices.questions == ()
    assert "Wheelbarrow | 85 l | 79.00 EUR" in prices.lesson().sections[0].text


def test_what_a_transcript_defines_is_asked_without_speaker_and_time(tmp_path: Path) -> None:
    transcript = made(tmp_path, "transcript.txt", TRANSCRIPT)
    assert {question.key_text for question in transcript.questions} == {"tiltmeter"}
    assert not any("GUEST" in question.stem or "00:" in question.stem for question in transcript.questions)
    assert transcript.lesson().sections


def test_a_text_in_two_languages_is_asked_about_in_the_one_that_most_of_it_is_in(tmp_path: Path) -> None:
    both = made(tmp_path, "two.md", f"# Photosynthesis\n\n{ENGLISH}\n\n# Fotosynthese\n\n{GERMAN}\n")
    german = both.source.content.text.index("Die Fotosynthese")
    assert both.questions
    assert all(question.evidence[0].char_start >= german for question in both.questions)
    assert "which" not in {concept.name for concept in both.analysis.concepts}
    assert len(both.lesson().sections) == 2


def test_a_language_without_lists_is_asked_only_for_a_term_that_begins_its_statement(tmp_path: Path) -> None:
    polish = made(tmp_path, "polish.md", POLISH)
    assert polish.questions
    assert all(not question.options and question.key_text == "Fotosynteza" for question in polish.questions)
    assert "Chlorofil jest zielonym" in polish.lesson().sections[0].text


def test_thirty_words_give_one_question_and_a_lesson_of_all_of_them(tmp_path: Path) -> None:
    short = made(tmp_path, "short.txt", SHORT)
    assert [question.key_text for question in short.questions] == ["heart"]
    assert "It has four chambers." in short.lesson().sections[0].text


def test_five_hundred_slides_become_parts_that_a_learner_can_overlook(tmp_path: Path) -> None:
    slides = made(tmp_path, "slides.md", SLIDES)
    lesson = slides.lesson()
    assert len(lesson.sections) <= 100
    assert all("Slide" in section.title for section in lesson.sections)
    text = "\n".join(section.text for section in lesson.sections)
    assert all(f"Point {number} about" in text for number in range(500))
