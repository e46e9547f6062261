"""The portal's pages about keys: list, make, show once, change, rotate, disable, revoke."""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from rest_framework.exceptions import ValidationError

from accounts.models import Team
from accounts.models.team import MANAGING
from accounts.reauthentication import ask, is_recent, password_first
from apikeys import once
from apikeys.forms import KeyEditForm, KeyFilter, KeyForm, RotateForm, without_secret
from apikeys.models import ApiKey
from apikeys.widening import widens
from protocol.pages import CursorField, page_of
from protocol.problems import Conflict

PAGE = 50  # keys a page
DRAFT = "draft"  # where the browser's session keeps a form while the password is asked for
SENT_ALREADY = "That form was sent already, so nothing was made twice. A lost key can be rotated."


def _key_of(request, key_id, *, managing: bool = True, locked: bool = False) -> ApiKey:
    """A key of one's teams: 404 for any other, then 403 for a viewer who would change it."""
    keys = ApiKey.objects.of(request.user).select_related("team", "successor", "rotated_from", "created_by")
    key = get_object_or_404(keys.locked() if locked else keys, pk=key_id)
    if managing and request.user.role_in(key.team_id) not in MANAGING:
        raise PermissionDenied
    return key


def _password_then_here(request, form):
    """Ask for the password and come back to this form as it is filled in now."""
    typed = [(name, value) for name in form.fields for value in request.POST.getlist(name)]
    request.session[DRAFT] = [request.path, urlencode(typed)]
    return ask(request.path)


def _draft(request) -> QueryDict | None:
    """What was filled in here before the password was asked for."""
    path, typed = request.session.get(DRAFT, ["", ""])
    if path != request.path:
        return None
    del request.session[DRAFT]
    return QueryDict(typed)


def _show_once(request, key: ApiKey, text: str, **more):
    """The answer to the POST itself, and the only one that holds the key: never a message, a cookie or an address."""
    context = {"key": key, "text": text, "site_url": settings.SITE_URL, **more}
    response = render(request, "apikeys/shown_once.html", context)
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _page(chosen: KeyFilter, keys, place) -> tuple[list, dict, bool]:
    """(the keys of a page, what the next page's address says, whether this is the first)."""
    keys = chosen.found(keys)
    if not chosen.order:
        found, cursor = page_of(keys, PAGE, place)
        return found, {"cursor": cursor} if cursor else {}, not place
    number = chosen.cleaned_data.get("page") or 1
    found = list(keys.order_by(*chosen.order)[(number - 1) * PAGE : number * PAGE + 1])
    return found[:PAGE], {"page": number + 1} if len(found) > PAGE else {}, number == 1


@login_required
def key_list(request):
    """The keys of one's teams: newest first, or by name or end."""
    asked = request.GET.get("q", "")
    if without_secret(asked) != asked:
        query = request.GET.copy()
        query["q"] = without_secret(asked)
        return redirect(f"{request.path}?{query.urlencode()}")
    chosen = KeyFilter(request.GET, developer=request.user)
    try:
        place = CursorField().run_validation(request.GET["cursor"]) if request.GET.get("cursor") else None
    except ValidationError:
        return redirect("key-list")
    mine = ApiKey.objects.of(request.user)
    keys, following, is_first = _page(chosen, mine.select_related("team", "successor"), place)
    kept = {name: value for name, value in request.GET.items() if name not in ("cursor", "page") and value}
    teams = Team.objects.of(request.user)
    context = {
        "keys": keys,
        "filter": chosen,
        "filtered": bool(kept) or not is_first,
        "any": bool(keys) or mine.exists(),
        "next": f"?{urlencode({**kept, **following})}" if following else "",
        "first": "" if is_first else f"?{urlencode(kept)}",
        "managing": Team.objects.managed_by(request.user).exists(),
        "several_teams": teams.count() > 1,
    }
    return render(request, "apikeys/key_list.html", context)


@login_required
def key_create(request):
    """Make a key; the answer to the POST shows it, once."""
    if not Team.objects.managed_by(request.user).exists():
        raise PermissionDenied
    if request.method != "POST":
        if not is_recent(request.session_row):
            return ask(request.path)
        draft = _draft(request)
        form = KeyForm.as_typed(draft, developer=request.user) if draft else KeyForm(developer=request.user)
        return _ask_for_key(request, form)
    if "add_address" in request.POST:
        return _ask_for_key(request, KeyForm.as_typed(_with_own_address(request), developer=request.user))
    form = KeyForm(request.POST, developer=request.user)
    if not form.is_valid():
        return _ask_for_key(request, form)
    if not is_recent(request.session_row):
        return _password_then_here(request, form)
    if not once.spend(request, request.POST.get("form", "")):
        messages.warning(request, SENT_ALREADY)
        return redirect("key-list")
    try:
        key, text = ApiKey.objects.issue(by=request.user, session=request.session_row, **form.issue)
    except Conflict as conflict:
        form.add_error(None, conflict.detail)
        return _ask_for_key(request, form)
    return _show_once(request, key, text)


def _ask_for_key(request, form):
    context = {"number": once.new_form(request), "several_teams": Team.objects.of(request.user).count() > 1}
    return _fill_in(request, "apikeys/key_new.html", form=form, **context)


def _fill_in(request, template: str, **context):
    """A page that asks for a key's fields."""
    context |= {"address": _own_address(request), "default": settings.API_KEY_RATE_LIMIT}
    return render(request, template, context)


def _own_address(request) -> str:
    return str(request.caller.address or "")


def _with_own_address(request) -> QueryDict:
    """What was typed, and the address it came from as one more line."""
    typed = request.POST.copy()
    typed["allowed_ips"] = "\n".join(filter(None, [typed.get("allowed_ips", "").strip(), _own_address(request)]))
    return typed


@login_required
def key_detail(request, key_id):
    """One key: everything but its secret."""
    key = _key_of(request, key_id, managing=False)
    managing = request.user.role_in(key.team_id) in MANAGING
    return render(request, "apikeys/key_detail.html", {"key": key, "managing": managing})


@login_required
@transaction.atomic
def key_edit(request, key_id):
    """Change a key; it bites on the very next request. What lets it do more needs a recent password."""
    # Locked, for what lets it do more depends on what it may do at this moment.
    key = _key_of(request, key_id, locked=request.method == "POST")
    if key.revoked_at:
        messages.warning(request, f"{key.name} is revoked: there is nothing left to change.")
        return redirect("key-detail", key.pk)
    if request.method != "POST" or "add_address" in request.POST:
        typed = _with_own_address(request) if request.method == "POST" else _draft(request)
        form = KeyEditForm.as_typed(typed, key=key) if typed else KeyEditForm(key=key)
        return _fill_in(request, "apikeys/key_edit.html", form=form, key=key)
    form = KeyEditForm(request.POST, key=key)
    if form.is_valid():
        if form.is_stale:
            messages.warning(request, f"{key.name} was changed in the meantime. Nothing was saved: look again.")
            return redirect("key-edit", key.pk)
        if widens(key, form.changes) and not is_recent(request.session_row):
            return _password_then_here(request, form)
        try:
            if form.changes:
                key.change(by=request.user, **form.changes)
        except Conflict as conflict:
            form.add_error(None, conflict.detail)
        else:
            messages.success(request, f"{key.name} is saved. It holds from the next request on.")
            return redirect("key-detail", key.pk)
    return _fill_in(request, "apikeys/key_edit.html", form=form, key=key)


@login_required
@password_first
def key_rotate(request, key_id):
    """Replace a key: first, has it leaked?"""
    key = _key_of(request, key_id)
    if key.replaced_by() or key.status != "active":
        reason = "was rotated already" if key.replaced_by() else f"is {key.status} and can’t be rotated"
        messages.warning(request, f"{key.name} {reason}. Nothing was made.")
        return redirect("key-detail", key.pk)
    form = RotateForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return render(request, "apikeys/key_rotate.html", {"form": form, "key": key})
    had_end = key.expires_at is not None
    try:
        successor, text = key.rotate(
            by=request.user,
            session=request.session_row,
            overlap=form.cleaned_data["overlap_seconds"],
            compromised=form.cleaned_data["compromised"],
        )
    except Conflict as conflict:
        messages.warning(request, conflict.detail)
        return redirect("key-detail", key.pk)
    return _show_once(request, successor, text, replaces=key, had_end=had_end)


@login_required
def key_revoke(request, key_id):
    """End a key for good, after one question; never asks for a password, for stopping a leak must be fast."""
    key = _key_of(request, key_id)
    if request.method != "POST":
        return render(request, "apikeys/key_revoke.html", {"key": key})
    key.revoke(by=request.user)
    messages.success(request, f"{key.name} is revoked. Requests that use it now get 401.")
    return redirect("key-list")


@login_required
def key_disable(request, key_id):
    """Stop a key until it is enabled again."""
    key = _key_of(request, key_id)
    if request.method == "POST":
        key.disable(by=request.user)
        messages.success(request, f"{key.name} is disabled. Requests that use it get 401 until you enable it.")
    return redirect("key-detail", key.pk)


@login_required
def key_enable(request, key_id):
    """Let a disabled key work again."""
    key = _key_of(request, key_id)
    if request.method == "POST":
        key.enable(by=request.user)
        messages.success(request, f"{key.name} is enabled and works again.")
    return redirect("key-detail", key.pk)
