"""The one-time link that makes the first owner."""

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters

from accounts import owner_link
from accounts.forms import FirstOwnerForm

OWNER_LINK = "owner_link"  # where the browser's session keeps the one-time link, so that it leaves the address bar


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
