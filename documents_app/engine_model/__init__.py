"""The model-backed engine for documents: the same domain types as the built-in engine, every claim with its quote."""

from documents_app.engine_model.analysis import analyse

__all__ = ["analyse"]
