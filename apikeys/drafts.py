"""A form that was filled in before the password was asked for: kept meanwhile, and put back."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.reauthentication import ask, is_recent

DRAFT = "draft"  # where the browser's session keeps it
NOT_YET = _("Nothing was made or saved yet: press the button again.")


def password_then_here(request, form):
    """Ask for the password and come back to this form as it is filled in now."""
    typed = [(name, value) for name in form.fields for value in request.POST.getlist(name)]
    request.session[DRAFT] = [request.path, urlencode(typed)]
    return ask(request.path)


def put_back(request) -> QueryDict | None:
    """What was filled in here before the password was asked for; says that this is all that was done with it."""
    path, typed = request.session.get(DRAFT, ["", ""])
    if path != request.path:
        return None
    del request.session[DRAFT]
    messages.info(request, _("Confirmed. %(rest)s") % {"rest": NOT_YET} if is_recent(request.session_row) else NOT_YET)
    return QueryDict(typed)
