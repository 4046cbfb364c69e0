"""The model-backed engine for learning: the same domain types as the built-in engine, every claim with its quote."""
