"""The trail: read only, for everybody. Digests and salts are for `verify_audit`, not for a page."""

import json
import uuid
from datetime import UTC

from django.contrib import admin
from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.html import format_html

from accounts.models import AuditEvent, AuditSeal, Developer
from accounts.models.audit import Action
from protocol.model_admin import OperatorAdmin, cut


class ActionFilter(admin.SimpleListFilter):
    """What was done; from the enum, for asking the table would read all of it."""

    title = parameter_name = "action"

    def lookups(self, request, model_admin):
        """Every action there is."""
        return [(action.value, action.value) for action in Action]

    def queryset(self, request, queryset):
        """By the word, even one that is no longer in the enum."""
        return queryset.filter(action=self.value()) if self.value() else queryset


class SealedFilter(admin.SimpleListFilter):
    """Whether a batch holds the event already."""

    title = parameter_name = "sealed"

    def lookups(self, request, model_admin):
        """Yes or no."""
        return (("yes", "Yes"), ("no", "Not yet"))

    def queryset(self, request, queryset):
        """By the seal."""
        wanted = {"yes": False, "no": True}.get(self.value() or "")
        return queryset if wanted is None else queryset.filter(seal__isnull=wanted)


@admin.register(AuditEvent)
class AuditEventAdmin(OperatorAdmin):
    """Events hold ids; the e-mails beside them are looked up, and vanish with the developer."""

    list_display = ("moment", "action", "actor", "target", "address")
    list_filter = (ActionFilter, SealedFilter, "at")
    search_fields = ("request_id",)
    search_help_text = "An actor's, target's, team's, request's or event's id, an address, or a developer's e-mail"
    ordering = ("-at", "-id")
    fieldsets = (
        (None, {"fields": ("moment", "action", "actor", "target", "team_id", "facts")}),
        ("Where from", {"fields": ("address", "agent", "request_id")}),
        ("Seal", {"fields": ("id", "seal")}),
    )

    def get_queryset(self, request):
        """With the e-mails of actor and target, in the same query."""
        emails = {
            f"{end}_email": Subquery(Developer.objects.filter(pk=OuterRef(f"{end}_id")).values("email")[:1])
            for end in ("actor", "target")
        }
        return super().get_queryset(request).annotate(**emails)

    def get_search_results(self, request, queryset, search_term):
        """Exact ids, addresses and e-mails: each has an index or is rare, and none reads a part of another."""
        term = cut(search_term.strip())
        if not term:
            return queryset, False
        try:
            key = uuid.UUID(term)
            found = Q(pk=key) | Q(actor_id=key) | Q(target_id=key) | Q(team_id=key) | Q(request_id=term)
        except ValueError:
            people = Developer.objects.filter(email=term.lower()).values("pk")
            found = Q(request_id=term) | Q(address=term) | Q(actor_id__in=people) | Q(target_id__in=people)
        return queryset.filter(found), False

    def has_view_permission(self, request, obj=None):
        """`change` gives nothing here: nobody changes history."""
        return self.granted(request, "view")

    @admin.display(description="at (UTC)", ordering="at")
    def moment(self, event):
        """To the second, as logs say it."""
        return f"{event.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"

    @admin.display(ordering="actor_id")
    def actor(self, event):
        """Who."""
        return self._link(event.actor_kind, event.actor_id, event.actor_email)

    @admin.display(ordering="target_id")
    def target(self, event):
        """To what."""
        return self._link(event.target_kind, event.target_id, event.target_email)

    @admin.display(description="data")
    def facts(self, event):
        """The facts of the act."""
        return format_html("<pre>{}</pre>", json.dumps(event.data, indent=2, sort_keys=True))

    def _link(self, kind, key, email):
        if key is None:
            return kind
        label = f"{kind} {email or key}"
        for model in self.admin_site._registry:
            if model._meta.model_name == kind.replace("_", "") and isinstance(model._meta.pk.to_python(key), uuid.UUID):
                name = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
                return format_html('<a href="{}">{}</a>', reverse(name, args=[key]), label)
        return label


@admin.register(AuditSeal)
class AuditSealAdmin(OperatorAdmin):
    """The batches. What each is worth, `manage.py verify_audit` tells."""

    list_display = ("number", "sealed_at", "events")
    list_filter = ("sealed_at",)
    search_fields = ("=number",)
    ordering = ("-number",)
    fieldsets = ((None, {"fields": ("number", "sealed_at", "events")}),)

    def has_view_permission(self, request, obj=None):
        """`change` gives nothing here: nobody changes history."""
        return self.granted(request, "view")
