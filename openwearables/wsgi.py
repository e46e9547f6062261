"""What gunicorn serves."""

import io
import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openwearables.settings")
os.environ["OW_SERVING"] = "yes"  # for openwearables/connections.py, before the settings are read

LONGEST_CHUNKED = 64 * 1024 + 1  # bytes read of a body that doesn't say its length; one more than is allowed

django = get_wsgi_application()
import_module("apikeys.checks").refuse_unknown_peppers()  # by name: models can only be imported after Django is set up


def application(environ, start_response):
    """Django, with a chunked body (RFC 9112 §7.1) given its length: Django would take it for an empty one."""
    if environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked" and "CONTENT_LENGTH" not in environ:
        body = environ["wsgi.input"].read(LONGEST_CHUNKED)
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
    return django(environ, start_response)
