"""Closing one's account, and taking that back."""

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from accounts import closing, factors, reauthentication
from accounts.forms import ClosingForm
from protocol.problems import Conflict, InvalidToken


@sensitive_post_parameters("password")
@login_required
def account_close(request):
    """What closing does, team by team; then, with the password, do it. The answer to the POST is the last page."""
    by_factor = factors.asks(request.user) or not request.user.has_usable_password()
    if by_factor and not reauthentication.is_recent(request.session_row):
        return reauthentication.ask(request.path)
    form = ClosingForm(request.POST if request.method == "POST" else None, request=request)
    if form.is_valid():
        try:
            ends = closing.close(request.user, by=request.user)
        except Conflict as conflict:
            messages.error(request, conflict.detail)
            return redirect("account-close")
        except InvalidToken:
            return redirect("account_login")
        address = request.user.email
        logout(request)
        response = render(request, "accounts/closed.html", {"ends": ends, "address": address})
        response["Clear-Site-Data"] = '"cache", "storage"'
        return response
    found = closing.consequences(request.user)
    return render(request, "accounts/close.html", {"form": form, "found": found, "days": closing.UNDO.days})


def account_keep(request, link):
    """The link in the mail: one button, which opens the account again. Looking at it changes nothing."""
    developer = closing.closed_by(link)
    if developer is None:
        return render(request, "accounts/keep_gone.html", status=404)
    if request.method != "POST":
        return render(request, "accounts/keep.html", {"developer": developer})
    closing.reopen(developer, by=developer)
    messages.success(request, _("Your account is open again. Sign in as before."))
    return redirect("account_login")
