"""What every page and answer gets: headers, and a guard against what people and machines send by mistake."""

from django.conf import settings
from django.http import HttpResponseRedirect

from protocol.masking import without_keys
from protocol.parsing import announced, refuse_cut
from protocol.problems import PayloadTooLarge, Problem, problem_response

RUNS_NOTHING = "default-src 'none'; frame-ancestors 'none'"
MAX_PAGE_BODY = 1024 * 1024  # bytes of a form; no page of ours takes files


class SecurityHeadersMiddleware:
    """Nothing of a signed-in person is kept by a browser or a proxy; an API is told what it may run: nothing."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        headers = response.headers
        if not request.path.startswith(settings.STATIC_URL):
            headers.setdefault("Cache-Control", "no-store")
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        headers.setdefault("X-Content-Type-Options", "nosniff")
        if request.path.startswith("/api/"):
            headers["Content-Security-Policy"] = RUNS_NOTHING
            if not response.streaming and not response.content:
                del response["Content-Type"]  # nothing has no type; Django says HTML
        elif headers.get("Content-Type", "").startswith("text/html"):
            # A page that was refused before it came to its own policy, as for a strange Host over plain HTTP.
            headers.setdefault("Content-Security-Policy", RUNS_NOTHING)
        return response


class PageGuardMiddleware:
    """Keeps a pasted key out of addresses, where proxies and browsers write it down, and large bodies off the disk."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if announced(request.META) > MAX_PAGE_BODY:
            return problem_response(PayloadTooLarge("This form is too large: 1 MB at most."), request)
        try:
            refuse_cut(request.body, request.META)
        except Problem as problem:
            return problem_response(problem, request)
        address = request.get_full_path()
        if request.method in ("GET", "HEAD") and without_keys(address) != address:
            return HttpResponseRedirect(without_keys(address))
        return self.get_response(request)
