"""Mail that waits: whom it is for and why it does not go. What it says is the recipient's alone."""

from django.contrib import admin

from accounts.models import WaitingMail
from protocol.model_admin import OperatorAdmin


@admin.register(WaitingMail)
class WaitingMailAdmin(OperatorAdmin):
    """Read only; a mail that is sent is gone from here."""

    list_display = ("recipient", "subject", "attempts", "next_attempt_at", "last_error", "created_at")
    list_filter = ("created_at",)
    search_fields = ("recipient",)
    search_help_text = "The recipient"
    ordering = ("next_attempt_at",)
    fieldsets = (
        (None, {"fields": ("recipient", "subject")}),
        ("Attempts", {"fields": ("attempts", "next_attempt_at", "last_error", "created_at", "id")}),
    )

    def get_queryset(self, request):
        """Without what it says."""
        return super().get_queryset(request).defer("body")
