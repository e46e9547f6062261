"""Another e-mail address: the link in the mail to it makes it the one to sign in with."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts import emails
from accounts.portal.kept_link import forget, keep, kept
from protocol.problems import Conflict

KEPT = "email-change"


def change_link(request, token):
    """The mail's link: remember it, and show the page at an address without it."""
    return keep(request, KEPT, token)


def change(request):
    """Say what changes, and change it by one button."""
    token = kept(request, KEPT)
    found = emails.changing_by(token) if token else None
    if found is None:
        return render(request, "accounts/email_change_gone.html", status=404)
    developer, wanted = found
    if request.method != "POST":
        return render(request, "accounts/email_change.html", {"developer": developer, "wanted": wanted})
    forget(request, KEPT)
    try:
        done = emails.change(token)
    except Conflict as conflict:
        messages.warning(request, conflict.detail)
        return redirect("home")
    if done is None:
        return render(request, "accounts/email_change_gone.html", status=404)
    messages.success(request, _("From now on you sign in as %(email)s.") % {"email": done.email})
    return redirect("profile" if request.user == done else "account_login")


@login_required
def change_cancel(request):
    """Keep the address."""
    if request.method == "POST" and emails.cancel_change(request.user, by=request.user):
        messages.success(request, _("Your address stays as it is."))
    return redirect("profile")
