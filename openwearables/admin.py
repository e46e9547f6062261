"""The admin's door: who comes in, and how fresh the sign-in must be.

`site` is Django's own, made from OperatorSite (`admin_config`), so that each app registers its nouns as usual.
There is no sign-in form here: the portal's page is the only one, and so one counter guards every door.
"""

from functools import update_wrapper
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite, site
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseNotAllowed, HttpResponseRedirect, QueryDict
from django.urls import path, reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext as _

from accounts import factors, reauthentication
from accounts.models import audit
from openwearables import attention
from protocol.model_admin import cut

__all__ = ["OperatorSite", "site"]

NOT_HERE = {"password_change", "password_change_done", "autocomplete", "view_on_site", "logout"}


class OperatorSite(AdminSite):
    """Opens for staff who proved who they are in the last ADMIN_FRESH_SECONDS, by two factors where asked."""

    site_title = site_header = "Open Wearables"
    index_title = "Operators"
    site_url = "/"
    enable_nav_sidebar = False  # it took the room that the lists need

    def __init__(self, name="admin"):
        super().__init__(name)
        self.disable_action("delete_selected")

    def is_fresh(self, request) -> bool:
        """Whether this browser's password was given recently enough: an old portal cookie opens nothing here."""
        session = getattr(request, "session_row", None)
        if session is None:
            return False
        return (timezone.now() - session.auth_time).total_seconds() <= settings.ADMIN_FRESH_SECONDS

    def has_factor(self, request) -> bool:
        """Whether this sign-in gave a second factor, where staff must have one (REQUIRE_STAFF_MFA)."""
        session = getattr(request, "session_row", None)
        return not settings.REQUIRE_STAFF_MFA or (session is not None and session.factor_at is not None)

    def has_permission(self, request):
        """Active, staff, fresh, and by a second factor."""
        return super().has_permission(request) and self.is_fresh(request) and self.has_factor(request)

    def turn_away(self, request, back=None):
        """Where somebody who may not be here should go; None for those who may.

        Raises:
            PermissionDenied: signed in, but not staff.
        """
        if self.has_permission(request):
            return None
        user = request.user
        if user.is_authenticated and not (user.is_active and user.is_staff):
            raise PermissionDenied
        back = back or request.get_full_path()
        if user.is_authenticated and not self.has_factor(request) and not factors.asks(user):
            messages.warning(request, _("Operators need a second factor: set one up, then open the admin again."))
            return HttpResponseRedirect(reverse("security"))
        if user.is_authenticated:
            return reauthentication.ask(back)
        return HttpResponseRedirect(f"{reverse(settings.LOGIN_URL)}?{urlencode({'next': back})}")

    def admin_view(self, view, cacheable=False):
        """Every page: secrets out of the address first, so that no page or sign-in link repeats them; then the door."""
        inner = super().admin_view(view, cacheable)

        def guarded(request, *args, **kwargs):
            return cut_address(request) or self.turn_away(request) or inner(request, *args, **kwargs)

        return update_wrapper(guarded, inner)

    def get_urls(self):
        """Django's, without changing passwords and without its own sign-out."""
        kept = [url for url in super().get_urls() if getattr(url, "name", None) not in NOT_HERE]
        return [path("logout/", self.logout, name="logout"), *kept]

    def login(self, request, extra_context=None):
        """No form: those who may go on, the others to the portal's sign-in."""
        wanted = cut(request.GET.get("next", ""))
        index = reverse("admin:index", current_app=self.name)
        back = wanted if get_adapter().is_safe_url(wanted) else index
        response = self.turn_away(request, back) or HttpResponseRedirect(back)
        add_never_cache_headers(response)
        return response

    def logout(self, request, extra_context=None):
        """The portal's sign-out, which ends our session too: 307 keeps the POST and its CSRF token."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        response = HttpResponseRedirect(reverse("account_logout"))
        response.status_code = 307
        return response

    def index(self, request, extra_context=None):
        """The nouns, below what needs a look."""
        looks = attention.looks(self, request)
        return super().index(request, {"looks": looks, **(extra_context or {})})

    def note_download(self, request, opts, columns) -> None:
        """Put on the trail who took a list out of the house: which list, which columns."""
        audit.record(request.user, audit.Action.LIST_DOWNLOADED, request.user, list=opts.label_lower, columns=columns)

    def get_log_entries(self, request):
        """Django's own log stays empty: the audit is the trail."""
        return []


def cut_address(request):
    """A redirect to the same address without the secrets that were pasted into it; None when there are none."""
    wanted = QueryDict(mutable=True)
    for name, values in request.GET.lists():
        wanted.setlist(cut(name), [cut(value) for value in values])
    if cut(request.path) == request.path and wanted == request.GET:
        return None
    query = f"?{wanted.urlencode()}" if wanted else ""
    return HttpResponseRedirect(iri_to_uri(cut(request.path)) + query)
