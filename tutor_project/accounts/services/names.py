"""Changes of names and addresses, one at a time."""

from __future__ import annotations

from tutor_project.common.locks import lock_text


def names_lock() -> None:
    """Wait until no other transaction changes a name or an address.

    They are compared with one another in more ways than a constraint can say: a name with addresses, and by its looks.
    """
    lock_text("accounts", "names")
