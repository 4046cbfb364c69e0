"""The question bank as a QTI 2.1 content package (a ZIP of items and a manifest).

IMS Question & Test Interoperability 2.1 (2012): choice questions are ``choiceInteraction``, texts and numbers
``textEntryInteraction``. The package imports into learning platforms that read QTI 2.1.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree as ET

from sessions_app.domain.questions.types import CandidateQuestion, NumericKey, PartsKey, TextKey
from sessions_app.exports.bank import GAP, ExportedQuestion, choices, printable, right_option, source_line, zipped

QTI = "http://www.imsglobal.org/xsd/imsqti_v2p1"
QTI_SCHEMA = "http://www.imsglobal.org/xsd/qti/qtiv2p1/imsqti_v2p1.xsd"
PACKAGE = "http://www.imsglobal.org/xsd/imscp_v1p1"
PACKAGE_SCHEMA = "http://www.imsglobal.org/xsd/qti/qtiv2p1/qtiv2p1_imscpv1p2_v1p0.xsd"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
MATCH_TEMPLATE = "http://www.imsglobal.org/question/qti_v2p1/rptemplates/match_correct"


def export_qti(questions: Iterable[ExportedQuestion], *, title: str, package_key: str) -> bytes:
    """Return the package; ``package_key`` (the session's id) identifies it. An empty bank gives an empty package."""
    files: dict[str, bytes] = {}
    manifest = _element("manifest", identifier=f"package-{package_key}", xmlns=PACKAGE)
    manifest.set("xmlns:xsi", XSI)
    manifest.set("xsi:schemaLocation", f"{PACKAGE} {PACKAGE_SCHEMA}")
    metadata = _child(manifest, "metadata")
    _child(metadata, "schema", "QTIv2.1 Package")
    _child(metadata, "schemaversion", "1.0.0")
    _child(manifest, "organizations")
    resources = _child(manifest, "resources")
    for item in questions:
        name = f"items/question-{item.id}.xml"
        files[name] = _document(_item(item, title))
        resource = _child(
            resources, "resource", identifier=f"resource-{item.id}", type="imsqti_item_xmlv2p1", href=name
        )
        _child(resource, "file", href=name)
    return zipped({"imsmanifest.xml": _document(manifest), **files})


def _item(item: ExportedQuestion, title: str) -> ET.Element:
    question = item.question
    label = question.concept or question.topic or title
    root = _element(
        "assessmentItem",
        identifier=f"question-{item.id}",
        title=label or "Question",
        adaptive="false",
        timeDependent="false",
        xmlns=QTI,
    )
    root.set("xmlns:xsi", XSI)
    root.set("xsi:schemaLocation", f"{QTI} {QTI_SCHEMA}")
    if choices(question):
        _choice_parts(root, question)
    else:
        _entry_parts(root, question)
    return root


def _choice_parts(root: ET.Element, question: CandidateQuestion) -> None:
    """Declaration, score, body and template processing of a question with options."""
    declaration = _child(
        root, "responseDeclaration", identifier="RESPONSE", cardinality="single", baseType="identifier"
    )
    _child(_child(declaration, "correctResponse"), "value", _choice_id(right_option(question)))
    _outcomes(root, question)
    body = _child(root, "itemBody")
    interaction = _child(body, "choiceInteraction", responseIdentifier="RESPONSE", shuffle="false", maxChoices="1")
    _child(interaction, "prompt", question.stem)
    for identity, text in choices(question):
        _child(interaction, "simpleChoice", text, identifier=_choice_id(identity))
    _child(root, "responseProcessing", template=MATCH_TEMPLATE)
    _feedback(root, question)


def _entry_parts(root: ET.Element, question: CandidateQuestion) -> None:
    """Declarations, score, body and processing of a question that is answered by text or number."""
    keys = list(question.key.parts) if isinstance(question.key, PartsKey) else [question.key]
    names = ["RESPONSE"] if len(keys) == 1 else [f"RESPONSE{index}" for index in range(1, len(keys) + 1)]
    for name, key in zip(names, keys, strict=True):
        _entry_declaration(root, name, key)
    _outcomes(root, question)
    body = _child(root, "itemBody")
    _entry_body(body, question.stem, names)
    processing = _child(root, "responseProcessing")
    sum_parts = _child(_child(processing, "setOutcomeValue", identifier="SCORE"), "divide")
    total = _child(sum_parts, "sum")
    for name, key in zip(names, keys, strict=True):
        _entry_score(processing, total, name, key)
    _child(sum_parts, "baseValue", str(len(keys)), baseType="float")
    _feedback(root, question)


def _entry_declaration(root: ET.Element, name: str, key: object) -> None:
    numeric = isinstance(key, NumericKey)
    declaration = _child(
        root, "responseDeclaration", identifier=name, cardinality="single", baseType="float" if numeric else "string"
    )
    correct = _child(declaration, "correctResponse")
    if isinstance(key, NumericKey):
        _child(correct, "value", f"{key.value:.12g}")
    elif isinstance(key, TextKey) and key.accepted:
        _child(correct, "value", key.accepted[0])
        mapping = _child(declaration, "mapping", defaultValue="0")
        for accepted in key.accepted:
            _child(mapping, "mapEntry", mapKey=accepted, mappedValue="1", caseSensitive="false")


def _entry_body(body: ET.Element, stem: str, names: list[str]) -> None:
    """Put the first entry into the gap of a cloze, every other one into its own paragraph."""
    paragraph = _child(body, "p")
    before, gap, after = stem.partition(GAP)
    paragraph.text = printable(before)
    rest = names
    if gap:
        entry = _child(paragraph, "textEntryInteraction", responseIdentifier=names[0], expectedLength="30")
        entry.tail = printable(after)
        rest = names[1:]
    for name in rest:
        _child(_child(body, "p"), "textEntryInteraction", responseIdentifier=name, expectedLength="30")


def _entry_score(processing: ET.Element, total: ET.Element, name: str, key: object) -> None:
    """Add the part's 0 or 1 to ``total``; numbers are compared with their absolute tolerance first."""
    if not isinstance(key, NumericKey):
        _child(total, "mapResponse", identifier=name)
        return
    outcome = f"{name}_POINTS"
    _child(total, "variable", identifier=outcome)
    condition = _element("responseCondition")
    processing.insert(len(processing) - 1, condition)
    branch = _child(condition, "responseIf")
    equal = _child(branch, "equal", toleranceMode="absolute", tolerance=f"{key.tolerance:.12g} {key.tolerance:.12g}")
    _child(equal, "variable", identifier=name)
    _child(equal, "correct", identifier=name)
    _child(_child(branch, "setOutcomeValue", identifier=outcome), "baseValue", "1", baseType="float")


def _outcomes(root: ET.Element, question: CandidateQuestion) -> None:
    score = _child(
        root, "outcomeDeclaration", identifier="SCORE", cardinality="single", baseType="float",
        normalMaximum="1",
    )  # fmt: skip
    _child(_child(score, "defaultValue"), "value", "0")
    keys = list(question.key.parts) if isinstance(question.key, PartsKey) else [question.key]
    for index, key in enumerate(keys, start=1):
        if isinstance(key, NumericKey):
            name = "RESPONSE_POINTS" if len(keys) == 1 else f"RESPONSE{index}_POINTS"
            points = _child(root, "outcomeDeclaration", identifier=name, cardinality="single", baseType="float")
            _child(_child(points, "defaultValue"), "value", "0")
    feedback = _child(root, "outcomeDeclaration", identifier="FEEDBACK", cardinality="single", baseType="identifier")
    _child(_child(feedback, "defaultValue"), "value", "EXPLANATION")


def _feedback(root: ET.Element, question: CandidateQuestion) -> None:
    text = "\n".join(part for part in (question.explanation, source_line(question)) if part)
    if text:
        shown = _child(root, "modalFeedback", outcomeIdentifier="FEEDBACK", identifier="EXPLANATION", showHide="show")
        for line in text.split("\n"):
            _child(shown, "p", line)


def _choice_id(identity: str) -> str:
    """Return an identifier as XML allows it: option ids are hexadecimal and may begin with a digit."""
    return f"option-{identity}"


def _element(tag: str, **attributes: str) -> ET.Element:
    return ET.Element(tag, {name: printable(value) for name, value in attributes.items()})


def _child(parent: ET.Element, tag: str, text: str | None = None, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, tag, {name: printable(value) for name, value in attributes.items()})
    if text is not None:
        element.text = printable(text)
    return element


def _document(root: ET.Element) -> bytes:
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))
