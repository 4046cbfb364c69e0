"""What of the material is shown to a model: excerpts of its sections within a token budget."""

from __future__ import annotations

from collections.abc import Sequence

from documents_app.domain.analysis.types import Section
from documents_app.domain.material import Material
from documents_app.domain.quotes import Excerpt, QuotableText, even_out
from tutor_project.llm.types import UntrustedText
from tutor_project.llm.usage import estimate_tokens, truncate_to_tokens

MATERIAL = "MATERIAL"
_HEADING_TOKENS = 24
_MIN_SECTION_TOKENS = 90


def choose_excerpts(material: Material, sections: Sequence[Section], *, max_tokens: int) -> list[Excerpt]:
    """Return excerpts of ``sections`` in reading order, together estimated within ``max_tokens``.

    All of it if it fits. Otherwise short sections whole and long ones from their beginning to a common length;
    and if even that leaves too little for each, sections evenly spread over the material.
    """
    usable = [section for section in sections if section.sentences]
    at_most = max(max_tokens // _MIN_SECTION_TOKENS, 1)
    if len(usable) > at_most:
        usable = [usable[round(at * (len(usable) - 1) / max(at_most - 1, 1))] for at in range(at_most)]
    lengths = [estimate_tokens(_body(material, section)) + _HEADING_TOKENS for section in usable]
    cap = _common_cap(lengths, max_tokens)
    return [_excerpt(material, section, cap - _HEADING_TOKENS) for section in usable]


def as_document(excerpts: Sequence[Excerpt]) -> UntrustedText:
    """Return the excerpts as one fenced text, each under its label and title."""
    parts = [f"[{excerpt.label}] {_title(excerpt.section)}\n{excerpt.shown.text.strip()}" for excerpt in excerpts]
    return UntrustedText(MATERIAL, "\n\n".join(parts))


def section_label(section: Section) -> str:
    """Return how prompts and replies refer to a section."""
    return f"S{section.index}"


def _title(section: Section) -> str:
    return truncate_to_tokens(even_out(section.title), _HEADING_TOKENS - 8)


def _body(material: Material, section: Section) -> str:
    text = material[section.document].content.text
    return text[section.sentences[0].char_start : _end(section)]


def _end(section: Section) -> int:
    """Return where a section ends as shown: with what stands behind its last sentence, such as a table."""
    return max(section.char_end, section.sentences[-1].char_end)


def _common_cap(lengths: Sequence[int], budget: int) -> int:
    """Return the largest cap with ``sum(min(length, cap)) <= budget`` (water filling)."""
    left, cap = budget, max(lengths, default=0)
    for rank, length in enumerate(sorted(lengths)):
        share = left // (len(lengths) - rank)
        if length > share:
            return share
        left -= length
    return cap


def _excerpt(material: Material, section: Section, max_tokens: int) -> Excerpt:
    document = material[section.document]
    start = section.sentences[0].char_start
    text = document.content.text
    end = start
    for sentence in section.sentences:
        if end > start and estimate_tokens(text[start : sentence.char_end]) > max_tokens:
            break
        end = sentence.char_end
    if end == section.sentences[-1].char_end and estimate_tokens(text[start : _end(section)]) <= max_tokens:
        end = _end(section)
    if estimate_tokens(text[start:end]) > max_tokens:  # one sentence longer than the whole share
        end = start + max(len(truncate_to_tokens(text[start:end], max_tokens)), 1)
    return Excerpt(section_label(section), section, document, QuotableText(document, start, end))
