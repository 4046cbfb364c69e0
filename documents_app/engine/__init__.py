"""The built-in engine for documents: analysis without a model and without a network."""

from documents_app.engine.analysis import ANALYSIS_TYPES, ENGINE_NAME, analyse

__all__ = ["ANALYSIS_TYPES", "ENGINE_NAME", "analyse"]
