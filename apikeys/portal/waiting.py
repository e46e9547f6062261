"""The part of a key's page that waits for its first request."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import render

from apikeys.first_call import first_call
from apikeys.portal.one import key_of


@login_required
def key_first_call(request, key_id):
    """What the page's script asks for again and again; without it, the whole page says the same."""
    key = key_of(request, key_id, managing=False)
    return render(request, "apikeys/_first_call.html", {"key": key, "first": first_call(key)})
