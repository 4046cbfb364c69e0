"""E-mail and saved pages are decoded; what is attached is named and not read."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from documents_app.domain.blocks import BlockKind
from documents_app.domain.errors import UnsafeMarkup, UnsupportedType
from documents_app.extraction.formats import Format
from documents_app.extraction.sniff import sniff
from tests.support.office import read, texts


def message(body: str = "Bitte lesen Sie Kapitel 3 – Größe.", subject: str = "Hausaufgäbe") -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "Lehrer <lehrer@example.org>", "klasse@example.org", subject
    made.set_content(body, cte="base64")
    return made


def test_a_message_is_its_subject_and_body_and_names_what_is_attached() -> None:
    mail = message()
    mail.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="übung.pdf")
    mail.add_attachment(message(subject="Forwarded note"))
    document = read(mail.as_bytes(), "a.eml")
    assert document.text == "Hausaufgäbe\n\nBitte lesen Sie Kapitel 3 – Größe."
    assert document.metadata["author"] == "Lehrer <lehrer@example.org>"
    (warning,) = document.warnings
    assert warning.code == "attachments_not_read"
    assert "übung.pdf" in warning.detail
    assert "Forwarded note" in warning.detail


def test_of_several_forms_the_one_with_structure_is_read_once() -> None:
    mail = message("plain words")
    mail.add_alternative(
        "<h2>Plan</h2><table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>", subtype="html"
    )
    document = read(mail.as_bytes(), "a.eml")
    assert "plain words" not in document.text
    assert document.tables[0].cells == (("a", "b"), ("c", "d"))


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "windows-1251", "shift_jis"])
def test_bodies_are_decoded_by_their_charset(encoding: str) -> None:
    text = {"windows-1251": "Клетка и ядро", "shift_jis": "光合成は変換します"}.get(encoding, "Größe und Maß")
    head = f"Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset={encoding}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    assert texts(read(head.encode() + text.encode(encoding), "a.eml"), BlockKind.PARAGRAPH) == [text]


def test_a_saved_page_is_read_as_its_page() -> None:
    page = (
        "From: <Saved by a browser>\r\nSubject: =?utf-8?Q?Caf=C3=A9?=\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/related; type="text/html"; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        "<html><body><h1>Cells</h1><p>na=C3=AFve</p></body></html>\r\n"
        "--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--b--\r\n"
    )
    for name in ("a.mhtml", "a.mht", "a.txt"):
        assert sniff(page.encode(), name) == Format.MAIL
    document = read(page.encode(), "a.mhtml")
    assert texts(document) == ["Café", "Cells", "naïve"]
    assert document.warnings == ()


def test_a_text_about_headers_is_a_text_and_a_mailbox_is_refused_by_name() -> None:
    assert sniff(b"Subject: matter is what this text is about.\n\nFrom: here on it is prose.\n", "a.txt") == Format.TEXT
    assert sniff(b"MIME-Version: 1.0\nContent-Type: multipart/mixed\n\n--b\n", "a.md") == Format.MARKDOWN
    with pytest.raises(UnsupportedType, match="mailbox"):
        sniff(b"From a@b.org Sat Jan  3 01:05:34 2026\nSubject: x\n\ny\n", "a.mbox")


def test_messages_nested_beyond_reason_are_refused_by_name() -> None:
    parts = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n' for n in range(300))
    with pytest.raises(UnsafeMarkup):
        read(f"Subject: x\r\nMIME-Version: 1.0\r\n{parts}\r\ntext".encode(), "a.eml")
