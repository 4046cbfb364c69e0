"""Bases of the console's pages."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IS_POPUP_VAR
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.forms import Media
from django.urls import reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin

from tutor_project.common.console.columns import for_people, in_words, name_fields
from tutor_project.common.console.filters import bounded_filters, lookup_of_filters, rows_found
from tutor_project.common.console.paginator import BoundedPaginator
from tutor_project.common.console.tables import list_as_csv

CHOOSING = "admin/js/admin/RelatedObjectLookups.js"


class ConsoleAdmin(ModelAdmin):
    """A page over a table that may be large: bounded counts, filters applied together, no mass deletion."""

    paginator = BoundedPaginator
    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 200
    list_filter_submit = False
    compressed_fields = True
    warn_unsaved_form = True
    list_before_template = "admin/csv_link.html"

    change_form_outer_before_template = "admin/row_actions.html"

    linked_by: tuple[str, ...] = ()
    """Lookups beyond the list's own filters that other pages link to it with, such as ``folder__id__exact``."""

    def __init__(self, model: Any, admin_site: Any) -> None:
        super().__init__(model, admin_site)
        name_fields(model)

    def get_list_display(self, request: Any) -> list[Any]:
        """Show stored structures and long fractions in words."""
        return [in_words(self, name) for name in super().get_list_display(request)]

    def change_view(
        self, request: Any, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Show an object with buttons for what may be done with it."""
        offered = [(name, entry[2]) for name, entry in self.get_actions(request).items()]
        return super().change_view(request, object_id, form_url, {"row_actions": offered, **(extra_context or {})})

    def changelist_view(self, request: Any, extra_context: dict[str, Any] | None = None) -> Any:
        """Show the list, or with ``?csv`` give it as a file."""
        if "csv" not in request.GET:
            return _without_choosing(request, super().changelist_view(request, extra_context))
        if not self.has_view_permission(request):
            raise PermissionDenied
        request.GET = request.GET.copy()
        del request.GET["csv"]
        return list_as_csv(self, request)

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        """Allow the list's filters and the links to it; Django would let any column be guessed at, also hidden ones."""
        return lookup in self.linked_by or lookup_of_filters(lookup, self.list_filter)

    def response_action(self, request: Any, queryset: Any) -> Any:
        """Run an action; raises BadRequest for a row whose id cannot be one."""
        for ticked in request.POST.getlist(ACTION_CHECKBOX_NAME):
            try:
                self.model._meta.pk.to_python(ticked)
            except ValidationError as error:
                raise BadRequest("An id of a row is malformed.") from error
        return super().response_action(request, queryset)

    def get_list_filter(self, request: Any) -> list[Any]:
        """Offer no filter that has to read the whole table for its choices."""
        return bounded_filters(self.model, super().get_list_filter(request))

    def get_search_results(self, request: Any, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Find the whole term in any of the search fields."""
        fields, term = self.get_search_fields(request), search_term.strip()
        if not fields or not term:
            return queryset, False
        return rows_found(queryset, fields, term), False

    def get_actions(self, request: Any) -> dict[str, Any]:
        """Offer what the person may do; deleting is done on an object's own page, which shows what goes with it."""
        actions: dict[str, Any] = super().get_actions(request)
        actions.pop("delete_selected", None)
        return {name: entry for name, entry in actions.items() if _may(request.user, entry[0])}


def _without_choosing(request: Any, page: Any) -> Any:
    """Leave out Django's script for choosing a related object where the list is not opened for that.

    It listens to the browser's event ``unload``, which Chromium is giving up and reports as a fault of the page.
    """
    context = getattr(page, "context_data", None) or {}
    if "media" in context and IS_POPUP_VAR not in request.GET:
        media = context["media"]
        context["media"] = Media(css=media._css, js=[script for script in media._js if script != CHOOSING])
    return page


def _may(user: Any, action: Any) -> bool:
    needed = getattr(action, "required_permission", None)
    return needed is None or bool(user.has_perm(needed))


class ReadOnly:
    """Rows that only services write: looked at here, changed by actions."""

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        """Nobody adds by hand."""
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        """Nobody edits by hand."""
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        """Nobody deletes by hand."""
        return False


class ReadOnlyAdmin(ReadOnly, ConsoleAdmin):
    """A page that is looked at."""

    def get_fieldsets(self, request: Any, obj: Any = None) -> list[Any]:
        """Show values in words; ids are folded up at the end."""
        return for_people(self, super().get_fieldsets(request, obj))


def object_link(model: str, pk: Any, text: Any) -> Any:
    """Return a link to the page of an object; ``model`` is ``app_label.model_name``; a dash when there is none."""
    if pk is None:
        return "–"
    name = model.replace(".", "_")
    return format_html('<a class="console-link" href="{}">{}</a>', reverse(f"admin:{name}_change", args=[pk]), text)


def person_link(user: Any) -> Any:
    """Return a link to an account, a dash when there is none."""
    return object_link("accounts.user", user.pk, user.username) if user is not None else "–"
