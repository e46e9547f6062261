"""What every page of one key needs: the key itself, the page that shows its text once, the form's surroundings."""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import QueryDict
from django.shortcuts import get_object_or_404, render

from accounts.models.team import MANAGING
from apikeys.models import ApiKey
from apikeys.snippets import curl_for


def key_of(request, key_id, *, managing: bool = True, locked: bool = False) -> ApiKey:
    """A key of one's teams: 404 for any other, then 403 for a viewer who would change it."""
    keys = ApiKey.objects.of(request.user).select_related("team", "successor", "rotated_from", "created_by")
    key = get_object_or_404(keys.locked() if locked else keys, pk=key_id)
    if managing and request.user.role_in(key.team_id) not in MANAGING:
        raise PermissionDenied
    return key


def show_once(request, key: ApiKey, text: str, **more):
    """The answer to the POST itself, and the only one that holds the key: never a message, a cookie or an address."""
    context = {"key": key, "text": text, "curl": curl_for(key.scopes), **more}
    response = render(request, "apikeys/shown_once.html", context)
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


def fill_in(request, template: str, **context):
    """A page that asks for a key's fields."""
    context |= {"address": own_address(request), "default": settings.API_KEY_RATE_LIMIT}
    return render(request, template, context)


def own_address(request) -> str:
    """The address this page was asked from, as it stands in an address list; '' for an unreadable one."""
    return str(request.caller.address or "")


def with_own_address(request) -> QueryDict:
    """What was typed, and the address it came from as one more line."""
    typed = request.POST.copy()
    typed["allowed_ips"] = "\n".join(filter(None, [typed.get("allowed_ips", "").strip(), own_address(request)]))
    return typed
