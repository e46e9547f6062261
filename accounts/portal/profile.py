"""The profile: names, address, password, and how pages look."""

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from accounts import emails, notices, reauthentication
from accounts.forms import NamesForm, PasswordForm
from accounts.forms.profile import EmailForm, LookForm
from accounts.look import keep as keep_look
from accounts.look import of as look_of
from accounts.models import Session


@sensitive_post_parameters("current_password", "new_password", "confirm_password")
@login_required
def profile(request):
    """Names, address, password, and how pages look."""
    sent = request.POST.get("form") if request.method == "POST" else None
    names = NamesForm(
        request.POST if sent == "names" else None,
        initial={"first_name": request.user.first_name, "last_name": request.user.last_name},
    )
    password = PasswordForm(request.POST if sent == "password" else None, request=request)
    email = EmailForm(request.POST if sent == "email" else None, request=request)
    look = LookForm(request.POST if sent == "look" else None, initial={"look": look_of(request)})
    if sent == "email" and email.is_valid():
        if emails.ask_change(request.user, email.cleaned_data["email"], by=request.user):
            said = _("A mail is on its way to %(email)s. Open its link to sign in with it from then on.")
        else:
            said = _("You sign in as %(email)s already, so no mail was sent.")
        messages.success(request, said % {"email": email.cleaned_data["email"]})
        return redirect("profile")
    if sent == "look" and look.is_valid():
        messages.success(request, _("The look is saved, for this browser."))
        response = redirect("profile")
        keep_look(response, look.cleaned_data["look"])
        return response
    if sent == "names" and names.is_valid():
        request.user.rename(by=request.user, **names.cleaned_data)
        messages.success(request, "Your name is saved.")
        return redirect("profile")
    if sent == "password" and password.is_valid():
        return _change_password(request, password.cleaned_data["new_password"])
    context = {"names": names, "password": password, "email": email, "pending": emails.pending(request.user)}
    return render(request, "accounts/profile.html", {**context, "look_form": look})


def _change_password(request, new: str):
    with transaction.atomic():
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
