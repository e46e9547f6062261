"""Developers: found, made with an e-mail and names, disabled and enabled. Nobody sets a password here."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError

from accounts.admin.group import permissions_on
from accounts.admin.memberships import Teams
from accounts.models import Developer, audit
from protocol.model_admin import OperatorAdmin, verb
from protocol.serializers import is_plain

STAFF = ("is_staff", "is_superuser", "groups", "user_permissions")
NAMES = ("first_name", "last_name")


class DeveloperForm(forms.ModelForm):
    """Names and e-mail as the API takes them."""

    class Meta:
        model = Developer
        fields = ("email", *NAMES)

    def clean_email(self):
        """Lower case, as the manager keeps it, so that a taken one is seen whatever its case."""
        return Developer.objects.normalize_email(self.cleaned_data["email"])

    def clean(self):
        """Refuse what makes one name look like another."""
        for name in NAMES:
            if not is_plain(self.cleaned_data.get(name) or ""):
                self.add_error(name, ValidationError("Control and bidirectional characters are not allowed."))
        return super().clean()


@admin.register(Developer)
class DeveloperAdmin(OperatorAdmin):
    """Staff flags, groups and permissions are a superuser's to set, and never one's own."""

    form = DeveloperForm
    editable = (*NAMES, *STAFF)
    grants = ("view", "add", "change")
    list_display = ("email", "full_name", "status", "role", "home_team", "created_at", "last_login", "id")
    list_filter = ("is_active", "is_staff", "is_superuser", "groups", "created_at")
    list_select_related = ("home_team",)
    search_fields = ("email", "first_name", "last_name", "=id")
    search_help_text = "E-mail, name or id"
    ordering = ("-created_at",)
    inlines = (Teams,)
    actions = ("disable", "enable")
    fieldsets = (
        (None, {"fields": ("email", *NAMES, "status", "home_team")}),
        ("Operators", {"fields": STAFF}),
        ("Facts", {"fields": ("id", "created_at", "updated_at", "last_login")}),
    )

    @admin.display(description="name")
    def full_name(self, developer):
        """First and last name."""
        return f"{developer.first_name} {developer.last_name}".strip() or "–"

    @admin.display(ordering="is_active")
    def status(self, developer):
        """In a word."""
        return "active" if developer.is_active else "disabled"

    @admin.display(ordering="is_staff")
    def role(self, developer):
        """What the developer is in this admin."""
        if developer.is_superuser and developer.is_staff:
            return "superuser"
        return "staff" if developer.is_staff else "–"

    def is_of_staff(self, row):
        """Staff are the superusers' to manage."""
        return row.is_staff or row.is_superuser

    def has_add_permission(self, request, obj=None):
        """Made like any other, with a home team and without a password."""
        return self.granted(request, "add")

    def get_fieldsets(self, request, obj=None):
        """A new one is an e-mail and names."""
        return super().get_fieldsets(request, obj) if obj else ((None, {"fields": ("email", *NAMES)}),)

    def get_readonly_fields(self, request, obj=None):
        """The flags of oneself, and of anyone for those who are not superusers, are for reading."""
        if obj is None:
            return ()
        locked = super().get_readonly_fields(request, obj)
        return locked if request.user.is_superuser and obj.pk != request.user.pk else [*locked, *STAFF]

    def get_inlines(self, request, obj):
        """Teams are shown once there is somebody."""
        return self.inlines if obj else ()

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        """The permissions that open something here."""
        kwargs["widget"] = forms.CheckboxSelectMultiple
        if db_field.name == "user_permissions":
            kwargs["queryset"] = permissions_on(self.admin_site)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def save_model(self, request, obj, form, change):
        """Make a developer by the manager, or note the change of names; the flags' trail is `save_related`'s."""
        if not change:
            said = {name: getattr(obj, name) for name in NAMES}
            made = Developer.objects.create_user(obj.email, by=request.user, **said)
            obj.__dict__.update(made.__dict__)
            return
        form.staff_before = staff_rights(Developer.objects.get(pk=obj.pk))
        # Only what was typed: the page may have been open while somebody disabled this developer.
        if flags := [name for name in ("is_staff", "is_superuser") if name in form.changed_data]:
            obj.save(update_fields=[*flags, "updated_at"])
        if names := {name: getattr(obj, name) for name in NAMES if name in form.changed_data}:
            obj.rename(by=request.user, **names)

    def save_related(self, request, form, formsets, change):
        """Who was given what right, and who lost one, is on the trail as ids."""
        super().save_related(request, form, formsets, change)
        if not change:
            return
        before, after = form.staff_before, staff_rights(form.instance)
        rights: dict = {name: [before[name], after[name]] for name in STAFF if before[name] != after[name]}
        if rights:
            audit.record(request.user, audit.Action.STAFF_CHANGED, form.instance, **rights)

    @verb("Disable", needs="press", done="Disabled: every session is over, and teams left without anybody stand still.")
    def disable(self, request, row):
        """Stop a developer from signing in."""
        return row.disable(by=request.user)

    @verb("Enable", needs="press", done="Enabled: they may sign in again.")
    def enable(self, request, row):
        """Let a developer sign in again."""
        return row.enable(by=request.user)

    def may_press(self, request, row):
        """Nobody disables themselves by a slip."""
        return super().may_press(request, row) and row.pk != request.user.pk


def staff_rights(developer) -> dict:
    """What a developer may do in the admin, as flags and ids."""
    return {
        "is_staff": developer.is_staff,
        "is_superuser": developer.is_superuser,
        "groups": sorted(developer.groups.values_list("pk", flat=True)),
        "user_permissions": sorted(developer.user_permissions.values_list("pk", flat=True)),
    }
