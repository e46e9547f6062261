"""Sign-ins: read, and ended."""

from django.contrib import admin
from django.utils import timezone

from accounts import tokens
from accounts.models import Session
from protocol.model_admin import OperatorAdmin
from protocol.verbs import verb


class LiveFilter(admin.SimpleListFilter):
    """Whether a session is good now."""

    title = parameter_name = "live"

    def lookups(self, request, model_admin):
        """Yes or no."""
        return (("yes", "Yes"), ("no", "No"))

    def queryset(self, request, queryset):
        """By `Session.objects.live()`, so that the page agrees with the product."""
        live = Session.objects.live()
        if self.value() == "yes":
            return queryset.live()
        return queryset.exclude(pk__in=live.values("pk")) if self.value() == "no" else queryset


@admin.register(Session)
class SessionAdmin(OperatorAdmin):
    """A session has no secret; its page has one verb."""

    grants = ("view", "change", "delete")
    list_display = ("developer", "kind", "status", "created_at", "last_used_at", "ip", "agent")
    list_filter = (LiveFilter, "kind", "closed_reason", "created_at")
    list_select_related = ("developer",)
    search_fields = ("developer__email", "=id", "=developer__id", "=ip", "=rotated_ip")
    search_help_text = "The developer's e-mail, an id or an address"
    ordering = ("-created_at",)
    actions = ("end",)
    fieldsets = (
        (None, {"fields": ("id", "developer", "kind", "status")}),
        ("Life", {"fields": ("created_at", "auth_time", "factor_at", "last_used_at", "rotated_at", "generation")}),
        ("End", {"fields": ("expires_at", "ends_at", "closed_at", "closed_reason")}),
        ("Where from", {"fields": ("ip", "user_agent", "rotated_ip", "rotated_user_agent")}),
    )

    @admin.display(ordering="closed_at")
    def status(self, session):
        """Live, or why it is not."""
        if session.closed_at:
            return session.get_closed_reason_display() or "ended"
        return "live" if session.is_live(timezone.now()) else "expired"

    @admin.display(description="agent", ordering="user_agent")
    def agent(self, session):
        """As much of it as tells a person what it was."""
        return session.user_agent[:60] or "–"

    def get_queryset(self, request):
        """With the developer: every page and verb asks who it is."""
        return super().get_queryset(request).select_related("developer")

    def is_of_staff(self, row):
        """Staff's sign-ins are the superusers' to end."""
        return row.developer.is_staff or row.developer.is_superuser

    @verb(
        "End",
        needs="end",
        done="Ended: its access and refresh tokens, or its browser, are signed out at once.",
        fits=lambda session: session.is_live(),
    )
    def end(self, request, row):
        """End a session at once."""
        return tokens.close(row, by=request.user, reason=Session.Reason.OPERATOR)
