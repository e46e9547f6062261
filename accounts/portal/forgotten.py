"""A forgotten password: ask for the link, open it, set another password."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from accounts import reset
from accounts.console_mail import is_printed
from accounts.forms.sign_up import AddressForm, NewPasswordForm
from accounts.portal.kept_link import keep, kept

KEPT = "reset"


def forgot(request):
    """Ask for the link; the next page is the same for every address."""
    form = AddressForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return render(request, "accounts/forgot.html", {"form": form})
    reset.forgot(form.cleaned_data["email"])
    return redirect("account_reset_password_done")


def sent(request):
    """Look into your mail."""
    return render(request, "accounts/forgot_sent.html", {"printed": is_printed()})


def reset_link(request, token):
    """The mail's link: remember it, and show the form at an address without it."""
    return keep(request, KEPT, token)


@sensitive_post_parameters("password", "password_again")
def reset_form(request):
    """Set another password; every sign-in ends, then one signs in with it."""
    token = kept(request, KEPT)
    developer = reset.whose(token) if token else None
    if developer is None:
        return render(request, "accounts/reset_gone.html", status=404)
    form = NewPasswordForm(request.POST if request.method == "POST" else None, developer=developer)
    if not form.is_valid():
        return render(request, "accounts/reset.html", {"form": form, "developer": developer})
    if reset.reset(token, form.cleaned_data["password"]) is None:
        return render(request, "accounts/reset_gone.html", status=404)
    request.session.flush()
    messages.success(request, _("Your password is set, and every sign-in has ended. Sign in with it."))
    return redirect("account_login")
