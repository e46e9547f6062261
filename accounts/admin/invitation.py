"""Invitations: who was asked into which team, by whom. Their tokens are in their mails alone."""

from django.contrib import admin

from accounts.models import Invitation
from protocol.model_admin import OperatorAdmin


class StatusFilter(admin.SimpleListFilter):
    """What became of an invitation."""

    title = parameter_name = "status"

    def lookups(self, request, model_admin):
        """The four states."""
        return [(name, name.capitalize()) for name in Invitation.STATUSES]

    def queryset(self, request, queryset):
        """By the model's own rule."""
        return queryset.with_status(self.value()) if self.value() in Invitation.STATUSES else queryset


@admin.register(Invitation)
class InvitationAdmin(OperatorAdmin):
    """Read only: the owners and admins of a team invite, send again and take back."""

    list_display = ("email", "team", "role", "state", "invited_by", "created_at", "expires_at")
    list_filter = (StatusFilter, "role", "created_at")
    list_select_related = ("team", "invited_by")
    search_fields = ("email", "team__name", "=team__id", "=id")
    search_help_text = "E-mail, team or id"
    ordering = ("-created_at",)
    fieldsets = (
        (None, {"fields": ("email", "team", "role", "state", "invited_by")}),
        ("Facts", {"fields": ("id", "created_at", "sent_at", "expires_at", "accepted_at", "revoked_at")}),
    )

    @admin.display(description="status")
    def state(self, invitation):
        """In a word."""
        return invitation.status

    def get_queryset(self, request):
        """Without the digest."""
        return super().get_queryset(request).defer("digest")
