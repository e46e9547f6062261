"""API keys: read, stopped and ended. The secret exists nowhere, and the digest is not even fetched."""

from datetime import timedelta

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import localize
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.models import Role
from apikeys.models import ApiKey, LastUse, UsageHour
from apikeys.serializers import LONGEST_WINDOW
from protocol.model_admin import OperatorAdmin
from protocol.verbs import verb

LIMIT = ("rate_limit", "rate_seconds")
MOST_CALLS = 10_000_000  # in a window; API_KEY_RATE_LIMIT_MAX binds teams, not operators


class LimitForm(forms.ModelForm):
    """So many calls in so many seconds; both empty is the setting's."""

    rate_limit = forms.IntegerField(label="Calls", min_value=1, max_value=MOST_CALLS, required=False)
    rate_seconds = forms.IntegerField(label="in seconds", min_value=1, max_value=LONGEST_WINDOW, required=False)

    class Meta:
        model = ApiKey
        fields = LIMIT

    def clean(self):
        """One without the other means nothing."""
        super().clean()
        found = self.cleaned_data
        if not self.errors and (found.get("rate_limit") is None) != (found.get("rate_seconds") is None):
            raise ValidationError("Say both calls and seconds, or neither for the usual limit.")
        return found


class StatusFilter(admin.SimpleListFilter):
    """What a key opens now."""

    title = parameter_name = "status"

    def lookups(self, request, model_admin):
        """The four states."""
        return [(name, name.capitalize()) for name in ("active", "disabled", "expired", "revoked")]

    def queryset(self, request, queryset):
        """By the model's own rule."""
        known = {name for name, _ in self.lookup_choices}
        return queryset.with_status(self.value()) if self.value() in known else queryset


class UseFilter(admin.SimpleListFilter):
    """Which keys need a look; those that are revoked need none."""

    title = parameter_name = "use"

    def lookups(self, request, model_admin):
        """What an operator acts on."""
        return [
            ("expiring", _("Expires within a week")),
            ("refused", _("Refused often")),
            ("unused", _("Unused for 90 days")),
            ("never", _("Never used")),
            ("left", _("Seen by somebody who left")),
        ]

    def queryset(self, request, queryset):
        """By the model's own rules."""
        known = {name for name, _label in self.lookup_choices}
        return queryset.that_need_a_look(self.value()) if self.value() in known else queryset


@admin.register(ApiKey)
class ApiKeyAdmin(OperatorAdmin):
    """An operator may give a key another limit, above the setting's maximum too; all else is a verb."""

    form = LimitForm
    editable = LIMIT
    grants = ("view", "change", "delete")
    list_display = ("key_prefix", "name", "team", "environment", "status", "created_by", "created_at", "expires_at")
    list_filter = (StatusFilter, UseFilter, "environment", "created_at", "expires_at")
    list_select_related = ("team", "created_by")
    search_fields = ("public_id", "name", "=id", "team__name", "=team__id", "created_by__email")
    search_help_text = "A key's beginning, name or id, its team, or the e-mail of who made it"
    ordering = ("-created_at",)
    actions = ("revoke", "disable", "enable")
    fieldsets = (
        (None, {"fields": ("key_prefix", "name", "description", "status", "team", "environment")}),
        ("Scopes and limits", {"fields": ("words", "addresses", "usual_limit", *LIMIT)}),
        ("Use", {"fields": ("first_used", "last_used", "last_day", "last_week")}),
        ("Life", {"fields": ("created_by", "created_in", "created_at", "updated_at", "expires_at")}),
        ("Stopped", {"fields": ("disabled_at", "revoked_at", "replaces", "replaced_by")}),
        ("Facts", {"fields": ("id", "pepper_id")}),
    )

    def get_queryset(self, request):
        """Without the digest: what is not fetched is not shown."""
        return super().get_queryset(request).defer("digest")

    @admin.display(description="scopes")
    def words(self, key):
        """What it may read and write."""
        return ", ".join(key.scopes) or "–"

    @admin.display(description="addresses")
    def addresses(self, key):
        """Where it may be used from."""
        return ", ".join(key.allowed_ips) or "anywhere"

    @admin.display(description="usual limit")
    def usual_limit(self, key):
        """What holds where nothing is said below."""
        return "{} calls in {} seconds".format(*settings.API_KEY_RATE_LIMIT)

    @admin.display(description="replaces")
    def replaces(self, key):
        """The key that was rotated to this one; by its id alone, for the row holds a digest."""
        return _link(key.rotated_from_id)

    @admin.display(description="replaced by")
    def replaced_by(self, key):
        """Its successor; by its id alone."""
        return _link(ApiKey.objects.filter(rotated_from=key).values_list("pk", flat=True).first())

    def get_object(self, request, object_id, from_field=None):
        """With its last use, so that the page asks once."""
        key = super().get_object(request, object_id, from_field)
        if key is not None:
            key.last_use = LastUse.objects.filter(pk=key.pk).first()
        return key

    @admin.display(description="first used")
    def first_used(self, key):
        """When it was first recognised."""
        return localize(key.last_use.first_used_at) if key.last_use else "never"

    @admin.display(description="last used")
    def last_used(self, key):
        """When, from where, with what."""
        use = key.last_use
        if use is None:
            return "never"
        at = localize(use.last_used_at)
        return f"{at} from {use.ip or 'an unknown address'}, {use.user_agent or 'without a user agent'}"

    @admin.display(description="calls in 24 hours")
    def last_day(self, key):
        """By outcome; the hour that runs is the last of them."""
        return _calls(key, timedelta(hours=24))

    @admin.display(description="calls in 7 days")
    def last_week(self, key):
        """By outcome."""
        return _calls(key, timedelta(days=7))

    def is_of_staff(self, row):
        """Made by staff, or in a team that staff own."""
        made_by_staff = row.created_by is not None and row.created_by.is_staff
        return made_by_staff or row.team.memberships.filter(role=Role.OWNER, developer__is_staff=True).exists()

    def has_change_permission(self, request, obj=None):
        """A revoked key has no limit to change."""
        return super().has_change_permission(request, obj) and (obj is None or obj.revoked_at is None)

    def save_model(self, request, obj, form, change):
        """Through the model's verb, which refuses a key that was revoked meanwhile."""
        if form.changed_data:
            obj.change(by=request.user, rate_limit=obj.rate_limit, rate_seconds=obj.rate_seconds)

    @verb(
        "Revoke",
        needs="end",
        done="Revoked: requests with it now get 401.",
        ask="Revoking is for good: programs with these keys get 401 at once. To stop a key for a while, disable it.",
        fits=lambda key: key.revoked_at is None,
    )
    def revoke(self, request, row):
        """End a key for good."""
        return row.revoke(by=request.user)

    @verb(
        "Disable",
        needs="press",
        done="Disabled: requests with it get 401 until it is enabled again.",
        fits=lambda key: key.revoked_at is None and key.disabled_at is None,
    )
    def disable(self, request, row):
        """Stop a key for a while."""
        return row.disable(by=request.user)

    @verb(
        "Enable",
        needs="press",
        done="Enabled: it works again.",
        fits=lambda key: key.revoked_at is None and key.disabled_at is not None,
    )
    def enable(self, request, row):
        """Let a disabled key work again."""
        return row.enable(by=request.user)


def _calls(key, span: timedelta) -> str:
    hours = UsageHour.objects.filter(key_id=key.pk, hour__gt=timezone.now() - span)
    counts = hours.values_list("outcome").annotate(calls=Sum("count")).order_by("outcome")
    return ", ".join(f"{outcome}: {calls:,}" for outcome, calls in counts) or "none"


def _link(key_id):
    if key_id is None:
        return "–"
    return format_html('<a href="{}">{}</a>', reverse("admin:apikeys_apikey_change", args=[key_id]), key_id)
