"""Paste a request id, read why. Who pastes a key by mistake is told what its text shows, and it goes no further."""

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.urls import reverse

from apikeys.explaining import Shape, shape_of
from apikeys.forms import RefusalForm, without_secret
from apikeys.forms.listing import PUBLIC_PART


def without_credential(text: str) -> str:
    """Where to go on once a credential was pasted: with its public part, if it has one, and what its text showed."""
    public = PUBLIC_PART.match(without_secret(text))
    return f"{reverse('refusals')}?{urlencode({'shows': shape_of(text), **({'prefix': public[0]} if public else {})})}"


@login_required
def refusals(request):
    """The form; a POST leads to the request's page."""
    form = RefusalForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if pasted := form.credential_in(request.POST.get("pasted", "")):
            return redirect(without_credential(pasted))
        if form.is_valid():
            return redirect("request-detail", form.cleaned_data["pasted"])
    shows, prefix = request.GET.get("shows", ""), request.GET.get("prefix", "")
    context = {
        "form": form,
        "shape": Shape(shows) if shows in set(Shape) else None,
        "prefix": prefix if PUBLIC_PART.fullmatch(prefix) else "",
    }
    return render(request, "apikeys/refusals.html", context)
