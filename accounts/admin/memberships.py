"""Who is in which team, shown on both pages."""

from django.contrib import admin

from accounts.models import Membership


class Memberships(admin.TabularInline):
    """Read only: people come and go by invitation, not by an operator's typing."""

    model = Membership
    extra = 0
    ordering = ("created_at",)

    def has_add_permission(self, request, obj=None):
        """Never here."""
        return False

    def has_change_permission(self, request, obj=None):
        """Never here."""
        return False

    def has_delete_permission(self, request, obj=None):
        """Never here."""
        return False

    def has_view_permission(self, request, obj=None):
        """Whoever may see the page may see this."""
        return True


class Members(Memberships):
    """On a team's page."""

    fields = readonly_fields = ("developer", "role", "created_at")
    verbose_name, verbose_name_plural = "member", "members"

    def get_queryset(self, request):
        """With the people, in one query."""
        return super().get_queryset(request).select_related("developer")


class Teams(Memberships):
    """On a developer's page."""

    fields = readonly_fields = ("team", "role", "created_at")
    verbose_name, verbose_name_plural = "team", "teams"

    def get_queryset(self, request):
        """With the teams, in one query."""
        return super().get_queryset(request).select_related("team")
