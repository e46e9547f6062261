"""The token of a mail's link between two pages: it leaves the address bar at once, and no dump of the database has it.

A mail scanner that opens the link changes nothing: the page behind it has one button, and only that does something.
"""

from django.shortcuts import redirect

from accounts.models.sealed import opened, sealed


def keep(request, name: str, token: str):
    """Remember it in the browser's session and go to the page `<name>-form`, whose address holds no token."""
    request.session[name] = sealed(token)
    response = redirect(f"{name}-form")
    response["Referrer-Policy"] = "no-referrer"
    return response


def kept(request, name: str) -> str:
    """The token that was remembered; '' for none."""
    return opened(request.session.get(name, "")) or ""


def forget(request, name: str) -> None:
    """It has done what it is for."""
    request.session.pop(name, None)
