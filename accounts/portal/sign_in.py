"""Sign in, sign out, and the password once more before what needs it."""

import json

from allauth.account.adapter import get_adapter
from allauth.account.views import LoginView, LogoutView
from allauth.mfa.webauthn.internal import auth
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters

from accounts import factors, reauthentication
from accounts.forms import CodeForm, ConfirmForm, PasskeyForm, SignInForm
from accounts.models import Developer


def way_back(request) -> str | None:
    """Where `next` leads, if it stays here."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    return wanted if get_adapter().is_safe_url(wanted) else None


class SignInView(LoginView):
    """allauth's, in our layout."""

    form_class = SignInForm

    def get_context_data(self, **kwargs):
        """Say where the first account comes from, while there is none; keep a `next` that stays here, and no other."""
        nobody_yet = not Developer.objects.exists()
        more = {"nobody_yet": nobody_yet, "next": way_back(self.request) or "", "signup_open": settings.SIGNUP_OPEN}
        return super().get_context_data(unsent="unsent" in self.request.GET, **more, **kwargs)


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


@sensitive_post_parameters("password", "code")
@login_required
def reauthenticate(request):
    """Ask for the password or the second factor again, then go on."""
    back = way_back(request) or "key-list"
    if request.method != "POST" and reauthentication.is_recent(request.session_row):
        return redirect(back)
    ways = _ways(request)
    for name, form in ways.items():
        if form.is_valid():
            reauthentication.confirm(request, by_factor=name != "password")
            return redirect(back)
    context = {"ways": ways, "next": way_back(request) or "", "owes": "password" not in ways}
    if "passkey" in ways:
        context["options"] = json.dumps(auth.begin_authentication(request.user), cls=DjangoJSONEncoder)
    return render(request, "accounts/confirm.html", context)


def _ways(request) -> dict:
    """Name → form of each way in which this developer may prove who they are, the one that was sent bound to it."""
    developer = request.user
    kinds = set(factors.of(developer).values_list("type", flat=True))

    def bound(name: str):
        return request.POST if request.method == "POST" and name in request.POST else None

    ways: dict = {}
    if not reauthentication.owes_factor(request.session_row):
        ways["password"] = ConfirmForm(bound("password"), developer=developer)
    if kinds:  # recovery codes are there with every factor
        ways["code"] = CodeForm(bound("code"), user=developer)
        if "password" in ways:
            ways["code"].fields["code"].widget.attrs.pop("autofocus", None)
    if factors.Type.WEBAUTHN in kinds:
        ways["passkey"] = PasskeyForm(bound("credential"), user=developer)
    return ways
