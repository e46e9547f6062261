"""Signing up: the form, the page that waits for the mail, the link that proves the address."""

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from accounts import emails
from accounts.console_mail import is_printed
from accounts.forms import ConfirmForm
from accounts.forms.sign_up import AddressForm, SignUpForm
from accounts.portal.kept_link import forget, keep, kept
from protocol.problems import Forbidden, InvalidToken

KEPT = "verify"
HERE = "signed_up"  # whose account this very browser made, and with which password's hash


@sensitive_post_parameters("password")
def sign_up(request):
    """Make an account; what the page says next is the same for a taken address."""
    try:
        emails.require_open()
    except Forbidden:
        return render(request, "accounts/sign_up_closed.html", status=403)
    if request.user.is_authenticated:
        return redirect("home")
    form = SignUpForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return render(request, "accounts/sign_up.html", {"form": form})
    wanted = {name: form.cleaned_data[name] for name in ("email", "password", "first_name", "last_name")}
    made = emails.register(**wanted)
    # Kept for a taken address too, so that the cookie does not tell.
    request.session[HERE] = [str(made.pk), made.get_session_auth_hash()] if made else ["", ""]
    return redirect("account_email_verification_sent")


def sent(request):
    """Look into your mail; ask for another one."""
    form = AddressForm(request.POST if request.method == "POST" else None)
    form.fields["email"].widget.attrs.pop("autofocus", None)
    if form.is_valid():
        emails.send_again(form.cleaned_data["email"])
        messages.success(request, _("If the address waits to be verified, another mail is on its way."))
        return redirect("account_email_verification_sent")
    return render(request, "accounts/verify_sent.html", {"form": form, "printed": is_printed()})


def verify_link(request, token):
    """The mail's link: remember it, and show the page at an address without it."""
    return keep(request, KEPT, token)


@sensitive_post_parameters("password")
def verify(request):
    """Prove the address by one button, in the browser that signed up; in another also by the password."""
    token = kept(request, KEPT)
    developer = emails.registered_by(token) if token else None
    if developer is None:
        return render(request, "accounts/verify_gone.html", status=404)
    here = request.session.get(HERE) == [str(developer.pk), developer.get_session_auth_hash()]
    form = None if here else ConfirmForm(request.POST if request.method == "POST" else None, developer=developer)
    if request.method != "POST" or (form and not form.is_valid()):
        return render(request, "accounts/verify.html", {"developer": developer, "form": form})
    try:
        emails.prove(developer)
    except InvalidToken:
        return render(request, "accounts/verify_gone.html", status=404)
    forget(request, KEPT)
    forget(request, HERE)
    if not request.user.is_authenticated:
        get_adapter().login(request, developer)
    messages.success(request, _("Welcome. Your address is verified; make your first key."))
    return redirect("home")
