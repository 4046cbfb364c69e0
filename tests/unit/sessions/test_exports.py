"""Exports: each format holds every question, escapes what the material brings along, and is well formed."""

from __future__ import annotations

import csv
import io
import sqlite3
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from documents_app.domain.material import Citation
from sessions_app.domain.questions.types import (
    BooleanKey,
    CandidateQuestion,
    ChoiceKey,
    NumericKey,
    PartsKey,
    QuestionKind,
    TextKey,
    make_options,
)
from sessions_app.exports.anki import export_anki
from sessions_app.exports.bank import ExportedQuestion, ExportedReview
from sessions_app.exports.csv_table import COLUMNS, export_csv
from sessions_app.exports.qti import QTI, export_qti

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
CITED = Citation("doc", "cells & tissue.pdf", 3, 4, 0, 20, "Water <moves>\nby osmosis.")
STEM = "What moves through the membrane & why is 2 < 3?"
OPTIONS = make_options(STEM, ["Water", "Salt <b>", "{{Sugar}}"])
N = {"q": QTI}


def bank() -> list[ExportedQuestion]:
    kind = QuestionKind
    questions = [
        CandidateQuestion(
            kind.MULTIPLE_CHOICE, STEM, ChoiceKey(OPTIONS[0].id), "Because.", (CITED,), OPTIONS, concept="cell wall"
        ),
        CandidateQuestion(kind.TRUE_FALSE, "Osmosis needs a membrane.", BooleanKey(True), "It does.", (CITED,)),
        CandidateQuestion(kind.CLOZE, "Water moves by _____ here.", TextKey(("osmosis", "Osmose")), "", (CITED,)),
        CandidateQuestion(kind.SHORT_ANSWER, "=SUM(A1) names what?", TextKey(("a sum",)), "x\x0by", ()),
        CandidateQuestion(kind.NUMERIC, "How cold?", NumericKey(-40.5, 0.5, "°C"), "", (CITED,)),
        CandidateQuestion(
            kind.SHORT_ANSWER,
            "Name a gas and a mass.",
            PartsKey((TextKey(("oxygen",)), NumericKey(16, 0.1, "g"))),
            "",
            (),
        ),
    ]
    review = ExportedReview(AT, 3, 12.34)
    return [ExportedQuestion(f"q{n}", question, review if n == 0 else None) for n, question in enumerate(questions)]


def test_csv_holds_every_question_once_and_its_review() -> None:
    content = export_csv(bank())
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert tuple(rows[0]) == COLUMNS
    assert [row["id"] for row in rows] == [f"q{n}" for n in range(6)]
    assert rows[0]["answer"] == "Water"
    assert rows[0]["options"] == "Water | Salt <b> | {{Sugar}}"
    assert rows[0]["source"] == "“Water <moves> by osmosis.” (cells & tissue.pdf, pp. 3-4)"
    assert (rows[0]["due_at"], rows[0]["stability_days"], rows[1]["due_at"]) == (
        "2026-03-01T12:00:00+00:00",
        "12.3",
        "",
    )
    assert rows[5]["answer"] == "oxygen; 16 g"


def test_csv_cells_are_inert_in_a_spreadsheet_and_negative_numbers_stay_numbers() -> None:
    rows = list(csv.DictReader(io.StringIO(export_csv(bank()).decode("utf-8-sig"))))
    assert rows[3]["question"] == "'=SUM(A1) names what?"
    assert rows[4]["answer"] == "-40.5 °C"


def notes_of(content: bytes, folder: Path) -> list[tuple[str, list[str], str]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extract("collection.anki2", folder)
    with sqlite3.connect(folder / "collection.anki2") as connection:
        rows = connection.execute("select guid, flds, tags from notes order by id").fetchall()
        cards = connection.execute("select count(*) from cards").fetchone()[0]
    assert cards == len(rows)
    return [(guid, fields.split("\x1f"), tags) for guid, fields, tags in rows]


def test_anki_holds_one_escaped_note_a_question_and_keeps_its_identity(tmp_path: Path) -> None:
    content = export_anki(bank(), deck_name="Cells", deck_key="session-1", at=AT)
    notes = notes_of(content, tmp_path)
    assert len(notes) == 6
    _, fields, tags = notes[0]
    assert fields[0] == "<p>What moves through the membrane &amp; why is 2 &lt; 3?</p>"
    assert "Salt &lt;b&gt;" in fields[1]
    assert "{{" not in fields[1]
    assert fields[2] == "Water"
    assert "cell_wall" in tags.split()
    assert notes[1][1][2] == "True"
    later = export_anki(bank(), deck_name="Renamed", deck_key="session-1", at=datetime(2027, 1, 1, tzinfo=UTC))
    assert [note[0] for note in notes_of(later, tmp_path)] == [note[0] for note in notes]


def qti_items(content: bytes) -> dict[str, ET.Element]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        manifest = ET.fromstring(archive.read("imsmanifest.xml"))
        references = [resource.get("href", "") for resource in manifest.iter() if resource.tag.endswith("}resource")]
        assert sorted([*references, "imsmanifest.xml"]) == sorted(archive.namelist())
        return {reference: ET.fromstring(archive.read(reference)) for reference in references}


def test_qti_is_well_formed_and_every_correct_choice_is_an_offered_one() -> None:
    items = qti_items(export_qti(bank(), title="Cells", package_key="session-1"))
    assert len(items) == 6
    choice = items["items/question-q0.xml"]
    offered = {option.get("identifier"): option.text for option in choice.iterfind(".//q:simpleChoice", N)}
    correct = choice.findtext(".//q:correctResponse/q:value", namespaces=N)
    assert offered[correct] == "Water"
    assert list(offered.values()) == ["Water", "Salt <b>", "{{Sugar}}"]
    truth = items["items/question-q1.xml"]
    assert truth.findtext(".//q:correctResponse/q:value", namespaces=N) == "option-true"


def test_qti_text_and_number_answers_declare_what_is_accepted() -> None:
    items = qti_items(export_qti(bank(), title="Cells", package_key="session-1"))
    cloze = items["items/question-q2.xml"]
    assert [entry.get("mapKey") for entry in cloze.iterfind(".//q:mapEntry", N)] == ["osmosis", "Osmose"]
    paragraph = cloze.find("q:itemBody/q:p", N)
    assert paragraph is not None
    assert paragraph.text == "Water moves by "
    assert paragraph[0].tail == " here."
    equal = items["items/question-q4.xml"].find(".//q:equal", N)
    assert equal is not None
    assert (equal.get("toleranceMode"), equal.get("tolerance")) == ("absolute", "0.5 0.5")
    parts = items["items/question-q5.xml"]
    assert len(parts.findall(".//q:textEntryInteraction", N)) == 2
    declared = {node.get("identifier") for node in parts.iterfind("q:outcomeDeclaration", N)}
    used = {node.get("identifier") for node in parts.iterfind(".//q:variable", N)} - {"RESPONSE1", "RESPONSE2"}
    assert used <= declared


def test_characters_that_xml_cannot_hold_are_left_out() -> None:
    items = qti_items(export_qti(bank(), title="Cells\x00", package_key="session-1"))
    assert "xy" in "".join(items["items/question-q3.xml"].itertext())


@pytest.mark.parametrize("export", [export_csv, lambda rows: export_qti(rows, title="Cells", package_key="s")])
def test_equal_banks_give_equal_bytes(export) -> None:  # type: ignore[no-untyped-def]
    assert export(bank()) == export(bank())


def test_an_empty_bank_exports_without_questions(tmp_path: Path) -> None:
    assert export_csv([]).decode("utf-8-sig").strip() == ",".join(COLUMNS)
    assert qti_items(export_qti([], title="", package_key="s")) == {}
    assert notes_of(export_anki([], deck_name="", deck_key="s", at=AT), tmp_path) == []
