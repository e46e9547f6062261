"""What every page of the admin rests on: it reads, searches, filters and presses verbs; it types nothing.

Nothing may be added, changed or deleted unless a page says so. A verb is an action of the list and a button on the
row's own page; it calls the model's method, which writes the audit. Django's own admin log stays empty: it keeps names.
"""

import re
import uuid
from functools import wraps
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DataError, IntegrityError
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from protocol.masking import mask
from protocol.problems import Problem

# Columns that no filter in the address bar may ask about: a prefix search would read them out letter by letter.
NEVER_ASKED = {"password", "digest", "mac", "previous", "salt", "address_hash", "agent_hash"}
SHOWN_BEFORE_A_VERB = 20  # rows that the question names
BROKEN = (ValidationError, ValueError, OverflowError, DataError)

_KEY_SCHEME = re.compile(r"^ow_(live|test)_")


def cut(text: str) -> str:
    """`text` with every pasted secret cut to its public part, and without NUL, which PostgreSQL refuses."""
    return mask(text).replace("…", "") if mask(text) != text else text.replace("\0", "")


def public_part(text: str) -> str:
    """What a search finds a key by: a pasted key or its prefix without `ow_live_` and without its secret."""
    return _KEY_SCHEME.sub("", cut(text.strip()))


def verb(description: str, *, needs: str, done: str, ask: str = ""):
    """Make a method `(self, request, row) -> bool` an action of the list and a button of the row's page.

    Args:
        needs: the permission, as in `has_<needs>_permission`.
        done: what is said when it is done, consequence included.
        ask: the question to answer first, for what cannot be taken back.
    """

    def decorate(method):
        @admin.action(description=description, permissions=[needs])
        @wraps(method)
        def action(self, request, queryset):
            return self.press(request, queryset, method, description=description, done=done, ask=ask)

        return action

    return decorate


class OperatorAdmin(admin.ModelAdmin):
    """A noun's pages. `editable` names the few fields that may be typed; verbs do the rest."""

    editable: tuple[str, ...] = ()
    grants: tuple[str, ...] = ("view",)  # which of Django's permissions open something here; no others are offered
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # each count reads the whole table
    # Both action bars off would put an inline style on the page, which the CSP refuses.
    actions_on_top = True

    # --- who may ------------------------------------------------------------------------------------------------------
    def granted(self, request, what: str) -> bool:
        """Whether the operator holds Django's permission `view`, `add`, `change` or `delete` for this noun."""
        return request.user.has_perm(f"{self.opts.app_label}.{what}_{self.opts.model_name}")

    def is_of_staff(self, row) -> bool:
        """Whether a row is a staff member's: then only superusers act on it."""
        return False

    def may_touch(self, request, row) -> bool:
        """Whether this operator may act on this row at all."""
        return request.user.is_superuser or not self.is_of_staff(row)

    def may_press(self, request, row) -> bool:
        """Whether this operator may do a verb to this row."""
        return self.may_touch(request, row)

    def has_add_permission(self, request, obj=None):
        """Rows come from the product."""
        return False

    def has_change_permission(self, request, obj=None):
        """Only where something may be typed."""
        return bool(self.editable) and self.granted(request, "change") and (obj is None or self.may_touch(request, obj))

    def has_delete_permission(self, request, obj=None):
        """Ending a thing is a verb."""
        return False

    def has_view_permission(self, request, obj=None):
        """Whoever may view or change may look."""
        return self.granted(request, "view") or self.granted(request, "change")

    def has_press_permission(self, request) -> bool:
        """For verbs that can be taken back."""
        return self.granted(request, "change")

    def has_end_permission(self, request) -> bool:
        """For verbs that end a thing: support may be given this (Django's `delete`) without the rest."""
        return self.granted(request, "change") or self.granted(request, "delete")

    def get_readonly_fields(self, request, obj=None):
        """Everything that is shown but not editable."""
        shown = [name for _, options in self.get_fieldsets(request, obj) for name in options["fields"]]
        return [name for name in shown if name not in self.editable]

    # --- verbs --------------------------------------------------------------------------------------------------------
    def press(self, request, queryset, method, *, description, done, ask):
        """Do a verb to each row that this operator may touch, asking first where it must, and say what happened."""
        rows = list(queryset)
        if ask and "sure" not in request.POST:
            context = {
                **self.admin_site.each_context(request),
                "title": description,
                "ask": ask,
                "opts": self.opts,
                "rows": rows[:SHOWN_BEFORE_A_VERB],
                "more": max(0, len(rows) - SHOWN_BEFORE_A_VERB),
                "action": request.POST["action"],
                "selected": request.POST.getlist(ACTION_CHECKBOX_NAME),
                "across": request.POST.get("select_across", "0"),
            }
            return TemplateResponse(request, "admin/ask_first.html", context)
        mine = [row for row in rows if self.may_press(request, row)]
        changed = sum(bool(method(self, request, row)) for row in mine)
        if changed:
            self.message_user(request, f"{done} ({changed} of {len(rows)})", messages.SUCCESS)
        if changed < len(mine):
            self.message_user(request, f"Nothing to do for {len(mine) - changed}.", messages.INFO)
        if len(mine) < len(rows):
            self.message_user(
                request, f"Left {len(rows) - len(mine)} alone: only another superuser may do this.", messages.WARNING
            )
        return None

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """The row's page, with its verbs as buttons; a refusal of the model is said, not raised."""
        choices = self.get_action_choices(request, default_choices=[]) if object_id else []
        try:
            return super().changeform_view(request, object_id, form_url, {"verbs": choices, **(extra_context or {})})
        except Problem as problem:
            self.message_user(request, problem.detail, messages.ERROR)
        except IntegrityError:
            self.message_user(request, "Somebody did the same at this moment: look again.", messages.ERROR)
        return HttpResponseRedirect(request.path)

    # --- lists --------------------------------------------------------------------------------------------------------
    def changelist_view(self, request, extra_context=None):
        """The list; an address or a form that cannot be read leads back to the whole list."""
        try:
            return super().changelist_view(request, extra_context)
        except BROKEN:
            self.message_user(request, "That could not be read: here is the whole list.", messages.ERROR)
            return HttpResponseRedirect(request.path)

    def get_search_results(self, request, queryset, search_term):
        """Never let a pasted secret into the SQL."""
        return super().get_search_results(request, queryset, public_part(search_term))

    def lookup_allowed(self, lookup, value, request):
        """Never answer questions about secrets and digests."""
        return not NEVER_ASKED & set(lookup.split("__")) and super().lookup_allowed(lookup, value, request)

    # --- the trail ----------------------------------------------------------------------------------------------------
    def history_view(self, request, object_id, extra_context=None):
        """The history of a row is its audit trail."""
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        key = uuid.UUID(int=row.pk) if isinstance(row.pk, int) else row.pk
        trail = reverse("admin:accounts_auditevent_changelist", current_app=self.admin_site.name)
        return HttpResponseRedirect(f"{trail}?{urlencode({'target_id': str(key)})}")

    def log_addition(self, request, obj, message):
        """The audit knows."""

    def log_change(self, request, obj, message):
        """The audit knows."""

    def log_deletions(self, request, queryset):
        """The audit knows."""
