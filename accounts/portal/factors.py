"""Set up an authenticator app and passkeys, rename and remove them; each needs a recent proof."""

import base64
import json

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn.internal import auth
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.serializers.json import DjangoJSONEncoder
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from accounts import encryption, factors, reauthentication
from accounts.forms import AppForm, NewPasskeyForm, PasskeyNameForm
from accounts.portal.security import show_codes
from protocol.address import parse_address
from protocol.problems import Conflict

PENDING = "pending_app"  # where the browser's session keeps the secret of an app that is being set up, encrypted


def _guarded(request, codes: list[str], said: str):
    """After a factor was added: it was proved in this sign-in; show the recovery codes if they are new."""
    reauthentication.confirm(request, by_factor=True)
    messages.success(request, said)
    return show_codes(request, codes) if codes else redirect("security")


@sensitive_post_parameters("code")
@login_required
def app_add(request):
    """Set up an authenticator app: show its secret, and take its first code."""
    if not reauthentication.is_recent(request.session_row):
        return reauthentication.ask(request.path)
    if factors.of(request.user).filter(type=factors.Type.TOTP).exists():
        messages.info(request, _("You have an authenticator app. To use another, remove this one first."))
        return redirect("security")
    if PENDING not in request.session:
        request.session[PENDING] = encryption.encrypt(factors.generate_totp_secret())
    secret = encryption.decrypt(request.session[PENDING])
    form = AppForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        codes = factors.add_totp(request.user, secret, form.cleaned_data["code"], by=request.user)
        if codes is not None:
            del request.session[PENDING]
            return _guarded(request, codes, _("Your authenticator app is set up. Signing in asks for its code."))
        form.refuse()
    link = get_adapter().build_totp_url(request.user, secret)
    picture = base64.b64encode(get_adapter().build_totp_svg(link).encode()).decode()
    groups = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    context = {"form": form, "link": link, "picture": f"data:image/svg+xml;base64,{picture}", "secret": groups}
    return render(request, "accounts/app_add.html", context)


def _named_host(request) -> str:
    """'' where a passkey can be made; else the address at which it can: browsers want a name, not a number."""
    host, colon, port = request.get_host().partition(":")
    return f"http://localhost{colon}{port}{request.path}" if parse_address(host) else ""


@login_required
def passkey_add(request):
    """Make a passkey: the browser asks the device, and the form sends what it made."""
    if not reauthentication.is_recent(request.session_row):
        return reauthentication.ask(request.path)
    form = NewPasskeyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            codes = factors.add_passkey(request.user, by=request.user, **form.cleaned_data)
        except Conflict as conflict:
            messages.error(request, conflict.detail)
            return redirect("security")
        return _guarded(request, codes, _("Your passkey is set up. You can sign in by it alone."))
    options = json.dumps(auth.begin_registration(request.user, passwordless=True), cls=DjangoJSONEncoder)
    context = {"form": form, "options": options, "elsewhere": _named_host(request)}
    return render(request, "accounts/passkey_add.html", context)


@login_required
def passkey_rename(request, factor_id):
    """Call a passkey something else."""
    passkey = get_object_or_404(factors.passkeys_of(request.user), pk=factor_id)
    if not reauthentication.is_recent(request.session_row):
        return reauthentication.ask(request.path)
    form = PasskeyNameForm(request.POST if request.method == "POST" else None, initial={"name": str(passkey)})
    if form.is_valid():
        factors.rename_passkey(passkey, form.cleaned_data["name"], by=request.user)
        messages.success(request, _("The passkey is now called “%(name)s”.") % form.cleaned_data)
        return redirect("security")
    return render(request, "accounts/passkey_rename.html", {"form": form, "passkey": passkey})


@login_required
def factor_remove(request, factor_id):
    """Take an app or a passkey away, after saying what that means."""
    own = factors.of(request.user).exclude(type=factors.Type.RECOVERY_CODES)
    factor = get_object_or_404(own, pk=factor_id)
    if not reauthentication.is_recent(request.session_row):
        return reauthentication.ask(request.path)
    if request.method == "POST":
        factors.remove(factor, by=request.user)
        messages.success(request, _("It is removed. Who signs in is not asked for it any more."))
        return redirect("security")
    return render(request, "accounts/factor_remove.html", {"factor": factor, "is_last": own.count() == 1})
