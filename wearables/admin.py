"""End users: read, and erased with all that is held of them."""

from django.contrib import admin

from protocol.model_admin import OperatorAdmin
from protocol.verbs import verb
from wearables.models import EndUser


@admin.register(EndUser)
class EndUserAdmin(OperatorAdmin):
    """Their teams write what is known of them; an operator looks, and erases on request."""

    grants = ("view", "delete")
    list_display = ("__str__", "email", "external_user_id", "team", "environment", "created_at")
    list_filter = ("environment", "created_at")
    list_select_related = ("team",)
    search_fields = ("first_name", "last_name", "email", "external_user_id", "=id", "team__name", "=team__id")
    search_help_text = "Name, e-mail, external id, id, or team"
    ordering = ("-created_at",)
    actions = ("erase",)
    fieldsets = (
        (None, {"fields": ("first_name", "last_name", "email", "external_user_id")}),
        ("Facts", {"fields": ("id", "team", "environment", "created_at", "updated_at")}),
    )

    def has_erase_permission(self, request) -> bool:
        """Django's `delete`, and no less."""
        return self.granted(request, "delete")

    @verb(
        "Erase",
        needs="erase",
        done="Erased, with all data that was held of them.",
        ask="Erasing deletes these people and all data that is held of them. It cannot be taken back.",
    )
    def erase(self, request, row):
        """Delete a person and their data."""
        row.erase(by=request.user)
        return True
