"""What every page of the staff console shares: quick counts, bounded actions with an audit trail, read-only pages."""

from tutor_project.common.console.actions import MAX_ROWS, row_action
from tutor_project.common.console.admin import ConsoleAdmin, ReadOnly, ReadOnlyAdmin, object_link, person_link

__all__ = [
    "MAX_ROWS",
    "ConsoleAdmin",
    "ReadOnly",
    "ReadOnlyAdmin",
    "object_link",
    "person_link",
    "row_action",
]
