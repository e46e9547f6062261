"""The portal's pages about the person: sign in, out, confirm; profile, password, sign-ins; the first owner."""

from datetime import timedelta

from allauth.account.adapter import get_adapter
from allauth.account.views import LoginView, LogoutView
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters

from accounts import notices, owner_link, reauthentication, tokens
from accounts.forms import ConfirmForm, FirstOwnerForm, NamesForm, PasswordForm, SignInForm
from accounts.models import Developer, Session

OWNER_LINK = "owner_link"  # where the browser's session keeps the one-time link, so that it leaves the address bar


class SignInView(LoginView):
    """allauth's, in our layout."""

    form_class = SignInForm

    def get_context_data(self, **kwargs):
        """Say where the first account comes from, while there is none; keep a `next` that stays here, and no other."""
        nobody_yet = not Developer.objects.exists()
        return super().get_context_data(nobody_yet=nobody_yet, next=_back(self.request) or "", **kwargs)


class SignOutView(LogoutView):
    """allauth's; the browser forgets what it has seen."""

    def post(self, *args, **kwargs):
        """Sign out and clear what the browser kept."""
        response = super().post(*args, **kwargs)
        response["Clear-Site-Data"] = '"cache", "storage"'
        return response


def later(request, **kwargs):
    """An address that allauth names and that has no page yet."""
    raise Http404


def home(request):
    """To the keys, or to the door."""
    return redirect("key-list" if request.user.is_authenticated else "account_login")


def _back(request) -> str | None:
    """Where `next` leads, if it stays here."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    return wanted if get_adapter().is_safe_url(wanted) else None


@sensitive_post_parameters("password")
@login_required
def reauthenticate(request):
    """Ask for the password again, then go on."""
    back = _back(request) or "key-list"
    if request.method != "POST" and reauthentication.is_recent(request.session_row):
        return redirect(back)
    form = ConfirmForm(request.POST if request.method == "POST" else None, developer=request.user)
    if form.is_valid():
        reauthentication.confirm(request)
        return redirect(back)
    return render(request, "accounts/confirm.html", {"form": form, "next": _back(request) or ""})


@sensitive_post_parameters("current_password", "new_password", "confirm_password")
@login_required
def profile(request):
    """Names, password, sign-ins."""
    sent = request.POST.get("form") if request.method == "POST" else None
    names = NamesForm(
        request.POST if sent == "names" else None,
        initial={"first_name": request.user.first_name, "last_name": request.user.last_name},
    )
    password = PasswordForm(request.POST if sent == "password" else None, request=request)
    if sent == "names" and names.is_valid():
        request.user.rename(by=request.user, **names.cleaned_data)
        messages.success(request, "Your name is saved.")
        return redirect("profile")
    if sent == "password" and password.is_valid():
        return _change_password(request, password.cleaned_data["new_password"])
    here = request.session_row.pk
    sessions = Session.objects.of(request.user).live().order_by("-last_used_at", "-pk")[:200]
    context = {"names": names, "password": password, "sessions": sorted(sessions, key=lambda one: one.pk != here)}
    return render(request, "accounts/profile.html", context)


def _change_password(request, new: str):
    request.session["ended"] = request.user.change_password(new, by=request.user, keep=request.session_row)
    notices.password_changed(request.user)
    update_session_auth_hash(request, request.user)
    reauthentication.confirm(request)
    return redirect("password-changed")


@login_required
def password_changed(request):
    """How many sign-ins ended, and which keys they made: a key of a thief's must not outlive the thief unseen."""
    ended_just_now = Session.objects.of(request.user).filter(
        closed_reason=Session.Reason.PASSWORD_CHANGED, closed_at__gt=timezone.now() - timedelta(hours=1)
    )
    # `api_keys` is the key's own relation to the session that made it: data from the step above, not a call.
    keys = [
        key
        for session in ended_just_now.prefetch_related("api_keys")
        for key in session.api_keys.filter(revoked_at=None)
    ]
    return render(request, "accounts/password_changed.html", {"ended": request.session.get("ended", 0), "keys": keys})


@login_required
def session_end(request, session_id):
    """End one of one's own sign-ins."""
    if request.method == "POST":
        session = get_object_or_404(Session.objects.of(request.user).select_related("developer"), pk=session_id)
        tokens.close(session, by=request.user)
        messages.success(request, "That sign-in is over. Its tokens get 401 now.")
    return redirect("profile")


@login_required
def sessions_end_others(request):
    """End every sign-in of one's own but this."""
    if request.method == "POST":
        ended = tokens.close_all(request.user, by=request.user, but=request.session_row, reason=Session.Reason.REVOKED)
        messages.success(request, f"{ended} other sign-in{'' if ended == 1 else 's'} ended. You stay signed in here.")
    return redirect("profile")


def first_owner(request, token):
    """The one-time link: remember it, and show the form at an address that may be logged, copied and gone back to."""
    if not owner_link.verify(token):
        return render(request, "accounts/first_owner_gone.html", status=404)
    request.session[OWNER_LINK] = token
    return redirect("first-owner-form")


@sensitive_post_parameters("password", "password_again")
def first_owner_form(request):
    """Make the first developer and sign the browser in."""
    token = request.session.get(OWNER_LINK, "")
    if not owner_link.verify(token):
        return render(request, "accounts/first_owner_gone.html", status=404)
    form = FirstOwnerForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return render(request, "accounts/first_owner.html", {"form": form})
    wanted = {name: form.cleaned_data[name] for name in ("email", "password", "first_name", "last_name")}
    developer = owner_link.consume(token, **wanted)
    if developer is None:
        return render(request, "accounts/first_owner_gone.html", status=404)
    del request.session[OWNER_LINK]
    get_adapter().login(request, developer)
    messages.success(request, "Welcome. You own this installation now; make your first key.")
    return redirect("key-list")
