"""Groups: what support and operators may do. Superusers write them: whoever could would write their own rights."""

from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.forms import CheckboxSelectMultiple

from accounts.models import audit
from protocol.model_admin import OperatorAdmin


@admin.register(Group)
class GroupAdmin(OperatorAdmin):
    """Names and permissions."""

    editable = ("name", "permissions")
    fieldsets = ((None, {"fields": ("name", "permissions")}),)
    list_display = ("name",)
    search_fields = ("name",)
    ordering = ("name",)

    def has_add_permission(self, request, obj=None):
        """Superusers."""
        return request.user.is_superuser

    has_change_permission = has_delete_permission = has_add_permission

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        """The permissions that open something here."""
        kwargs |= {"queryset": permissions_on(self.admin_site), "widget": CheckboxSelectMultiple}
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def save_related(self, request, form, formsets, change):
        """What the group may do now is on the trail."""
        super().save_related(request, form, formsets, change)
        rights = sorted(form.instance.permissions.values_list("codename", flat=True))
        audit.record(request.user, audit.Action.STAFF_CHANGED, form.instance, permissions=rights)

    def delete_model(self, request, obj):
        """Whoever was in the group loses its rights: that too is on the trail."""
        people = [str(pk) for pk in obj.user_set.values_list("pk", flat=True)]
        audit.record(request.user, audit.Action.STAFF_CHANGED, obj, deleted=True, members=people)
        obj.delete()


def permissions_on(site):
    """The permissions that open something on a site, with what they are about in the same query."""
    nouns = ContentType.objects.get_for_models(*site._registry)
    offered = Q()
    for model, page in site._registry.items():
        names = [f"{grant}_{model._meta.model_name}" for grant in page.grants]
        offered |= Q(content_type=nouns[model], codename__in=names)
    return Permission.objects.filter(offered).select_related("content_type")
