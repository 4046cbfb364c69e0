"""Files inside files: what is attached, at whatever depth, is named and never opened, and its bearer is read all the same."""

from __future__ import annotations

from email.message import EmailMessage
from functools import cache

import pytest

from benchmarks.made.files import archive, docx, epub, repacked
from documents_app.domain.errors import ExtractionError, UnsafeMarkup
from documents_app.extraction.limits import MEBIBYTE, ExtractionLimits
from tests.support.office import paragraph, read, run, word

LIMITS = ExtractionLimits(max_expanded_bytes=5 * MEBIBYTE)
BODY = "The membrane keeps the cell apart."


def mail(subject: str, attached: bytes | EmailMessage, name: str = "inner.eml") -> EmailMessage:
    made = EmailMessage()
    made["From"], made["Subject"] = "lecturer@example.org", subject
    made.set_content(BODY)
    if isinstance(attached, bytes):
        made.add_attachment(attached, maintype="application", subtype="zip", filename=name)
    else:
        made.add_attachment(attached, filename=name)
    return made


@cache
def bomb() -> bytes:
    """An archive in an archive that unpacks to more than any limit."""
    return archive({"inner.zip": archive({"zeros.bin": bytes(16 * MEBIBYTE)})})


def test_a_message_in_a_message_in_a_message_names_the_outer_one_and_opens_none() -> None:
    innermost = mail("Deepest", bomb(), "bomb.zip")
    document = read(mail("Outer", mail("Middle", innermost, "middle.eml"), "outer.eml").as_bytes(), "a.eml", LIMITS)
    assert document.text.split() == ["Outer", *BODY.split()]
    (warning,) = document.warnings
    assert (warning.code, "outer.eml" in warning.detail) == ("attachments_not_read", True)
    assert "bomb.zip" not in warning.detail


def test_messages_forwarded_more_often_than_can_be_read_are_refused_by_name() -> None:
    head = "Subject: again\r\nMIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n\r\n"
    with pytest.raises(UnsafeMarkup):
        read((head * 3_000 + "Subject: last\r\n\r\ntext").encode(), "a.eml", LIMITS)


def test_of_very_many_attachments_the_first_are_named_and_the_body_is_read() -> None:
    made = EmailMessage()
    made["Subject"] = "Many"
    made.set_content(BODY)
    for number in range(60):
        made.add_attachment(b"PK", maintype="application", subtype="zip", filename=f"part-{number:02}.zip")
    document = read(made.as_bytes(), "a.eml", LIMITS)
    (warning,) = document.warnings
    assert BODY in document.text
    assert "part-19.zip" in warning.detail
    assert "part-20.zip" not in warning.detail
    assert warning.detail.count("…") == 1


def test_an_archive_inside_a_book_or_an_office_file_is_not_unpacked() -> None:
    """Only what the file itself unpacks to counts; what an entry would unpack to is nobody's business."""
    inner = {"word/embeddings/inner.docx": repacked(docx(), {"word/embeddings/bomb.zip": bomb()})}
    assert read(repacked(docx(), inner), "a.docx", LIMITS).text == read(docx(), "a.docx").text
    assert read(repacked(epub(), {"book/bomb.zip": bomb()}), "a.epub", LIMITS).text == read(epub(), "a.epub").text


def test_an_object_in_an_object_is_named_once_and_its_neighbours_are_read() -> None:
    inside = run("").replace(
        '<w:t xml:space="preserve"></w:t>', '<w:object><o:OLEObject ProgID="Package" r:id="r9"/></w:object>'
    )
    inner = word(paragraph("Inner words") + paragraph(inside), {"word/embeddings/bomb.bin": bomb()})
    outer = word(
        paragraph("Before.") + paragraph(inside) + paragraph("After."),
        {"word/embeddings/inner.docx": inner},
        {"r9": ("package", "embeddings/inner.docx")},
    )
    document = read(outer, "a.docx", LIMITS)
    assert document.text.split() == ["Before.", "After."]
    assert [warning.code for warning in document.warnings] == ["embedded_object_not_read"]


def test_a_bomb_of_the_file_itself_is_still_refused() -> None:
    with pytest.raises(ExtractionError) as refused:
        read(repacked(docx(), {"word/embeddings/zeros.bin": bytes(16 * MEBIBYTE)}), "a.docx", LIMITS)
    assert refused.value.code in ("hostile_archive", "expanded_too_large")
