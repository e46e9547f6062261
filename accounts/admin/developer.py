"""Developers: found, made with an e-mail and names, disabled and enabled. Nobody sets a password here."""

from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef

from accounts import factors
from accounts.admin.group import permissions_on
from accounts.admin.memberships import Teams
from accounts.models import Developer, Team, audit
from protocol.forms import NO_EMAIL
from protocol.model_admin import OperatorAdmin
from protocol.serializers import is_plain
from protocol.verbs import verb

STAFF = ("is_staff", "is_superuser", "groups", "user_permissions")
NAMES = ("first_name", "last_name")


def teams_that_would_stop(developers) -> tuple[str, list]:
    """What disabling these people does to their teams, and to which."""
    teams = list(Team.objects.stopping_without(developers))
    if not teams:
        return "No team would stop.", []
    return "These teams would stop, for nobody else in them can sign in: requests with their keys get 401.", teams


class DeveloperForm(forms.ModelForm):
    """Names and e-mail as the API takes them."""

    class Meta:
        model = Developer
        fields = ("email", *NAMES)
        labels = {"email": "E-mail"}
        error_messages = {"email": {"invalid": NO_EMAIL}}

    def clean_email(self):
        """Lower case, as the manager keeps it; a taken one is said here once, where the model would say it twice."""
        email = Developer.objects.normalize_email(self.cleaned_data["email"])
        if Developer.objects.filter(email=email).exists():
            raise ValidationError("Somebody has this e-mail already.", "unique")
        return email

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
    list_display = ("email", "full_name", "status", "is_verified", "role", "home_team", "created_at", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser", "groups", "created_at")
    list_select_related = ("home_team",)
    search_fields = ("email", "first_name", "last_name", "=id")
    search_help_text = "E-mail, name or id"
    ordering = ("-created_at",)
    inlines = (Teams,)
    actions = ("disable", "enable", "remove_factors")
    fieldsets = (
        (None, {"fields": ("email", "is_verified", *NAMES, "status", "second_factors", "home_team")}),
        ("Operators", {"fields": STAFF}),
        ("Facts", {"fields": ("id", "created_at", "updated_at", "last_login", "closing_at", "erased_at")}),
    )

    @admin.display(description="name")
    def full_name(self, developer):
        """First and last name."""
        return f"{developer.first_name} {developer.last_name}".strip() or "–"

    @admin.display(ordering="is_active")
    def status(self, developer):
        """In a word."""
        if developer.erased_at:
            return "emptied"
        if developer.closing_at:
            return f"closed by its owner, emptied on {developer.closing_at:%-d %b %Y}"
        return "active" if developer.is_active else "disabled"

    def get_queryset(self, request):
        """With whether the address is proved."""
        proved = EmailAddress.objects.filter(user=OuterRef("pk"), email=OuterRef("email"), verified=True)
        return super().get_queryset(request).annotate(proved=Exists(proved))

    @admin.display(description="verified", boolean=True, ordering="proved")
    def is_verified(self, developer):
        """Whether the address is proved: before that the account opens nothing."""
        return developer.proved

    @admin.display
    def second_factors(self, developer):
        """Which kinds there are; what they are kept by is on no page."""
        kinds = {kind.value: kind.label for kind in factors.Type}
        return ", ".join(str(kinds[factor.type]) for factor in factors.of(developer)) or "none"

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

    def response_add(self, request, obj, post_url_continue=None):
        """Say where the password comes from."""
        response = super().response_add(request, obj, post_url_continue)
        self.message_user(
            request, f"No password yet. Set one on the server: ./run manage set_password {obj.email}", messages.WARNING
        )
        return response

    def save_related(self, request, form, formsets, change):
        """Who was given what right, and who lost one, is on the trail as ids."""
        super().save_related(request, form, formsets, change)
        if not change:
            return
        before, after = form.staff_before, staff_rights(form.instance)
        rights: dict = {name: [before[name], after[name]] for name in STAFF if before[name] != after[name]}
        if rights:
            audit.record(request.user, audit.Action.STAFF_CHANGED, form.instance, **rights)

    @verb(
        "Disable",
        needs="press",
        done="Disabled: every session is over, and teams left without anybody stand still.",
        ask="Disabling ends every sign-in of these people at once, and they cannot sign in until enabled again. "
        "Keys whose text they saw work on, marked as seen by somebody who left; `manage.py offboard` ends them.",
        also=teams_that_would_stop,
        fits=lambda developer: developer.is_active,
    )
    def disable(self, request, row):
        """Stop a developer from signing in."""
        return row.disable(by=request.user)

    @verb(
        "Enable",
        needs="press",
        done="Enabled: they may sign in again.",
        fits=lambda developer: not developer.is_active and developer.erased_at is None,
    )
    def enable(self, request, row):
        """Let a developer sign in again."""
        return row.enable(by=request.user)

    @verb(
        "Remove second factors",
        needs="press",
        done="Removed: they sign in with the password alone now, and were told by mail.",
        ask="Only for somebody who lost their second factor, and of whom you know that it is they: afterwards the "
        "password alone opens the account. Sign-ins that are open stay open.",
        fits=factors.asks,
    )
    def remove_factors(self, request, row):
        """Let somebody back in who lost their app and passkeys."""
        return bool(factors.remove_all(row, by=request.user))

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
