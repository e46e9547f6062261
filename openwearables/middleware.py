"""Headers that every page and answer carries."""

from django.conf import settings


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
