"""One's own data, as a file."""

from django.contrib.auth.decorators import login_required

from apikeys.export import everything_about
from protocol.downloads import json_file


@login_required
def my_data(request):
    """What GET /auth/me/export answers, for who has no token at hand."""
    return json_file("my-open-wearables-data", everything_about(request.user))
