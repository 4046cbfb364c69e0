"""E-mail and saved web pages (MIME, RFC 2045 to 2049 and 2557): the message as text, its attachments named."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

from documents_app.domain.blocks import BlockKind
from documents_app.domain.errors import CorruptFile, EmptyFile, ExpandedTooLarge, UnsafeMarkup
from documents_app.domain.material import DocumentText
from documents_app.extraction.builder import TextBuilder
from documents_app.extraction.decode import decode
from documents_app.extraction.html.parsing import parse
from documents_app.extraction.html.writing import write_html
from documents_app.extraction.limits import ExtractionLimits
from documents_app.extraction.notes import ATTACHMENTS

_MAX_DEPTH = 40
_MAX_PARTS = 2_000
_NAMED = 20


def extract_mail(source: bytes | Path, limits: ExtractionLimits) -> DocumentText:
    """Return a message as its subject and body; what is attached is named in a warning and not read.

    Of a message in several forms the HTML one is read, which has lists and tables. Raises CorruptFile for a message
    without a body, UnsafeMarkup for parts nested beyond reason.
    """
    data = source if isinstance(source, bytes) else source.read_bytes()
    try:
        message = email.message_from_bytes(data, policy=email.policy.default)
        parts = list(_parts(message, 0))
    except RecursionError as error:
        raise UnsafeMarkup(reason="its parts are nested too deeply") from error
    builder = TextBuilder(limits)
    subject = _header(message, "subject")
    builder.heading(1, subject)
    attachments = []
    readable = False
    for part in parts:
        if _is_body(part):
            readable = _write_body(part, builder, limits) or readable
        elif part.get_content_disposition() != "inline" or part.get_filename():
            attachments.append(_name(part))
    if not readable and not attachments and not subject:
        raise CorruptFile(reason="it is named as an e-mail and holds none")
    _warn_of_attachments(attachments, builder)
    author = _header(message, "from")
    return builder.build({**({"title": subject} if subject else {}), **({"author": author} if author else {})})


def _parts(message: EmailMessage, depth: int) -> Iterator[EmailMessage]:
    """Yield the parts that are read or named: of alternatives the best one, of a page and its pictures the page."""
    if depth > _MAX_DEPTH:
        raise UnsafeMarkup(reason="its parts are nested too deeply")
    kind = message.get_content_type()
    if not message.is_multipart() or kind == "message/rfc822":
        yield message
        return
    inner = [part for part in message.iter_parts() if isinstance(part, EmailMessage)][:_MAX_PARTS]
    if kind == "multipart/alternative":
        best = max(inner, key=_richness, default=None)
        inner = [best] if best is not None else []
    elif kind == "multipart/related":
        inner = inner[:1]
    for part in inner:
        yield from _parts(part, depth + 1)


def _richness(part: EmailMessage) -> int:
    kind = part.get_content_type()
    return {"text/html": 3, "multipart/related": 3, "multipart/mixed": 2, "text/plain": 1}.get(kind, 0)


def _is_body(part: EmailMessage) -> bool:
    return part.get_content_maintype() == "text" and part.get_content_disposition() != "attachment"


def _write_body(part: EmailMessage, builder: TextBuilder, limits: ExtractionLimits) -> bool:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes) or not payload.strip():
        return False
    if len(payload) > limits.max_expanded_bytes:
        raise ExpandedTooLarge(limit=limits.max_expanded_bytes, unit="bytes")
    try:
        text, _ = decode(payload, part.get_content_charset())
    except EmptyFile:
        return False
    if part.get_content_subtype() == "html":
        write_html(parse(text), builder)
        return True
    for paragraph in text.replace("\r\n", "\n").replace("\r", "\n").split("\n\n"):
        quoted = paragraph.lstrip().startswith(">")
        builder.block(BlockKind.QUOTE if quoted else BlockKind.PARAGRAPH, paragraph.strip("\n"))
    return True


def _warn_of_attachments(names: list[str], builder: TextBuilder) -> None:
    if names:
        more = " …" if len(names) > _NAMED else ""
        builder.warn(
            "attachments_not_read",
            ATTACHMENTS.format(names=f"{', '.join(names[:_NAMED])}{more}"),
        )


def _name(part: EmailMessage) -> str:
    name = part.get_filename() or ""
    if not name and part.get_content_type() == "message/rfc822":
        inner = part.get_payload()
        name = _header(inner[0], "subject") if isinstance(inner, list) and inner else ""
    return " ".join(name.split())[:100] or part.get_content_type()


def _header(message: object, name: str) -> str:
    """Return a header as text, or "" if it is missing or cannot be decoded."""
    try:
        value = message.get(name) if isinstance(message, EmailMessage) else None
        return " ".join(str(value).split())[:1000] if value else ""
    except (ValueError, LookupError, IndexError, AttributeError, TypeError):
        # The parser of headers in the standard library stumbles over some malformed ones.
        return ""
