"""Teams: renamed, suspended and resumed."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count

from accounts.admin.memberships import Members
from accounts.models import Role, Team, audit
from accounts.models.team import SuspendedReason
from protocol.model_admin import OperatorAdmin
from protocol.serializers import is_plain
from protocol.verbs import verb


class TeamForm(forms.ModelForm):
    """A name as the API takes it."""

    class Meta:
        model = Team
        fields = ("name",)

    def clean_name(self):
        """Refuse what makes one name look like another."""
        if not is_plain(self.cleaned_data["name"]):
            raise ValidationError("Control and bidirectional characters are not allowed.")
        return self.cleaned_data["name"]


@admin.register(Team)
class TeamAdmin(OperatorAdmin):
    """Suspending stops every key of the team at once."""

    form = TeamForm
    editable = ("name",)
    grants = ("view", "change")
    list_display = ("name", "status", "people", "created_at", "suspended_at")
    list_filter = ("suspended_reason", "created_at")
    search_fields = ("name", "=id", "memberships__developer__email")
    search_help_text = "Name, id or a member's e-mail"
    ordering = ("-created_at",)
    inlines = (Members,)
    actions = ("suspend", "resume")
    fieldsets = (
        (None, {"fields": ("name", "status")}),
        ("Facts", {"fields": ("id", "created_at", "updated_at", "suspended_at", "suspended_reason")}),
    )

    def get_queryset(self, request):
        """With the number of members."""
        return super().get_queryset(request).annotate(members=Count("memberships", distinct=True))

    @admin.display(description="members", ordering="members")
    def people(self, team):
        """How many."""
        return team.members

    @admin.display(ordering="suspended_at")
    def status(self, team):
        """Active, or why it is not."""
        if team.suspended_at is None:
            return "active"
        return f"suspended: {team.get_suspended_reason_display().lower()}"

    def is_of_staff(self, row):
        """A team that staff own."""
        return row.memberships.filter(role=Role.OWNER, developer__is_staff=True).exists()

    def save_model(self, request, obj, form, change):
        """Rename, and nothing else: the page may have been open while somebody suspended the team."""
        if "name" in form.changed_data:
            obj.save(update_fields=["name", "updated_at"])
            audit.record(request.user, audit.Action.TEAM_CHANGED, obj, team=obj.pk, fields=["name"])

    @verb(
        "Suspend",
        needs="press",
        done="Suspended: requests with the team's keys now get 401.",
        fits=lambda team: team.suspended_reason != SuspendedReason.OPERATOR,
    )
    def suspend(self, request, row):
        """Stop every key of a team."""
        return row.suspend(by=request.user)

    @verb(
        "Resume",
        needs="press",
        done="Resumed: the team's keys work again.",
        fits=lambda team: team.suspended_at is not None,
    )
    def resume(self, request, row):
        """Lift the suspension, whoever made it."""
        return row.resume(by=request.user, reason=row.suspended_reason) if row.suspended_reason else False
