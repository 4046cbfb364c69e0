"""The built-in question writer: questions about the key terms, lists and definitions of the material, without a model."""
