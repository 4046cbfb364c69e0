"""Failures of the stack that a person can cure; each is one line."""

from __future__ import annotations


class StackError(Exception):
    """The stack cannot do what was asked; the message says why and what to do."""
