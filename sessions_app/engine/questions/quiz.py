"""A quiz from the material: candidates written, verified, and the best mix of what passed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from documents_app.domain.analysis import Concept, Section, Term
from documents_app.domain.material import Material
from sessions_app.domain.questions.duplicates import BankItem
from sessions_app.domain.questions.selection import is_mixed, select
from sessions_app.domain.questions.source import SourceIndex
from sessions_app.domain.questions.types import CandidateQuestion, DifficultyLevel, QuestionKind, VerifiedQuestion
from sessions_app.domain.questions.verifier import Retrieve, Verifier
from sessions_app.engine.questions.entities import Embed
from sessions_app.engine.questions.generate import generate
from sessions_app.engine.questions.reading import Reading, read_material


@dataclass(frozen=True, slots=True)
class WrittenQuiz:
    """Verified questions (at most as many as asked for), what was refused, and a note where there are fewer."""

    questions: tuple[CandidateQuestion, ...]
    quarantined: tuple[VerifiedQuestion, ...]
    requested_count: int
    note: str = ""


def write_quiz(
    material: Material,
    sections: Sequence[Section],
    concepts: Sequence[Concept],
    terms: Sequence[Term],
    embed: Embed | None,
    *,
    count: int,
    topic: str | None = None,
    difficulty: DifficultyLevel | str | None = None,
    kinds: Collection[QuestionKind] | None = None,
    seed: int = 0,
    bank: Sequence[BankItem] = (),
    retrieve: Retrieve | None = None,
    reading: Reading | None = None,
    source: SourceIndex | None = None,
) -> WrittenQuiz:
    """Return up to ``count`` verified questions, none of them in ``bank`` already.

    ``reading`` and ``source`` may be kept between calls for the same material. Fewer questions than asked for come with a note that
    says so; a topic that the material does not hold gives none.
    """
    read = reading or read_material(material, sections, concepts, terms, embed)
    index = source or SourceIndex(
        material, [(s.document, s.char_start, s.char_end) for part in sections for s in part.sentences]
    )

    def propose(missing: int, turn: int, avoid: Collection[str]) -> Sequence[CandidateQuestion]:
        return generate(
            material, sections, concepts, terms, embed, count=missing, topic=topic, difficulty=difficulty,
            kinds=kinds, seed=seed + 1000 * turn, avoid=avoid, reading=read,
        )  # fmt: skip

    verifier = Verifier(index, retrieve, embed)
    chosen = select(
        propose, verifier, count=count, seed=seed, bank=bank, avoid={item.stem for item in bank}, mixed=is_mixed(kinds)
    )
    note = _note(len(chosen.questions), count, topic, difficulty)
    return WrittenQuiz(chosen.questions, chosen.quarantined, count, note)


def _note(found: int, wanted: int, topic: str | None, difficulty: DifficultyLevel | str | None) -> str:
    if found >= wanted:
        return ""
    about = f" about “{topic}”" if topic else ""
    level = f" {difficulty}" if difficulty else ""
    if not found:
        return f"The material gives no{level} question{about} that could be verified."
    noun = "question" if found == 1 else "questions"
    return f"The material gives {found}{level} verified {noun}{about}; {wanted} were asked for."
