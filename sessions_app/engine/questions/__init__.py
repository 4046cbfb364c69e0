"""The built-in question writer: facts found in the material by grammar, worded as questions, without a model."""
