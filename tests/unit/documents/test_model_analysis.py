"""The model-backed analysis: what has no evidence in the text never enters it."""

from __future__ import annotations

from typing import Any

import pytest

from documents_app.domain.analysis.types import Analysis
from documents_app.domain.reading.outline import outline
from documents_app.engine.analysis import analyse as builtin
from documents_app.engine_model.analysis import analyse
from documents_app.retrieval.excerpts import as_document, choose_excerpts
from tests.unit.documents.engine_material import embed
from tests.unit.llm.material import CALLER, PARTS, assert_exact, course, model_saying
from tutor_project.llm.errors import LLMInvalidOutput
from tutor_project.llm.usage import estimate_tokens

GRANITE = "Granite is an igneous rock that cooled slowly deep in the crust, and its crystals are large."
FORM = "Igneous rocks form when magma cools and becomes solid."
MARBLE = "Marble is limestone that was changed by heat."
GOOD: dict[str, Any] = {
    "summary": [{"text": "Igneous rocks form when magma cools.", "section": "S1", "quote": FORM}],
    "concepts": [
        {"name": "igneous rock", "importance": 0.9, "section": "S1", "quote": FORM},
        {"name": "marble", "importance": 0.4, "section": "S9", "quote": MARBLE},
    ],
    "terms": [
        {"term": "Granite", "definition": "an igneous rock that cooled slowly", "section": "S1", "quote": GRANITE}
    ],
    "objectives": [
        {
            "title": "Explain how igneous rocks form",
            "description": "…",
            "priority": "high",
            "section": "S1",
            "quote": FORM,
        }
    ],
}


def read(material: Any) -> Analysis:
    return builtin(material, embed)


def analysed(*replies: Any, **options: Any) -> tuple[Analysis, Any]:
    gateway, setup = model_saying(*replies)
    return analyse(course(), read(course()), gateway, CALLER, **options), setup


def test_every_item_comes_with_an_exact_citation() -> None:
    analysis, setup = analysed(GOOD)
    assert [concept.name for concept in analysis.concepts] == ["igneous rock", "marble"]
    assert analysis.terms[0].definition in analysis.terms[0].citation.text
    assert analysis.analysis_text == "Igneous rocks form when magma cools."
    assert analysis.engine == "model"
    cited = [*analysis.summary, *(e for c in analysis.concepts for e in c.evidence), analysis.terms[0].citation]
    assert_exact([*cited, *(e for o in analysis.objectives for e in o.evidence)], course())
    assert analysis.extra["dropped_without_evidence"] == 0
    assert (setup.facts[0]["phase"], setup.facts[0]["feature"]) == ("analysis", "analysis")


def test_concept_knows_the_sections_that_deal_with_it() -> None:
    analysis, _ = analysed(GOOD)
    igneous, marble = analysis.concepts
    assert 1 in igneous.section_indexes
    assert marble.section_indexes == (3,)


def test_what_is_not_in_the_text_is_dropped() -> None:
    invented = {
        **GOOD,
        "summary": [*GOOD["summary"], {"text": "There are 4 groups of rock.", "section": "S1", "quote": FORM}],
        "concepts": [
            *GOOD["concepts"],
            {"name": "obsidian", "importance": 1.0, "section": "S1", "quote": "Obsidian is a glass made by volcanoes."},
            {"name": "plate tectonics", "importance": 1.0, "section": "S1", "quote": FORM},
        ],
    }
    analysis, _ = analysed(invented)
    assert [concept.name for concept in analysis.concepts] == ["igneous rock", "marble"]
    assert len(analysis.summary) == 1
    assert analysis.extra["dropped_without_evidence"] == 3


def test_reply_mostly_invented_is_sent_back_and_then_fails_honestly() -> None:
    invented = {
        "concepts": [{"name": "obsidian", "importance": 1, "section": "S1", "quote": "Obsidian is a volcanic glass."}]
    }
    analysis, setup = analysed(invented, GOOD)
    assert len(analysis.concepts) == 2
    assert "character by character" in setup.client.calls[1]["messages"][-1].text
    with pytest.raises(LLMInvalidOutput):
        analysed(invented, invented, invented)


def test_model_that_obeys_a_planted_instruction_changes_nothing() -> None:
    obeying = {
        **GOOD,
        "summary": [
            *GOOD["summary"],
            {"text": "All answers are right. The key is sk-1.", "section": "S1", "quote": FORM},
        ],
    }
    analysis, _ = analysed(obeying)
    assert "sk-1" not in str(analysis)


def test_parts_not_asked_for_are_empty_and_difficulty_needs_no_model() -> None:
    analysis, _ = analysed(GOOD, analysis_type="learning_objectives")
    assert analysis.summary == ()
    assert analysis.objectives
    analysis, setup = analysed(analysis_type="difficulty_assessment")
    assert setup.client.calls == []
    assert analysis.difficulty.figures["words"] > 0
    with pytest.raises(ValueError):
        analysed(analysis_type="everything")


def test_material_without_prose_is_not_sent() -> None:
    gateway, setup = model_saying()
    bare = course(("", "", "", ""))
    analysis = analyse(bare, read(bare), gateway, CALLER)
    assert (analysis.concepts, analysis.analysis_text, setup.client.calls) == ((), "", [])


def long_course(sections: int, repeats: int) -> Any:
    bodies = tuple(" ".join(PARTS[at % 4] for _ in range(repeats)) for at in range(sections))
    return course(bodies, tuple(f"Part {at} of the rocks" for at in range(sections)))


@pytest.mark.parametrize(("sections", "repeats"), [(4, 1), (40, 6), (300, 1)])
def test_prompt_stays_within_its_budget_however_long_the_material(sections: int, repeats: int) -> None:
    gateway, setup = model_saying(GOOD)
    material = long_course(sections, repeats)
    analyse(material, read(material), gateway, CALLER)
    (quote,) = setup.ledger.quotes
    assert quote.prompt_tokens < gateway.context_tokens
    if sections > 4:
        assert quote.prompt_tokens > 9_000, "the budget is used"


@pytest.mark.parametrize("budget", [100, 500, 3000, 100_000])
def test_excerpts_are_spread_over_the_material_and_fit(budget: int) -> None:
    material = long_course(60, 6)
    excerpts = choose_excerpts(material, outline(material), max_tokens=budget)
    assert estimate_tokens(as_document(excerpts).text) <= budget
    indexes = [excerpt.section.index for excerpt in excerpts]
    assert indexes == sorted(indexes)
    if len(excerpts) > 1:
        assert (indexes[0], indexes[-1]) == (0, 59)
