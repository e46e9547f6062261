"""The middleware of pages, which the API steps past: it has no session, no message, no script and no static file."""

import inspect

from corsheaders.middleware import CorsMiddleware
from django.middleware.common import CommonMiddleware
from django.utils.cache import patch_vary_headers


class CrossOrigin(CorsMiddleware):
    """Which other origins may call the API. A call without an origin is a program's: it is told that one matters."""

    def __call__(self, request):
        """As the library, for browsers."""
        if "HTTP_ORIGIN" in request.META:
            return super().__call__(request)
        response = self.get_response(request)
        if request.path.startswith("/api/"):
            patch_vary_headers(response, ("origin",))  # type: ignore[arg-type]
        return response


class PagesOnly:
    """What follows this in settings.MIDDLEWARE is for pages: a call of the API goes from here to its view.

    Of all that follows, it needs only what Django calls common: the Host judged, the length said.
    """

    def __init__(self, get_response):
        self.get_response = get_response
        self.view = CommonMiddleware(end_of(get_response))

    def __call__(self, request):
        return (self.view if request.path.startswith("/api/") else self.get_response)(request)


def end_of(chain):
    """The end of a chain of middleware: Django's handler that finds the view and calls it.

    Django tells a middleware only the next one, wrapped. A class keeps it as an attribute, a function (allauth's) as a
    variable.
    """
    while True:
        layer = inspect.unwrap(chain)
        following = getattr(layer, "get_response", None) or inspect.getclosurevars(layer).nonlocals.get("get_response")
        if following is None:
            return chain
        chain = following
