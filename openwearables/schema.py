"""`/api/v1/openapi.json`: made once a process, for making it takes a good part of a second."""

import json
from functools import cache

from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.generators import SchemaGenerator

from protocol.parsing import read_query
from protocol.problems import MethodNotAllowed, ValidationProblem, problem_response
from protocol.serializers import Nothing, faults_of

ALLOWED = ["GET", "HEAD"]


@cache
def schema_text() -> str:
    """The OpenAPI 3.1 document as JSON."""
    return json.dumps(SchemaGenerator().get_schema(request=None, public=True))


@csrf_exempt
def openapi(request) -> HttpResponse:
    """The schema, for everybody."""
    if request.method not in ALLOWED:
        return problem_response(MethodNotAllowed(request.method, ALLOWED), request)
    rules = Nothing(data=read_query(request.META))
    if not rules.is_valid():
        return problem_response(ValidationProblem(faults_of(rules.errors, in_query=True)), request)
    return HttpResponse(schema_text(), content_type="application/vnd.oai.openapi+json")
