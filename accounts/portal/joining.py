"""The link of an invitation: it leaves the address bar at once, and one button joins."""

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from accounts import invitations
from accounts.current_team import choose
from accounts.forms.teams import JoinForm
from accounts.models.invitation import digest_of

KEPT = "invitation"  # where the browser's session keeps the token's digest: no address, history or store has the token


def invitation(request, token):
    """The mail's link: remember it, and show the page at an address without it."""
    if invitations.find(digest_of(token)) is None:
        return render(request, "accounts/invitation_gone.html", status=404)
    request.session[KEPT] = digest_of(token)
    return redirect("join")


@sensitive_post_parameters("password", "password_again")
def join(request):
    """Say who asks into what, and join by one button; with a password where the address has no account."""
    digest = request.session.get(KEPT, "")
    found = invitations.find(digest) if digest else None
    if found is None:
        return render(request, "accounts/invitation_gone.html", status=404)
    known = invitations.holder(found)
    form = None if known else JoinForm(request.POST if request.method == "POST" else None, email=found.email)
    if request.method != "POST" or (form and not form.is_valid()):
        return render(request, "accounts/join.html", {"invitation": found, "known": known, "form": form})
    account = {} if form is None else {n: form.cleaned_data[n] for n in ("password", "first_name", "last_name")}
    try:
        developer, team = invitations.accept(digest, **account)
    except (invitations.NotGood, invitations.NeedsAccount):
        return render(request, "accounts/invitation_gone.html", status=404)
    del request.session[KEPT]
    messages.success(request, _("Welcome to %(team)s.") % {"team": team.name})
    # An account that was proved since the page looked has a password of its own, and goes through its own door.
    if form and not request.user.is_authenticated and developer.check_password(account["password"]):
        get_adapter().login(request, developer)
    if request.user == developer:
        choose(request, team)
    return redirect("home")
