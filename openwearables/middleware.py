"""What every page and answer gets: headers, and a guard against what people and machines send by mistake."""

from django.conf import settings
from django.http import HttpResponseRedirect

from protocol.masking import without_keys
from protocol.problems import PayloadTooLarge, problem_response

MAX_PAGE_BODY = 1024 * 1024  # bytes of a form; no page of ours takes files


class SecurityHeadersMiddleware:
    """Nothing of a signed-in person is kept by a browser or a proxy; an API is told what it may run: nothing."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if not request.path.startswith(settings.STATIC_URL):
            response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


class PageGuardMiddleware:
    """Keeps a pasted key out of addresses, where proxies and browsers write it down, and large bodies off the disk."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path.startswith("/api/"):
            return self.get_response(request)
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length[:20]) > MAX_PAGE_BODY:
            return problem_response(PayloadTooLarge("This form is too large: 1 MB at most."), request)
        address = request.get_full_path()
        if request.method in ("GET", "HEAD") and without_keys(address) != address:
            return HttpResponseRedirect(without_keys(address))
        return self.get_response(request)
