"""Markdown and its dialects: rules for the parser, and the way from its tokens to blocks."""
