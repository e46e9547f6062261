"""Alerts of every team: what was unusual, when and from where. The names of keys are on the keys' own pages."""

from django.contrib import admin

from accounts.models import Alert
from protocol.model_admin import OperatorAdmin


@admin.register(Alert)
class AlertAdmin(OperatorAdmin):
    """Read only."""

    list_display = ("created_at", "kind", "team", "key_id", "detail", "ip", "user_agent")
    list_filter = ("kind", "created_at")
    list_select_related = ("team",)
    search_fields = ("team__name", "=key_id", "=subject_id")
    search_help_text = "A team's name, or the id of a key or session"
    ordering = ("-created_at", "-pk")
    fieldsets = (
        (None, {"fields": ("created_at", "kind", "detail", "team")}),
        ("About", {"fields": ("key_id", "developer_id", "subject_id")}),
        ("Where from", {"fields": ("ip", "user_agent")}),
    )
