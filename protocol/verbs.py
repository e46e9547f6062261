"""Verbs of the admin: each is an action of the list and a button on the row's own page.

A verb calls the model's method, which writes the audit and decides; what stands here only asks and tells.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

SHOWN_BEFORE_A_VERB = 20  # things of one kind that the question names
ON_PAGE = "on_page"  # the field that says that a row's own page pressed the verb


@dataclass(frozen=True)
class Verb:
    """What a verb says."""

    description: str
    done: str
    ask: str
    also: Callable[[list], tuple[str, Sequence]] | None
    fits: Callable[..., bool]


def verb(description: str, *, needs: str, done: str, ask: str = "", also=None, fits=lambda row: True):
    """Make a method `(self, request, row) -> bool` an action of the list and a button of the row's page.

    Args:
        needs: the permission, as in `has_<needs>_permission`.
        done: what is said when it is done, consequence included.
        ask: the question to answer first, for what hurts or cannot be taken back.
        also: (rows) → (sentence, what else it would hit), shown with the question.
        fits: whether a row is in a state in which the verb changes anything; only then its page has the button.
    """
    said = Verb(description, done, ask, also, fits)

    def decorate(method):
        @admin.action(description=description, permissions=[needs])
        @wraps(method)
        def action(self, request, queryset):
            return self.press(request, queryset, method, said)

        action.said = said  # type: ignore[attr-defined]
        return action

    return decorate


class VerbsAdmin(admin.ModelAdmin):
    """Pages on which verbs are pressed."""

    def may_press(self, request, row) -> bool:
        """Whether this operator may do a verb to this row."""
        raise NotImplementedError

    def press(self, request, queryset, method, said: Verb):
        """Do a verb to each row that this operator may touch, asking first where it must, and say what happened."""
        rows = list(queryset)
        mine = [row for row in rows if self.may_press(request, row)]
        page = self._page_of(rows[0].pk) if ON_PAGE in request.POST and len(rows) == 1 else None
        if said.ask and mine and "sure" not in request.POST:
            return self._ask(request, mine, said, page)
        changed = sum(bool(method(self, request, row)) for row in mine)
        if changed:
            self.message_user(request, f"{said.done} ({changed} of {len(rows)})", messages.SUCCESS)
        if changed < len(mine):
            self.message_user(request, f"Nothing to do for {len(mine) - changed}.", messages.WARNING)
        if len(mine) < len(rows):
            self.message_user(
                request, f"Left {len(rows) - len(mine)} alone: only another superuser may do this.", messages.WARNING
            )
        return HttpResponseRedirect(page) if page and queryset.all().exists() else None

    def _ask(self, request, rows, said: Verb, page):
        sentence, things = said.also(rows) if said.also else ("", [])
        context = {
            **self.admin_site.each_context(request),
            "title": said.description,
            "ask": said.ask,
            "opts": self.opts,
            "rows": rows[:SHOWN_BEFORE_A_VERB],
            "more": max(0, len(rows) - SHOWN_BEFORE_A_VERB),
            "also": sentence,
            "things": things[:SHOWN_BEFORE_A_VERB],
            "more_things": max(0, len(things) - SHOWN_BEFORE_A_VERB),
            "action": request.POST["action"],
            "selected": request.POST.getlist(ACTION_CHECKBOX_NAME),
            "across": request.POST.get("select_across", "0"),
            "page": page,
        }
        return TemplateResponse(request, "admin/ask_first.html", context)

    def _page_of(self, pk) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return reverse(name, args=[pk], current_app=self.admin_site.name)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        """The row's page, with the verbs that fit it as buttons."""
        if obj is not None and self.may_press(request, obj):
            context["verbs"] = [
                (name, label)
                for action, name, label in self.get_actions(request).values()
                if (said := getattr(action, "said", None)) and said.fits(obj)  # a download is no verb
            ]
        return super().render_change_form(request, context, add, change, form_url, obj)
